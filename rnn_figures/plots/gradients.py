"""How far back gradients reach: one curve for each kind of module, on a logarithmic axis."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.configurations import class_name
from rnn_figures.figures import Plot, Table
from rnn_figures.gradients import difference_from_jacobian, gradient_by_lag
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import number
from rnn_figures.plots.curves import power_axis, powers_of_ten
from rnn_figures.plots.marks import MARKED_STEPS, label_ends, line_ends
from rnn_figures.plots.style import LINES, MARKERS, MOST_LINES, SMALL, new_plot, plot_style
from rnn_figures.plots.words import count
from rnn_figures.traces.tracing import trace

Run = tuple[nn.RNNBase, Tensor | PackedSequence]
"""A module and what it reads."""


class _Curve(NamedTuple):
    """What the runs of one name gave: a row for each lag, a column for each sequence.

    Attributes:
        norms: Gradient norms, (L, sequences).
        products: LSTM: products of the forget gates, (L, sequences·H_cell); else None.
        difference: Largest difference of the first run from torch's Jacobian.
    """

    norms: np.ndarray
    products: np.ndarray | None
    difference: float


def gradient_lag_plot(runs: Mapping[str, Sequence[Run]], *, forget_gates: bool = True) -> Plot:
    """Plot how much the last output depends on the input k steps before it, for several modules.

    A curve is the median over all sequences of all runs of one name, its band reaches from the
    lowest to the highest. For LSTMs a second strip has the product of the top layer's forget gates
    over the same steps, which is the gradient along the cell state alone: the median over units.

    Args:
        runs: By name, modules with what each reads: one for each seed. Up to six names.
        forget_gates: False to leave the second strip out.

    Returns:
        The plot; its table has every curve. The first run of each name was compared with torch's
        own Jacobian.

    Raises:
        ValueError: no runs, or more than six names; active dropout.
        RuntimeError: a gradient is not what torch's own Jacobian says.

    Source:
        Pascanu, Mikolov, Bengio 2013: the norm of a product of Jacobians.

    Examples:
        >>> run = (nn.LSTM(5, 3), torch.zeros(8, 1, 5))
        >>> gradient_lag_plot({"LSTM": [run]}).data.columns
        ('lag', 'LSTM, median', 'LSTM, lowest', 'LSTM, highest', 'LSTM, forget gates')
    """
    if not 1 <= len(runs) <= MOST_LINES or not all(runs.values()):
        raise ValueError(
            f"expected runs of one to {MOST_LINES} names, got "
            f"{', '.join(f'{name}: {len(of_name)}' for name, of_name in runs.items()) or 'none'}"
        )
    curves = {name: _curve(of_name, forget_gates) for name, of_name in runs.items()}
    gated = {name: of.products for name, of in curves.items() if of.products is not None}
    heights = [2.9, 1.3] if gated else [2.9]
    with plot_style():
        plot = new_plot(sum(heights) + 0.75)
        strips = plot.subplots(len(heights), sharex=True, squeeze=False, height_ratios=heights)
        _draw_norms(strips[0, 0], curves)
        if gated:
            places = [list(curves).index(name) for name in gated]
            _draw_products(strips[1, 0], gated, places)
        strips[-1, 0].set_xlabel("lag k: steps back from the last step T")
    plot.alt = _alt(curves)
    plot.data = _table(curves)
    largest = max(curve.difference for curve in curves.values())
    version = torch.__version__.partition("+")[0]
    plot.proof = (
        "the first run of each equal to torch's own Jacobian of nn."
        f"{', nn.'.join(sorted({class_name(of[0][0]) for of in runs.values()}))}, "
        f"torch {version}, to {largest:.0e} of each value"
    )
    return plot


def _curve(runs: Sequence[Run], forget_gates: bool) -> _Curve:
    """Measure the runs of one name, the first also with torch's own Jacobian."""
    by_lag = [gradient_by_lag(*run) for run in runs]
    difference = difference_from_jacobian(*runs[0], by_lag[0])
    gated = [run for run in runs if forget_gates and class_name(run[0]) == "LSTM"]
    return _Curve(
        norms=_beside([norms.double().cpu().numpy() for norms in by_lag]),
        products=_beside([_products(*run) for run in gated]) if gated else None,
        difference=difference,
    )


def _products(module: nn.RNNBase, input: Tensor | PackedSequence) -> np.ndarray:
    """Return the product of f over the last k steps, (L, N·H_cell): 1 for lag 0."""
    run = trace(module, input)
    f = run[-1, 0].f.double().cpu().numpy()
    products = np.full_like(f, np.nan)
    for n, length in enumerate(run.lengths.tolist()):
        from_the_end = f[:length, n][::-1]
        products[0, n] = 1.0
        products[1:length, n] = np.cumprod(from_the_end[:-1], axis=0)
    return products.reshape(len(f), -1)


