"""Where everything in an unrolled diagram stands: its columns and rows, and every box of them.

y = 0 is the row of x. Lengths are points, y upward.
"""

from typing import NamedTuple

from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import LINE
from rnn_figures.diagrams.columns import (
    ASIDE,
    BOX,
    BOX_HEIGHT,
    CHIP,
    HALF,
    INSET,
    MOST_LINES,
    NEXT_LINE,
    PITCH,
    TAG,
    TAG_ASIDE,
    aside,
    first_and_last,
)
from rnn_figures.diagrams.lanes import heights
from rnn_figures.traces.tracing import Trace
from rnn_figures.weights import DIRECTIONS

RISE = 34.0
"""Length of the shortest arrow up."""

BETWEEN = 32.0
"""Between a layer's forward and its reverse cells."""


class Widths(NamedTuple):
    """How wide the parts of a diagram are, and how far apart.

    Attributes:
        boxes: Of x[t], of output[t] and of what a layer reads.
        half: Of one direction's half of what a layer gives.
        chip: Of a state's box.
        inset: From a state to the frame of its cell.
        tag: Of h_0[k], c_0[k], h_n[k] and c_n[k].
        aside: From the middle of a column to its cells, where there are two directions.
        gap: Narrow: from a cell to the states that enter and leave; half of it stands between two
            columns.
    """

    boxes: float
    half: float = 32.0
    chip: float = 32.0
    inset: float = 2.0
    tag: float = 37.0
    aside: float = 17.0
    gap: float = 9.0


WIDE = Widths(BOX, half=HALF, chip=CHIP[0], inset=INSET, tag=TAG[0], aside=ASIDE)

NARROW = {1: Widths(58.0), 2: Widths(68.0)}
"""The widths in a narrow diagram of one direction, and of two."""

TIGHT = Widths(62.0, half=30.0, chip=30.0, inset=1.0, tag=30.0, aside=16.0, gap=7.0)
"""Those of five columns of two directions: as close as numbers of 9 CSS pixels can be."""

TIGHT_PAD = "0.02"
"""What is left around such a diagram, in inches, as graphviz reads it."""

NARROW_HIDDEN = 56.0
"""Width of the column that stands for the steps left out, in a narrow one."""


