"""Draw boxes, text and arrows: the pieces that every diagram is made of.

Lengths are points (72 to the inch), y upward. A box gives back its anchors; arrows and text go from
anchor to anchor. Colour and CSS class follow from the quantity. Nothing here knows a recurrent
layer.
"""

import html
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from rnn_figures.diagrams.boxes import Anchor, Box, Position, arrow_ends
from rnn_figures.figures import Diagram, Table
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Proof

TEXT = 12.0
"""Font size of names."""

SMALL = 11.0
"""Font size of shapes, slices and numbers; nothing but an index set low is smaller."""

INDEX = 10.0
"""Font size of an index set low."""

LINE = TEXT + 3
"""Height of a line of text."""

DIMMED = "96"
"""Opacity of dimmed letters, two hexadecimal digits after the colour."""

DARKEST = 0.4
"""Opacity of a tint of share 1: text in ink stays readable on it, light and dark."""

HEAD = 6.5
"""Length of an arrow's head."""

SIDES = {"left": (-1, 0), "right": (1, 0), "top": (0, 1), "bottom": (0, -1), "": (0, 0)}
"""Which way is out of a box at each of its sides: right and up."""

CORNER = 8.0
"""How far from a bend an arrow begins to turn."""


class Look(NamedTuple):
    """How a box or an arrow is drawn: the opacities are two hexadecimal digits after the colour."""

    line: str = ""
    fill: str = "1c"
    width: str = "1.2"


LOOKS = {
    "plain": Look(),
    "card": Look(line="90", fill="0e", width="1"),
    "frame": Look(fill="00"),
    "tint": Look(line="00"),
    "bare": Look(line="00", fill="00"),
    "ringed": Look(fill="0e", width="2.4"),
    "solid": Look(fill=""),
    "dashed": Look(fill="00"),
    "dim": Look(line="66", fill="0a"),
}
"""Looks by name; "solid" is for the states that a module returns, "dashed" for what is absent."""


