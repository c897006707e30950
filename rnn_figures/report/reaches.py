"""How far back each layer reads, as a plot: the gradient of an output against the lag."""

from collections.abc import Mapping

import numpy as np

from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import digits
from rnn_figures.plots.axes import whole_ticks
from rnn_figures.plots.curves import draw_powers, drawn, powers_of_ten
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import MOST_LINES, new_plot, plot_style
from rnn_figures.proofs import Proof, compare
from rnn_figures.verdict.records import Reach

HEIGHT = 2.6
"""Inches."""

CAPTION = (
    "How much an output depends on what the layer reads k steps before: the gradient of a random "
    "projection of h, the median over ends in several sequences, the band from lowest to highest. "
    "A fresh layer falls by half at each step; that alone is no fault."
)


def reach_plot(reaches: Mapping[str, Reach]) -> Plot:
    """Plot how far back layers read, of the first six.

    Args:
        reaches: By a layer's place in words.
    """
    reaches = dict(list(reaches.items())[:MOST_LINES])
    norms = {name: reach.norms.numpy() for name, reach in reaches.items()}
    medians = {name: np.median(each, 1) for name, each in norms.items()}
    bands = {
        index: np.stack([each.min(1), each.max(1)])
        for index, each in enumerate(norms.values())
        if len(norms) == 1 and each.shape[1] > 1
    }
    short = {
        name.removeprefix("the model itself, ").removeprefix("submodule "): median
        for name, median in medians.items()
    }
    with plot_style():
        plot = new_plot(HEIGHT + 0.75)
        axes = plot.subplots()
        draw_powers(axes, short, colour="ink", gid="reach", height=HEIGHT * 72 - 20, bands=bands)
        axes.set_title("size of ∂(v·h[T]) / ∂x[T − k], v random")
        whole_ticks(axes.xaxis, range(max(map(len, medians.values()))))
        axes.set_xlabel("lag k: steps back from the last step T")
    told = [
        f"{name}: {digits(reach.drop)} of it at lag 1, 90 % within {reach.lag} steps"
        for name, reach in reaches.items()
    ]
    plot.alt = f"Gradient of the output against the lag. {'. '.join(told)}."
    longest = max(map(len, medians.values()))
    plot.data = Table(
        ["lag", *medians],
        [
            (lag, *(float(m[lag]) if lag < len(m) else None for m in medians.values()))
            for lag in range(longest)
        ],
    )
    plot.proof = Proof(
        "each curve equal to the median of the gradients that autograd gave",
        *(
            compare(name, drawn(axes, f"reach{index}"), powers_of_ten(median))
            for index, (name, median) in enumerate(medians.items())
        ),
    )
    prove_shown(plot, aside=("band",), told=[reach.drop for reach in reaches.values()])
    return plot
