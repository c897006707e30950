"""Run a loop of calls step by step, and compare it with the fused layer or a second run."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.arguments import came
from rnn_figures.proofs import Proof, ProofError, compare
from rnn_figures.traces.runs import states_of

TOLERANCE = 1e-5
"""Largest difference allowed between a loop of a cell and the fused layer."""

State = Tensor | tuple[Tensor, ...] | None
"""What a step hands to the next: h, or (h, c); None before the first, for zeros."""


class LoopStep(NamedTuple):
    """One call of a loop.

    Attributes:
        given: True if its input was given, False if it was chosen at the step before.
        input: What it read.
        output: What it returned: h of a cell.
        choice: What `choose` picks from the output; None without `choose`.
        h: The hidden state that it handed on, (N, H).
    """

    given: bool
    input: Tensor
    output: Tensor
    choice: Tensor | None
    h: Tensor


def run_loop(
    step: Callable, inputs: Tensor, *, steps: int, state: State, choose: Callable | None
) -> tuple[list[LoopStep], State]:
    """Run a loop; return its calls, and the state that the last one returned.

    `step` is a cell, or a function from (input, state) to (output, state). Once the inputs have run
    out, `choose` picks the next one from the last output.
    """
    calls: list[LoopStep] = []
    for t in range(steps):
        given = t < len(inputs)
        choice = None if given else calls[-1].choice
        read = inputs[t] if choice is None else choice
        if isinstance(step, nn.RNNCellBase):
            state = step(read, state)
            output = states_of(state)[0]
        else:
            output, state = _pair(step(read, state))
        h = states_of(state)[0]
        assert h is not None
        calls.append(LoopStep(given, read, output, None if choose is None else choose(output), h))
    return calls, state


def _pair(given: object) -> tuple[Tensor, State]:
    """Return a step's output and its state; raise TypeError where it gave something else."""
    if not isinstance(given, tuple) or len(given) != 2 or not isinstance(given[0], Tensor):
        raise TypeError(f"expected step to return (output, state), got {came(given)}")
    return given


def proof_of(step: Callable, calls: list[LoopStep], state: State) -> Proof:
    """Compare a loop with the fused layer of its weights, or a second run; ValueError if apart."""
    read = torch.stack([call.input for call in calls])
    made = torch.stack([call.output for call in calls])
    if isinstance(step, nn.RNNCellBase):
        layer = _fused_layer(step)
        given = layer(read, None if state is None else _with_layer_axis(state))[0]
        name = f"nn.{type(layer).__name__} with the same weights"
        words, within = f"equal to {name}", TOLERANCE
        expected = f"expected the loop to equal {name}; the cell must compute what torch's own does"
    else:
        again, _ = run_loop(step, read, steps=len(calls), state=state, choose=None)
        given = torch.stack([call.output for call in again])
        words, within = "given all its inputs beforehand, the loop gives the same", 0.0
        expected = (
            "expected the same outputs when the loop's own inputs are given to it, got others; "
            "the step must depend on its input and its state only"
        )
    try:
        return Proof(words, compare("output", made, given, within=within))
    except ProofError as error:
        raise ValueError(f"{expected} ({error})") from None


def _fused_layer(cell: nn.RNNCellBase) -> nn.RNNBase:
    """Return the layer of one direction that has a cell's weights."""
    kind = next(
        name for name in ("LSTM", "GRU", "RNN") if isinstance(cell, getattr(nn, f"{name}Cell"))
    )
    options = {"nonlinearity": cell.nonlinearity} if isinstance(cell, nn.RNNCell) else {}
    weight = cell.weight_ih
    layer = getattr(nn, kind)(
        cell.input_size,
        cell.hidden_size,
        bias=cell.bias,
        dtype=weight.dtype,
        device=weight.device,
        **options,
    )
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    return layer


def _with_layer_axis(state: Tensor | tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
    """Return a cell's state as the layer takes it: (N, H) -> (1, N, H)."""
    return tuple(part[None] for part in state) if isinstance(state, tuple) else state[None]