class Canvas(Diagram):
    """A Diagram on which every box and every arrow brings its own position.

    The name of everything begins with the canvas's own: `box("x-t0")` on `Canvas("lstm")` has the
    id "lstm-x-t0".

    Args:
        name: The diagram's name.
        alt: What the diagram shows, computed from the data that it draws.
        data: The numbers behind it.
        proof: What they were compared with; None if with nothing.

    Examples:
        >>> canvas = Canvas("step", alt="x is read by h.", data=Table(["from", "to"], [("x", "h")]))
        >>> x = canvas.box("x", symbol("x[0]"), at=(0, 0), size=(40, 20), quantity="x")
        >>> h = canvas.box("h", symbol("h"), at=(0, 60), size=(40, 20), quantity="h")
        >>> canvas.arrow(x, h, quantity="x")
        >>> canvas.write("name", words("what is read"), at=x.right, gap=8, width=90).left.x
        28.0
    """

    def __init__(self, name: str, *, alt: str, data: Table, proof: Proof | None = None) -> None:
        super().__init__(
            name,
            alt=alt,
            data=data,
            proof=proof,
            graph_attr={
                "bgcolor": "transparent",
                "fontname": "Arial",
                "layout": "nop2",  # as nop, and arrows keep their positions too
                "outputorder": "nodesfirst",
                "pad": "0.11",
            },
            node_attr={
                "fixedsize": "true",
                "fontcolor": COLOURS["ink"],
                "fontname": "Arial",
                "fontsize": f"{TEXT:g}",
                "margin": "0",
                "shape": "box",
                "style": "rounded,filled",
            },
            edge_attr={"arrowsize": f"{HEAD / 10:g}", "fontname": "Arial", "penwidth": "1.3"},
        )

    def box(
        self,
        name: str,
        text: str | Sequence[str] = "",
        *,
        at: Position,
        size: tuple[float, float],
        **options: Any,
    ) -> Box:
        """Draw a rounded box: its name after the canvas's, its middle, its width and height.

        `text` and `options` are those of `fill`.
        """
        return self.fill(Box(name, at[0], at[1], *size), text, **options)

    def fill(
        self,
        box: Box,
        text: str | Sequence[str] = "",
        *,
        quantity: str = "",
        colour: str = "",
        look: str = "plain",
        share: float | None = None,
        classes: str = "",
        line_height: float = LINE,
        **attributes: str,
    ) -> Box:
        """Draw a rounded box whose position is known, with text in its middle.

        Args:
            box: Its name and where it is.
            text: A fragment of `symbol` or `words`, a list of these, one below the other, or plain
                text.
            quantity: What it stands for: gives the colour and the CSS class "q-…".
            colour: A name of palette.COLOURS, for what is no quantity, or looks otherwise.
            look: A key of LOOKS.
            share: From 0 to 1: how opaque the tint is; None for that of the look.
            classes: Further CSS classes, with spaces between them.
            line_height: Height of each line of a list.
            attributes: Graphviz attributes of this node, such as shape.
        """
        colour, name = colour or quantity, f"{self.name}-{box.name}"
        drawn, fragment = _box_attributes(colour, look), _label(text, line_height)
        drawn |= {
            "class": _classes(quantity, classes, look),
            "height": _inches(box.height),
            "id": name,
            "pos": _point(box.middle),
            "width": _inches(box.width),
        }
        if share is not None:
            drawn["fillcolor"] = shade(colour, share)
        if look == "dim":  # also the letters that have a colour of their own
            fragment = re.sub('(color="#[0-9a-f]{6})"', rf'\g<1>{DIMMED}"', fragment)
        self.node(name, fragment, **(drawn | attributes))
        return box

    def frame(self, name: str, around: Box, *, margin: float = 0.0, **options: Any) -> Box:
        """Draw a box around a box or an extent, in ink; `options` are those of `box`."""
        outer = around.grown(margin)._replace(name=name)
        drawn: dict[str, Any] = {"colour": "ink", "look": "frame"} | options
        return self.fill(outer, **drawn)

    def write(
        self,
        name: str,
        text: str | Sequence[str],
        *,
        at: Position,
        width: float,
        gap: float = 0.0,
        align: str = "",
        classes: str = "text",
        **attributes: str,
    ) -> Box:
        """Write lines of text without a box.

        Args:
            name: Its name, after the canvas's.
            text: A fragment of `symbol` or `words`, or a list of these, from top to bottom.
            at: An anchor at the side of a box, to write outside it there; or the text's middle.
            width: Width that the text has.
            gap: Between that side of the box and the text.
            align: "left", "center" or "right" within the width; without it towards the box.
            classes: CSS classes, with spaces between them.
            attributes: Graphviz attributes of this node.
        """
        lines = [text] if isinstance(text, str) else text
        side = at.side if isinstance(at, Anchor) else ""
        align = align or {"left": "right", "right": "left"}.get(side, "center")
        right, up = SIDES[side]
        height = LINE * len(lines)
        x, y = at[0] + right * (gap + width / 2), at[1] + up * (gap + height / 2)
        drawn = {
            "class": classes,
            "height": _inches(height + 2),
            "id": f"{self.name}-{name}",
            "pos": _point((x, y)),
            "shape": "plaintext",
            "style": "",
            "width": _inches(width + 2),
        }
        cell = f'align="{align}" width="{width:g}" '
        self.node(f"{self.name}-{name}", _rows(lines, LINE, cell), **(drawn | attributes))
        return Box(name, x, y, width, height)

    def arrow(
        self,
        tail: Box | Anchor,
        head: Box | Anchor,
        *,
        name: str = "",
        via: Sequence[Position] = (),
        quantity: str = "",
        colour: str = "",
        look: str = "plain",
        classes: str = "",
        **attributes: str,
    ) -> None:
        """Draw an arrow along straight lines, its bends rounded.

        Args:
            tail: Where it starts: an anchor, or a box, to leave it at the side that faces the head.
            head: Where it ends: the same.
            name: Its name, after the canvas's; that of the tail and "-on" without it.
            via: Points where it bends.
            quantity: What it carries: gives the colour and the CSS class "q-…".
            colour: A name of palette.COLOURS, for what is no quantity, or looks otherwise.
            look: "plain", "dashed" or "dim".
            classes: Further CSS classes, with spaces between them.
            attributes: Graphviz attributes of this edge; dir="none" for a line without a head.
        """
        start, end = arrow_ends(tail, head, via)
        with_head = attributes.get("dir") != "none"
        drawn = {
            "class": _classes(quantity, classes, look),
            "color": COLOURS[colour or quantity] + LOOKS[look].line,
            "id": f"{self.name}-{name or f'{start.box}-on'}",
            "pos": _spline([start, *via, end], with_head=with_head),
        }
        if look == "dashed":
            drawn["style"] = "dashed"
        nodes = (f"{self.name}-{start.box}", f"{self.name}-{end.box}")
        self.edge(*nodes, **(drawn | attributes))


