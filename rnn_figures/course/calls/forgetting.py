"""How long another initial state is felt: the difference between two runs, step by step."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor, nn

from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import number, step_axis
from rnn_figures.plots.curves import power_axis, powers_of_ten
from rnn_figures.plots.marks import MARKED_STEPS, label_ends, line_ends
from rnn_figures.plots.style import LINES, MARKERS, MOST_LINES, new_plot, plot_style
from rnn_figures.traces.tracing import trace

State = Tensor | tuple[Tensor, Tensor]
"""An initial state as a module takes it."""

TENTH = 0.1
"""The share of the first difference whose step the text tells."""


def forgetting_plot(runs: Mapping[str, tuple[nn.RNNBase, State]], input: Tensor) -> Plot:
    """Plot how far a module's output is from its output from zeros, when it starts elsewhere.

    A line for each run: at each step the largest |difference| over units and sequences, on a
    logarithmic axis. Where it is exactly 0 the line ends.

    Args:
        runs: By name, a module and the initial state to start it from; up to six. The same module
            may come with several states, several modules with the same.
        input: What every module reads, of one layout; two steps or more.

    Returns:
        The plot; its table has a row for each step.

    Raises:
        ValueError: no run or more than six, or the outputs have different numbers of steps.

    Examples:
        >>> import torch
        >>> gru = nn.GRU(5, 3)
        >>> plot = forgetting_plot({"ones": (gru, torch.ones(1, 1, 3))}, torch.zeros(8, 1, 5))
        >>> plot.data.columns
        ('step', 'ones')
    """
    if not 1 <= len(runs) <= MOST_LINES:
        raise ValueError(f"expected one to {MOST_LINES} runs, got {len(runs)}")
    curves, largest = {}, 0.0
    for name, (module, state) in runs.items():
        curves[name], worst = _curve(module, input, state)
        largest = max(largest, worst)
    if len({len(curve) for curve in curves.values()}) > 1:
        told = ", ".join(f"{name} {len(curve)}" for name, curve in curves.items())
        raise ValueError(
            f"expected outputs of one length, got {told} steps; give all modules one batch_first"
        )
    with plot_style():
        plot = new_plot(3.0)
        axes = plot.add_subplot()
        _draw_curves(axes, curves)
    steps = len(next(iter(curves.values())))
    plot.alt = _alt(curves)
    plot.data = Table(
        ["step", *curves],
        [(t, *(float(curve[t]) for curve in curves.values())) for t in range(steps)],
    )
    plot.proof = f"{2 * len(runs)} runs, each traced and checked, to {largest:.0e}"
    return plot


def _curve(module: nn.RNNBase, input: Tensor, state: State) -> tuple[np.ndarray, float]:
    """Return the difference at each step, (L,), and the largest difference of the two traces."""
    started, from_zeros = trace(module, input, state), trace(module, input)
    apart = [
        (started[-1, direction].h - from_zeros[-1, direction].h).abs().amax(dim=(1, 2))
        for direction in range(started.num_directions)
    ]  # (L, N, H_out) -> (L,), for each direction
    curve = np.max([part.double().cpu().numpy() for part in apart], axis=0)
    return curve, max(started.max_difference, from_zeros.max_difference)


def _draw_curves(axes: Axes, curves: Mapping[str, np.ndarray]) -> None:
    """Draw the curves by their powers of ten, each named at its end."""
    steps = len(next(iter(curves.values())))
    powers = {}
    for place, (name, curve) in enumerate(curves.items()):
        powers[name] = powers_of_ten(curve)
        axes.plot(
            np.arange(steps),
            powers[name],
            color=COLOURS["h"],
            linestyle=LINES[place],
            marker=MARKERS[place],
            markevery=max(1, steps // (MARKED_STEPS // 2)),
            markeredgecolor=COLOURS["paper"],
            gid=f"q-h-run{place}",
            zorder=3,
        )
    power_axis(axes, np.concatenate(list(powers.values())))
    axes.set_ylabel("largest |difference|")
    step_axis(axes, steps)
    ends = line_ends(np.stack(list(powers.values()), axis=1))
    label_ends(axes, list(powers), ends, height=150)


def _alt(curves: Mapping[str, np.ndarray]) -> str:
    """Say of each run where it starts, when a tenth is left, and where it ends."""
    words = ["Difference of the output from a start from zeros, logarithmic."]
    for name, curve in curves.items():
        (below,) = np.nonzero(curve < TENTH * curve[0])
        fades = (
            f"below a tenth of that from step {below[0]}" if len(below) else "never below a tenth"
        )
        words.append(
            f"{name}: {number(float(curve[0]))} at step 0, {fades}, "
            f"{number(float(curve[-1]))} at step {len(curve) - 1}."
        )
    return " ".join(words)
