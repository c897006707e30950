"""Show what a fence gave: as the HTML of a page, and as plain Markdown."""

import html
import json
import re
import traceback

import torch

from rnn_figures.figures import Diagram, FigureLike, Table, format_value
from rnn_figures.html import frame
from rnn_figures.site.running.executing import FenceError, Outcome
from rnn_figures.site.running.prelude import program_text
from rnn_figures.site.running.records import (
    CAPTION_SLOT,
    CONTENT,
    ESCAPE,
    FILES_SLOT,
    ID_SLOT,
    Downloads,
    Fence,
    Result,
)

NUMBERS_IN_A_SENTENCE = 12
"""The longest tensor that an inline value may show."""

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}")

FILE_ID = "drawing"
"""What the ids of a drawing in a file of its own begin with; a page puts its own before it."""

PHRASE = 24
"""Characters beyond which an inline value is not a single word, and may take several lines."""

WIDE = 36
"""Characters in a line beyond which a box of text scrolls on a phone, and must take the focus."""

LONG = 88
"""Characters beyond which a line of output is not a row of a matrix, nor another thing in columns
(torch prints those in 80): it goes on below."""

TUPLE = re.compile(r"\([^()]*\)")
"""A shape in a value, which no line is to end inside."""


def shown(fence: Fence, outcome: Outcome, program: list[str], downloads: Downloads) -> Result:
    """Return what a page shows of a fence, or raise a FenceError; it draws no random number.

    `program` is its code and, first, that of the fences that it runs on from.
    """
    if fence.kind in ALONE:
        return ALONE[fence.kind](outcome)
    state = torch.random.get_rng_state()
    if fence.kind == "figure":
        content, plain, files = _figure(outcome, program, downloads)
    else:
        content, plain, files = *_listing(fence, outcome, program), {}
    if downloads is Downloads.EXPORTED and isinstance(outcome.value, FigureLike):
        files |= frame.exported(outcome.value)
    torch.random.set_rng_state(state)
    return Result(html=content, plain=plain, files=files)


def _value(outcome: Outcome) -> Result:
    """Return an inline value as it stands in its sentence."""
    _refuse_warnings(outcome)
    text = sentence_value(outcome.value)
    if ADDRESS.search(text):
        raise FenceError("it shows a memory address, which is another one in every build")
    phrase = " rnn-value--phrase" if len(text) > PHRASE else ""
    joined = TUPLE.sub(lambda shape: shape[0].replace(" ", "\u00a0"), html.escape(text))
    return Result(html=f'<span class="rnn-value{phrase}">{joined}</span>', plain=text)


def _answer(outcome: Outcome) -> Result:
    """Return the answer to a question as text: a truth for each choice, or what one choice says."""
    _refuse_warnings(outcome)
    value = outcome.value
    if isinstance(value, list):
        value = [one.item() if isinstance(one, torch.Tensor) else one for one in value]
        if all(isinstance(one, bool) for one in value):
            return Result(plain=json.dumps(value))
    return Result(plain=json.dumps(sentence_value(value)))


def _file(outcome: Outcome) -> Result:
    """Return the content of a file of the site: of a diagram what a page has of it, or a text."""
    if isinstance(outcome.value, Diagram):
        return Result(files={CONTENT: frame.svg_text(outcome.value, id=FILE_ID)})
    if not isinstance(outcome.value, str):
        raise FenceError(f"expected a Diagram or a text, got {type(outcome.value).__name__}")
    return Result(files={CONTENT: outcome.value})


ALONE = {"value": _value, "answer": _answer, "file": _file}
"""What shows a fence by its value alone, not by its code."""


def _figure(
    outcome: Outcome, program: list[str], downloads: Downloads
) -> tuple[str, str, dict[str, str]]:
    """Return a figure in its frame, its words and its numbers, and its files."""
    _refuse_warnings(outcome)
    if not isinstance(outcome.value, FigureLike):
        raise FenceError(
            "expected a Table, a Diagram or a Plot as the value of the last line, got "
            f"{type(outcome.value).__name__}"
        )
    content, files = frame.framed(
        outcome.value,
        id=ID_SLOT,
        caption=CAPTION_SLOT,
        code=program_text(program),
        files=None if downloads is Downloads.INSIDE else FILES_SLOT,
    )
    plain = f"{outcome.value.alt}\n\n{_plain_table(outcome.value.data)}"
    return content, plain, files


def _refuse_warnings(outcome: Outcome) -> None:
    """Raise FenceError where what shows no warning gave one."""
    if outcome.warned:
        raise FenceError(f"it warned: {_words(outcome.warned[0])}")


def _plain_table(table: Table) -> str:
    """Return a table as Markdown, cut where the page cuts it."""
    first = Table(table.columns, table.rows[: frame.ROWS_SHOWN])
    more = len(table) - len(first)
    return first.to_markdown() + (f"\n\n{more} more rows are in the CSV file." if more else "")


