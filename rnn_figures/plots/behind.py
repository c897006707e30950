"""The table behind a plot, asked for what stands at a point, and for every number it can give."""

import functools
import itertools
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from rnn_figures.figures import Table

NUMBER = re.compile(r"(?<![\w.])[−-]?\d+(?:\.\d+)?(?:e[+−-]?\d+)?(?![\w]|\.\d)")
"""A number that stands by itself in a text."""

HEAD = re.compile(r"^(?:step |lag |x\[|output\[)(\d+)\]?$")
"""A column that stands for a number."""

SAID = (np.nanmin, np.nanmax, np.nanmean, np.nanmedian, np.nansum)
"""What a sentence says of a column."""

CLOSE = 1e-9
"""Parts of the larger of two numbers by which they may be apart: a logarithm is rounded."""

MOST_GROUPS = 40
"""Groups of rows that are told apart, at most, by a word that they share."""


def numbers_in(text: str, *, whole: bool) -> Iterator[tuple[float, float]]:
    r"""Yield the numbers in a text, each with the size of one in its last digit.

    Args:
        text: What is written.
        whole: True for lines that are a number and nothing else; False for every number with
            decimals or a power of ten, wherever it stands.

    Examples:
        >>> list(numbers_in("a\n12", whole=True)), list(numbers_in("unit 3: −0.25", whole=False))
        ([(12.0, 1.0)], [(-0.25, 0.01)])
    """
    found = NUMBER.findall(text)
    if whole:
        found = [line for line in text.split("\n") if NUMBER.fullmatch(line)]
    for token in found:
        mantissa, _, exponent = token.replace("−", "-").partition("e")
        after = len(mantissa.partition(".")[2])
        if whole or after or exponent:
            power = int(exponent or 0)
            yield float(mantissa) * 10.0**power, 10.0 ** (power - after)


def near(number: float, known: np.ndarray) -> float:
    """Return the number among those known that is nearest; NaN if there is none."""
    known = known[np.isfinite(known)]
    return float(known[np.abs(known - number).argmin()]) if known.size else np.nan


