"""Draw boxes, text and arrows at given places: the pieces that every diagram is made of.

Places are points (72 to the inch), y upward. Nothing here knows a recurrent layer.
"""

import re
from collections.abc import Sequence

from rnn_figures.figures import Diagram, Table
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Proof

Place = tuple[float, float]
"""x and y of a point, y upward."""

TEXT = 12.0
"""Font size of names."""

SMALL = 11.0
"""Font size of shapes, slices and numbers; nothing but an index set low is smaller."""

INDEX = 9.0
"""Font size of an index set low."""

DIMMED = "70"
"""Opacity of dimmed letters, two hexadecimal digits after the colour."""

HEAD = 6.5
"""Length of an arrow's head."""

CORNER = 8.0
"""How far from a bend an arrow begins to turn."""

STROKE = {
    "plain": "",
    "card": "90",
    "frame": "",
    "tint": "00",
    "bare": "00",
    "ringed": "",
    "solid": "",
    "dashed": "",
    "dim": "40",
}
"""Looks of a box, and the opacity of its line: two hexadecimal digits after the colour."""

_FILL = STROKE | {
    "plain": "1c",
    "card": "0e",
    "frame": "00",
    "tint": "1c",
    "bare": "00",
    "ringed": "0e",
    "dashed": "00",
    "dim": "0a",
}
_WIDTH = {"card": "1", "ringed": "2.4"}


