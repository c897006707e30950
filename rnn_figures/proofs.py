"""What a figure was checked against: a Proof, which cannot exist without a comparison.

`compare` holds two things to each other and raises where they differ; a Proof says of one or more
comparisons what was compared, on which torch, and how far apart it was. Figures take a Proof, and
nothing else, for the tick in their frame.
"""

import importlib.metadata
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnn_figures.numbers import agreement


class ProofError(Exception):
    """What a figure would show is not what the module gave."""


class Comparison(NamedTuple):
    """How far apart two things were that `compare` held to each other.

    Attributes:
        max_difference: The largest |difference|; 0 where they are the same.
        values: How many values were compared.
        unchecked: How many more could not be: rounding there is larger than what would be wrong.
    """

    max_difference: float
    values: int
    unchecked: int = 0


def compare(what: str, shown: Any, given: Any, *, within: float = 0.0) -> Comparison:
    """Hold what a figure shows to what a module gave, value by value.

    Args:
        what: What is compared, for the message: "h_n[2]", "the sum of the parts".
        shown: A number, tensor or array; or text, a shape, a sequence or mapping of these.
        given: The same kind of thing, of the same shape, from the module.
        within: The largest difference allowed between numbers; 0 for the same numbers. Two NaN,
            or two equal infinities, are the same.

    Raises:
        ProofError: they differ, in shape or by more than `within`; it says where, by how much.
        ValueError: there is nothing to compare.
    """
    if isinstance(given, str | bytes | bool | type(None)):
        if shown != given:
            raise ProofError(f"{what}: expected {given!r}, got {shown!r}")
        return Comparison(0.0, 1)
    if isinstance(given, Mapping):
        compare(f"keys of {what}", list(shown), list(given))
        return _together(
            compare(f"{what}[{key!r}]", shown[key], value, within=within)
            for key, value in given.items()
        )
    if isinstance(given, Sequence) and not all(isinstance(part, int | float) for part in given):
        if len(shown) != len(given):
            raise ProofError(f"{what}: expected {len(given)} values, got {len(shown)}")
        pairs = zip(shown, given, strict=True)
        return _together(
            compare(f"{what}[{place}]", one, other, within=within)
            for place, (one, other) in enumerate(pairs)
        )
    return _numbers(what, _array(shown), _array(given), within)


def _numbers(what: str, shown: np.ndarray, given: np.ndarray, within: float) -> Comparison:
    """Compare two arrays of numbers."""
    if shown.shape != given.shape:
        raise ProofError(f"{what}: expected shape {given.shape}, got {shown.shape}")
    if not given.size:
        raise ValueError(f"{what}: expected values to compare, got none")
    same = (shown == given) | (np.isnan(shown) & np.isnan(given))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(shown - given))
    wrong = ~(apart <= within)
    if wrong.any():
        size = np.where(np.isnan(apart), math.inf, apart)
        where = np.unravel_index(int(size.argmax()), size.shape)
        index = "".join(f"[{place}]" for place in where)
        raise ProofError(
            f"{what}{index}: expected {given[where]:.6g}, got {shown[where]:.6g}, "
            f"{'the same' if not within else f'within {within:.0e}'} was to be; "
            f"{int(wrong.sum())} of {given.size} values differ"
        )
    return Comparison(float(apart.max()), int(given.size))


def _array(value: Any) -> np.ndarray:
    """Return numbers as an array of float64."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().double().numpy()
    return np.asarray(value, dtype=np.float64)


def _together(comparisons: Any) -> Comparison:
    """Return several comparisons as one."""
    found = list(comparisons)
    if not found:
        raise ValueError("expected something to compare, got nothing")
    return Comparison(
        max(one.max_difference for one in found),
        sum(one.values for one in found),
        sum(one.unchecked for one in found),
    )


def adds_up(what: str, parts: Any, total: Any, *, within: float) -> Comparison:
    """Hold the sum of what a figure shows in parts to what the module gave.

    Args:
        what: What the parts are of, for the message.
        parts: Numbers, tensors or arrays, all of the shape of `total`.
        total: What the module gave.
        within: The largest difference allowed.

    Raises:
        ProofError: the parts do not add up.
    """
    return compare(what, sum(map(_array, parts)), total, within=within)


class Proof:
    """What a figure was checked against, in one sentence with the version and the size.

    Args:
        words: What was found, up to the size: "equal to nn.LSTM".
        comparisons: What `compare` returned, or other proofs that this one includes.

    Attributes:
        max_difference: The largest |difference| of all comparisons.
        values: How many values were compared.
        unchecked: How many more could not be checked; a frame shows no tick while it is not 0.

    Raises:
        ValueError: there is no comparison.

    Examples:
        >>> print(Proof("equal to itself", compare("one", 1.0, 1.0)).words)
        equal to itself
    """

    def __init__(self, words: str, *comparisons: "Comparison | Proof") -> None:
        whole = _together(comparisons)
        self.words = words
        self.max_difference, self.values, self.unchecked = whole

    @property
    def holds(self) -> bool:
        """True if every value was checked: what a tick stands for."""
        return not self.unchecked

    def __str__(self) -> str:
        """Return the sentence for a figure's frame."""
        version = importlib.metadata.version("torch").partition("+")[0]
        sentence = f"{self.words}, torch {version}, {agreement(self.max_difference)}"
        if self.unchecked:
            sentence += f"; {self.unchecked} values could not be checked: rounding there is larger"
        return sentence

    def __repr__(self) -> str:
        """Return the sentence, as what it is."""
        return f"Proof({str(self)!r})"
