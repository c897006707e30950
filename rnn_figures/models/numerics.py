"""What becomes of numbers on the way: NaN, bounds, sums along the wrong axis, a norm of one."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from rnn_figures.models.scoring import Odd, first_and
from rnn_figures.numbers import digits

TINY = 1e-3
"""Below it a sine of turns is rounding."""

NARROW = (torch.float32, torch.float16, torch.bfloat16)
"""Types in which large whole numbers are rounded."""

LARGE = 100
"""A divisor from which on a digit of a number is hardly what is asked for."""

MOST_LOST = 0.9
"""Share of zeros from which on a division has lost what was there."""


class Numerics:
    """What a run does to numbers, whatever they are."""

    def __init__(self) -> None:
        self._odd: list[Odd] = []
        self._sums: list[tuple[Tensor, int, str]] = []

    def roll(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at a roll without an axis."""
        dims = args[2] if len(args) > 2 else named.get("dims", ())
        flat = not isinstance(dims, int) and not dims
        if flat and sum(size > 1 for size in returned.shape) > 1:
            self._odd.append(Odd("rolled over rows", where, (tuple(returned.shape),)))

    def clamp(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at bounds of which the first is the larger."""
        least, most = [
            args[place] if len(args) > place else named.get(name)
            for place, name in ((1, "min"), (2, "max"))
        ]
        if all(isinstance(bound, int | float) for bound in (least, most)) and least > most:
            self._odd.append(Odd("bounds exchanged", where, (least, most)))

    def normalize(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at a layer norm of one number, which is its bias whatever the number is."""
        given, sizes = first_and(args, named, "normalized_shape")
        if math.prod(sizes) == 1 and given.numel() > 1:
            self._odd.append(Odd("norm of one", where, (tuple(given.shape),)))

    def unit_length(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at lengths of vectors along another axis than the last of three."""
        dim = args[2] if len(args) > 2 else named.get("dim", 1)
        given = args[0] if args else named.get("input", named.get("x1"))
        if given.dim() == 3 and dim % 3 != 2:
            self._odd.append(Odd("length along steps", where, (tuple(given.shape), dim)))

    def choose(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at an argmax along an axis with one entry."""
        given, dim = first_and(args, named, "dim")
        if dim is not None and given.shape[dim] == 1 and given.numel() > 1:
            self._odd.append(Odd("argmax of one", where, (tuple(given.shape), dim)))

    def turn(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at a sine of whole turns, which is 0."""
        given, several = args[0], returned.numel() > 1
        if several and float(given.abs().max()) > 1 and float(returned.abs().max()) < TINY:
            self._odd.append(Odd("sine of whole turns", where))

    def round(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at whole numbers that are too large for the type that they get."""
        given = args[0]
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
            self._odd.append(Odd("numbers rounded", where, (name, digits(apart))))

    def divide_whole(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at a whole-number division that leaves nothing but 0, or 0 and 1."""
        given, by = first_and(args, named, "other")
        whole = isinstance(given, Tensor) and not given.is_floating_point()
        several = whole and isinstance(by, int) and by >= LARGE and given.unique().numel() > 2
        if several and float((returned == 0).double().mean()) > MOST_LOST:
            self._odd.append(Odd("nothing left of a division", where, (by,)))

    def scatter(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at numbers that are written to one place, of which one alone stays."""
        names = dict(zip(("input", "dim", "index", "src"), args, strict=False)) | named
        index, source, dim = names["index"], names.get("src"), names["dim"]
        if not isinstance(source, Tensor) or names.get("reduce") or index.shape[dim] < 2:
            return
        if bool((source == source.flatten()[:1]).all()):
            return  # whichever stays, it is the same
        twice = int((index.sort(dim).values.diff(dim=dim) == 0).sum())
        if twice:
            self._odd.append(Odd("written over", where, (twice,)))

    def accumulate(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep along which axis of what came of a layer sums or products run on."""
        given, dim = first_and(args, named, "dim")
        if given.requires_grad and given.dim() > 1:
            self._sums.append((given, dim % given.dim(), where))

    def make_nan(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at what makes a NaN of numbers that are none."""
        given = [part for part in args if isinstance(part, Tensor)]
        if not isinstance(returned, Tensor) or not bool(returned.isnan().any()):
            return
        if not any(bool(part.isnan().any()) for part in given):
            self._odd.append(Odd("NaN made", where, (int(returned.isnan().sum()),)))

    def seen(self, steps: int, sequences: int) -> Iterator[Odd]:
        """Yield what is odd in a run whose last layer read so many steps and sequences."""
        yield from self._odd
        for given, axis, where in self._sums:
            sizes = list(given.shape[:2])
            along = sequences != steps and sorted(sizes) == sorted((sequences, steps))
            if along and axis < 2 and sizes[axis] == sequences:
                yield Odd("accumulated over sequences", where, (tuple(given.shape), axis))
