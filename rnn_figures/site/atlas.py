"""Write a page for every configuration and form of input: Markdown, with the site's own fences.

Imports no torch: the pages' numbers come from their fences, like those of every other page.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from rnn_figures.options import BATCH_FIRST, BIDIRECTIONAL, FORMS, KINDS, NUM_LAYERS, projects

REDIRECTS: dict[str, str] = {}
"""Addresses that pages once had, and where each leads now: no address of the atlas ever dies."""

NAMES = {"LSTM": "LSTM", "GRU": "GRU", "RNN_TANH": "RNN tanh", "RNN_RELU": "RNN relu"}
"""How a reader calls each kind."""


class Entry(NamedTuple):
    """One page of the atlas: the options of a module, and the form of what it reads."""

    kind: str
    num_layers: int
    bidirectional: bool
    projected: bool
    batch_first: bool
    form: str

    @property
    def title(self) -> str:
        """The page's heading."""
        return ", ".join([NAMES[self.kind], *self._words()])

    @property
    def slug(self) -> str:
        """The page's permanent address below atlas/."""
        words = [NAMES[self.kind], *self._words()]
        return "-".join(words).lower().replace(" ", "-").replace("_", "-")

    @property
    def layer(self) -> str:
        """Name of the module in the page's code."""
        return self.kind.partition("_")[0].lower()

    @property
    def constructor(self) -> str:
        """The call that builds the module, on input of 5 numbers with a state of 3."""
        options = {
            "num_layers": (self.num_layers, 1),
            "nonlinearity": (self.kind.removeprefix("RNN_").lower(), "tanh"),
            "batch_first": (self.batch_first, False),
            "bidirectional": (self.bidirectional, False),
            "proj_size": (2 if self.projected else 0, 0),
        }
        if not self.kind.startswith("RNN"):
            del options["nonlinearity"]
        given = [f"{name}={value!r}" for name, (value, usual) in options.items() if value != usual]
        return f"nn.{self.layer.upper()}({', '.join(['5', '3', *given])})"

    @property
    def plain(self) -> str:
        """The constructor of the module without batch_first, which moves axes and no number."""
        return self._replace(batch_first=False).constructor

    @property
    def rows(self) -> int:
        """Rows of h_n: D·num_layers."""
        return self.num_layers * (2 if self.bidirectional else 1)

    @property
    def input(self) -> str:
        """Name of what the module reads, in the page's code."""
        return {"batched": "batch", "unbatched": "sequence", "packed": "packed"}[self.form]

    def _words(self) -> list[str]:
        return [
            f"{self.num_layers} {'layer' if self.num_layers == 1 else 'layers'}",
            *["bidirectional"] * self.bidirectional,
            *["proj_size"] * self.projected,
            *["batch first"] * self.batch_first,
            *([] if self.form == "batched" else [self.form]),
        ]


def entries() -> list[Entry]:
    """Return every page's entry, in the order of the atlas."""
    return [
        Entry(kind, num_layers, bidirectional, projected, batch_first, form)
        for kind, num_layers, bidirectional in itertools.product(KINDS, NUM_LAYERS, BIDIRECTIONAL)
        for projected, batch_first, form in itertools.product(projects(kind), BATCH_FIRST, FORMS)
    ]


def neighbours(entry: Entry) -> Iterator[tuple[str, Entry]]:
    """Walk the entries that differ in one option, each with what is changed."""
    for field, values in (
        ("kind", KINDS),
        ("num_layers", NUM_LAYERS),
        ("bidirectional", BIDIRECTIONAL),
        ("projected", projects(entry.kind)),
        ("batch_first", BATCH_FIRST),
        ("form", FORMS),
    ):
        for value in values:
            if value == getattr(entry, field):
                continue
            if entry.projected and field == "kind":
                continue  # only LSTM projects
            yield _change(field, value), entry._replace(**{field: value})