def _listing(fence: Fence, outcome: Outcome, program: list[str]) -> tuple[str, str]:
    """Return code and, below it, what it gave or the error that it was to raise; HTML, Markdown."""
    raises = fence.kind == "raises"
    boxes, text, figures = _announced(fence.type, outcome) if raises else _outputs(outcome)
    below = "\n".join(boxes)
    if ADDRESS.search(below):
        raise FenceError(
            "it prints a memory address, which is another one in every build; print something "
            "else, or end the last line with ; to show no value"
        )
    # The theme's copy button takes `data-copy` from around the code that it stands on.
    copied = html.escape(program_text(program))
    code = frame.code_html(fence.code)
    content = f'<div class="rnn-run" data-copy="{copied}">\n{code}\n{below}\n</div>'
    texts = [f"```text\n{text.rstrip()}\n```"] if text else []
    return content, "\n\n".join([f"```python\n{fence.code}\n```", *texts, *figures])


Below = tuple[list[str], str, list[str]]
"""What stands below code: boxes of HTML, the same as text, and as Markdown what is no text."""


def _outputs(outcome: Outcome) -> Below:
    """Return what a notebook would show below the code: prints, warnings, the last value."""
    value = outcome.value
    text = outcome.printed + "".join(f"{_words(warning)}\n" for warning in outcome.warned)
    boxes = [_box(text)] if text else []
    if isinstance(value, Table):
        return [*boxes, frame.table_html(value)], text, [_plain_table(value)]
    if isinstance(value, FigureLike):
        return [*boxes, frame.drawing(value, id=ID_SLOT)], text, [value.alt]
    if value is None:
        return boxes, text, []
    return [*boxes, _box(repr(value))], text + repr(value), []


def _announced(type: str, outcome: Outcome) -> Below:
    """Return the error or the warning that the author announced, below what was printed."""
    words = _words(_announcement(type, outcome))
    kind, _, said = words.partition(": ")
    boxes = [_box(outcome.printed)] if outcome.printed else []
    # The message stays in the search index: it is what a reader with an error looks for.
    boxes.append(
        f'<pre class="rnn-run__error"><span class="rnn-run__type">{html.escape(kind)}</span>'
        f"{': ' if said else ''}{html.escape(said)}</pre>"
    )
    return boxes, outcome.printed + words, []


def sentence_value(value: object) -> str:
    """Write a value as it stands in a sentence: numbers to four significant digits.

    Examples:
        >>> sentence_value(torch.tensor([[0.25, 1 / 3]])), sentence_value(torch.zeros(2).shape)
        ('[[0.25, 0.3333]]', '(2,)')
        >>> sentence_value(-0.76159)
        '−0.7616'
    """
    if isinstance(value, torch.Tensor):
        if value.numel() > NUMBERS_IN_A_SENTENCE:
            raise FenceError(
                f"a tensor of {value.numel()} numbers is too long for a sentence "
                f"(at most {NUMBERS_IN_A_SENTENCE}); pick some, or use a run fence"
            )
        value = value.detach().tolist()
    if value is None or value == "":
        raise FenceError("it has no value to show")
    return _in_words(value)


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_in_words, value))}]"
    if isinstance(value, tuple):
        return format_value(tuple(value))
    if isinstance(value, int | float):
        return format_value(value).replace("-", "−")  # as drawings write it
    return str(value)


def _box(text: str) -> str:
    lines = text.rstrip("\n").splitlines(keepends=True)
    wide = max(map(len, text.splitlines()), default=0) > WIDE
    focus = ' tabindex="0" role="group" aria-label="Output"' if wide else ""
    content = "".join(
        f'<span class="rnn-run__long">{html.escape(line)}</span>'
        if len(line) > LONG
        else html.escape(line)
        for line in lines
    )
    return f'<pre class="rnn-run__output"{focus} data-search-exclude>{content}</pre>'


def _announcement(type: str, outcome: Outcome) -> BaseException | Warning | str:
    """Return the error or the warning that the author announced, or raise a FenceError."""
    found = [outcome.error] if outcome.error else outcome.warned
    if not found:
        raise FenceError(f"expected {type}, but nothing was raised and nothing warned")
    message = next((thing for thing in found if _is_named(thing, type)), None)
    if message is None:
        raise FenceError(f"expected {type}, got {_words(found[0])}") from outcome.error
    return message


def _is_named(thing: BaseException | Warning | str, names: str) -> bool:
    """Return whether a thing is of one of the kinds, between which authors write "|"."""
    kind = type(thing)
    own = {kind.__name__, f"{kind.__module__}.{kind.__qualname__}"}
    return not own.isdisjoint(names.split("|"))


def _words(error: BaseException | str) -> str:
    """Return an error as Python's last line of a traceback has it."""
    if isinstance(error, str):
        return error
    return ESCAPE.sub("", "".join(traceback.format_exception_only(error))).strip()
