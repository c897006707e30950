"""Write a page for every configuration and form of input: Markdown, with the site's own fences.

What differs from page to page is here, what pages say in `templates/`. Imports no torch: the pages'
numbers come from their fences, like those of every other page.
"""

import itertools
import pathlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rnn_figures.numbers import counted
from rnn_figures.options import BATCH_FIRST, BIDIRECTIONAL, FORMS, KINDS, NUM_LAYERS, projects

REDIRECTS: dict[str, str] = {}
"""Addresses that pages once had, and where each leads now: no address of the atlas ever dies."""

NAMES = {"LSTM": "LSTM", "GRU": "GRU", "RNN_TANH": "RNN tanh", "RNN_RELU": "RNN relu"}
"""How a reader calls each kind."""

INPUTS = {
    "batched": "a batch of two sequences of four steps",
    "unbatched": "one sequence of four steps, without a batch",
    "packed": "a packed batch of two sequences, of four and of two steps",
}
"""What a page's module reads, in words."""

TEMPLATES = Environment(
    loader=FileSystemLoader(pathlib.Path(__file__).parent / "templates"),
    lstrip_blocks=True,
    trim_blocks=True,
    undefined=StrictUndefined,
)
TEMPLATES.filters["repr"] = repr  # a text in quotes, as YAML reads it too


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
        return ", ".join(self._words())

    @property
    def slug(self) -> str:
        """The page's permanent address below atlas/."""
        return "-".join(self._words()).lower().replace(" ", "-").replace("_", "-")

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

    @property
    def unpacking(self) -> str:
        """The call that unpacks the output of a packed batch."""
        return f"pad_packed_sequence(output{', batch_first=True' if self.batch_first else ''})"

    @property
    def last_step(self) -> str:
        """The code that many write for the last step."""
        output = "padded" if self.form == "packed" else "output"
        return output + ("[:, -1]" if self.batch_first and self.form != "unbatched" else "[-1]")

    def _words(self) -> list[str]:
        return [
            NAMES[self.kind],
            counted(self.num_layers, "layer"),
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
    """Yield the entries that differ in one option, each with what is changed."""
    for field, values in (
        ("kind", () if entry.projected else KINDS),  # only LSTM projects
        ("num_layers", NUM_LAYERS),
        ("bidirectional", BIDIRECTIONAL),
        ("projected", projects(entry.kind)),
        ("batch_first", BATCH_FIRST),
        ("form", FORMS),
    ):
        for value in values:
            if value != getattr(entry, field):
                yield _change(field, value), entry._replace(**{field: value})


def _change(field: str, value: object) -> str:
    """Return what is changed, as a reader would type it."""
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
    plain = entry._replace(batch_first=False, form="batched")
    changed = [(change, other, _other_input(entry, other)) for change, other in neighbours(entry)]
    return TEMPLATES.get_template("atlas_page.md.jinja").render(
        entry=entry,
        plain=plain,
        plain_batch=_batch(plain),
        inputs=INPUTS,
        call=call(entry),
        course=_course(entry),
        changed=changed,
    )


def _course(entry: Entry) -> list[str]:
    """Return links to the pages that explain a configuration."""
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
        (entry.rows > 1, r"where h_n\[k\] lives", "../anatomy/h-n.md"),
    ]
    return [f"[{text}]({address})" for there, text, address in pages if there]


def _other_input(entry: Entry, other: Entry) -> str:
    """Return the code that makes what a neighbour reads, from the batch of an entry's page."""
    batch = "batch"
    if other.batch_first != entry.batch_first:
        batch = "batch.transpose(0, 1)"
    read = _read(other, batch)
    if other.form == "packed" and entry.form != "packed":
        return read.replace("pack_padded", "nn.utils.rnn.pack_padded")
    return read


def index_page() -> str:
    """Return the Markdown of the atlas's index: a form, and tables that need no script."""
    template = TEMPLATES.get_template("atlas_index.md.jinja")
    return template.render(entries=entries(), names=NAMES, forms=FORMS)


def files(listed: Iterable[Entry]) -> dict[str, str]:
    """Return the Markdown of the index and of some pages, by their paths."""
    pages = {f"atlas/{entry.slug}.md": page(entry) for entry in listed}
    return {"atlas/index.md": index_page()} | pages


def redirects() -> dict[str, str]:
    """Return a page for each address that has moved: its path in the site, and its HTML."""
    template = TEMPLATES.get_template("moved.html.jinja")
    return {f"atlas/{old}/index.html": template.render(new=new) for old, new in REDIRECTS.items()}