def _change(field: str, value: object) -> str:
    """Say what is changed, as a reader would type it."""
    if field == "kind":
        return NAMES[str(value)]
    if field == "form":
        return f"{value} input"
    if field == "projected":
        return f"`proj_size={2 if value else 0}`"
    return f"`{field}={value}`"


def call(entry: Entry) -> str:
    """Return the code of a page's first fence: the module, what it reads, and the call."""
    lines = [f"{entry.layer} = {entry.constructor}", f"batch = {_batch(entry)}"]
    if entry.form == "unbatched":
        lines += [f"sequence = {_read(entry)}  # (L, H_in)"]
    elif entry.form == "packed":
        lines = ["from torch.nn.utils.rnn import pack_padded_sequence", "", *lines]
        lines += [f"packed = {_read(entry)}"]
    returned = "output, (h_n, c_n)" if entry.kind == "LSTM" else "output, h_n"
    lines += [f"{returned} = {entry.layer}({entry.input})"]
    output = "output.data" if entry.form == "packed" else "output"
    lines += [f"{output}.shape, h_n.shape"]
    return "\n".join(lines)


def _batch(entry: Entry) -> str:
    """Return the code of a batch: the same numbers on every page, whatever their layout."""
    if entry.batch_first:
        return "torch.randn(4, 2, 5).transpose(0, 1)  # (N, L, H_in)"
    return "torch.randn(4, 2, 5)  # (L, N, H_in)"


def _read(entry: Entry, batch: str = "batch") -> str:
    """Return the code that makes what the module reads of a batch in its layout."""
    if entry.form == "unbatched":
        return f"{batch}[0]" if entry.batch_first else f"{batch}[:, 0]"
    if entry.form == "packed":
        first = ", batch_first=True" if entry.batch_first else ""
        return f"pack_padded_sequence({batch}, [4, 2]{first})"
    return batch


def page(entry: Entry) -> str:
    """Return the Markdown of an entry's page."""
    return "\n\n".join(
        [
            _front(entry),
            _opening(entry),
            _final_states(entry),
            _shapes(entry),
            _parameters(entry),
            _flipped(entry),
            _gates(entry),
            _mistakes(entry),
            _unchanged(entry),
        ]
    )


def _front(entry: Entry) -> str:
    """Return a page's front matter and heading.

    A search shows none of them: so many pages that say the same of other options would drown the
    pages that explain, and whoever knows the options finds the page in the atlas's index.
    """
    description = (
        f"{entry.constructor} with {entry.form} input: every shape, parameter, gate and final "
        "state, drawn and computed from a live run."
    )
    lines = [
        "---",
        f"title: {entry.title}",
        f"description: {description!r}",
        "search:",
        "  exclude: true",
        "---",
        "",
        f"# {entry.title}",
    ]
    return "\n".join(lines)


def _figure(name: str, caption: str, code: str, *, starts: bool = False) -> str:
    continues = "" if starts else "continues "
    return f'```figure {continues}id="{name}" caption="{caption}"\n{code}\n```'


INPUTS = {
    "batched": "a batch of two sequences of four steps",
    "unbatched": "one sequence of four steps, without a batch",
    "packed": "a packed batch of two sequences, of four and of two steps",
}
"""What a page's module reads, in words."""


