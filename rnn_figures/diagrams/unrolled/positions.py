"""Where everything in an unrolled diagram stands: its columns and rows, and every box of them.

y = 0 is the row of x. Lengths are points, y upward.
"""

import math
from typing import NamedTuple

from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import LINE
from rnn_figures.diagrams.columns import (
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
)
from rnn_figures.diagrams.lanes import heights
from rnn_figures.traces.tracing import Trace
from rnn_figures.weights import DIRECTIONS

RISE = 34.0
"""Length of the shortest arrow up."""

BETWEEN = 32.0
"""Between a layer's forward and its reverse cells."""

NARROW_BOXES = {1: 54.0, 2: 68.0}
"""Width of x[t] and output[t] in a narrow diagram of one direction, and of two."""

NARROW_CHIP, NARROW_INSET, NARROW_TAG, NARROW_ASIDE = 32.0, 2.0, 37.0, 17.0
"""Widths, and distance from the middle of a column to its cells, in a narrow diagram."""

NARROW_GAP = 9.0
"""From a cell to the states that enter and leave; half of it stands between two columns."""

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
    def box(self) -> float:
        """Width of x[t], of output[t] and of what a layer reads."""
        return NARROW_BOXES[self.num_directions] if self.narrow else BOX

    @property
    def pitch(self) -> float:
        """From column to column."""
        return self.box + NARROW_GAP / 2 if self.narrow else PITCH

    @property
    def chip_width(self) -> float:
        """Width of a state's box."""
        return NARROW_CHIP if self.narrow else CHIP[0]

    @property
    def half_width(self) -> float:
        """Width of one direction's half of what a layer gives."""
        return NARROW_CHIP if self.narrow else HALF

    @property
    def cell_width(self) -> float:
        """Width of a cell."""
        return self.chip_width + 2 * (NARROW_INSET if self.narrow else INSET)

    @property
    def tag_size(self) -> tuple[float, float]:
        """Width and height of h_0[k], c_0[k], h_n[k] and c_n[k]."""
        return (NARROW_TAG, TAG[1]) if self.narrow else TAG

    def aside(self, direction: int) -> float:
        """Return how far right of its column's middle what belongs to a direction stands."""
        wide = aside(direction, self.num_directions)
        return math.copysign(NARROW_ASIDE, wide) if self.narrow and wide else wide

    @property
    def tag_aside(self) -> float:
        """From the first or last column to the middle of the states that enter and leave."""
        if not self.narrow:
            return TAG_ASIDE
        cells = self.aside(self.num_directions - 1) + self.cell_width / 2
        return cells + NARROW_GAP + NARROW_TAG / 2

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
        return Box(name or f"{self.part(layer)}-t{t}", self.x_of(t), y, self.box, height)

    def half(self, layer: int, direction: int, t: int) -> Box:
        """Return one direction's half of what a layer reads: all of it if there is one."""
        whole = self.read(layer, t)
        if self.num_directions == 1:
            return whole
        name = f"{self.part(layer)}-{DIRECTIONS[direction]}-t{t}"
        x = whole.x + self.aside(direction)
        return Box(name, x, whole.y, self.half_width, self.chip_height)

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
        return Box(name, cell.x, y, self.chip_width, self.chip_height)

    def tag(self, letter: str, layer: int, direction: int, *, name: str, right: bool) -> Box:
        """Return the box at one end of a row: h_0[k] or c_0[k], h_n[k] or c_n[k]."""
        x = self.x_of(self.steps[-1]) + self.tag_aside if right else -self.tag_aside
        return Box(name, x, self.state(letter, layer, direction, 0).y, *self.tag_size)

    def y_of_twin(self, layer: int, direction: int) -> float:
        """Return y of the text under h_n[k]: below the tag, and below the row's name."""
        name = self.y_of_cells(layer, direction) - (len(self.states) + 1) * LINE / 2
        tag = self.tag("h", layer, direction, name="", right=True).bottom.y
        return min(tag, name) - LINE / 2 - 2


def grid_of(trace: Trace, *, sequence: int, steps: int, values: bool, narrow: bool = False) -> Grid:
    """Choose the columns, `steps` at most, and the rows for one sequence of a trace."""
    length, longest = int(trace.lengths[sequence]), int(trace.lengths.max())
    before = length if length <= steps else (steps + 1) // 2
    after = 0 if length <= steps else steps - before
    shown = (*range(before), *range(length - after, length))
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
