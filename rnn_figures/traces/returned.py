"""Where output, h_n and c_n keep each state of a trace, if they do, and the code that reads it.

`output` keeps the top layer's h at every step, `h_n` and `c_n` the last state of every layer and
direction; everything else is kept nowhere. `prove` compares all of it.
"""

from typing import NamedTuple

import torch
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.final_states import FinalState, final_row, final_states, half_code
from rnn_figures.traces.records import Trace
from rnn_figures.weights import layers_and_directions

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


def prove(trace: Trace) -> Proof:
    """Return the proof that output, h_n and c_n are the states of the trace that they keep."""
    halves = [trace[-1, direction].h for direction in range(trace.num_directions)]
    return Proof(
        f"{trace.proof.words}; every row of h_n and c_n, and every step of output, equal to the "
        "state it is shown at",
        trace.proof,
        *(state.proof for state in final_states(trace)),
        compare("output, the h of the top layer", torch.cat(halves, -1), trace.output_steps()),
    )


def tags(trace: Trace, sequence: int) -> tuple[Tag, ...]:
    """Return the rows of h_n, then of c_n, with the state that each is."""
    return tuple(_tag(trace, state, sequence) for state in final_states(trace))


def _tag(trace: Trace, state: FinalState, sequence: int) -> Tag:
    """Return the tag of one row of h_n or c_n for one sequence."""
    step = state.steps[sequence]
    name = f"{state.quantity}_n[{state.row}{f', {sequence}' if trace.packed else ''}]"
    if state.in_output and trace.packed:
        return Tag(state, name, step, output_code(trace, state.direction, step, sequence))
    if state.in_output is None and state.quantity == "h":
        row = final_row(trace, "h", state.row, sequence)
        output = trace.output_steps()[:, sequence].unflatten(-1, (trace.num_directions, -1))
        if bool((output == row).all(-1).any()):  # by chance, such as zeros of a relu
            return Tag(state, name, step, "")
    return Tag(state, name, step, state.in_output)


def step_code(name: str, trace: Trace, t: int | str, sequence: int) -> str:
    """Return the code that reads one step of x or of output: "x[2]", "x[:, 2]", "padded[2, 1]".

    A packed output is read as `padded`: what pad_packed_sequence makes of it, batch first as the
    module has it.
    """
    if trace.packed:
        first, second = (sequence, t) if trace.module.batch_first else (t, sequence)
        return f"{'padded' if name == 'output' else name}[{first}, {second}]"
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


def keepers(trace: Trace, sequence: int, tags: tuple[Tag, ...]) -> dict[Cell, dict[str, str]]:
    """Return what keeps each state of one sequence, and the code that reads it there.

    For each (letter, layer, direction, step) a dict from "output", "h_n" or "c_n" to code, or from
    "nowhere" to "".
    """
    kept: dict[Cell, dict[str, str]] = {}
    for layer, direction in layers_and_directions(trace.module):
        is_top = layer == trace.module.num_layers - 1
        for t in range(int(trace.lengths[sequence])):
            code = output_code(trace, direction, t, sequence)
            kept["h", layer, direction, t] = {"output": code} if is_top else {}
            if trace.c_n is not None:
                kept["c", layer, direction, t] = {}
    for tag in tags:
        kept[tag.cell][f"{tag.state.quantity}_n"] = tag.name
    return {cell: names or {"nowhere": ""} for cell, names in kept.items()}