def new_canvas(name: str, *, alt: str, data: Table, proof: Proof | str | None) -> Diagram:
    """Return an empty Diagram on which every node and every arrow brings its own place."""
    return Diagram(
        name,
        alt=alt,
        data=data,
        proof=proof,
        graph_attr={
            "bgcolor": "transparent",
            "fontname": "Arial",
            "layout": "nop2",  # as nop, and arrows keep their places too
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
    diagram: Diagram,
    name: str,
    text: str,
    *,
    at: Place,
    size: tuple[float, float],
    colour: str,
    look: str = "plain",
    **attributes: str,
) -> None:
    """Draw a rounded box with a label in its middle.

    Args:
        diagram: What to draw on.
        name: The node's name in the graph, and its id.
        text: The label, from `label` or `stack`, or "".
        at: Its middle.
        size: Its width and height.
        colour: A name of palette.COLOURS, for the line, the letters and the tint.
        look: A key of STROKE; "solid" is for the states that a module returns.
        attributes: Graphviz attributes of this node, such as shape; `class_` is its CSS classes.
    """
    classes = attributes.pop("class_", "")
    letters = {"solid": "paper", "dim": colour}.get(look, "ink" if colour == "faint" else colour)
    drawn = {
        "class": f"{classes} dim".strip() if look == "dim" else classes,
        "color": COLOURS[colour] + STROKE[look],
        "fillcolor": COLOURS[colour] + _FILL[look],
        "fontcolor": COLOURS[letters] + (DIMMED if look == "dim" else ""),
        "height": _inches(size[1]),
        "id": name,
        "penwidth": _WIDTH.get(look, "1.2"),
        "pos": _point(at),
        "width": _inches(size[0]),
    }
    if look == "dashed":
        drawn["style"] = "rounded,filled,dashed"
    if look == "dim":  # also the letters that have a colour of their own
        text = re.sub('(color="#[0-9a-f]{6})"', rf'\g<1>{DIMMED}"', text)
    diagram.node(name, text, **(drawn | attributes))


def write(
    diagram: Diagram,
    name: str,
    lines: Sequence[str],
    *,
    at: Place,
    width: float,
    align: str = "center",
    **attributes: str,
) -> None:
    """Write lines of text without a box.

    Args:
        diagram: What to write on.
        name: The node's name in the graph, and its id.
        lines: A fragment of `symbol` or `words` each, from top to bottom.
        at: Middle of the room that the text has.
        width: Its width.
        align: "left", "center" or "right" within that room.
        attributes: Graphviz attributes of this node; `class_` is its CSS classes.
    """
    high = TEXT + 3
    rows = "".join(
        f'<tr><td align="{align}" width="{width:g}" height="{high:g}">{line}</td></tr>'
        for line in lines
    )
    drawn = {
        "class": attributes.pop("class_", "text"),
        "height": _inches(high * len(lines) + 2),
        "id": name,
        "pos": _point(at),
        "shape": "plaintext",
        "style": "",
        "width": _inches(width + 2),
    }
    table = f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{rows}</table>>'
    diagram.node(name, table, **(drawn | attributes))


def arrow(
    diagram: Diagram,
    tail: str,
    head: str,
    *,
    name: str,
    points: Sequence[Place],
    colour: str,
    look: str = "plain",
    **attributes: str,
) -> None:
    """Draw an arrow through given points, straight between them, its bends rounded.

    Args:
        diagram: What to draw on.
        tail: Name of the node where it starts.
        head: Name of the node where it ends.
        name: Its id.
        points: Two or more places; the first is its start, the last its tip.
        colour: A name of palette.COLOURS.
        look: "plain", "dashed" or "dim".
        attributes: Graphviz attributes of this edge, such as dir="none" for a line without a head;
            `class_` is its CSS classes.
    """
    classes = attributes.pop("class_", "")
    drawn = {
        "class": f"{classes} dim".strip() if look == "dim" else classes,
        "color": COLOURS[colour] + STROKE[look],
        "id": name,
        "pos": _spline(points, with_head=attributes.get("dir") != "none"),
    }
    if look == "dashed":
        drawn["style"] = "dashed"
    diagram.edge(tail, head, **(drawn | attributes))


def symbol(text: str, *, size: float = TEXT, colour: str = "") -> str:
    """Set a name as mathematics: a single letter in italics, what follows "_" set low.

    Args:
        text: A quantity with its index, such as "h_n[2]", "x[0]" or "output[3]".
        size: Font size.
        colour: A name of palette.COLOURS; "" takes the node's own.

    Returns:
        A fragment of a graphviz HTML label.

    Examples:
        >>> symbol("h_n[2]")
        '<font point-size="12"><i>h</i><sub><font point-size="9"><i>n</i></font></sub>[2]</font>'
    """
    name, bracket, index = text.partition("[")
    letter, low, below = name.partition("_")
    html = f"<i>{letter}</i>" if len(letter) == 1 else letter
    if low:
        below = f"<i>{below}</i>" if below.isalpha() else below
        html += f'<sub><font point-size="{INDEX:g}">{below}</font></sub>'
    tint = f' color="{COLOURS[colour]}"' if colour else ""
    return f'<font point-size="{size:g}"{tint}>{html}{bracket}{index}</font>'


def words(text: str, *, size: float = SMALL, colour: str = "", bold: bool = False) -> str:
    """Set text upright: shapes, slices, numbers, words. Returns a fragment of an HTML label."""
    if not text:
        return ""
    tint = f' color="{COLOURS[colour]}"' if colour else ""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<font point-size="{size:g}"{tint}>{f"<b>{text}</b>" if bold else text}</font>'


def label(*fragments: str) -> str:
    """Return the label of a box: fragments of `symbol` and `words` in one line."""
    return f"<{''.join(fragments)}>"


def stack(lines: Sequence[str], *, height: float = TEXT + 3) -> str:
    """Return the label of a box: fragments, one below the other, each in room of this height."""
    rows = "".join(f'<tr><td height="{height:g}">{line}</td></tr>' for line in lines)
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{rows}</table>>'


def _spline(points: Sequence[Place], *, with_head: bool) -> str:
    """Return the `pos` of an edge: cubic pieces through the points, bends rounded."""
    end = _towards(points[-1], points[-2], HEAD) if with_head else points[-1]
    pieces = [points[0]]
    for before, bend, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(bend, before, CORNER), _towards(bend, after, CORNER)
        pieces += [pieces[-1], enter, enter, bend, bend, leave]
    pieces += [pieces[-1], end, end]
    text = " ".join(_point(place) for place in pieces)
    return f"e,{_point(points[-1])} {text}" if with_head else text


def _towards(start: Place, goal: Place, distance: float) -> Place:
    """Return the place at a distance from `start` on the way to `goal`."""
    (x, y), (goal_x, goal_y) = start, goal
    share = distance / ((goal_x - x) ** 2 + (goal_y - y) ** 2) ** 0.5
    return x + (goal_x - x) * share, y + (goal_y - y) * share


def _point(place: Place) -> str:
    """Write a place as graphviz reads it."""
    return ",".join(f"{round(value, 2):.8g}" for value in place)


def _inches(points: float) -> str:
    """Write a length as graphviz reads sizes."""
    return f"{points / 72:.4f}"
