"""PyTorch <-> Keras: the lists of arrays that keras.layers.LSTM, GRU and SimpleRNN take.

Keras multiplies from the left (x @ kernel), so every matrix is transposed; an LSTM and a SimpleRNN
have one bias, the sum of torch's two; a GRU stacks z, r, h. This file imports no Keras.
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.numbers import counted
from rnn_figures.weights.blocks import (
    STACKED_BY_KERAS,
    blocks_as,
    check_shape,
    refuse_projection,
    state_dict_of,
)
from rnn_figures.weights.parameters import DIRECTIONS, STACKED, input_size, layers_and_directions


@checked
def to_keras(module: nn.RNNBase) -> list[list[np.ndarray]]:
    """Return a module's weights as Keras takes them.

    Keras has one layer where torch has one layer in one direction: stack them, and join the two
    directions with `keras.layers.Bidirectional`, whose own list is forward + reverse. A GRU needs
    `reset_after=True` (Keras' default), an nn.RNN with relu `activation="relu"`.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN; it is not changed.

    Returns:
        One list for each layer and direction, in the order of h_n: kernel (H_in, G·H_cell),
        recurrent_kernel (H_cell, G·H_cell) and, with biases, bias: (G·H_cell,), or (2, 3·H_cell)
        for a GRU. `set_weights` of the Keras layer takes it. dtype is the module's.

    Raises:
        ValueError: it has a proj_size, or a dtype that NumPy does not have.

    Source:
        LSTMCell, GRUCell and SimpleRNNCell in keras/src/layers/rnn: i, f, c, o and z, r, h.

    Examples:
        >>> [array.shape for array in to_keras(nn.LSTM(5, 3))[0]]
        [(5, 12), (3, 12), (12,)]
    """
    refuse_projection(module, "Keras")
    lists = []
    for where in layers_and_directions(module):
        rows = blocks_as(STACKED_BY_KERAS, module, *where)
        arrays = [np.ascontiguousarray(rows[matrix].T) for matrix in ("weight_ih", "weight_hh")]
        if module.bias and module.mode == "GRU":
            arrays.append(np.stack([rows["bias_ih"], rows["bias_hh"]]))
        elif module.bias:
            arrays.append(rows["bias_ih"] + rows["bias_hh"])
        lists.append(arrays)
    return lists


@checked
def from_keras(module: nn.RNNBase, weights: Sequence[Sequence[np.ndarray]]) -> dict[str, Tensor]:
    """Return Keras' weights as a state dict for a module: `module.load_state_dict(...)` takes it.

    Keras' single bias goes into bias_ih, zeros into bias_hh: the sum is what counts.

    Args:
        module: The module that is to have the weights; it is not changed.
        weights: One list for each layer and direction, in the order of h_n, each as a Keras
            layer's `get_weights` returns it; arrays, or whatever `numpy.asarray` takes.

    Returns:
        A tensor by parameter name, on the CPU, in the arrays' dtype.

    Raises:
        ValueError: it has a proj_size; or the number of lists, the number of arrays or a shape is
            not the module's. The message names what was expected and what came.

    Examples:
        >>> gru = nn.GRU(5, 3)
        >>> state = from_keras(gru, to_keras(gru))
        >>> all(bool((state[name] == weight).all()) for name, weight in gru.state_dict().items())
        True
    """
    refuse_projection(module, "Keras")
    wheres = layers_and_directions(module)
    if len(weights) != len(wheres):
        raise ValueError(
            f"expected {counted(len(wheres), 'list')} of weights, one for each layer and "
            f"direction in the order of h_n, got {len(weights)}"
        )
    found = {
        where: _rows(module, [np.asarray(array) for array in arrays], *where)
        for where, arrays in zip(wheres, weights, strict=True)
    }
    return state_dict_of(STACKED_BY_KERAS, module, found)


def _rows(
    module: nn.RNNBase, arrays: list[np.ndarray], layer: int, direction: int
) -> dict[str, np.ndarray]:
    """Check the arrays of one Keras layer; return them as torch has them, by parameter."""
    where = f"layer {layer} ({DIRECTIONS[direction]})"
    names = ["kernel", "recurrent_kernel"] + ["bias"] * module.bias
    if len(arrays) != len(names):
        raise ValueError(
            f"{where}: expected {len(names)} arrays ({', '.join(names)}) for a module with "
            f"bias={module.bias}, got {len(arrays)}; use_bias of the Keras layer must be the same"
        )
    size = module.hidden_size
    width = size * len(STACKED[class_name(module)])
    check_shape(f"{where}, kernel", arrays[0], (input_size(module, layer), width))
    check_shape(f"{where}, recurrent_kernel", arrays[1], (size, width))
    rows = {"weight_ih": arrays[0].T, "weight_hh": arrays[1].T}
    if module.bias:
        bias = arrays[2]
        if module.mode == "GRU":
            hint = "Keras' GRU(reset_after=False) cannot be expressed as an nn.GRU"
            check_shape(f"{where}, bias", bias, (2, width), hint=hint if bias.ndim == 1 else "")
            rows |= {"bias_ih": bias[0], "bias_hh": bias[1]}
        else:
            check_shape(f"{where}, bias", bias, (width,))
            rows |= {"bias_ih": bias, "bias_hh": np.zeros_like(bias)}
    return rows
