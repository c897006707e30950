"""σ and tanh with their slopes, and where some sums stand on them."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals, digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import write_at
from rnn_figures.plots.curves import BLANK, drawn
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import new_plot, plot_style, strips_of
from rnn_figures.proofs import Comparison, Proof, compare, compare_column

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {"σ": torch.sigmoid, "tanh": torch.tanh}
"""The two that every gated cell is made of, by the sign that equations have."""

POINTS = 241
"""Points that make a curve look round."""


@checked
def squashing_plot(*, sigmoid: Sequence[float] = (), tanh: Sequence[float] = ()) -> Plot:
    """Plot σ, tanh or both, with their slopes as dashes, and a dot for each sum.

    Args:
        sigmoid: Sums that a gate gets; a dot for each stands on σ.
        tanh: Sums that a candidate or a state gets; a dot for each stands on tanh.

    Returns:
        The plot; `data` has value and slope at each sum.

    Raises:
        ValueError: there is no sum.
        ProofError: a curve or a dot is not torch's, or a slope not what its autograd gives.
    """
    both = zip(FUNCTIONS, (sigmoid, tanh), strict=True)
    sums = {name: values for name, values in both if values}
    if not sums:
        raise ValueError("expected a sum to draw a dot for, got none")
    if wrong := [value for values in sums.values() for value in values if not math.isfinite(value)]:
        raise ValueError(f"expected finite sums, got {', '.join(map(str, wrong))}")
    with plot_style():
        plot = new_plot(0.5 + 1.5 * len(sums))
        panels = dict(zip(sums, strips_of(plot, [1] * len(sums), sharex=False), strict=True))
        for name, axes in panels.items():
            _draw(axes, name, torch.tensor(sums[name], dtype=torch.float64))
    rows = []
    for name, one in ((name, one) for name, values in sums.items() for one in values):
        parts = _value_and_slope(name, torch.tensor(one, dtype=torch.float64))
        rows.append((name, one, *(part.item() for part in parts)))
    plot.data = Table(("function", "sum", "value", "slope"), rows)
    runs = {"σ": "σ runs from 0 to 1", "tanh": "tanh runs from −1 to 1"}
    plot.alt = f"{' and '.join(runs[name] for name in sums)}, steep at 0 and flat far from it."
    for name, one, value, slope in rows:
        plot.alt += f" {name} of {digits(one)} is {digits(value)}, its slope there {digits(slope)}."
    proofs = (one for name in sums for one in _comparisons(panels[name], name, sums[name]))
    given = torch.cat([_from_autograd(name, values)[1] for name, values in sums.items()])
    slopes = compare_column(plot.data, "slope", given, within=1e-12)
    plot.proof = Proof("equal to torch's, slopes to its autograd", *proofs, slopes)
    curves = (f"{name}-{of}" for name in sums for of in ("value", "slope"))
    functions = [name for name in sums for _ in sums[name]]
    prove_shown(plot, given={"function": functions}, aside=tuple(curves))
    return plot


def _value_and_slope(name: str, sums: Tensor) -> tuple[Tensor, Tensor]:
    """Return a function's values and slopes, by the formulas that have no gradient to follow."""
    values = FUNCTIONS[name](sums)
    return values, values * (1 - values) if name == "σ" else 1 - values**2


def _from_autograd(name: str, sums: Sequence[float] | np.ndarray) -> tuple[Tensor, Tensor]:
    """Return a function's values, and its slopes from torch's autograd."""
    at = torch.tensor(sums, dtype=torch.float64, requires_grad=True)
    values = FUNCTIONS[name](at)
    (slopes,) = torch.autograd.grad(values.sum(), at)
    return values, slopes


def _draw(axes: Axes, name: str, sums: Tensor) -> None:
    """Draw a function, its slope, and a dot with its value at each sum."""
    reach = max([4.0, *(1.25 * sums.abs()).tolist()])
    line = torch.linspace(-reach, reach, POINTS, dtype=torch.float64)
    values, slopes = _value_and_slope(name, line)
    ink, faint = COLOURS["ink"], COLOURS["faint"]
    axes.plot(line, slopes, color=faint, linestyle=(0, (4, 2)), linewidth=1.4, gid=f"{name}-slope")
    axes.plot(line, values, color=ink, gid=f"{name}-value")
    heights, _ = _value_and_slope(name, sums)
    axes.plot(sums, heights, "o", color=ink, markersize=7, gid=f"{name}-sums")
    low = float(values.min().round())
    axes.set_ylim(low - 0.3, 1.3)
    axes.set_yticks([low, 0, 1] if low else [0, 0.5, 1])
    for one, height in zip(sums.tolist(), heights.tolist(), strict=True):
        side = 1 if one > 0 else -1  # below the curve at the right, above it at the left
        outwards = abs(one) < reach / 2
        write_at(
            axes,
            f"{decimals(one, 2)} → {decimals(height, 2)}",
            (one, height),
            (side * 7, -side * (4 if abs(one) >= 1 else 13)),
            ha="left" if (side > 0) == outwards else "right",
            va="top" if side > 0 else "bottom",
            bbox=BLANK,  # the slope's dashes run there
        )
    top = slopes.max().item()
    # where the curves are not, and no line of the grid
    away, ha = ((-12, 8), "right") if low else ((14, 6), "left")
    words = f"slope, at most {digits(top)}"
    write_at(axes, words, (0, top), away, ha=ha, va="center", color=faint)
    axes.set_title(f"{name}(sum)")
    axes.set_xlabel("sum")


def _comparisons(axes: Axes, name: str, sums: Sequence[float]) -> Iterator[Comparison]:
    """Compare the curves and the dots with torch, and the slopes with its autograd."""
    at = drawn(axes, f"{name}-slope", along="x")
    values, slopes = _from_autograd(name, at)
    yield compare("the sums", drawn(axes, f"{name}-value", along="x"), at)
    yield compare(f"the curve of {name}", drawn(axes, f"{name}-value"), values)
    yield compare(f"the slope of {name}", drawn(axes, f"{name}-slope"), slopes, within=1e-12)
    yield compare(f"the dots on {name}", drawn(axes, f"{name}-sums"), _from_autograd(name, sums)[0])
