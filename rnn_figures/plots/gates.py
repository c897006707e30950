"""Every quantity of a layer over time, one strip each."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot
from rnn_figures.palette import DASHES, NAMES
from rnn_figures.plots.axes import (
    mark_absent_steps,
    name_distance,
    name_strip,
    step_axis,
    tick_width,
)
from rnn_figures.plots.curves import BESIDE
from rnn_figures.plots.selections import draw_selection, prove
from rnn_figures.plots.style import (
    MOST_LINES,
    SMALL,
    WIDTH,
    new_plot,
    plot_style,
    strips_of,
    text_width,
)
from rnn_figures.plots.words import describe_selection, value_table
from rnn_figures.traces import Trace
from rnn_figures.traces.selection import Selection, layer_index, select

EDGE, GAP, TITLE, STEPS, LINE = 6.0, 16.0, 14.0, 26.0, 11.0
"""Points: around the plot, between strips; what the title takes, the axis of the steps with their
numbers, and each line of symbols."""


@checked
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
        units: Which, in this order; None for all, or for as many as fit 4096 steps times units.
        symbols: Text under each step, for example the characters that were read.

    Returns:
        The plot. Steps that the sequence does not have are hatched, and absent from `data`.

    Raises:
        IndexError: no such layer, direction, sequence or unit.
        ValueError: no unit at all, or not one symbol for each step.
        ProofError: a number or a line is not what the trace has.
    """
    layer = layer_index(trace.module, layer, direction)
    options = {"layer": layer, "direction": direction, "sequence": sequence}
    selections = {
        letter: select(trace, letter, units=units, **options)
        for letter in trace[layer, direction].quantities
    }
    first = next(iter(selections.values()))
    height = strip_height(len(first.units))
    rows = "a row per unit" if len(first.units) > MOST_LINES else ""
    title = "; ".join(part for part in (first.where, rows) if part)
    above = EDGE + (TITLE if title or first.length < len(first.values) else 0.0)
    below = EDGE + STEPS + LINE * max((name.count("\n") + 1 for name in symbols or ()), default=0)
    with plot_style():
        plot, strips = new_strips([height] * len(selections), above, below)
        step_axis(strips[-1], len(first.values), symbols=symbols, reverse=direction == 1)
        left, right = _draw_strips(strips, selections, 72 * height)
        strips[0].set_title(title)
        plot.subplots_adjust(left=left / (72 * WIDTH), right=1 - right / (72 * WIDTH))
    plot.alt = " ".join(map(describe_selection, selections.values()))
    plot.data = value_table(selections)
    prove(plot, trace, selections)
    return plot


def new_strips(heights: Sequence[float], above: float, below: float) -> tuple[Plot, list[Axes]]:
    """Return a plot of strips, heights in inches, points above the first and below the last."""
    points = 72 * sum(heights)
    tall = above + points + GAP * (len(heights) - 1) + below
    plot = new_plot(tall / 72, arranged=False)
    strips = strips_of(plot, heights)
    hspace = GAP * len(heights) / points
    plot.subplots_adjust(top=1 - above / tall, bottom=below / tall, hspace=hspace)
    return plot, strips


def _draw_strips(
    strips: Sequence[Axes], selections: Mapping[str, Selection], height: float
) -> tuple[float, float]:
    """Draw and name every quantity in its strip; return the points that they need at each side."""
    scales = []
    for strip, (letter, selection) in zip(strips, selections.items(), strict=True):
        look = {"ticks": 3, "line": DASHES[letter]}
        scales.append(draw_selection(strip, selection, height=height, **look))
        meaning = "no step" if strip is strips[0] else ""
        mark_absent_steps(strip, selection.length, len(selection.values), meaning=meaning)
    distance = name_distance(strips)
    for strip, letter in zip(strips, selections, strict=True):
        name_strip(strip, letter, NAMES[letter], distance=distance)
    return _margins(selections, scales, distance)


def strip_height(units: int) -> float:
    """Return how high a strip must be, in inches, for its labels or its rows."""
    if units <= MOST_LINES:
        return max(0.7, units * (SMALL + 2.5) / 72 + 0.1)
    return min(1.6, max(0.62, 0.05 * units))


def _margins(
    selections: Mapping[str, Selection], scales: Sequence[Axes | None], distance: float
) -> tuple[float, float]:
    """Return the points that the strips need at their left and at their right."""
    left = EDGE + max(text_width(NAMES[letter]) for letter in selections) + distance
    width = 72 * WIDTH - EDGE - left
    drawn = zip(selections.values(), scales, strict=True)
    return left, EDGE + max(_beyond(selection, scale, width) for selection, scale in drawn)


def _beyond(selection: Selection, scale: Axes | None, width: float) -> float:
    """Return how far beyond a strip's right edge, at `width` in points, its texts reach."""
    if scale:
        return tick_width(scale)
    if len(selection.units) == 1:
        return 0.0
    longest = BESIDE + max(text_width(f"unit {unit}") for unit in selection.units)
    steps = len(selection.values)
    # The last point is so far from the edge, as a part of the strip's width, which is what
    # `width` has left beside the names.
    inside = (steps - selection.length + 0.5) / steps
    return max(0.0, (longest - inside * width) / (1 - inside))
