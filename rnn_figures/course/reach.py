"""Which input reaches which output: a map of gradients, one panel for each direction's half."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap, LogNorm, to_rgb
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.figures import Plot, Table
from rnn_figures.gradients import compare_with_jacobian, gradient_by_step
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import whole_ticks
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.reading import counted, prove_shown
from rnn_figures.plots.style import SMALL, new_plot, plot_style
from rnn_figures.plots.words import steps_in_words
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.runs import refuse_not_finite, steps_first
from rnn_figures.traces.selection import sequence_index
from rnn_figures.weights import DIRECTIONS

SHADES = 12
"""Shades of a reached cell, by the logarithm of its gradient."""

FAINTEST = 0.22
"""Opacity of the weakest cell that is reached at all: it must still look filled."""

MOST_STEPS = 40
"""Longest sequence: more cells than that cannot be told apart."""


@checked
def reach_plot(module: nn.RNNBase, input: Tensor | PackedSequence, *, sequence: int = 0) -> Plot:
    """Map which input step reaches which step of output, measured by gradients.

    A row for each step of output, a column for each step of x; with two directions a panel for
    each half of output. A cell is filled where the gradient of that half with respect to that
    input is not exactly 0, the darker the larger its Frobenius norm, on a logarithmic scale.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass, that draws no dropout.
        input: What the module takes.
        sequence: Which sequence of the batch.

    Returns:
        The plot; `data` has the norm of every cell.

    Raises:
        IndexError: there is no such sequence.
        ValueError: the sequence has more than 40 steps, dropout is active, or a gradient is not
            finite.
        ProofError: the last step's gradients are not what torch's own Jacobian says.

    Examples:
        >>> reach_plot(nn.GRU(5, 3), torch.zeros(4, 1, 5)).alt.split(". ")[1]
        'output[0] is reached by x[0], output[3] by x[0–3]'
    """
    norms = gradient_by_step(module, input)  # (L, D, L, N)
    sequence = sequence_index(sequence, norms.shape[-1])
    length = int((~norms[:, 0, 0, sequence].isnan()).sum())
    if length > MOST_STEPS:
        raise ValueError(
            f"expected at most {MOST_STEPS} steps, got {length}; pass a part of the sequence"
        )
    refuse_not_finite("gradients", norms[: length or None, :, : length or None, sequence])
    by_half = norms[:length, :, :length, sequence].movedim(1, 0).double().cpu().numpy()
    reached = by_half[by_half > 0]
    scale = LogNorm(reached.min(), reached.max()) if len(reached) else LogNorm(1, 1)
    with plot_style():
        plot = new_plot(2.6)  # no higher than two square halves side by side need
        if len(by_half) == 1:
            plot.set_figwidth(0.58 * plot.get_figwidth())  # a half is as large in all figures
        panels = plot.subplots(1, len(by_half), sharey=True, squeeze=False)[0]
        meshes = []
        for axes, values, direction in zip(panels, by_half, DIRECTIONS, strict=False):
            meshes.append(_draw_half(axes, values, scale, direction))
            half = f"{direction} half of output" if len(by_half) == 2 else "output"
            axes.set_title(half, color=COLOURS["h"])
        panels[0].set_ylabel("step of output")
        if len(reached):
            _scale_bar(panels[-1], meshes[-1], reached.min(), reached.max())
    plot.alt = _alt(module, by_half)
    plot.data = _table(by_half)
    alone = steps_first(input, module.batch_first)[0][:length, sequence]
    shown = np.stack([np.ma.asarray(mesh.get_array()).filled(0.0) for mesh in meshes])  # (D, L, L)
    plot.proof = _prove(plot, module, alone, shown, by_half)
    prove_shown(plot, given={"output": [*range(length)] * len(by_half)}, aside=("no-reach",))
    return plot


def _prove(
    plot: Plot, module: nn.RNNBase, alone: Tensor, shown: np.ndarray, by_half: np.ndarray
) -> Proof:
    """Compare map, dots and table with what was measured, the last step with torch's Jacobian."""
    last = torch.from_numpy(np.hypot.reduce(shown[:, -1], axis=0)[::-1].copy())  # by lag
    rows = [row[2:] for row in plot.data.rows]
    halves = zip(plot.axes[: len(by_half)], DIRECTIONS, strict=False)
    dots = [
        np.stack([drawn(axes, f"no-reach-{name}", along=at) for at in "yx"], axis=1)
        for axes, name in halves
    ]
    unreached = [counted(marks, by_half[0].shape) for marks in dots]
    return Proof(
        f"last row equal, in parts of it, to torch's own Jacobian of {describe(module)}",
        compare_with_jacobian(module, alone, last.unsqueeze(1)),
        compare("the table", rows, by_half.reshape(-1, by_half.shape[-1])),
        compare("the map", shown, by_half),
        compare("the dots", unreached, by_half == 0),
    )


