"""The module itself as oracle: the gates as torch's own operators compute them inside it.

With oneDNN off, nn.LSTM, nn.GRU and nn.RNN run as ATen operators, one layer after the other,
forward before reverse, step by step. A TorchDispatchMode sees each result: every gate without our
equations.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils._python_dispatch import TorchDispatchMode

SEEN = {
    # add_ to the sums, i, f, g, o, f·c, i·g, add_ to c, tanh(c), h
    "LSTM": (
        ("add_", "sigmoid_", "tanh_", "mul", "tanh"),
        (None, *"ifgo", None, None, "c", None, "h"),
    ),
    "GRU": (("sigmoid_", "tanh_"), ("r", "z", "n")),
    "RNN_TANH": (("tanh",), ("h",)),
    "RNN_RELU": (("relu",), ("h",)),
}
"""By module.mode: the operators of one step that count, and the quantity that each one gives."""


class Recorder(TorchDispatchMode):
    """Keeps the results of some operators, in the order in which they ran."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names
        self.results: list[Tensor] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket.__name__ in self.names:
            self.results.append(result.clone())
        return result


def captured_gates(
    module: nn.RNNBase, input: Tensor | PackedSequence, hx=None
) -> dict[tuple[int, int], dict[str, Tensor]]:
    """Run a module and return its gates by (layer, direction) and letter, each (L, N, H).

    NaN where a packed sequence has no step; N in the caller's order. h is left out with a
    projection, where the last product is not yet h.
    """
    names, letters = SEEN[module.mode]
    recorder = Recorder(names)
    with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False), recorder:
        module(input, hx)
    sizes, order = _batches(module, input)
    results = iter(recorder.results)
    gates = {}
    for layer in range(module.num_layers):
        for direction in range(2 if module.bidirectional else 1):
            steps = range(len(sizes))
            found: dict[str, Tensor] = {}
            for t in reversed(steps) if direction else steps:
                rows = order[: sizes[t]]
                for letter in letters:
                    value = next(results)
                    if letter is None or (letter == "h" and module.proj_size):
                        continue
                    size = (len(sizes), len(order), value.shape[-1])
                    kept = found.setdefault(letter, value.new_full(size, math.nan))
                    kept[t, rows] = value.view(len(rows), -1)
            gates[layer, direction] = found
    assert next(results, None) is None  # every operator has its place
    return gates


def _batches(module: nn.RNNBase, input: Tensor | PackedSequence) -> tuple[list[int], Tensor]:
    """Return how many sequences each step has, and the sequences in the order of the rows."""
    if isinstance(input, PackedSequence):
        sizes = input.batch_sizes.tolist()
        order = input.sorted_indices
        return sizes, torch.arange(sizes[0]) if order is None else order
    if input.dim() == 2:
        return [1] * len(input), torch.arange(1)
    steps, count = input.shape[:2]
    if module.batch_first:
        steps, count = count, steps
    return [count] * steps, torch.arange(count)
