"""How a GRU mixes its candidate and its old state, step by step."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals, digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import (
    mark_absent_steps,
    name_plot,
    step_axis,
    value_axis,
    write_at,
)
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import LETTER, SMALL, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, adds_up, compare
from rnn_figures.traces import Trace
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.selection import select

MOST_STEPS = 16
"""Most steps at which each slider has its z as a number, and the text tells each step."""

TRACK = 7
"""Width of a slider, in points."""

PART = "z of the way"
"""What the legend calls the filled part of a slider."""

MARKS: dict[str, dict[str, Any]] = {
    "n": {
        "gid": "q-n-mark",
        "label": "n, the candidate",
        "color": COLOURS["n"],
        "marker": "_",
        "markersize": 15,
        "markeredgewidth": 2.4,
    },
    "h before": {
        "gid": "q-h-before",
        "label": "old h",
        "color": COLOURS["h"],
        "marker": "o",
        "markersize": 7.5,
        "markeredgewidth": 1.4,
        "markerfacecolor": COLOURS["paper"],
    },
    "h": {
        "gid": "q-h-after",
        "label": "h after the step",
        "color": COLOURS["h"],
        "marker": "o",
        "markersize": 8.5,
        "markeredgecolor": COLOURS["paper"],
    },
}
"""Look of n, of the old h and of the new h on a slider, by name."""


@checked
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
        ProofError: what is drawn is not the trace's, or z does not mix n and the old h to h.
    """
    if class_name(trace.module) != "GRU":
        raise ValueError(
            f"expected a trace of an nn.GRU, got one of nn.{class_name(trace.module)}, "
            "which has no update gate z"
        )
    options: dict[str, Any] = {"layer": layer, "direction": direction, "sequence": sequence}
    n, z, h = (select(trace, letter, units=[unit], **options) for letter in "nzh")
    part = trace[h.layer, direction]
    steps = [part.step(t, sequence=h.sequence) for t in range(h.length)]
    h_prev = np.array([float(step["h_prev"][unit]) for step in steps])
    values = {"n": n.valid[:, 0], "h before": h_prev, "z": z.valid[:, 0], "h": h.valid[:, 0]}
    where = f"unit {unit}" + (f", {h.where}" if h.where else "")
    with plot_style():
        plot = new_plot(3.2)
        axes = plot.add_subplot()
        step_axis(axes, len(part.h), symbols=symbols, reverse=part.reverse)
        value_axis(axes, np.concatenate([values[name] for name in MARKS]), (-1.0, 1.0))
        _carry(axes, values["h"], h_prev, reverse=part.reverse)
        _sliders(axes, values)
        mark_absent_steps(axes, h.length, len(part.h))
        name_plot(axes, "h", f"between n and the old h, {where}")
        _key(plot)
    plot.alt = _alt(where, values)
    plot.data = _table(values)
    words = f"{trace.proof.words}, each h the mixture of n and the old h"
    plot.proof = Proof(words, trace.proof, *_compare_mixture(plot, steps, unit))
    prove_shown(plot)
    return plot


def _compare_mixture(plot: Plot, steps: list[dict[str, Tensor]], unit: int) -> Iterator[Comparison]:
    """Compare the marks and the table with the trace's steps, z's mixture with the module's h."""
    letters = {"n": "n", "h before": "h_prev", "z": "z", "h": "h"}
    given = {
        name: torch.stack([step[letter][unit] for step in steps])
        for name, letter in letters.items()
    }
    listed = {name: [row[name] for row in plot.data] for name in given}
    for name, values in given.items():
        yield compare(name, listed[name], values)
        if name in MARKS:
            yield compare(f"the marks of {name}", drawn(plot.axes[0], MARKS[name]["gid"]), values)
    n, h_prev, z = (np.array(listed[name], dtype=float) for name in ("n", "h before", "z"))
    within = tolerance(given["h"])
    yield adds_up("(1 - z) · n + z · h", [(1 - z) * n, z * h_prev], given["h"], within=within)


def _carry(axes: Axes, h: np.ndarray, h_prev: np.ndarray, *, reverse: bool) -> None:
    """Draw each h to the step that reads it, in the direction that reads."""
    later = np.arange(len(h) - 1) if reverse else np.arange(1, len(h))
    earlier = later + 1 if reverse else later - 1
    for to, start in zip(later, earlier, strict=True):
        axes.plot([start, to], [h[start], h_prev[to]], color=COLOURS["h"], linewidth=0.9, zorder=2)


def _sliders(axes: Axes, values: dict[str, np.ndarray]) -> None:
    """Draw per step the way from n to the old h, the part z of it, and the three values."""
    n, h_prev, z, h = values.values()
    steps = np.arange(len(h))
    size = min(1.0, MOST_STEPS / len(h))
    track: dict[str, Any] = {"linewidth": TRACK * size}
    axes.vlines(steps, n, h_prev, color=COLOURS["faint"], alpha=0.3, zorder=3, **track)
    track |= {"gid": "q-z-part", "label": PART}
    axes.vlines(steps, n, h, color=COLOURS["z"], zorder=4, **track)
    for name, mark in MARKS.items():
        look = mark | {"markersize": mark["markersize"] * size}
        axes.plot(steps, values[name], linestyle="none", zorder=5, **look)
    if len(h) <= MOST_STEPS:
        top = axes.get_ylim()[1]
        axes.set_ylim(axes.get_ylim()[0], top + 0.16)
        look: dict[str, Any] = {"color": COLOURS["z"], "fontsize": SMALL, "ha": "center"}
        for t, value in enumerate(z):
            axes.text(t, top + 0.04, decimals(value, 2), gid=f"q-z-value{t}", **look)
        look |= {"fontsize": LETTER, "fontweight": "bold", "ha": "right", "gid": "q-z-letter"}
        write_at(axes, "z", (-0.5, top + 0.04), (-8, 0), annotation_clip=False, **look)


def _key(plot: Plot) -> None:
    """Explain below the axes what the marks are, from n to the old h as on a slider."""
    n, old, new = (
        Line2D([], [], linestyle="none", **{**mark, "gid": None}) for mark in MARKS.values()
    )
    look: dict[str, Any] = {"linewidth": TRACK, "solid_capstyle": "butt", "label": PART}
    plot.legend(
        handles=[n, Line2D([], [], color=COLOURS["z"], **look), new, old],
        loc="outside lower center",
        ncols=4,
        handletextpad=0.5,
        columnspacing=1.6,
        handlelength=1.4,
    )


def _table(values: Mapping[str, np.ndarray]) -> Table:
    """List n, the old h, z and h of every step."""
    columns = [map(float, column) for column in values.values()]
    return Table(("step", *values), list(zip(range(len(values["h"])), *columns, strict=True)))


def _alt(where: str, values: dict[str, np.ndarray]) -> str:
    """Describe each step as a mixture; of many steps the first, the last and the extremes of z."""
    n, h_prev, z, h = values.values()
    words = f"h between the candidate n and the old h, {where}: z of the way from n to the old h."
    for t in range(len(h)) if len(h) <= MOST_STEPS else (0, len(h) - 1):
        words += (
            f" Step {t}: n {digits(n[t])}, old h {digits(h_prev[t])}, z {digits(z[t])}, "
            f"h {digits(h[t])}."
        )
    if len(h) > MOST_STEPS:
        words += (
            f" z is lowest at step {z.argmin()} ({digits(z.min())}), highest at step "
            f"{z.argmax()} ({digits(z.max())})."
        )
    return words
