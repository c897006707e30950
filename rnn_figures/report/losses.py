"""How much the caller's own loss depends on what a layer read at each step, as a plot."""

from collections.abc import Callable

import numpy as np

from rnn_figures.figures import Plot, Table
from rnn_figures.models import Call
from rnn_figures.numbers import digits
from rnn_figures.plots.axes import whole_ticks
from rnn_figures.plots.curves import draw_powers, drawn, powers_of_ten
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import new_plot, plot_style
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.runs import steps_first

HEIGHT = 2.6
"""Inches."""

LOSS_CAPTION = (
    "How much your loss depends on what the layer read at each step: the size of its gradient, the "
    "median over the sequences, the band from lowest to highest."
)


def loss_plot(call: Call) -> Plot:
    """Plot the size of the gradient of a loss by the input of a call, step by step.

    Args:
        call: A call whose `gradient` is not None.

    Returns:
        The plot; `data` has a row for each step and sequence, without those beyond an end.
    """
    assert call.gradient is not None
    batch_first = call.module.batch_first
    gradient, lengths = steps_first(call.gradient, batch_first, beyond=float("nan"))
    norms = gradient.double().norm(dim=-1).cpu().numpy()  # (L, N)
    median = _over_sequences(np.nanmedian, norms)
    band = np.stack([_over_sequences(of, norms) for of in (np.nanmin, np.nanmax)])
    with plot_style():
        plot = new_plot(HEIGHT + 0.75)
        axes = plot.subplots()
        bands = {0: band} if norms.shape[1] > 1 else None
        draw_powers(
            axes, {"loss": median}, colour="x", gid="loss", height=HEIGHT * 72 - 20, bands=bands
        )
        axes.set_title("size of ∂loss / ∂x[t]")
        whole_ticks(axes.xaxis, range(len(median)))
        axes.set_xlabel("step t")
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
    shown = drawn(axes, "loss0")
    plot.proof = Proof(
        "the line equal to the median of the gradients that autograd gave",
        compare("loss", shown, powers_of_ten(median)),
    )
    # the table has the sequences; the median and the band come of them
    prove_shown(plot, aside=("loss", "band"), told=median)
    return plot


def _over_sequences(of: Callable[..., np.ndarray], norms: np.ndarray) -> np.ndarray:
    """Return a value for each step, from the sequences that have one there; NaN without any."""
    values = np.full(len(norms), np.nan)
    told = ~np.isnan(norms).all(axis=1)
    values[told] = of(norms[told], axis=1)
    return values
