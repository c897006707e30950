"""Draw a state carried along a row: arrows from box to box, what it starts from, what it ends in.

Made of the pieces of `canvas`.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from rnn_figures.diagrams.boxes import Anchor, Box
from rnn_figures.diagrams.canvas import Canvas


class Lane(NamedTuple):
    """One state on its way through a row of boxes, forward or reverse.

    Attributes:
        canvas: What to draw on.
        quantity: The state's letter, "h" or "c".
        boxes: What it passes, in the order in which it does: h_0, a box for each step, h_n.
        up: How far above the middle of the boxes it runs.

    Examples:
        >>> from rnn_figures.diagrams.canvas import symbol
        >>> from rnn_figures.figures import Table
        >>> canvas = Canvas("lane", alt="h over 2 steps.", data=Table(["step"], [(0,), (1,)]))
        >>> boxes = [
        ...     canvas.box(f"h-t{t}", symbol("h"), at=(60 * t, 0), size=(30, 20), quantity="h")
        ...     for t in range(2)
        ... ]
        >>> Lane(canvas, "h", boxes).draw()
        >>> canvas.source.count("->")
        1
    """

    canvas: Canvas
    quantity: str
    boxes: Sequence[Box]
    up: float = 0.0

    def draw(
        self,
        looks: Sequence[str] | str = "plain",
        *,
        name: str = "{tail}-on",
        **options: Any,
    ) -> None:
        """Draw an arrow from each box to the next; {tail} in `name` is the box that it leaves."""
        pairs = list(pairwise(self.boxes))
        looks = [looks] * len(pairs) if isinstance(looks, str) else looks
        for (tail, head), look in zip(pairs, looks, strict=True):
            arrow: dict[str, Any] = {
                "quantity": self.quantity,
                "name": name.format(tail=tail.name),
            } | options
            self.canvas.arrow(*self.ends(tail, head), look=look, **arrow)

    def ends(self, tail: Box, head: Box) -> tuple[Anchor, Anchor]:
        """Return where the state leaves one box and enters the next."""
        start, end = (tail.right, head.left) if tail.x < head.x else (tail.left, head.right)
        return start.moved(up=self.up), end.moved(up=self.up)


def heights(letters: Sequence[str], pitch: float) -> dict[str, float]:
    """Return how far above the middle each state's lane runs, the first one uppermost.

    Examples:
        >>> heights(("c", "h"), 10.0), heights("h", 10.0)
        ({'c': 5.0, 'h': -5.0}, {'h': 0.0})
    """
    middle = (len(letters) - 1) / 2
    return {letter: (middle - index) * pitch for index, letter in enumerate(letters)}