def shade(colour: str, share: float) -> str:
    """Return a colour of the palette, the more opaque the larger a share of 1 is.

    Examples:
        >>> shade("h", 1.0), shade("h", 0.0)
        ('#4964f666', '#4964f600')
    """
    return f"{COLOURS[colour]}{round(255 * DARKEST * share):02x}"


def symbol(text: str, *, size: float = TEXT, colour: str = "") -> str:
    """Set a name such as "h_n[2]" as mathematics: one letter in italics, what follows "_" set low.

    Examples:
        >>> symbol("h_n[2]")
        '<font point-size="12"><i>h</i><sub><font point-size="10"><i>n</i></font></sub>[2]</font>'
    """
    name, bracket, index = text.partition("[")
    letter, low, below = name.partition("_")
    text = f"<i>{letter}</i>" if len(letter) == 1 else letter
    if low:
        text += f"<sub>{_font(f'<i>{below}</i>' if below.isalpha() else below, INDEX, '')}</sub>"
    return _font(f"{text}{bracket}{index}", size, colour)


def words(text: str, *, size: float = SMALL, colour: str = "", bold: bool = False) -> str:
    """Set text upright: shapes, slices, numbers, words. Returns a fragment of an HTML label."""
    if not text:
        return ""
    text = html.escape(text, quote=False)
    return _font(f"<b>{text}</b>" if bold else text, size, colour)


def _font(fragment: str, size: float, colour: str) -> str:
    """Set a fragment of HTML in a size and, if one is named, in a colour."""
    tint = f' color="{COLOURS[colour]}"' if colour else ""
    return f'<font point-size="{size:g}"{tint}>{fragment}</font>'


def _label(text: str | Sequence[str], line_height: float) -> str:
    """Return the label of a box as graphviz reads it."""
    if not isinstance(text, str):
        return _rows(text, line_height)
    return f"<{text}>" if text.startswith("<font") else text


def _rows(lines: Sequence[str], height: float, attributes: str = "") -> str:
    """Return a label of fragments, one below the other, each of this height."""
    rows = "".join(f'<tr><td {attributes}height="{height:g}">{line}</td></tr>' for line in lines)
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{rows}</table>>'


def _box_attributes(colour: str, look: str) -> dict[str, str]:
    """Return what the look of a box sets."""
    line, fill, width = LOOKS[look]
    letters = {"solid": "paper", "dim": colour}.get(look, "ink" if colour == "faint" else colour)
    dashed = {"style": "rounded,filled,dashed"} if look == "dashed" else {}
    return dashed | {
        "color": COLOURS[colour] + line,
        "fillcolor": COLOURS[colour] + fill,
        "fontcolor": COLOURS[letters] + (DIMMED if look == "dim" else ""),
        "penwidth": width,
    }


def _classes(quantity: str, classes: str, look: str) -> str:
    """Return the CSS classes of a box or an arrow."""
    found = (f"q-{quantity}" if quantity else "", *classes.split(), "dim" if look == "dim" else "")
    return " ".join(filter(None, found))


def _spline(points: Sequence[Position], *, with_head: bool) -> str:
    """Return the `pos` of an edge: cubic pieces through the points, bends rounded."""
    end = _towards(points[-1], points[-2], HEAD) if with_head else points[-1]
    pieces = [points[0]]
    for before, bend, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(bend, before, CORNER), _towards(bend, after, CORNER)
        pieces += [pieces[-1], enter, enter, bend, bend, leave]
    pieces += [pieces[-1], end, end]
    text = " ".join(_point(point) for point in pieces)
    return f"e,{_point(points[-1])} {text}" if with_head else text


def _towards(start: Position, goal: Position, distance: float) -> Position:
    """Return the point at a distance from `start` on the way to `goal`."""
    (x, y, *_), (goal_x, goal_y, *_) = start, goal
    share = distance / ((goal_x - x) ** 2 + (goal_y - y) ** 2) ** 0.5
    return x + (goal_x - x) * share, y + (goal_y - y) * share


def _point(position: Position) -> str:
    """Write a position as graphviz reads it."""
    return ",".join(f"{round(value, 2):.8g}" for value in position[:2])


def _inches(points: float) -> str:
    """Write a length as graphviz reads sizes."""
    return f"{points / 72:.4f}"
