"""Where the boxes and wires of a wiring diagram stand: rows upward, columns to the right.

A box stands above all that it reads, and in the column of the first thing that it reads. Lengths
are points, y upward; (0, 0) is the bottom of the first column.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rnn_figures.diagrams.boxes import Anchor, Box, Position
from rnn_figures.diagrams.wiring.lines import INPUT, Wire, Wiring

ASIDE = 6.0
"""From a wire to its label."""

ABOVE = 4.0
"""From a box to the label of a wire that leaves it."""

PORT = 22.0
"""Between two wires that enter a box."""

RISE = 24.0
"""From the top of a row's boxes to the bottom of the next, without labels and bends."""

BEND = 16.0
"""How far below a row its first wire bends."""

LANE = 8.0
"""Between two wires that run side by side."""

APART = 16.0
"""Between two columns of boxes."""

Size = tuple[float, float]
"""Width and height."""


class Route(NamedTuple):
    """The way of one wire.

    Attributes:
        start: Where it leaves its tail.
        via: The points where it bends.
        end: Where it enters its head.
        label: The middle of its label; None where it has none, or another wire has the same.
        on_left: Whether the label is left of the wire: that of the first of several is.
    """

    start: Anchor
    via: tuple[Position, ...]
    end: Anchor
    label: Position | None
    on_left: bool


Labels = dict[tuple[int, str], Size]
"""The size of what is written beside a wire, by its tail and its text."""


class _Grid(NamedTuple):
    """Rows and columns of boxes, by number, and where they are."""

    rows: list[int]
    columns: list[int]
    sizes: list[Size]
    x: dict[int, float]
    bottom: dict[int, float]

    def box(self, number: int) -> Box:
        """Return a box: those of a row stand on one line."""
        width, height = self.sizes[number]
        y = self.bottom[self.rows[number]] + height / 2
        return Box(f"box-{number}", self.x[self.columns[number]], y, width, height)


def arrange(wiring: Wiring, sizes: Sequence[Size], labels: Labels) -> tuple[list[Box], list[Route]]:
    """Return the boxes, as wide as texts and wires need, and the ways of the wires."""
    rows = _rows(wiring)
    columns = _columns(wiring, rows)
    leaving = [_leaving(wiring, columns, labels, number) for number in range(len(rows))]
    entering = [_entering(wiring, columns, number) for number in range(len(rows))]
    widened = []
    for (width, height), tops, feet in zip(sizes, leaving, entering, strict=True):
        reach = max(map(abs, (*tops.values(), *feet.values())), default=0.0)
        widened.append((max(width, 2 * reach + PORT), height))
    grid = _Grid(rows, columns, widened, {}, {})
    _measure(grid, wiring, leaving, labels)
    bends, routes, left = dict.fromkeys(rows, 0), [], dict(labels)
    for number, wire in enumerate(wiring.wires):
        start = grid.box(wire.tail).top.moved(right=leaving[wire.tail][wire.text])
        end = grid.box(wire.head).bottom.moved(right=entering[wire.head][number])
        width, height = left.pop((wire.tail, wire.text), (0.0, 0.0))
        on_left = _is_on_left(leaving[wire.tail], wire.text)
        aside = (ASIDE + width / 2) * (-1 if on_left else 1)
        label = (start.x + aside, start.y + ABOVE + height / 2) if width else None
        via = _bends(grid, wire, start, end, bends)
        routes.append(Route(start, via, end, label, on_left))
    return [grid.box(number) for number in range(len(rows))], routes


def _rows(wiring: Wiring) -> list[int]:
    """Return the row of each box: above all that it reads, and as near as can be to its reader."""
    rows = [0] * len(wiring.boxes)
    for number in range(len(rows)):
        rows[number] = max((rows[wire.tail] + 1 for wire in wiring.into(number)), default=0)
    for number in reversed(range(len(rows))):
        readers = [rows[wire.head] for wire in wiring.out_of(number)]
        rows[number] = min(readers, default=rows[number] + 1) - 1
    return rows


def _columns(wiring: Wiring, rows: list[int]) -> list[int]:
    """Return the column of each box: that of the first thing it reads, if nobody continued it."""
    columns: dict[int, int] = {}
    continued: set[int] = set()

    def nearest(column: int, row: int) -> int:
        taken = {(rows[other], columns[other]) for other in columns}
        while (row, column) in taken:
            column += 1
        return column

    for number, line in enumerate(wiring.boxes):
        if line.kind == INPUT:
            continue
        tails = [wire.tail for wire in wiring.into(number)]
        first = tails[0] if tails else number
        fresh = max(columns.values(), default=-1) + 1
        continues = first in columns and first not in continued
        columns[number] = nearest(columns[first] if continues else fresh, rows[number])
        continued.add(first)
        for tail in tails:
            if tail not in columns:
                aside = 0 if tail == first else 1
                columns[tail] = nearest(columns[number] + aside, rows[tail])
    return [columns.get(number, 0) for number in range(len(wiring.boxes))]


