"""What a cell is drawn of: parts, wires and joins, and the pieces that cells share.

A circle is a function of what enters it, unit by unit; a box with an equation is a weighted sum,
the only part where units meet; a small box is a quantity.
"""

from typing import NamedTuple

from rnn_figures.diagrams.boxes import Box, Position
from rnn_figures.diagrams.canvas import SMALL, symbol, words

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

BESIDE = 6 + NUMBER / 2
"""From a wire to the middle of the numbers at its right."""

INPUT, X_LINE, H_LINE, SUMS, GATES, LETTERS = -54.0, 0.0, 24.0, 78.0, 162.0, 212.0
"""The y of what the cells share: x[t], the lines of x and of h, the sums, σ, and the letters."""


class Part(NamedTuple):
    """A box, a circle or a dot.

    Attributes:
        box: Its name and where it is.
        shape: A key of SIZES, or "frame".
        text: What stands in it: a fragment of a label, or one for each line.
        colour: A quantity's letter, or "faint".
        stages: Stages and quantities with which it lights up.
    """

    box: Box
    shape: str
    text: str | list[str]
    colour: str
    stages: frozenset[str]

    @property
    def end(self) -> Box:
        """Where its wires begin and end: in the middle of a dot."""
        return self.box._replace(width=0.0, height=0.0) if self.shape == "dot" else self.box


class Wire(NamedTuple):
    """A way from one part to another, along straight lines.

    Attributes:
        tail: Name of the part where it starts.
        head: Name of the part where it ends.
        colour: Letter of the quantity that it carries.
        stages: Stages and quantities with which it lights up.
        via: The points where it bends.
        has_head: False for a line that goes on beyond a branch.
    """

    tail: str
    head: str
    colour: str
    stages: frozenset[str]
    via: tuple[Position, ...] = ()
    has_head: bool = True


class Join(NamedTuple):
    """Numbers beside the wire or the part that they belong to.

    Attributes:
        name: Which numbers, as `numbers.joins` names them.
        at: Their middle; of their lower edge if `grows` is "up", of their upper if "down".
        colour: A quantity's letter.
        stages: Stages and quantities with which they light up.
        grows: "both", "up" or "down".
    """

    name: str
    at: Position
    colour: str
    stages: frozenset[str]
    grows: str = "both"


class Anatomy(NamedTuple):
    """All parts, wires and joins of one kind of cell, in the order in which they are drawn.

    `stages` are names with spaces between them; without them, what is added lights up with the
    quantity whose colour it has.
    """

    parts: dict[str, Part]
    wires: list[Wire]
    joins: list[Join]

    def put(
        self,
        name: str,
        shape: str,
        at: Position,
        text: str | list[str] = "",
        *,
        colour: str,
        stages: str = "",
    ) -> None:
        """Add a part."""
        box, lit = Box(name, at[0], at[1], *SIZES[shape]), frozenset((stages or colour).split())
        self.parts[name] = Part(box, shape, text, colour, lit)

    def lead(
        self,
        tail: str,
        head: str,
        colour: str,
        stages: str = "",
        *via: Position,
        has_head: bool = True,
    ) -> None:
        """Add a wire."""
        lit = frozenset((stages or colour).split())
        self.wires.append(Wire(tail, head, colour, lit, via, has_head))

    def show(
        self, name: str, at: Position, colour: str, stages: str = "", grows: str = "both"
    ) -> None:
        """Add a join."""
        self.joins.append(Join(name, at, colour, frozenset((stages or colour).split()), grows))

    def show_under(self, name: str, part: str) -> None:
        """Add a join below a part, which lights up with it."""
        below, (*_, colour, stages) = self.parts[part].box.bottom.moved(up=-4.5), self.parts[part]
        self.joins.append(Join(name, below, colour, stages, "down"))


def named(text: str) -> str:
    """Return the fragment of a quantity, one letter larger than a longer name."""
    return symbol(text, size=13 if len(text) == 1 else 12)


