"""Several runs of the same steps over each other, and how far apart they are."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from rnn_figures.arguments import at_least, checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import counted, decimals, digits
from rnn_figures.palette import COLOURS, NAMES
from rnn_figures.plots.axes import (
    ABOVE,
    name_distance,
    name_plot,
    name_strip,
    step_axis,
    value_axis,
    write_at,
)
from rnn_figures.plots.curves import look, name_ends
from rnn_figures.plots.selections import NUMBERED_STEPS
from rnn_figures.plots.style import MOST_LINES, SMALL, new_plot, plot_style, strips_of

NAMED = 0.01
"""Least distance whose bar has its number, as a part of the largest: the others are flat, and their
numbers long."""

Series = dict[str, np.ndarray]
"""Name of each run, and its numbers, (L, H), or how far it is from the first, (L,); float64."""


@checked
def comparison_plot(
    series: Mapping[str, Tensor],
    *,
    difference: bool = True,
    quantity: str = "h",
    symbols: Sequence[str] | None = None,
    first_step: int = 0,
) -> Plot:
    """Plot runs of the same steps over each other, and below them how far each is from the first.

    A strip per unit, up to six of them; with more units the distance alone. The distance at a
    step is the largest |difference| over the units.

    Args:
        series: By name, tensors of one shape, (L,) or (L, H); up to six.
        difference: False to leave the distance out.
        quantity: Whose colour and letter the runs have.
        symbols: Text under each step.
        first_step: Number of the first step on the axis.

    Returns:
        The plot; `data` has every number, and the difference of each run from the first.

    Raises:
        TypeError: complex numbers.
        ValueError: an unknown quantity; no series, more than six, or of different shapes; nothing
            in them; a single one with `difference`; more than six units without it; not one symbol
            for each step.

    Examples:
        >>> plot = comparison_plot({"a": torch.tensor([0.0, 1.0]), "b": torch.tensor([0.0, 0.5])})
        >>> plot.data.rows
        ((0, 0, 0.0, 0.0, 0.0), (1, 0, 1.0, 0.5, -0.5))
    """
    at_least(0, first_step=first_step)
    runs = _as_arrays(series, quantity, difference)
    distances = _distances(runs) if difference else {}
    steps, units = next(iter(runs.values())).shape
    drawn = range(units if units <= MOST_LINES else 0)
    heights = [1.7 if units == 1 else 0.75] * len(drawn) + [1.0] * difference
    numbers = np.arange(first_step, first_step + steps)
    with plot_style():
        plot = new_plot(0.9 + sum(heights) + 0.15 * len(heights))
        strips = strips_of(plot, heights)
        for unit in drawn:
            columns = {name: run[:, unit] for name, run in runs.items()}
            _draw_runs(strips[unit], numbers, columns, quantity=quantity, contrast=difference)
        if difference:
            _draw_distances(strips[-1], numbers, distances)
        _name_strips(strips, quantity, units, next(iter(runs)) if difference else "")
        if drawn:
            _name_runs(plot, strips[0], runs, numbers)
        step_axis(strips[-1], steps, symbols=symbols, first=first_step)
    plot.alt = _alt(runs, distances, quantity, first_step)
    plot.data = _table(runs, list(distances), first_step)
    return plot


def _name_runs(plot: Plot, strip: Axes, runs: Series, steps: np.ndarray) -> None:
    """Name the runs: at the ends of their lines if there is one strip, else in a legend."""
    if next(iter(runs.values())).shape[1] == 1:
        lines = {name: run[:, 0] for name, run in runs.items()}
        name_ends(strip, lines, height=1.7 * 72, x=steps)
    else:
        plot.legend(*strip.get_legend_handles_labels(), loc="outside lower center", ncols=3)


def _as_arrays(series: Mapping[str, Tensor], quantity: str, difference: bool) -> Series:
    """Return each run as (L, H) float64, after checking that they can be compared."""
    if quantity not in NAMES:
        raise ValueError(f"expected a quantity of {', '.join(NAMES)}, got {quantity!r}")
    if not 1 + difference <= len(series) <= MOST_LINES:
        least = "two" if difference else "one"
        raise ValueError(f"expected {least} to {MOST_LINES} series, got {len(series)}")
    for name, values in series.items():
        if values.is_complex():
            raise TypeError(
                f"expected series of real numbers, got {name} as "
                f"{str(values.dtype).removeprefix('torch.')}; series[{name!r}].abs() is the size "
                "of each"
            )
    runs = {
        name: values.detach().to("cpu", torch.float64).numpy() for name, values in series.items()
    }
    shapes = {run.shape for run in runs.values()}
    empty = any(not run.size for run in runs.values())
    if empty or len(shapes) > 1 or len(next(iter(shapes))) not in (1, 2):
        told = ", ".join(f"{name} {run.shape}" for name, run in runs.items())
        filled = ", with a number in it" if empty else ""
        raise ValueError(f"expected series of one shape, (L,) or (L, H){filled}, got {told}")
    runs = {name: run.reshape(len(run), -1) for name, run in runs.items()}  # (L,) -> (L, 1)
    units = next(iter(runs.values())).shape[1]
    if units > MOST_LINES and not difference:
        raise ValueError(
            f"expected at most {MOST_LINES} units to draw one by one, got {units}; "
            "pass some of the columns, or difference=True"
        )
    return runs


def _draw_runs(
    axes: Axes,
    numbers: np.ndarray,
    columns: Mapping[str, np.ndarray],
    *,
    quantity: str,
    contrast: bool,
) -> None:
    """Draw one unit of every run; in contrast, the first is a wide line and the others are ink."""
    for index, (name, values) in enumerate(columns.items()):
        shown: dict[str, Any] = {"color": COLOURS[quantity], "gid": f"q-{quantity}-run{index}"}
        if contrast and index:
            shown = {"color": COLOURS["ink"], "gid": f"run{index}", "linewidth": 1.3}
        elif contrast:  # still seen where another run lies on it
            shown |= {"linewidth": 3.6, "markersize": 8}
        shown |= look(index, len(numbers)) | {"label": name, "zorder": 3 + index}
        axes.plot(numbers, values, **shown)
    value_axis(axes, np.concatenate(list(columns.values())), None, ticks=4)


def _draw_distances(axes: Axes, numbers: np.ndarray, distances: Mapping[str, np.ndarray]) -> None:
    """Draw how far each run is from the first: bars for one run, lines for several."""
    finite = np.nan_to_num(np.stack(list(distances.values())), posinf=0.0)
    top = float(finite.max()) or 1.0
    several = len(distances) > 1
    for index, (name, distance) in enumerate(distances.items(), start=1):
        if several:
            thin = {"color": COLOURS["ink"], "linewidth": 1.3}
            axes.plot(numbers, distance, **thin | look(index, len(numbers)))
        else:
            axes.bar(numbers, distance, width=0.5, color=COLOURS["faint"], label=name, zorder=3)
    axes.set_ylim(-0.08 * top, 1.3 * top)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter(lambda value, _: digits(value))
    if not any(distance.any() for distance in distances.values()):
        axes.set_yticks([0])
        axes.annotate("exactly 0 at every step", (0.5, 0.45), xycoords="axes fraction", ha="center")
    elif several:
        name_ends(axes, distances, height=72, x=numbers)
    elif len(numbers) <= NUMBERED_STEPS:
        places = 1 - math.floor(math.log10(top))  # two digits of the largest
        for t, value in zip(numbers, *distances.values(), strict=True):
            if 0 < value < NAMED * top:
                continue
            plain = 0 <= places <= 3 and not 0 < value < 10**-places
            written = decimals(value, places) if plain else digits(value, 1)
            write_at(axes, written, (t, value), (0, 2), ha="center")


def _name_strips(strips: Sequence[Axes], quantity: str, units: int, first: str) -> None:
    """Name the strips of the units; then that of the distances from the run `first`, if any.

    One unit's names stand above its strips: beside them they would take a quarter of the width.
    """
    if units == 1:
        name_plot(strips[0], quantity, NAMES[quantity])
        if first:
            strips[-1].set_title(f"difference from {first}", fontsize=SMALL)
        return
    distance = name_distance(strips)
    for unit in range(len(strips) - bool(first)):
        name_strip(strips[unit], quantity, f"unit {unit}", distance=distance)
    if first:
        beside: dict[str, Any] = ABOVE | {"ha": "right"}
        last, edge = strips[-1], (0, 0.5)
        write_at(last, "difference", edge, (-distance, 1), fontweight="bold", **beside)
        write_at(last, f"from {first}", edge, (-distance, -3), va="top", **beside)


def _distances(runs: Series) -> Series:
    """Return the largest |difference| over units from the first run, (L,) for each other run."""
    first, *others = runs
    with np.errstate(invalid="ignore"):  # a run may hold inf - inf
        return {name: np.abs(runs[name] - runs[first]).max(axis=1) for name in others}


def _table(runs: Series, others: Sequence[str], first_step: int) -> Table:
    """List every number of every run, and its difference from the first run's."""
    first, values = next(iter(runs)), np.stack([*runs.values()], axis=-1)  # (L, H, runs)
    rows = []
    for t, unit in np.ndindex(values.shape[:2]):
        own, *rest = values[t, unit].tolist()
        apart = [value - own for value in rest] if others else []
        rows.append((first_step + t, unit, own, *rest, *apart))
    return Table(("step", "unit", *runs, *(f"{name} − {first}" for name in others)), rows)


