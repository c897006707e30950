"""What a figure is: a Table, a Diagram or a Plot, each with its alt text, its data and its check.

Nothing here knows a recurrent layer: the drawing modules fill these objects, `html` frames them.
"""

import contextlib
import copy
import csv
import dataclasses
import io
import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import graphviz
import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from rnn_figures.arguments import came
from rnn_figures.machine import drawn_by_pygraphviz, graphviz_program, graphviz_pure, imported
from rnn_figures.notebook import Shown, saved
from rnn_figures.numbers import cell_text
from rnn_figures.proofs import Comparison, Proof, only_a_proof

Value = str | int | float | bool | tuple[int, ...] | None
"""What a cell of a Table may hold; a tuple is a shape."""

PNG_DPI = 144
"""Dots to the inch of a figure as PNG: twice a screen's."""

PDF_DPI = 288
"""Dots to the inch of a diagram as PDF."""


def format_value(value: Value) -> str:
    """Write a cell as a reader wants it: four significant digits, shapes in parentheses.

    Examples:
        >>> format_value(0.123456), format_value((8, 1, 3)), format_value(True), format_value(None)
        ('0.1235', '(8, 1, 3)', 'yes', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return cell_text(value)
    return str(value)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows under named columns: a figure of its own, and the numbers behind every other figure.

    Args:
        columns: Column names, all different.
        rows: One sequence of values a row, as long as `columns`; kept as tuples.
        alt: What the table says, in one or two sentences; without it, its size and its columns.
        proof: What the numbers were compared with; None if with nothing.

    Raises:
        TypeError: `proof` is not a Proof, or a row is a single value.
        ValueError: a row is not as long as `columns`, or two columns have one name.

    Examples:
        >>> print(Table(["name", "shape"], [("output", (8, 1, 3))]).to_markdown())
        | name | shape |
        | --- | --- |
        | output | (8, 1, 3) |
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    alt: str = field(default="", kw_only=True)
    proof: Proof | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Freeze the rows, so that a figure cannot change after it was checked."""
        only_a_proof(self.proof)
        columns = tuple(self.columns)
        try:
            rows = tuple(tuple(row) for row in self.rows)
        except TypeError:
            raise TypeError(
                f"expected rows as a list of lists of values, got {came(self.rows)}; a table of "
                "one column has rows of one value, [(1,), (2,)]"
            ) from None
        if len(set(columns)) < len(columns):
            raise ValueError(f"expected columns with different names, got {', '.join(columns)}")
        for number, row in enumerate(rows):
            if len(row) != len(columns):
                raise ValueError(
                    f"row {number} has {len(row)} values for {len(columns)} columns; "
                    "give one value for each column"
                )
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "rows", rows)
        if not self.alt:
            alt = f"Table of {len(rows)} rows. Columns: {', '.join(columns)}."
            object.__setattr__(self, "alt", alt)

    @property
    def checked(self) -> str:
        """What the numbers were compared with, in one sentence; "" if with nothing."""
        return str(self.proof or "")

    @property
    def data(self) -> "Table":
        """The numbers behind this figure: the table itself."""
        return self

    def proved(self, words: str, *comparisons: Comparison | Proof) -> "Table":
        """Return the same table with a proof, made of what its finished rows were compared with."""
        return dataclasses.replace(self, proof=Proof(words, *comparisons))

    def to_csv(self) -> str:
        """Return the table as CSV, floats in full precision."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue()

    def to_markdown(self) -> str:
        """Return the table as a Markdown table, floats to four significant digits."""
        lines = [self.columns, ["---"] * len(self.columns)]
        lines += [[format_value(value) for value in row] for row in self.rows]
        return "\n".join(
            "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in line) + " |"
            for line in lines
        )

    def save(self, path: str | os.PathLike) -> str:
        """Write the table into a file that ends in .csv or .md, and return its path.

        Raises:
            ValueError: another ending.
            OSError: it cannot be written; what was there is as it was.
        """
        return saved(
            path,
            {".csv": lambda: self.to_csv().encode(), ".md": lambda: self.to_markdown().encode()},
        )

    def to_pandas(self) -> Any:
        """Return the table as a pandas DataFrame.

        Raises:
            ImportError: pandas is not installed; the message names the pip command.
        """
        return imported("pandas").DataFrame(list(self.rows), columns=list(self.columns))

    def to_xarray(self) -> Any:
        """Return the table as an xarray Dataset: a variable for each column, along "row".

        Raises:
            ImportError: xarray is not installed; the message names the pip command.
        """
        xarray = imported("xarray")
        return xarray.Dataset.from_dataframe(self.to_pandas().rename_axis("row"))

    def __repr__(self) -> str:
        """Return the table as lines of text, its columns under each other."""
        cells = [[str(name) for name in self.columns]]
        cells += [[format_value(value).replace("\n", " ") for value in row] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        numbers = [
            all(isinstance(row[index], int | float | None) for row in self.rows)
            for index in range(len(widths))
        ]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(line, widths, numbers, strict=True)
            ).rstrip()
            for line in cells
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Value]]:
        """Yield the rows as dictionaries from column to value."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


Piece = tuple[str, str, str] | tuple[str, str, str, str]
"""A piece of a sentence below a live drawing: a text, the letter of its quantity or "", the name of
the number, or the symbol of the block of weights, that it is or "", and, of a number below its
symbol, the symbol."""


