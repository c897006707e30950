"""What a plot says, in words and in numbers, for readers who do not see it."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnn_figures.figures import Table, Value
from rnn_figures.numbers import counted, digits, plural
from rnn_figures.palette import NAMES
from rnn_figures.traces.selection import Selection

TOLD_ONE_BY_ONE = 3
"""Most units of which the text describes each."""


def describe_selection(selection: Selection) -> str:
    """Describe a quantity over time: its range, its ends, and where a gate opens and closes."""
    letter, units = selection.letter, selection.units
    steps = len(selection.values)
    title = (
        f"{NAMES[letter].capitalize()} {letter}{f' ({selection.where})' if selection.where else ''}"
    )
    words = [f"{title}: {counted(len(units), 'unit')}, {_steps(0, selection.length - 1)}."]
    words.append(_range(selection))
    if len(units) <= TOLD_ONE_BY_ONE:
        words += [_course(selection, column) for column in range(len(units))]
    else:
        words.append(_mean_course(selection))
    if selection.length < steps:
        absent = _steps(selection.length, steps - 1).capitalize()
        words.append(f"{absent}: hatched, the sequence has ended.")
    return " ".join(word for word in words if word)


def value_table(selections: Mapping[str, Selection]) -> Table:
    """List the numbers behind a plot: a row per step and unit, a column per quantity.

    Steps that the sequence does not have are left out; a unit that a quantity does not have (h
    with a projection is narrower) is empty.
    """
    first = next(iter(selections.values()))
    units = sorted({unit for selection in selections.values() for unit in selection.units})
    rows: list[tuple[Value, ...]] = []
    for t in range(first.length):
        for unit in units:
            values = (_value(selection, t, unit) for selection in selections.values())
            rows.append((t, unit, *values))
    return Table(("step", "unit", *selections), rows)


def steps_in_words(steps: Sequence[int]) -> str:
    """Write step numbers, runs of neighbours as ranges.

    Examples:
        >>> steps_in_words([0, 1, 2, 5, 7, 8])
        '0–2, 5, 7–8'
    """
    runs: list[list[int]] = []
    for step in steps:
        if runs and step == runs[-1][1] + 1:
            runs[-1][1] = step
        else:
            runs.append([step, step])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in runs)


def _value(selection: Selection, t: int, unit: int) -> float | None:
    """Return one number, or None if the quantity has no such unit."""
    if unit not in selection.units:
        return None
    return float(selection.values[t, selection.units.index(unit)])


def _range(selection: Selection) -> str:
    """Describe the lowest and the highest value, and where they are."""
    bad = ~np.isfinite(selection.valid)
    if bad.any():
        steps = np.flatnonzero(bad.any(axis=1))
        first = steps[-1 if selection.direction else 0]  # reverse reads the last step first
        units = [selection.units[column] for column in np.flatnonzero(bad[first])]
        named = f"{plural('unit', len(units))} {steps_in_words(sorted(units))}"
        return f"{bad.sum()} of the values are not finite numbers, first at step {first} ({named})."
    ends = []
    for word, of in (("Lowest", np.argmin), ("highest", np.argmax)):
        t, column = np.unravel_index(of(selection.valid), selection.valid.shape)
        unit = f"unit {selection.units[column]}, " if len(selection.units) > 1 else ""
        ends.append(f"{word} {digits(selection.valid[t, column])} ({unit}step {t})")
    return ", ".join(ends) + "."


def _course(selection: Selection, column: int) -> str:
    """Describe how one unit starts and ends, and for a gate when it is open."""
    values = selection.valid[:, column]
    name = "It" if len(selection.units) == 1 else f"Unit {selection.units[column]}"
    words = f"{name} {_from_to(values)}"
    numbers = int(np.isfinite(values).sum())
    if not selection.is_gate or not numbers:
        return f"{words}."
    (above,) = np.nonzero(values > 0.5)
    if len(above) in (0, numbers):
        more = "more" if len(above) else "less"
        every = "every step" + ("" if numbers == len(values) else " that has a number")
        return f"{words}, {more} than half open at {every}."
    steps = f"{plural('step', len(above))} {steps_in_words(above.tolist())}"
    return f"{words}, more than half open at {steps}."


def _from_to(values: np.ndarray) -> str:
    """Describe a curve by its ends."""
    first, last = digits(values[0]), digits(values[-1])
    if np.isnan(values).all():
        return f"is {first} at every step"
    return f"is {first}" if len(values) == 1 else f"goes from {first} to {last}"


def _steps(low: int, high: int) -> str:
    """Write the first and the last of some steps."""
    return f"step {low}" if low == high else f"steps {low} to {high}"


def _mean_course(selection: Selection) -> str:
    """Describe many units by their mean, and for a gate by how many are open."""
    with np.errstate(invalid="ignore"):  # of inf and -inf it is not a number, and that is said
        mean = selection.valid.mean(axis=1)
    words = f"The mean over units {_from_to(mean)}"
    if not selection.is_gate or not np.isfinite(mean[[0, -1]]).all():
        return words + "."
    opened = (selection.valid > 0.5).sum(axis=1)
    return (
        f"{words}; {opened[0]} of {len(selection.units)} units are more than half open at the "
        f"first step, {opened[-1]} at the last."
    )
