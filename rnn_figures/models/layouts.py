"""What shapes and numbers say of a tensor: axes exchanged, another order, padding, a softmax."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnn_figures.models.graphs import tensors_in


class Placed(NamedTuple):
    """Numbers that a model was given.

    Attributes:
        value: The numbers, in the axes that they were given in; without one end, maybe.
        exchanged: Whether those who have them count along the axes the other way.
    """

    value: Tensor
    exchanged: bool

    @property
    def second(self) -> tuple[int, int]:
        """The place of the second number, as they are counted, along both axes."""
        return (1, 0) if self.exchanged else (0, 1)


MOST_AXES = 5
"""Axes, but for those of one entry, up to which their orders are tried."""

MOST_WITHIN = 0.01
"""Share of the other steps that may be the vector that pads."""

SURE = 1e-3
"""How far the sum of a softmax may be from 1, in half types too."""


def exchanges_axes(before: Sequence[int], after: Sequence[int]) -> bool:
    """Return whether a shape is another with its axes in another order, some of them joined.

    A view joins neighbours, or parts one axis: then the order is kept. Sizes alone say so, and
    where two axes are alike they do not.

    Examples:
        >>> exchanges_axes((8, 5, 40), (8, 40, 5)), exchanges_axes((8, 5, 40), (8, 200))
        (True, False)
    """
    shapes = [tuple(size for size in shape if size != 1) for shape in (before, after)]
    coarse, fine = sorted(shapes, key=len)
    if len(fine) > MOST_AXES or 0 in fine or _joins(fine, coarse):
        return False
    return any(_joins(order, coarse) for order in itertools.permutations(fine))


def _joins(fine: Sequence[int], coarse: Sequence[int]) -> bool:
    """Return whether neighbours joined make one shape of another."""
    sizes = iter(fine)
    for size in coarse:
        joined = 1
        while joined < size:
            joined *= next(sizes, size + 1)
        if joined != size:
            return False
    return next(sizes, None) is None


def is_softmax(value: Tensor, dim: int) -> bool:
    """Return whether numbers are shares along an axis, as a softmax gives them.

    Examples:
        >>> is_softmax(torch.randn(4, 3).softmax(1), 1), is_softmax(torch.rand(4, 3), 1)
        (True, False)
    """
    if not value.is_floating_point() or not value.numel() or value.shape[dim] < 2:
        return False
    whole = (value.detach().double().sum(dim) - 1).abs() < SURE
    return bool((value >= 0).all()) and bool(whole.all())


def as_given(value: Tensor, given: Any) -> Placed | None:
    """Return which whole numbers of two axes, of those given, a value has, and in which order.

    None if it has none of them, or if the order does not show. A grid has 3 rows and columns or
    more.

    Examples:
        >>> words = torch.arange(12).view(3, 4)
        >>> as_given(words.flatten(), words).exchanged, as_given(words.T.flatten(), words).exchanged
        (False, True)
    """
    flat = value.flatten()
    for each in _grids(given):
        one, other = each.flatten(), each.mT.flatten()
        if one.shape == flat.shape and not torch.equal(one, other):
            for exchanged, own in enumerate((one, other)):
                if torch.equal(flat, own):
                    return Placed(each, bool(exchanged))
    return None


def _grids(given: Any) -> Iterator[Tensor]:
    """Yield whole numbers of two axes, and each again without its first or last row or column."""
    for value in tensors_in(given):
        if value.dim() == 2 and value.dtype == torch.int64 and min(value.shape) > 2:
            yield value
            for axis, size in enumerate(value.shape):
                yield from (value.narrow(axis, start, size - 1) for start in (0, 1))


def is_part_of(part: Tensor, whole: Tensor) -> bool:
    """Return whether a tensor is a view of another, and not all of it."""
    storages = [each.untyped_storage().data_ptr() for each in (part, whole)]
    return len({*storages}) == 1 and part.numel() < whole.numel()


def next_along(one: Tensor, other: Tensor) -> int | None:
    """Return along which axis a tensor is another one place on; None if it is not.

    Both are slices of one: of the same numbers, laid out alike.

    Examples:
        >>> x = torch.zeros(8, 5, 3)
        >>> next_along(x[1:], x[:-1]), next_along(x[:, :-1], x[:, 1:]), next_along(x, x.clone())
        (0, 1, None)
    """
    same = one.shape == other.shape and one.stride() == other.stride()
    if not same or one.untyped_storage().data_ptr() != other.untyped_storage().data_ptr():
        return None
    apart = abs(int(one.storage_offset()) - int(other.storage_offset()))
    axes = [axis for axis, size in enumerate(one.shape) if size > 1 and one.stride(axis) == apart]
    return axes[0] if len(axes) == 1 else None


def permutes(rows: Tensor) -> bool:
    """Return whether an index is all rows, once each, in another order."""
    if rows.dim() != 1 or rows.dtype != torch.int64 or len(rows) < 2 or rows.is_meta:
        return False
    counted = torch.arange(len(rows), device=rows.device)
    return torch.equal(rows.sort().values, counted) and not torch.equal(rows, counted)


def ends_of(sequences: Sequence[Tensor], *, packed: bool = False) -> list[int]:
    """Return in how many steps of padding each sequence, (L, H), begins.

    It is padding only where the sequences repeat the same vector a different number of times, two
    of them twice at least, and have it hardly anywhere else; else the list is empty. Of `packed`
    ones each step counts, since their lengths say that none is padding; a whole one may be.
    """
    repeats = [_repeats(sequence) for sequence in sequences]
    padding = sequences[repeats.index(max(repeats))][0]
    ends = [
        count if torch.equal(sequence[0], padding) and (packed or 2 <= count < len(sequence)) else 0
        for sequence, count in zip(sequences, repeats, strict=True)
    ]
    several = [
        count < len(sequence) for sequence, count in zip(sequences, ends, strict=True) if count >= 2
    ]
    if len(several) < 2 or not any(several) or len(set(repeats)) <= 2:
        return []
    # Tokens and bits end in repeats by chance: padding is what stands at ends and nowhere else.
    within = sum(int((sequence == padding).all(-1).sum()) for sequence in sequences) - sum(ends)
    others = sum(map(len, sequences)) - sum(ends)
    return ends if within <= MOST_WITHIN * others else []


def _repeats(sequence: Tensor) -> int:
    """Return how many steps of a sequence are its first one, until another comes."""
    other = (sequence != sequence[0]).any(-1).nonzero()
    return int(other[0]) if len(other) else len(sequence)
