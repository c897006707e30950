"""torch's own layout: the names of a module's parameters, and which rows belong to which gate."""

import itertools
import math

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name

DIRECTIONS = ("forward", "reverse")
"""Names of the directions, as in torch's suffix `_reverse`."""

STACKED = {"LSTM": "ifgo", "GRU": "rzn", "RNN": "h"}
"""Letters of the blocks that torch stacks in weight_ih, weight_hh and both biases, in order."""

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
"""Names of the parameters of one layer in one direction, in torch's order, without the suffix."""


def suffix(layer: int, direction: int) -> str:
    """Return the end of the parameters' names: "_l0", or "_l1_reverse" for direction 1."""
    return f"_l{layer}{'_reverse' if direction else ''}"


def num_directions(module: nn.RNNBase) -> int:
    """Return D: 2 if the module is bidirectional, else 1."""
    return 2 if module.bidirectional else 1


def layers_and_directions(module: nn.RNNBase) -> list[tuple[int, int]]:
    """Return (layer, direction) of each row of h_n, in order.

    Examples:
        >>> layers_and_directions(nn.GRU(5, 3, num_layers=2, bidirectional=True))
        [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    return list(itertools.product(range(module.num_layers), range(num_directions(module))))


def input_size(module: nn.RNNBase, layer: int) -> int:
    """Return how many features a layer reads: H_in, or D·H_out above the first."""
    return module.input_size if layer == 0 else output_size(module)


def output_size(module: nn.RNNBase) -> int:
    """Return how many features a layer gives at a step: D·H_out."""
    return num_directions(module) * (module.proj_size or module.hidden_size)


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

    Examples:
        >>> list(weights(nn.GRU(5, 3, bias=False), 0, 0))
        ['weight_ih', 'weight_hh']
    """
    end = suffix(layer, direction)
    absent = () if module.bias else ("bias_ih", "bias_hh")
    if not module.proj_size:
        absent += ("weight_hr",)
    return {name: getattr(module, name + end) for name in PARAMETERS if name not in absent}


@checked
def gate_slices(module: nn.RNNBase) -> dict[str, slice]:
    """Return the rows of each gate: the same in weight_ih, weight_hh and both biases.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN.

    Returns:
        A slice of H_cell rows by letter, in torch's order: i f g o, r z n, or h.

    Source:
        The "Variables" of the torch.nn.LSTM, GRU and RNN documentation: (W_ii|W_if|W_ig|W_io).

    Examples:
        >>> lstm = nn.LSTM(5, 3)
        >>> gate_slices(lstm)["f"]
        slice(3, 6, None)
        >>> lstm.weight_ih_l0[gate_slices(lstm)["f"]].shape
        torch.Size([3, 5])
    """
    letters = STACKED[class_name(module)]
    size = module.hidden_size
    return {letter: slice(index * size, (index + 1) * size) for index, letter in enumerate(letters)}


@checked
def parameter_slices(module: nn.RNNBase) -> dict[str, dict[str, slice]]:
    """Return the rows of each quantity in every parameter of a module.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN.

    Returns:
        By the parameter's name, in the order of `module.named_parameters()`, the rows by letter.
        All rows of a projection, weight_hr, make h.

    Examples:
        >>> slices = parameter_slices(nn.LSTM(5, 3, num_layers=2, bias=False))
        >>> list(slices)
        ['weight_ih_l0', 'weight_hh_l0', 'weight_ih_l1', 'weight_hh_l1']
        >>> slices["weight_hh_l1"]["o"]
        slice(9, 12, None)
    """
    gates = gate_slices(module)
    slices = {}
    for layer, direction in layers_and_directions(module):
        for name in weights(module, layer, direction):
            rows = {"h": slice(0, module.proj_size)} if name == "weight_hr" else dict(gates)
            slices[name + suffix(layer, direction)] = rows
    return slices


@checked
def set_forget_bias(module: nn.LSTM, value: float) -> nn.LSTM:
    """Set the forget gate's bias of an LSTM, in place, in all layers and directions.

    The rows of f are set to `value` in bias_ih and to 0 in bias_hh, since the two are added. With
    torch's own start their sum is about 0, and the gate about half open.

    Args:
        module: An nn.LSTM with biases; its parameters change, their gradients do not.
        value: The bias, before the sigmoid: 1 opens the gate to about 0.73, 3 to 0.95.

    Returns:
        The same module.

    Raises:
        ValueError: it has no biases, or the value is not finite in the module's dtype.

    Source:
        Gers, Schmidhuber, Cummins 2000; Jozefowicz et al. 2015 recommend a bias of 1 or 2.

    Examples:
        >>> set_forget_bias(nn.LSTM(5, 3), 1.0).bias_ih_l0[3:6].tolist()
        [1.0, 1.0, 1.0]
    """
    if not module.bias:
        raise ValueError(
            f"expected an nn.LSTM with biases, got {module}, which has no forget bias to set; "
            "build it as nn.LSTM(..., bias=True)"
        )
    if not math.isfinite(value):
        raise ValueError(f"expected a finite bias, got {value}")
    dtype = weights(module, 0, 0)["bias_ih"].dtype
    if abs(value) > (most := torch.finfo(dtype).max):
        own = str(dtype).removeprefix("torch.")
        raise ValueError(f"expected a bias that {own} can hold, of at most {most:g}, got {value}")
    rows = gate_slices(module)["f"]
    with torch.no_grad():
        for layer, direction in layers_and_directions(module):
            parameters = weights(module, layer, direction)
            parameters["bias_ih"][rows] = value
            parameters["bias_hh"][rows] = 0
    return module
