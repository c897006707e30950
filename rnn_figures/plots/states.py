"""One quantity over time."""

from collections.abc import Sequence

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot
from rnn_figures.palette import NAMES
from rnn_figures.plots.axes import mark_absent_steps, name_plot, step_axis
from rnn_figures.plots.selections import draw_selection, prove
from rnn_figures.plots.style import MOST_LINES, new_plot, plot_style
from rnn_figures.plots.words import describe_selection, value_table
from rnn_figures.traces import Trace
from rnn_figures.traces.selection import select


@checked
def state_plot(
    trace: Trace,
    *,
    quantity: str = "h",
    layer: int = -1,
    direction: int = 0,
    sequence: int = 0,
    units: Sequence[int] | None = None,
    symbols: Sequence[str] | None = None,
) -> Plot:
    """Plot one quantity over the steps: a line per unit, or for more than six a heat map.

    Args:
        trace: The run.
        quantity: A letter: LSTM i f g o c h, GRU r z n h, RNN h; or "x", what the layer read.
        layer: From 0; negative counts from the top.
        direction: 0 forward, 1 reverse; step 0 is always at the left.
        sequence: Which sequence of the batch.
        units: Which units, in this order; None for all, or, where steps times units pass 4096,
            for as many of the first as the title says.
        symbols: Text under each step, for example the characters that were read.

    Returns:
        The plot. Steps that the sequence does not have are hatched, and absent from `data`.

    Raises:
        IndexError: no such layer, direction, sequence or unit.
        ValueError: no such quantity, no unit at all, or not one symbol for each step.
        ProofError: a number or a line is not what the trace has.
    """
    selection = select(
        trace, quantity, layer=layer, direction=direction, sequence=sequence, units=units
    )
    steps, rows = len(selection.values), len(selection.units)
    height = 1.75 if rows <= MOST_LINES else min(3.6, 0.75 + 0.07 * rows)
    with plot_style():
        plot = new_plot(height + 0.85)
        axes = plot.add_subplot()
        step_axis(axes, steps, symbols=symbols, reverse=direction == 1)
        if draw_selection(axes, selection, height=72 * height, ticks=5):
            axes.set_ylabel("unit")
        mark_absent_steps(axes, selection.length, steps)
        words = NAMES[quantity] + (f", {selection.where}" if selection.where else "")
        name_plot(axes, quantity, words)
    plot.alt = describe_selection(selection)
    plot.data = value_table({quantity: selection})
    prove(plot, trace, {quantity: selection})
    return plot
