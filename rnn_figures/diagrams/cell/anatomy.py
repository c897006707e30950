"""One cell while it is drawn: its parts at once, its numbers and wires at the end.

A circle is a function of what enters it, unit by unit; a box with an equation is a weighted sum,
the only part where units meet; a small box is a quantity.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from rnn_figures.diagrams.boxes import Box, Position
from rnn_figures.diagrams.canvas import LOOKS, SMALL, Canvas, symbol
from rnn_figures.diagrams.cell.measures import NARROW, Measures
from rnn_figures.diagrams.cell.numbers import BEYOND
from rnn_figures.diagrams.columns import NEXT_LINE
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS

WRITTEN = 3
"""Vectors of up to this many units are written out."""

SIGN = 6.0
"""Width of a letter or a digit beside a wire, at most."""

SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "dot": ("solid", {"shape": "circle", "style": "filled", "penwidth": "0"}),
    "circle": ("frame", {"shape": "circle", "style": "filled", "fontsize": "13"}),
    "function": ("frame", {"fontsize": "13"}),
    "text": ("bare", {"shape": "plaintext", "style": "", "fontsize": f"{SMALL:g}"}),
    "curve": ("tint", {"style": "filled", "penwidth": "0"}),
    "value": ("solid", {"shape": "circle", "style": "filled", "penwidth": "0"}),
}
"""Look and graphviz attributes of the shapes that are not plain boxes."""


class Anatomy(NamedTuple):
    """One cell while it is drawn: its parts at once, its numbers and wires at the end.

    `stages` are names with spaces between them, the stages and quantities with which something
    lights up; without them it does so with the quantity whose colour it has.

    Attributes:
        canvas: What to draw on.
        bright: Stages and quantities that stay bright; empty for all.
        found: The numbers of each join, by name; what is not among them is not written.
        parts: Where the wires of each part begin and end: in the middle of a dot.
        joins: What writes the numbers.
        wires: What draws the wires, and whether they are dimmed.
        measures: WIDE or NARROW.
    """

    canvas: Canvas
    bright: frozenset[str]
    found: dict[str, Tensor]
    parts: dict[str, Box]
    joins: list[Callable[[], object]]
    wires: list[tuple[bool, Callable[[], object]]]
    measures: Measures

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
            filled = {"fillcolor": COLOURS[colour] + LOOKS["dim"].line}
            fill = filled if shape in ("dot", "value") else {}
            look, drawn = "dim", drawn | fill
        classes = f"{shape} {stage_classes(stages or colour)}"
        height = 15.0 if self.measures == NARROW else 17.0
        drawn = {
            "quantity": colour,
            "look": look,
            "classes": classes,
            "line_height": height,
        } | drawn
        box = self.canvas.box(name, text, at=at, size=self.measures.sizes[shape], **drawn)
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
        drawn["classes"] = stage_classes(stages or colour)
        drawn |= {} if has_head else {"dir": "none"}
        name = f"{tail}-to-{head}"
        draw = self.canvas.arrow
        self.wires.append(
            (dim, lambda: draw(self.parts[tail], self.parts[head], name=name, **drawn))
        )

    def show(
        self,
        name: str,
        at: Position,
        colour: str,
        stages: str = "",
        grows: str = "both",
        width: float | None = None,
    ) -> None:
        """Add the numbers of a join, beside the wire or the part that they belong to.

        Args:
            name: Which numbers, as `numbers.joins` names them.
            at: Their middle; of their lower edge if `grows` is "up", of their upper if "down".
            colour: A quantity's letter.
            stages: With which they light up.
            grows: "both", "up" or "down".
            width: Of numbers in the middle between two parts; None of those beside a wire.
        """
        if name not in self.found:
            return
        lines = join_lines(name, self.found[name])
        height = NEXT_LINE * len(lines) + 3
        x, y, wide = at[0], at[1], width or self.measures.number
        y += {"both": 0, "up": height / 2, "down": -height / 2}[grows]
        justify = "\\r"  # numbers one below the other end alike
        if len(lines) == 1:  # one alone begins at its wire, or stands in the middle
            at_wire = grows == "both" and width is None
            wide, justify = self.measures.alone, "\\l" if at_wire else ""
            if at_wire:  # a count has more signs than a number
                wide = max(wide, SIGN * len(lines[0]))
                x += (wide - self.measures.number) / 2
        text = "".join(line + justify for line in lines)
        drawn: dict[str, Any] = SHAPES["text"][1] | {
            "quantity": colour,
            "look": "dim" if self.is_dim(stages or colour) else "bare",
            "classes": f"numbers {stage_classes(stages or colour)}",
        }
        box = Box(f"numbers-{name}", x, y, wide, height)
        self.joins.append(lambda: self.canvas.fill(box, text, **drawn))

    def show_under(self, name: str, part: str, colour: str, stages: str = "") -> None:
        """Add the numbers of a join below a part."""
        self.show(name, self.parts[part].bottom.moved(up=-4.5), colour, stages, "down")

    def finish(self) -> None:
        """Write the numbers, then draw the wires, bright ones over dimmed ones."""
        for write in self.joins:
            write()
        for _, draw in sorted(self.wires, key=lambda wire: not wire[0]):
            draw()


def stage_classes(stages: str) -> str:
    """Return the classes by which a script lights something with its stages."""
    return " ".join(f"s-{name}" for name in dict.fromkeys(stages.split()))


def join_text(value: float) -> str:
    """Write a number; of one that its gate no longer tells, what is known of it."""
    if math.isinf(value):
        return f">{BEYOND}" if value > 0 else f"<−{BEYOND}"
    return number(value)


def join_lines(name: str, vector: Tensor) -> list[str]:
    """Return what is written at a join: its numbers, or how many there are."""
    if len(vector) > WRITTEN:
        return [f"({'H_in' if name == 'x' else 'H'}={len(vector)})"]
    return [join_text(value) for value in vector.tolist()]


def named(text: str) -> str:
    """Return the fragment of a quantity, one letter larger than a longer name."""
    return symbol(text, size=13 if len(text) == 1 else 12)