def equation(letter: str, reads: str) -> list[str]:
    """Return the lines of a weighted sum: W_ix x + b_ix, W_hx h + b_hx, or one below the other.

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
    return lines


def put_frame(cell: Anatomy, left: float, right: float, bottom: float, top: float) -> None:
    """Add the outline of the cell."""
    outline = Box.between("cell", (left, bottom), (right, top))
    cell.parts["cell"] = Part(outline, "frame", "", "faint", frozenset())


def put_gate(cell: Anatomy, letter: str, x: float, function: str, before: str = "") -> None:
    """Add a column: the weighted sum, the function over it, the letter of the result."""
    used = {"i": "c", "f": "c", "g": "c", "o": "h", "r": "reset", "z": "h"}[letter]
    stages, later = f"{before} {letter}", f"{letter} {used}"
    shape = "circle" if function == "σ" else "function"
    cell.put(
        f"sum-{letter}", "sum", (x, SUMS), equation(letter, "xh"), colour=letter, stages=stages
    )
    cell.put(f"of-{letter}", shape, (x, GATES), function, colour=letter)
    cell.put(letter, "letter", (x, LETTERS), named(letter), colour=letter, stages=later)
    cell.lead(f"sum-{letter}", f"of-{letter}", letter, stages)
    cell.lead(f"of-{letter}", letter, letter)
    between = (cell.parts[f"sum-{letter}"].box.top.y + GATES - SIZES["circle"][1] / 2) / 2
    cell.show(f"pre_{letter}", (x + BESIDE, between), letter, stages)
    if letter in "or":  # their wires leave to the right
        cell.show(letter, (x, LETTERS + 13), letter, later, "up")
    else:
        cell.show(letter, (x + 15 + BESIDE, LETTERS), letter, later)


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
    stages = read if lane == H_LINE else f"{read} h"
    cell.put("h-before", "state", (0, lane), named("h[t-1]"), colour="h", stages=stages)
    cell.show_under("h_prev", "h-before")
    if lane == H_LINE:
        _put_line(cell, "h-before", list(h_taps.items()), "h", -TAP)
    else:
        turn = FIRST - 54
        cell.put("h-source", "dot", (turn, lane), colour="h", stages=stages)
        cell.lead("h-before", "h-source", "h", stages, has_head=False)
        _put_line(cell, "h-source", list(h_taps.items()), "h", -TAP, (turn, H_LINE))
    xs = [x for x, _ in x_taps.values()]
    middle = (xs[0] + xs[-1]) / 2 + TAP
    read = "x " + " ".join(stages for _, stages in x_taps.values())
    cell.put("x", "state", (middle, INPUT), named("x[t]"), colour="x", stages=read)
    cell.show("x", (middle + 27 + BESIDE, INPUT), "x", read)
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
    *via: Position,
) -> None:
    """Add a line from a source along the sums, with a branch up into each."""
    y = H_LINE if colour == "h" else X_LINE
    for index, (name, (x, stages)) in enumerate(taps):
        if index == len(taps) - 1:
            cell.lead(source, f"sum-{name}", colour, stages, *via, (x + aside, y))
            return
        ahead = " ".join(stages for _, (_, stages) in taps[index:])
        dot = f"{colour}-to-{name}"
        cell.put(dot, "dot", (x + aside, y), colour=colour, stages=ahead)
        cell.lead(source, dot, colour, ahead, *via, has_head=False)
        cell.lead(dot, f"sum-{name}", colour, stages)
        source, via = dot, ()


def put_exits(cell: Anatomy, *, up: Position, end: float, top: float) -> None:
    """Add the branch where h goes two ways: to the next step, and up."""
    cell.put("h-branch", "dot", up, colour="h")
    cell.put("h-after", "state", (end, up[1]), named("h[t]"), colour="h")
    cell.put("up", "text", (up[0], top), "to output, or the next layer", colour="h")
    cell.lead("h-branch", "h-after", "h")
    cell.lead("h-branch", "up", "h")
    cell.show_under("h", "h-after")
