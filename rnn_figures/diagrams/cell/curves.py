"""σ and tanh in a cell: the function, and beside it its curve with a dot for each unit's number."""

import math
from collections.abc import Callable

import torch

from rnn_figures.diagrams.cell.anatomy import WRITTEN, Anatomy, stage_classes

SPANS = {"σ": (6.0, 0.0), "tanh": (3.0, -1.0)}
"""How far a small curve of each function goes to both sides of 0, and its least value."""

PIECES = 8
"""Of a small curve, each a cubic."""


def put_function(
    cell: Anatomy,
    name: str,
    at: tuple[float, float],
    function: str,
    colour: str,
    reads_and_gives: tuple[str, str],
    *,
    over: bool = False,
) -> None:
    """Add σ or tanh, beside it its curve, with a dot where each unit's number stands.

    `function` is a key of SPANS; another one has no curve. `reads_and_gives` names the numbers
    before and after it; the curve, left of the function or over it, has the second in its name.
    """
    shape = "circle" if function == "σ" else "function"
    cell.put(name, shape, at, function, colour=colour)
    if function not in SPANS:
        return
    reads, gives = reads_and_gives
    sizes = cell.measures.sizes
    aside = (sizes[shape][0] + sizes["curve"][0]) / 2 + 2
    middle = (at[0], at[1] + sizes["curve"][1] + 3) if over else (at[0] - aside, at[1])
    cell.put(f"curve-{gives}", "curve", middle, colour=colour)
    frame = cell.parts[f"curve-{gives}"]
    span, low = SPANS[function]

    def point(read: float, given: float) -> tuple[float, float]:
        """Where a number and what is made of it stand in the curve's frame."""
        share = min(max(read / span, -1.0), 1.0)
        return (
            frame.x + share * frame.width / 2,
            frame.bottom.y + (given - low) / (1 - low) * frame.height,
        )

    look = "dim" if cell.is_dim(colour) else "plain"
    cell.canvas.arrow(
        frame.left,
        frame.right,
        name=f"line-{gives}",
        quantity=colour,
        look=look,
        classes=stage_classes(colour),
        dir="none",
        pos=_curve(function, point),
    )
    given = cell.found.get(gives, torch.zeros(0)).tolist()
    if len(given) <= WRITTEN and reads in cell.found:
        for unit, numbers in enumerate(zip(cell.found[reads].tolist(), given, strict=True)):
            cell.put(f"dot-{gives}-{unit}", "value", point(*numbers), colour=colour)


def _curve(function: str, point: Callable[[float, float], tuple[float, float]]) -> str:
    """Return σ or tanh as graphviz writes an edge: cubics with the right slope where they meet."""
    span, low = SPANS[function]
    step = 2 * span / PIECES
    points: list[tuple[float, float]] = []
    for index in range(PIECES + 1):
        x = -span + index * step
        y = math.tanh(x) if low else 1 / (1 + math.exp(-x))
        slope = 1 - y * y if low else y * (1 - y)
        aside = [(x + way * step / 3, y + way * slope * step / 3) for way in (-1, 0, 1)]
        points += [point(*one) for one in aside]
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points[1:-1])
