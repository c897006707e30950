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

MOST_AXES = 2
"""Axes of a result, but for its last, of which one may count sequences."""

ROUNDING = 1e-6
"""The part of the largest gradient below which another may be rounding: of shares that cancel."""

SAME = 1e-4
"""How far the gradients of two steps may be from each other, as a part, where both are summed."""

Gradients = dict[int, Tensor]
"""By the id of what a path of gradients leads to."""


class Answer(NamedTuple):
    """What one call of a layer returned, live, to take gradients by.

    Attributes:
        output: Of a packed one its data.
        states: h_n, and c_n of an LSTM.
        axis: Which axis of the output counts sequences; None of a packed one, or without a batch.
        rows: Of a packed one, the sequence that each row of its data belongs to; else None.
    """

    output: Tensor
    states: tuple[Tensor, ...]
    axis: int | None
    rows: Tensor | None = None

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Output and states."""
        return self.output, *self.states

    @property
    def sequences(self) -> int:
        """How many sequences it has; 0 without a batch."""
        if self.rows is not None:
            return int(self.rows.max()) + 1
        return 0 if self.axis is None else self.output.shape[self.axis]


class Reads(NamedTuple):
    """What the model's result depends on, of what one call of a layer returned.

    Attributes:
        output: Where the output is read: booleans in its layout, of packed ones in that of data.
        states: The same of h_n and, of an LSTM, of c_n.
        clearly: Where the output is read by more than rounding.
        sizes: Of the axes of all tensors of the result.
        reached: Whether a path of gradients leads from the result to the call.
        mixed: How many sequences an entry of a result depends on, along an axis of as many
            entries as there are sequences; 1 if each depends on its own, or there is no such axis.
        mixed_at: File and line that first made it so, of what was watched; "" if none of it did.
        by_step: Whether the first row of a result depends on one step of the output alone.
        of_all: Whether results have an entry for each step, which reads that step of all sequences,
            and none for each sequence.
    """

    output: Tensor
    states: tuple[Tensor, ...]
    clearly: Tensor
    sizes: frozenset[int]
    reached: bool
    mixed: int = 1
    mixed_at: str = ""
    by_step: bool = False
    of_all: bool = False


class Made(NamedTuple):
    """A tensor that a run made behind its layers: where, and whether it is to mix sequences."""

    where: str
    value: Tensor
    mixes: bool = False


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
        order = output.sorted_indices
        counts = output.batch_sizes.tolist()
        order = torch.arange(counts[0]) if order is None else order.cpu()
        return Answer(output.data, states, None, torch.cat([order[:count] for count in counts]))
    axis = None if output.dim() == 2 else 0 if layer.batch_first else 1
    return Answer(output, states, axis)


def reads_of(
    answers: Sequence[Answer | None],
    returned: Any,
    made: Sequence[Made] = (),
    scores: Sequence[Tensor] = (),
) -> list[Reads | None]:
    """Return what is read of each answer; None of one that has no gradient, as the result may not.

    None among the answers is a cell's, whose next step reads it. Of what was made on the way the
    first that mixes sequences is told; scores that a loss was given are rows as those of a result
    are. The graph of the run is kept.
    """
    results = [value for value in tensors_of(returned) if value.requires_grad and value.numel()]
    asked = [answer for answer in answers if answer is not None and answer.output.requires_grad]
    live = [part for answer in asked for part in answer.tensors if part.requires_grad]
    if not results or not live:
        return [None] * len(answers)
    of_all = projected(results, live)
    sizes = {answer.sequences for answer in asked} - {0, 1}
    entries = list(_entries(results, live, sizes))
    rows = [
        projected([value.flatten(0, -2)[0]], live)
        for value in [*results[:MOST_RESULTS], *scores[:MOST_RESULTS]]
        if value.dim() > 1 and value.requires_grad and value.numel()
    ]
    found = {id(answer): _reads(answer, results, of_all, entries, made, rows) for answer in asked}
    return [found.get(id(answer)) for answer in answers]


def heard_of(
    returned: Sequence[Sequence[Tensor]], states: Sequence[Sequence[Tensor]], result: Any
) -> list[bool | None]:
    """Return of each call whether the result depends on what it returned; None without gradients.

    A state that is handed back as the call returned it says nothing, behind a result that is none.
    """
    own = [[part for part in parts if part.requires_grad] for parts in returned]
    live = [part for parts in own for part in parts]
    handed_back = {id(part) for parts in states for part in parts}
    results = [value for value in tensors_of(result) if value.requires_grad]
    if results and id(results[0]) not in handed_back:
        results = [value for value in results if id(value) not in handed_back]
    if not results or not live:
        return [None] * len(returned)
    found = projected(results, live)
    return [any(id(part) in found for part in parts) if parts else None for parts in own]


def _reads(
    answer: Answer,
    results: Sequence[Tensor],
    of_all: Gradients,
    entries: Sequence[Sequence[Axis]],
    made: Sequence[Made],
    rows: Sequence[Gradients],
) -> Reads:
    mixed = _mixed(answer, entries)
    first = _first_mixed(answer, made) if mixed > 1 else None
    return Reads(
        _read(answer.output, of_all),
        tuple(_read(state, of_all) for state in answer.states),
        _read(answer.output, of_all, ROUNDING),
        frozenset(size for value in results for size in value.shape),
        any(id(part) in of_all for part in answer.tensors),
        1 if first and first.mixes else mixed,
        first.where if first else "",
        any(int(_read(answer.output, row).any(-1).sum()) == 1 for row in rows),
        any(_steps_of_all(answer, value) for value in results[:MOST_RESULTS]),
    )


def _steps_of_all(answer: Answer, value: Tensor) -> bool:
    """Return whether entries of a result each read a step of all sequences."""
    if answer.axis is None or answer.sequences in value.shape or answer.sequences < 3:
        return False
    steps = answer.output.shape[1 - answer.axis]
    if steps < 3 or value.shape[:1] != (steps,):
        return False
    live = [part for part in answer.tensors if part.requires_grad]
    for end, step in ((0, 0), (-1, steps - 1)):
        read = _read(answer.output, projected([value[end]], live)).any(-1)
        by_step = read if answer.axis else read.T
        if not bool(by_step[step].all()) or int(by_step.any(1).sum()) != 1:
            return False
    return True


def projected(results: Sequence[Tensor], live: Sequence[Tensor]) -> Gradients:
    """Return the gradient of a random projection of results by each answer they have a path to."""
    generator = torch.Generator().manual_seed(0)
    toward = [torch.randn(value.shape, generator=generator).to(value) for value in results]
    found = torch.autograd.grad(results, live, toward, retain_graph=True, allow_unused=True)
    pairs = zip(live, found, strict=True)
    return {id(part): gradient for part, gradient in pairs if gradient is not None}


def gradient_by(value: Tensor, result: Tensor) -> Tensor:
    """Return the gradient of a random projection of a result by a value; 0 without a path."""
    return projected([result], [value]).get(id(value), torch.zeros_like(value))


def _read(part: Tensor, gradients: Gradients, least: float = 0.0) -> Tensor:
    """Return where an answer is read by more than a part of the most; NaN is no 0."""
    if id(part) not in gradients or not part.numel():
        return torch.zeros(part.shape, dtype=torch.bool)
    return _is_more(gradients[id(part)].cpu(), least)


def _is_more(gradient: Tensor, least: float) -> Tensor:
    """Return where a gradient is more than a part of the most; NaN is no 0."""
    size = gradient.abs()
    return (size > least * size.nan_to_num().max()) | size.isnan()


def _entries(
    results: Sequence[Tensor], live: Sequence[Tensor], sizes: set[int]
) -> Iterator[list[Axis]]:
    """Yield results, each with its axes that have as many entries as there are sequences."""
    for value in results[:MOST_RESULTS]:
        yield [
            Axis(
                size,
                value.dim() > 1 and axis == value.dim() - 1,
                (
                    projected([value.select(axis, 0)], live),
                    projected([value.select(axis, -1)], live),
                ),
            )
            for axis, size in enumerate(value.shape)
            if size in sizes and (axis < MOST_AXES or axis == value.dim() - 1)
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


def _first_mixed(answer: Answer, made: Sequence[Made]) -> Made | None:
    """Return the first of what a run made of which an entry depends on several sequences."""
    live = [part for part in answer.tensors if part.requires_grad]
    for each in made:
        axes = next(_entries([each.value], live, {answer.sequences}))
        if _mixed(answer, [axes]) > 1:
            return each
    return None


def _sequences(answer: Answer, gradients: Gradients) -> int:
    """Return how many sequences of an answer are read; 0 where a NaN spreads, also to others."""
    if any(bool(gradient.isnan().any()) for gradient in gradients.values()):
        return 0
    read = _read(answer.output, gradients).any(-1)
    if answer.rows is not None:
        steps, read = read, torch.zeros(answer.sequences, dtype=torch.bool)
        read[answer.rows[steps]] = True
    elif answer.axis is not None:
        read = read.any(1 - answer.axis)
    for state in answer.states:
        read = read | _read(state, gradients).any(-1).any(0)
    return int(read.sum())


def reads_padding(padded: Tensor, lengths: Tensor, batch_first: bool, returned: Any) -> bool:
    """Return whether a result depends on the padding of an unpacked output.

    Asked is one entry along each axis that may count steps, the first, which is no padding: a score
    for each step may be taken of padding too, and left out later. A sum over steps reads zeros and
    is none the worse; there the gradient is the same at all steps.
    """
    steps = padded.shape[1 if batch_first else 0]
    padding = torch.arange(steps) >= lengths.cpu()[:, None]
    for value in first_tensors(returned):
        if not (value.requires_grad and value.numel()):
            continue
        for axis, size in reversed(list(enumerate(value.shape))):
            value = value.select(axis, 0) if size % steps == 0 else value
        for gradient in projected([value], [padded]).values():
            own = gradient.cpu() if batch_first else gradient.cpu().transpose(0, 1)
            alike = torch.isclose(own, own[:, :1], SAME, 0.0, equal_nan=True).all(-1).all(-1)
            read = _is_more(own, ROUNDING).any(-1) & padding
            if bool((read.any(-1) & ~alike).any()):
                return True
    return False


def first_tensors(value: Any) -> list[Tensor]:
    """Return the first tensors in whatever a model returns."""
    return list(itertools.islice(tensors_of(value), MOST_RESULTS))


def tensors_of(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in whatever a model returns, without integers."""
    return (one for one in tensors_in(value) if one.is_floating_point() or one.is_complex())
