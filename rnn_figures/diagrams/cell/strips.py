"""Draw the quantities of a cell over time, one strip each: a bar and its number for each step.

A canvas, not a plot: a script moves the bars and writes the numbers, so each has an id that says
what it is, and the axis of each strip is its track, which nothing moves.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rnn_figures.diagrams.canvas import SMALL, Canvas, symbol, words
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS

PITCH = 42.0
"""From one step to the next."""

BAR = 22.0
"""Width of a bar."""

LEAST = 1.6
"""Height of the bar of a zero, which would be invisible."""

LEFT = 46.0
"""Width of the names at the left."""

NUMBERS = 15.0
"""Height of the numbers below a strip."""

GAP = 9.0
"""Between a strip's numbers and the next strip."""

FLAT = {"look": "solid", "style": "filled", "penwidth": "0"}
"""Of a box without an outline."""

VEIL = "b3"
"""How opaque the veil over later steps is: they are pale, and can be read."""


class Strip(NamedTuple):
    """One quantity over time.

    Attributes:
        letter: A quantity's letter: gives the colour.
        name: Its id, unlike that of any other strip: "c", or "x-0" for the first input.
        text: What stands at its left; the letter without it.
        values: One for each step.
        low: The lower end of its axis.
        high: The upper end; both ends 0 leave out the bars.
        height: Of the axis.
        marks: A character for each step, written instead of the values.
    """

    letter: str
    name: str
    text: str
    values: Sequence[float]
    low: float = 0.0
    high: float = 0.0
    height: float = 0.0
    marks: str = ""


def strips_diagram(name: str, strips: Sequence[Strip], *, step: int) -> Diagram:
    """Draw strips of the same steps below each other, the steps from left to right.

    One step is marked; a veil, of the class "later", lies over those after it. A bar that would
    leave its strip ends where the strip ends.
    """
    steps = len(strips[0].values)
    canvas = Canvas(name, alt=_alt(strips), data=_table(strips))
    width, y = PITCH * steps, 0.0
    total = sum(strip.height + NUMBERS + GAP for strip in strips) + NUMBERS
    canvas.box(
        "now",
        at=(LEFT + PITCH * (step + 0.5), GAP / 2 - total / 2),
        size=(PITCH, total),
        colour="ink",
        look="tint",
        share=0.2,
        classes="now",
        style="filled",
    )
    for strip in strips:
        _draw_name(canvas, strip, y)
        if strip.height:
            _draw_track(canvas, strip, y, width)
        for t, value in enumerate(strip.values):
            x = LEFT + PITCH * (t + 0.5)
            if strip.height:
                _draw_bar(canvas, strip, y, x, t)
            text = strip.marks[t] if strip.marks else number(value)
            below = y - strip.height - NUMBERS / 2
            _write_number(canvas, f"{strip.name}-{t}", text, strip.letter, x, below)
        y -= strip.height + NUMBERS + GAP
    canvas.box(
        "later",
        at=(LEFT + PITCH * (step + 1 + steps) / 2, (y + GAP) / 2),
        size=(PITCH * (steps - step - 1), -y - GAP),
        colour="paper",
        fillcolor=COLOURS["paper"] + VEIL,
        classes="later",
        **FLAT,
    )
    y += GAP / 2 - NUMBERS / 2
    canvas.write("steps", words("step", colour="faint"), at=(LEFT / 2 - 6, y), width=LEFT - 8)
    for t in range(steps):
        _write_number(canvas, f"step-{t}", f"{t}", "faint", LEFT + PITCH * (t + 0.5), y)
    return canvas


def _draw_name(canvas: Canvas, strip: Strip, y: float) -> None:
    """Write what a strip shows, at its left; a name longer than a letter is an input's."""
    text = strip.text or strip.letter
    fragment = symbol(text, size=15) if len(text) == 1 else words(text, colour=strip.letter)
    middle = y - strip.height / 2 if strip.height else y - NUMBERS / 2
    canvas.box(
        f"name-{strip.name}",
        fragment,
        at=(LEFT / 2 - 9, middle),
        size=(LEFT - 14, 20),
        quantity=strip.letter,
        look="bare",
        shape="plaintext",
        style="",
    )


def _draw_track(canvas: Canvas, strip: Strip, y: float, width: float) -> None:
    """Draw the axis of a strip: its extent, its zero, and the values of its ends."""
    canvas.box(
        f"track-{strip.name}",
        at=(LEFT + width / 2, y - strip.height / 2),
        size=(width, strip.height),
        colour="faint",
        look="tint",
        share=0.12,
        classes="track",
        style="filled",
    )
    canvas.box(
        f"zero-{strip.name}",
        at=(LEFT + width / 2, _height(strip, y, 0.0)),
        size=(width, 0.8),
        colour="faint",
        **FLAT,
    )
    for end, value, up in (("low", strip.low, 5), ("high", strip.high, -5)):
        canvas.write(
            f"{end}-{strip.name}",
            words(number(value), size=SMALL - 1, colour="faint"),
            at=(LEFT - 9, _height(strip, y, value) + up),
            width=16,
            align="right",
        )


def _draw_bar(canvas: Canvas, strip: Strip, y: float, x: float, t: int) -> None:
    """Draw the bar of one step, from zero to the value."""
    value = min(max(strip.values[t], strip.low), strip.high)
    start, end = sorted((_height(strip, y, 0.0), _height(strip, y, value)))
    if end - start < LEAST:
        start, end = (start + end - LEAST) / 2, (start + end + LEAST) / 2
    canvas.box(
        f"bar-{strip.name}-{t}",
        at=(x, (start + end) / 2),
        size=(BAR, end - start),
        quantity=strip.letter,
        classes="bar",
        **FLAT,
    )


def _write_number(canvas: Canvas, name: str, text: str, colour: str, x: float, y: float) -> None:
    """Write a number, below its bar."""
    canvas.box(
        f"number-{name}",
        text,
        at=(x, y),
        size=(PITCH, NUMBERS),
        quantity="" if colour == "faint" else colour,
        colour=colour,
        look="bare",
        classes="numbers",
        fontsize=f"{SMALL:g}",
        shape="plaintext",
        style="",
    )


def _height(strip: Strip, y: float, value: float) -> float:
    """Return the y of a value on the axis of a strip whose upper end is at `y`."""
    return y - strip.height * (strip.high - value) / (strip.high - strip.low)


def _alt(strips: Sequence[Strip]) -> str:
    """Describe each quantity step by step, by its numbers."""
    lines = (
        f"{strip.text or strip.letter}: "
        + ", ".join(strip.marks or [number(value) for value in strip.values])
        for strip in strips
    )
    return f"Over the steps {'. '.join(lines)}."


def _table(strips: Sequence[Strip]) -> Table:
    """List each quantity's numbers, one column for each step."""
    steps = range(len(strips[0].values))
    rows = [
        [strip.text or strip.letter, *(strip.marks or map(float, strip.values))] for strip in strips
    ]
    return Table(["quantity", *(f"step {t}" for t in steps)], rows)


def axis_ends(strips: Sequence[Strip]) -> Mapping[str, tuple[float, float]]:
    """Return the ends of every axis by the strip's name."""
    return {strip.name: (strip.low, strip.high) for strip in strips if strip.height}
