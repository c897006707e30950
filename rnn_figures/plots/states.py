"""One quantity over time."""

from collections.abc import Sequence

from rnn_figures.figures import Plot
from rnn_figures.palette import NAMES
from rnn_figures.plots.axes import mark_absent_steps, name_plot, step_axis, value_axis
from rnn_figures.plots.marks import draw_heat_map, draw_lines, label_lines, scale_bar
from rnn_figures.plots.style import MOST_LINES, new_plot, plot_style
from rnn_figures.plots.words import describe_selection, value_table
from rnn_figures.traces.selection import place, select
from rnn_figures.traces.tracing import Trace


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
    """
    selection = select(
        trace, quantity, layer=layer, direction=direction, sequence=sequence, units=units
    )
    where = place(trace, layer, direction, sequence, selection)
    steps = len(selection.values)
    few = len(selection.units) <= MOST_LINES
    with plot_style():
        height = 1.75 if few else min(3.6, 0.75 + 0.07 * len(selection.units))
        plot = new_plot(height + 0.85)
        axes = plot.add_subplot()
        step_axis(axes, steps, symbols=symbols, reverse=selection.reverse)
        if few:
            draw_lines(axes, selection)
            value_axis(axes, selection.values, selection.bounds, ticks=5)
            label_lines(axes, selection, height=72 * height)
        else:
            scale_bar(axes, draw_heat_map(axes, selection, height=72 * height))
            axes.set_ylabel("unit")
        mark_absent_steps(axes, selection.length, steps)
        name_plot(axes, quantity, ", ".join(part for part in (NAMES[quantity], where) if part))
    plot.alt = describe_selection(selection, where)
    plot.data = value_table({quantity: selection})
    plot.proof = trace.checked
    return plot
