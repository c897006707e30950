"""How far back gradients reach: one curve for each kind of module, on a logarithmic axis."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.figures import Plot, Table
from rnn_figures.gradients import compare_with_jacobian, gradient_by_lag, products_after
from rnn_figures.numbers import counted, digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import whole_ticks
from rnn_figures.plots.curves import draw_powers, drawn, powers_of_ten
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import MOST_LINES, SMALL, new_plot, plot_style, strips_of
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces import trace

Run = tuple[nn.RNNBase, Tensor | PackedSequence]
"""A module and what it reads."""

SIZE, LAG = "size of ∂output[T] / ∂x[T − k]", "lag k: steps back from the last step T"
"""What is drawn, and along what."""


class _Curve(NamedTuple):
    """What the runs of one name gave: a row for each lag, a column for each sequence.

    Attributes:
        norms: Gradient norms, (L, sequences).
        products: LSTM: products of the forget gates, (L, sequences·H_cell); else None.
        compared: The first run held to torch's own Jacobian.
    """

    norms: np.ndarray
    products: np.ndarray | None
    compared: Comparison

    @property
    def median(self) -> np.ndarray:
        """The median over the sequences at each lag, (L,)."""
        return np.nanquantile(self.norms, 0.5, axis=1)


@checked
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
        ProofError: a gradient is not what torch's own Jacobian says, or a curve not the gradients'.

    Source:
        Pascanu, Mikolov, Bengio 2013: the norm of a product of Jacobians.

    Examples:
        >>> run = (nn.LSTM(5, 3), torch.zeros(8, 1, 5))
        >>> gradient_lag_plot({"LSTM": [run]}).data.columns
        ('lag', 'LSTM, median', 'LSTM, lowest', 'LSTM, highest', 'LSTM, forget gates')
    """
    if not isinstance(runs, Mapping):
        raise TypeError(
            f"expected runs by name, such as {{'LSTM': [(lstm, x)]}}, got a {type(runs).__name__}"
        )
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
        strips = strips_of(plot, heights)
        _draw_norms(strips[0], curves)
        if gated:
            looks = [list(curves).index(name) for name in gated]
            _draw_products(strips[1], gated, looks)
        longest = max(len(curve.norms) for curve in curves.values())
        whole_ticks(strips[-1].xaxis, range(longest))
        strips[-1].set_xlabel(LAG)
    plot.alt = _alt(curves)
    plot.data = _table(curves)
    kinds = ", nn.".join(sorted({class_name(of_name[0][0]) for of_name in runs.values()}))
    plot.proof = Proof(
        f"the first run of each equal, in parts of it, to torch's own Jacobian of nn.{kinds}",
        *(curve.compared for curve in curves.values()),
        *_compare_drawn(plot, curves),
    )
    prove_shown(plot, given={"lag": range(longest)} | _columns(curves, longest))
    return plot


def norms_by_lag(runs: Sequence[Run]) -> tuple[list[np.ndarray], Comparison]:
    """Return each run's gradient norms, (L, N), the first's held to torch's own Jacobian."""
    by_lag = [gradient_by_lag(*run) for run in runs]
    compared = compare_with_jacobian(*runs[0], by_lag[0])
    return [norms.double().cpu().numpy() for norms in by_lag], compared


def _curve(runs: Sequence[Run], forget_gates: bool) -> _Curve:
    """Measure the runs of one name."""
    norms, compared = norms_by_lag(runs)
    gated = [run for run in runs if forget_gates and class_name(run[0]) == "LSTM"]
    return _Curve(
        norms=_beside(norms),
        products=_beside([_products(*run) for run in gated]) if gated else None,
        compared=compared,
    )


def _products(module: nn.RNNBase, input: Tensor | PackedSequence) -> np.ndarray:
    """Return the product of f over the last k steps, (L, N·H_cell): 1 for lag 0."""
    run = trace(module, input)
    f = run[-1, 0].f.double().cpu()
    products = torch.full_like(f, torch.nan)
    for n, length in enumerate(run.lengths.tolist()):
        products[:length, n] = products_after(f[:length, n]).flip(0)
    return products.flatten(1).numpy()


def _beside(parts: list[np.ndarray]) -> np.ndarray:
    """Put (L, columns) arrays side by side, NaN where one has fewer lags."""
    steps = max(len(part) for part in parts)
    padded = [np.pad(p, ((0, steps - len(p)), (0, 0)), constant_values=np.nan) for p in parts]
    return np.concatenate(padded, axis=1)


