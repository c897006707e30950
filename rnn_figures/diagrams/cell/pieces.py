"""The pieces that cells share: sums, gates, the lines of x and h, and where h leaves."""

from rnn_figures.diagrams.boxes import Box, Position
from rnn_figures.diagrams.canvas import SMALL, symbol, words
from rnn_figures.diagrams.cell.anatomy import Anatomy, named
from rnn_figures.diagrams.cell.curves import put_function
from rnn_figures.diagrams.cell.measures import NARROW

INPUT, X_LINE, H_LINE = -54.0, 0.0, 24.0
"""The y of what the cells share: x[t], and the lines of x and of h."""


def equation(letter: str, reads: str, *, narrow: bool = False) -> list[str]:
    """Return the lines of a weighted sum: W_ix x + b_ix, W_hx h + b_hx, or one below the other.

    `reads` is "xh", or "x" or "h" alone.
    """
    lines = []
    for source, side in (("x", "i"), ("h", "h")):
        if source in reads:
            weighted = (
                words("+ " if lines else "", colour=source)
                + symbol(f"W_{side}{letter}", size=SMALL, colour=source)
                + words(" ", colour=source)
                + symbol(source, size=SMALL, colour=source)
            )
            bias = symbol(f"b_{side}{letter}", size=SMALL, colour=source)
            if narrow:
                lines += [weighted, words("+ ", colour=source) + bias]
            else:
                lines.append(weighted + words(" + ", colour=source) + bias)
    return lines


def put_frame(cell: Anatomy, left: float, right: float, bottom: float, top: float) -> None:
    """Add the outline of the cell."""
    outline = Box.between("cell", (left, bottom), (right, top))
    cell.canvas.fill(outline, colour="faint", look="card", classes="cell")


def put_sum(cell: Anatomy, name: str, letter: str, reads: str, x: float, stages: str) -> None:
    """Add a weighted sum, in the colour of the letter that it is for."""
    lines = equation(letter, reads, narrow=cell.measures == NARROW)
    cell.put(f"sum-{name}", "sum", (x, cell.measures.sums), lines, colour=letter, stages=stages)


def put_gate(cell: Anatomy, letter: str, x: float, function: str, before: str = "") -> None:
    """Add a column: the weighted sum, the function over it, the letter of the result."""
    used = {"i": "c", "f": "c", "g": "c", "o": "h", "r": "reset", "z": "h"}[letter]
    stages, later = f"{before} {letter}", f"{letter} {used}"
    gates, letters, sizes = cell.measures.gates, cell.measures.letters, cell.measures.sizes
    put_sum(cell, letter, letter, "xh", x, stages)
    put_function(cell, f"of-{letter}", (x, gates), function, letter, (f"pre_{letter}", letter))
    cell.put(letter, "letter", (x, letters), named(letter), colour=letter, stages=later)
    cell.lead(f"sum-{letter}", f"of-{letter}", letter, stages)
    cell.lead(f"of-{letter}", letter, letter)
    between = (cell.parts[f"sum-{letter}"].top.y + gates - sizes["circle"][1] / 2) / 2
    cell.show(f"pre_{letter}", (x + cell.measures.beside, between), letter, stages)
    if letter in "or":  # their wires leave to the right
        near = 3 if cell.measures == NARROW else 0
        cell.show(letter, (x + near, letters + 13), letter, later, "up")
    elif cell.measures == NARROW:  # as far from the next letter as from this one
        width = cell.measures.number if letter == "g" else cell.measures.share
        at = (x + cell.measures.pitch / 2, letters)
        cell.show(letter, at, letter, later, width=width)
    else:
        beside = sizes["letter"][0] / 2 + cell.measures.beside
        cell.show(letter, (x + beside, letters), letter, later)


def put_sources(
    cell: Anatomy,
    h_taps: dict[str, tuple[float, str]],
    x_taps: dict[str, tuple[float, str]],
    *,
    lane: float,
) -> None:
    """Add h[t-1] and x[t], and the lines that bring them into the sums.

    For each sum from left to right, `h_taps` and `x_taps` have its x and the stages with which its
    wire lights up. `lane` is the y of h[t-1]: H_LINE, or higher with a way down to that line.
    """
    read = " ".join(stages for _, stages in h_taps.values())
    stages = read if lane == H_LINE else f"{read} h"
    cell.put("h-before", "state", (0, lane), named("h[t-1]"), colour="h", stages=stages)
    cell.show_under("h_prev", "h-before", "h", stages)
    source, via, tap = "h-before", (), cell.measures.tap
    if lane != H_LINE:
        turn = cell.parts["h-before"].right.x + (8 if cell.measures == NARROW else 38)
        source, via = "h-source", ((turn, H_LINE),)
        cell.put(source, "dot", (turn, lane), colour="h", stages=stages)
        cell.lead("h-before", source, "h", stages, has_head=False)
    _put_line(cell, source, list(h_taps.items()), "h", -tap, *via)
    xs = [x for x, _ in x_taps.values()]
    middle = (xs[0] + xs[-1]) / 2 + tap
    read = "x " + " ".join(stages for _, stages in x_taps.values())
    cell.put("x", "state", (middle, INPUT), named("x[t]"), colour="x", stages=read)
    beside = cell.measures.sizes["state"][0] / 2 + 1 + cell.measures.beside
    cell.show("x", (middle + beside, INPUT), "x", read)
    cell.put("x-source", "dot", (middle, X_LINE), colour="x", stages=read)
    cell.lead("x", "x-source", "x", read, has_head=False)
    taps = [(name, (x, f"x {stages}")) for name, (x, stages) in x_taps.items()]
    _put_line(cell, "x-source", [one for one in taps if one[1][0] + tap > middle], "x", tap)
    left = [one for one in taps if one[1][0] + tap < middle]
    _put_line(cell, "x-source", left[::-1], "x", tap)


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
    narrow = cell.measures == NARROW
    text = ["to output, or", "the next layer"] if narrow else "to output, or the next layer"
    lines = [words(line) for line in text] if narrow else text
    cell.put("up", "text", (up[0], top + (6 if narrow else 0)), lines, colour="h")
    cell.lead("h-branch", "h-after", "h")
    cell.lead("h-branch", "up", "h")
    cell.show_under("h", "h-after", "h")
