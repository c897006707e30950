"""What the shipped networks can do: measured again, and compared with the records of training."""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnn_figures.numbers import decimals
from rnn_figures.proofs import Proof, compare
from rnn_figures.training import EXPERIMENTS, trained, trained_runs
from rnn_figures.training.stored import record

STEPS = "steps"
"""The measure that only a training gives: how many steps it took until the loss was low."""

SAME_SHARE = 0.02
"""Largest difference of a share of right answers on another machine, whose rounding differs."""

SAME_COUNT = 1.0
"""Largest difference of a count there."""


class Measured(NamedTuple):
    """A measure of all networks of one kind.

    Attributes:
        values: One for each seed.
        reached: For each seed whether the value is what it says; False for a training whose loss
            was not low after all its steps.
    """

    values: tuple[float, ...]
    reached: tuple[bool, ...]

    @property
    def median(self) -> float:
        """The middle value; half a step between the two middle ones of an even number."""
        return float(np.median(self.values))

    def __str__(self) -> str:
        """Return the median, and in brackets the lowest and the highest where they differ."""
        low, high = min(self.values), max(self.values)
        if not any(self.reached):
            return f"none within {written(high)}"
        spread = f" ({written(low)} to {written(high)})" if low != high else ""
        late = len(self.values) - sum(self.reached)
        return f"{written(self.median)}{spread}" + (f", {late} not in time" if late else "")


def written(value: float) -> str:
    """Write a measure: whole numbers in full, shares of right answers to two decimals.

    Examples:
        >>> written(1500.0), written(0.9625)
        ('1500', '0.96')
    """
    return decimals(value, 2)


def measures_of(name: str) -> list[str]:
    """Return all that is known of an experiment's networks: "steps", then what was measured."""
    return [STEPS, *trained_runs(name)[0].measured]


def measured(
    name: str, measure: str, kinds: Sequence[str] | None = None
) -> tuple[dict[str, Measured], Proof | None]:
    """Return a measure of an experiment's shipped networks by kind, in this order, and its proof.

    The measure is what the shipped weights give now, compared with what was measured when they were
    trained; "steps" is known from the training alone, without proof.
    """
    runs, known = trained_runs(name), measures_of(name)
    if measure not in known:
        raise ValueError(f"expected a measure among {'; '.join(known)}, got {measure!r}")
    found: dict[str, Measured] = {}
    compared = []
    for kind in kinds or EXPERIMENTS[name].kinds:
        of_kind = [run for run in runs if run.kind == kind]
        if not of_kind:
            raise ValueError(f"expected a kind of {name}, got {kind!r}")
        if measure == STEPS:
            reached = tuple(run.settled is not False for run in of_kind)
            found[kind] = Measured(tuple(float(run.steps) for run in of_kind), reached)
            continue
        now = [again(name, record(name)["weights"], kind, run.seed)[measure] for run in of_kind]
        then = [run.measured[measure] for run in of_kind]
        within = SAME_COUNT if all(isinstance(value, int) for value in then) else SAME_SHARE
        compared.append(compare(f"{measure}, {kind}", now, then, within=within))
        found[kind] = Measured(tuple(map(float, now)), (True,) * len(now))
    words = "measured on the shipped weights, as when they were trained"
    return found, Proof(words, *compared) if compared else None


@functools.lru_cache(maxsize=256)
def again(name: str, weights: str, kind: str, seed: int) -> dict[str, float]:
    """Return what one shipped network can do, measured now.

    `weights` is the digest of the shipped file, so that nothing is kept of an older one.
    """
    return EXPERIMENTS[name].measure(trained(name, kind, seed))
