"""Where everything in a stack diagram stands: x below, then a module and its numbers per layer.

Columns are those of the unrolled diagram. Places are in points, y upward.
"""

from typing import NamedTuple

from torch import Tensor, nn

from rnn_figures.diagrams.unrolled.positions import ASIDE, CHIP, INSET, MOST_LINES, PITCH
from rnn_figures.figures import Diagram
from rnn_figures.stacks import LayerRun

BOX_HEIGHT = CHIP[1] + 2 * INSET - 2
"""Height of x[t], of output[t], and of a number's box."""

BAND = 50.0
"""Height of a one-layer module."""

UP = 46.0
"""From what a module gives to what reads it: an arrow with a tick on it."""

SHORT = 24.0
"""Length of an arrow without one."""

TICK = 17.0
"""Diameter of a tick."""


class Sheet(NamedTuple):
    """One drawing under way: what is drawn, and where.

    Attributes:
        diagram: What to draw on.
        module: The stack.
        runs: Its layers, alone and inside, from the bottom.
        steps: L.
        sequence: Which sequence of the batch.
        num_directions: D.
    """

    diagram: Diagram
    module: nn.RNNBase
    runs: list[LayerRun]
    steps: int
    sequence: int
    num_directions: int

    @property
    def units(self) -> int:
        """H_out: numbers that one direction gives at one step."""
        return self.runs[0].alone.shape[-1] // self.num_directions

    @property
    def chip(self) -> float:
        """Height of a box of numbers, or of the letter h where there are too many."""
        lines = self.units if self.units <= MOST_LINES else 1
        return BOX_HEIGHT + 13 * (lines - 1)

    def x_of(self, t: int, direction: int | None = None) -> float:
        """Return the middle of a step's column, or of one direction's half in it."""
        aside = 0.0 if direction is None or self.num_directions == 1 else ASIDE
        return t * PITCH + (aside if direction else -aside)

    def y_of_band(self, layer: int) -> float:
        """Return the middle of a one-layer module."""
        first = BOX_HEIGHT / 2 + SHORT + BAND / 2
        return first + layer * (BAND + SHORT + self.chip + UP)

    def y_of_row(self, layer: int) -> float:
        """Return the middle of the boxes that a one-layer module gives."""
        return self.y_of_band(layer) + BAND / 2 + SHORT + self.chip / 2

    def half(self, run: LayerRun, direction: int, t: int) -> Tensor:
        """Return what one direction of a lone layer gives at one step."""
        return run.alone.chunk(self.num_directions, -1)[direction][t, self.sequence]
