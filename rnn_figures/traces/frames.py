"""A trace as a pandas DataFrame or an xarray Dataset, where they are installed."""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from rnn_figures.machine import imported
from rnn_figures.weights import DIRECTIONS

if TYPE_CHECKING:
    from rnn_figures.traces.records import Trace

INDEX = ("layer", "direction", "sequence", "step", "unit")
"""What a row of a DataFrame is of."""


def to_pandas(trace: "Trace") -> Any:
    """Return a DataFrame with a row for each unit of each step that a sequence has."""
    pandas = imported("pandas")
    steps, sequences = np.array(trace.kept.steps), trace.kept.sequences
    frames = []
    for layer, direction in itertools.product(*_layers_and_directions(trace)):
        part = trace[layer, direction]
        for index, sequence in enumerate(sequences):
            length = int(part.lengths[index])
            width = max(part[letter].shape[-1] for letter in part.quantities)
            columns = {
                letter: _widened(_array(part[letter][:length, index]), width).ravel()
                for letter in part.quantities
            }
            where = (layer, DIRECTIONS[direction], sequence)
            rows = (np.repeat(steps[:length], width), np.tile(np.arange(width), length))
            frames.append(pandas.DataFrame(dict(zip(INDEX, where + rows, strict=True)) | columns))
    return pandas.concat(frames, ignore_index=True).set_index(list(INDEX))


def to_xarray(trace: "Trace") -> Any:
    """Return a Dataset with a variable for each letter."""
    xarray = imported("xarray")
    layers, directions = _layers_and_directions(trace)
    variables = {}
    for letter in trace[layers[0], 0].quantities:
        stacked = np.array(
            [
                [_array(trace[layer, direction][letter]) for direction in directions]
                for layer in layers
            ]
        )
        unit = "h_unit" if letter == "h" and trace.module.proj_size else "unit"
        variables[letter] = (("layer", "direction", "step", "sequence", unit), stacked)
    coordinates = {
        "layer": layers,
        "direction": [DIRECTIONS[direction] for direction in directions],
        "step": list(trace.kept.steps),
        "sequence": list(trace.kept.sequences),
        "length": ("sequence", trace.lengths.numpy()),
    }
    return xarray.Dataset(variables, coordinates, attrs={"checked": trace.checked})


def _layers_and_directions(trace: "Trace") -> tuple[list[int], range]:
    """Return the layers that the trace has, from the lowest, and the directions of each."""
    return sorted(trace.kept.layers), range(trace.num_directions)


def _array(value: Tensor) -> np.ndarray:
    """Return numbers as an array, half types as float32: NumPy has no bfloat16."""
    value = value.detach().cpu()
    return (value.float() if value.dtype.itemsize < 4 else value).numpy()


def _widened(values: np.ndarray, width: int) -> np.ndarray:
    """Return (steps, units) with NaN for the units that there are not."""
    missing = width - values.shape[1]
    return np.pad(values, ((0, 0), (0, missing)), constant_values=np.nan) if missing else values
