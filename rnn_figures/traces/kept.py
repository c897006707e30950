"""Say of every state of a trace where the module's answer keeps it, each claim compared.

`output` keeps the top layer's h at every step, `h_n` and `c_n` the last state of every layer and
direction; everything else is kept nowhere.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.traces.final_states import FinalState, final_states
from rnn_figures.traces.records import Trace

KEEPERS = ("output", "h_n", "c_n", "nowhere")
"""What may keep a state."""

Cell = tuple[str, int, int, int]
"""Letter of a state, layer, direction, step."""


class Tag(NamedTuple):
    """One row of h_n or c_n, for one sequence: its name, the cell it is, its twin in output.

    Attributes:
        state: Where the row comes from.
        name: Code that reads it: "h_n[2]"; "h_n[2, 1]" for sequence 1 of a packed batch.
        step: The step whose state it is.
        twin: Code of the part of output that equals it; None if no part of output does.
    """

    state: FinalState
    name: str
    step: int
    twin: str | None

    @property
    def cell(self) -> Cell:
        """The state in the diagram that this row is."""
        return self.state.quantity, self.state.layer, self.state.direction, self.step


def tags(trace: Trace, sequence: int) -> tuple[Tag, ...]:
    """Return the rows of h_n, then of c_n, each proved to be where the diagram shows it.

    Args:
        trace: The run.
        sequence: Which sequence of the batch.

    Raises:
        ValueError: a row differs from the state of the cell that it is said to be, or from its
            part of output.
    """
    return tuple(_tag(trace, state, sequence) for state in final_states(trace))


def _tag(trace: Trace, state: FinalState, sequence: int) -> Tag:
    """Prove one row of h_n or c_n for one sequence."""
    step = state.steps[sequence]
    rows = trace.h_n if state.quantity == "h" else trace.c_n
    assert rows is not None  # a module without c_n has no row of it
    row = rows[state.row, sequence] if trace.batched else rows[state.row]
    cell = trace[state.layer, state.direction][state.quantity][step, sequence]
    # Twice: where the trace rounded c to the module's half type, that adds as much again.
    if not state.proved or not bool(((row - cell).abs() <= 2 * trace.max_difference).all()):
        raise ValueError(
            f"{state.name} is not the {state.quantity} of layer {state.layer} "
            f"({state.direction_name}) after step {step}; the trace does not describe what the "
            "module returned: make a new one with trace(module, input)"
        )
    name = f"{state.quantity}_n[{state.row}{f', {sequence}' if trace.packed else ''}]"
    if state.in_output and trace.packed:
        return Tag(state, name, step, output_code(trace, state.direction, step, sequence))
    if state.in_output is None and state.quantity == "h" and _is_in_output(trace, row, sequence):
        return Tag(state, name, step, "")  # by chance, such as zeros of a relu
    return Tag(state, name, step, state.in_output)


def _is_in_output(trace: Trace, row: Tensor, sequence: int) -> bool:
    """Say whether any half of any step of output equals a row, number by number."""
    return any(
        bool((trace[-1, direction].h[:, sequence] == row).all(-1).any())
        for direction in range(trace.num_directions)
    )


def step_code(name: str, trace: Trace, t: int | str, sequence: int) -> str:
    """Return the code that reads one step of x or of output: "x[2]", "x[:, 2]", "padded[2, 1]".

    A packed output is read as `padded`: what pad_packed_sequence makes of it, batch first as the
    module has it.
    """
    if trace.packed:
        places = (sequence, t) if trace.module.batch_first else (t, sequence)
        return f"{'padded' if name == 'output' else name}[{places[0]}, {places[1]}]"
    batch_first = trace.batched and trace.module.batch_first
    return f"{name}[:, {t}]" if batch_first else f"{name}[{t}]"


def output_code(trace: Trace, direction: int, t: int, sequence: int) -> str:
    """Return the code that reads one direction's half of output at one step."""
    step = step_code("output", trace, t, sequence)
    if trace.num_directions == 1:
        return step
    batch_axis = trace.batched and not trace.packed and not trace.module.batch_first
    return f"{step[:-1]}{', :' if batch_axis else ''}, {half_code(trace, direction)}]"


def output_shape(trace: Trace) -> str:
    """Return the shape of one step of output, as the module's caller would see it."""
    if isinstance(trace.output, PackedSequence):
        return str(tuple(trace.output.data.shape[1:]))
    return str(tuple(trace.output.select(int(trace.batched and trace.module.batch_first), 0).shape))


def half_code(trace: Trace, direction: int) -> str:
    """Return the slice of one direction's features in what a layer gives: ":3" or "3:"."""
    width = trace.h_n.shape[-1]
    return f"{width}:" if direction else f":{width}"


def keepers(trace: Trace, sequence: int, proved: tuple[Tag, ...]) -> dict[Cell, dict[str, str]]:
    """Say of every state of one sequence who keeps it: the keeper's name, and the code to read it.

    Args:
        trace: The run.
        sequence: Which sequence of the batch.
        proved: What `tags` returns for it.

    Returns:
        For each (letter, layer, direction, step) a dict from "output", "h_n" or "c_n" to code,
        or from "nowhere" to "".

    Raises:
        ValueError: output does not hold the top layer's h.
    """
    length = int(trace.lengths[sequence])
    top = trace.module.num_layers - 1
    kept: dict[Cell, dict[str, str]] = {}
    for layer in range(trace.module.num_layers):
        for direction in range(trace.num_directions):
            for t in range(length):
                kept["h", layer, direction, t] = (
                    {"output": output_code(trace, direction, t, sequence)} if layer == top else {}
                )
                if trace.c_n is not None:
                    kept["c", layer, direction, t] = {}
    _check_output(trace, sequence)
    for tag in proved:
        kept[tag.cell][f"{tag.state.quantity}_n"] = tag.name
    return {cell: names or {"nowhere": ""} for cell, names in kept.items()}


def _check_output(trace: Trace, sequence: int) -> None:
    """Raise ValueError if output is not the top layer's h, forward and reverse side by side."""
    output = trace.output
    if isinstance(output, PackedSequence):
        output = pad_packed_sequence(output)[0]
    elif not trace.batched:
        output = output.unsqueeze(1)
    elif trace.module.batch_first:
        output = output.transpose(0, 1)
    length = int(trace.lengths[sequence])
    halves = [trace[-1, direction].h for direction in range(trace.num_directions)]
    if not torch.equal(output[:length, sequence], torch.cat(halves, -1)[:length, sequence]):
        raise ValueError(
            "output is not the h of the top layer; the trace does not describe what the module "
            "returned: make a new one with trace(module, input)"
        )