def _alt(runs: Series, distances: Series, quantity: str, first_step: int) -> str:
    """Describe how each run goes and how far the others are from the first, step by step."""
    steps, units = next(iter(runs.values())).shape
    last = first_step + steps - 1
    names = " and ".join(runs) if len(runs) == 2 else ", ".join(runs)
    what = f"{NAMES[quantity]} {quantity}, {counted(units, 'unit')}, steps {first_step} to {last}"
    words = [f"{names}: {what}."]
    if units == 1:
        for name, run in runs.items():
            told = map(digits, run[:, 0])
            course = ", ".join(told) if steps <= NUMBERED_STEPS else _ends(run)
            words.append(f"{name}: {course}.")
    for name, distance in distances.items():
        words.append(_distance_in_words(name, next(iter(runs)), distance, first_step))
    return " ".join(words)


def _ends(run: np.ndarray) -> str:
    return (
        f"from {digits(run[0, 0])} to {digits(run[-1, 0])}, "
        f"lowest {digits(run.min())}, highest {digits(run.max())}"
    )


def _distance_in_words(name: str, first: str, distance: np.ndarray, first_step: int) -> str:
    """Describe how far one run is from the first: at most, and at each step if they are few."""
    if not distance.any():
        return f"{name} equals {first} exactly at every step."
    worst = int(distance.argmax())
    words = (
        f"Largest difference of {name} from {first}: {digits(distance[worst])} "
        f"(step {first_step + worst})"
    )
    if len(distance) <= NUMBERED_STEPS:
        words += f"; by step {', '.join(digits(value, 2) for value in distance)}"
    return words + "."
