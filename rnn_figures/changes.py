"""Say what one option changes: the shapes and counts of two modules, side by side."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.configurations import class_name


def shape_changes(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    other: nn.RNNBase,
    other_input: Tensor | PackedSequence,
) -> str:
    """Run two modules and say in which shapes and counts they differ.

    Args:
        module: The one to start from.
        input: What it reads.
        other: The one to compare it with.
        other_input: What that one reads.

    Returns:
        One line, such as "output (4, 2, 3) → (4, 2, 6); parameters 120 → 240"; "no shape and no
        count" if they agree in all.

    Raises:
        TypeError: one of the modules is no recurrent layer.

    Examples:
        >>> shape_changes(nn.GRU(5, 3), torch.zeros(4, 2, 5), nn.GRU(5, 3, 2), torch.zeros(4, 2, 5))
        'h_n (1, 2, 3) → (2, 2, 3); parameters 90 → 162'
    """
    before, after = _facts(module, input), _facts(other, other_input)
    changes = [
        f"{name} {before.get(name, 'none')} → {after.get(name, 'none')}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    return "; ".join(changes) or "no shape and no count"


def _facts(module: nn.RNNBase, input: Tensor | PackedSequence) -> dict[str, object]:
    """Return the shapes of what a module returns, and the number of its parameters."""
    class_name(module)  # refuses what is no recurrent layer
    with torch.no_grad():
        output, state = module(input)
    h_n, c_n = state if isinstance(state, tuple) else (state, None)
    facts: dict[str, object] = {}
    if isinstance(output, PackedSequence):
        facts["output.data"] = tuple(output.data.shape)
    else:
        facts["output"] = tuple(output.shape)
    facts["h_n"] = tuple(h_n.shape)
    if c_n is not None:
        facts["c_n"] = tuple(c_n.shape)
    facts["parameters"] = sum(weight.numel() for weight in module.parameters())
    return facts
