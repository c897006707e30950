"""Where each final state is: which row of h_n or c_n, and which slice of output it equals.

Tables and diagrams both show it; it is found and proved here, once.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.arguments import checked
from rnn_figures.proofs import Proof, compare
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
        proof: The row compared with the last state that its layer computed, as closely as the
            trace was checked, and with that slice of output, number by number.
    """

    quantity: str
    row: int
    layer: int
    direction: int
    steps: tuple[int, ...]
    in_output: str | None
    proof: Proof

    @property
    def name(self) -> str:
        """The row as code: "h_n[2]"."""
        return f"{self.quantity}_n[{self.row}]"

    @property
    def direction_name(self) -> str:
        """The direction as torch calls it: "forward" or "reverse"."""
        return DIRECTIONS[self.direction]

    @property
    def proved(self) -> bool:
        """True if every number of the row was compared."""
        return self.proof.holds


@checked
def final_states(trace: Trace) -> tuple[FinalState, ...]:
    """Return of each row of h_n, then of c_n, where it comes from and where output holds it.

    Only the top layer's h is in output: its forward half at the last step, its reverse half at
    step 0. Lower layers' h, and every c, are nowhere in output.

    Args:
        trace: The run; its h_n, c_n and output are compared as the module returned them.

    Returns:
        D·num_layers rows for h_n, and as many for c_n if the module has one.

    Raises:
        ProofError: a row is not what its layer computed last, or not that slice of output; the
            trace was changed after it was made.
        ValueError: the trace does not have all layers, steps and sequences.

    Examples:
        >>> from rnn_figures import trace
        >>> lstm = torch.nn.LSTM(5, 3, num_layers=2, bidirectional=True)
        >>> [state.in_output for state in final_states(trace(lstm, torch.zeros(4, 1, 5)))[:4]]
        [None, None, 'output[-1, :, :3]', 'output[0, :, 3:]']
    """
    trace.kept.need_all("the final states")
    return tuple(
        _final_state(trace, quantity, row)
        for quantity, rows in final_rows(trace).items()
        for row in range(len(rows))
    )


def final_rows(trace: Trace) -> dict[str, Tensor]:
    """Return h_n and, of an LSTM, c_n by the letter of the state, as the module returned them."""
    return {"h": trace.h_n} if trace.c_n is None else {"h": trace.h_n, "c": trace.c_n}


def final_row(trace: Trace, quantity: str, row: int, sequence: int) -> Tensor:
    """Return a row of h_n or c_n of one sequence, also of an unbatched run, (H,)."""
    state = final_rows(trace)[quantity][row]
    return state[sequence] if trace.batched else state


def _final_state(trace: Trace, quantity: str, row: int) -> FinalState:
    """Compare one row with the state that its layer ends in, and with output if it is there."""
    layer, direction = divmod(row, trace.num_directions)
    state = final_rows(trace)[quantity][row]  # (N, H), or (H,) unbatched
    steps = torch.zeros_like(trace.lengths) if direction else trace.lengths - 1
    reached = trace[layer, direction][quantity][steps, torch.arange(len(steps))]
    name = f"layer {layer} ({DIRECTIONS[direction]}), {quantity}_n[{row}]"
    # Twice: where the trace rounded c to the module's half type, that adds as much again.
    within = 2 * trace.max_difference
    comparisons = [compare(name, reached if trace.batched else reached[0], state, within=within)]
    in_output = None
    if quantity == "h" and layer == trace.module.num_layers - 1:
        in_output, value = _slice_of_output(trace, direction)
        comparisons.append(compare(f"{name}, {in_output}", value, state))
    proof = Proof(f"{name}, equal to the last {quantity} of its layer", *comparisons)
    return FinalState(quantity, row, layer, direction, tuple(steps.tolist()), in_output, proof)


def _slice_of_output(trace: Trace, direction: int) -> tuple[str, Tensor]:
    """Return the code that reads the top layer's final h from output, and what it reads."""
    name, output = "output", trace.output
    if isinstance(output, PackedSequence):
        name, output = "padded", pad_packed_sequence(output, trace.module.batch_first)[0]
    axes = ["0" if direction else "-1", *([":"] if trace.batched else [])]
    if trace.packed and not direction:  # each sequence ends at its own step
        axes = ["lengths - 1", f"torch.arange({len(trace.lengths)})"]
    if trace.module.batch_first:
        axes.reverse()
    if trace.num_directions == 2:
        axes.append(half_code(trace, direction))
    elif axes[-1] == ":":
        axes.pop()
    code = f"{name}[{', '.join(axes)}]"
    return code, eval(code, {"torch": torch, name: output, "lengths": trace.lengths})


def half_code(trace: Trace, direction: int) -> str:
    """Return the slice of one direction's features in what a layer gives: ":3" or "3:"."""
    width = trace.h_n.shape[-1]
    return f"{width}:" if direction else f":{width}"
