"""What the converters share: the orders of the stacked blocks, shapes, and what is refused."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnn_figures.configurations import NO_VALUES, class_name
from rnn_figures.weights.parameters import STACKED, suffix, weights

STACKED_BY_KERAS = {"LSTM": "ifgo", "GRU": "zrn", "RNN": "h"}
"""The blocks in Keras' order, in torch's letters: Keras writes c for g, and h for n."""

STACKED_BY_ONNX = {"LSTM": "iofg", "GRU": "zrn", "RNN": "h"}
"""The blocks in ONNX's order, in torch's letters: ONNX writes c for g, and h for n."""


def reorder(stacked: np.ndarray, order: str, new_order: str) -> np.ndarray:
    """Return the blocks along the first axis, one for each letter, in another order: always a copy.

    Examples:
        >>> reorder(np.array([1, 1, 2, 2, 3, 3]), "rzn", "zrn").tolist()
        [2, 2, 1, 1, 3, 3]
    """
    blocks = dict(zip(order, np.split(stacked, len(order)), strict=True))
    return np.concatenate([blocks[letter] for letter in new_order])


def blocks_as(
    orders: Mapping[str, str], module: nn.RNNBase, layer: int, direction: int
) -> dict[str, np.ndarray]:
    """Return the parameters of one layer in one direction, their blocks in another order."""
    name = class_name(module)
    return {
        parameter: reorder(as_array(weight), STACKED[name], orders[name])
        for parameter, weight in weights(module, layer, direction).items()
    }


def state_dict_of(
    orders: Mapping[str, str],
    module: nn.RNNBase,
    found: Mapping[tuple[int, int], Mapping[str, np.ndarray]],
) -> dict[str, Tensor]:
    """Return a state dict from arrays by layer and direction, their blocks in another order."""
    name = class_name(module)
    return {
        parameter + suffix(*where): torch.from_numpy(reorder(stacked, orders[name], STACKED[name]))
        for where, rows in found.items()
        for parameter, stacked in rows.items()
    }


def as_array(tensor: Tensor) -> np.ndarray:
    """Return a tensor as a NumPy array, perhaps of its memory; ValueError for bfloat16."""
    if tensor.is_meta:
        raise ValueError(NO_VALUES)
    try:
        return tensor.detach().cpu().numpy()
    except TypeError:
        raise ValueError(
            f"expected weights of a dtype that NumPy has, got {tensor.dtype}; "
            "call module.float() first"
        ) from None


def refuse_projection(module: nn.RNNBase, format: str) -> None:
    """Raise ValueError where a module projects its hidden state: Keras and ONNX cannot."""
    name = class_name(module)
    if module.proj_size:
        raise ValueError(
            f"expected proj_size=0, got proj_size={module.proj_size}: {format} has no projection "
            f"in its {name}, so these weights cannot be expressed there"
        )


def check_shape(what: str, array: np.ndarray, expected: Sequence[int], *, hint: str = "") -> None:
    """Raise ValueError where an array from outside has another shape than the module needs.

    `what` names the array; `hint` is a clause that ends the message: what the difference may come
    from.
    """
    if array.shape != tuple(expected):
        if array.shape == tuple(expected)[::-1]:
            hint = hint or "it is transposed; array.T has this shape"
        raise ValueError(
            f"{what}: expected shape {tuple(expected)}, got {array.shape}{hint and '; '}{hint}"
        )
