"""Where the boxes and wires of a wiring diagram stand: rows upward, columns to the right.

A box stands above all that it reads, and in the column of the first thing that it reads. Places are
in points, y upward; (0, 0) is the bottom of the first column.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rnn_figures.diagrams.canvas import Place
from rnn_figures.diagrams.wiring.lines import INPUT, Wire, Wiring

LABEL = 100.0
"""Room for a wire's label, to the right of the wire."""

PORT = 22.0
"""Between two wires that enter a box."""

RISE = 54.0
"""From the top of a row's boxes to the bottom of the next, without the bends: label, arrow head."""

BEND = 16.0
"""How far below a row its first wire bends."""

LANE = 8.0
"""Between two wires that run side by side."""

APART = 40.0
"""Between two columns of boxes."""

Size = tuple[float, float]
"""Width and height."""


class Places(NamedTuple):
    """Where everything stands.

    Attributes:
        middles: The middle of each box.
        sizes: The size of each box, widened where its wires need room.
        wires: The places through which each wire goes, from its tail to its head.
        labels: Where each wire's label begins, left end; None where another wire has the same.
    """

    middles: tuple[Place, ...]
    sizes: tuple[Size, ...]
    wires: tuple[tuple[Place, ...], ...]
    labels: tuple[Place | None, ...]


class _Grid(NamedTuple):
    """Rows and columns, in numbers and in points."""

    rows: list[int]
    columns: list[int]
    sizes: list[Size]
    x: dict[int, float]
    bottom: dict[int, float]

    def middle(self, number: int) -> Place:
        """Return the middle of a box: boxes of a row stand on one line."""
        bottom = self.bottom[self.rows[number]]
        return self.x[self.columns[number]], bottom + self.sizes[number][1] / 2

    def top(self, number: int) -> float:
        """Return y of the upper edge of a box."""
        return self.bottom[self.rows[number]] + self.sizes[number][1]


def places(wiring: Wiring, sizes: Sequence[Size]) -> Places:
    """Choose where every box and every wire of a model stands.

    Args:
        wiring: The boxes and the wires.
        sizes: Width and height that the text of each box needs.
    """
    rows = _rows(wiring)
    columns = _columns(wiring, rows)
    leaving = {number: _leaving(wiring, columns, number) for number in range(len(rows))}
    entering = {number: _entering(wiring, columns, number) for number in range(len(rows))}
    widened = []
    for number, (width, height) in enumerate(sizes):
        reach = max(map(abs, (*leaving[number].values(), *entering[number].values())), default=0.0)
        widened.append((max(width, 2 * reach + PORT), height))
    grid = _Grid(rows, columns, widened, {}, {})
    _measure(grid, wiring, leaving)
    bends = dict.fromkeys(rows, 0)
    paths, labels, named = [], [], set()
    for number, wire in enumerate(wiring.wires):
        tail_x = grid.middle(wire.tail)[0] + leaving[wire.tail][wire.text]
        head_x = grid.middle(wire.head)[0] + entering[wire.head][number]
        paths.append(_path(grid, wire, tail_x, head_x, bends))
        new = (wire.tail, wire.text) not in named
        named.add((wire.tail, wire.text))
        labels.append((tail_x + 6, grid.top(wire.tail) + 20) if new else None)
    middles = tuple(grid.middle(number) for number in range(len(rows)))
    return Places(middles, tuple(widened), tuple(paths), tuple(labels))


def _rows(wiring: Wiring) -> list[int]:
    """Return the row of each box: above all that it reads, and as near as can be to its reader."""
    rows = [0] * len(wiring.boxes)
    for number in range(len(rows)):
        below = [rows[wire.tail] + 1 for wire in wiring.wires if wire.head == number]
        rows[number] = max(below, default=0)
    for number in reversed(range(len(rows))):
        readers = [rows[wire.head] for wire in wiring.wires if wire.tail == number]
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
        tails = [wire.tail for wire in wiring.wires if wire.head == number]
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


def _leaving(wiring: Wiring, columns: list[int], number: int) -> dict[str, float]:
    """Return where each value leaves the top of a box, from its middle; own column: 0."""
    heads: dict[str, int] = {}
    for wire in wiring.wires:
        if wire.tail == number:
            heads.setdefault(wire.text, columns[wire.head])
    ordered = sorted(heads, key=lambda text: heads[text] != columns[number])
    return {text: place * LABEL for place, text in enumerate(ordered)}


def _entering(wiring: Wiring, columns: list[int], number: int) -> dict[int, float]:
    """Return where each wire enters the bottom of a box, from its middle; own column: 0."""
    wires = [wire for wire in range(len(wiring.wires)) if wiring.wires[wire].head == number]
    tails = {wire: columns[wiring.wires[wire].tail] for wire in wires}
    own = columns[number]
    straight = next((wire for wire in wires if tails[wire] == own), None)
    left = sorted((wire for wire in wires if tails[wire] < own), key=lambda wire: -tails[wire])
    right = [wire for wire in wires if tails[wire] >= own and wire != straight]
    right.sort(key=lambda wire: tails[wire])
    places = {} if straight is None else {straight: 0.0}
    if straight is None and len(wires) == 1:
        return {wires[0]: 0.0}
    places |= {wire: -PORT * (place + 1) for place, wire in enumerate(left)}
    places |= {wire: PORT * (place + 1) for place, wire in enumerate(right)}
    return places


def _measure(grid: _Grid, wiring: Wiring, leaving: dict[int, dict[str, float]]) -> None:
    """Turn rows and columns into points: each is as wide or high as its largest box needs."""
    bends = [row for wire in wiring.wires for row in _bent_rows(grid, wire)]
    bottom = 0.0
    for row in range(max(grid.rows) + 1):
        grid.bottom[row] = bottom
        heights = [grid.sizes[box][1] for box, of in enumerate(grid.rows) if of == row]
        bottom += max(heights, default=0.0) + RISE + LANE * bends.count(row + 1)
    right = 0.0
    for column in range(max(grid.columns) + 1):
        boxes = [box for box, of in enumerate(grid.columns) if of == column]
        half = max((grid.sizes[box][0] / 2 for box in boxes), default=0.0)
        reach = max((max(leaving[box].values(), default=0.0) for box in boxes), default=0.0)
        grid.x[column] = right + half
        right = grid.x[column] + max(half, reach + LABEL) + APART


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


def _path(
    grid: _Grid, wire: Wire, tail_x: float, head_x: float, bends: dict[int, int]
) -> tuple[Place, ...]:
    """Return the places of one wire: straight up, or with bends below the row that it enters."""

    def turn(row: int) -> float:
        bends[row] += 1
        return grid.bottom[row] - BEND - LANE * (bends[row] - 1)

    row = grid.rows[wire.head]
    start, end = (tail_x, grid.top(wire.tail)), (head_x, grid.bottom[row])
    blocking = _blocking(grid, wire)
    widest = max((grid.sizes[box][0] for box in blocking), default=0.0)
    beside = grid.x[grid.columns[wire.tail]] + widest / 2
    if not blocking or tail_x > beside:  # nothing stands right above the tail
        if tail_x == head_x:
            return start, end
        y = turn(row)
        return start, (tail_x, y), (head_x, y), end
    low = turn(grid.rows[wire.tail] + 1)
    lane = beside + APART / 2 + LANE * (bends[grid.rows[wire.tail] + 1] - 1)
    high = turn(row)
    return start, (tail_x, low), (lane, low), (lane, high), (head_x, high), end
