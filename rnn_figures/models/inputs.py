"""How the input of a layer was made: joined, turned, normed, dropped; and how its output is pooled.

What a function returned is kept, and looked for in what a layer read.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import _VF, Tensor
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.layouts import permutes
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.recording import Recorder
from rnn_figures.models.watchers import ANYONE, CATS, VIEWS, Operation, Seen, Watcher, both, watches

MOST_MOVES = 50
"""Sums that are kept to look for their terms in what is read."""


class Inputs(Watcher):
    """What a run may give to its layers, by what made it."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._kept: list[tuple[Seen, Callable[[Recorded, Tensor | None], bool]]] = []
        self._repeats: dict[int, tuple[Tensor, int, int]] = {}
        self._positions: list[tuple[int, str]] = []
        self._sorts = ""
        self._moves: list[tuple[Tensor, Tensor, str]] = []

    def _keep(self, seen: Seen, is_odd: Callable[[Recorded, Tensor | None], bool]) -> None:
        """Keep what is odd of a call and its output where it is so."""
        self._kept.append((seen, is_odd))

    @watches(*CATS)
    def strip(self, operation: Operation) -> None:
        """Keep tensors of one shape that were joined, none of them a layer's output."""
        tensors, joined = operation.given(0, "tensors"), operation.returned
        shapes = tuple(tuple(part.shape) for part in tensors)
        alike = len(set(shapes)) == 1 < len(shapes) and joined.dim() == 3
        if alike and not any(id(part) in self.recorder.outputs for part in tensors):
            axis = operation.given(1, "dim", default=0) % 3
            seen = Seen("inputs joined along the steps", operation.where, shapes)
            self._keep(seen, lambda call, _: axis == call.steps_axis and _is(call.input, joined))

    @watches(*both("flip"))
    def flip(self, operation: Operation) -> None:
        """Keep what was turned round along one of steps and sequences."""
        dims, turned = operation.args[1:] or (operation.named["dims"],), operation.returned
        flat = dims[0] if isinstance(dims[0], tuple | list) else dims
        axes = {dim % turned.dim() for dim in flat} & {0, 1}
        if turned.dim() == 3 and len(axes) == 1:
            seen = Seen("sequences flipped", operation.where)
            self._keep(
                seen, lambda call, _: call.steps_axis not in axes and _is(call.input, turned)
            )

    @watches(
        *(functional.max_pool1d, functional.avg_pool1d, torch.conv1d),
        *(functional.adaptive_max_pool1d, functional.adaptive_avg_pool1d),
        by=ANYONE,
    )
    def pool(self, operation: Operation) -> None:
        """Keep what a pool or convolution along the last axis was given."""
        given = operation.given(0, "input")
        if given.dim() == 3:
            seen = Seen("pooled along the units", operation.where, (tuple(given.shape),))
            self._keep(seen, lambda _, output: given is output)

    @watches(functional.batch_norm, by=ANYONE)
    def norm(self, operation: Operation) -> None:
        """Keep a batch norm."""
        self._keep_rows("norm over steps", operation)

    @watches(functional.dropout1d, functional.dropout2d, by=ANYONE)
    def drop_rows(self, operation: Operation) -> None:
        """Keep a dropout of whole channels."""
        self._keep_rows("steps dropped", operation)

    def _keep_rows(self, check: str, operation: Operation) -> None:
        """Keep what was done to rows of three axes, before a layer or behind it."""
        given, made = operation.given(0, "input"), operation.returned
        if given.dim() == 3:
            seen = Seen(check, operation.where, (tuple(given.shape),))
            self._keep(seen, lambda call, output: given is output or _is(call.input, made))

    @watches(torch.stft, by=ANYONE)
    def spectrum(self, operation: Operation) -> None:
        """Keep the shape of a spectrum: (N, frequencies, frames)."""
        shape = tuple(operation.returned.shape[:3])
        seen = Seen("frequencies for steps", operation.where, (shape,))
        self._keep(seen, lambda call, _: call.steps_axis == 1 and tuple(call.input.shape) == shape)

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
        sizes = operation.returned[1]
        if self._sorts:
            seen = Seen("order lost", self._sorts)
            self._keep(seen, lambda call, _: _has_no_order(call.input, sizes))
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
        """Look at a view that parts repeated rows as if each had been repeated by itself.

        Kept is one that makes features of steps of one number each.
        """
        given, view = operation.given(0, "input"), operation.returned
        if (
            view.dim() == 3
            and given.shape == (len(view), view.shape[2], 1)
            and min(given.shape[:2]) > 1
        ):
            seen = Seen("steps for features", operation.where, (tuple(given.shape),))
            self._keep(seen, lambda call, _: call.steps_axis == 0 and _is(call.input, view))
        _, times, rows = self._repeats.get(id(given), (given, 0, 0))
        if times and times != rows and view.shape[:2] == (rows, times):
            self.tell("rows repeated together", operation, rows, times)

    @watches(functional.embedding, by=ANYONE)
    def count(self, operation: Operation) -> None:
        """Keep how far numbers are counted that an embedding reads: places."""
        ids = operation.given(0, "input")
        if ids.numel() > 2 and max(ids.shape) == ids.numel():
            flat = ids.flatten()
            if torch.equal(flat, torch.arange(len(flat), device=flat.device)):
                self._positions.append((len(flat), operation.where))

    @watches(*both("add"))
    def move(self, operation: Operation) -> None:
        """Keep a place and a step from there, where the step is of the model's own."""
        pair = operation.given(0, "input"), operation.given(1, "other")
        if not all(isinstance(part, Tensor) and part.shape == pair[0].shape for part in pair):
            return
        for place, step in (pair, pair[::-1]):
            if step.requires_grad and len(self._moves) < MOST_MOVES:
                self._moves.append((place.detach(), step.detach(), operation.where))

    def _fed_by_steps(self) -> Iterator[Seen]:
        """Yield where a layer read places, and then a step that was added to the last of them."""
        read: dict[str, list[Tensor]] = {}
        for call in self.recorder.calls if self._moves else ():
            if not isinstance(call.input, Tensor) or not call.one_step:
                continue
            x, before = call.input.flatten(), read.setdefault(call.name, [])
            for place, step, where in self._moves:
                if _is(x, step.flatten()) and any(_is(each, place.flatten()) for each in before):
                    yield Seen("step for a place", where, (), call.name)
            before.append(x)

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in how inputs were made, or in what became of outputs."""
        yield from self.odd
        yield from self._fed_by_steps()
        steps, sequences = self.recorder.size
        for count, where in self._positions:
            if count == sequences != steps:
                yield Seen("places in the batch", where, (sequences, steps))
        for call, live in self.recorder.pairs:
            output = live.answer and live.answer.output
            own = [seen for seen, is_odd in self._kept if is_odd(call, output)]
            yield from (seen._replace(name=call.name) for seen in own)


def _is(read: Any, made: Tensor) -> bool:
    """Return whether a layer read what was made, number by number."""
    return isinstance(read, Tensor) and read.shape == made.shape and torch.equal(read, made)


def _has_no_order(read: Any, sizes: Tensor) -> bool:
    """Return whether a layer read a packed batch of these sizes that knows no order."""
    packed = isinstance(read, PackedSequence) and read.sorted_indices is None
    return packed and torch.equal(sizes, read.batch_sizes)