def _beside(parts: list[np.ndarray]) -> np.ndarray:
    """Put (L, columns) arrays side by side, NaN where one has fewer lags."""
    steps = max(len(part) for part in parts)
    padded = [np.pad(p, ((0, steps - len(p)), (0, 0)), constant_values=np.nan) for p in parts]
    return np.concatenate(padded, axis=1)


def _steps(curve: _Curve) -> str:
    """Say which step T the last output is: "T = 100", or the range over the sequences."""
    last = np.isfinite(curve.norms).sum(axis=0) - 1
    low, high = int(last.min()), int(last.max())
    return f"T = {low}" if low == high else f"T = {low}–{high}"


def _draw_norms(axes: Axes, curves: Mapping[str, _Curve]) -> None:
    """Draw median and band of each name's gradient norms, T beside the title or each name."""
    steps = {name: _steps(curve) for name, curve in curves.items()}
    common = set(steps.values()) if len(set(steps.values())) == 1 else set()
    drawn = []
    for place, curve in enumerate(curves.values()):
        low, median, high = (
            powers_of_ten(quantile) for quantile in np.nanquantile(curve.norms, (0, 0.5, 1), axis=1)
        )
        lags = np.arange(len(median))
        if curve.norms.shape[1] > 1:
            axes.fill_between(lags, low, high, color=COLOURS["ink"], alpha=0.12, gid=f"band{place}")
        _draw_line(axes, median, place, colour="ink", gid=f"gradient{place}")
        drawn += [low, median, high]
    power_axis(axes, np.concatenate(drawn))
    names = [name if common else f"{name}, {steps[name]}" for name in curves]
    label_ends(axes, names, _ends(drawn[1::3]), height=2.9 * 72 - 20)
    axes.set_title("size of ∂output[T] / ∂x[T − k]" + "".join(f", {text}" for text in common))
    runs = {curve.norms.shape[1] for curve in curves.values()}
    if runs != {1}:
        axes.set_title(
            f"median of {' or '.join(map(str, sorted(runs)))}, band: all",
            loc="right",
            fontsize=SMALL,
        )


def _draw_products(axes: Axes, products: Mapping[str, np.ndarray], places: Sequence[int]) -> None:
    """Draw the median product of the forget gates of each name, styled as its gradient."""
    medians = [powers_of_ten(np.nanmedian(of_name, axis=1)) for of_name in products.values()]
    for place, median in zip(places, medians, strict=True):
        _draw_line(axes, median, place, colour="f", gid=f"q-f-product{place}")
    power_axis(axes, np.concatenate(medians))
    label_ends(axes, list(products), _ends(medians), height=1.3 * 72 - 20)
    axes.set_title("product of the last k forget gates f, median unit", color=COLOURS["f"])


def _draw_line(axes: Axes, powers: np.ndarray, place: int, *, colour: str, gid: str) -> None:
    """Draw one curve in the line style and with the marker of its place."""
    axes.plot(
        np.arange(len(powers)),
        powers,
        color=COLOURS[colour],
        linestyle=LINES[place],
        linewidth=1.5,
        marker=MARKERS[place],
        markevery=max(1, len(powers) // (MARKED_STEPS // 2)),
        markeredgecolor=COLOURS["paper"],
        gid=gid,
        zorder=3,
    )


def _ends(lines: Sequence[np.ndarray]) -> list[tuple[float, float]]:
    """Return the last finite point of each line."""
    return [line_ends(line[:, None])[0] for line in lines]


def _alt(curves: Mapping[str, _Curve]) -> str:
    """Say each curve's median at a few lags, and how far its forget gates multiply down."""
    sentences = ["Gradient of the last output with respect to the input k steps before, against k"]
    for name, curve in curves.items():
        median = np.nanmedian(curve.norms, axis=1)
        last = len(median) - 1
        lags = sorted({0, last // 10, last // 2, last})
        told = ", ".join(f"{number(float(median[lag]))} at lag {lag}" for lag in lags)
        of = f"median of {count(curve.norms.shape[1], 'sequence')}, {_steps(curve)}"
        sentence = f"{name} ({of}): {told}"
        if curve.products is not None:
            product = float(np.nanmedian(curve.products[-1]))
            sentence += f"; its forget gates multiply to {number(product)} over {last} steps"
        sentences.append(sentence)
    return ". ".join(sentences) + "."


def _table(curves: Mapping[str, _Curve]) -> Table:
    """List median, lowest and highest of each name, and its forget gates, lag by lag."""
    columns: list[str] = ["lag"]
    values: list[np.ndarray] = []
    for name, curve in curves.items():
        columns += [f"{name}, {which}" for which in ("median", "lowest", "highest")]
        values += [np.nanquantile(curve.norms, part, axis=1) for part in (0.5, 0, 1)]
        if curve.products is not None:
            columns.append(f"{name}, forget gates")
            values.append(np.nanmedian(curve.products, axis=1))
    steps = max(len(column) for column in values)
    rows = [
        (lag, *(float(column[lag]) if lag < len(column) else None for column in values))
        for lag in range(steps)
    ]
    return Table(columns, rows)
