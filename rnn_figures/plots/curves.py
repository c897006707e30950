"""Values on a logarithmic axis: drawn by their powers of ten, so that labels keep their places."""

import itertools

import numpy as np
from matplotlib.axes import Axes

MOST_TICKS = 6
"""So many powers of ten have their tick, at most."""


def powers_of_ten(values: np.ndarray) -> np.ndarray:
    """Return the power of ten of each value; NaN where it is 0, so that a line has a gap there.

    Examples:
        >>> powers_of_ten(np.array([100.0, 0.0, 0.001])).tolist()
        [2.0, nan, -3.0]
    """
    with np.errstate(divide="ignore"):
        return np.where(values > 0, np.log10(values), np.nan)


def power_axis(axes: Axes, powers: np.ndarray) -> None:
    """Set the y axis to whole powers of ten that hold every finite one of `powers`."""
    finite = powers[np.isfinite(powers)]
    low = int(np.floor(finite.min(initial=0.0)))
    high = int(np.ceil(finite.max(initial=low + 1.0)))
    axes.set_ylim(low - 0.2, high + 0.2)
    even = (step for step in itertools.count(1) if str(step).rstrip("0") in ("1", "2", "5"))
    every = next(step for step in even if high // step - -(-low // step) < MOST_TICKS)
    ticks = range(-(-low // every) * every, high + 1, every)
    axes.set_yticks(list(ticks), [_power_in_words(power) for power in ticks])


def _power_in_words(power: int) -> str:
    """Write a power of ten: "1", "1e−20"."""
    return "1" if power == 0 else f"1e{power}".replace("-", "−")
