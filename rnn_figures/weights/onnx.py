"""PyTorch <-> ONNX: the tensors W, R and B of ONNX's operators LSTM, GRU and RNN.

ONNX multiplies as torch does and keeps both biases, one after the other; it stacks an LSTM as
i, o, f, c and a GRU as z, r, h, and both directions along a first axis. This file imports no ONNX.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.numbers import counted
from rnn_figures.weights.blocks import (
    STACKED_BY_ONNX,
    blocks_as,
    check_shape,
    refuse_projection,
    state_dict_of,
)
from rnn_figures.weights.parameters import (
    STACKED,
    input_size,
    layers_and_directions,
    num_directions,
)


@checked
def to_onnx(module: nn.RNNBase) -> list[dict[str, np.ndarray]]:
    """Return a module's weights as ONNX's operators take them.

    One node is one layer in both directions (`direction="bidirectional"`). A GRU needs
    `linear_before_reset=1`, an nn.RNN with relu `activations=["Relu"]`, once for each direction.
    The node's output Y is (L, D, N, H_cell); torch has both halves side by side, (L, N, D·H_cell).

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN; it is not changed.

    Returns:
        For each layer W (D, G·H_cell, H_in), R (D, G·H_cell, H_cell) and B (D, 2·G·H_cell): the
        input's bias, then the recurrent one; zeros without biases. dtype is the module's.

    Raises:
        ValueError: it has a proj_size, or a dtype that NumPy does not have.

    Source:
        ONNX operators LSTM (iofc), GRU (zrh) and RNN, onnx.ai/onnx/operators.

    Examples:
        >>> (layer,) = to_onnx(nn.LSTM(5, 3, bidirectional=True))
        >>> {name: array.shape for name, array in layer.items()}
        {'W': (2, 12, 5), 'R': (2, 12, 3), 'B': (2, 24)}
    """
    refuse_projection(module, "ONNX")
    layers = []
    for layer in range(module.num_layers):
        tensors = {"W": [], "R": [], "B": []}
        for direction in range(num_directions(module)):
            rows = blocks_as(STACKED_BY_ONNX, module, layer, direction)
            none = np.zeros_like(rows["weight_ih"][:, 0])
            tensors["W"].append(rows["weight_ih"])
            tensors["R"].append(rows["weight_hh"])
            biases = [rows.get("bias_ih", none), rows.get("bias_hh", none)]
            tensors["B"].append(np.concatenate(biases))
        layers.append({tensor: np.stack(directions) for tensor, directions in tensors.items()})
    return layers


@checked
def from_onnx(module: nn.RNNBase, weights: Sequence[Mapping[str, np.ndarray]]) -> dict[str, Tensor]:
    """Return ONNX's weights as a state dict for a module: `module.load_state_dict(...)` takes it.

    W, R and B do not show whether a GRU was made with `linear_before_reset=1`; only that one is an
    nn.GRU.

    Args:
        module: The module that is to have the weights; it is not changed.
        weights: For each layer W, R and B; B may be left out, as in ONNX, for zeros.

    Returns:
        A tensor by parameter name, on the CPU, in the arrays' dtype.

    Raises:
        ValueError: it has a proj_size; or the number of layers, the names or a shape is not the
            module's, or B is not zero and the module has no biases. The message names what was
            expected and what came.

    Examples:
        >>> rnn = nn.RNN(5, 3, num_layers=2)
        >>> state = from_onnx(rnn, to_onnx(rnn))
        >>> all(bool((state[name] == weight).all()) for name, weight in rnn.state_dict().items())
        True
    """
    refuse_projection(module, "ONNX")
    if len(weights) != module.num_layers:
        raise ValueError(
            f"expected {counted(module.num_layers, 'dict')} of W, R and B, one for each layer, "
            f"got {len(weights)}"
        )
    layers = [_checked(module, tensors, layer) for layer, tensors in enumerate(weights)]
    found = {
        (layer, direction): _rows(module, layers[layer], direction)
        for layer, direction in layers_and_directions(module)
    }
    return state_dict_of(STACKED_BY_ONNX, module, found)


def _checked(
    module: nn.RNNBase, tensors: Mapping[str, np.ndarray], layer: int
) -> dict[str, np.ndarray]:
    """Return W, R and B of one layer as arrays of the shapes that the module needs."""
    if not {"W", "R"} <= set(tensors) <= {"W", "R", "B"}:
        raise ValueError(
            f"layer {layer}: expected the tensors W, R and B, got "
            f"{', '.join(sorted(tensors)) or 'none'}; "
            "torch has no peepholes (P), and initial states are no weights"
        )
    arrays = {tensor: np.asarray(array) for tensor, array in tensors.items()}
    directions = num_directions(module)
    rows = module.hidden_size * len(STACKED[class_name(module)])
    arrays.setdefault("B", np.zeros((directions, 2 * rows), arrays["W"].dtype))
    expected = {
        "W": (directions, rows, input_size(module, layer)),
        "R": (directions, rows, module.hidden_size),
        "B": (directions, 2 * rows),
    }
    for tensor, shape in expected.items():
        check_shape(f"layer {layer}, {tensor}", arrays[tensor], shape)
    if not module.bias and arrays["B"].any():
        raise ValueError(
            f"layer {layer}, B: expected zeros for a module with bias=False, got "
            f"{np.count_nonzero(arrays['B'])} other numbers; build the module with bias=True"
        )
    return arrays


def _rows(
    module: nn.RNNBase, arrays: dict[str, np.ndarray], direction: int
) -> dict[str, np.ndarray]:
    """Return the tensors of one layer in one direction, by parameter."""
    rows = {"weight_ih": arrays["W"][direction], "weight_hh": arrays["R"][direction]}
    if module.bias:
        rows["bias_ih"], rows["bias_hh"] = np.split(arrays["B"][direction], 2)
    return rows
