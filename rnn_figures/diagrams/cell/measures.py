"""How large the parts of a cell are and how far apart, on a desk and on a phone."""

from collections.abc import Mapping
from typing import NamedTuple


class Measures(NamedTuple):
    """How far apart the parts of a cell stand, and how large they are: on a desk, or on a phone.

    Attributes:
        first: The x of the first weighted sum.
        pitch: From one weighted sum to the next.
        tap: How far left of a sum's middle h enters it, and how far right of it x.
        rise: How much higher than on a desk the sums are, and all that is above them.
        squash: From o to tanh(c).
        up: From there to where h leaves upwards.
        end: From there to the middle of h[t] and c[t].
        number: Width of numbers beside a wire.
        alone: Width of one number, or of the count of many.
        share: Width of numbers between 0 and 1, which have no sign.
        sizes: Width and height of each shape of part; a frame brings its own.
    """

    first: float
    pitch: float
    tap: float
    rise: float
    squash: float
    up: float
    end: float
    number: float
    alone: float
    share: float
    sizes: Mapping[str, tuple[float, float]]

    @property
    def beside(self) -> float:
        """From a wire to the middle of the numbers at its right."""
        return 6 + self.number / 2

    @property
    def sums(self) -> float:
        """The y of the weighted sums."""
        return 78.0 + self.rise / 2

    @property
    def gates(self) -> float:
        """The y of the functions over them."""
        return 162.0 + self.rise

    @property
    def letters(self) -> float:
        """The y of the gates' letters."""
        return 212.0 + self.rise


SIZES = {
    "circle": (25.0, 25.0),
    "function": (46.0, 25.0),
    "curve": (34.0, 25.0),
    "letter": (30.0, 21.0),
    "state": (52.0, 21.0),
    "sum": (104.0, 44.0),
    "dot": (4.5, 4.5),
    "value": (6.5, 6.5),
    "text": (150.0, 17.0),
}

SMALLER = {
    "function": (36.0, 25.0),
    "curve": (22.0, 25.0),
    "letter": (24.0, 21.0),
    "state": (42.0, 21.0),
    "sum": (50.0, 66.0),
    "text": (80.0, 30.0),
}

WIDE = Measures(118.0, 118.0, 24.0, 0.0, 84.0, 66.0, 74.0, 32.0, 56.0, 32.0, SIZES)

NARROW = Measures(50.0, 56.0, 13.0, 22.0, 42.0, 37.0, 30.0, 29.0, 29.0, 23.0, SIZES | SMALLER)
"""All that is instructive is on the screen of a phone, its smallest letters 9 pixels high."""
