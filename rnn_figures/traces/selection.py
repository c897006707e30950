"""What of a trace a plot shows: one quantity of one layer, one direction, one sequence."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnn_figures.configurations import class_name
from rnn_figures.traces.records import LayerTrace, Trace
from rnn_figures.weights import DIRECTIONS

BOUNDS = {
    **dict.fromkeys("iforz", (0.0, 1.0)),
    **dict.fromkeys("gn", (-1.0, 1.0)),
}
"""What a sigmoid or a tanh can give, by letter; c and x have no bounds, h has them for some."""


MOST_CELLS = 4096
"""Steps times units that a plot shows when its caller picks no units: more cannot be told apart."""


class Selection(NamedTuple):
    """The numbers of one quantity, one column per unit.

    Attributes:
        letter: The quantity.
        values: (steps, units), float64; NaN beyond the end of a packed sequence.
        units: Which unit each column is.
        left_out: How many more units the quantity has, when nobody picked.
        length: Steps that the sequence has; at most len(values).
        bounds: What the quantity can be by its equation, or None: any number.
        reverse: True if the direction reads the last step first.
    """

    letter: str
    values: np.ndarray
    units: tuple[int, ...]
    left_out: int
    length: int
    bounds: tuple[float, float] | None
    reverse: bool

    @property
    def valid(self) -> np.ndarray:
        """The steps that the sequence has, (length, units)."""
        return self.values[: self.length]


def select(
    trace: Trace,
    letter: str,
    *,
    layer: int,
    direction: int,
    sequence: int,
    units: Sequence[int] | None,
) -> Selection:
    """Pick one quantity out of a trace.

    Args:
        trace: The run.
        letter: The quantity, or "x": what the layer read.
        layer: From 0; negative counts from the top.
        direction: 0 forward, 1 reverse.
        sequence: From 0; negative counts from the last.
        units: Which units, in this order; None for all, or for as many of the first as can be
            told apart: 4096 cells.

    Raises:
        IndexError: no such layer, direction, sequence or unit; the message says which there are.
        ValueError: no such quantity, or no unit at all.
    """
    part = layer_trace(trace, layer, direction)
    if letter not in (*part.quantities, "x"):
        raise ValueError(
            f"expected a quantity of nn.{class_name(trace.module)}: "
            f"{', '.join(part.quantities)} or x; got {letter!r}"
        )
    count = len(part.lengths)
    if not -count <= sequence < count:
        raise IndexError(f"expected a sequence in 0..{count - 1}, got {sequence}")
    values = part[letter][:, sequence].double().cpu().numpy()  # (L, N, H) -> (L, H)
    size = values.shape[1]
    fitting = min(size, max(1, MOST_CELLS // len(values)))
    picked = tuple(range(fitting)) if units is None else tuple(units)
    if not picked:
        raise ValueError("expected at least one unit, got none; leave `units` out for all")
    wrong = [unit for unit in picked if not 0 <= unit < size]
    if wrong:
        raise IndexError(
            f"expected units of {letter} in 0..{size - 1}, got {', '.join(map(str, wrong))}"
        )
    return Selection(
        letter,
        values[:, picked],
        picked,
        size - fitting if units is None else 0,
        int(part.lengths[sequence]),
        _bounds(trace, letter),
        part.reverse,
    )


def layer_trace(trace: Trace, layer: int, direction: int) -> LayerTrace:
    """Return one layer in one direction; trace[layer, direction] says what exists if it fails."""
    if direction < 0:
        raise IndexError(f"expected a direction in 0..{trace.num_directions - 1}, got {direction}")
    return trace[layer, direction]


def place(
    trace: Trace, layer: int, direction: int, sequence: int, selection: Selection | None = None
) -> str:
    """Say where in the module a plot looks, as far as there is a choice, and what it leaves out.

    Examples:
        >>> import torch
        >>> from rnn_figures import trace
        >>> place(trace(torch.nn.GRU(5, 3, num_layers=2), torch.zeros(8, 1, 5)), -1, 0, 0)
        'layer 1'
    """
    words = []
    if trace.module.num_layers > 1:
        words.append(f"layer {layer % trace.module.num_layers}")
    if trace.num_directions > 1:
        words.append(DIRECTIONS[direction])
    if len(trace.lengths) > 1:
        words.append(f"sequence {sequence % len(trace.lengths)}")
    if selection is not None and selection.left_out:
        shown = len(selection.units)
        words.append(f"first {shown} of {shown + selection.left_out} units")
    return ", ".join(words)


def _bounds(trace: Trace, letter: str) -> tuple[float, float] | None:
    """Return what a quantity can be: a projected h, or one of relu, can be any number."""
    if letter == "h" and not trace.module.proj_size and trace.module.mode != "RNN_RELU":
        return (-1.0, 1.0)
    return BOUNDS.get(letter)
