"""What becomes of numbers on the way: NaN, bounds, sums along the wrong axis, a norm of one."""

import math
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from rnn_figures.models.scoring import Odd, first_and


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
        """Look at vectors of length 1 along another axis than the last of three."""
        dim = args[2] if len(args) > 2 else named.get("dim", 1)
        if returned.dim() == 3 and dim % 3 != 2:
            self._odd.append(Odd("unit length along steps", where, (tuple(returned.shape), dim)))

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
