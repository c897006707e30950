"""Draw numbers as bars in a diagram, and compare the finished bars with the numbers."""

import re
from collections.abc import Mapping

from rnn_figures.diagrams.boxes import Box, Position
from rnn_figures.diagrams.canvas import Canvas
from rnn_figures.diagrams.reading import nodes
from rnn_figures.figures import Diagram
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Comparison, compare

LEAST = 1.5
"""Height of a bar of nothing; smaller ones are as high."""

APART = 0.05
"""Points by which a bar may be too high or too low: dot writes lengths rounded."""

HEIGHT = re.compile(r'\bheight="?([\d.]+)')
"""A node's height, in inches."""


def draw_bar(
    canvas: Canvas,
    name: str,
    share: float,
    *,
    foot: Position,
    size: tuple[float, float],
    colour: str,
    quantity: str,
) -> Box:
    """Draw a bar on its foot: `size` is its width and the height of a share of 1."""
    height = max(size[1] * share, LEAST)
    return canvas.box(
        name,
        at=(foot[0], foot[1] + height / 2),
        size=(size[0], height),
        quantity=quantity,
        colour=colour,
        style="filled",
        fillcolor=COLOURS[colour],
    )


def compare_bars(diagram: Diagram, expected: Mapping[str, float]) -> Comparison:
    """Compare the heights of bars, as shares of the highest, with the numbers they stand for."""
    drawn = nodes(diagram)
    found = {name: HEIGHT.search(drawn[name]["attributes"]) for name in expected}
    heights = {name: 72 * float(height[1]) for name, height in found.items() if height}
    highest = max(heights.values())
    largest = max(map(abs, expected.values())) or 1.0
    least = min(LEAST, highest)
    given = {n: max(highest * abs(v) / largest, least) / highest for n, v in expected.items()}
    shown = {name: height / highest for name, height in heights.items()}
    return compare("the bars", shown, given, within=APART / highest)
