"""Where every weight of a recurrent module is, and where Keras and ONNX keep the same numbers.

    parameters   torch: names, order and rows of every weight
    blocks       what the converters share: orders, shapes, refusals
    keras        PyTorch <-> the lists that keras.layers take
    onnx         PyTorch <-> the tensors W, R, B of ONNX's operators

Neither Keras nor ONNX is imported: the layouts are NumPy arrays.
"""

from rnn_figures.weights.blocks import STACKED_BY_KERAS, STACKED_BY_ONNX
from rnn_figures.weights.keras import from_keras, to_keras
from rnn_figures.weights.onnx import from_onnx, to_onnx
from rnn_figures.weights.parameters import (
    DIRECTIONS,
    PARAMETERS,
    STACKED,
    gate_slices,
    input_size,
    layers_and_directions,
    num_directions,
    output_size,
    parameter_slices,
    set_forget_bias,
    suffix,
    weights,
)

__all__ = [
    "DIRECTIONS",
    "PARAMETERS",
    "STACKED",
    "STACKED_BY_KERAS",
    "STACKED_BY_ONNX",
    "from_keras",
    "from_onnx",
    "gate_slices",
    "input_size",
    "layers_and_directions",
    "num_directions",
    "output_size",
    "parameter_slices",
    "set_forget_bias",
    "suffix",
    "to_keras",
    "to_onnx",
    "weights",
]