class Grid(NamedTuple):
    """The columns and rows of one unrolled diagram.

    Attributes:
        steps: Steps that are drawn, in order.
        hidden: How many steps are left out in the middle, after `steps[: len - len // 2]`.
        absent: Steps after the sequence's end, drawn as absent; only the first if they are many.
        num_layers: Layers.
        num_directions: D.
        states: Letters of the states that a step hands on, from the upper lane to the lower.
        lines: Numbers in each state's box, one below the other; 1 for a letter.
        input_lines: Numbers in each x box.
        narrow: True for columns as close as they can be, without names at the left edge.
    """

    steps: tuple[int, ...]
    hidden: int = 0
    absent: tuple[int, ...] = ()
    num_layers: int = 1
    num_directions: int = 1
    states: tuple[str, ...] = ("h",)
    lines: int = 1
    input_lines: int = 1
    narrow: bool = False

    @property
    def is_tight(self) -> bool:
        """Whether it is narrow, and has more columns than fit on a phone as they are."""
        return self.narrow and self.num_directions == 2 and len(self.steps) > 4

    @property
    def widths(self) -> Widths:
        """The widths in it."""
        return TIGHT if self.is_tight else NARROW[self.num_directions] if self.narrow else WIDE

    @property
    def pitch(self) -> float:
        """From column to column."""
        return self.widths.boxes + self.widths.gap / 2 if self.narrow else PITCH

    @property
    def cell_width(self) -> float:
        """Width of a cell."""
        return self.widths.chip + 2 * self.widths.inset

    def aside(self, direction: int) -> float:
        """Return how far to the right of its column's middle a direction's boxes stand."""
        return aside(direction, self.num_directions, self.widths.aside)

    @property
    def tag_aside(self) -> float:
        """From the first or last column to the middle of the states that enter and leave."""
        if not self.narrow:
            return TAG_ASIDE
        cells = self.aside(self.num_directions - 1) + self.cell_width / 2
        return cells + self.widths.gap + self.widths.tag / 2

    @property
    def split(self) -> int:
        """How many columns stand before the steps that are left out."""
        return (len(self.steps) + 1) // 2 if self.hidden else len(self.steps)

    @property
    def chip_height(self) -> float:
        """Height of a state's box."""
        return CHIP[1] + NEXT_LINE * (self.lines - 1)

    @property
    def cell_height(self) -> float:
        """Height of a cell."""
        count = len(self.states)
        return count * self.chip_height + (count + 1) * INSET

    @property
    def gap(self) -> float:
        """Width of the column that stands for the steps left out."""
        return min(self.pitch, NARROW_HIDDEN) if self.narrow else self.pitch

    def x_of(self, t: int) -> float:
        """Return x of the middle of a step's column."""
        if self.hidden and t >= self.split:
            return (t - self.hidden) * self.pitch + self.gap
        return t * self.pitch

    @property
    def x_of_hidden(self) -> float:
        """Return x of the middle of the column that stands for the steps left out."""
        return (self.split - 0.5) * self.pitch + self.gap / 2

    def part(self, layer: int) -> str:
        """Return the name of the row that a layer reads; of output above the last layer."""
        return "x" if layer == 0 else "output" if layer == self.num_layers else f"read-l{layer}"

    def y_of_cells(self, layer: int, direction: int) -> float:
        """Return y of the middle of a row of cells."""
        forward = self.read(layer, 0).top.y + RISE + self.cell_height / 2
        return forward + direction * (self.cell_height + BETWEEN)

    def read(self, layer: int, t: int, name: str = "") -> Box:
        """Return the box of what a layer reads at a step: x for 0, output for num_layers."""
        lines = self.lines if layer else self.input_lines
        height, y = BOX_HEIGHT + NEXT_LINE * (lines - 1), 0.0
        if layer:
            top = self.y_of_cells(layer - 1, self.num_directions - 1) + self.cell_height / 2
            y = top + RISE + height / 2
        return Box(name or f"{self.part(layer)}-t{t}", self.x_of(t), y, self.widths.boxes, height)

    def half(self, layer: int, direction: int, t: int) -> Box:
        """Return one direction's half of what a layer reads: all of it if there is one."""
        whole = self.read(layer, t)
        if self.num_directions == 1:
            return whole
        name = f"{self.part(layer)}-{DIRECTIONS[direction]}-t{t}"
        x = whole.x + self.aside(direction)
        return Box(name, x, whole.y, self.widths.half, self.chip_height)

    def cell(self, layer: int, direction: int, t: int) -> Box:
        """Return the box of a cell."""
        x = self.x_of(t) + self.aside(direction)
        y, width = self.y_of_cells(layer, direction), self.cell_width
        return Box(f"cell-l{layer}-{DIRECTIONS[direction]}-t{t}", x, y, width, self.cell_height)

    def state(self, letter: str, layer: int, direction: int, t: int) -> Box:
        """Return the box of a state in its cell."""
        cell = self.cell(layer, direction, t)
        y = cell.y + heights(self.states, self.chip_height + INSET)[letter]
        name = f"{letter}{cell.name.removeprefix('cell')}"
        return Box(name, cell.x, y, self.widths.chip, self.chip_height)

    def tag(self, letter: str, layer: int, direction: int, *, name: str, right: bool) -> Box:
        """Return the box at one end of a row: h_0[k] or c_0[k], h_n[k] or c_n[k]."""
        x = self.x_of(self.steps[-1]) + self.tag_aside if right else -self.tag_aside
        y = self.state(letter, layer, direction, 0).y
        return Box(name, x, y, self.widths.tag, TAG[1])

    def y_of_twin(self, layer: int, direction: int) -> float:
        """Return y of the text under h_n[k]: below the tag, and below the row's name."""
        name = self.y_of_cells(layer, direction) - (len(self.states) + 1) * LINE / 2
        tag = self.tag("h", layer, direction, name="", right=True).bottom.y
        return min(tag, name) - LINE / 2 - 2


def grid_of(trace: Trace, *, sequence: int, steps: int, values: bool, narrow: bool) -> Grid:
    """Choose the columns, `steps` at most, and the rows for one sequence of a trace."""
    length, longest = int(trace.lengths[sequence]), int(trace.lengths.max())
    shown = first_and_last(length, steps)
    absent = range(length, longest)
    if len(absent) > max(0, steps - len(shown)):
        absent = absent[:1]
    layer_trace = trace[0, 0]
    units, read = layer_trace.h.shape[-1], layer_trace.x.shape[-1]
    return Grid(
        steps=shown,
        hidden=length - len(shown),
        absent=tuple(absent),
        num_layers=trace.module.num_layers,
        num_directions=trace.num_directions,
        states=("h",) if trace.c_n is None else ("c", "h"),
        lines=max(units, layer_trace.c.shape[-1] if trace.c_n is not None else 0) if values else 1,
        input_lines=read if values and read <= MOST_LINES else 1,
        narrow=narrow,
    )
