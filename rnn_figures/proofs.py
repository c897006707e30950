"""What a figure was checked against: a Proof, which cannot exist without a comparison.

`compare` compares what a figure shows with what the module gave, and raises where they differ. A
Proof says in one sentence what was compared, on which torch, and how far apart it was. Figures take
a Proof, and nothing else, for the tick in their frame.

What no proof can catch: a word that is wrong, such as a title that names another layer; a whole
number in a sentence, where the table has it elsewhere; two things drawn in each other's look where
no name tells them apart; an arrow between the wrong boxes, which golden drawings hold; and whoever
changes a figure after its proof was made.
"""

import functools
import importlib.metadata
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnn_figures.arguments import came, checked
from rnn_figures.numbers import agreement


class ProofError(Exception):
    """What a figure would show is not what the module gave."""


class Comparison(NamedTuple):
    """What came of comparing two things.

    Attributes:
        max_difference: The largest |difference|; 0 where they are the same.
        values: How many values were compared.
        unchecked: How many more could not be: rounding there is larger than a mistake would be.
    """

    max_difference: float
    values: int
    unchecked: int = 0


def compare(what: str, shown: Any, given: Any, *, within: float = 0.0) -> Comparison:
    """Compare what a figure shows with what a module gave, value by value.

    Args:
        what: What is compared, for the message: "h_n[2]", "the shape of output".
        shown: A number, tensor or array; or text, a shape, a sequence or mapping of these.
        given: The same kind of thing, of the same shape, from the module.
        within: The largest difference allowed between numbers; 0 for the same numbers. Two NaN,
            or two equal infinities, are the same.

    Raises:
        ProofError: they differ, in kind, in shape or by more than `within`; it says where and by
            how much.
        ValueError: there is nothing to compare.

    Examples:
        >>> compare("h", [0.5, 0.25], [0.5, 0.375], within=0.2)
        Comparison(max_difference=0.125, values=2, unchecked=0)
    """
    if isinstance(given, Mapping):
        if not isinstance(shown, Mapping):
            raise _mismatch(what, shown, given)
        if list(shown) != list(given):
            raise _mismatch(f"keys of {what}", list(shown), list(given))
        return together(
            compare(f"{what}[{key!r}]", shown[key], value, within=within)
            for key, value in given.items()
        )
    exact = _is_shape(given) and not within
    if isinstance(given, str | bytes | bool | None) or exact:
        if not np.array_equal(np.asarray(shown), np.asarray(given)):
            raise _mismatch(what, shown, given)
        return Comparison(0.0, 1)
    if isinstance(given, Sequence) and not all(isinstance(part, int | float) for part in given):
        if not hasattr(shown, "__len__") or len(shown) != len(given):
            raise _mismatch(what, shown, given)
        return together(
            compare(f"{what}[{index}]", shown[index], part, within=within)
            for index, part in enumerate(given)
        )
    try:
        numbers = _array(shown)
    except TypeError:
        raise _mismatch(what, shown, given) from None
    return _compare_numbers(what, numbers, _array(given), within)


def compare_column(
    table: Any, name: str, given: Iterable[Any], *, within: float = 0.0
) -> Comparison:
    """Compare a column of a finished table with what it should have.

    Args:
        table: A Table, as it is shown.
        name: Of the column.
        given: A value for each row; an array or a tensor, of any shape, in the order of the rows.
        within: The largest difference allowed between numbers.

    Raises:
        ProofError: a cell has something else.
    """
    index = list(table.columns).index(name)
    shown = [row[index] for row in table.rows]
    return compare(f"the column “{name}”", _cells(shown), _cells(given), within=within)


def _cells(values: Any) -> list[Any]:
    """Return cells to compare: of a tensor its numbers, for a None NaN if the others are floats."""
    cells = values.flatten().tolist() if hasattr(values, "flatten") else list(values)
    if any(isinstance(cell, float) for cell in cells):
        return [math.nan if cell is None else cell for cell in cells]
    return cells


@checked
def adds_up(what: str, parts: Iterable[Any], total: Any, *, within: float) -> Comparison:
    """Compare the sum of what a figure shows in parts with what the module gave.

    Args:
        what: What the parts are of, for the message.
        parts: Numbers, tensors or arrays, each of the shape of `total`.
        total: What the module gave.
        within: The largest difference allowed.

    Raises:
        ProofError: a part has another shape, or the parts do not add up.
        ValueError: there are no parts.

    Examples:
        >>> adds_up("3", [1.0, 2.0], 3.0, within=0.0).values
        1
    """
    whole = _array(total)
    terms = [_array(part) for part in parts]
    if not terms:
        raise ValueError(f"{what}: expected parts to add up, got none")
    for index, term in enumerate(terms):
        if term.shape != whole.shape:
            raise _mismatch(f"shape of part {index} of {what}", term.shape, whole.shape)
    return _compare_numbers(f"sum of the parts of {what}", sum(terms), whole, within)


