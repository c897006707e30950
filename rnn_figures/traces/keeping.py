"""Which layers, steps and sequences a trace keeps."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

Indices = int | slice | Iterable[int]
"""What a caller names layers, steps or sequences by."""


class Kept(NamedTuple):
    """What a trace has of a run.

    Attributes:
        layers: From 0.
        steps: From 0 in the input's order, rising.
        sequences: From 0, in the caller's order.
        whole: True if that is all of the run.
    """

    layers: tuple[int, ...]
    steps: tuple[int, ...]
    sequences: tuple[int, ...]
    whole: bool

    def part(self, value: Tensor) -> Tensor:
        """Return a copy of what is kept of (L, N, H); H may be 1 for all."""
        return value[list(self.steps)][:, list(self.sequences)]

    def lengths(self, lengths: Tensor) -> Tensor:
        """Return how many of the kept steps each kept sequence has, (N,)."""
        steps = torch.tensor(self.steps)
        return (steps[:, None] < lengths[list(self.sequences)]).sum(0)

    def need_all(self, what: str) -> None:
        """Raise ValueError unless the trace is of the whole run."""
        if not self.whole:
            raise ValueError(
                f"expected a trace of the whole run for {what}, got one that keeps a part of it; "
                "trace again without layers=, steps= and sequences="
            )


def indices(name: str, asked: Indices | None, count: int) -> tuple[int, ...]:
    """Return the numbers that a caller names, of all for None; negative ones count from the last.

    Examples:
        >>> indices("steps", slice(-2, None), 8), indices("layers", -1, 3)
        ((6, 7), (2,))
    """
    every = range(count)
    if asked is None:
        return tuple(every)
    if isinstance(asked, slice):
        if asked.step == 0:
            raise ValueError(f"expected {name} as a slice whose step is not 0, got {asked}")
        numbers = tuple(every[asked])
    else:
        numbers = tuple(asked) if isinstance(asked, Iterable) else (asked,)
    if not numbers:
        raise ValueError(f"expected {name} to keep, got none; leave {name}= out for all")
    wrong = [number for number in numbers if not -count <= number < count]
    if wrong:
        raise IndexError(f"expected {name} in 0..{count - 1}, got {', '.join(map(str, wrong))}")
    return tuple(dict.fromkeys(every[number] for number in numbers))
