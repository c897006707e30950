"""Read a diagram back from its source: its nodes and arrows, with their places."""

import html
import itertools
import re
from collections.abc import Mapping
from typing import NamedTuple

from rnn_figures.figures import Diagram

NARROW = {
    **dict.fromkeys("ijl[]()|'.,:; tfI-", 0.34),
    **dict.fromkeys("[]., :il", 0.3),
    **dict.fromkeys("0123456789", 0.57),
    **dict.fromkeys("mwMW…→", 1.0),
}
"""Widths of letters in Arial, in parts of the font size, rounded up; the rest is in `_letter`."""

ROOM_ON_A_PHONE = 387
"""Points: an index of 10 shrinks to the 9 pixels that a phone may show, in its 369 less margins."""

ATTRIBUTE = r'(\w+)=("(?:[^"\\]|\\.)*"|<.*?>(?= \w+=| $)|[^\s]+)'
"""One attribute of a line of dot: its name, its value."""


class Node(NamedTuple):
    """A node as drawn: y upward, in points."""

    x: float
    y: float
    width: float
    height: float
    classes: tuple[str, ...]
    label: str
    font_size: float
    drawn: dict

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y - self.height / 2

    @property
    def top(self) -> float:
        return self.y + self.height / 2

    @property
    def text(self) -> str:
        """The label without its markup; lines end with a newline."""
        text = re.sub(r"</tr>|<br/>|\\[nlr]", "\n", self.label)
        return html.unescape(re.sub(r"<[^>]*>", "", text)).strip()


class Arrow(NamedTuple):
    """An edge as drawn: the places that its line passes, its tip last."""

    tail: str
    head: str
    points: tuple[tuple[float, float], ...]
    classes: tuple[str, ...]
    name: str


def drawing(diagram: Diagram) -> tuple[dict[str, Node], list[Arrow]]:
    """Return the nodes by name and the arrows of a diagram, where its source places them."""
    nodes, arrows = {}, []
    for line in diagram.body:
        statement, _, attributes = line.strip().partition(" [")
        tail, arrow, head = (part.strip('"') for part in statement.partition(" -> "))
        drawn = {
            key: value[1:-1] if value[0] in '"<' else value
            for key, value in re.findall(ATTRIBUTE, f"{attributes[:-1]} ")
        }
        classes = tuple(drawn["class"].split())
        if arrow:
            parts = drawn["pos"].split()
            points = [part for part in parts if not part.startswith("e,")]
            points += [part[2:] for part in parts if part.startswith("e,")]
            places = tuple(_place(point) for point in points)
            arrows.append(Arrow(tail, head, places, classes, drawn["id"]))
            continue
        x, y = _place(drawn["pos"])
        width, height = (round(float(drawn[side]) * 72, 2) for side in ("width", "height"))
        font_size = float(drawn.get("fontsize", diagram.node_attr["fontsize"]))
        nodes[tail] = Node(x, y, width, height, classes, drawn["label"], font_size, drawn)
    return nodes, arrows


def overlap(one: Node, other: Node) -> bool:
    """Say whether two nodes share more than an edge."""
    return (
        min(one.right, other.right) - max(one.left, other.left) > 0.1
        and min(one.top, other.top) - max(one.bottom, other.bottom) > 0.1
    )


def crosses(arrow: Arrow, node: Node) -> bool:
    """Say whether the line of an arrow, level or upright, runs through a node."""
    for (x, y), (next_x, next_y) in zip(arrow.points, arrow.points[1:], strict=False):
        low_x, high_x = sorted((x, next_x))
        low_y, high_y = sorted((y, next_y))
        if (
            min(high_x, node.right) - max(low_x, node.left) >= 0
            and min(high_y, node.top) - max(low_y, node.bottom) >= 0
            and (high_x > node.left + 0.5 and low_x < node.right - 0.5)
            and (high_y > node.bottom + 0.5 and low_y < node.top - 0.5)
        ):
            return True
    return False


def extent(nodes: Mapping[str, Node]) -> float:
    """Return how wide a drawing is, from its leftmost box to its rightmost."""
    left = min(node.x - node.width / 2 for node in nodes.values())
    return max(node.x + node.width / 2 for node in nodes.values()) - left


def text_size(node: Node) -> tuple[float, float]:
    """Return a width and a height that the label of a node surely has room in."""
    if not node.label:
        return 0.0, 0.0
    widest, size, width, lines = 0.0, [node.font_size], 0.0, 1
    for piece in re.split(r"(<[^>]*>|\n|\\[lr])", node.label):
        if piece in ("</tr>", "<br/>") or re.fullmatch(r"\n|\\[lr]", piece):
            widest, width, lines = max(widest, width), 0.0, lines + 1
        elif piece.startswith("<font"):
            found = re.search(r'point-size="([\d.]+)"', piece)
            size.append(float(found[1]) if found else size[-1])
        elif piece == "</font>":
            size.pop()
        elif not piece.startswith("<"):
            width += sum(_letter(letter) for letter in html.unescape(piece)) * size[-1]
    lines -= bool(re.search(r"(</tr></table>|\\[lr])$", node.label))
    return max(widest, width), lines * node.font_size * 1.1


def without_room(nodes: Mapping[str, Node], more: float = 0.0) -> list[str]:
    """Return the nodes whose text is larger than they are, by more than so many points."""
    sizes = {name: text_size(node) for name, node in nodes.items()}
    return [
        f"{name}: {nodes[name].text}"
        for name, (width, height) in sizes.items()
        if width > nodes[name].width + more or height > nodes[name].height + more
    ]


def that_overlap(nodes: Mapping[str, Node]) -> list[str]:
    """Return the pairs of nodes that share more than an edge."""
    pairs = itertools.combinations(nodes, 2)
    return [f"{one}, {two}" for one, two in pairs if overlap(nodes[one], nodes[two])]


def texts_that_clash(nodes: Mapping[str, Node]) -> list[str]:
    """Return the nodes whose text is larger than they are, and the pairs that overlap."""
    written = {name: node for name, node in nodes.items() if node.text}
    return without_room(written, 0.5) + that_overlap(written)


def _place(text: str) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), float(y)


def _letter(letter: str) -> float:
    return NARROW.get(letter, 0.78 if letter.isupper() else 0.6)
