"""Clean a drawing's SVG for a page: colours as CSS variables, no styles, ids unique on the page.

Graphviz and matplotlib both write for a file of its own. Inside a page their ids collide, their
style attributes break a strict Content-Security-Policy, and their colours know one scheme only.
No library does this: those that shrink an SVG (scour, svgo) rename the ids that our scripts read,
and none turns the palette's colours into variables.
"""

import copy
import math
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

from rnn_figures.html.compact import compact
from rnn_figures.html.flat import NUMBER, REFERENCE, flatten, references
from rnn_figures.palette import LIGHT, NAMES, THEMED

NAMESPACE = "http://www.w3.org/2000/svg"

INK, PAPER = LIGHT["ink"], LIGHT["paper"]

NAMED = {"black": INK, "#000000": INK, "#000": INK, "white": PAPER, "#fff": PAPER}
"""Colours that the drawing programs write by themselves, and what they stand for."""

INDEX_DROP = 0.25
"""How far below the line the letters of an index stand, in parts of their height."""

PIXELS = {"diagram": 1.0, "plot": 1.5}
"""CSS pixels for a point at a drawing's natural size: diagrams are wide, their text is large."""

READABLE = {"desk": 10.0, "phone": 9.0}
"""CSS pixels of the smallest text in a drawing, on a wide screen and on a phone."""

PHONE = 369
"""CSS pixels that a drawing has on a phone of 375: figure.css leaves it three on each side."""

BARE = 0.7
"""How far a drawing without text may shrink, as a part of its natural width."""

PAINTS = ("fill", "stroke", "stop-color")

FONT = re.compile(r"(?P<before>.*?)(?P<size>[\d.]+)px\s")
"""The CSS `font` shorthand, up to its size; the family after it is the page's business."""

NO_TURN = re.compile(r"(scale\(1 1\)|rotate\(-?0(\.0*)?( [^)]*)?\))\s*")
COORDINATES = frozenset(
    (
        *("d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry"),
        *("width", "height", "viewBox", "transform", "stroke-width", "font-size"),
        *("stroke-dasharray", "stroke-dashoffset", "fill-opacity", "stroke-opacity", "opacity"),
    )
)

LONG = re.compile(r"\.\d{3}|\.\d?0(?!\d)|-0(?![\d.])|e-")
"""A number that can be shorter; graphviz has written most of them short."""

SPACE = re.compile(r" (?=[A-Za-z,])|(?<=[A-Za-z,]) ")
"""What a path does not need between its numbers."""


def clean(text: str, *, themed: bool = True, prefix: str = "", pixels: float = 4 / 3) -> Element:
    """Parse the SVG of a drawing program and return it as a page wants it.

    Dropped: the size of the paper, style sheets, style attributes, metadata, fonts, white
    backgrounds, generated ids. Kept: classes, and the ids that an author gave, after `prefix`.

    `prefix` goes before every id, so that two drawings fit on one page; `pixels` are CSS pixels for
    a point. Themed, the palette's hex colours are its CSS variables.
    """
    return fitted(neutral(text), themed=themed, prefix=prefix, pixels=pixels)


def neutral(text: str) -> Element:
    """Parse a drawing program's SVG and clean it; colours stay hex, its size stays in points."""
    root = ElementTree.fromstring(text)
    for element in root.iter():
        _plain(element)
    _without(root, _is_noise)
    for element in root.iter():
        _unstyle(element)
        _paint(element)
        _lower(element)
    _without(root, _is_background)
    _own_ids(root)
    for element in root.iter():
        _round(element)
    flatten(root)
    _tighten(root)
    compact(root)
    root.attrib.pop("version", None)
    return root


def fitted(root: Element, *, themed: bool, prefix: str, pixels: float) -> Element:
    """Return a copy with the ids, colours and size of one page or file; options as for `clean`."""
    root = copy.deepcopy(root)
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, f"{prefix}{value}")
            elif name == "href" and value.startswith("#"):
                element.set(name, f"#{prefix}{value[1:]}")
            elif "url(#" in value:  # a hatch too, which is a paint
                element.set(name, REFERENCE.sub(rf"url(#{prefix}\1)", value))
            elif themed and name in PAINTS:
                element.set(name, THEMED.get(value, value))
    for side in ("width", "height"):
        size = re.fullmatch(r"([\d.]+)pt", root.get(side, ""))
        if size:
            root.set(side, f"{float(size[1]) * pixels:.0f}")
    return root


