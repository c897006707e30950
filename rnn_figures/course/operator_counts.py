"""Which of torch's own operators a call runs, and how many, by the length of the sequence.

A count of operators says how often Python hands work to torch. Unlike a time, it is the same on
every run, so that a page can print it.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import counted
from rnn_figures.plots.curves import draw_powers, power_ticks
from rnn_figures.plots.style import MOST_LINES, new_plot, plot_style

HEIGHT = 3.0
"""Inches."""


@checked
def operators(function: Callable, *arguments: object) -> tuple[str, ...]:
    """Call a module or a function without gradients, and return the operators that it runs.

    These are ATen operators, as they reach the device: nn.LSTM in float32 on a CPU with oneDNN is
    one "mkldnn_rnn_layer"; a GRU is a dozen small ones for each step. On a GPU each is one kernel
    or a few, each launched by itself.

    Args:
        function: What to call.
        arguments: What it takes.

    Returns:
        Names in the order in which they ran, without namespace and overload.

    Examples:
        >>> operators(torch.nn.Linear(5, 3), torch.zeros(1, 5))
        ('t', 'addmm')
    """
    recorder = _Recorder()
    with torch.no_grad(), recorder:
        function(*arguments)
    return tuple(recorder.names)


@checked
def operator_plot(calls: Mapping[str, Callable], inputs: Sequence[Tensor]) -> Plot:
    """Plot how many operators each call hands to torch, against the length of what it reads.

    Both axes are logarithms: a line that rises is work for each step, a flat one is work done
    once. The count is the same on every run, and is a measurement: there is nothing to compare
    it with. What an operator costs is not counted.

    Args:
        calls: By name, modules or functions of one tensor; up to six.
        inputs: What each is called with, of growing length along the first axis.

    Returns:
        The plot; `data` has a row for each length.

    Raises:
        ValueError: no call or more than six, fewer than two inputs, or lengths that do not grow.

    Examples:
        >>> inputs = [torch.zeros(steps, 1, 5) for steps in (1, 9)]
        >>> plot = operator_plot({"nn.RNN": torch.nn.RNN(5, 3)}, inputs)
        >>> plot.data.columns
        ('steps', 'nn.RNN')
    """
    lengths = [len(given) for given in inputs]
    if not 1 <= len(calls) <= MOST_LINES:
        raise ValueError(f"expected one to {MOST_LINES} calls, got {len(calls)}")
    if len(lengths) < 2 or lengths != sorted(set(lengths)):
        raise ValueError(f"expected two or more inputs of growing length, got lengths {lengths}")
    counts = {
        name: [len(operators(call, given)) for given in inputs] for name, call in calls.items()
    }
    with plot_style():
        plot = new_plot(HEIGHT)
        _draw(plot.subplots(), counts, lengths)
    plot.alt = _alt(counts, lengths)
    plot.data = Table(("steps", *counts), list(zip(lengths, *counts.values(), strict=True)))
    return plot


def _draw(axes: Axes, counts: Mapping[str, Sequence[int]], lengths: Sequence[int]) -> None:
    """Draw the counts against the lengths, both on logarithmic axes."""
    curves = {name: np.array(numbers) for name, numbers in counts.items()}
    steps = np.log10(lengths)
    draw_powers(axes, curves, colour="ink", gid="calls-", height=HEIGHT * 72, x=steps)
    power_ticks(axes.xaxis, math.ceil(steps[0]), math.floor(steps[-1]))
    axes.set_xlabel("steps")
    axes.set_ylabel("operators")


def _alt(counts: Mapping[str, Sequence[int]], lengths: Sequence[int]) -> str:
    """Describe how many operators each call runs for the shortest and the longest input."""
    told = [
        f"{name} {numbers[0]} for {counted(lengths[0], 'step')} and {numbers[-1]} for {lengths[-1]}"
        for name, numbers in counts.items()
    ]
    return f"Operators that each call runs, by the number of steps: {'; '.join(told)}."


class _Recorder(TorchDispatchMode):
    """Notes every operator on its way to the device."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Note the operator's name and run it."""
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))
