"""What a model makes of its layers' outputs and states: views, squeezes, and joined outputs."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from rnn_figures.models.graphs import is_view_of, tensors_in
from rnn_figures.models.layouts import exchanges_axes
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.recording import Recorder
from rnn_figures.models.unpacking import Unpacking, came_of
from rnn_figures.models.watchers import CATS, VIEWS, Operation, Seen, Watcher, both, watches

FEWEST_UNITS = 3
"""Units from which on a last axis of two shows that it is none of the units."""

MOST_SQUEEZED = 100
"""Squeezes that are kept until it is known what is returned."""


class Outputs(Watcher):
    """The views, squeezes and joins of one run.

    Args:
        recorder: The calls of layers.
        unpacking: The outputs that it unpacks.
    """

    def __init__(self, recorder: Recorder, unpacking: Unpacking) -> None:
        super().__init__(recorder)
        self._unpacking = unpacking
        self._views: list[tuple[int, Seen]] = []
        self._joined: list[tuple[str, list[int], int]] = []
        self._squeezed: list[tuple[Tensor, Operation]] = []

    @watches(*VIEWS)
    def view(self, operation: Operation) -> None:
        """Look at a view that takes one axis for another."""
        given, view = operation.given(0, "input"), operation.returned
        shapes = tuple(given.shape), tuple(view.shape)
        if shapes[1][-1:] == (2,) and self._has_two_ways(given, view):
            self.tell("directions interleaved", operation, *shapes)
        if exchanges_axes(*shapes):
            seen = Seen("view for a transpose", operation.where, shapes)
            self._views.append((len(self.recorder.calls), seen))

    def _has_two_ways(self, value: Tensor, view: Tensor) -> bool:
        """Return whether a view parts an output of two directions, unpacked or not, by its units.

        With as many units as directions it does not show.
        """
        units = value.shape[-1] // 2
        if units < FEWEST_UNITS or view.shape != (*value.shape[:-1], units, 2):
            return False
        own = self._unpacking.data_behind(value)
        outputs = [
            live.answer.output
            for call, live in self.recorder.pairs
            if call.options.get("bidirectional") and live.answer is not None
        ]
        return any(came_of(value, each) or any(each is data for data in own) for each in outputs)

    @watches(*both("squeeze"))
    def squeeze(self, operation: Operation) -> None:
        """Keep a squeeze that names no axis."""
        if operation.given(1, "dim") is None and len(self._squeezed) < MOST_SQUEEZED:
            self._squeezed.append((operation.given(0, "input"), operation))

    @watches(*CATS)
    def join(self, operation: Operation) -> None:
        """Keep outputs that are joined, and look at states that are joined as sequences are."""
        tensors, joined = operation.given(0, "tensors"), operation.returned
        axis = operation.given(1, "dim", default=0) % joined.dim()
        numbers = self.recorder.outputs
        own = sorted(numbers[id(part)] for part in tensors if id(part) in numbers)
        if len(own) > 1:
            self._joined.append((operation.where, own, axis))
        if joined.dim() == 2 and axis == 0 and len(tensors) > 1 and self._are_of_a_state(tensors):
            shapes = (tuple(part.shape) for part in (*tensors[:2], joined))
            self.tell("states joined along the batch", operation, *shapes)

    def _are_of_a_state(self, tensors: Sequence[Tensor]) -> bool:
        """Return whether tensors are all rows of one state that a layer returned."""
        answers = [live.answer for live in self.recorder.live if live.answer is not None]
        states = itertools.chain.from_iterable(answer.states for answer in answers)
        return any(all(is_view_of(part, state) for part in tensors) for state in states)

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in them, now that all calls are known."""
        calls = self.recorder.calls
        for index, seen in self._views if calls else ():
            yield seen._replace(name=calls[min(index, len(calls) - 1)].name)
        for where, joined, axis in self._joined:
            own = [calls[index] for index in joined]
            features = axis == own[0].output.dim() - 1
            pairs = itertools.combinations(own, 2)
            if features and any(_reads_the_other_way(*pair) for pair in pairs):
                yield Seen("reverse not flipped back", where, name=own[-1].name)
            if _are_pieces(own, axis):
                yield Seen("pieces from zeros", where, name=own[0].name)
        yield from self._without_batch(returned)
        yield from self.odd

    def _without_batch(self, returned: Any) -> Iterator[Seen]:
        """Yield squeezes that take the axis of sequences too, where there is one sequence.

        Of what a layer returned it is known which axis that is; of a result, where one axis alone
        has as many entries.
        """
        results = {id(value) for value in tensors_in(returned)}
        steps, sequences = self.recorder.size
        for value, operation in self._squeezed:
            axis, name = next(self._batch_axes(value), (None, None))
            is_result = id(operation.returned) in results and value.requires_grad
            told = value.shape.count(sequences) == 1 and steps != sequences > 1
            if axis is None and is_result and told:
                axis = value.shape.index(sequences)
            if axis is not None:
                of_one = (*value.shape[:axis], 1, *value.shape[axis + 1 :])
                left = tuple(size for size in of_one if size != 1)
                yield Seen("batch squeezed", operation.where, (of_one, left), name)

    def _batch_axes(self, value: Tensor) -> Iterator[tuple[int, str]]:
        """Yield which axis counts the several sequences of what a layer returned, and its name."""
        for call, live in self.recorder.pairs:
            if value.dim() == 3 and any(value is part for part in live.returned):
                is_output = live.answer is not None and value is live.answer.output
                axis = 1 - call.steps_axis if is_output else 1
                if value.shape[axis] > 1:
                    yield axis, call.name


def _are_pieces(calls: Sequence[Recorded], axis: int) -> bool:
    """Return whether outputs of one layer are joined along their steps, each call from no state."""
    from_none = all(call.hx is None and not call.one_step for call in calls)
    return axis == calls[0].steps_axis and from_none and len({call.name for call in calls}) == 1


def _reads_the_other_way(one: Recorded, other: Recorded) -> bool:
    """Return whether a call read the steps of another, the last first."""
    read, later = one.input, other.input
    if not isinstance(read, Tensor) or not isinstance(later, Tensor) or read.shape != later.shape:
        return False
    steps = other.steps_axis
    return read.dim() == 3 and read.shape[steps] > 2 and torch.equal(read.flip(steps), later)