class Live(NamedTuple):
    """What makes a drawing a live one: an element whose script writes into the drawings.

    Attributes:
        element: Name of the custom element around them.
        settings: What its script needs, as JSON can hold it.
        beside: Further drawings that belong to the first.
        lines: Sentences below them, in pieces.
    """

    element: str
    settings: Mapping[str, Any]
    beside: "Sequence[Diagram]" = ()
    lines: Sequence[Sequence[Piece]] = ()


class Diagram(Shown, graphviz.Digraph):
    """A graphviz.Digraph that carries its positions, and says what it shows.

    The graph attribute `layout=nop` makes every engine keep the positions that the nodes bring.

    Args:
        name: The graph's name; also the prefix of its node ids.
        alt: What the diagram shows, computed from the data that it draws.
        data: The numbers behind it.
        proof: What they were compared with; None if with nothing.
        keywords: Passed on to graphviz.Digraph.
    """

    def __init__(
        self, name: str, *, alt: str, data: Table, proof: Proof | None, **keywords: Any
    ) -> None:
        super().__init__(name, **keywords)
        self.alt = alt
        self.data = data
        self.proof = proof
        self.live: Live | None = None
        self.narrow: Diagram | None = None

    def to_svg(self) -> str:
        """Draw the diagram and return its SVG text.

        Raises:
            RuntimeError: no engine is installed; the message names the pip command.
        """
        # Quiet, since the engine warns of each letter whose width it does not know, such as σ.
        return str(self.pipe(format="svg", encoding="utf-8", quiet=True))

    def to_png(self) -> bytes:
        """Draw the diagram on white, at PNG_DPI dots to the inch."""
        return self._on_white(PNG_DPI)

    def to_pdf(self) -> bytes:
        """Return the diagram as a PDF that holds a picture, PDF_DPI dots to the inch.

        The engine that always is there writes no PDF.
        """
        picture = Image.open(io.BytesIO(self._on_white(PDF_DPI)))
        pdf = io.BytesIO()
        picture.convert("RGB").save(pdf, format="pdf", resolution=PDF_DPI)
        return pdf.getvalue()

    def _on_white(self, dpi: int) -> bytes:
        drawn = copy.copy(self)
        drawn.graph_attr = self.graph_attr | {"bgcolor": "white", "dpi": f"{dpi}"}
        picture = drawn.pipe(format="png", quiet=True)
        assert isinstance(picture, bytes)
        return picture

    def pipe(self, format: str | None = None, *, encoding: str | None = None, **keywords: Any):  # pyright: ignore[reportIncompatibleMethodOverride] (graphviz overloads it)
        """Draw as graphviz.Digraph.pipe does, with the first engine found.

        graphviz-pure comes first, since it gives the same bytes on every platform; then
        pygraphviz; then the system's dot.
        """
        if not graphviz_pure():
            with contextlib.suppress(ImportError):
                return drawn_by_pygraphviz(self.source, format or self.format, encoding)
        with graphviz_program():
            return super().pipe(format=format, encoding=encoding, **keywords)

    def render(self, *arguments: Any, **keywords: Any) -> str:
        """Write DOT and a picture as graphviz.Digraph.render does, with the program that is here.

        Raises:
            RuntimeError: there is none; the message names the pip command.
        """
        with graphviz_program():
            return super().render(*arguments, **keywords)

    def save(  # pyright: ignore[reportIncompatibleMethodOverride] (graphviz's first, and pictures)
        self, filename: str | os.PathLike | None = None, directory: Any = None, **keywords: Any
    ) -> str:
        """Write the diagram into a file: as a picture, or as DOT as graphviz.Digraph.save does.

        Args:
            filename: Ends in .svg, .png or .pdf for a picture; else it is that of a DOT file.
            directory: The folder of the file.
            keywords: Passed on to graphviz.Digraph.save.

        Returns:
            The path.

        Raises:
            ValueError: the ending is that of another picture.
        """
        form = pathlib.Path(filename or "").suffix.lower().removeprefix(".")
        if form in graphviz.FORMATS - {"gv", "dot"}:
            return super().save(pathlib.Path(directory or "", filename or ""))
        return graphviz.Digraph.save(self, filename, directory=directory, **keywords)

    def __repr__(self) -> str:
        """Return what the diagram shows."""
        return self.alt


class Plot(Shown, Figure):
    """A matplotlib Figure, built without pyplot, that shows itself in a notebook.

    Attributes:
        alt: What the plot shows, computed from the data that it draws.
        data: The numbers behind it.
        live: What makes it a live one; None if nothing does.
    """

    alt: str = ""
    data: Table
    live: Live | None = None

    def to_svg(self) -> str:
        """Return the plot as SVG text: the same bytes for the same plot, text left as text."""
        text = io.StringIO()
        canvas, dpi = self.canvas, self.dpi
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "rnn_figures"}):
            # As savefig does, but drawn once: it draws a constrained layout twice.
            FigureCanvasSVG(self).print_svg(text, metadata={"Date": None, "Creator": None})
        self.set_canvas(canvas)
        self.dpi = dpi
        return text.getvalue()

    def to_png(self) -> bytes:
        """Return the plot on white, at PNG_DPI dots to the inch: the same bytes each time."""
        data = io.BytesIO()
        self.savefig(
            data, format="png", dpi=PNG_DPI, facecolor="white", metadata={"Software": None}
        )
        return data.getvalue()

    def to_pdf(self) -> bytes:
        """Return the plot as a PDF of lines and letters: the same bytes each time."""
        data = io.BytesIO()
        self.savefig(data, format="pdf", facecolor="white", metadata={"CreationDate": None})
        return data.getvalue()

    def __repr__(self) -> str:
        """Return what the plot shows, once it is complete."""
        return self.alt or super().__repr__()


FigureLike = Table | Diagram | Plot