def _draw_half(axes: Axes, values: np.ndarray, scale: LogNorm, direction: str) -> QuadMesh:
    """Draw one half's cells, (step of output, step of x), and a frame round each."""
    steps = len(values)
    opacity = np.linspace(FAINTEST, 1, SHADES)
    mesh = axes.pcolormesh(
        np.arange(steps + 1) - 0.5,
        np.arange(steps + 1) - 0.5,
        np.ma.masked_equal(values, 0),
        cmap=ListedColormap([(*to_rgb(COLOURS["h"]), float(shade)) for shade in opacity]),
        norm=scale,
        antialiased=False,
        edgecolor=COLOURS["faint"] + "60",
        linewidth=0.6,
        gid=f"q-h-reach-{direction}",
    )
    blank_x, blank_y = np.nonzero(values.T == 0)
    axes.plot(
        blank_x,
        blank_y,
        linestyle="none",
        marker=".",
        markersize=3,
        color=COLOURS["faint"],
        markeredgewidth=0,
        gid=f"no-reach-{direction}",
    )
    axes.grid(visible=False)
    axes.set_aspect("equal")
    axes.set_xlim(-0.5, steps - 0.5)
    axes.set_ylim(steps - 0.5, -0.5)  # output[0] above, as torch prints it
    whole_ticks(axes.xaxis, range(steps))
    whole_ticks(axes.yaxis, range(steps))
    axes.set_xlabel("step of x")
    return mesh


def _scale_bar(axes: Axes, mesh: QuadMesh, low: float, high: float) -> None:
    """Draw the scale of the norms at the right: the weakest and the strongest that were met."""
    bar = axes.figure.colorbar(mesh, ax=axes, fraction=0.05, pad=0.03, aspect=14)
    bar.outline.set_visible(False)
    bar.set_ticks([low, high], labels=[digits(low), digits(high)])
    bar.minorticks_off()
    bar.ax.tick_params(length=0)
    bar.ax.set_title("gradient", fontsize=SMALL, loc="left")


def _alt(module: nn.RNNBase, by_half: np.ndarray) -> str:
    """Describe which inputs reach the first and the last step of output."""
    sentences = [f"Which step of x reaches which step of output in {describe(module)}"]
    steps = len(by_half[0])
    for values, direction in zip(by_half, DIRECTIONS, strict=False):
        half = f", {direction} half," if len(by_half) == 2 else ""
        first, last = (
            steps_in_words(np.flatnonzero(values[t]).tolist()) or "none" for t in (0, -1)
        )
        sentences.append(
            f"output[0]{half} is reached by x[{first}], output[{steps - 1}]{half} by x[{last}]"
        )
    filled = int((by_half > 0).sum())
    sentences.append(f"{filled} of {by_half.size} gradients are not zero")
    return ". ".join(sentences) + "."


def _table(by_half: np.ndarray) -> Table:
    """List every norm: a row for each half and step of output, a column for each step of x."""
    halves, steps, _ = by_half.shape
    return Table(
        ("half", "output", *(f"x[{s}]" for s in range(steps))),
        [
            (DIRECTIONS[direction], t, *map(float, by_half[direction, t]))
            for direction in range(halves)
            for t in range(steps)
        ],
    )
