"""Draw grids of small boxes, one for each step of each sequence, shaded by a size.

Made of the pieces of `canvas`. Nothing here knows a recurrent layer.
"""

from rnn_figures.diagrams.canvas import SMALL, Place, box
from rnn_figures.figures import Diagram
from rnn_figures.palette import COLOURS

CELL = (42.0, 27.0)
"""Width and height of a small box."""

APART = 6.0
"""Between two small boxes."""

DARKEST = 0.4
"""Opacity of the largest size: text in ink stays readable on it, light and dark."""


def cell_place(column: int, row: int, *, origin: Place = (0.0, 0.0)) -> Place:
    """Return the middle of a box of a grid: columns go right, rows go down.

    Examples:
        >>> cell_place(1, 2)
        (48.0, -66.0)
    """
    across, down = CELL[0] + APART, CELL[1] + APART
    return origin[0] + column * across, origin[1] - row * down


def shade(colour: str, share: float) -> str:
    """Return a colour of the palette, the more opaque the larger a share of 1 is.

    Examples:
        >>> shade("h", 1.0), shade("h", 0.0)
        ('#4964f666', '#4964f600')
    """
    return f"{COLOURS[colour]}{round(255 * DARKEST * share):02x}"


def draw_cell(
    diagram: Diagram,
    name: str,
    text: str,
    *,
    at: Place,
    colour: str,
    share: float | None = None,
    look: str = "plain",
    **attributes: str,
) -> None:
    """Draw one small box, its text in ink.

    Args:
        diagram: What to draw on.
        name: The node's name in the graph, and its id.
        text: The label, from `canvas.label` or plain text.
        at: Its middle.
        colour: A name of palette.COLOURS, for line and tint.
        share: From 0 to 1: how opaque the tint is; None for the tint of the look.
        look: A look of `canvas.box`.
        attributes: Graphviz attributes of this node; `class_` is its CSS classes.
    """
    drawn = {"fontcolor": COLOURS["ink"], "fontsize": f"{SMALL:g}"}
    if share is not None:
        drawn["fillcolor"] = shade(colour, share)
    box(diagram, name, text, at=at, size=CELL, colour=colour, look=look, **(drawn | attributes))