def _leaving(wiring: Wiring, columns: list[int], labels: Labels, number: int) -> dict[str, float]:
    """Return where each value leaves the top of a box, from its middle; own column: 0."""
    heads: dict[str, int] = {}
    for wire in wiring.out_of(number):
        heads.setdefault(wire.text, columns[wire.head])
    leaving, right = {}, 0.0
    for text in sorted(heads, key=lambda text: heads[text] != columns[number]):
        leaving[text] = right
        label = labels.get((number, text), (0.0, 0.0))[0] if right else 0.0
        right += max(PORT, label + 2 * ASIDE)
    return leaving


def _is_on_left(leaving: dict[str, float], text: str) -> bool:
    """Return whether a value's label is left of its wire, to leave the next wire its side."""
    return len(leaving) > 1 and leaving[text] == 0.0


def _entering(wiring: Wiring, columns: list[int], number: int) -> dict[int, float]:
    """Return where each wire enters the bottom of a box, from its middle; own column: 0."""
    wires = [wire for wire in range(len(wiring.wires)) if wiring.wires[wire].head == number]
    tails = {wire: columns[wiring.wires[wire].tail] for wire in wires}
    own = columns[number]
    straight = next((wire for wire in wires if tails[wire] == own), None)
    left = sorted((wire for wire in wires if tails[wire] < own), key=lambda wire: -tails[wire])
    right = [wire for wire in wires if tails[wire] >= own and wire != straight]
    right.sort(key=lambda wire: tails[wire])
    if straight is None and len(wires) == 1:
        return {wires[0]: 0.0}
    ports = {} if straight is None else {straight: 0.0}
    ports |= {wire: -PORT * index for index, wire in enumerate(left, start=1)}
    return ports | {wire: PORT * index for index, wire in enumerate(right, start=1)}


def _measure(grid: _Grid, wiring: Wiring, leaving: list[dict[str, float]], labels: Labels) -> None:
    """Turn rows and columns into points: each is as wide or high as its largest box needs."""
    bends = [row for wire in wiring.wires for row in _bent_rows(grid, wire)]
    bottom = 0.0
    for row in range(max(grid.rows) + 1):
        grid.bottom[row] = bottom
        heights = [grid.sizes[box][1] for box, of in enumerate(grid.rows) if of == row]
        written = [size[1] for (tail, _), size in labels.items() if grid.rows[tail] == row]
        bottom += max(heights, default=0.0) + RISE + LANE * bends.count(row + 1)
        bottom += max(written, default=0.0)
    right = 0.0
    for column in range(max(grid.columns) + 1):
        boxes = [box for box, of in enumerate(grid.columns) if of == column]
        half = max((grid.sizes[box][0] / 2 for box in boxes), default=0.0)
        before, after = [half], [half]
        for box in boxes:
            for text, aside in leaving[box].items():
                side = before if _is_on_left(leaving[box], text) else after
                side.append(aside + ASIDE + labels.get((box, text), (0.0, 0.0))[0])
        grid.x[column] = right + max(before)
        tails = (wire for wire in wiring.wires if grid.columns[wire.tail] == column)
        lanes = sum(bool(_blocking(grid, wire)) for wire in tails)
        right = grid.x[column] + max(after) + APART + LANE * lanes


def _blocking(grid: _Grid, wire: Wire) -> list[int]:
    """Return the boxes that stand in a wire's way, right above its tail."""
    low, high = grid.rows[wire.tail], grid.rows[wire.head]
    return [
        box
        for box, column in enumerate(grid.columns)
        if column == grid.columns[wire.tail] and low < grid.rows[box] < high
    ]


def _bent_rows(grid: _Grid, wire: Wire) -> list[int]:
    """Return the rows below which a wire may run sideways."""
    head = grid.rows[wire.head]
    if _blocking(grid, wire):
        return [grid.rows[wire.tail] + 1, head]
    return [] if grid.columns[wire.tail] == grid.columns[wire.head] else [head]


def _bends(
    grid: _Grid, wire: Wire, start: Anchor, end: Anchor, bends: dict[int, int]
) -> tuple[Position, ...]:
    """Return where a wire bends: nowhere, or below the rows that it enters; counts the bends."""

    def turn(row: int) -> float:
        bends[row] += 1
        return grid.bottom[row] - BEND - LANE * (bends[row] - 1)

    row = grid.rows[wire.head]
    blocking = _blocking(grid, wire)
    widest = max((grid.sizes[box][0] for box in blocking), default=0.0)
    beside = grid.x[grid.columns[wire.tail]] + widest / 2
    if not blocking or start.x > beside:  # nothing stands right above the tail
        if start.x == end.x:
            return ()
        y = turn(row)
        return (start.x, y), (end.x, y)
    low = turn(grid.rows[wire.tail] + 1)
    lane = beside + APART / 2 + LANE * (bends[grid.rows[wire.tail] + 1] - 1)
    high = turn(row)
    return (start.x, low), (lane, low), (lane, high), (end.x, high)
