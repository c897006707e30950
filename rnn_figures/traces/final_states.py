"""Where each final state is: which row of h_n or c_n, and which slice of output it equals.

Tables and diagrams both say so; they may not import each other, so the fact is found here, once.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.traces.records import Trace
from rnn_figures.weights import DIRECTIONS


class FinalState(NamedTuple):
    """One row of h_n or c_n: where it comes from, and where it is seen again.

    Attributes:
        quantity: "h" for a row of h_n, "c" for a row of c_n.
        row: k of h_n[k]: D·layer + direction.
        layer: Its layer, from 0.
        direction: 0 forward, 1 reverse.
        steps: Where the direction ends, a step of the input for each sequence: the last valid
            step forward, 0 reverse.
        in_output: Code of the slice of output that the row equals, such as "output[-1, :, :3]";
            None if it is nowhere in output. Packed: a slice of `padded`, in the module's layout:
            `padded, lengths = pad_packed_sequence(output, batch_first=module.batch_first)`.
        proved: True if torch.equal finds the row in that slice of output; for a row that is nowhere
            in output, if its layer's trace ends in it, as closely as the trace was checked.
    """

    quantity: str
    row: int
    layer: int
    direction: int
    steps: tuple[int, ...]
    in_output: str | None
    proved: bool

    @property
    def name(self) -> str:
        """The row as code: "h_n[2]"."""
        return f"{self.quantity}_n[{self.row}]"

    @property
    def direction_name(self) -> str:
        """The direction as torch calls it: "forward" or "reverse"."""
        return DIRECTIONS[self.direction]


def final_states(trace: Trace) -> tuple[FinalState, ...]:
    """Say of each row of h_n, then of c_n, where it comes from and where output holds it.

    Only the top layer's h is in output: its forward half at the last step, its reverse half at
    step 0. Lower layers' h, and every c, are nowhere in output.

    Args:
        trace: The run; its h_n, c_n and output are compared as the module returned them.

    Returns:
        D·num_layers rows for h_n, and as many for c_n if the module has one.

    Examples:
        >>> from rnn_figures import trace
        >>> lstm = torch.nn.LSTM(5, 3, num_layers=2, bidirectional=True)
        >>> [state.in_output for state in final_states(trace(lstm, torch.zeros(4, 1, 5)))[:4]]
        [None, None, 'output[-1, :, :3]', 'output[0, :, 3:]']
    """
    return tuple(
        _final_state(trace, quantity, row)
        for quantity, states in (("h", trace.h_n), ("c", trace.c_n))
        if states is not None
        for row in range(len(states))
    )


def _final_state(trace: Trace, quantity: str, row: int) -> FinalState:
    """Find one row in the layer trace that ends in it, and in output if it is there."""
    layer, direction = divmod(row, trace.num_directions)
    states = trace.h_n if quantity == "h" or trace.c_n is None else trace.c_n
    state = states[row]  # (N, H), or (H,) unbatched
    steps = torch.zeros_like(trace.lengths) if direction else trace.lengths - 1
    if quantity == "h" and layer == trace.module.num_layers - 1:
        parts = _index_of_end(trace, direction)
        index = tuple(part for _, part in parts)
        if isinstance(trace.output, PackedSequence):
            padded, _ = pad_packed_sequence(trace.output, batch_first=trace.module.batch_first)
            name, value = "padded", padded[index]
        else:
            name, value = "output", trace.output[index]
        in_output = f"{name}[{', '.join(code for code, _ in parts)}]"
        proved = torch.equal(state, value)
    else:
        in_output = None
        computed = trace[layer, direction][quantity][steps, torch.arange(len(steps))]
        difference = (state - (computed if trace.batched else computed[0])).abs()
        # Twice: where the trace rounded c to the module's half type, that adds as much again.
        proved = bool((difference <= 2 * trace.max_difference).all())
    return FinalState(quantity, row, layer, direction, tuple(steps.tolist()), in_output, proved)


def _index_of_end(trace: Trace, direction: int) -> list[tuple[str, int | slice | Tensor]]:
    """Return where output holds the top layer's final h: each index, and how one types it."""
    everything = (":", slice(None))
    step = ("0", 0) if direction else ("-1", -1)
    half = everything
    if trace.num_directions == 2:
        width = trace.h_n.shape[-1]
        half = (f"{width}:", slice(width, None)) if direction else (f":{width}", slice(width))
    if trace.packed and not direction:  # each sequence ends at its own step
        count = len(trace.lengths)
        sequences = (f"torch.arange({count})", torch.arange(count))
        ends = ("lengths - 1", trace.lengths - 1)
        parts = [sequences, ends, half] if trace.module.batch_first else [ends, sequences, half]
    elif not trace.batched:
        parts = [step, half]
    elif trace.module.batch_first:
        parts = [everything, step, half]
    else:
        parts = [step, everything, half]
    while parts[-1] is everything:
        parts.pop()
    return parts