def to_text(root: Element) -> str:
    """Write an element as it stands in HTML.

    Examples:
        >>> to_text(clean('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0.12345,2"/></svg>'))
        '<svg stroke-linejoin="round"><path d="M0.12,2" /></svg>'
    """
    return ElementTree.tostring(root, encoding="unicode")


def sheet(root: Element, *, label: str) -> str:
    """Return a drawing in a box that shrinks it while its text can be read, then scrolls.

    The box has a name and takes the focus, so that keys can scroll it.
    """
    # Empty drawings as wide as the least widths: CSS cannot say "0.7 of the natural width".
    spacers = "".join(
        f'<svg class="rnn-figure__least rnn-figure__least--{view}" '
        f'width="{least_width(root, pixels)}" height="0" aria-hidden="true" />'
        for view, pixels in READABLE.items()
    )
    long = " rnn-figure__drawing--long" * (least_width(root, READABLE["phone"]) > PHONE)
    return (
        f'<div class="rnn-figure__drawing{long}" role="region" aria-label="{label}" tabindex="0" '
        f'data-search-exclude><div class="rnn-figure__sheet">{to_text(root)}{spacers}</div></div>'
    )


def least_width(root: Element, pixels: float) -> int:
    """Return the width to which a drawing may shrink: its smallest text has so many pixels then.

    Examples:
        >>> text = '<svg width="300pt" viewBox="0 0 300 9"><text font-size="12">h</text></svg>'
        >>> least_width(clean(text, pixels=1.0), 9.0)
        225
    """
    width = float(root.get("width", 0))
    sizes = list(_text_sizes(root, 0.0))
    if not sizes or not width:
        return round(width * BARE)
    units = float(root.get("viewBox", f"0 0 {width}").split()[2])
    return math.ceil(min(width, pixels / min(sizes) * units))


def _text_sizes(element: Element, size: float) -> Iterator[float]:
    """Yield the sizes of the texts in a drawing, in its own units."""
    size = float(element.get("font-size", size))
    if element.tag in ("text", "tspan") and (element.text or "").strip():
        yield size
    for child in element:
        yield from _text_sizes(child, size)


def _plain(element: Element) -> None:
    """Drop namespaces: HTML has none, and `href` needs no xlink."""
    element.tag = element.tag.rpartition("}")[2]
    for name in list(element.attrib):
        if "}" in name:
            value = element.attrib.pop(name)
            local = name.rpartition("}")[2]
            if local in ("href", "title"):  # xlink:title is how graphviz writes a tooltip
                element.set(local, value)
            elif local == "space" and element.text:
                # a run of text starts or ends with a space that a page would drop
                inner = element.text.strip(" ")
                element.text = element.text.replace(inner, "\0").replace(" ", "\u00a0")
                element.text = element.text.replace("\0", inner)


def _without(root: Element, unwanted: Callable[[Element, Element], bool]) -> None:
    """Remove every element that `unwanted` names, with all that it holds."""
    for parent in list(root.iter()):
        for child in [child for child in parent if unwanted(parent, child)]:
            parent.remove(child)


def _is_noise(parent: Element, child: Element) -> bool:
    """Return whether no reader sees it: a style sheet, metadata, graphviz's name of a node."""
    if child.tag == "title":
        return parent.tag in ("svg", "g")
    return child.tag in ("metadata", "style")


def _is_background(parent: Element, child: Element) -> bool:
    """Return whether it is the white sheet under a drawing: a first polygon, or a patch."""
    under = child.tag == "polygon" and "graph" in parent.get("class", "").split()
    if not under and not child.get("id", "").startswith("patch_"):
        return False
    painted = [shape for shape in child.iter() if shape.get("fill")] or [child]
    blank = all(PAPER in shape.get("fill", "") for shape in painted)
    return blank and all(
        shape.get("stroke", "none") in ("none", "transparent") for shape in painted
    )