class Behind:
    """A table's numbers, by column.

    Args:
        table: The numbers behind a plot.
        told: Further ones, that come of several of the table's.
    """

    def __init__(self, table: Table, told: Iterable[float]) -> None:
        self.table = table
        self.told = np.array(list(told), dtype=float)
        self._along: list[tuple[np.ndarray, np.ndarray]] = []
        self.columns: dict[str, np.ndarray] = {}
        self.words: list[list[str]] = []
        for name, cells in zip(table.columns, zip(*table.rows, strict=True), strict=False):
            if any(isinstance(cell, str | tuple | bool) for cell in cells):
                self.words.append(list(map(str, cells)))
            else:
                self.columns[name] = np.array(cells, dtype=float)  # None: NaN

    @functools.cached_property
    def everything(self) -> np.ndarray:
        """Every number of the table, and what a sentence says of a column or of its groups."""
        if not self.columns:
            return self.told
        cells = np.stack(list(self.columns.values()))  # (columns, rows)
        groups = [np.ones(cells.shape[1], dtype=bool)]
        for words in self.words:
            groups += [np.array(words) == word for word in dict.fromkeys(words)][:MOST_GROUPS]
        for values in cells:  # a sentence tells of the first and of the last step
            finite = values[np.isfinite(values)]
            if finite.size:
                groups += [values == finite.min(), values == finite.max()]
        said = [cells.ravel(), self.told]
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a column of nothing but NaN
            for group in groups:
                said += [of(cells[:, group], axis=1) for of in SAID]
        return np.concatenate(said)

    @functools.cached_property
    def _by_column(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each column: its different numbers; for each, all numbers in its rows, NaN-filled.

        Columns named by a number, such as "step 3", stand for that number in every row.
        """
        if not self.columns:
            return []
        cells = np.stack(list(self.columns.values()), axis=1)  # (rows, columns)
        cells = np.concatenate([cells, _powers(cells)], axis=1)
        found = []
        for values in self.columns.values():
            different, group = np.unique(values, return_inverse=True)
            order = np.argsort(group, kind="stable")
            counts = np.bincount(group, minlength=len(different))
            rank = np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts, counts)
            beside = np.full((len(different), counts.max(initial=0), cells.shape[1]), np.nan)
            beside[group[order], rank] = cells[order]
            beside = beside.reshape(len(different), -1)
            found.append((different, beside))
        numbered = {name: HEAD.search(name) for name in self.columns}
        heads = [(float(at[1]), self.columns[name]) for name, at in numbered.items() if at]
        if heads:
            found.append((np.array([at for at, _ in heads]), np.stack([of for _, of in heads])))
        return found

    @property
    def _by_power(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The same by the powers of ten, as a logarithmic axis has them."""
        return [(_powers(different), beside) for different, beside in self._by_column]

    def has(self, text: str) -> bool:
        """Return whether a cell is this text, or this text in quotes."""
        return any(text in words or repr(text) in words for words in self.words)

    def nearest_at(self, xs: Sequence[np.ndarray], y: np.ndarray) -> np.ndarray:
        """Return for each point the number nearest to its y in rows that have its x.

        Args:
            xs: What the points' x may stand for, each (points,).
            y: Of the points.

        Returns:
            By the column and the reading of x that fit best; NaN where no row has that x.
        """
        found = []
        plain = [part for part in self._by_column if _near_one_of(part[0], xs[0])]
        columns = plain or self._by_column + self._by_power
        for x, (different, beside) in itertools.product(xs, columns):
            row = _nearest(different, x)
            choices = beside[row]
            values = choices[np.arange(len(y)), _nearest(choices, y)]
            found.append(np.where(_are_close(different[row], x), values, np.nan))
        nowhere = np.full(len(y), np.nan)
        return min(found, key=lambda values: np.sum(~_are_close(values, y)), default=nowhere)

    def look_at(self, drawn: Sequence[np.ndarray]) -> None:
        """Note which columns have everything that is drawn along x, for `beside`; else all."""
        along = [
            (different, beside)
            for different, beside in self._by_column
            if drawn and all(_near_one_of(different, x) for x in drawn)
        ]
        self._along = along or self._by_column + self._by_power

    def beside(self, x: float) -> np.ndarray:
        """Return every number in rows that have x, in a column that is drawn along x."""
        found = [
            beside[_are_close(different, np.array(x))].ravel() for different, beside in self._along
        ]
        return np.concatenate([np.zeros(0), *found])

    def in_order(self, numbers: Sequence[float]) -> list[list[float]]:
        """Return these numbers in the order of each column that has all of them."""
        found = []
        for values in self.columns.values():
            order = list(dict.fromkeys(values.tolist()))
            if set(numbers) <= set(order):
                found.append(sorted(numbers, key=order.index))
        return found

    def words_in_order(self, words: Sequence[str]) -> list[str]:
        """Return these words in the order of the table, if one column or its heads have them."""
        cells = [list(dict.fromkeys(of_column)) for of_column in self.words]
        for order in (list(self.table.columns), *cells):
            symbols = any(len(word) == 1 for word in words)  # which come in any order
            if words and set(words) <= set(order) and not symbols:
                return sorted(words, key=order.index)
        return []


def _nearest(choices: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return for each value the index of the nearest choice: of all choices, or of its own row."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(choices - values[:, None])
    return np.where(np.isnan(apart), np.inf, apart).argmin(axis=1)


def _are_close(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return where numbers are equal but for rounding; NaN is close to nothing."""
    with np.errstate(invalid="ignore"):
        return np.abs(found - wanted) <= CLOSE * np.maximum(1.0, np.abs(wanted))


def _near_one_of(different: np.ndarray, x: np.ndarray) -> bool:
    """Return whether each finite x is one of these numbers."""
    different, x = (values[np.isfinite(values)] for values in (different, x))
    return bool(different.size) and bool(_are_close(different[:, None], x).any(axis=0).all())


def _powers(values: np.ndarray) -> np.ndarray:
    """Return the power of ten of each value; not finite where it is not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(values)
