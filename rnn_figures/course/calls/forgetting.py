"""How long an initial state matters: the difference between two runs, step by step."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import digits
from rnn_figures.plots.axes import step_axis
from rnn_figures.plots.curves import draw_powers, drawn, powers_of_ten
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import MOST_LINES, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces import Trace, trace
from rnn_figures.traces.runs import full_precision, steps_first

State = Tensor | tuple[Tensor, Tensor]
"""An initial state as a module takes it."""

TENTH = 0.1
"""The share of the first difference whose step the text tells."""


@checked
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
        ProofError: a curve is not the difference of the module's own outputs.

    Examples:
        >>> import torch
        >>> gru = nn.GRU(5, 3)
        >>> plot = forgetting_plot({"ones": (gru, torch.ones(1, 1, 3))}, torch.zeros(8, 1, 5))
        >>> plot.data.columns
        ('step', 'ones')
    """
    if not 1 <= len(runs) <= MOST_LINES:
        raise ValueError(f"expected one to {MOST_LINES} runs, got {len(runs)}")
    traces = {
        name: (trace(module, input, state), trace(module, input))
        for name, (module, state) in runs.items()
    }
    curves = {name: _curve(*pair) for name, pair in traces.items()}
    if len({len(curve) for curve in curves.values()}) > 1:
        told = ", ".join(f"{name} {len(curve)}" for name, curve in curves.items())
        raise ValueError(
            f"expected outputs of one length, got {told} steps; give all modules one batch_first"
        )
    with plot_style():
        plot = new_plot(3.0)
        axes = plot.add_subplot()
        draw_powers(axes, curves, colour="h", gid="q-h-run", height=150)
        axes.set_ylabel("largest |difference|")
        step_axis(axes, len(next(iter(curves.values()))))
    plot.alt = _alt(curves)
    rows = [
        (t, *map(float, at_step)) for t, at_step in enumerate(zip(*curves.values(), strict=True))
    ]
    plot.data = Table(["step", *curves], rows)
    plot.proof = Proof(
        f"{2 * len(runs)} runs, each equal to nn."
        f"{', nn.'.join(sorted({class_name(module) for module, _ in runs.values()}))}",
        *(run.proof for pair in traces.values() for run in pair),
        *_compare_drawn(plot, runs, input),
    )
    prove_shown(plot)
    return plot


def _curve(started: Trace, from_zeros: Trace) -> np.ndarray:
    """Return the largest difference of two runs' outputs at each step, (L,)."""
    apart = (started.output_steps() - from_zeros.output_steps()).abs()  # (L, N, D·H_out)
    return apart.amax(dim=(1, 2)).double().cpu().numpy()


def _compare_drawn(
    plot: Plot, runs: Mapping[str, tuple[nn.RNNBase, State]], input: Tensor
) -> Iterator[Comparison]:
    """Compare each curve, and its column, with what the module returns from the two starts."""
    for index, (name, (module, state)) in enumerate(runs.items()):
        with torch.no_grad(), full_precision(input.device):
            apart = (module(input, state)[0] - module(input)[0]).abs()
        steps = steps_first(apart, module.batch_first)[0].amax(dim=(1, 2)).double().cpu().numpy()
        yield compare(f"the difference of {name}", [row[name] for row in plot.data], steps)
        line = drawn(plot.axes[0], f"q-h-run{index}")
        yield compare(f"the curve of {name}", line, powers_of_ten(steps))


def _alt(curves: Mapping[str, np.ndarray]) -> str:
    """Describe for each run where it starts, when a tenth is left, and where it ends."""
    words = ["Difference of the output from a start from zeros, logarithmic."]
    for name, curve in curves.items():
        (below,) = np.nonzero(curve < TENTH * curve[0])
        fades = (
            f"below a tenth of that from step {below[0]}" if len(below) else "never below a tenth"
        )
        words.append(
            f"{name}: {digits(curve[0])} at step 0, {fades}, "
            f"{digits(curve[-1])} at step {len(curve) - 1}."
        )
    return " ".join(words)
