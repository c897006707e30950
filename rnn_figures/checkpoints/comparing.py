"""Run two models of one structure on one input, and compare what they compute."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from rnn_figures.arguments import checked
from rnn_figures.checkpoints.records import FORGETTING, Change, Moved
from rnn_figures.configurations import describe
from rnn_figures.models import Call, Run, called, run_model
from rnn_figures.proofs import Proof
from rnn_figures.verdict.parts import Part, parts


@checked
def compare(model_a: nn.Module, model_b: nn.Module, *args: Any, **kwargs: Any) -> Moved:
    """Run two models of one structure on one input, such as two checkpoints, and say what moved.

    Both run as `trace_all` runs them, from the same random state, and are left as they were.

    Args:
        model_a: The first: "before".
        model_b: The second: "after".
        *args: What both take.
        **kwargs: What both take by name.

    Returns:
        What moved: gates, states and forgetting times of each layer, direction and unit.

    Raises:
        ValueError: there is no recurrent layer, or the layers or their calls are not the same.
        TraceMismatchError: a layer could not be traced; the first reason is raised, also if it is
            another.
        Exception: whatever the models themselves raise.

    Examples:
        >>> lstm = nn.LSTM(5, 3)
        >>> compare(lstm, lstm, torch.zeros(8, 1, 5)).headline
        '1 layer on 8 steps: nothing moved.'
    """
    with torch.random.fork_rng([]):
        state = torch.random.get_rng_state()
        runs = []
        for model in (model_a, model_b):
            torch.random.set_rng_state(state)
            runs.append(_complete(run_model(model, args, kwargs)))
    before, after = runs
    _refuse_other_structures(before, after)
    pairs = zip(parts(before.calls), parts(after.calls), strict=True)
    changes = [change for pair in pairs for change in _changes(*pair)]
    proofs = [call.trace.proof for run in runs for call in run.calls]
    return Moved(
        changes=tuple(changes),
        steps=sum(int(call.trace.lengths.sum()) for call in before.calls),
        proof=Proof("both runs equal to torch's own layers", *proofs),
    )


def _complete(run: Run) -> Run:
    """Return a run if all that it called was traced; else raise the reason."""
    if run.error is not None:
        raise run.error
    if run.refused:
        raise next(iter(run.refused.values()))
    if not run.calls:
        raise ValueError("expected models that call a recurrent layer, got a run that called none")
    return run


def _refuse_other_structures(before: Run, after: Run) -> None:
    """Raise ValueError unless both called the same layers on inputs of the same shape."""
    if before.names != after.names:
        told = " and ".join(", ".join(run.names) or "no name" for run in (before, after))
        raise ValueError(f"expected two models with the same layers, got {told}")
    first, second = ([_told(call) for call in run.calls] for run in (before, after))
    for one, other in zip(first, second, strict=False):
        if one != other:
            raise ValueError(f"expected two models of one structure, got {one} and {other}")
    if len(first) != len(second):
        raise ValueError(
            f"expected two models that call their layers alike, got {len(first)} and "
            f"{len(second)} calls"
        )


def _told(call: Call) -> str:
    """Return a call in words: whose, of what structure, on how many steps."""
    lengths = call.trace.lengths.tolist()
    steps = str(lengths[0]) if len(set(lengths)) == 1 else str(lengths)
    return f"{called(call.name)} {describe(call.module)} on {len(lengths)} × {steps} steps"


def _changes(before: Part, after: Part) -> Iterator[Change]:
    """Yield the changes of one layer in one direction, over all calls of its module."""
    for letter in before.traces[0].quantities:
        values = [part.values(letter).cpu().double().numpy() for part in (before, after)]
        yield _change(before, letter, *values)
        if letter in "fz":
            yield _change(before, FORGETTING, *map(_forgetting_times, values))


def _change(part: Part, quantity: str, before: np.ndarray, after: np.ndarray) -> Change:
    """Return how far a quantity is apart; values are (steps, units)."""
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(after - before))
    return Change(
        *(part.name, part.layer, part.direction, quantity),
        before=before.mean(0),
        after=after.mean(0),
        moved=apart.mean(0),
        largest=float(apart.max()),
    )


def _forgetting_times(gate: np.ndarray) -> np.ndarray:
    """Return −1 / mean ln f of each unit, (1, units): the steps that leave 1/e of a state."""
    with np.errstate(divide="ignore"):
        return -1 / np.minimum(np.log(gate.clip(1e-300, 1.0)).mean(0, keepdims=True), -1e-12)
