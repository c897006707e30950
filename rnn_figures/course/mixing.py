"""How a GRU mixes its candidate and its old state, step by step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rnn_figures.configurations import class_name
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import mark_absent_steps, name_plot, number, step_axis, value_axis
from rnn_figures.plots.marks import written
from rnn_figures.plots.style import LETTER, SMALL, new_plot, plot_style
from rnn_figures.traces.selection import layer_trace, place, select
from rnn_figures.traces.tracing import Trace

MOST_STEPS = 16
"""Up to so many steps, each slider has its z as a number, and the text tells each step."""

TRACK = 7
"""Width of a slider, in points."""

MARKS: dict[str, dict[str, Any]] = {
    "q-n-mark": {
        "color": COLOURS["n"],
        "marker": "_",
        "markersize": 15,
        "markeredgewidth": 2.4,
    },
    "q-h-before": {
        "color": COLOURS["h"],
        "marker": "o",
        "markersize": 7.5,
        "markeredgewidth": 1.4,
        "markerfacecolor": COLOURS["paper"],
    },
    "q-h-after": {
        "color": COLOURS["h"],
        "marker": "o",
        "markersize": 8.5,
        "markeredgecolor": COLOURS["paper"],
    },
}
"""Look of n, of the old h and of the new h on a slider, by name."""


def mixing_plot(
    trace: Trace,
    *,
    layer: int = -1,
    direction: int = 0,
    sequence: int = 0,
    unit: int = 0,
    symbols: Sequence[str] | None = None,
) -> Plot:
    """Plot h = (1 - z) · n + z · h_prev as a slider between n and the old h at each step.

    z says how far h goes from the candidate n towards the old h: at z = 0 h is n, at z = 1 it
    stays. A thin line carries each h on to the next step, where it is the old one.

    Args:
        trace: The run of an nn.GRU.
        layer: From 0; negative counts from the top.
        direction: 0 forward, 1 reverse; step 0 is always at the left.
        sequence: Which sequence of the batch.
        unit: Which unit.
        symbols: Text under each step.

    Returns:
        The plot; `data` has n, the old h, z and h of every step.

    Raises:
        IndexError: no such layer, direction, sequence or unit.
        ValueError: the module is no GRU, or there is not one symbol for each step.
    """
    if class_name(trace.module) != "GRU":
        raise ValueError(
            f"expected a trace of an nn.GRU, got one of nn.{class_name(trace.module)}, "
            "which has no update gate z"
        )
    part = layer_trace(trace, layer, direction)
    n, z, h = (
        select(
            trace, letter, layer=layer, direction=direction, sequence=sequence, units=[unit]
        ).valid[:, 0]
        for letter in ("n", "z", "h")
    )
    steps = [part.step(t, sequence=sequence) for t in range(len(h))]
    h_prev = np.array([float(step["h_prev"][unit]) for step in steps])
    where = ", ".join(
        words for words in (f"unit {unit}", place(trace, layer, direction, sequence)) if words
    )
    with plot_style():
        plot = new_plot(3.2)
        axes = plot.add_subplot()
        step_axis(axes, len(part.h), symbols=symbols, reverse=part.reverse)
        value_axis(axes, np.concatenate((n, h, h_prev)), (-1.0, 1.0))
        _carry(axes, h, h_prev, reverse=part.reverse)
        _sliders(axes, n, z, h, h_prev)
        mark_absent_steps(axes, len(h), len(part.h))
        name_plot(axes, "h", f"between n and the old h, {where}")
        _key(plot)
    plot.alt = _alt(where, n, z, h, h_prev)
    columns = ("step", "n", "h before", "z", "h")
    rows = zip(range(len(h)), *(map(float, v) for v in (n, h_prev, z, h)), strict=True)
    plot.data = Table(columns, list(rows))
    plot.proof = trace.checked
    return plot


def _carry(axes: Axes, h: np.ndarray, h_prev: np.ndarray, *, reverse: bool) -> None:
    """Draw each h to the step that reads it, in the direction that reads."""
    later = np.arange(len(h) - 1) if reverse else np.arange(1, len(h))
    earlier = later + 1 if reverse else later - 1
    for to, start in zip(later, earlier, strict=True):
        axes.plot([start, to], [h[start], h_prev[to]], color=COLOURS["h"], linewidth=0.9, zorder=2)


def _sliders(axes: Axes, n: np.ndarray, z: np.ndarray, h: np.ndarray, h_prev: np.ndarray) -> None:
    """Draw per step the way from n to the old h, the part z of it, and the three values."""
    steps = np.arange(len(h))
    size = min(1.0, MOST_STEPS / len(h))
    track: dict[str, Any] = {"linewidth": TRACK * size}
    axes.vlines(steps, n, h_prev, color=COLOURS["faint"], alpha=0.3, zorder=3, **track)
    axes.vlines(steps, n, h, color=COLOURS["z"], zorder=4, gid="q-z-part", **track)
    for gid, values in (("q-n-mark", n), ("q-h-before", h_prev), ("q-h-after", h)):
        look = MARKS[gid] | {"markersize": MARKS[gid]["markersize"] * size}
        axes.plot(steps, values, linestyle="none", gid=gid, zorder=5, **look)
    if len(h) <= MOST_STEPS:
        top = axes.get_ylim()[1]
        axes.set_ylim(axes.get_ylim()[0], top + 0.16)
        for t, value in enumerate(z):
            axes.text(
                t,
                top + 0.04,
                written(float(value), decimals=2),
                ha="center",
                color=COLOURS["z"],
                fontsize=SMALL,
                gid=f"q-z-value{t}",
            )
        axes.annotate(
            "z",
            (-0.5, top + 0.04),
            xytext=(-8, 0),
            textcoords="offset points",
            ha="right",
            color=COLOURS["z"],
            fontsize=LETTER,
            fontweight="bold",
            annotation_clip=False,
            gid="q-z-letter",
        )


def _key(plot: Plot) -> None:
    """Say below the axes what the marks are, from n to the old h as on a slider."""
    n, old, new = (
        Line2D([], [], linestyle="none", **MARKS[gid])
        for gid in ("q-n-mark", "q-h-before", "q-h-after")
    )
    part = Line2D([], [], color=COLOURS["z"], linewidth=TRACK, solid_capstyle="butt")
    plot.legend(
        [n, part, new, old],
        ["n, the candidate", "z of the way", "h after the step", "old h"],
        loc="outside lower center",
        ncols=4,
        handletextpad=0.5,
        columnspacing=1.6,
        handlelength=1.4,
    )


def _alt(where: str, n: np.ndarray, z: np.ndarray, h: np.ndarray, h_prev: np.ndarray) -> str:
    """Tell each step as a mixture; of many steps the first, the last and the extremes of z."""
    words = f"h between the candidate n and the old h, {where}: z of the way from n to the old h."
    told = range(len(h)) if len(h) <= MOST_STEPS else (0, len(h) - 1)
    for t in told:
        words += (
            f" Step {t}: n {number(n[t])}, old h {number(h_prev[t])}, z {number(z[t])}, "
            f"h {number(h[t])}."
        )
    if len(h) > MOST_STEPS:
        words += (
            f" z is lowest at step {z.argmin()} ({number(z.min())}), highest at step "
            f"{z.argmax()} ({number(z.max())})."
        )
    return words
