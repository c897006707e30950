"""What is drawn inside the axes: lines for a few units, a heat map for many."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize, to_rgb
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import number, spread, value_limits
from rnn_figures.plots.style import LINES, MARKERS, SMALL
from rnn_figures.traces.selection import Selection

SHADES = 16
"""Shades of a heat map on each side of zero."""

MARKED_STEPS = 24
"""Up to so many steps, each has its marker."""

NUMBERED_STEPS = 12
"""Up to so many steps, a single line has its numbers."""

WIDE_STEPS = 8
"""Up to so many steps, there is room for three decimals."""

BESIDE = 14.0
"""Points between the end of a line and its name."""

HATCHED_FROM = 0.1
"""Negative cells are hatched beyond this part of the scale; nearer to zero, sign says little."""

BLANK = {"facecolor": COLOURS["paper"], "edgecolor": COLOURS["paper"], "linewidth": 1, "pad": 0.5}
"""Box that keeps a text readable over lines and hatches; the stroke keeps it on a themed page."""

HATCH: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": COLOURS["paper"] + "b0",
    "hatch": "//////",
    "zorder": 3,
}
"""Look of the hatch over negative cells."""


def draw_lines(axes: Axes, selection: Selection, *, line: Any = None) -> None:
    """Draw a line per unit in the quantity's colour; marker and line style tell units apart.

    Args:
        axes: Where.
        selection: At most six units.
        line: One line style for all units, when it already stands for the quantity; None for one
            style per unit.
    """
    steps = len(selection.values)
    every = 1 if steps <= MARKED_STEPS else -(-steps // (MARKED_STEPS // 2))
    colour = COLOURS[selection.letter]
    width = 1.8 if steps <= MARKED_STEPS else 1.1
    if len(selection.units) == 1:
        axes.fill_between(
            np.arange(selection.length), selection.valid[:, 0], color=colour, alpha=0.1, zorder=1
        ).set_gid(f"q-{selection.letter}-area")
    for place, unit in enumerate(selection.units):
        axes.plot(
            np.arange(steps),
            selection.values[:, place],
            color=colour,
            linestyle=LINES[place] if line is None else line,
            linewidth=width,
            marker=MARKERS[place],
            markevery=every,
            markeredgecolor=COLOURS["paper"],
            label=f"unit {unit}",
            gid=f"q-{selection.letter}-unit{unit}",
            zorder=3,
        )


def label_lines(axes: Axes, selection: Selection, *, height: float) -> None:
    """Name each unit at the end of its line; for a single one write its numbers, if they fit."""
    if len(selection.units) > 1:
        names = [f"unit {unit}" for unit in selection.units]
        label_ends(axes, names, line_ends(selection.valid), height=height)
    elif len(selection.values) <= NUMBERED_STEPS:
        label_values(axes, selection, height=height)


def label_ends(
    axes: Axes, names: Sequence[str], ends: Sequence[tuple[float, float]], *, height: float
) -> None:
    """Write each line's name at its right end, moved apart where two would overlap.

    Args:
        axes: Where; its limits must be set.
        names: One for each line.
        ends: Last point of each line, (step, value).
        height: Height of the axes in points, to know what overlaps.
    """
    low, high = axes.get_ylim()
    points = [(value - low) / (high - low) * height for _, value in ends]
    moved = spread(points, SMALL + 2.5, SMALL / 2, height - SMALL / 2)
    for name, end, start, place in zip(names, ends, points, moved, strict=True):
        tether = {"arrowstyle": "-", "color": COLOURS["faint"], "linewidth": 0.7, "shrinkB": 4}
        axes.annotate(
            name,
            xy=end,
            xytext=(BESIDE, place - start),
            textcoords="offset points",
            annotation_clip=False,
            va="center",
            fontsize=SMALL,
            arrowprops=tether | {"shrinkA": 1} if abs(place - start) > 3 else None,
            bbox=BLANK,
            zorder=5,
        )


def label_values(axes: Axes, selection: Selection, *, height: float) -> None:
    """Write the numbers of a single line at its points, where they change from step to step.

    Above the point, but below it where the line turns up again; the y axis grows to hold them.
    """
    values = selection.valid[:, 0]
    decimals = 3 if len(selection.values) <= WIDE_STEPS else 2
    texts = [written(value, decimals=decimals) for value in values]
    beside = np.concatenate(([-np.inf], values, [-np.inf]))
    valley = (values < beside[:-2]) & (values <= beside[2:])
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
    room = (SMALL + 8) / height * (high - low)
    finite = np.isfinite(values)
    axes.set_ylim(
        (values[valley & finite] - room).min(initial=low),
        (values[~valley & finite] + room).max(initial=high),
    )
    for t, (value, text) in enumerate(zip(values, texts, strict=True)):
        if np.isfinite(value) and (t == 0 or text != texts[t - 1]):
            axes.annotate(
                text,
                (t, value),
                xytext=(0, -5 if valley[t] else 5),
                textcoords="offset points",
                ha="center",
                va="top" if valley[t] else "bottom",
                fontsize=SMALL,
                zorder=4,
            )


def written(value: float, *, decimals: int) -> str:
    """Write a value with fixed decimals, whole numbers without: 1 is exact, 1.00 is near it.

    Examples:
        >>> written(1.0, decimals=2), written(0.9993, decimals=2), written(-0.305, decimals=3)
        ('1', '1.00', '−0.305')
    """
    text = f"{value:.0f}" if value == round(value) else f"{value:.{decimals}f}"
    return "0" if text == "-0" else text.replace("-", "−")


def line_ends(values: np.ndarray, *, first_step: int = 0) -> list[tuple[float, float]]:
    """Return the last finite point of each line, or the last step at 0 if it has none.

    Args:
        values: A line per column, (steps, lines).
        first_step: Number of the first step.
    """
    ends = []
    for column in values.T:
        (finite,) = np.nonzero(np.isfinite(column))
        last = int(finite[-1]) if len(finite) else len(column) - 1
        ends.append((float(first_step + last), float(column[last]) if len(finite) else 0.0))
    return ends


def draw_heat_map(axes: Axes, selection: Selection, *, height: float) -> ScalarMappable:
    """Draw a cell per step and unit: as opaque as its value is large; negative ones hatched.

    Positive values have the quantity's colour, negative ones ink and a hatch, so that signs can
    be told apart in print; zero is blank. Opacity, not a mixed colour, carries the size: the
    colours stay those of the palette, and a page can turn them with its scheme. The scale of a
    gate is 0 to 1; any other reaches as far as its largest |value|, the same on both sides of
    zero, so that nothing is cut. Cells of one shade are one patch, which keeps the SVG small.

    Args:
        axes: Where; x must be set to whole steps.
        selection: Any number of units.
        height: Height of the axes in points, to know how many rows can be numbered.

    Returns:
        The scale, for `scale_bar`; its array holds the values, (units, length).
    """
    gate = selection.bounds == (0.0, 1.0)
    low, high = value_limits(selection.values, selection.bounds if gate else None)
    top = max(-low, high)
    scale = ScalarMappable(
        Normalize(-top if low < 0 else 0.0, top), _shades(selection.letter, negative=low < 0)
    )
    values = selection.valid.T  # (length, units) -> (units, length)
    scale.set_array(values)
    columns, rows = np.arange(selection.length + 1) - 0.5, np.arange(len(values) + 1) - 0.5
    colours = scale.to_rgba(np.ma.masked_invalid(values))
    for shade, colour in enumerate(np.unique(colours.reshape(-1, 4), axis=0)):
        if colour[3] > 0:
            cells = (colours == colour).all(axis=-1)
            fill = {"facecolor": tuple(colour), "antialiased": False, "zorder": 2}
            gid = f"q-{selection.letter}-shade{shade}"
            _fill_cells(axes, columns, rows, cells, **fill, gid=gid)
    hatched = values < -HATCHED_FROM * top
    _fill_cells(axes, columns, rows, hatched, **HATCH)
    axes.grid(visible=False)
    axes.set_ylim(len(values) - 0.5, -0.5)
    stride = math.ceil(len(values) * (SMALL + 3) / height)
    rows = range(0, len(values), stride)
    axes.set_yticks(rows, [str(selection.units[row]) for row in rows])
    return scale


def scale_bar(axes: Axes, scale: ScalarMappable) -> Axes:
    """Draw the heat map's scale at its right: lowest, zero and highest, negative part hatched."""
    figure = axes.get_figure()
    assert figure is not None
    bar = figure.colorbar(scale, ax=axes, fraction=0.05, pad=0.015, aspect=12)
    bar.outline.set(edgecolor=COLOURS["faint"], linewidth=0.6)
    low, high = scale.get_clim()
    places = [low, 0.0, high] if low < 0 else [low, high / 2, high]
    bar.set_ticks(places, labels=[number(place) for place in places])
    bar.ax.grid(visible=False)
    assert bar.solids is not None  # a filled scale, not one of lines
    bar.solids.set_antialiased(False)
    if low < 0:
        edges = np.array([low, -HATCHED_FROM * high])
        _fill_cells(bar.ax, np.array([0.0, 1.0]), edges, np.array([[True]]), **HATCH)
    return bar.ax


