"""How every plot looks: size, type, grid, and the marks that tell units apart without colour."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes

from rnn_figures.figures import Plot
from rnn_figures.palette import COLOURS

WIDTH = 5.0
"""Inches, of every plot: as much as a phone shows at once, its text still readable."""

SMALL, TEXT, LETTER = 9, 10, 14
"""Points: numbers and remarks, titles, the letter of a quantity."""

MARKERS = ("o", "s", "^", "D", "v", "P")
"""Marker of each line in its plot: a line is known without its colour."""

LINES = ("solid", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (9, 2)), (0, (2, 2.5)))
"""Line style of each line in its plot."""

MOST_LINES = len(MARKERS)
"""More lines than this are drawn as a heat map."""

STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": COLOURS["faint"],
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": COLOURS["ink"],
    "axes.labelsize": SMALL,
    "axes.linewidth": 0.8,
    "axes.spines.bottom": False,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": COLOURS["ink"],
    "axes.titlelocation": "left",
    "axes.titlesize": TEXT,
    "axes.titleweight": "normal",
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "font.size": SMALL,
    "grid.alpha": 0.22,
    "grid.color": COLOURS["faint"],
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markeredgewidth": 0.8,
    "lines.markersize": 5.8,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0,
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["faint"],
    "xtick.labelcolor": COLOURS["ink"],
    "xtick.labelsize": SMALL,
    "xtick.major.size": 0,
    "ytick.color": COLOURS["faint"],
    "ytick.labelcolor": COLOURS["ink"],
    "ytick.labelsize": SMALL,
    "ytick.major.size": 0,
}
"""Matplotlib settings of every plot, over matplotlib's own defaults."""


def text_width(text: str) -> float:
    """Return about how wide a line of small text is, in points, in a wide font (DejaVu Sans)."""
    wide = {**dict.fromkeys("0123456789", 0.64), **dict.fromkeys("+−", 0.84)}
    return SMALL * sum(wide.get(letter, 0.54) for letter in text)


@contextlib.contextmanager
def plot_style() -> Iterator[None]:
    """Draw in this style, whatever settings the caller's notebook has."""
    with matplotlib.style.context(["default", STYLE]):
        yield


def new_plot(height: float, *, arranged: bool = True) -> Plot:
    """Return an empty, transparent plot of the common width; its height is in inches.

    matplotlib finds the space that texts need, which takes as long as to draw; not arranged, the
    caller gives it.
    """
    return Plot(figsize=(WIDTH, height), layout="constrained" if arranged else None)


def strips_of(plot: Plot, heights: Sequence[float], **options: Any) -> list[Axes]:
    """Add axes one below the other, as high as these are to each other; they share their x axis.

    `options` are those of `Figure.subplots`.
    """
    shared = {"sharex": True, "squeeze": False, "height_ratios": heights} | options
    return list(plot.subplots(len(heights), **shared)[:, 0])