def _opening(entry: Entry) -> str:
    what = (
        f"One page of the [atlas](index.md): `{entry.constructor}` on {INPUTS[entry.form]}. "
        "5 is `input_size`, 3 is `hidden_size`; the letters of the shapes are in "
        "[Notation](../notation.md)."
    )
    course = ", ".join(f"[{text}]({address})" for text, address in _course(entry))
    output = "output.data" if entry.form == "packed" else "output"
    halves = ", the forward half, then the reverse half" if entry.bidirectional else ""
    each = "layer and direction" if entry.bidirectional else "layer"
    rows = f"{entry.rows} rows, one for each {each}" if entry.rows > 1 else "one row"
    states = "`h_n` and `c_n` each have" if entry.kind == "LSTM" else "`h_n` has"
    given = (
        f"Every {'row' if entry.form == 'packed' else 'step'} of `{output}` holds "
        f"`#!value {output}.shape[-1]` numbers{halves}. {states} {rows}."
    )
    if entry.projected:
        given += (
            " A row of `h_n` is `#!value h_n.shape[-1]` wide, the projected width; one of `c_n` is "
            "`#!value c_n.shape[-1]` wide."
        )
    return "\n\n".join(
        [
            f"{what}\nExplained in the course: {course}.",
            f"```run\n{call(entry)}\n```",
            given,
            _figure(
                "unrolled",
                "Each state runs along its arrows. A ringed cell is one that leaves as a row of "
                f"{'h_n or c_n' if entry.kind == 'LSTM' else 'h_n'}.{_packed_words(entry)}",
                f"t = trace({entry.layer}, {entry.input})\nunrolled_diagram(t)",
            ),
        ]
    )


def _packed_words(entry: Entry) -> str:
    """Return what a figure of a packed batch must say."""
    if entry.form != "packed":
        return ""
    return (
        " Sequence 1 has two steps; sequence 0, drawn here, has four."
        f" `padded` is what `{_unpacked(entry)}` returns first, "
        f"{'(N, L, D·H_out)' if entry.batch_first else '(L, N, D·H_out)'}."
    )


def _unpacked(entry: Entry) -> str:
    """Return the code that unpacks a page's output, in the layout of its module."""
    return f"pad_packed_sequence(output{', batch_first=True' if entry.batch_first else ''})"


def _course(entry: Entry) -> list[tuple[str, str]]:
    """Return the pages that explain a configuration: their names and their addresses."""
    layer = {
        "lstm": ("LSTM", "../anatomy/lstm.md"),
        "gru": ("GRU", "../anatomy/gru.md"),
        "rnn": ("RNN", "../anatomy/rnn.md"),
    }
    pages = [
        (True, *layer[entry.layer]),
        (entry.num_layers > 1, "stacked layers", "../configurations/stacked.md"),
        (entry.bidirectional, "bidirectional", "../configurations/bidirectional.md"),
        (entry.projected, "proj_size", "../configurations/proj-size.md"),
        (
            entry.batch_first or entry.form == "unbatched",
            "batch_first and unbatched input",
            "../sequences/batch-first.md",
        ),
        (entry.form == "packed", "packed sequences", "../sequences/packed.md"),
        (entry.rows > 1, "where h_n[k] lives", "../anatomy/h-n.md"),
    ]
    return [(text.replace("[k]", r"\[k\]"), address) for there, text, address in pages if there]


def _final_states(entry: Entry) -> str:
    caption = (
        "Each row, the step that it is from, and the slice of output that equals it; compared."
    )
    if entry.rows > 1 or entry.kind == "LSTM":
        caption += " What is nowhere in output was compared with the last step of its own layer."
    if entry.form == "packed":
        caption += (
            " A step for each sequence: the shorter one ends sooner."
            f" `padded, lengths` is `{_unpacked(entry)}`."
        )
    return "\n\n".join(
        [
            "## Which row is where",
            _figure("final-states", caption, f"h_n_table(trace({entry.layer}, {entry.input}))"),
        ]
    )


def _shapes(entry: Entry) -> str:
    sentence = {
        "batched": "N is in the second place of the states, whatever `batch_first` says.",
        "unbatched": "Without a batch no tensor has an N, and `batch_first` changes nothing.",
        "packed": (
            "The `data` of a packed batch has no axis L and no axis N: it has a row for each step "
            "of each sequence. The states keep their N. "
            "`pack_padded_sequence` and `pad_packed_sequence` have a `batch_first` of their own."
        ),
    }[entry.form]
    return "\n\n".join(
        [
            "## Shapes",
            sentence,
            _figure(
                "shapes",
                "Read from the live tensors of this call.",
                f"shape_table({entry.layer}, {entry.input})",
            ),
        ]
    )


