"""What shapes and numbers say of a tensor: axes exchanged, another order, padding, a softmax."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

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
