"""Gradients by what a layer reads, as plots: of the caller's loss, and of an output by its lag."""

from collections.abc import Callable, Mapping

import numpy as np

from rnn_figures.figures import Plot, Table
from rnn_figures.models import Call, short_place
from rnn_figures.numbers import digits
from rnn_figures.plots.axes import whole_ticks
from rnn_figures.plots.curves import draw_powers, drawn, powers_of_ten
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import MOST_LINES, new_plot, plot_style
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.runs import steps_first
from rnn_figures.verdict.records import Reach

HEIGHT = 2.6
"""Inches."""

LOSS_CAPTION = (
    "How much your loss depends on what the layer read at each step: the size of its gradient, the "
    "median over the sequences, the band from lowest to highest."
)

REACH_CAPTION = (
    "How much an output depends on what the layer reads k steps before: the gradient of a random "
    "projection of h, the median over ends in several sequences, the band from lowest to highest. "
    "A fresh layer falls by half at each step; that alone is no fault."
)


def loss_plot(call: Call) -> Plot:
    """Plot the size of the gradient of a loss by the input of a call, step by step."""
    assert call.gradient is not None
    batch_first = call.module.batch_first
    gradient, lengths = steps_first(call.gradient, batch_first, beyond=float("nan"))
    norms = gradient.double().norm(dim=-1).cpu().numpy()  # (L, N)
    median = _over_sequences(np.nanmedian, norms)
    band = np.stack([_over_sequences(of, norms) for of in (np.nanmin, np.nanmax)])
    bands = {0: band} if norms.shape[1] > 1 else {}
    plot = _drawn({"loss": median}, bands, "x", "size of ∂loss / ∂x[t]", "step t")
    finite = np.nan_to_num(median)
    plot.alt = (
        f"Size of the gradient of the loss by what the layer read, {len(median)} steps: "
        f"{digits(float(median[0]))} at step 0, {digits(float(median[-1]))} at the last, largest "
        f"{digits(float(finite.max()))} at step {int(finite.argmax())}."
    )
    rows = [
        (step, sequence, float(norms[step, sequence]))
        for sequence, length in enumerate(lengths.tolist())
        for step in range(length)
    ]
    plot.data = Table(["step", "sequence", "size of ∂loss / ∂x"], rows)
    # the table has the sequences; the median and the band come of them
    prove_shown(plot, aside=["norms", "band"], told=median)
    return plot


def _over_sequences(of: Callable[..., np.ndarray], norms: np.ndarray) -> np.ndarray:
    """Return a value for each step, from the sequences that have one there; NaN without any."""
    values = np.full(len(norms), np.nan)
    told = ~np.isnan(norms).all(axis=1)
    values[told] = of(norms[told], axis=1)
    return values


def reach_plot(reaches: Mapping[str, Reach]) -> Plot:
    """Plot how far back layers read, by their place in words, of the first six."""
    reaches = dict(list(reaches.items())[:MOST_LINES])
    norms = {name: reach.norms.numpy() for name, reach in reaches.items()}
    medians = {name: np.median(each, 1) for name, each in norms.items()}
    bands = {
        index: np.stack([each.min(1), each.max(1)])
        for index, each in enumerate(norms.values())
        if len(norms) == 1 and each.shape[1] > 1
    }
    short = {short_place(name): median for name, median in medians.items()}
    title = "size of ∂(v·h[T]) / ∂x[T − k], v random"
    plot = _drawn(short, bands, "ink", title, "lag k: steps back from the last step T")
    told = [
        f"{name}: {digits(reach.drop)} of it at lag 1, 90 % within {reach.lag} steps"
        for name, reach in reaches.items()
    ]
    plot.alt = f"Gradient of the output against the lag. {'. '.join(told)}."
    columns = medians | dict(zip(("lowest", "highest"), bands.get(0, ()), strict=False))
    rows = [
        (lag, *(float(of[lag]) if lag < len(of) else None for of in columns.values()))
        for lag in range(max(map(len, medians.values())))
    ]
    plot.data = Table(["lag", *columns], rows)
    prove_shown(plot, told=[reach.drop for reach in reaches.values()])
    return plot


def _drawn(
    curves: Mapping[str, np.ndarray],
    bands: Mapping[int, np.ndarray],
    colour: str,
    title: str,
    along: str,
) -> Plot:
    """Draw medians of norms on a logarithmic axis, and prove them by what was drawn."""
    with plot_style():
        plot = new_plot(HEIGHT + 0.75)
        axes = plot.subplots()
        height = HEIGHT * 72 - 20
        draw_powers(axes, curves, colour=colour, gid="norms", height=height, bands=bands)
        axes.set_title(title)
        whole_ticks(axes.xaxis, range(max(map(len, curves.values()))))
        axes.set_xlabel(along)
    plot.proof = Proof(
        "each curve equal to the median of the gradients that autograd gave",
        *(
            compare(name, drawn(axes, f"norms{index}"), powers_of_ten(median))
            for index, (name, median) in enumerate(curves.items())
        ),
    )
    return plot
