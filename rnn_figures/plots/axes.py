"""Axes of the plots: steps along x, values along y, the hatched steps that do not exist."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator

from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.style import LETTER, SMALL, TEXT, text_width

ALL_TICKS = 16
"""Most steps that all have their number on the axis."""

SYMBOLS = "symbols"
"""The id of an axis whose ticks have symbols alone, without the numbers of their steps."""

HEAT_MAP = "heat map of "
"""How the label of an axes begins whose rows are units; a letter follows. It is not drawn."""

LINES = "lines of "
"""The same of an axes that has a line for each unit."""

NEGATIVE = re.compile(r"^-(?=[\d.])")
"""A number's minus sign, as Python prints it."""

NUMBER = re.compile(r"−?[\d.]+(\n|$)")
"""A number that was read, and below it what it is for."""

NAME = 36.0
"""Points between a strip and its letter, unless its numbers need more."""

ABOVE: dict[str, Any] = {"xycoords": "axes fraction"}
"""How a text stands beside or above the axes: away from a corner or an edge."""


def step_axis(
    axes: Axes,
    steps: int,
    *,
    symbols: Sequence[str] | None = None,
    reverse: bool = False,
    first: int = 0,
) -> None:
    """Set the x axis to whole steps, numbered, and named by the symbols that were read there.

    `axes` is the lowest of those that share the x axis; `first` is the number of the first step. A
    reverse direction is said to read from right to left. Symbols that are numbers are called input.
    """
    axes.set_xlim(first - 0.5, first + steps - 0.5)
    label = "step, read from right to left" if reverse else "step"
    numbers = range(first, first + steps)
    if symbols is not None:  # a number that was read is written as the numbers of the other axis
        symbols = [NEGATIVE.sub("−", symbol) for symbol in symbols]
    if symbols is None:
        whole_ticks(axes.xaxis, numbers)
    elif len(symbols) != steps:
        raise ValueError(f"expected {steps} symbols, one for each step, got {len(symbols)}")
    elif steps <= ALL_TICKS:
        axes.set_xticks(numbers, [f"{name}\n{t}" for t, name in zip(numbers, symbols, strict=True)])
        read = "input" if all(map(NUMBER.match, symbols)) else "symbol"
        label = f"{read}, {label}"
    else:
        axes.set_xticks(numbers, list(symbols))
        axes.xaxis.set_gid(SYMBOLS)
    axes.set_xlabel(label)


def whole_ticks(axis: Axis, numbers: range) -> None:
    """Number an axis of steps, lags or units: each, or where they are many, some whole numbers."""
    if len(numbers) <= ALL_TICKS:
        axis.set_ticks(numbers)
    else:
        axis.set_major_locator(MaxNLocator(nbins=10, integer=True, steps=[1, 2, 5, 10]))


def name_plot(axes: Axes, letter: str, words: str) -> None:
    """Write a quantity's letter in its colour, then words, above the axes at the left."""
    _letter(axes, letter, (0, 1), (0, 6))
    write_at(axes, words, (0, 1), (15, 6), fontsize=TEXT, **ABOVE)


def write_at(
    axes: Axes, text: str, point: tuple[float, float], away: tuple[float, float], **look: Any
) -> Annotation:
    """Write small text at a point, moved right and up by `away`, in points of the page.

    `look` is that of `Axes.annotate`; `xycoords` among it says what the point is in, if not data.
    """
    look = {"textcoords": "offset points", "fontsize": SMALL} | look
    return axes.annotate(text, point, xytext=away, **look)


def tick_width(axes: Axes) -> float:
    """Return how many points the numbers of the y axis take, with some space on both sides."""
    labels = axes.yaxis.get_major_formatter().format_ticks(list(axes.get_yticks()))
    return 8.0 + max(map(text_width, labels), default=0.0)


def name_distance(strips: Iterable[Axes]) -> float:
    """Return how many points are between strips and their names: enough for all their numbers."""
    return max(NAME, *map(tick_width, strips))


def name_strip(axes: Axes, letter: str, words: str, *, distance: float) -> None:
    """Write a quantity's letter in its colour, words below it, at the left of a low strip.

    `distance` is in points, as `name_distance` has it.
    """
    _letter(axes, letter, (0, 0.5), (-distance, 0), ha="right")
    write_at(axes, words, (0, 0.5), (-distance, -6), va="top", ha="right", **ABOVE)


def _letter(
    axes: Axes, letter: str, point: tuple[float, float], away: tuple[float, float], **look: Any
) -> None:
    """Write the letter of a quantity, in its colour."""
    look |= {"color": COLOURS[letter], "fontsize": LETTER, "fontweight": "bold"}
    write_at(axes, letter, point, away, gid=f"q-{letter}-letter", **look, **ABOVE)


def value_limits(values: np.ndarray, bounds: tuple[float, float] | None) -> tuple[float, float]:
    """Return limits that hold every finite value, zero, and what the quantity can be."""
    finite = values[np.isfinite(values)]
    low = float(min(finite.min(initial=0.0), 0.0 if bounds is None else bounds[0]))
    high = float(max(finite.max(initial=0.0), 0.0 if bounds is None else bounds[1]))
    return (low, high) if high > low else (-1.0, 1.0)


def value_axis(
    axes: Axes, values: np.ndarray, bounds: tuple[float, float] | None, *, ticks: int = 4
) -> None:
    """Set the y axis so that nothing is cut, with ticks at the bounds and at zero."""
    low, high = value_limits(values, bounds)
    margin = 0.08 * (high - low)
    axes.set_ylim(low - margin, high + margin)
    if (low, high) == bounds:
        marked = [low, (low + high) / 2, high]
        axes.set_yticks(marked, [digits(value) for value in marked])
    else:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10]))
        axes.yaxis.set_major_formatter(lambda value, _: digits(value))
    if low < 0 < high:
        axes.axhline(0, color=COLOURS["faint"], linewidth=0.9, zorder=1)


def on_paper(axes: Axes, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return where points of the axes are in the plot's SVG, (points, 2): y grows downwards.

    The axes must have their position and limits: their plot was made with `arranged=False`.
    """
    dots = axes.transData.transform(np.column_stack([x, y]))
    figure = axes.get_figure(root=True)
    assert figure is not None
    points = dots * 72 / figure.dpi
    return np.column_stack([points[:, 0], figure.get_size_inches()[1] * 72 - points[:, 1]])


def mark_absent_steps(axes: Axes, length: int, steps: int, *, meaning: str = "no step") -> None:
    """Hatch the steps after a sequence's end: there was no step, not a zero.

    `meaning` is written above the axes, if there is one; the y axis must be set.
    """
    if length >= steps:
        return
    axes.add_patch(
        Rectangle(
            (length - 0.5, 0),
            steps - length,
            1,
            transform=axes.get_xaxis_transform(),
            facecolor="none",
            edgecolor=COLOURS["faint"] + "80",
            hatch=r"\\\\",
            linewidth=0,
        )
    )
    if meaning:
        write_at(axes, f"hatched: {meaning}", (1, 1), (0, 6), ha="right", **ABOVE)
