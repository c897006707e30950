"""What a cell is drawn of: parts, wires and places for numbers, and the pieces that cells share.

A circle is a function of what enters it, unit by unit; a box with an equation is a weighted sum,
the only place where units meet; a small box is a quantity.
"""

from typing import NamedTuple

from rnn_figures.diagrams.canvas import SMALL, Place, label, stack, symbol, words

SIZES = {
    "circle": (25.0, 25.0),
    "function": (46.0, 25.0),
    "letter": (30.0, 21.0),
    "state": (52.0, 21.0),
    "sum": (104.0, 44.0),
    "dot": (4.5, 4.5),
    "text": (160.0, 17.0),
}
"""Width and height of each shape of part; a frame brings its own."""

FIRST = 118.0
"""The x of the first weighted sum."""

PITCH = 118.0
"""From one weighted sum to the next."""

TAP = 24.0
"""How far left of a sum's middle h enters it, and how far right of it x."""

NUMBER = 32.0
"""Width of numbers beside a wire."""

INPUT, X_LINE, H_LINE, SUMS, GATES, LETTERS = -54.0, 0.0, 24.0, 78.0, 162.0, 212.0
"""The y of what the cells share: x[t], the lines of x and of h, the sums, σ, and the letters."""


class Part(NamedTuple):
    """A box, a circle or a dot.

    Attributes:
        name: Its name in the graph, after the figure's.
        shape: A key of SIZES, or "frame".
        at: Its middle.
        text: Its label.
        colour: A quantity's letter, or "faint".
        stages: Stages and quantities with which it lights up.
        size: Its width and height.
    """

    name: str
    shape: str
    at: Place
    text: str
    colour: str
    stages: frozenset[str]
    size: tuple[float, float]


class Wire(NamedTuple):
    """A way from one part to another, along straight lines.

    Attributes:
        tail: Name of the part where it starts.
        head: Name of the part where it ends.
        colour: Letter of the quantity that it carries.
        stages: Stages and quantities with which it lights up.
        via: The places where it bends.
        has_head: False for a line that goes on beyond a branch.
    """

    tail: str
    head: str
    colour: str
    stages: frozenset[str]
    via: tuple[Place, ...] = ()
    has_head: bool = True


class Join(NamedTuple):
    """A place where numbers are written, beside the wire or the part that they belong to.

    Attributes:
        name: Which numbers, as `numbers.joins` names them.
        at: Their middle; of their lower edge if `grows` is "up", of their upper if "down".
        colour: A quantity's letter.
        stages: Stages and quantities with which they light up.
        grows: "both", "up" or "down".
    """

    name: str
    at: Place
    colour: str
    stages: frozenset[str]
    grows: str = "both"


class Anatomy(NamedTuple):
    """All parts, wires and joins of one kind of cell, in the order in which they are drawn."""

    parts: list[Part]
    wires: list[Wire]
    joins: list[Join]

    def put(
        self,
        name: str,
        shape: str,
        at: Place,
        *,
        text: str = "",
        colour: str,
        stages: str,
        size: tuple[float, float] | None = None,
    ) -> None:
        """Add a part; `stages` are names with spaces between them."""
        lit = frozenset(stages.split())
        self.parts.append(Part(name, shape, at, text, colour, lit, size or SIZES[shape]))

    def lead(
        self, tail: str, head: str, colour: str, stages: str, *via: Place, has_head: bool = True
    ) -> None:
        """Add a wire; `stages` are names with spaces between them."""
        self.wires.append(Wire(tail, head, colour, frozenset(stages.split()), via, has_head))

    def show(self, name: str, at: Place, colour: str, stages: str, grows: str = "both") -> None:
        """Add a join; `stages` are names with spaces between them."""
        self.joins.append(Join(name, at, colour, frozenset(stages.split()), grows))

    def way(self, wire: Wire) -> list[Place]:
        """Return the places of a wire, from the edge of its tail to the edge of its head."""
        places = {part.name: part for part in self.parts}
        tail, head = places[wire.tail], places[wire.head]
        stops = [tail.at, *wire.via, head.at]
        return [_edge(tail, stops[1]), *wire.via, _edge(head, stops[-2])]


def _edge(part: Part, seen_from: Place) -> Place:
    """Return where a level or upright line from a place meets the edge of a part."""
    (x, y), (width, height) = part.at, part.size
    other_x, other_y = seen_from
    if part.shape == "dot":
        return part.at
    if abs(other_x - x) > width / 2:
        return x + (width / 2 if other_x > x else -width / 2), y
    return other_x, y + (height / 2 if other_y > y else -height / 2)


def named(text: str) -> str:
    """Return the label of a quantity."""
    return label(symbol(text, size=13 if len(text) == 1 else 12))


def equation(letter: str, reads: str) -> str:
    """Return the label of a weighted sum: W_ix x + b_ix, W_hx h + b_hx, or one below the other.

    Args:
        letter: What the sum is for; "h" for the RNN.
        reads: "xh", or "x" or "h" alone.
    """
    lines = []
    for source, side in (("x", "i"), ("h", "h")):
        if source in reads:
            lines.append(
                words("+ " if lines else "", colour=source)
                + symbol(f"W_{side}{letter}", size=SMALL, colour=source)
                + words(" ", colour=source)
                + symbol(source, size=SMALL, colour=source)
                + words(" + ", colour=source)
                + symbol(f"b_{side}{letter}", size=SMALL, colour=source)
            )
    return stack(lines, height=17)


