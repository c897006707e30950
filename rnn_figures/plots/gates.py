"""Every quantity of a layer over time, one strip each."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnn_figures.figures import Plot
from rnn_figures.palette import DASHES, NAMES
from rnn_figures.plots.axes import mark_absent_steps, name_strip, step_axis, value_axis
from rnn_figures.plots.marks import draw_heat_map, draw_lines, label_lines, scale_bar
from rnn_figures.plots.selection import Selection, layer_trace, place, select
from rnn_figures.plots.style import MOST_LINES, SMALL, new_plot, plot_style
from rnn_figures.plots.words import describe_selection, value_table
from rnn_figures.traces import Trace


def gate_plot(
    trace: Trace,
    *,
    layer: int = -1,
    direction: int = 0,
    sequence: int = 0,
    units: Sequence[int] | None = None,
    symbols: Sequence[str] | None = None,
) -> Plot:
    """Plot all that a layer computes, in the order of its equations, over shared steps.

    One strip a quantity (LSTM i f g o c h, GRU r z n h, RNN h), with its letter, its colour and
    its line style; a line per unit, or for more than six units a heat map.

    Args:
        trace: The run.
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
        ValueError: no unit at all, or not one symbol for each step.
    """
    letters = layer_trace(trace, layer, direction).quantities
    selections = {
        letter: select(
            trace, letter, layer=layer, direction=direction, sequence=sequence, units=units
        )
        for letter in letters
    }
    first = selections[letters[0]]
    where = place(trace, layer, direction, sequence, first)
    height = 72 * strip_height(len(first.units))
    with plot_style():
        plot = new_plot(0.65 + len(letters) * (height + 12) / 72)
        strips = plot.subplots(len(letters), sharex=True, squeeze=False)[:, 0]
        step_axis(strips[-1], len(first.values), symbols=symbols, reverse=first.reverse)
        for strip, selection in zip(strips, selections.values(), strict=True):
            draw_strip(strip, selection, height=height)
            mark_absent_steps(strip, first.length, len(first.values), label=strip is strips[0])
        rows = "a row per unit" if len(first.units) > MOST_LINES else ""
        strips[0].set_title("; ".join(part for part in (where, rows) if part))
    plot.alt = " ".join(describe_selection(selection, where) for selection in selections.values())
    plot.data = value_table(selections)
    plot.checked = trace.checked
    return plot


def strip_height(units: int) -> float:
    """Return how high a strip must be, in inches, for its labels or its rows."""
    if units <= MOST_LINES:
        return max(0.7, units * (SMALL + 2.5) / 72 + 0.1)
    return min(1.6, max(0.62, 0.05 * units))


def draw_strip(axes: Axes, selection: Selection, *, height: float) -> None:
    """Draw one quantity in a low strip, its letter and its name at the left.

    Args:
        axes: The strip; its x axis must be set.
        selection: The quantity.
        height: Height of the strip in points.
    """
    letter = selection.letter
    if len(selection.units) <= MOST_LINES:
        draw_lines(axes, selection, line=DASHES[letter])
        value_axis(axes, selection.values, selection.bounds, ticks=3)
        label_lines(axes, selection, height=height)
    else:
        scale_bar(axes, draw_heat_map(axes, selection, height=height))
    name_strip(axes, letter, NAMES[letter])
