"""What one option changes: the shapes and counts of two modules, side by side."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.arguments import checked
from rnn_figures.traces.runs import refuse_other_kinds, telling_shapes


@checked
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

    Examples:
        >>> shape_changes(nn.GRU(5, 3), torch.zeros(4, 2, 5), nn.GRU(5, 3, 2), torch.zeros(4, 2, 5))
        'h_n (1, 2, 3) → (2, 2, 3); parameters 90 → 162'
    """
    pairs = zip(_facts(module, input), _facts(other, other_input), strict=True)
    changes = [_change(before, after) for before, after in pairs if before != after]
    return "; ".join(changes) or "no shape and no count"


def _change(before: tuple[str, object], after: tuple[str, object]) -> str:
    """Write what a value was and is; its name again where that changes too."""
    (name, was), (new_name, value) = before, after
    if was is None:
        return f"no {name} → {name} {value}"
    if value is None:
        return f"{name} {was} → no {name}"
    return f"{name} {was} → {value}" if name == new_name else f"{name} {was} → {new_name} {value}"


def _facts(module: nn.RNNBase, input: Tensor | PackedSequence) -> list[tuple[str, object]]:
    """Return name and shape of what a module returns, None for no shape, and its parameters."""
    refuse_other_kinds(module, input, None)
    with torch.no_grad(), telling_shapes(module, input, None):
        output, state = module(input)
    h_n, c_n = state if isinstance(state, tuple) else (state, None)
    packed = isinstance(output, PackedSequence)
    return [
        ("output.data", tuple(output.data.shape)) if packed else ("output", tuple(output.shape)),
        ("h_n", tuple(h_n.shape)),
        ("c_n", None if c_n is None else tuple(c_n.shape)),
        ("parameters", sum(weight.numel() for weight in module.parameters())),
    ]
