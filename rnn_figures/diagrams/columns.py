"""What diagrams with a column for each step share: widths, gaps, and names at the left edge.

Step t's column is at x = t · PITCH whatever the module is, so that figures of one page agree; the
left margin is the same in all of them. Lengths are points.
"""

from collections.abc import Sequence

from torch import Tensor

from rnn_figures.diagrams.canvas import Canvas
from rnn_figures.numbers import number

PITCH = 110.0
"""From column to column."""

ASIDE = 23.0
"""From a column to its forward cells, on the left, and to its reverse cells, on the right."""

CHIP = (34.0, 19.0)
"""Width, and height of one line, of a state's box."""

NEXT_LINE = 13.0
"""Height of each further line of numbers in a box."""

INSET = 5.0
"""Between a cell's frame and the states in it, and between c and h."""

BOX = 94.0
"""Width of x[t], of output[t] and of what a layer reads."""

BOX_HEIGHT = CHIP[1] + 2 * INSET - 2
"""Height of these, of one line."""

HALF = 42.0
"""Width of one direction's half in such a box."""

TAG = (56.0, 19.0)
"""Width and height of h_0[k], c_0[k], h_n[k] and c_n[k]."""

TAG_ASIDE = 100.0
"""From the first or last column to the middle of these."""

MOST_LINES = 3
"""Numbers in a box at most, one below the other."""

MARGIN = -244.0
"""Left edge of every diagram."""

LABEL = 104.0
"""Width of a row's name at the left edge."""

ABOVE = 2.5
"""Between a box and the name above it."""


def aside(direction: int, num_directions: int, apart: float = ASIDE) -> float:
    """Return how far to the right of its column's middle a direction's boxes stand."""
    return 0.0 if num_directions == 1 else apart if direction else -apart


def first_and_last(steps: int, most: int) -> tuple[int, ...]:
    """Return the steps that are drawn of so many: all, or `most` of them, the middle left out.

    Examples:
        >>> first_and_last(4, 5), first_and_last(9, 5)
        ((0, 1, 2, 3), (0, 1, 2, 7, 8))
    """
    if steps <= most:
        return tuple(range(steps))
    before = (most + 1) // 2
    return (*range(before), *range(steps - most + before, steps))


def one_below_the_other(vector: Tensor) -> str:
    """Write the numbers of a box."""
    return "\n".join(map(number, vector.tolist()))


def name_row(
    canvas: Canvas, part: str, lines: Sequence[str], *, y: float, classes: str = "text"
) -> None:
    """Write the name of a row, and what else is said of it, at the left edge."""
    at = (MARGIN + LABEL / 2, y)
    canvas.write(f"row-{part}", lines, at=at, width=LABEL, align="left", classes=classes)
