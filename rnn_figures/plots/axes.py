"""Axes of the plots: steps along x, values along y, the hatched steps that do not exist."""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from rnn_figures.palette import COLOURS
from rnn_figures.plots.style import LETTER, SMALL, TEXT, text_width

ALL_TICKS = 16
"""Up to so many steps, each has its number on the axis."""

NAME = 36.0
"""Points between a strip and its letter, unless its numbers need more."""


def step_axis(
    axes: Axes,
    steps: int,
    *,
    symbols: Sequence[str] | None = None,
    reverse: bool = False,
    first: int = 0,
) -> None:
    """Set the x axis to whole steps, numbered, and named by the symbols that were read there.

    Args:
        axes: The lowest of those that share the x axis.
        steps: L.
        symbols: Text under each step; None for the numbers alone.
        reverse: True to remark that the direction reads from right to left.
        first: Number of the first step.

    Raises:
        ValueError: not one symbol for each step.
    """
    axes.set_xlim(first - 0.5, first + steps - 0.5)
    label = "step, read from right to left" if reverse else "step"
    numbers = range(first, first + steps)
    if symbols is not None:
        if len(symbols) != steps:
            raise ValueError(f"expected {steps} symbols, one for each step, got {len(symbols)}")
        numbered = steps <= ALL_TICKS
        names = [
            f"{name}\n{t}" if numbered else name for t, name in zip(numbers, symbols, strict=True)
        ]
        axes.set_xticks(numbers, names)
        label = f"symbol, {label}" if numbered else label
    elif steps <= ALL_TICKS:
        axes.set_xticks(numbers)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, steps=[1, 2, 5, 10]))
    axes.set_xlabel(label)


def name_plot(axes: Axes, letter: str, words: str) -> None:
    """Write a quantity's letter in its colour, then words, above the axes at the left."""
    above: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    _letter(axes, letter, (0, 1), xytext=(0, 6), **above)
    axes.annotate(words, (0, 1), xytext=(15, 6), fontsize=TEXT, **above)


def tick_room(axes: Axes) -> float:
    """Return how many points the numbers of the y axis take, with some space on both sides."""
    labels = axes.yaxis.get_major_formatter().format_ticks(list(axes.get_yticks()))
    return 8.0 + max(map(text_width, labels), default=0.0)


def name_room(strips: Iterable[Axes]) -> float:
    """Return how many points are between strips and their names: enough for all their numbers."""
    return max(NAME, *map(tick_room, strips))


def name_strip(axes: Axes, letter: str, words: str, *, room: float) -> None:
    """Write a quantity's letter in its colour, words below it, at the left of a low strip.

    Args:
        axes: The strip.
        letter: The quantity.
        words: Its name.
        room: Points between the strip and its letter, as `name_room` has them.
    """
    beside: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "ha": "right",
    }
    _letter(axes, letter, (0, 0.5), xytext=(-room, 0), **beside)
    axes.annotate(words, (0, 0.5), xytext=(-room, -4), va="top", fontsize=SMALL, **beside)


def _letter(axes: Axes, letter: str, xy: tuple[float, float], **where: Any) -> None:
    axes.annotate(
        letter,
        xy,
        color=COLOURS[letter],
        fontsize=LETTER,
        fontweight="bold",
        gid=f"q-{letter}-letter",
        **where,
    )


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
        places = [low, (low + high) / 2, high]
        axes.set_yticks(places, [number(place) for place in places])
    else:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10]))
        axes.yaxis.set_major_formatter(lambda value, _: number(value))
    if low < 0 < high:
        axes.axhline(0, color=COLOURS["faint"], linewidth=0.9, zorder=1)


def mark_absent_steps(axes: Axes, length: int, steps: int, *, label: bool = True) -> None:
    """Hatch the steps after a sequence's end: there was no step, not a zero.

    Args:
        axes: Where; its y axis must be set.
        length: Steps that the sequence has.
        steps: Steps on the axis.
        label: True to write "no step" above it.
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
    if label:
        axes.annotate(
            "hatched: no step",
            (1, 1),
            xytext=(0, 6),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            fontsize=SMALL,
        )


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart, as little as needed, so that neighbours are `gap` apart, within bounds.

    Args:
        places: Where each label would like to be.
        gap: Between neighbours.
        low: No label is lower; if they do not all fit, they pass `high`.
        high: No label is higher.

    Examples:
        >>> spread([0.0, 0.0, 5.0], 1.0, -9.0, 9.0), spread([0.0, 0.0, 5.0], 1.0, 0.0, 9.0)
        ([-0.5, 0.5, 5.0], [0.0, 1.0, 5.0])
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    # Less its rank's gaps, each place need only be no lower than the one before.
    blocks: list[list[float]] = []  # mean of the wanted places of its labels, number of labels
    for rank, index in enumerate(order):
        blocks.append([places[index] - rank * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (first, below), (second, above) = blocks[-2:]
            blocks[-2:] = [[(first * below + second * above) / (below + above), below + above]]
    ranks = iter(enumerate(order))
    moved = [0.0] * len(places)
    for mean, count in blocks:
        for rank, index in itertools.islice(ranks, int(count)):
            moved[index] = max(low, min(mean, high - (len(places) - 1) * gap)) + rank * gap
    return moved


def number(value: float) -> str:
    """Write a number with three digits and a real minus sign, for axes and sentences.

    Examples:
        >>> number(-0.12345), number(1.0), number(float("nan"))
        ('−0.123', '1', 'not a number')
    """
    if math.isnan(value):
        return "not a number"
    text = f"{value:.3g}"
    return "0" if text == "-0" else text.replace("-", "−")
