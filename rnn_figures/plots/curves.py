"""Lines over steps: known without their colour, named at their ends, on a logarithmic axis or not.

A logarithmic axis is drawn by the powers of ten, so that labels keep their distances.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from rnn_figures.numbers import power
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import write_at
from rnn_figures.plots.style import LINES, MARKERS, SMALL

MARKED_STEPS = 24
"""Most steps that all have their marker."""

BESIDE = 14.0
"""Points between the end of a line and its name."""

MOST_TICKS = 6
"""Powers of ten that have their tick, at most."""

BLANK = {"facecolor": COLOURS["paper"], "edgecolor": COLOURS["paper"], "linewidth": 1, "pad": 0.5}
"""Box that keeps a text readable over lines and hatches; the stroke keeps it on a themed page."""


def look(index: int, steps: int) -> dict[str, Any]:
    """Return line style and markers of a line, by its index among the lines of its plot."""
    return {
        "linestyle": LINES[index],
        "marker": MARKERS[index],
        "markeredgecolor": COLOURS["paper"],
        "markevery": 1 if steps <= MARKED_STEPS else steps // (MARKED_STEPS // 2),
    }


def drawn(axes: Axes, gid: str, *, along: str = "y") -> np.ndarray:
    """Return the values of the line with this id, as they are drawn along an axis, "x" or "y"."""
    (line,) = [line for line in axes.lines if line.get_gid() == gid]
    return np.asarray(line.get_xdata() if along == "x" else line.get_ydata(), dtype=float)


def drawn_units(axes: Axes, gid: str, units: Iterable[int]) -> np.ndarray:
    """Return the values of the lines of units, as they are drawn, (L, units).

    `gid` is what their ids begin with, less "-unit" and the unit.
    """
    return np.stack([drawn(axes, f"{gid}-unit{unit}") for unit in units], axis=1)


def powers_of_ten(values: np.ndarray) -> np.ndarray:
    """Return the power of ten of each value; NaN where it is 0, so that a line has a gap there.

    Examples:
        >>> powers_of_ten(np.array([100.0, 0.0, 0.001])).tolist()
        [2.0, nan, -3.0]
    """
    with np.errstate(divide="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)


def draw_powers(
    axes: Axes,
    curves: Mapping[str, np.ndarray],
    *,
    colour: str,
    gid: str,
    height: float,
    x: np.ndarray | None = None,
    looks: Sequence[int] | None = None,
    bands: Mapping[int, np.ndarray] | None = None,
    **options: Any,
) -> None:
    """Draw curves by their powers of ten on a logarithmic axis, each named at its end.

    A 0 is a gap. `gid` is each line's id, less its look's index; `height` is that of the axes in
    points, to know which names would overlap. `looks` and `x` are 0, 1, 2, ... without them.
    `bands` are lowest and highest values around a curve, (2, steps), by look: a grey band.
    `options` are those of `Axes.plot`.
    """
    looks = range(len(curves)) if looks is None else looks
    powers = {name: powers_of_ten(values) for name, values in curves.items()}
    around = {index: powers_of_ten(band) for index, band in (bands or {}).items()}
    for index, (low, high) in around.items():
        steps, grey = np.arange(len(low)), {"color": COLOURS["ink"], "alpha": 0.12}
        axes.fill_between(steps, low, high, gid=f"band{index}", **grey)
    for index, (name, values) in zip(looks, powers.items(), strict=True):
        where = np.arange(len(values)) if x is None else x
        shown: dict[str, Any] = {"color": COLOURS[colour], "zorder": 3} | look(index, len(values))
        axes.plot(where, values, gid=f"{gid}{index}", label=name, **shown | options)
    finite = np.concatenate([part.ravel() for part in (*powers.values(), *around.values())])
    finite = finite[np.isfinite(finite)]
    low = int(np.floor(finite.min(initial=0.0)))
    high = int(np.ceil(finite.max(initial=low + 1.0)))
    axes.set_ylim(low - 0.2, high + 0.2)
    power_ticks(axes.yaxis, low, high)
    name_ends(axes, powers, height=height, x=x)


def power_ticks(axis: Axis, low: int, high: int) -> None:
    """Mark whole powers of ten from 10^low to 10^high: all, or as many as are read at a glance."""
    even = (step for step in itertools.count(1) if str(step).rstrip("0") in ("1", "2", "5"))
    every = next(step for step in even if high // step - -(-low // step) < MOST_TICKS)
    ticks = range(-(-low // every) * every, high + 1, every)
    axis.set_ticks(list(ticks), labels=[power(exponent) for exponent in ticks])


def name_ends(
    axes: Axes, lines: Mapping[str, np.ndarray], *, height: float, x: np.ndarray | None = None
) -> None:
    """Write each line's name at its last finite point, moved apart where two would overlap.

    The limits must be set. A line without a finite point is named at 0, the last step; `height` is
    that of the axes in points, to know what overlaps; `x` is 0, 1, 2, ... without it.
    """
    ends = []
    for values in lines.values():
        (finite,) = np.nonzero(np.isfinite(values))
        last = int(finite[-1]) if len(finite) else len(values) - 1
        at = float(last if x is None else x[last])
        ends.append((at, float(values[last]) if len(finite) else 0.0))
    low, high = axes.get_ylim()
    points = [(value - low) / (high - low) * height for _, value in ends]
    moved = spread(points, SMALL + 2.5, SMALL / 2, height - SMALL / 2)
    for name, end, start, goal in zip(lines, ends, points, moved, strict=True):
        tether = {"arrowstyle": "-", "color": COLOURS["faint"], "linewidth": 0.7, "shrinkB": 4}
        write_at(
            axes,
            name,
            end,
            (BESIDE, goal - start),
            annotation_clip=False,
            va="center",
            arrowprops=tether | {"shrinkA": 1} if abs(goal - start) > 3 else None,
            bbox=BLANK,
            zorder=5,
        )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart, as little as needed, so that neighbours are `gap` apart, within bounds.

    Examples:
        >>> spread([0.0, 0.0, 5.0], 1.0, -9.0, 9.0), spread([0.0, 0.0, 5.0], 1.0, 0.0, 9.0)
        ([-0.5, 0.5, 5.0], [0.0, 1.0, 5.0])
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    # Less its rank's gaps, each position need only be no lower than the one before.
    blocks: list[list[float]] = []  # mean of the positions wanted in it, number of labels
    for rank, index in enumerate(order):
        blocks.append([wanted[index] - rank * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (first, below), (second, above) = blocks[-2:]
            blocks[-2:] = [[(first * below + second * above) / (below + above), below + above]]
    ranks = iter(enumerate(order))
    moved = [0.0] * len(wanted)
    for mean, count in blocks:
        for rank, index in itertools.islice(ranks, int(count)):
            moved[index] = max(low, min(mean, high - (len(wanted) - 1) * gap)) + rank * gap
    return moved
