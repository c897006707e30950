"""Boxes with anchors: where arrows begin and end, and text stands.

Lengths are points (72 to the inch), y upward. Nothing here draws.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Anchor(NamedTuple):
    """A point of a box, where arrows and text begin.

    Attributes:
        x: Rightward.
        y: Upward.
        box: Name of the box.
        side: "left", "right", "top" or "bottom"; "" for any other point of it.
    """

    x: float
    y: float
    box: str
    side: str = ""

    def moved(self, *, right: float = 0.0, up: float = 0.0) -> "Anchor":
        """Return the anchor, a little aside; it still belongs to its box."""
        return self._replace(x=self.x + right, y=self.y + up)


Position = tuple[float, float] | Anchor
"""x and y of a point, y upward."""


class Box(NamedTuple):
    """A box on a canvas, or the extent of several, with its anchors.

    Attributes:
        name: Its name on the canvas; of an extent, that of its first box.
        x: Middle, rightward.
        y: Middle, upward.
        width: From left to right.
        height: From top to bottom.

    Examples:
        >>> box = Box("x", 0.0, 10.0, 40.0, 20.0)
        >>> box.top.y, box.left.x, box.at(0, 1)[:2], box.grown(3).size
        (20.0, -20.0, (-20.0, 20.0), (46.0, 26.0))
    """

    name: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Anchor:
        """The point in its middle."""
        return Anchor(self.x, self.y, self.name)

    @property
    def left(self) -> Anchor:
        """The middle of its left edge."""
        return Anchor(self.x - self.width / 2, self.y, self.name, "left")

    @property
    def right(self) -> Anchor:
        """The middle of its right edge."""
        return Anchor(self.x + self.width / 2, self.y, self.name, "right")

    @property
    def top(self) -> Anchor:
        """The middle of its upper edge."""
        return Anchor(self.x, self.y + self.height / 2, self.name, "top")

    @property
    def bottom(self) -> Anchor:
        """The middle of its lower edge."""
        return Anchor(self.x, self.y - self.height / 2, self.name, "bottom")

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self.width, self.height

    def at(self, right: float, up: float) -> Anchor:
        """Return the point at a share of its width and height: (0, 1) is its upper left corner."""
        x, y = self.left.x + right * self.width, self.bottom.y + up * self.height
        return Anchor(x, y, self.name)

    def towards(self, point: Position) -> Anchor:
        """Return where a level or upright line from a point meets its edge."""
        x, y, *_ = point
        if abs(x - self.x) > self.width / 2:
            side = self.right if x > self.x else self.left
            return side._replace(y=y if abs(y - self.y) <= self.height / 2 else self.y)
        return (self.top if y > self.y else self.bottom)._replace(x=x)

    def grown(self, margin: float) -> "Box":
        """Return a box larger by a margin on every side."""
        return self._replace(width=self.width + 2 * margin, height=self.height + 2 * margin)

    def to(self, other: "Box") -> "Box":
        """Return the extent of two boxes."""
        left, right = min(self.left.x, other.left.x), max(self.right.x, other.right.x)
        bottom, top = min(self.bottom.y, other.bottom.y), max(self.top.y, other.top.y)
        return Box.between(self.name, (left, bottom), (right, top))

    @classmethod
    def between(cls, name: str, corner: Position, opposite: Position) -> "Box":
        """Return the box between two opposite corners."""
        (x, y, *_), (other_x, other_y, *_) = corner, opposite
        width, height = abs(other_x - x), abs(other_y - y)
        return cls(name, (x + other_x) / 2, (y + other_y) / 2, width, height)


def arrow_ends(
    tail: Box | Anchor, head: Box | Anchor, via: Sequence[Position]
) -> tuple[Anchor, Anchor]:
    """Return where an arrow starts and ends: level or upright where the boxes allow it."""
    if not via and isinstance(tail, Box) and isinstance(head, Box):
        narrow = min(tail, head, key=lambda box: box.width)
        low = min(tail, head, key=lambda box: box.height)
        if abs(tail.x - head.x) <= max(tail.width, head.width) / 2:
            return tail.towards((narrow.x, head.y)), head.towards((narrow.x, tail.y))
        if abs(tail.y - head.y) <= max(tail.height, head.height) / 2:
            return tail.towards((head.x, low.y)), head.towards((tail.x, low.y))
    goal = head.middle if isinstance(head, Box) else head
    start = tail.towards([*via, goal][0]) if isinstance(tail, Box) else tail
    return start, head.towards([start, *via][-1]) if isinstance(head, Box) else head
