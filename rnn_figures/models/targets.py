"""Numbers that a loss holds a prediction to, and that stand in the input of the layer before it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnn_figures.models.layouts import is_part_of
from rnn_figures.models.readers import gradient_by
from rnn_figures.models.recording import Live, Recorder
from rnn_figures.models.watchers import (
    ANYONE,
    DIFFERENCES,
    LOSSES,
    Operation,
    Seen,
    Watcher,
    both,
    watches,
)

MOST_HELD = 4
"""Losses of which the target is looked for."""

FEWEST = 3
"""Different numbers, and sequences, from which on it is no chance that they are those of a step."""


class _Held(NamedTuple):
    """A prediction and its target, of one shape, on which line."""

    prediction: Tensor
    target: Tensor
    where: str


class _Place(NamedTuple):
    """Where the first sequence's first target stands in an input, and how that is said."""

    step: int
    feature: int
    words: str


class Targets(Watcher):
    """What a run holds to numbers: by a loss, or by a difference."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._held: list[_Held] = []
        self._means: list[tuple[Tensor, Tensor, int]] = []
        self._scaled: list[tuple[Tensor, int]] = []
        self._parted: list[tuple[Tensor, int, str]] = []

    @watches(*LOSSES, *DIFFERENCES, by=ANYONE)
    def hold(self, operation: Operation) -> None:
        """Keep a prediction, which has a gradient, and its target, which has none."""
        pair = operation.given(0, "input"), operation.given(1, "target", "other")
        if not all(isinstance(each, Tensor) and each.is_floating_point() for each in pair):
            return
        one, other = sorted(pair, key=lambda each: not each.requires_grad)
        apart = one.requires_grad and not other.requires_grad and one.shape == other.shape
        if apart and one.dim() and len(self._held) < MOST_HELD:
            self._held.append(_Held(one, other.detach().clone(), operation.where))
            for whole, axis in self._scaled:
                if is_part_of(other, whole):
                    self._parted.append((whole.clone(), axis, operation.where))

    @watches(*both("mean"))
    def average(self, operation: Operation) -> None:
        """Keep means along one axis, of what has no gradient."""
        given, axis = operation.given(0, "input"), operation.given(1, "dim", "axis")
        if isinstance(axis, int) and given.dim() > 1 and not given.requires_grad:
            self._means.append((given, operation.returned, axis % given.dim()))

    @watches(*both("sub", "div"))
    def scale(self, operation: Operation) -> None:
        """Keep numbers less their own mean, and such numbers divided."""
        given, other, made = operation.given(0), operation.given(1, "other"), operation.returned
        self._scaled += [
            (made, axis) for of, mean, axis in self._means if of is given and mean is other
        ]
        self._scaled += [(made, axis) for scaled, axis in self._scaled if scaled is given]

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield targets that are a part of scaled numbers of which a layer reads an earlier one."""
        for whole, axis, where in self._parted:
            for call in self.recorder.calls:
                steps = call.size[0]
                if 0 < steps < whole.shape[axis]:
                    past = whole.narrow(axis, 0, steps).flatten()
                    x = call.input if axis == call.steps_axis else call.input.transpose(0, 1)
                    if past.numel() == x.numel() and torch.equal(past, x.flatten()):
                        shape = whole.shape[axis], steps
                        yield Seen("scaled by what is to come", where, shape, call.name)

    def read(self, returned: Any) -> Iterator[Seen]:
        """Yield the losses whose prediction reads its target.

        What is to be written again is read whole, by an encoder: then the last step is heard too.
        """
        for prediction, target, where in self._held:
            for call, live in self.recorder.pairs:
                x, axis = live.input, call.steps_axis
                if not isinstance(x, Tensor) or x.dim() != 3 or not x.requires_grad:
                    continue
                place = _place_of(target, x.detach().movedim(axis, 1))
                if place is None:
                    continue
                first = prediction.flatten()[:1]
                heard = _heard(first, x, axis)
                at_last = place.step < len(heard) - 1 and bool(heard[-1].any())
                if bool(heard[place.step, place.feature]) and (
                    not at_last or (place.step and _reads_one_step(first, live, axis))
                ):
                    yield Seen("target among the input", where, (place.words,), call.name)


def _heard(first: Tensor, value: Tensor, axis: int) -> Tensor:
    """Return the gradient of a prediction by the first sequence, (L, features)."""
    found = gradient_by(value, first)
    return found.movedim(axis, 0)[:, 0]


def _reads_one_step(first: Tensor, live: Live, axis: int) -> bool:
    """Return whether a prediction reads the first step of a layer's output, and no other.

    Then a reverse direction has read the next ones, and no encoder all of them.
    """
    if live.answer is None:
        return False
    heard = _heard(first, live.answer.output, axis)
    return bool(heard[0].any()) and not bool(heard[1:].any())


def _place_of(target: Tensor, x: Tensor) -> _Place | None:
    """Return where a target is in an input (N, L, H_in): the last step, or each step, or the next.

    None if it is nowhere.
    """
    several, steps, _ = x.shape
    if len(target.unique()) < FEWEST or several < FEWEST or steps < FEWEST:
        return None
    own = target.squeeze(-1) if target.dim() > 1 else target
    if own.shape[:1] != (several,):
        return None
    for step, part, words in (
        (0, x, "at the same step"),
        (1, x[:, 1:], "one step on"),
        (steps - 1, x[:, -1], f"at the last of {steps} steps"),
    ):
        for feature, one in enumerate(part.unbind(-1)):
            if torch.equal(own, one) or torch.equal(target, part):
                return _Place(step, feature, words)
    return None
