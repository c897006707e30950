"""Where every weight of a recurrent module is: names, order and slices, layer by layer."""

from torch import Tensor, nn

DIRECTIONS = ("forward", "reverse")
"""Names of the directions, as in torch's suffix `_reverse`."""

STACKED = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "h"}
"""Letters of the blocks that torch stacks in weight_ih, weight_hh and both biases, in order."""

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
"""Names of the parameters of one layer in one direction, in torch's order, without the suffix."""


def suffix(layer: int, direction: int) -> str:
    """Return the end of the parameters' names: "_l0", or "_l1_reverse" for direction 1."""
    return f"_l{layer}{'_reverse' if direction else ''}"


def weights(module: nn.RNNBase, layer: int, direction: int) -> dict[str, Tensor]:
    """Return the parameters of one layer in one direction, as `cells` names them.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN.
        layer: From 0.
        direction: 0 forward, 1 reverse.

    Returns:
        weight_ih (G·H_cell, H_in), weight_hh (G·H_cell, H_out), with biases bias_ih and bias_hh
        (G·H_cell,), with a projection weight_hr (H_out, H_cell); G is 4, 3, 1 for LSTM, GRU, RNN.
        The module's own tensors, not copies.

    >>> list(weights(nn.GRU(5, 3, bias=False), 0, 0))
    ['weight_ih', 'weight_hh']
    """
    end = suffix(layer, direction)
    return {name: getattr(module, name + end) for name in PARAMETERS if hasattr(module, name + end)}