def _gates(entry: Entry) -> str:
    """Return the plots of the top layer.

    Their fences start anew, in the plain layout: pages that differ in layout alone share them.
    """
    plain = entry._replace(batch_first=False, form="batched")
    parts = ["## States over time" if entry.kind.startswith("RNN") else "## Gates over time"]
    if entry != plain:
        parts.append(
            f"{' '.join(_same_numbers(entry))} So this is sequence 0 of the "
            f"[batch in the plain layout]({plain.slug}.md)."
        )
    which = "" if entry.num_layers == 1 else f" of the top layer, layer {entry.num_layers - 1}"
    run = f"{entry.layer} = {entry.plain}\nbatch = {_batch(plain)}\n"
    shown = f"gate_plot(trace({entry.layer}, batch)"
    if not entry.bidirectional:
        what = "h" if entry.kind.startswith("RNN") else "Every quantity"
        caption = f"{what}{which}, one line for each unit."
        return "\n\n".join([*parts, _figure("gates", caption, f"{run}{shown})", starts=True)])
    forward = _figure(
        "gates-forward",
        f"The forward direction{which}. Read it from the left.",
        f"{run}{shown}, direction=0)",
        starts=True,
    )
    reverse = _figure(
        "gates-reverse",
        f"The reverse direction{which}. Read it from the right.",
        f"{shown}, direction=1)",
    )
    tabs = {"forward": forward, "reverse": reverse}
    parts += [f'=== "{name}"\n\n{_indented(figure)}' for name, figure in tabs.items()]
    return "\n\n".join(parts)


def _same_numbers(entry: Entry) -> Iterator[str]:
    """Walk the reasons why sequence 0 has the numbers of the batch in the plain layout."""
    if entry.batch_first:
        yield "`batch_first` moves axes and changes no number."
    if entry.form == "unbatched":
        yield "One sequence alone is computed as it is in a batch."
    if entry.form == "packed":
        yield "Sequence 0 has all four steps, so packing changes none of its numbers."
        if entry.bidirectional:
            yield (
                "Those of the shorter sequence it does change: unpacked, the reverse direction "
                "would start in the padding."
            )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.splitlines())


def _parameters(entry: Entry) -> str:
    return "\n\n".join(
        [
            "## Parameters",
            _figure(
                "parameters",
                "Every parameter, and what is stacked in it. Their count: "
                f"`#!value parameter_table({entry.layer}).alt.partition('in all: ')[2]`",
                f"parameter_table({entry.layer})",
            ),
        ]
    )


def _flipped(entry: Entry) -> str:
    """Return the table of the neighbours: what one changed option changes in shapes and counts."""
    rows = [
        f"| [{change}]({other.slug}.md) | `#!value shape_changes({entry.layer}, {entry.input}, "
        f"{other.constructor}, {_other_input(entry, other)})` |"
        for change, other in neighbours(entry)
    ]
    return "\n".join(
        ["## One option changed", "", "| change | what changes with it |", "| --- | --- |", *rows]
    )


def _other_input(entry: Entry, other: Entry) -> str:
    batch = "batch"
    if other.batch_first != entry.batch_first:
        batch = "batch.transpose(0, 1)"
    read = _read(other, batch)
    if other.form == "packed" and entry.form != "packed":
        return read.replace("pack_padded", "nn.utils.rnn.pack_padded")
    return read


MUSEUM = "../answers/silent-mistakes.md"
ERRORS = "../answers/error-messages.md"


