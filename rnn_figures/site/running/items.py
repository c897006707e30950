"""Run one fence or inline value of a page, and make the HTML of what it gave."""

import ast
import contextlib
import html
import io
import re
import traceback
import warnings
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from rnn_figures.figures import FigureLike, Table, format_value
from rnn_figures.html import frame
from rnn_figures.site.running.digests import names_in
from rnn_figures.site.running.prelude import program_text, provide

NUMBERS_IN_A_SENTENCE = 12
"""The longest tensor that an inline value may show."""

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}")

PHRASE = 24
"""Characters beyond which an inline value is no single word, and may take several lines."""

WIDE = 36
"""Characters in a line beyond which a box of text scrolls on a phone, and must take the focus."""

TUPLE = re.compile(r"\([^()]*\)")
"""A shape in a value, which no line is to end inside."""

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""A terminal's escape, which some of torch's messages have in them."""

EXPECTED = "LSTM with projections is not supported with oneDNN"
"""A warning that torch gives for each projected LSTM on a CPU; of no use to a reader."""


class ItemError(Exception):
    """A fence ran but did not give what its kind must give."""


@dataclass
class Chain:
    """The fences that run on from one another: one namespace, and the code so far.

    Attributes:
        namespace: What the fences see; starts empty, since each name is put in when first used.
        code: The code of every fence so far.
        reads: Files that they opened, below the working directory.
    """

    namespace: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})
    code: list[str] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)


class Outcome(NamedTuple):
    """What a fence gave: the value of its last expression, its prints, its error or warnings."""

    value: object
    printed: str
    error: Exception | None
    warned: list[Warning | str]


@dataclass(kw_only=True)
class Item:
    """One fence or inline value, as the request gives it.

    Attributes:
        kind: "figure", "run", "raises" or "value".
        code: Its Python.
        line: Line of the page on which the code starts.
        starts: True if it starts a chain, False if it runs on from the fence above.
        wanted: False if it runs only for those that run on from it.
        type: For "raises": name of the error or warning.
    """

    kind: str
    code: str
    line: int
    starts: bool
    wanted: bool
    type: str = ""


def run(
    item: Item, chain: Chain, page: str, slots: dict[str, str], *, exported: bool = False
) -> dict:
    """Run one item in its chain and return its HTML, its plain Markdown and its files."""
    if item.kind == "value":
        value = _value(item, chain, page)
        phrase = " rnn-value--phrase" if len(value) > PHRASE else ""
        text = TUPLE.sub(lambda shape: shape[0].replace(" ", "\u00a0"), html.escape(value))
        content = f'<span class="rnn-value{phrase}">{text}</span>'
        return {"html": content, "plain": value, "files": {}}
    outcome = _outcome(item, chain, page)
    program = [*chain.code, item.code]
    if outcome.error is None:  # else a copy of what follows would stop here
        chain.code.append(item.code)
    if not item.wanted:
        return {"html": "", "plain": "", "files": {}}
    state = torch.random.get_rng_state()
    reply = (_figure if item.kind == "figure" else _listing)(item, outcome, program, slots)
    if exported and isinstance(outcome.value, FigureLike):
        reply["files"] |= frame.exported(outcome.value)
    torch.random.set_rng_state(state)
    return reply


def _outcome(item: Item, chain: Chain, page: str) -> Outcome:
    """Run a fence and return what it gave, printed, warned and raised."""
    printed = io.StringIO()
    error = value = None
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        _warn_as_a_notebook_does()
        if item.kind != "raises":
            warnings.filterwarnings("ignore", EXPECTED)
        try:
            value = _execute(item, chain.namespace, page)
        except Exception as raised:
            if item.kind != "raises":
                raise
            error = raised
    return Outcome(value, printed.getvalue(), error, [warning.message for warning in caught])


def _warn_as_a_notebook_does() -> None:
    """Let every warning through but those that Python keeps for developers of libraries."""
    warnings.simplefilter("always")
    for kind in (ResourceWarning, ImportWarning, PendingDeprecationWarning):
        warnings.simplefilter("ignore", kind)


def _figure(item: Item, outcome: Outcome, program: list[str], slots: dict[str, str]) -> dict:
    """Return a figure in its frame."""
    if outcome.warned:
        raise ItemError(f"it warned: {_words(outcome.warned[0])}")
    if not isinstance(outcome.value, FigureLike):
        raise ItemError(
            "expected a Table, a Diagram or a Plot as the value of the last line, got "
            f"{type(outcome.value).__name__}"
        )
    content, files = frame.framed(
        outcome.value,
        id=slots["id"],
        caption=slots["caption"],
        code=program_text(program),
        files=slots["files"] or None,
    )
    plain = f"{outcome.value.alt}\n\n{_plain_table(outcome.value.data)}"
    return {"html": content, "plain": plain, "files": files}


def _plain_table(table: Table) -> str:
    """Return a table as Markdown, cut where the page cuts it."""
    shown = Table(table.columns, table.rows[: frame.ROWS_SHOWN])
    more = len(table) - len(shown)
    return shown.to_markdown() + (f"\n\n{more} more rows are in the CSV file." if more else "")


def _listing(item: Item, outcome: Outcome, program: list[str], slots: dict[str, str]) -> dict:
    """Return code and, below it, what it gave, or the error that it was to raise."""
    if item.kind == "raises":
        below = _announced(item.type, outcome)
    else:
        below = _outputs(outcome, slots["id"])
    if ADDRESS.search(below):
        raise ItemError(
            "it prints a memory address, which is another one in every build; print something "
            "else, or end the last line with ; to show no value"
        )
    # The theme's copy button takes `data-copy` from around the code that it stands on.
    copied = html.escape(program_text(program))
    code = frame.code_html(item.code)
    return {
        "html": f'<div class="rnn-run" data-copy="{copied}">\n{code}\n{below}\n</div>',
        "plain": _plain_listing(item, outcome),
        "files": {},
    }


def _plain_listing(item: Item, outcome: Outcome) -> str:
    """Return code and what it gave as Markdown."""
    text = outcome.printed if item.kind == "raises" else _printed(outcome)
    parts = [f"```python\n{item.code}\n```"]
    if item.kind == "raises":
        text += _words(_announcement(item.type, outcome))
    elif isinstance(outcome.value, Table):
        parts.append(_plain_table(outcome.value))
    elif isinstance(outcome.value, FigureLike):
        parts.append(outcome.value.alt)
    elif outcome.value is not None:
        text += repr(outcome.value)
    if text:
        parts.insert(1, f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(parts)


def _execute(item: Item, namespace: dict[str, object], page: str) -> object:
    """Run code as a notebook does and return the value of its last expression."""
    provide(names_in(item.code), namespace)
    tree = ast.parse("\n" * (item.line - 1) + item.code, page)  # tracebacks give the page's lines
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or item.code.rstrip().endswith(";"):
        exec(compile(tree, page, "exec"), namespace)
        return None
    tree.body.pop()
    exec(compile(tree, page, "exec"), namespace)
    value = eval(compile(ast.Expression(last.value), page, "eval"), namespace)
    # torch.manual_seed returns the generator, of which nobody wants to see the address
    return None if isinstance(value, torch.Generator) else value


def _value(item: Item, chain: Chain, page: str) -> str:
    """Return an inline value as text; it leaves no mark on the fences that follow."""
    state = torch.random.get_rng_state()
    with warnings.catch_warnings(record=True) as caught:
        _warn_as_a_notebook_does()
        warnings.filterwarnings("ignore", EXPECTED)
        value = _execute(item, dict(chain.namespace), page)
    torch.random.set_rng_state(state)
    if caught:
        raise ItemError(f"it warned: {_words(caught[0].message)}")
    text = sentence_value(value)
    if ADDRESS.search(text):
        raise ItemError("it shows a memory address, which is another one in every build")
    return text


def sentence_value(value: object) -> str:
    """Write a value as it stands in a sentence: numbers to four significant digits.

    Examples:
        >>> sentence_value(torch.tensor([[0.25, 1 / 3]])), sentence_value(torch.zeros(2).shape)
        ('[[0.25, 0.3333]]', '(2,)')
    """
    if isinstance(value, torch.Tensor):
        if value.numel() > NUMBERS_IN_A_SENTENCE:
            raise ItemError(
                f"a tensor of {value.numel()} numbers is too long for a sentence "
                f"(at most {NUMBERS_IN_A_SENTENCE}); pick some, or use a run fence"
            )
        value = value.detach().tolist()
    if value is None or value == "":
        raise ItemError("it has no value to show")
    return _in_words(value)


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_in_words, value))}]"
    if isinstance(value, tuple):
        return format_value(tuple(value))
    return format_value(value) if isinstance(value, str | int | float) else str(value)


def _outputs(outcome: Outcome, id: str) -> str:
    """Return what a notebook would show below the code: prints, warnings, the last value."""
    text = _printed(outcome)
    boxes = [_box(text)] if text else []
    if isinstance(outcome.value, Table):
        boxes.append(frame.table_html(outcome.value))
    elif isinstance(outcome.value, FigureLike):
        boxes.append(frame.drawing(outcome.value, id=id))
    elif outcome.value is not None:
        boxes.append(_box(repr(outcome.value)))
    return "\n".join(boxes)


def _printed(outcome: Outcome) -> str:
    """Return what the code printed and, below it, its warnings."""
    return outcome.printed + "".join(f"{_words(warning)}\n" for warning in outcome.warned)


def _box(text: str) -> str:
    wide = max(map(len, text.splitlines()), default=0) > WIDE
    focus = ' tabindex="0" role="group" aria-label="Output"' if wide else ""
    content = html.escape(text.rstrip("\n"))
    return f'<pre class="rnn-run__output"{focus} data-search-exclude>{content}</pre>'


def _announced(type: str, outcome: Outcome) -> str:
    """Return the HTML of the error or the warning that the author announced."""
    kind, _, text = _words(_announcement(type, outcome)).partition(": ")
    printed = f"{_box(outcome.printed)}\n" if outcome.printed else ""
    # The message stays in the search index: it is what a reader with an error looks for.
    return (
        f'{printed}<pre class="rnn-run__error"><span class="rnn-run__type">{html.escape(kind)}'
        f"</span>{': ' if text else ''}{html.escape(text)}</pre>"
    )


def _announcement(type: str, outcome: Outcome) -> BaseException | Warning | str:
    """Return the error or the warning that the author announced.

    Raises:
        ItemError: nothing was raised, or something else.
    """
    found = [outcome.error] if outcome.error else outcome.warned
    if not found:
        raise ItemError(f"expected {type}, but nothing was raised and nothing warned")
    message = next((thing for thing in found if _is_named(thing, type)), None)
    if message is None:
        raise ItemError(f"expected {type}, got {_words(found[0])}") from outcome.error
    return message


def _is_named(thing: BaseException | Warning | str, name: str) -> bool:
    kind = type(thing)
    return name in (kind.__name__, f"{kind.__module__}.{kind.__qualname__}")


def _words(error: BaseException | str) -> str:
    """Return an error as Python's last line of a traceback has it."""
    if isinstance(error, str):
        return error
    return COLOUR.sub("", "".join(traceback.format_exception_only(error))).strip()
