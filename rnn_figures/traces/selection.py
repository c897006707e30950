"""Which part of a trace a figure shows: one layer, direction, sequence and some units, in words.

`layer_index`, `sequence_index` and `unit_indices` check what a caller asks for, `position` says it,
and `select` does all of it for one quantity.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from torch import nn

from rnn_figures.configurations import class_name
from rnn_figures.traces.records import Trace
from rnn_figures.weights import DIRECTIONS, num_directions

BOUNDS = {**dict.fromkeys("iforz", (0.0, 1.0)), **dict.fromkeys("gn", (-1.0, 1.0))}
"""What a sigmoid or a tanh can give, by letter; c and x have no bounds, h has them for some."""

MOST_CELLS = 4096
"""Steps times units that a plot shows when its caller picks no units: more cannot be told apart."""


class Selection(NamedTuple):
    """The numbers of one quantity, one column per unit.

    Attributes:
        letter: The quantity.
        values: (steps, units), float64; NaN beyond the end of a packed sequence.
        units: Which unit each column is.
        length: Steps that the sequence has; at most len(values).
        bounds: What the quantity can be by its equation, or None: any number.
        layer: From 0.
        direction: 0 forward, 1 reverse, which reads the last step first.
        sequence: From 0.
        where: Layer, direction and sequence in words, as far as there is a choice, and which
            units are left out; may be empty.
    """

    letter: str
    values: np.ndarray
    units: tuple[int, ...]
    length: int
    bounds: tuple[float, float] | None
    layer: int
    direction: int
    sequence: int
    where: str

    @property
    def valid(self) -> np.ndarray:
        """The steps that the sequence has, (length, units)."""
        return self.values[: self.length]

    @property
    def is_gate(self) -> bool:
        """True of what comes from a sigmoid: shut at 0, open at 1."""
        return self.bounds == (0.0, 1.0)


def select(
    trace: Trace,
    letter: str,
    *,
    layer: int,
    direction: int,
    sequence: int,
    units: Sequence[int] | None,
) -> Selection:
    """Pick one quantity, or "x", what the layer read, out of a trace.

    Layers and sequences count from 0, negative ones from the last. Without `units` all are picked,
    or as many of the first as can be told apart: 4096 cells. What is not there is an IndexError
    that says what there is.
    """
    layer = layer_index(trace.module, layer, direction)
    sequence = sequence_index(sequence, len(trace.lengths))
    part = trace[layer, direction]
    if part.steps is not None and len(part.steps) < part.steps[-1] + 1:
        trace.kept.need_all("a plot of the steps")
    if letter not in (*part.quantities, "x"):
        raise ValueError(
            f"expected a quantity of nn.{class_name(trace.module)}: "
            f"{', '.join(part.quantities)} or x; got {letter!r}"
        )
    values = part[letter][:, sequence].double().cpu().numpy()  # (L, N, H) -> (L, H)
    picked = unit_indices(units, values.shape[1], letter, most=max(1, MOST_CELLS // len(values)))
    where = position(trace, layer, direction, sequence)
    if units is None and len(picked) < values.shape[1]:
        where += f"{', ' if where else ''}first {len(picked)} of {values.shape[1]} units"
    return Selection(
        letter,
        values[:, picked],
        picked,
        int(part.lengths[sequence]),
        _bounds(trace.module, letter),
        layer,
        direction,
        sequence,
        where,
    )


def layer_index(module: nn.RNNBase, layer: int, direction: int) -> int:
    """Return the index of a layer from 0, or IndexError; negative counts from the top."""
    directions = num_directions(module)
    if not (-module.num_layers <= layer < module.num_layers and 0 <= direction < directions):
        raise IndexError(
            f"expected a layer in 0..{module.num_layers - 1} and a direction in "
            f"0..{directions - 1}, got layer {layer}, direction {direction}"
        )
    return layer % module.num_layers


def sequence_index(sequence: int, count: int) -> int:
    """Return the index of one of `count` sequences, or IndexError; negative ones from the last."""
    if not -count <= sequence < count:
        raise IndexError(f"expected a sequence in 0..{count - 1}, got {sequence}")
    return sequence % count


def unit_indices(
    units: Sequence[int] | None, size: int, letter: str, *, most: int
) -> tuple[int, ...]:
    """Return the units that are picked: those asked for, each once, or the first `most`."""
    picked = tuple(range(min(size, most)) if units is None else dict.fromkeys(units))
    if not picked:
        raise ValueError("expected at least one unit, got none; leave `units` out for all")
    if wrong := [unit for unit in picked if not 0 <= unit < size]:
        raise IndexError(
            f"expected units of {letter} in 0..{size - 1}, got {', '.join(map(str, wrong))}"
        )
    return picked


def position(trace: Trace, layer: int, direction: int, sequence: int) -> str:
    """Return layer, direction and sequence in words, each only where there is a choice.

    Examples:
        >>> import torch
        >>> from rnn_figures import trace
        >>> position(trace(torch.nn.GRU(5, 3, num_layers=2), torch.zeros(8, 1, 5)), 1, 0, 0)
        'layer 1'
    """
    words = []
    if trace.module.num_layers > 1:
        words.append(f"layer {layer}")
    if trace.num_directions > 1:
        words.append(DIRECTIONS[direction])
    if len(trace.lengths) > 1 or trace.kept.sequences != (0,):
        words.append(f"sequence {trace.kept.sequences[sequence]}")
    return ", ".join(words)


def _bounds(module: nn.RNNBase, letter: str) -> tuple[float, float] | None:
    """Return what a quantity can be: a projected h, or one of relu, can be any number."""
    if letter == "h" and not module.proj_size and module.mode != "RNN_RELU":
        return (-1.0, 1.0)
    return BOUNDS.get(letter)