def _unstyle(element: Element) -> None:
    """Turn a style attribute into the attributes that mean the same."""
    if element.tag == "svg":
        # matplotlib sets it in its style sheet; graphviz's corners are right angles or curves
        element.set("stroke-linejoin", "round")
    for part in element.attrib.pop("style", "").split(";"):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name == "font":
            font = FONT.match(value)
            if font:
                element.set("font-size", font["size"])
                for word in font["before"].split():
                    attribute = "font-style" if word in ("italic", "oblique") else "font-weight"
                    element.set(attribute, word)
        elif name == "font-size":
            element.set(name, value.removesuffix("px"))
        elif name and name != "font-family":
            element.set(name, value)
    element.attrib.pop("font-family", None)


def _paint(element: Element) -> None:
    """Give ink to what has no colour, and split #RRGGBBAA."""
    if element.tag == "text" and "fill" not in element.attrib:
        element.set("fill", INK)
    for paint in PAINTS:
        colour = element.get(paint)
        if colour is None:
            continue
        colour = NAMED.get(colour.lower(), colour.lower())
        if re.fullmatch(r"#[0-9a-f]{8}", colour):
            opacity = int(colour[7:], 16) / 255 * float(element.get(f"{paint}-opacity", 1))
            element.set(f"{paint}-opacity", f"{opacity:.2f}")
            colour = colour[:7]
        element.set(paint, colour)


def _lower(element: Element) -> None:
    """Write an index lower by itself: browsers disagree on how far `sub` is, Firefox does nothing.

    Examples:
        >>> index = Element("text", {"y": "10", "font-size": "10", "baseline-shift": "sub"})
        >>> _lower(index)
        >>> index.attrib
        {'y': '12.5', 'font-size': '10'}
    """
    if element.get("baseline-shift") == "sub":
        del element.attrib["baseline-shift"]
        lowered = float(element.get("y", 0)) + INDEX_DROP * float(element.get("font-size", 0))
        element.set("y", f"{lowered:g}")


def _own_ids(root: Element) -> None:
    """Keep the ids that an author gave or that are referred to, and drop the others.

    An author's id has a hyphen in it (`lstm-h-l0-forward-t2`), a program's has not (`node1`,
    `line2d_3`). An id that starts with `q-` and a quantity's letter is also its class, since
    matplotlib has no other way to name an artist.
    """
    used = {*references(root)}
    given: Counter[str] = Counter()
    for element in root.iter():
        name = element.attrib.pop("id", "")
        quantity = name.split("-")[1].partition("_")[0] if name.startswith("q-") else ""
        if quantity in NAMES:
            element.set("class", f"{element.get('class', '')} q-{quantity}".strip())
        elif name in used or ("-" in name and not name.startswith("a_")):
            given[name] += 1  # matplotlib lets several artists have one name
            again = f"-{given[name]}" if given[name] > 1 else ""
            element.set("id", f"{name}{again}")
        if element.tag == "a" and "href" not in element.attrib:
            _tooltip(element)


def _tooltip(element: Element) -> None:
    """Turn graphviz's link that leads nowhere into a group with the tooltip as its title."""
    element.tag = "g"
    title = Element("title")
    title.text = element.attrib.pop("title", "")
    element.insert(0, title)


def _round(element: Element) -> None:
    """Write coordinates with two decimals, as many as a screen can show."""
    if "transform" in element.attrib:
        turned = NO_TURN.sub("", element.attrib.pop("transform")).strip()
        if turned:
            element.set("transform", turned)
    for name in COORDINATES & element.attrib.keys():
        value = element.attrib[name]
        if LONG.search(value):
            # scale(0.01) is a factor, not a coordinate: two decimals would be too few
            count = 4 if "scale" in value or "matrix" in value else 2
            value = NUMBER.sub(lambda number, count=count: _short(number[0], count), value)
        if name == "d":
            value = SPACE.sub("", " ".join(value.split()))
        element.attrib[name] = value


@lru_cache(maxsize=10_000)  # the steps of a plot come again in every strip
def _short(number: str, digits: int) -> str:
    rounded = f"{float(number):.{digits}f}".rstrip("0").rstrip(".")
    return "0" if rounded == "-0" else rounded


def _tighten(element: Element) -> None:
    """Drop white space between elements, and groups that group nothing."""
    for child in list(element):
        _tighten(child)
    if element.tag in ("text", "tspan", "title", "desc"):
        return
    element.text = None
    children: list[Element] = []
    for child in element:
        child.tail = None
        bare = child.tag == "g" and not child.attrib and child.find("title") is None
        empty = child.tag in ("g", "defs") and len(child) == 0
        children += [] if empty else list(child) if bare else [child]
    element[:] = children
