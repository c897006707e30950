"""Draw each part of an SVG where it is, with no clip that cuts nothing; same picture.

A browser takes a part that is moved to its place, or clipped, as a layer's worth of work by itself,
and does that work again for all of a page at most gestures. matplotlib moves each marker and many
texts, and clips every line.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree.ElementTree import Element

LETTER = re.compile(r"([A-Za-z])([^A-Za-z]*)")
NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")
MOVED = re.compile(r"translate\((-?[\d.]+)[ ,]\s*(-?[\d.]+)\)")
REFERENCE = re.compile(r"url\(#([^)]+)\)")
"""Where a paint or a clip names what it is defined by: its id."""

SHORT = 300
"""Characters of a path that is written again at each of its places: a marker's, say."""

ROUND, MITRE = 0.5 * math.sqrt(2), 2.0
"""How far a line may reach beyond its points, in parts of its width: a cap, and a sharp corner."""

POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
"""Letters of a path that are understood, and how many points are after each."""

Point = tuple[float, float]

Part = tuple[str, list[Point]]
"""A letter of a path, and where the points after it are."""


class Box(NamedTuple):
    """What a part reaches over."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: "Box", slack: float = 0.0) -> bool:
        """Return whether another one lies within it; it may reach out by the slack."""
        return (
            self.left - slack <= other.left
            and self.top - slack <= other.top
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )


@dataclass(frozen=True)
class Look:
    """What an element has from those it is in."""

    stroke: str = "none"
    width: float = 1.0
    join: str = "miter"

    def inside(self, element: Element) -> "Look":
        """Return what those in an element have."""
        return Look(
            stroke=element.get("stroke", self.stroke),
            width=float(element.get("stroke-width", self.width)),
            join=element.get("stroke-linejoin", self.join),
        )

    @property
    def reach(self) -> float:
        """How far the stroke may reach beyond the points."""
        if self.stroke == "none":
            return 0.0
        return self.width * (ROUND if self.join == "round" else MITRE)


def flatten(root: Element) -> None:
    """Put shapes in the place of their copies, drop idle clips, move texts by x and y; in place."""
    _place_copies(root)
    for text in root.iter("text"):
        _place_text(text)
    clips = {clip.get("id", ""): _box_of_clip(clip) for clip in root.iter("clipPath")}
    _drop_clips(root, clips, Look())
    _drop_unused(root)


def _place_copies(root: Element) -> None:
    """Write the path of each `use` where it is used, if it is short, or used once."""
    paths = {path.get("id", ""): path for defs in root.iter("defs") for path in defs.iter("path")}
    uses = Counter(use.get("href", "")[1:] for use in root.iter("use"))
    for parent in list(root.iter()):
        for at, use in enumerate(parent):
            name = use.get("href", "")[1:]
            if use.tag != "use" or name not in paths or "clip-path" in use.attrib:
                continue
            shape = _placed(paths[name], use, once=uses[name] == 1)
            if shape is not None:
                parent[at] = shape


def _placed(path: Element, use: Element, *, once: bool) -> Element | None:
    """Return a path as it looks where it is used; None where it would be long."""
    parts = _parts(path.get("d", ""))
    if parts is None or (len(path.get("d", "")) > SHORT and not once):
        return None
    look = {name: value for name, value in use.items() if name not in ("x", "y", "href")}
    look |= {name: value for name, value in path.items() if name not in ("id", "d")}
    d = _moved(parts, float(use.get("x", 0)), float(use.get("y", 0)))
    return Element("path", {"d": d} | look)


def _moved(parts: list[Part], x: float, y: float) -> str:
    """Write a path at a place: where it starts, then ways, which are the same at each place."""
    (_, [at]), *others = parts
    written = f"M{_short(at[0] + x)} {_short(at[1] + y)}"
    start = at
    for letter, points in others:
        ways = (f"{_short(right - at[0])} {_short(down - at[1])}" for right, down in points)
        written += letter.lower() + " ".join(ways).replace(" -", "-")
        at = points[-1] if points else start
        start = at if letter == "M" else start
    return written


def _parts(d: str) -> list[Part] | None:
    """Return the letters of a path and where the points of each are; None for other letters."""
    parts: list[Part] = []
    at = start = origin = (0.0, 0.0)
    for letter, rest in LETTER.findall(d):
        numbers = [float(number) for number in NUMBER.findall(rest)]
        if len(numbers) != 2 * POINTS.get(letter.upper(), math.inf):
            return None
        left, top = at if letter.islower() else origin
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        points = [(left + x, top + y) for x, y in pairs]
        at = points[-1] if points else start
        start = at if letter in "Mm" else start
        parts.append((letter.upper(), points))
    return parts


def _place_text(text: Element) -> None:
    """Write x and y for a transform that only moves its text."""
    moved = MOVED.fullmatch(text.get("transform", ""))
    if not moved or "x" in text.attrib or "y" in text.attrib or len(text):
        return
    del text.attrib["transform"]
    text.set("x", moved[1])
    text.set("y", moved[2])


def _box_of_clip(clip: Element) -> Box | None:
    """Return the rectangle that a clip leaves; None if it is another shape."""
    rect = clip.find("rect") if len(clip) == 1 else None
    if rect is None or "transform" in rect.attrib:
        return None
    x, y, width, height = (float(rect.get(name, 0)) for name in ("x", "y", "width", "height"))
    return Box(x, y, x + width, y + height)


def _drop_clips(element: Element, clips: dict[str, Box | None], look: Look) -> None:
    """Drop the clips that cut nothing; of what has an id none, since a script may move it."""
    if "id" in element.attrib and element.tag != "svg":
        return
    clip = REFERENCE.fullmatch(element.get("clip-path", ""))
    box = clips.get(clip[1]) if clip else None
    if box and "transform" not in element.attrib:
        boxes = list(_boxes(element, look))
        if None not in boxes and all(box.holds(one) for one in boxes if one):
            del element.attrib["clip-path"]
        elif _ends_at(element, box, look):
            # the clip cuts its round ends off, and nothing else
            del element.attrib["clip-path"]
            element.attrib.pop("stroke-linecap", None)
    for child in element:
        _drop_clips(child, clips, look.inside(element))


def _boxes(element: Element, look: Look) -> Iterator[Box | None]:
    """Yield what the shapes of an element reach over; None for what cannot be told."""
    look = look.inside(element)
    if "id" in element.attrib or "transform" in element.attrib:
        yield None
    elif element.tag in ("g", "title", "desc"):
        for child in element:
            yield from _boxes(child, look)
    else:
        yield _box(element, look)


def _box(shape: Element, look: Look) -> Box | None:
    """Return what a shape reaches over, its stroke included; None if that cannot be told."""
    parts = _parts(shape.get("d", "")) if shape.tag == "path" else None
    points = [point for _, points in parts or () for point in points]
    if not points:
        return None
    across, down = zip(*points, strict=True)
    reach = look.reach
    return Box(min(across) - reach, min(down) - reach, max(across) + reach, max(down) + reach)


def _ends_at(line: Element, box: Box, look: Look) -> bool:
    """Return whether a clip cuts nothing but the caps of an upright or level line."""
    parts = _parts(line.get("d", "")) if line.tag == "path" else None
    if not parts or [letter for letter, _ in parts] != ["M", "L"]:
        return False
    (x, y), (to_x, to_y) = parts[0][1][0], parts[1][1][0]
    half = look.inside(line).width / 2
    if x == to_x:
        body = Box(x - half, min(y, to_y), x + half, max(y, to_y))
    elif y == to_y:
        body = Box(min(x, to_x), y - half, max(x, to_x), y + half)
    else:
        return False
    return box.holds(body, slack=0.02)  # both are rounded to hundredths


def _drop_unused(root: Element) -> None:
    """Drop definitions that nothing refers to any more."""
    used = {*references(root)}
    for defs in list(root.iter("defs")):
        for one in list(defs):
            if one.tag in ("path", "clipPath") and one.get("id") not in used:
                defs.remove(one)


def references(root: Element) -> Iterator[str]:
    """Yield the ids that something in a drawing refers to."""
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if attribute == "href" and value.startswith("#"):
                yield value[1:]
            yield from REFERENCE.findall(value)


def _short(number: float) -> str:
    """Write a sum of numbers that have two decimals, as short as a path may have it."""
    return re.sub(r"^(-?)0\.", r"\1.", f"{round(number, 2) + 0.0:g}")
