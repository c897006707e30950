"""Draw rows and columns of boxes: everything that is a grid of steps, units or sequences.

Made of the pieces of `canvas`. Nothing here knows a recurrent layer.
"""

from collections.abc import Sequence
from typing import Any

from rnn_figures.diagrams.boxes import Box, Position
from rnn_figures.diagrams.canvas import SMALL, Canvas
from rnn_figures.palette import COLOURS

CELL = (42.0, 27.0)
"""Width and height of a small box."""

GAP = 6.0
"""Between two small boxes."""


class Matrix:
    """A grid of boxes on a canvas: rows go down, columns right, indexed as a tensor is.

    `matrix[row, column]` is a box with its anchors, drawn or not; a slice for a number
    gives the extent of a run of boxes: `matrix[0, :]` is the first row, `matrix[:, -1]` the last
    column.

    Args:
        canvas: What to draw on.
        name: Names of its boxes, with the indices to fill in: "output-n{row}-t{column}".
        shape: Rows and columns.
        at: The middle of its first box.
        cell: Width and height of a box.
        gap: Between two boxes, sideways and downward; one number for both.

    Examples:
        >>> from rnn_figures.figures import Table
        >>> canvas = Canvas("grid", alt="Two sequences of three steps.", data=Table(["n"], [(0,)]))
        >>> matrix = Matrix(canvas, "n{row}-t{column}", (2, 3))
        >>> matrix.fill(1, 2, "0.5", quantity="h", share=0.5).name
        'n1-t2'
        >>> matrix.name_rows("name-{row}", ["sequence 0", "sequence 1"], width=80)
        >>> matrix[:, 0].size, matrix[0, -1].right.x
        ((42.0, 60.0), 117.0)
    """

    def __init__(
        self,
        canvas: Canvas,
        name: str,
        shape: tuple[int, int],
        *,
        at: Position = (0.0, 0.0),
        cell: tuple[float, float] = CELL,
        gap: float | tuple[float, float] = GAP,
    ) -> None:
        self.canvas = canvas
        self.name = name
        self.shape = shape
        self.at = at
        self.cell = cell
        self.gap = gap if isinstance(gap, tuple) else (gap, gap)

    def __getitem__(self, index: tuple[int | slice, int | slice]) -> Box:
        """Return a box, or the extent of a run of boxes, which has the name of the first."""
        rows, columns = (
            range(count)[part] if isinstance(part, slice) else [range(count)[part]]
            for part, count in zip(index, self.shape, strict=True)
        )
        return self._cell(rows[0], columns[0]).to(self._cell(rows[-1], columns[-1]))

    def _cell(self, row: int, column: int) -> Box:
        """Return one box."""
        x = self.at[0] + column * (self.cell[0] + self.gap[0])
        y = self.at[1] - row * (self.cell[1] + self.gap[1])
        return Box(self.name.format(row=row, column=column), x, y, *self.cell)

    def fill(
        self,
        row: int,
        column: int,
        text: str | Sequence[str] = "",
        *,
        name: str = "",
        **options: Any,
    ) -> Box:
        """Draw one box, its text in ink; text and options are those of Canvas.fill."""
        cell = self[row, column]
        drawn: dict[str, Any] = {"fontcolor": COLOURS["ink"], "fontsize": f"{SMALL:g}"} | options
        return self.canvas.fill(cell._replace(name=name) if name else cell, text, **drawn)

    def name_rows(
        self,
        name: str,
        texts: Sequence[str | Sequence[str]],
        *,
        width: float,
        gap: float = 10.0,
        **options: Any,
    ) -> None:
        """Write a text left of each row; `name` as for the boxes, `options` as for Canvas.write."""
        for row, text in enumerate(texts):
            at = self[row, 0].left
            self.canvas.write(name.format(row=row), text, at=at, width=width, gap=gap, **options)

    def name_columns(
        self,
        name: str,
        texts: Sequence[str | Sequence[str]],
        *,
        width: float = 0.0,
        gap: float = 4.5,
        **options: Any,
    ) -> None:
        """Write a text above each column, as wide as a box unless `width` says otherwise."""
        for column, text in enumerate(texts):
            cell = self[0, column]
            drawn: dict[str, Any] = {"width": width or cell.width, "gap": gap} | options
            self.canvas.write(name.format(column=column), text, at=cell.top, **drawn)
