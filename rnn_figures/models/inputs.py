"""How the input of a layer was made: joined, turned, normed, dropped; and how its output is pooled.

What a function returned is kept, and looked for in what a layer read.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import _VF, Tensor
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.layouts import permutes
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.recording import Recorder
from rnn_figures.models.watchers import ANYONE, CATS, VIEWS, Operation, Seen, Watcher, both, watches


class _Made(NamedTuple):
    """What a function was given and returned, on which line, and along which axes."""

    given: Tensor
    returned: Tensor
    where: str
    axes: frozenset[int] = frozenset()


class Inputs(Watcher):
    """What a run may give to its layers, by what made it."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._strips: list[tuple[Tensor, str, tuple[tuple[int, ...], ...], int]] = []
        self._flips: list[_Made] = []
        self._pooled: list[_Made] = []
        self._normed: list[_Made] = []
        self._dropped: list[_Made] = []
        self._repeats: dict[int, tuple[Tensor, int, int]] = {}
        self._positions: list[tuple[int, str]] = []
        self._in_order: list[tuple[Tensor, str]] = []
        self._sorts = ""
        self._spectra: list[tuple[tuple[int, ...], str]] = []

    @watches(*CATS)
    def strip(self, operation: Operation) -> None:
        """Keep tensors of one shape that were joined, none of them a layer's output."""
        tensors, joined = operation.given(0, "tensors"), operation.returned
        shapes = tuple(tuple(part.shape) for part in tensors)
        alike = len(set(shapes)) == 1 < len(shapes) and joined.dim() == 3
        if alike and not any(id(part) in self.recorder.outputs for part in tensors):
            axis = operation.given(1, "dim", default=0) % 3
            self._strips.append((joined, operation.where, shapes, axis))

    @watches(*both("flip"))
    def flip(self, operation: Operation) -> None:
        """Keep what was turned round, and along which axes."""
        dims, turned = operation.args[1:] or (operation.named["dims"],), operation.returned
        flat = dims[0] if isinstance(dims[0], tuple | list) else dims
        axes = frozenset(dim % turned.dim() for dim in flat)
        self._flips.append(_Made(turned, turned, operation.where, axes))

    @watches(
        *(functional.max_pool1d, functional.avg_pool1d, torch.conv1d),
        *(functional.adaptive_max_pool1d, functional.adaptive_avg_pool1d),
        by=ANYONE,
    )
    def pool(self, operation: Operation) -> None:
        """Keep what a pool or convolution along the last axis was given."""
        self._pooled += _of_three_axes(operation)

    @watches(functional.batch_norm, by=ANYONE)
    def norm(self, operation: Operation) -> None:
        """Keep what a batch norm was given and returned."""
        self._normed += _of_three_axes(operation)

    @watches(functional.dropout1d, functional.dropout2d, by=ANYONE)
    def drop_rows(self, operation: Operation) -> None:
        """Keep what a dropout of whole channels was given and returned."""
        self._dropped += _of_three_axes(operation)

    @watches(torch.stft, by=ANYONE)
    def spectrum(self, operation: Operation) -> None:
        """Keep the shape of a spectrum: (N, frequencies, frames)."""
        self._spectra.append((tuple(operation.returned.shape[:3]), operation.where))

    @watches(Tensor.index_select, by="pack_padded_sequence")
    def sort(self, operation: Operation) -> None:
        """Look at the rows of a batch that is to be packed, sorted by their lengths."""
        given, axis, rows = operation.args
        self._sorts = operation.where if permutes(rows) else ""
        counts = operation.returned.shape[axis], given.shape[axis]
        if counts[0] < counts[1]:
            self.tell("sequences left out", operation, *counts, tuple(given.shape))

    @watches(_VF._pack_padded_sequence, by=ANYONE)
    def pack(self, operation: Operation) -> None:
        """Keep the sizes of a packed batch whose rows torch has put in another order."""
        if self._sorts:
            self._in_order.append((operation.returned[1], self._sorts))
        self._sorts = ""

    @watches(Tensor.repeat)
    def repeat(self, operation: Operation) -> None:
        """Keep rows that are repeated one after the other, all of them each time."""
        given, *times = operation.args
        flat = times[0] if times and isinstance(times[0], tuple | list) else times
        once = len(flat) == given.dim() == 2 and flat[1] == 1
        if once and flat[0] > 1 and len(given) > 1:
            self._repeats[id(operation.returned)] = operation.returned, flat[0], len(given)

    @watches(*VIEWS)
    def cut(self, operation: Operation) -> None:
        """Look at a view that parts repeated rows as if each had been repeated by itself."""
        given = operation.given(0, "input")
        _, times, rows = self._repeats.get(id(given), (given, 0, 0))
        if times and times != rows and operation.returned.shape[:2] == (rows, times):
            self.tell("rows repeated together", operation, rows, times)

    @watches(functional.embedding, by=ANYONE)
    def count(self, operation: Operation) -> None:
        """Keep how far numbers are counted that an embedding reads: places."""
        ids = operation.given(0, "input")
        if ids.numel() > 2 and max(ids.shape) == ids.numel():
            flat = ids.flatten()
            if torch.equal(flat, torch.arange(len(flat), device=flat.device)):
                self._positions.append((len(flat), operation.where))

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in how inputs were made, or in what became of outputs."""
        yield from self.odd
        steps, sequences = self.recorder.size
        for count, where in self._positions:
            if count == sequences != steps:
                yield Seen("places in the batch", where, (sequences, steps))
        for call, live in self.recorder.pairs:
            for seen in self._of_call(call, live.answer and live.answer.output):
                yield seen._replace(name=call.name)

    def _of_call(self, call: Recorded, answer: Tensor | None) -> Iterator[Seen]:
        if isinstance(call.input, PackedSequence) and call.input.sorted_indices is None:
            for sizes, where in self._in_order:
                if torch.equal(sizes, call.input.batch_sizes):
                    yield Seen("order lost", where)
        if not isinstance(call.input, Tensor) or call.input.dim() != 3:
            return
        axis = call.steps_axis
        for strip, where, shapes, along in self._strips:
            if along == axis and _is(call.input, strip):
                yield Seen("inputs joined along the steps", where, shapes)
        for each in self._flips:
            around = 1 - axis in each.axes and axis not in each.axes
            if around and _is(call.input, each.returned):
                yield Seen("sequences flipped", each.where)
        for each in self._pooled:
            if each.given is answer:
                yield Seen("pooled along the units", each.where, (tuple(each.given.shape),))
        for each in self._normed:
            if each.given is answer or _is(call.input, each.returned):
                yield Seen("norm over steps", each.where, (tuple(each.given.shape),))
        for each in self._dropped:
            if each.given is answer or _is(call.input, each.returned):
                yield Seen("steps dropped", each.where, (tuple(each.given.shape),))
        for shape, where in self._spectra:
            if axis == 1 and tuple(call.input.shape) == shape:
                yield Seen("frequencies for steps", where, (shape,))


def _of_three_axes(operation: Operation) -> list[_Made]:
    """Return what a function was given and returned; nothing of other than three axes."""
    given = operation.given(0, "input")
    return [_Made(given, operation.returned, operation.where)] if given.dim() == 3 else []


def _is(read: Tensor, made: Tensor) -> bool:
    """Return whether a layer read what was made, number by number."""
    return read.shape == made.shape and torch.equal(read, made)