def _steps(curve: _Curve) -> str:
    """Return which step T the last output is: "T = 100", or the range over the sequences."""
    last = np.isfinite(curve.norms).sum(axis=0) - 1
    low, high = int(last.min()), int(last.max())
    return f"T = {low}" if low == high else f"T = {low}–{high}"


def _draw_norms(axes: Axes, curves: Mapping[str, _Curve]) -> None:
    """Draw median and band of each name's gradient norms, T beside the title or each name."""
    steps = {name: _steps(curve) for name, curve in curves.items()}
    common = steps[next(iter(steps))] if len(set(steps.values())) == 1 else ""
    bands = {
        index: np.nanquantile(curve.norms, (0, 1), axis=1)
        for index, curve in enumerate(curves.values())
        if curve.norms.shape[1] > 1
    }
    draw_powers(
        axes,
        {name if common else f"{name}, {steps[name]}": of.median for name, of in curves.items()},
        colour="ink",
        gid="gradient",
        height=2.9 * 72 - 20,
        bands=bands,
        linewidth=1.5,
    )
    axes.set_title(SIZE + (common and f", {common}"))
    if bands:
        runs = sorted({curve.norms.shape[1] for curve in curves.values()})
        title = f"median of {' or '.join(map(str, runs))}, band: all"
        axes.set_title(title, loc="right", fontsize=SMALL)


def _draw_products(axes: Axes, products: Mapping[str, np.ndarray], looks: Sequence[int]) -> None:
    """Draw the median product of the forget gates of each name, styled as its gradient."""
    medians = {name: np.nanmedian(of_name, axis=1) for name, of_name in products.items()}
    options: dict[str, Any] = {"looks": looks, "linewidth": 1.5}
    draw_powers(axes, medians, colour="f", gid="q-f-product", height=1.3 * 72 - 20, **options)
    axes.set_title("product of the last k forget gates f, median unit", color=COLOURS["f"])


def _compare_drawn(plot: Plot, curves: Mapping[str, _Curve]) -> Iterator[Comparison]:
    """Compare each curve drawn, and its column, with the median of the gradients."""
    for index, (name, curve) in enumerate(curves.items()):
        line = drawn(plot.axes[0], f"gradient{index}")
        yield compare(f"the curve of {name}", line, powers_of_ten(curve.median))
        listed = [row[f"{name}, median"] for row in plot.data][: len(curve.norms)]
        yield compare(f"the median of {name}", listed, curve.median)


def _columns(curves: Mapping[str, _Curve], longest: int) -> dict[str, np.ndarray]:
    """Return the columns of the table that no line has."""
    found = {}
    for name, curve in curves.items():
        for which, of in (("lowest", np.nanmin), ("highest", np.nanmax)):
            found[f"{name}, {which}"] = _filled(of(curve.norms, axis=1), longest)
        if curve.products is not None:
            products = np.nanmedian(curve.products, axis=1)
            found[f"{name}, forget gates"] = _filled(products, longest)
    return found


def _filled(values: np.ndarray, steps: int) -> np.ndarray:
    """Return values with NaN at the lags that they do not have."""
    return np.pad(values, (0, steps - len(values)), constant_values=np.nan)


def _alt(curves: Mapping[str, _Curve]) -> str:
    """Describe each curve's median at a few lags, and how far its forget gates multiply down."""
    sentences = ["Gradient of the last output with respect to the input k steps before, against k"]
    for name, curve in curves.items():
        median = curve.median
        last = len(median) - 1
        lags = sorted({0, last // 10, last // 2, last})
        told = ", ".join(f"{digits(median[lag])} at lag {lag}" for lag in lags)
        of = f"median of {counted(curve.norms.shape[1], 'sequence')}, {_steps(curve)}"
        sentence = f"{name} ({of}): {told}"
        if curve.products is not None:
            product = float(np.nanmedian(curve.products[-1]))
            sentence += f"; its forget gates multiply to {digits(product)} over {last} steps"
        sentences.append(sentence)
    return ". ".join(sentences) + "."


def _table(curves: Mapping[str, _Curve]) -> Table:
    """List median, lowest and highest of each name, and its forget gates, lag by lag."""
    columns: list[str] = ["lag"]
    values: list[np.ndarray] = []
    for name, curve in curves.items():
        columns += [f"{name}, {which}" for which in ("median", "lowest", "highest")]
        values += [curve.median, *np.nanquantile(curve.norms, (0, 1), axis=1)]
        if curve.products is not None:
            columns.append(f"{name}, forget gates")
            values.append(np.nanmedian(curve.products, axis=1))
    steps = max(len(column) for column in values)
    rows = [
        (lag, *(float(column[lag]) if lag < len(column) else None for column in values))
        for lag in range(steps)
    ]
    return Table(columns, rows)
