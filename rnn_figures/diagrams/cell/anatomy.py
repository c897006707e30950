"""What a cell is drawn of: parts, wires and numbers, and the pieces that cells share.

A circle is a function of what enters it, unit by unit; a box with an equation is a weighted sum,
the only part where units meet; a small box is a quantity.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from rnn_figures.diagrams.boxes import Box, Position
from rnn_figures.diagrams.canvas import LOOKS, SMALL, Canvas, symbol, words
from rnn_figures.diagrams.cell.numbers import BEYOND
from rnn_figures.diagrams.columns import NEXT_LINE
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS

SIZES = {
    "circle": (25.0, 25.0),
    "function": (46.0, 25.0),
    "letter": (30.0, 21.0),
    "state": (52.0, 21.0),
    "sum": (104.0, 44.0),
    "dot": (4.5, 4.5),
    "text": (150.0, 17.0),
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

ALONE = 56.0
"""Width of one number, or of the count of many."""

WRITTEN = 3
"""Vectors of up to this many units are written out."""

BESIDE = 6 + NUMBER / 2
"""From a wire to the middle of the numbers at its right."""

INPUT, X_LINE, H_LINE, SUMS, GATES, LETTERS = -54.0, 0.0, 24.0, 78.0, 162.0, 212.0
"""The y of what the cells share: x[t], the lines of x and of h, the sums, σ, and the letters."""


SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "dot": ("solid", {"shape": "circle", "style": "filled", "penwidth": "0"}),
    "circle": ("frame", {"shape": "circle", "style": "filled", "fontsize": "13"}),
    "function": ("frame", {"fontsize": "13"}),
    "text": ("bare", {"shape": "plaintext", "style": "", "fontsize": f"{SMALL:g}"}),
}
"""Look and graphviz attributes of the shapes that are not plain boxes."""


class Anatomy(NamedTuple):
    """One cell under way: its parts as they are drawn, its numbers and wires as they wait.

    `stages` are names with spaces between them, the stages and quantities with which something
    lights up; without them it does so with the quantity whose colour it has.

    Attributes:
        canvas: What to draw on.
        bright: Stages and quantities that stay bright; empty for all.
        found: The numbers of each join, by name; what is not among them is not written.
        parts: Where the wires of each part begin and end: in the middle of a dot.
        joins: What writes the numbers.
        wires: What draws the wires, and whether they are dimmed.
    """

    canvas: Canvas
    bright: frozenset[str]
    found: dict[str, Tensor]
    parts: dict[str, Box]
    joins: list[Callable[[], object]]
    wires: list[tuple[bool, Callable[[], object]]]

    def is_dim(self, stages: str) -> bool:
        """Return whether something of these stages is dimmed."""
        return bool(self.bright) and not self.bright & {*stages.split()}

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
        """Draw a part: a box, a circle or a dot, of a shape of SIZES."""
        look, drawn = SHAPES.get(shape, ("plain", {}))
        if self.is_dim(stages or colour):
            fill = {"fillcolor": COLOURS[colour] + LOOKS["dim"].line} if shape == "dot" else {}
            look, drawn = "dim", drawn | fill
        classes = f"{shape} {_stage_classes(stages or colour)}"
        drawn = {"quantity": colour, "look": look, "classes": classes, "line_height": 17.0} | drawn
        box = self.canvas.box(name, text, at=at, size=SIZES[shape], **drawn)
        self.parts[name] = box._replace(width=0.0, height=0.0) if shape == "dot" else box

    def lead(
        self,
        tail: str,
        head: str,
        colour: str,
        stages: str = "",
        *via: Position,
        has_head: bool = True,
    ) -> None:
        """Add a wire from part to part, along straight lines; a branch goes on without a head."""
        dim = self.is_dim(stages or colour)
        drawn: dict[str, Any] = {"quantity": colour, "look": "dim" if dim else "plain", "via": via}
        drawn["classes"] = _stage_classes(stages or colour)
        drawn |= {} if has_head else {"dir": "none"}
        name = f"{tail}-to-{head}"
        draw = self.canvas.arrow
        self.wires.append(
            (dim, lambda: draw(self.parts[tail], self.parts[head], name=name, **drawn))
        )

    def show(
        self, name: str, at: Position, colour: str, stages: str = "", grows: str = "both"
    ) -> None:
        """Add the numbers of a join, beside the wire or the part that they belong to.

        Args:
            name: Which numbers, as `numbers.joins` names them.
            at: Their middle; of their lower edge if `grows` is "up", of their upper if "down".
            colour: A quantity's letter.
            stages: With which they light up.
            grows: "both", "up" or "down".
        """
        if name in self.found:
            look = "dim" if self.is_dim(stages or colour) else "bare"
            classes = f"numbers {_stage_classes(stages or colour)}"
            self.joins.append(lambda: self._write(name, at, colour, look, grows, classes))

    def show_under(self, name: str, part: str, colour: str, stages: str = "") -> None:
        """Add the numbers of a join below a part."""
        self.show(name, self.parts[part].bottom.moved(up=-4.5), colour, stages, "down")

    def _write(
        self, name: str, at: Position, colour: str, look: str, grows: str, classes: str
    ) -> None:
        """Write the numbers of a join, one below the other, or how many there are."""
        vector = self.found[name].tolist()
        lines = [join_text(value) for value in vector]
        if len(lines) > WRITTEN:
            lines = [f"({'H_in' if name == 'x' else 'H'}={len(vector)})"]
        height = NEXT_LINE * len(lines) + 3
        x, y, width = at[0], at[1], NUMBER
        y += {"both": 0, "up": height / 2, "down": -height / 2}[grows]
        justify = "\\r"  # numbers one below the other end alike
        if len(lines) == 1:  # one alone begins at its wire, or stands in the middle
            width, justify = ALONE, "\\l" if grows == "both" else ""
            x += (ALONE - NUMBER) / 2 if grows == "both" else 0
        text = "".join(line + justify for line in lines)
        box, drawn = Box(f"numbers-{name}", x, y, width, height), SHAPES["text"][1]
        self.canvas.fill(box, text, quantity=colour, look=look, classes=classes, **drawn)

    def finish(self) -> None:
        """Write the numbers, then draw the wires, bright ones over dimmed ones."""
        for write in self.joins:
            write()
        for _, draw in sorted(self.wires, key=lambda wire: not wire[0]):
            draw()


def _stage_classes(stages: str) -> str:
    """Return the classes by which a script lights something with its stages."""
    return " ".join(f"s-{name}" for name in dict.fromkeys(stages.split()))


def join_text(value: float) -> str:
    """Write a number; of one that its gate no longer tells, what is known of it."""
    if math.isinf(value):
        return f">{BEYOND}" if value > 0 else f"<−{BEYOND}"
    return number(value)


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
    cell.canvas.fill(outline, colour="faint", look="card", classes="cell")


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
    between = (cell.parts[f"sum-{letter}"].top.y + GATES - SIZES["circle"][1] / 2) / 2
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
    cell.show_under("h_prev", "h-before", "h", stages)
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
    cell.show_under("h", "h-after", "h")
