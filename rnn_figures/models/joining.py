"""Join calls that go on from each other, one step at a time: a loop over cells is one sequence."""

from collections.abc import Iterable
from dataclasses import replace

import torch

from rnn_figures.models.recorded import Recorded, same

MOST_OPEN = 8
"""Chains of one layer that may run in turns."""


def joined(calls: Iterable[Recorded]) -> list[Recorded]:
    """Return calls with each chain of single steps as one, in the order of their first steps.

    A call goes on from another of its layer if both are one step, under the same weights, and the
    state that it was given is the state that the other returned, number by number. A loop may run
    several chains in turns, as where one cell serves as two layers.
    """
    chains: list[list[Recorded]] = []
    open_chains: dict[str, list[list[Recorded]]] = {}
    for call in calls:
        own = open_chains.setdefault(call.name, [])
        chain = next((each for each in reversed(own) if _goes_on(each[-1], call)), None)
        if chain is None:
            chain = []
            chains.append(chain)
            own.append(chain)
            del own[:-MOST_OPEN]
        chain.append(call)
    return [_as_one(chain) for chain in chains]


def _goes_on(before: Recorded, call: Recorded) -> bool:
    return (
        before.one_step
        and call.one_step
        and before.error is None
        and call.error is None
        and call.hx is not None
        and before.weights is call.weights
        and (before.autocast, before.dropout) == (call.autocast, call.dropout)
        and before.input.shape == call.input.shape
        and before.input.dtype == call.input.dtype
        and before.output.dtype == call.output.dtype
        and same(before.state, call.hx)
    )


def _as_one(chain: list[Recorded]) -> Recorded:
    if len(chain) == 1:
        return chain[0]
    first = chain[0]
    gradients = [call.gradient for call in chain]
    known = all(gradient is not None for gradient in gradients)
    return replace(
        first,
        gradient=torch.cat(gradients, first.steps_axis) if known else None,
        input=torch.cat([call.input for call in chain], first.steps_axis),
        output=torch.cat([call.output for call in chain], first.steps_axis),
        state=chain[-1].state,
        calls=len(chain),
        severed=sum(call.facts.tied is False for call in chain[1:]),
        heard=None if first.heard is None else any(call.heard for call in chain),
        heard_last=chain[-1].heard,
        reads=None,  # each step is read by the next
    )
