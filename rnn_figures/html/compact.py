"""Write an SVG in fewer bytes: each look once instead of on every element; same picture.

Attributes, not a style sheet: a strict Content-Security-Policy forbids one inside a drawing, and a
file on its own has no other.
"""

import itertools
from xml.etree.ElementTree import Element

DEFAULTS = {
    "fill-opacity": ("1",),
    "font-style": ("normal",),
    "font-weight": ("normal", "400"),
    "stroke": ("none",),
    "stroke-dasharray": ("none",),
    "stroke-dashoffset": ("0",),
    "stroke-opacity": ("1",),
    "text-anchor": ("start",),
}
"""The default of these attributes, where neither an element nor an ancestor sets them."""

INHERITED = (
    *("fill", "fill-opacity", "font-size", "font-style", "font-weight"),
    *("stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin"),
    *("stroke-opacity", "stroke-width", "text-anchor"),
)
"""Attributes that an element inherits."""

SHAPES = ("circle", "ellipse", "line", "path", "polygon", "polyline", "rect")


def compact(root: Element) -> None:
    """Drop what has no effect or no paint, in place; group neighbours that look alike."""
    _drop_defaults(root, frozenset())
    for parent in list(root.iter()):
        for child in [child for child in parent if _is_invisible(parent, child)]:
            parent.remove(child)
    for parent in list(root.iter()):
        _gather(parent)


def _drop_defaults(element: Element, given: frozenset[str]) -> None:
    """Drop attributes that set a default; `given` are those set on an ancestor."""
    for name, values in DEFAULTS.items():
        if name not in given and element.get(name) in values:
            del element.attrib[name]
    given |= element.attrib.keys()
    for child in element:
        _drop_defaults(child, given)


def _is_invisible(parent: Element, child: Element) -> bool:
    """Return whether a shape has no paint: matplotlib marks with such shapes where axes are."""
    blank = child.get("fill") == "none" and "stroke" not in child.attrib
    unnamed = "class" not in child.attrib and "id" not in child.attrib
    held = parent.tag in ("svg", "g") and "stroke" not in parent.attrib
    return child.tag in SHAPES and blank and unnamed and held and len(child) == 0


def _gather(parent: Element) -> None:
    """Put neighbours that look alike into a group that has their common attributes."""
    if parent.tag not in ("svg", "g"):
        return
    children: list[Element] = []
    for look, run in itertools.groupby(list(parent), key=_look):
        alike = list(run)
        if len(alike) < 2 or len(look) < 2:
            children += alike
            continue
        group = Element("g", dict(look))
        for child in alike:
            for name, _ in look:
                del child.attrib[name]
            group.append(child)
        children.append(group)
    parent[:] = children


def _look(element: Element) -> tuple[tuple[str, str], ...]:
    """Return the attributes of an element that a group around it can have instead.

    A clip-path is among them, unless the element is moved by a transform of its own.
    """
    own = "transform" in element.attrib or element.tag == "use"
    names = INHERITED if own else (*INHERITED, "clip-path")
    return tuple((name, element.attrib[name]) for name in names if name in element.attrib)
