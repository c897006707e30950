"""One quantity over its steps: lines for a few units, a heat map for many; and its proof."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from rnn_figures.figures import Plot
from rnn_figures.numbers import decimals, plural
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import HEAT_MAP, LINES, value_axis, write_at
from rnn_figures.plots.curves import MARKED_STEPS, drawn_units, look, name_ends
from rnn_figures.plots.heat_maps import SHADES, draw_heat_map, drawn_cells, runs, scale_bar
from rnn_figures.plots.reading import prove_shown, tick_labels
from rnn_figures.plots.style import MOST_LINES, SMALL
from rnn_figures.proofs import Comparison, Proof, compare, together
from rnn_figures.traces import Trace
from rnn_figures.traces.selection import Selection

NUMBERED_STEPS = 12
"""Most steps at which a single line has its numbers."""

LONG_TEXT, MANY_TEXTS = 5, 6
"""Characters and steps beyond which two numbers beside each other touch."""


def draw_selection(
    axes: Axes, selection: Selection, *, height: float, ticks: int, line: Any = None
) -> Axes | None:
    """Draw one quantity on a strip whose x axis is set; return its scale if it is a heat map.

    `line` is one line style for all units, where it already stands for the quantity; without it
    each unit has its own. The y axis has about `ticks` ticks.
    """
    if len(selection.units) > MOST_LINES:
        return scale_bar(axes, draw_heat_map(axes, selection, height=height))
    _draw_lines(axes, selection, line)
    value_axis(axes, selection.values, selection.bounds, ticks=ticks)
    if len(selection.units) > 1:
        names = (f"unit {unit}" for unit in selection.units)
        name_ends(axes, dict(zip(names, selection.valid.T, strict=True)), height=height)
    elif len(selection.values) <= NUMBERED_STEPS:
        _write_values(axes, selection, height)
    return None


def prove(plot: Plot, trace: Trace, selections: Mapping[str, Selection]) -> None:
    """Give a plot its proof: its numbers and its lines compared with the checked trace."""
    first = next(iter(selections.values()))
    steps, listed = ([row[index] for row in plot.data.rows] for index in (0, 1))
    units = sorted({unit for selection in selections.values() for unit in selection.units})
    compared = [
        compare("the steps", steps, np.repeat(range(first.length), len(units))),
        compare("the units", listed, units * first.length),
    ]
    for column, (letter, selection) in enumerate(selections.items(), start=2):
        given = trace[selection.layer, selection.direction][letter][:, selection.sequence]
        units = sorted(set(selection.units))
        listed = [row[column] for row in plot.data.rows if row[1] in selection.units]
        table = np.reshape(np.array(listed, dtype=float), (selection.length, len(units)))
        compared.append(compare(letter, table, given[: selection.length, units]))
        if len(selection.units) <= MOST_LINES:
            lines = drawn_units(_labelled(plot, LINES + letter), f"q-{letter}", selection.units)
            compared.append(compare(f"the lines of {letter}", lines, given[:, selection.units]))
        elif np.isfinite(selection.valid).all():
            compared.append(_compare_cells(plot, selection, given[: selection.length]))
    plot.proof = Proof(trace.proof.words, trace.proof, *compared)
    prove_shown(plot)


def _compare_cells(plot: Plot, selection: Selection, given: Tensor) -> Comparison:
    """Compare the shades of a heat map with the trace, as far as a shade can tell."""
    letter, units = selection.letter, list(selection.units)
    axes = _labelled(plot, HEAT_MAP + letter)
    values = given[:, units].T.double().cpu().numpy()
    top = 1.0 if selection.is_gate else float(np.abs(values).max()) or 1.0
    shown = drawn_cells(axes, letter, values.shape)
    named = tick_labels(axes.yaxis)
    rows = compare("the rows", list(named.values()), [str(units[int(row)]) for row in named])
    shades = compare(f"the cells of {letter}", shown, values / top, within=1.05 / SHADES)
    return together([rows, shades._replace(max_difference=0.0)])


def _labelled(plot: Plot, label: str) -> Axes:
    """Return the one axes of this label."""
    (axes,) = (axes for axes in plot.axes if axes.get_label() == label)
    return axes


def _draw_lines(axes: Axes, selection: Selection, line: Any) -> None:
    """Draw a line per unit in the quantity's colour; marker and line style tell units apart."""
    axes.set_label(LINES + selection.letter)
    steps = len(selection.values)
    colour = COLOURS[selection.letter]
    if len(selection.units) == 1:
        axes.fill_between(
            np.arange(selection.length), selection.valid[:, 0], color=colour, alpha=0.1, zorder=1
        ).set_gid(f"q-{selection.letter}-area")
    for index, unit in enumerate(selection.units):
        axes.plot(
            np.arange(steps),
            selection.values[:, index],
            color=colour,
            linewidth=1.8 if steps <= MARKED_STEPS else 1.1,
            label=f"unit {unit}",
            gid=f"q-{selection.letter}-unit{unit}",
            zorder=3,
            **look(index, steps) | ({} if line is None else {"linestyle": line}),
        )
    _mark_not_finite(axes, selection)


def _mark_not_finite(axes: Axes, selection: Selection) -> None:
    """Shade the steps where a unit is not finite, and write what it is: NaN or ∞."""
    bad = ~np.isfinite(selection.valid)
    for start, stop in runs(np.any(bad, axis=1)):
        axes.axvspan(start - 0.3, stop - 0.7, color=COLOURS["faint"], alpha=0.15, zorder=0)
        word = "NaN" if np.isnan(selection.valid[start:stop]).any() else "∞"
        units = [selection.units[column] for column in np.flatnonzero(bad[start:stop].any(axis=0))]
        if len(units) < len(selection.units):
            word += f" in {plural('unit', len(units))} {', '.join(map(str, units))}"
        axes.annotate(
            word,
            ((start + stop - 1) / 2, 0.06),
            xycoords=axes.get_xaxis_transform(),
            ha="center",
            fontsize=SMALL,
            gid=f"q-{selection.letter}-not-finite",
            zorder=4,
        )


def _write_values(axes: Axes, selection: Selection, height: float) -> None:
    """Write the numbers of a single line at its points, where they change from step to step.

    Above the point, but below it where the line turns up again, where an end below zero is lower
    than its neighbour, and where two would touch; the y axis grows to hold them.
    """
    values = selection.valid[:, 0]
    texts = [decimals(value, 2) for value in values]
    beyond = np.where(values[[0, -1]] < 0, np.inf, -np.inf)
    beside = np.concatenate((beyond[:1], values, beyond[1:]))
    below = (values < beside[:-2]) & (values <= beside[2:])
    for t in range(1, len(values)):
        if min(len(texts[t - 1]), len(texts[t])) > LONG_TEXT and len(values) > MANY_TEXTS:
            below[t] = not below[t - 1]
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
    line = (SMALL + 8) / height * (high - low)  # height of a text with its distance
    finite = np.isfinite(values)
    axes.set_ylim(
        (values[below & finite] - line).min(initial=low),
        (values[~below & finite] + line).max(initial=high),
    )
    for t, (value, text) in enumerate(zip(values, texts, strict=True)):
        if np.isfinite(value) and (t == 0 or text != texts[t - 1]):
            va = "top" if below[t] else "bottom"
            away = (0, -5 if below[t] else 5)
            write_at(axes, text, (t, value), away, ha="center", va=va, zorder=4)
