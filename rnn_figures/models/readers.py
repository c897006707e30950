"""What a model reads of its layers' answers: of which states its result depends, by gradients.

A state is read where the gradient of a random projection of the result is not 0. Where it is 0 a
relu may be shut, so no check may rest on a few zeros.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.graphs import tensors_in
from rnn_figures.traces.runs import states_of

MOST_RESULTS = 4
"""Tensors of a result of which single entries are asked what they depend on."""

Gradients = dict[int, Tensor]
"""By the id of what a path of gradients leads to."""


class Answer(NamedTuple):
    """What one call of a layer returned, live, to take gradients by.

    Attributes:
        output: Of a packed one its data.
        states: h_n, and c_n of an LSTM.
        axis: Which axis of the output counts sequences; None of a packed one, or without a batch.
    """

    output: Tensor
    states: tuple[Tensor, ...]
    axis: int | None

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Output and states."""
        return self.output, *self.states

    @property
    def sequences(self) -> int:
        """How many sequences it has; 0 of a packed one, or without a batch."""
        return 0 if self.axis is None else self.output.shape[self.axis]


class Reads(NamedTuple):
    """What the model's result depends on, of what one call of a layer returned.

    Attributes:
        output: Where the output is read: booleans in its layout, of packed ones in that of data.
        states: The same of h_n and, of an LSTM, of c_n.
        sizes: Of the axes of all tensors of the result.
        reached: Whether a path of gradients leads from the result to the call.
        mixed: How many sequences an entry of a result depends on, along an axis of as many
            entries as there are sequences; 1 if each depends on its own, or there is no such axis.
    """

    output: Tensor
    states: tuple[Tensor, ...]
    sizes: frozenset[int]
    reached: bool
    mixed: int = 1


class Axis(NamedTuple):
    """An axis of a result: its size, if it is the last of several, what its ends depend on."""

    size: int
    last: bool
    ends: tuple[Gradients, Gradients]


def answer_of(layer: nn.RNNBase, returned: Any) -> Answer:
    """Return the tensors of what a layer returned."""
    output, states = returned
    states = states_of(states)
    if isinstance(output, PackedSequence):
        return Answer(output.data, states, None)
    axis = None if output.dim() == 2 else 0 if layer.batch_first else 1
    return Answer(output, states, axis)


def reads_of(answers: Sequence[Answer | None], returned: Any) -> list[Reads | None]:
    """Return what is read of each answer; None of one that has no gradient, as the result may not.

    None among the answers is a cell's, whose next step reads it. The graph of the run is kept.
    """
    results = [value for value in tensors_of(returned) if value.requires_grad and value.numel()]
    asked = [answer for answer in answers if answer is not None and answer.output.requires_grad]
    live = [part for answer in asked for part in answer.tensors if part.requires_grad]
    if not results or not live:
        return [None] * len(answers)
    of_all = _gradients(results, live)
    sizes = {answer.sequences for answer in asked} - {0, 1}
    entries = list(_entries(results, live, sizes))
    shapes = frozenset(size for value in results for size in value.shape)
    found = {id(answer): _reads(answer, shapes, of_all, entries) for answer in asked}
    return [found.get(id(answer)) for answer in answers]


def _reads(
    answer: Answer,
    shapes: frozenset[int],
    of_all: Gradients,
    entries: Sequence[Sequence[Axis]],
) -> Reads:
    return Reads(
        _read(answer.output, of_all),
        tuple(_read(state, of_all) for state in answer.states),
        shapes,
        any(id(part) in of_all for part in answer.tensors),
        _mixed(answer, entries),
    )


def _gradients(results: Sequence[Tensor], live: Sequence[Tensor]) -> Gradients:
    """Return the gradient of a random projection of results by each answer they have a path to."""
    generator = torch.Generator().manual_seed(0)
    toward = [torch.randn(value.shape, generator=generator).to(value) for value in results]
    found = torch.autograd.grad(results, live, toward, retain_graph=True, allow_unused=True)
    pairs = zip(live, found, strict=True)
    return {id(part): gradient for part, gradient in pairs if gradient is not None}


def _read(part: Tensor, gradients: Gradients) -> Tensor:
    """Return where an answer is read; NaN is no 0."""
    if id(part) not in gradients:
        return torch.zeros(part.shape, dtype=torch.bool)
    return (gradients[id(part)] != 0).cpu()


def _entries(
    results: Sequence[Tensor], live: Sequence[Tensor], sizes: set[int]
) -> Iterator[list[Axis]]:
    """Walk results, each with its axes that have as many entries as there are sequences."""
    for value in results[:MOST_RESULTS]:
        yield [
            Axis(
                size,
                value.dim() > 1 and axis == value.dim() - 1,
                (
                    _gradients([value.select(axis, 0)], live),
                    _gradients([value.select(axis, -1)], live),
                ),
            )
            for axis, size in enumerate(value.shape)
            if size in sizes
        ]


def _mixed(answer: Answer, entries: Sequence[Sequence[Axis]]) -> int:
    """Return how many sequences an entry depends on, along an axis of as many entries as them."""
    if not answer.sequences > 1:
        return 1
    most = 1
    for axes in entries:
        own = [axis for axis in axes if axis.size == answer.sequences]
        if all(axis.last for axis in own):
            continue  # none, or rows that were joined, with as many classes as sequences
        most = max(most, min(max(_sequences(answer, end) for end in axis.ends) for axis in own))
    return most


def _sequences(answer: Answer, gradients: Gradients) -> int:
    """Return how many sequences of an answer are read; 0 where a NaN spreads, also to others."""
    assert answer.axis is not None
    if any(bool(gradient.isnan().any()) for gradient in gradients.values()):
        return 0
    read = _read(answer.output, gradients).any(-1).any(1 - answer.axis)
    for state in answer.states:
        read = read | _read(state, gradients).any(-1).any(0)
    return int(read.sum())


def first_tensors(value: Any) -> list[Tensor]:
    """Return the first tensors in whatever a model returns."""
    return list(itertools.islice(tensors_of(value), MOST_RESULTS))


def tensors_of(value: Any) -> Iterator[Tensor]:
    """Walk the tensors in whatever a model returns, without integers."""
    return (one for one in tensors_in(value) if one.is_floating_point() or one.is_complex())
