"""What becomes of numbers on the way: NaN, bounds, sums along the wrong axis, a norm of one."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

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

LARGE = 100
"""A divisor from which on a digit of a number is hardly what is asked for."""

MOST_LOST = 0.9
"""Share of zeros from which on a division has lost what was there."""


class Numerics(Watcher):
    """What a run does to numbers, whatever they are."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._sums: list[tuple[Tensor, int, str]] = []

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