def together(comparisons: Iterable["Comparison | Proof"]) -> Comparison:
    """Return several comparisons as one."""
    found = list(comparisons)
    if not found:
        raise ValueError("expected something to compare, got nothing")
    return Comparison(
        max(one.max_difference for one in found),
        sum(one.values for one in found),
        sum(one.unchecked for one in found),
    )


def _compare_numbers(what: str, shown: Any, given: np.ndarray, within: float) -> Comparison:
    if shown.shape != given.shape:
        raise _mismatch(f"shape of {what}", shown.shape, given.shape)
    if not given.size:
        raise ValueError(f"{what}: expected values to compare, got none")
    same = (shown == given) | (np.isnan(shown) & np.isnan(given))
    with np.errstate(all="ignore"):
        apart = np.where(same, 0.0, np.abs(shown - given))
    wrong = ~(apart <= within)  # also where one of the two is NaN
    if wrong.any():
        size = np.where(np.isnan(apart), np.inf, apart)  # NaN beside a number is the worst
        worst = np.unravel_index(int(size.argmax()), size.shape)
        where = f"[{', '.join(map(str, worst))}]" if worst else ""
        raise ProofError(
            f"{what}{where}: expected {given[worst]:.6g}, got {shown[worst]:.6g}: "
            f"a difference of {apart[worst]:.1e} (allowed {within:.0e}); "
            f"{int(wrong.sum())} of {given.size} values differ by more than that"
        )
    return Comparison(float(apart.max()), int(given.size))


def _is_shape(value: Any) -> bool:
    """Return whether a value is a shape: a tuple of whole numbers."""
    return isinstance(value, tuple) and all(isinstance(size, int) for size in value)


def _array(value: Any) -> np.ndarray:
    """Return numbers as an array of float64; TypeError for anything else."""
    try:
        if hasattr(value, "detach"):
            if value.is_complex():
                raise TypeError
            value = value.detach().cpu().double().numpy()
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, NotImplementedError):  # the last for the device meta
        raise TypeError(f"expected numbers to compare, got {came(value)}") from None


def _mismatch(what: str, shown: Any, given: Any) -> ProofError:
    """Return the error that shows both: what the module gave, and what the figure has."""
    return ProofError(f"{what}: expected {given!r:.80}, got {shown!r:.80}")


@functools.cache
def _torch_version() -> str:
    """Return the installed torch's version, without importing it."""
    return importlib.metadata.version("torch").partition("+")[0]


class Proof:
    """What a figure was checked against, in one sentence with the version and the size.

    Args:
        words: What was found, up to the version: "equal to nn.LSTM".
        *comparisons: What `compare` returned, or other proofs that this one includes.

    Attributes:
        words: As given.
        max_difference: The largest |difference| of all comparisons.
        values: How many values were compared.
        unchecked: How many more could not be checked.

    Raises:
        ValueError: there is no comparison.

    Examples:
        >>> proof = Proof("equal to itself", compare("one", 1.0, 1.0))
        >>> str(proof).partition(",")[0], proof.holds
        ('equal to itself', True)
    """

    def __init__(self, words: str, *comparisons: "Comparison | Proof") -> None:
        for one in comparisons:
            if not isinstance(one, Comparison | Proof):
                raise TypeError(f"expected what `compare` returned, or a Proof; got {one!r:.60}")
        self.words = words
        self.max_difference, self.values, self.unchecked = together(comparisons)

    @property
    def holds(self) -> bool:
        """True if every value was checked: what a tick stands for."""
        return self.values > 0 and self.unchecked == 0

    def __str__(self) -> str:
        """Return the sentence for a figure's frame."""
        apart = agreement(self.max_difference)
        size = apart if self.values else "but there was no value to compare"
        sentence = f"{self.words}, torch {_torch_version()}, {size}"
        if self.unchecked:
            sentence += (
                f"; {self.unchecked} more values could not be checked: "
                "rounding there is larger than a mistake would be"
            )
        return sentence

    def __repr__(self) -> str:
        """Return the sentence, as what it is."""
        return f"Proof({str(self)!r})"


def only_a_proof(proof: Proof | None) -> Proof | None:
    """Return a figure's proof, or None; TypeError for a sentence, which is no comparison."""
    if not isinstance(proof, Proof | None):
        raise TypeError(
            f"expected a Proof, or None where nothing was compared, got {proof!r:.60}; "
            "make one with Proof(words, compare(...))"
        )
    return proof
