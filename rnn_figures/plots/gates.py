"""Every quantity of a layer over time, one strip each."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnn_figures.figures import Plot
from rnn_figures.palette import DASHES, NAMES
from rnn_figures.plots.axes import (
    mark_absent_steps,
    name_room,
    name_strip,
    step_axis,
    tick_room,
    value_axis,
)
from rnn_figures.plots.marks import BESIDE, draw_heat_map, draw_lines, label_lines, scale_bar
from rnn_figures.plots.style import MOST_LINES, SMALL, WIDTH, new_plot, plot_style, text_width
from rnn_figures.plots.words import describe_selection, value_table
from rnn_figures.traces.selection import Selection, layer_trace, place, select
from rnn_figures.traces.tracing import Trace

EDGE, GAP, TITLE, STEPS, LINE = 6.0, 16.0, 14.0, 26.0, 11.0
"""Points: around the plot, between strips; what the title takes, the axis of the steps with their
numbers, and each line of symbols."""


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
    rows = "a row per unit" if len(first.units) > MOST_LINES else ""
    title = "; ".join(part for part in (where, rows) if part)
    above = EDGE + (TITLE if title or first.length < len(first.values) else 0.0)
    below = EDGE + STEPS + LINE * max((name.count("\n") + 1 for name in symbols or ()), default=0)
    tall = above + len(letters) * (height + GAP) - GAP + below
    with plot_style():
        plot = new_plot(tall / 72, arranged=False)
        strips = plot.subplots(len(letters), sharex=True, squeeze=False)[:, 0]
        step_axis(strips[-1], len(first.values), symbols=symbols, reverse=first.reverse)
        scales = []
        for strip, selection in zip(strips, selections.values(), strict=True):
            scales.append(draw_strip(strip, selection, height=height))
            mark_absent_steps(strip, first.length, len(first.values), label=strip is strips[0])
        strips[0].set_title(title)
        room = name_room(strips)
        for strip, letter in zip(strips, letters, strict=True):
            name_strip(strip, letter, NAMES[letter], room=room)
        left = EDGE + max(text_width(NAMES[letter]) for letter in letters) + room
        right = EDGE + max(
            _beyond(selection, scale, 72 * WIDTH - EDGE - left)
            for selection, scale in zip(selections.values(), scales, strict=True)
        )
        plot.subplots_adjust(
            left=left / (72 * WIDTH),
            right=1 - right / (72 * WIDTH),
            top=1 - above / tall,
            bottom=below / tall,
            hspace=GAP / height,
        )
    plot.alt = " ".join(describe_selection(selection, where) for selection in selections.values())
    plot.data = value_table(selections)
    plot.proof = trace.checked
    return plot


def strip_height(units: int) -> float:
    """Return how high a strip must be, in inches, for its labels or its rows."""
    if units <= MOST_LINES:
        return max(0.7, units * (SMALL + 2.5) / 72 + 0.1)
    return min(1.6, max(0.62, 0.05 * units))


def draw_strip(axes: Axes, selection: Selection, *, height: float) -> Axes | None:
    """Draw one quantity in a low strip.

    Args:
        axes: The strip; its x axis must be set.
        selection: The quantity.
        height: Height of the strip in points.

    Returns:
        The scale at its right, if it is a heat map.
    """
    if len(selection.units) > MOST_LINES:
        return scale_bar(axes, draw_heat_map(axes, selection, height=height))
    draw_lines(axes, selection, line=DASHES[selection.letter])
    value_axis(axes, selection.values, selection.bounds, ticks=3)
    label_lines(axes, selection, height=height)
    return None


def _beyond(selection: Selection, scale: Axes | None, width: float) -> float:
    """Return how far beyond a strip's right edge its texts reach, in points.

    Args:
        selection: What is drawn.
        scale: The scale at its right, if it is a heat map.
        width: From the strip's left edge to the right edge of the plot, in points.
    """
    if scale:
        return tick_room(scale)
    if len(selection.units) == 1:
        return 0.0
    longest = BESIDE + max(text_width(f"unit {unit}") for unit in selection.units)
    steps = len(selection.values)
    # The last point is so far from the edge, as a part of the strip's width, which is what
    # `width` has left when the names have their place.
    inside = (steps - selection.length + 0.5) / steps
    return max(0.0, (longest - inside * width) / (1 - inside))
