"""How the input of a layer was made: joined, turned, normed, dropped; and how its output is pooled.

What a function returned is kept, and looked for in what a layer read.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.layouts import permutes
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.scoring import Odd, first_and
from rnn_figures.traces.runs import data_of


class _Made(NamedTuple):
    """What a function was given and returned, on which line, and along which axes."""

    given: Tensor
    returned: Tensor
    where: str
    axes: frozenset[int] = frozenset()


class Inputs:
    """What a run may give to its layers, by what made it.

    Attributes:
        odd: What is odd in it, whatever layer reads it.
    """

    def __init__(self) -> None:
        self.odd: list[Odd] = []
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

    def strip(self, where: str, tensors: Any, axis: int, returned: Tensor) -> None:
        """Keep tensors of one shape that were joined, none of them a layer's output."""
        shapes = tuple(tuple(part.shape) for part in tensors)
        if len(set(shapes)) == 1 < len(shapes) and returned.dim() == 3:
            self._strips.append((returned, where, shapes, axis))

    def flip(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep what was turned round, and along which axes."""
        dims = args[1:] if len(args) > 1 else (named["dims"],)
        flat = dims[0] if isinstance(dims[0], tuple | list) else dims
        axes = frozenset(dim % returned.dim() for dim in flat)
        self._flips.append(_Made(returned, returned, where, axes))

    def pool(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep what a pool or convolution along the last axis was given."""
        self._pooled += _of_three_axes(where, args, named, returned)

    def norm(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep what a batch norm was given and returned."""
        self._normed += _of_three_axes(where, args, named, returned)

    def drop_rows(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep what a dropout of whole channels was given and returned."""
        self._dropped += _of_three_axes(where, args, named, returned)

    def spectrum(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep the shape of a spectrum: (N, frequencies, frames)."""
        self._spectra.append((tuple(returned.shape[:3]), where))

    def sort(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at the rows of a batch that is to be packed, sorted by their lengths."""
        given, axis, rows = args
        self._sorts = where if permutes(rows) else ""
        if returned.shape[axis] < given.shape[axis]:
            counts = returned.shape[axis], given.shape[axis]
            self.odd.append(Odd("sequences left out", where, (*counts, tuple(given.shape))))

    def pack(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep the sizes of a packed batch whose rows torch has put in another order."""
        if self._sorts:
            self._in_order.append((returned[1], self._sorts))
        self._sorts = ""

    def repeat(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep rows that are repeated one after the other, all of them each time."""
        given, *times = args
        flat = times[0] if times and isinstance(times[0], tuple | list) else times
        once = len(flat) == given.dim() == 2 and flat[1] == 1
        if once and flat[0] > 1 and len(given) > 1:
            self._repeats[id(returned)] = returned, flat[0], len(given)

    def cut(self, where: str, given: Any, returned: Tensor) -> None:
        """Look at a view that parts repeated rows as if each had been repeated by itself."""
        _, times, rows = self._repeats.get(id(given), (given, 0, 0))
        if times and times != rows and returned.shape[:2] == (rows, times):
            self.odd.append(Odd("rows repeated together", where, (rows, times)))

    def count(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep how far numbers are counted that an embedding reads: places."""
        ids = args[0] if args else named["input"]
        if ids.numel() > 2 and max(ids.shape) == ids.numel():
            flat = ids.flatten()
            if torch.equal(flat, torch.arange(len(flat), device=flat.device)):
                self._positions.append((len(flat), where))

    def places(self, steps: int, sequences: int) -> Iterator[Odd]:
        """Yield embeddings of places in the batch, given how many steps and sequences there are."""
        for count, where in self._positions:
            if count == sequences != steps:
                yield Odd("places in the batch", where, (sequences, steps))

    def seen(self, call: Recorded, answer: Tensor | None) -> Iterator[Odd]:
        """Yield what is odd in how the input of a call was made, or what became of its output."""
        if isinstance(call.input, PackedSequence) and call.input.sorted_indices is None:
            for sizes, where in self._in_order:
                if torch.equal(sizes, call.input.batch_sizes):
                    yield Odd("order lost", where)
        if not isinstance(call.input, Tensor) or call.input.dim() != 3:
            return
        axis = steps_axis(call)
        for strip, where, shapes, along in self._strips:
            if along == axis and _is(call.input, strip):
                yield Odd("inputs joined along the steps", where, shapes)
        for each in self._flips:
            around = 1 - axis in each.axes and axis not in each.axes
            if around and _is(call.input, each.returned):
                yield Odd("sequences flipped", each.where)
        for each in self._pooled:
            if each.given is answer:
                yield Odd("pooled along the units", each.where, (tuple(each.given.shape),))
        for each in self._normed:
            if each.given is answer or _is(call.input, each.returned):
                yield Odd("norm over steps", each.where, (tuple(each.given.shape),))
        for each in self._dropped:
            if each.given is answer or _is(call.input, each.returned):
                yield Odd("steps dropped", each.where, (tuple(each.given.shape),))
        for shape, where in self._spectra:
            if axis == 1 and tuple(call.input.shape) == shape:
                yield Odd("frequencies for steps", where, (shape,))


def _of_three_axes(where: str, args: Any, named: Any, returned: Any) -> list[_Made]:
    """Return what a function was given and returned; nothing of other than three axes."""
    given, _ = first_and(args, named, "dim")
    return [_Made(given, returned, where)] if given.dim() == 3 else []


def steps_axis(call: Recorded) -> int:
    """Return which axis of a batch counts steps."""
    return 1 if call.options.get("batch_first") and data_of(call.output).dim() == 3 else 0


def _is(read: Tensor, made: Tensor) -> bool:
    """Return whether a layer read what was made, number by number."""
    return read.shape == made.shape and torch.equal(read, made)
