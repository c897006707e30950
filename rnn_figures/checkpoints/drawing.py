"""The changes between two models as a plot, and as one file."""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from rnn_figures.figures import Plot, Table
from rnn_figures.html.frame import ROWS_SHOWN, table_html, to_html
from rnn_figures.models import short_place
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS, NAMES
from rnn_figures.plots.curves import spread
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import (
    LINES,
    MARKERS,
    MOST_LINES,
    SMALL,
    new_plot,
    plot_style,
    strips_of,
)
from rnn_figures.proofs import Proof, compare
from rnn_figures.report.page import page_html

if TYPE_CHECKING:
    from rnn_figures.checkpoints.records import Change

ROW, SQUARE = 0.42, 3.4
"""Inches: of a layer in the upper panel, and of the lower one."""

LETTER, WIDTH = 9, 380
"""Points: that a letter takes, and the width of a panel, about."""

MOST_ROWS = 16
"""Layers that are drawn."""


def change_plot(changes: "Sequence[Change]", table: Table, proof: Proof) -> Plot:
    """Plot how far each quantity of each layer moved; below, the forgetting times of all units."""
    rows = list(dict.fromkeys(change.where for change in changes))[:MOST_ROWS]
    letters = [change for change in changes if change.quantity in NAMES and change.where in rows]
    times = [change for change in changes if change.quantity not in NAMES][:MOST_LINES]
    heights = [0.5 + ROW * len(rows)] + [SQUARE] * bool(times)
    with plot_style():
        plot = new_plot(sum(heights) + 0.9 * len(heights))
        panels = strips_of(plot, heights, sharex=False)
        _draw_letters(panels[0], rows, letters)
        if times:
            _draw_times(panels[1], times)
    plot.alt, plot.data = table.alt, table
    shown = [float(np.asarray(line.get_xdata())[0]) for line in panels[0].lines]
    sizes = [float(np.mean(change.moved)) for change in letters]
    at = [float(np.asarray(line.get_ydata())[0]) for line in panels[0].lines]
    compared = [compare("the moves", shown, sizes)]
    compared.append(compare("their rows", at, [rows.index(change.where) for change in letters]))
    for line, change in zip(panels[1].lines[1:] if times else (), times, strict=True):
        dots = [change.before, change.after]
        compared.append(compare(f"the units of {change.where}", line.get_data(), dots))
    plot.proof = Proof(proof.words, proof, *compared)
    told = [of for change in changes for of in (change.before, change.after, change.moved)]
    prove_shown(plot, scaled=False, told=np.concatenate([np.ravel(of) for of in told]))
    return plot


def _draw_letters(axes: Axes, rows: Sequence[str], changes: "Sequence[Change]") -> None:
    """Write each quantity's letter where its mean move is, a row for each layer."""
    sizes = [float(np.mean(change.moved)) for change in changes]
    right = 1.08 * max((size for size in sizes if np.isfinite(size)), default=0.0) or 1.0
    for change, size in zip(changes, sizes, strict=True):
        look = {"marker": "|", "color": COLOURS[change.quantity], "markersize": 11}
        axes.plot([size], [rows.index(change.where)], markeredgewidth=1.5, **look)
    for row, where in enumerate(rows):
        own = [(c, s) for c, s in zip(changes, sizes, strict=True) if c.where == where]
        wanted = [min(size, right) if np.isfinite(size) else right for _, size in own]
        # letters stand above the marks, moved apart where two would overlap
        apart = spread(wanted, LETTER / WIDTH * right, 0.0, right)
        for (change, _), x in zip(own, apart, strict=True):
            bold: dict[str, Any] = {"fontweight": "bold", "color": COLOURS[change.quantity]}
            centred = {"ha": "center", "va": "bottom", "fontsize": SMALL}
            axes.text(x, row - 0.22, change.quantity, **bold | centred)
    names = [short_place(row) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=SMALL)
    axes.set_ylim(len(rows) - 0.6, -0.75)
    axes.set_xlim(-0.02 * right, right)
    axes.set_title("mean |after − before| over steps and units")


def _draw_times(axes: Axes, changes: "Sequence[Change]") -> None:
    """Draw each unit at its forgetting times, before and after; on the diagonal nothing moved."""
    values = np.concatenate([each for change in changes for each in (change.before, change.after)])
    values = values[np.isfinite(values) & (values > 0)]
    low, high = float(values.min(initial=1.0)) / 1.3, float(values.max(initial=1.0)) * 1.3
    axes.plot([low, high], [low, high], color=COLOURS["faint"], linewidth=1, linestyle=LINES[1])
    for index, change in enumerate(changes):
        look = {"marker": MARKERS[index], "linestyle": "none", "alpha": 0.7, "markersize": 4.5}
        look |= {"color": COLOURS["f"], "label": short_place(change.where)}
        axes.plot(change.before, change.after, **look)
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    subs = (1, 2, 5) if high / low < 1000 else (1,)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=subs, numticks=12))
        axis.set_major_formatter(lambda value, _: digits(value, 6))
        axis.set_minor_locator(NullLocator())
    axes.set_xlabel("before, steps")
    axes.set_ylabel("after, steps")
    axes.set_title("forgetting time of each unit; above the line: longer")
    if len(changes) > 1:
        axes.legend(loc="upper left", fontsize=SMALL)


def comparison_html(headline: str, plot: Plot, table: Table, units: Table) -> str:
    """Return a comparison as one file; `units` has a row for each unit of each quantity."""
    state = "clear" if headline.endswith("nothing moved.") else "moved"
    first = Table(units.columns, units.rows[:ROWS_SHOWN], alt=units.alt)
    summary = f"Unit by unit, the first {len(first)} of {len(units)} rows"
    body = [
        f'<section class="verdict verdict--{state}" id="verdict" aria-label="What moved">',
        f'<p class="verdict__headline">{html.escape(headline)}</p></section>',
        to_html(plot, id="changes", caption="How far each quantity moved, layer by layer."),
        to_html(table, id="layers", caption="Before and after, each quantity of each layer."),
        f"<details><summary>{summary}</summary>{table_html(first)}</details>",
    ]
    return page_html("What moved", body)
