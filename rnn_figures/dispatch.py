"""Which of torch's own operators a call runs: what a fused layer does in one, a loop does in many.

A count of operators says how often Python hands work to torch. Unlike a time, it is the same on
every run, so that a page can print it.
"""

from collections.abc import Callable

import torch
from torch.utils._python_dispatch import TorchDispatchMode


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


class _Recorder(TorchDispatchMode):
    """Notes every operator on its way to the device."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Note the operator's name and run it."""
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))
