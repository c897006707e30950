"""Each row of h_n and c_n: its layer, its direction, and the slice of output that it equals."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.figures import Table
from rnn_figures.proofs import Comparison, Proof, compare, compare_column
from rnn_figures.traces import Trace
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.final_states import FinalState, final_rows, final_states
from rnn_figures.weights import DIRECTIONS

NOWHERE = "nowhere in output"


@checked
def h_n_table(trace: Trace) -> Table:
    """List for each row of h_n, and of c_n where there is one, what it is and where output has it.

    Args:
        trace: The run.

    Returns:
        Columns row, equals (code, or "nowhere in output"), layer, direction, step (where the
        direction ends; packed, one step for each sequence) and proved (the row compared with the
        state that its layer ends in, and with output where it is there). Packed: `padded` and
        `lengths` in the code are those of
        pad_packed_sequence(output, batch_first=module.batch_first).

    Raises:
        ProofError: a code does not read its row.

    Examples:
        >>> from rnn_figures import trace
        >>> h_n_table(trace(torch.nn.GRU(5, 3, num_layers=2), torch.zeros(8, 1, 5))).rows[1]
        ('h_n[1]', 'output[-1]', 1, 'forward', 7, True)
    """
    states = final_states(trace)
    rows = [
        (
            state.name,
            state.in_output or NOWHERE,
            state.layer,
            state.direction_name,
            state.steps[0] if len(set(state.steps)) == 1 else state.steps,
            state.proved,
        )
        for state in states
    ]
    found = [f"{state.name} equals {state.in_output}" for state in states if state.in_output]
    lost = [state.name for state in states if not state.in_output]
    alt = f"Final states of {describe(trace.module)}: {'; '.join(found)}."
    if lost:
        alt += f" Nowhere in output: {', '.join(lost)}."
    table = Table(("row", "equals", "layer", "direction", "step", "proved"), rows, alt=alt)
    return table.proved(trace.proof.words, trace.proof, *_compare_codes(table, trace, states))


def _compare_codes(
    table: Table, trace: Trace, states: Sequence[FinalState]
) -> Iterator[Comparison | Proof]:
    """Yield the proofs of all rows; each code of the finished table is run and compared."""
    names: dict[str, object] = {"torch": torch, "output": trace.output}
    if isinstance(trace.output, PackedSequence):
        padded = pad_packed_sequence(trace.output, batch_first=trace.module.batch_first)
        names["padded"], names["lengths"] = padded
    numbered = [(quantity, k) for quantity, of in final_rows(trace).items() for k in range(len(of))]
    yield compare_column(table, "row", [f"{quantity}_n[{k}]" for quantity, k in numbered])
    yield compare_column(table, "layer", [k // trace.num_directions for _, k in numbered])
    directions = [DIRECTIONS[k % trace.num_directions] for _, k in numbered]
    yield compare_column(table, "direction", directions)
    for row, state in zip(table, states, strict=True):
        yield state.proof
        yield compare(f"the code of {state.name}", row["equals"], state.in_output or NOWHERE)
        yield compare(f"whether {state.name} was proved", row["proved"], state.proved)
        if row["equals"] != NOWHERE:
            yield compare(state.name, eval(str(row["equals"]), names), trace.h_n[state.row])
        yield from _compare_step(row["step"], trace, state)


def _compare_step(step: object, trace: Trace, state: FinalState) -> Iterator[Comparison]:
    """Compare a final state with what its layer has at the step that the table gives."""
    run = trace[state.layer, state.direction]
    steps: Any = step if isinstance(step, tuple) else (step,) * len(trace.lengths)
    final = final_rows(trace)[state.quantity][state.row]
    found = torch.stack([run[state.quantity][t, n] for n, t in enumerate(steps)])
    within = max(tolerance(found), 1.01 * state.proof.max_difference)  # as rounding explains it
    yield compare(f"the step of {state.name}", found, final.reshape(found.shape), within=within)
