"""A heat map: a cell per step and unit, for more units than lines could be told apart."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize, same_color, to_hex, to_rgb, to_rgba
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import HEAT_MAP, value_limits
from rnn_figures.plots.style import SMALL
from rnn_figures.traces.selection import Selection

SHADES = 16
"""Shades of a heat map on each side of zero."""

HATCHED_FROM = 0.1
"""Negative cells are hatched beyond this part of the scale; nearer to zero, sign says little."""

HATCH: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": COLOURS["paper"] + "b0",
    "hatch": "//////",
    "zorder": 3,
}
"""Look of the hatch over negative cells."""


def draw_heat_map(axes: Axes, selection: Selection, *, height: float) -> ScalarMappable:
    """Draw a cell per step and unit: as opaque as its value is large; negative ones hatched.

    Positive values have the quantity's colour, negative ones ink and a hatch, so that signs can
    be told apart in print; zero is blank. Opacity, not a mixed colour, carries the size: the
    colours stay those of the palette, and a page can turn them with its scheme. The scale of a
    gate is 0 to 1; any other reaches as far as its largest |value|, the same on both sides of
    zero, so that nothing is cut. Cells of one shade are one patch, which keeps the SVG small.

    Return the scale, for `scale_bar`; its array holds the values, (units, length). `height` is that
    of the axes in points, to know how many rows can be numbered.
    """
    bounds = selection.bounds if selection.is_gate else None
    low, high = value_limits(selection.values, bounds)
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
            fill_cells(axes, columns, rows, cells, **fill, gid=gid)
    hatched = values < -HATCHED_FROM * top
    fill_cells(axes, columns, rows, hatched, **HATCH)
    axes.set_label(HEAT_MAP + selection.letter)
    axes.grid(visible=False)
    axes.set_ylim(len(values) - 0.5, -0.5)
    stride = math.ceil(len(values) * (SMALL + 3) / height)
    rows = range(0, len(values), stride)
    axes.set_yticks(rows, [str(selection.units[row]) for row in rows])
    return scale


def shades(axes: Axes, letter: str) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the shades of a quantity: how opaque, below 0 for ink; and its cells, (cells, 5, 2)."""
    for patch in axes.patches:
        if str(patch.get_gid()).startswith(f"q-{letter}-shade"):
            face: Any = to_rgba(patch.get_facecolor())
            corners: Any = patch.get_path().vertices
            sign = -1 if same_color(to_hex(face), COLOURS["ink"]) else 1
            yield sign * face[3], np.asarray(corners).reshape(-1, 5, 2)


def drawn_cells(axes: Axes, letter: str, shape: tuple[int, int]) -> np.ndarray:
    """Return the shade of each cell of a heat map, (units, length), as `shades` has it."""
    found = np.zeros(shape)
    for shade, cells in shades(axes, letter):
        for corners in cells:
            (left, low), (right, high) = np.rint(corners[[0, 2]] + 0.5).astype(int)
            found[low:high, left:right] = shade
    return found


def scale_bar(axes: Axes, scale: ScalarMappable) -> Axes:
    """Draw the heat map's scale at its right: lowest, zero and highest, negative part hatched."""
    figure = axes.get_figure()
    assert figure is not None
    bar = figure.colorbar(scale, ax=axes, fraction=0.05, pad=0.015, aspect=12)
    bar.outline.set(edgecolor=COLOURS["faint"], linewidth=0.6)
    low, high = scale.get_clim()
    marked = [low, 0.0, high] if low < 0 else [low, high / 2, high]
    bar.set_ticks(marked, labels=[digits(value) for value in marked])
    bar.ax.grid(visible=False)
    assert bar.solids is not None  # a filled scale, not one of lines
    bar.solids.set_antialiased(False)
    if low < 0:
        edges = np.array([low, -HATCHED_FROM * high])
        fill_cells(bar.ax, np.array([0.0, 1.0]), edges, np.array([[True]]), **HATCH)
    return bar.ax


def _shades(letter: str, *, negative: bool) -> ListedColormap:
    """Return the colours of a heat map: opacity grows away from zero, on both sides or on one."""
    up = [(*to_rgb(COLOURS[letter]), shade / SHADES) for shade in range(1, SHADES + 1)]
    down = [(*to_rgb(COLOURS["ink"]), shade / SHADES) for shade in range(SHADES, 0, -1)]
    zero = [(*to_rgb(COLOURS[letter]), 0.0)]
    return ListedColormap([*down, *zero, *up] if negative else [*zero, *up])


def runs(chosen: np.ndarray) -> np.ndarray:
    """Return where each run of neighbours that are all chosen starts and stops, (runs, 2).

    Examples:
        >>> runs(np.array([True, True, False, True])).tolist()
        [[0, 2], [3, 4]]
    """
    return np.flatnonzero(np.diff(np.concatenate(([False], chosen, [False])))).reshape(-1, 2)


def fill_cells(
    axes: Axes, columns: np.ndarray, rows: np.ndarray, chosen: np.ndarray, **look: Any
) -> None:
    """Fill the chosen cells, (rows, columns), as one patch; neighbours in a row as one piece."""
    corners, codes = [], []
    for row, cells in enumerate(chosen):
        for start, stop in runs(cells):
            left, right, low, high = columns[start], columns[stop], rows[row], rows[row + 1]
            corners += [(left, low), (right, low), (right, high), (left, high), (left, low)]
            codes += [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
    if corners:
        # as an artist: for a patch, the extent of each corner is found for limits that are set
        axes.add_artist(PathPatch(Path(corners, codes), linewidth=0, **look))
