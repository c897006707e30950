"""What becomes of numbers: NaN, bounds, types, a norm of one, sums along another axis."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from rnn_figures.models.layouts import next_along
from rnn_figures.models.recording import Recorder
from rnn_figures.models.watchers import (
    ANYONE,
    DIFFERENCES,
    PRODUCTS,
    Operation,
    Seen,
    Watcher,
    both,
    watches,
)
from rnn_figures.numbers import digits

TINY = 1e-3
"""Below it a sine of turns is rounding."""

NARROW = (torch.float32, torch.float16, torch.bfloat16)
"""Types in which large whole numbers are rounded."""

SMALL = (torch.uint8, torch.int8, torch.int16)
"""Types of whole numbers that differences leave."""

FEWEST = 8
"""Numbers from which on it is no chance that nearly all of them are lost."""

LARGE = 100
"""A divisor from which on a digit of a number is hardly what is asked for."""

MOST_LOST = 0.9
"""Share of zeros from which on a division has lost what was there."""


class _Difference(NamedTuple):
    """Differences of neighbours along an axis, on which line."""

    made: Tensor
    axis: int
    where: str


class Numerics(Watcher):
    """What a run does to numbers, whatever they are."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._sums: list[tuple[Tensor, int, str]] = []
        self._differences: list[_Difference] = []

    @watches(*both("roll"))
    def roll(self, operation: Operation) -> None:
        """Look at a roll without an axis."""
        dims, shape = operation.given(2, "dims", default=()), operation.returned.shape
        flat = not isinstance(dims, int) and not dims
        if flat and sum(size > 1 for size in shape) > 1:
            self.tell("rolled over rows", operation, tuple(shape))

    @watches(*both("clamp", "clip"))
    def clamp(self, operation: Operation) -> None:
        """Look at bounds of which the first is the larger."""
        least, most = operation.given(1, "min"), operation.given(2, "max")
        if all(isinstance(bound, int | float) for bound in (least, most)) and least > most:
            self.tell("bounds exchanged", operation, least, most)

    @watches(functional.layer_norm, by=ANYONE)
    def normalize(self, operation: Operation) -> None:
        """Look at a layer norm of one number, which is its bias whatever the number is."""
        given, sizes = operation.given(0, "input"), operation.given(1, "normalized_shape")
        if math.prod(sizes) == 1 and given.numel() > 1:
            self.tell("norm of one", operation, tuple(given.shape))

    @watches(functional.normalize, functional.cosine_similarity, by=ANYONE)
    def unit_length(self, operation: Operation) -> None:
        """Look at lengths of vectors along another axis than the last of three."""
        given, dim = operation.given(0, "input", "x1"), operation.given(2, "dim", default=1)
        if given.dim() == 3 and dim % 3 != 2:
            self.tell("length along steps", operation, tuple(given.shape), dim)

    @watches(*both("argmax"))
    def choose(self, operation: Operation) -> None:
        """Look at an argmax along an axis with one entry."""
        given, dim = operation.given(0, "input"), operation.given(1, "dim")
        if dim is not None and given.shape[dim] == 1 and given.numel() > 1:
            self.tell("argmax of one", operation, tuple(given.shape), dim)

    @watches(*both("sin"))
    def turn(self, operation: Operation) -> None:
        """Look at a sine of whole turns, which is 0."""
        given, sine = operation.given(0, "input"), operation.returned
        several = sine.numel() > 1
        if several and float(given.abs().max()) > 1 and float(sine.abs().max()) < TINY:
            self.tell("sine of whole turns", operation)

    @watches(Tensor.float, Tensor.to, Tensor.type)
    def round(self, operation: Operation) -> None:
        """Look at whole numbers that are too large for the type that they get."""
        given, returned = operation.args[0], operation.returned
        exact = not (given.is_floating_point() or given.is_complex())
        if not (
            (exact or given.dtype == torch.float64)
            and isinstance(returned, Tensor)
            and returned.dtype in NARROW
        ):
            return
        whole = exact or bool((given == given.round()).all())
        if whole and given.numel() and bool((returned.double() != given.double()).any()):
            largest = returned.abs().max()
            apart = float(torch.nextafter(largest, torch.full_like(largest, torch.inf)) - largest)
            name = str(returned.dtype).removeprefix("torch.")
            self.tell("numbers rounded", operation, name, digits(apart))

    @watches(Tensor.long, Tensor.int, Tensor.to, Tensor.type, by=ANYONE)
    def cut(self, operation: Operation) -> None:
        """Look at numbers that are parts of 1, and become whole ones: 0."""
        given, returned = operation.args[0], operation.returned
        if not given.is_floating_point() or returned.dtype not in (torch.int64, torch.int32):
            return
        lost = int(((given.detach() != 0) & (returned == 0)).sum())
        if given.numel() >= FEWEST and lost > MOST_LOST * given.numel():
            self.tell("nothing left of parts", operation, lost, given.numel())

    @watches(*both("sub"))
    def subtract(self, operation: Operation) -> None:
        """Look at a difference of small whole numbers, and keep along which axis one is taken."""
        given, other = operation.given(0, "input"), operation.given(1, "other")
        self._compare(operation, lambda one, other: one - other)
        if isinstance(given, Tensor) and isinstance(other, Tensor):
            axis = next_along(given, other)
            if axis is not None:
                self._differences.append(_Difference(operation.returned, axis, operation.where))

    @watches(Tensor.__rsub__)
    def subtract_from(self, operation: Operation) -> None:
        """Look at a difference of small whole numbers."""
        self._compare(operation, lambda one, other: other - one)

    @watches(*both("add"))
    def add(self, operation: Operation) -> None:
        """Look at a sum of small whole numbers."""
        self._compare(operation, lambda one, other: one + other)

    def _compare(self, operation: Operation, exact: Callable[[Any, Any], Any]) -> None:
        """Look at small whole numbers that leave their type, and come in at its other end."""
        returned = operation.returned
        if returned.dtype not in SMALL or "alpha" in operation.named:
            return
        pair = operation.given(0, "input"), operation.given(1, "other")
        own = exact(*(part.long() if isinstance(part, Tensor) else part for part in pair))
        count = int((own != returned).sum())
        if count:
            name = str(returned.dtype).removeprefix("torch.")
            self.tell("numbers wrapped round", operation, count, returned.numel(), name)

    @watches(*both("diff"))
    def difference(self, operation: Operation) -> None:
        """Keep along which axis differences of neighbours are taken."""
        made, axis = operation.returned, operation.given(2, "dim", default=-1)
        self._differences.append(_Difference(made, axis % made.dim(), operation.where))

    @watches(Tensor.__floordiv__, *both("floor_divide"), by=ANYONE)
    def divide_whole(self, operation: Operation) -> None:
        """Look at a whole-number division that leaves nothing but 0, or 0 and 1."""
        given, by = operation.given(0, "input"), operation.given(1, "other")
        whole = isinstance(given, Tensor) and not given.is_floating_point()
        several = whole and isinstance(by, int) and by >= LARGE and given.unique().numel() > 2
        if several and float((operation.returned == 0).double().mean()) > MOST_LOST:
            self.tell("nothing left of a division", operation, by)

    @watches(*both("scatter"), Tensor.scatter_)
    def scatter(self, operation: Operation) -> None:
        """Look at numbers that are written to one place, of which one alone stays."""
        dim, index, source = map(operation.given, (1, 2, 3), ("dim", "index", "src"))
        reduces = "reduce" in operation.named
        if not isinstance(source, Tensor) or reduces or index.shape[dim] < 2:
            return
        if bool((source == source.flatten()[:1]).all()):
            return  # whichever stays, it is the same
        twice = int((index.sort(dim).values.diff(dim=dim) == 0).sum())
        if twice:
            self.tell("written over", operation, twice)

    @watches(*both("cumsum", "cumprod"))
    def accumulate(self, operation: Operation) -> None:
        """Keep along which axis of what came of a layer sums or products run on."""
        given, dim = operation.given(0, "input"), operation.given(1, "dim")
        if given.requires_grad and given.dim() > 1:
            self._sums.append((given, dim % given.dim(), operation.where))

    @watches(*PRODUCTS)
    @watches(*DIFFERENCES, *both("div", "log", "sqrt"), Tensor.__rdiv__, by=ANYONE)
    def make_nan(self, operation: Operation) -> None:
        """Look at what makes a NaN of numbers that are none."""
        given = [part for part in operation.args if isinstance(part, Tensor)]
        returned = operation.returned
        if not isinstance(returned, Tensor) or not bool(returned.isnan().any()):
            return
        if not any(bool(part.isnan().any()) for part in given):
            self.tell("NaN made", operation, int(returned.isnan().sum()))

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in a run, of whose last call the steps and sequences are known."""
        yield from self.odd
        steps, sequences = self.recorder.size
        for given, axis, where in self._sums:
            sizes = list(given.shape[:2])
            along = sequences != steps and sorted(sizes) == sorted((sequences, steps))
            if along and axis < 2 and sizes[axis] == sequences:
                yield Seen("accumulated over sequences", where, (tuple(given.shape), axis))
        for call in self.recorder.calls:
            for each in self._differences if sum(call.size) else ():
                shape = tuple(each.made.shape)
                read = shape[:2] == call.input.shape[:2] and steps != sequences
                if read and not each.made.requires_grad and each.axis == 1 - call.steps_axis:
                    yield Seen(
                        "differences of sequences", each.where, (shape, each.axis), call.name
                    )