def put_frame(cell: Anatomy, left: float, right: float, bottom: float, top: float) -> None:
    """Add the outline of the cell."""
    middle, size = ((left + right) / 2, (bottom + top) / 2), (right - left, top - bottom)
    cell.put("cell", "frame", middle, colour="faint", stages="", size=size)


def put_gate(cell: Anatomy, letter: str, x: float, function: str, before: str = "") -> None:
    """Add a column: the weighted sum, the function over it, the letter of the result."""
    stages = f"{before} {letter}"
    cell.put(f"sum-{letter}", "sum", (x, SUMS), text=equation(letter, "xh"), colour=letter,
             stages=stages)  # fmt: skip
    shape = "circle" if function == "σ" else "function"
    cell.put(f"of-{letter}", shape, (x, GATES), text=function, colour=letter, stages=letter)
    used = {"i": "c", "f": "c", "g": "c", "o": "h", "r": "reset", "z": "h"}[letter]
    cell.put(letter, "letter", (x, LETTERS), text=named(letter), colour=letter,
             stages=f"{letter} {used}")  # fmt: skip
    cell.lead(f"sum-{letter}", f"of-{letter}", letter, stages)
    cell.lead(f"of-{letter}", letter, letter, letter)
    top = SUMS + SIZES["sum"][1] / 2
    cell.show(f"pre_{letter}", (x + 6 + NUMBER / 2, (top + GATES - 12.5) / 2), letter, stages)
    if letter in "or":  # their wires leave to the right
        cell.show(letter, (x, LETTERS + 13), letter, f"{letter} {used}", "up")
    else:
        cell.show(letter, (x + 21 + NUMBER / 2, LETTERS), letter, f"{letter} {used}")


def put_sources(
    cell: Anatomy,
    h_taps: dict[str, tuple[float, str]],
    x_taps: dict[str, tuple[float, str]],
    *,
    lane: float,
) -> None:
    """Add h[t-1] and x[t], and the lines that bring them into the sums.

    Args:
        cell: What to add to.
        h_taps: By sum from left to right: its x, and the stages with which its wire lights up.
        x_taps: The same for x.
        lane: The y of h[t-1]: H_LINE, or higher with a way down to that line.
    """
    read = " ".join(stages for _, stages in h_taps.values())
    cell.put("h-before", "state", (0, lane), text=named("h[t-1]"), colour="h",
             stages=read if lane == H_LINE else f"{read} h")  # fmt: skip
    cell.show("h_prev", (0, lane - 15), "h", read if lane == H_LINE else f"{read} h", "down")
    if lane == H_LINE:
        _put_line(cell, "h-before", list(h_taps.items()), "h", -TAP)
    else:
        turn = FIRST - 54
        cell.put("h-source", "dot", (turn, lane), colour="h", stages=f"{read} h")
        cell.lead("h-before", "h-source", "h", f"{read} h", has_head=False)
        _put_line(cell, "h-source", list(h_taps.items()), "h", -TAP, (turn, H_LINE))
    xs = [x for x, _ in x_taps.values()]
    middle = (xs[0] + xs[-1]) / 2 + TAP
    read = "x " + " ".join(stages for _, stages in x_taps.values())
    cell.put("x", "state", (middle, INPUT), text=named("x[t]"), colour="x", stages=read)
    cell.show("x", (middle + 33 + NUMBER / 2, INPUT), "x", read)
    cell.put("x-source", "dot", (middle, X_LINE), colour="x", stages=read)
    cell.lead("x", "x-source", "x", read, has_head=False)
    taps = [(name, (x, f"x {stages}")) for name, (x, stages) in x_taps.items()]
    _put_line(cell, "x-source", [tap for tap in taps if tap[1][0] + TAP > middle], "x", TAP)
    _put_line(cell, "x-source", [tap for tap in taps if tap[1][0] + TAP < middle][::-1], "x", TAP)


def _put_line(
    cell: Anatomy,
    source: str,
    taps: list[tuple[str, tuple[float, str]]],
    colour: str,
    aside: float,
    *via: Place,
) -> None:
    """Add a line from a source along the sums, with a branch up into each."""
    y = H_LINE if colour == "h" else X_LINE
    for position, (name, (x, stages)) in enumerate(taps):
        if position == len(taps) - 1:
            cell.lead(source, f"sum-{name}", colour, stages, *via, (x + aside, y))
            return
        ahead = " ".join(stages for _, (_, stages) in taps[position:])
        dot = f"{colour}-to-{name}"
        cell.put(dot, "dot", (x + aside, y), colour=colour, stages=ahead)
        cell.lead(source, dot, colour, ahead, *via, has_head=False)
        cell.lead(dot, f"sum-{name}", colour, stages)
        source, via = dot, ()


def put_exits(cell: Anatomy, *, up: Place, end: float, top: float) -> None:
    """Add the branch where h goes two ways: to the next step, and up."""
    x, y = up
    cell.put("h-branch", "dot", up, colour="h", stages="h")
    cell.put("h-after", "state", (end, y), text=named("h[t]"), colour="h", stages="h")
    cell.put("up", "text", (x, top), text="to output, or the next layer", colour="h", stages="h")
    cell.lead("h-branch", "h-after", "h", "h")
    cell.lead("h-branch", "up", "h", "h")
    cell.show("h", (end, y - 15), "h", "h", "down")
