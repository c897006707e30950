"""What the converters share: the orders of the stacked blocks, shapes, and what is refused."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from rnn_figures.configurations import NO_VALUES, class_name

STACKED_BY_KERAS = {"LSTM": "ifgo", "GRU": "zrn", "RNN": "h"}
"""The blocks in Keras' order, in torch's letters: Keras writes c for g, and h for n."""

STACKED_BY_ONNX = {"LSTM": "iofg", "GRU": "zrn", "RNN": "h"}
"""The blocks in ONNX's order, in torch's letters: ONNX writes c for g, and h for n."""


def reorder(stacked: np.ndarray, order: str, new_order: str) -> np.ndarray:
    """Return the blocks along the first axis in another order, always as a copy.

    Args:
        stacked: Blocks of equal size, (G·H_cell, ...), G the number of letters.
        order: One letter for each block, as they are.
        new_order: The same letters, as they should be.

    Examples:
        >>> reorder(np.array([1, 1, 2, 2, 3, 3]), "rzn", "zrn").tolist()
        [2, 2, 1, 1, 3, 3]
    """
    blocks = dict(zip(order, np.split(stacked, len(order)), strict=True))
    return np.concatenate([blocks[letter] for letter in new_order])


def as_array(tensor: Tensor) -> np.ndarray:
    """Return a tensor as a NumPy array of the same dtype, which may share its memory.

    Raises:
        ValueError: NumPy does not have the dtype, for example bfloat16; or there are no values.
    """
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
    """Raise where a module projects its hidden state, which neither Keras nor ONNX can.

    Raises:
        TypeError: `module` is no recurrent layer.
        ValueError: it has a proj_size.
    """
    name = class_name(module)
    if module.proj_size:
        raise ValueError(
            f"expected proj_size=0, got proj_size={module.proj_size}: {format} has no projection "
            f"in its {name}, so these weights cannot be expressed there"
        )


def check_shape(what: str, array: np.ndarray, expected: Sequence[int], *, hint: str = "") -> None:
    """Raise where an array from outside does not have the shape that the module needs.

    Args:
        what: Name of the array, for the message.
        array: What came.
        expected: The shape that the module needs.
        hint: A clause that ends the message: what the difference may come from.

    Raises:
        ValueError: the shapes differ.
    """
    if array.shape != tuple(expected):
        raise ValueError(
            f"{what}: expected shape {tuple(expected)}, got {array.shape}{hint and '; '}{hint}"
        )