def _mistakes(entry: Entry) -> str:
    """Return the mistakes that belong to a configuration, with links to their cards."""
    batched = entry.form == "batched"
    packed = entry.form == "packed"
    unbatched = entry.form == "unbatched"
    step = "[:, -1]" if entry.batch_first and not unbatched else "[-1]"
    last = f"{'padded' if packed else 'output'}{step}"
    square = entry.rows == 2  # as many rows as sequences: a turned state is not refused
    turned = f"{MUSEUM}#state-square" if square else f"{ERRORS}#hidden-size"
    cards = [
        (entry.bidirectional, f"`{last}` for the whole sequence", f"{MUSEUM}#bidirectional-last"),
        (entry.rows > 1 and not unbatched, "`h_n.view(N, -1)`", f"{MUSEUM}#view-states"),
        (entry.num_layers > 1, "`h_n[0]` for the top layer", f"{MUSEUM}#bottom-layer"),
        (entry.kind == "LSTM", "`h_n, c_n = lstm(x)`", f"{MUSEUM}#unpacking"),
        (entry.kind != "LSTM" and entry.rows == 2, "A pair taken out of h_n", f"{MUSEUM}#gru-pair"),
        (entry.kind == "GRU", "The textbook's GRU", f"{MUSEUM}#gru-paper"),
        (entry.projected, "A state of the wrong width", f"{ERRORS}#hidden-size"),
        (packed, "The last row after unpacking", f"{MUSEUM}#padded-last"),
        (packed, "Fewer steps come back than went in", f"{MUSEUM}#truncated"),
        (
            packed and entry.batch_first,
            "`batch_first` forgotten when packing",
            f"{MUSEUM}#pack-batch-first",
        ),
        (unbatched, "A batch read as one sequence", f"{MUSEUM}#two-axes"),
        (batched and not entry.batch_first, "`batch_first` forgotten", f"{MUSEUM}#batch-first"),
        (batched and entry.batch_first, "A state with N first", turned),
    ]
    links = [f"- [{card}]({address})" for belongs, card, address in cards if belongs]
    opening = "The links lead to where each is explained, and run."
    return "\n".join(["## Mistakes that belong here", "", opening, "", *links])


def _unchanged(entry: Entry) -> str:
    count = f"sum(w.numel() for n, w in {entry.layer}.named_parameters() if 'bias' in n)"
    bias = (
        "`bias=False` takes both biases of every layer away, and changes no shape of what comes "
        f"out: `#!value {count}` parameters fewer."
    )
    dropout = (
        "`dropout` zeroes numbers between layers while training; in `eval()` it does nothing."
        if entry.num_layers > 1
        else "`dropout` needs a second layer; here it would do nothing."
    )
    return "\n\n".join(
        [
            "## What changes no shape",
            f"{bias}\n{dropout}\n`dtype` and `device` change how numbers are kept, not how many.",
        ]
    )


def index_page() -> str:
    """Return the Markdown of the atlas's index: a form, and tables that need no script."""
    tables = {
        name: f"## {name}\n\n| constructor | input |\n| --- | --- |" for name in NAMES.values()
    }
    for entry in entries():
        if entry.form == FORMS[0]:
            links = [f"[{form}]({entry._replace(form=form).slug}.md)" for form in FORMS]
            tables[NAMES[entry.kind]] += f"\n| `{entry.constructor}` | {' · '.join(links)} |"
    description = (
        f"{len(entries())} pages, one for each configuration of nn.LSTM, nn.GRU and nn.RNN and "
        "each form of input: shapes, diagram, gates, parameters and final states."
    )
    opening = (
        "A page for every configuration: its shapes, its diagram with a ring around each cell that "
        "`h_n` keeps, its gates over time, its parameters, and what one changed option changes."
    )
    front = f"---\ntitle: Atlas\ndescription: {description!r}\nsearch:\n  boost: 0.3\n---"
    return "\n\n".join([front, "# Atlas", opening, "<rnn-atlas></rnn-atlas>", *tables.values(), ""])


def redirects() -> dict[str, str]:
    """Return a page for each address that has moved: its path in the site, and its HTML."""
    return {
        f"atlas/{old}/index.html": (
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Moved</title>\n'
            f'<link rel="canonical" href="../{new}/">\n'
            f'<meta http-equiv="refresh" content="0; url=../{new}/">\n'
            f'<p>This page has moved: <a href="../{new}/">{new}</a>.</p>\n</html>\n'
        )
        for old, new in REDIRECTS.items()
    }
