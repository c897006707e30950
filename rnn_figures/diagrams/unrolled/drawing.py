"""One unrolled diagram while it is drawn: what each of its parts needs."""

from typing import NamedTuple

from rnn_figures.diagrams.canvas import Canvas, symbol
from rnn_figures.diagrams.columns import one_below_the_other
from rnn_figures.diagrams.unrolled.positions import Grid
from rnn_figures.traces import returned
from rnn_figures.traces.tracing import Trace


class Drawing(NamedTuple):
    """One diagram while it is drawn: what is drawn, and where.

    Attributes:
        canvas: What to draw on.
        trace: The run.
        grid: Where everything stands.
        sequence: Which sequence of the batch.
        values: True to write numbers in place of letters.
        lit: Keepers whose states stay bright; empty for all.
        keepers: Who keeps each state, from `returned.keepers`.
        tags: The rows of h_n and c_n, from `returned.tags`.
    """

    canvas: Canvas
    trace: Trace
    grid: Grid
    sequence: int
    values: bool
    lit: frozenset[str]
    keepers: dict[returned.Cell, dict[str, str]]
    tags: tuple[returned.Tag, ...]

    def look(self, *keepers: str, otherwise: str = "plain") -> str:
        """Return "dim" where others are lit than `keepers`, else another look."""
        return "dim" if self.lit and not self.lit & {*keepers} else otherwise

    def is_final(self, cell: returned.Cell) -> bool:
        """Return whether a state is marked as a row of h_n or c_n."""
        keeper = f"{cell[0]}_n"
        return keeper in self.keepers[cell] and (not self.lit or keeper in self.lit)

    def code(self, name: str, t: int | str) -> str:
        """Return the code that reads one step of x or of output, set as mathematics."""
        return symbol(returned.step_code(name, self.trace, t, self.sequence))

    def shape(self, layer: int, direction: int, quantity: str) -> str:
        """Return the shape of a quantity at one step, as the module's caller would see it."""
        value = self.trace[layer, direction][quantity][0]  # (N, H)
        alone = self.trace.packed or not self.trace.batched
        return str(tuple(value[self.sequence].shape if alone else value.shape))

    def numbers(self, layer: int, direction: int, quantity: str, t: int) -> str:
        """Return the numbers of a quantity at one step, one below the other."""
        return one_below_the_other(self.trace[layer, direction][quantity][t, self.sequence])