def _shades(letter: str, *, negative: bool) -> ListedColormap:
    """Return the colours of a heat map: opacity grows away from zero, on both sides or on one."""
    up = [(*to_rgb(COLOURS[letter]), shade / SHADES) for shade in range(1, SHADES + 1)]
    down = [(*to_rgb(COLOURS["ink"]), shade / SHADES) for shade in range(SHADES, 0, -1)]
    zero = [(*to_rgb(COLOURS[letter]), 0.0)]
    return ListedColormap([*down, *zero, *up] if negative else [*zero, *up])


def _fill_cells(
    axes: Axes, columns: np.ndarray, rows: np.ndarray, chosen: np.ndarray, **look: Any
) -> None:
    """Fill the chosen cells, (rows, columns), as one patch; neighbours in a row as one piece."""
    corners, codes = [], []
    for row, cells in enumerate(chosen):
        changes = np.flatnonzero(np.diff(np.concatenate(([False], cells, [False]))))
        for start, stop in changes.reshape(-1, 2):
            left, right, low, high = columns[start], columns[stop], rows[row], rows[row + 1]
            corners += [(left, low), (right, low), (right, high), (left, high), (left, low)]
            codes += [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
    if corners:
        axes.add_patch(PathPatch(Path(corners, codes), linewidth=0, **look))
