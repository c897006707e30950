"""Where everything in an unrolled diagram stands: columns, rows, lanes and the ends of rows.

Step t's column is at x = t · PITCH whatever the module is, so that figures of one page agree; the
left margin is the same in all of them. y = 0 is the row of x. Places are in points, y upward.
"""

from typing import NamedTuple

from rnn_figures.diagrams.canvas import Place
from rnn_figures.traces.tracing import Trace

PITCH = 110.0
"""From column to column."""

ASIDE = 23.0
"""From a column to its forward cells, on the left, and to its reverse cells, on the right."""

CHIP = (34.0, 19.0)
"""Width, and height of one line, of a state's box."""

INSET = 5.0
"""Between a cell's frame and the states in it, and between c and h."""

CARD = CHIP[0] + 2 * INSET
"""Width of a cell."""

BOX = 94.0
"""Width of x[t], of output[t] and of what a layer reads."""

HALF = 42.0
"""Width of one direction's half in such a box."""

RISE = 34.0
"""Length of the shortest arrow up."""

BETWEEN = 32.0
"""Between a layer's forward and its reverse cells."""

TAG = (56.0, 19.0)
"""Width and height of h_0[k], c_0[k], h_n[k] and c_n[k]."""

TAG_ASIDE = 100.0
"""From the first or last column to the middle of these."""

TWIN = 122.0
"""Width of the part of output that a row of h_n equals, written under its tag."""

LINE = 15.0
"""Height of a line of text."""

MOST_LINES = 3
"""Numbers in a box at most, one below the other."""

MARGIN = -244.0
"""Left edge of every unrolled diagram."""

LABEL = 104.0
"""Width of a row's name at the left edge."""


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
    """

    steps: tuple[int, ...]
    hidden: int
    absent: tuple[int, ...]
    num_layers: int
    num_directions: int
    states: tuple[str, ...]
    lines: int
    input_lines: int

    @property
    def split(self) -> int:
        """How many columns stand before the steps that are left out."""
        return (len(self.steps) + 1) // 2 if self.hidden else len(self.steps)

    @property
    def gap(self) -> float:
        """The x of the column in which the left-out steps are counted."""
        return self.split * PITCH

    @property
    def chip_height(self) -> float:
        """Height of a state's box."""
        return CHIP[1] + 13 * (self.lines - 1)

    @property
    def card_height(self) -> float:
        """Height of a cell."""
        count = len(self.states)
        return count * self.chip_height + (count + 1) * INSET

    @property
    def box_height(self) -> float:
        """Height of output[t] and of what a layer above the first reads."""
        return self.chip_height + 2 * INSET - 2

    @property
    def input_height(self) -> float:
        """Height of x[t]."""
        return CHIP[1] + 13 * (self.input_lines - 1) + 2 * INSET - 2

    def x_of(self, t: int) -> float:
        """Return x of the middle of a step's column."""
        beyond_gap = self.hidden > 0 and t >= self.split
        return (t - self.hidden + 1 if beyond_gap else t) * PITCH

    def aside(self, direction: int) -> float:
        """Return how far right of its column's middle a cell of this direction stands."""
        return 0.0 if self.num_directions == 1 else ASIDE if direction else -ASIDE

    def y_of_box(self, layer: int) -> float:
        """Return y of what a layer reads; of x for 0, of output for num_layers."""
        if layer == 0:
            return 0.0
        top = self.y_of_cell(layer - 1, self.num_directions - 1)
        return top + self.card_height / 2 + RISE + self.box_height / 2

    def y_of_cell(self, layer: int, direction: int) -> float:
        """Return y of the middle of a row of cells."""
        below = self.box_height if layer else self.input_height
        forward = self.y_of_box(layer) + below / 2 + RISE + self.card_height / 2
        return forward + direction * (self.card_height + BETWEEN)

    def y_of_lane(self, layer: int, direction: int, state: str) -> float:
        """Return y of a state's boxes and arrows in a row of cells."""
        middle = (len(self.states) - 1) / 2
        up = (middle - self.states.index(state)) * (self.chip_height + INSET)
        return self.y_of_cell(layer, direction) + up

    def place(self, layer: int, direction: int, t: int, state: str) -> Place:
        """Return the middle of a state's box in its cell."""
        return self.x_of(t) + self.aside(direction), self.y_of_lane(layer, direction, state)

    def y_of_twin(self, layer: int, direction: int) -> float:
        """Return y of the text under h_n[k]: below the tag, and below the row's name."""
        name = self.y_of_cell(layer, direction) - (len(self.states) + 1) * LINE / 2
        return min(self.y_of_lane(layer, direction, "h") - TAG[1] / 2, name) - LINE / 2 - 2

    def x_of_end(self, *, right: bool) -> float:
        """Return x of the middle of the tags at one end of the rows."""
        return self.x_of(self.steps[-1]) + TAG_ASIDE if right else -TAG_ASIDE


def grid_of(trace: Trace, *, sequence: int, steps: int, values: bool) -> Grid:
    """Choose the columns and rows for one sequence of a trace.

    Args:
        trace: The run.
        sequence: Which sequence of the batch.
        steps: At most this many steps are drawn; the middle ones are left out.
        values: True to make room for numbers in place of letters.
    """
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
    )
