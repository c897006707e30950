"""Draw a PackedSequence from its own fields: the padded grid, cut into steps, laid end to end."""

from collections.abc import Sequence
from itertools import groupby, pairwise, product

import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.arguments import checked
from rnn_figures.course.packing.pieces import (
    Piece,
    compare_pieces,
    lengths_of,
    order_of,
    pieces_of,
)
from rnn_figures.diagrams.boxes import Box, Position
from rnn_figures.diagrams.canvas import Canvas, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Proof

NAME = 60.0
"""Width of a row's name."""

BETWEEN = 36.0
"""Between the two grids, beside the gap of their boxes: lines cross there."""

CELL, GAP = (36.0, 26.0), 4.0
"""Width and height of a step's box, and between two of them."""

GROUPS = 10.0
"""Between two steps in the ribbon."""


@checked
def packing_diagram(packed: PackedSequence, *, symbols: Sequence[str] | None = None) -> Diagram:
    """Draw what packing does to a batch: the padded grid, sorted and cut into steps, as a ribbon.

    On the left the sequences in the caller's order, padding dashed. On the right the same, longest
    first: column t holds batch_sizes[t] sequences, which makes the stairs. Below, the columns end
    to end: packed.data. Everything is read from the fields of the object.

    Args:
        packed: At most 30 steps in all.
        symbols: What to write in a box, by number: data must hold one-hot rows or ids. None writes
            the code that reads the step from a list of the sequences, such as `[0][2]`.

    Returns:
        The Diagram; its table has a row for each row of data.

    Raises:
        ValueError: data has more than 30 rows, is not one-hot where symbols are given, or has
            fewer rows than batch_sizes says, as it does after a length that was too long.
        ProofError: the fields contradict one another.

    Examples:
        >>> import torch
        >>> from torch.nn.utils.rnn import pack_sequence
        >>> packed = pack_sequence([torch.zeros(3, 5), torch.zeros(1, 5)])
        >>> packing_diagram(packed).alt.split(". ")[1]
        'batch_sizes is 2, 1, 1'
    """
    pieces = pieces_of(packed)
    names = _names(packed, pieces, symbols)
    lengths = lengths_of(packed)
    canvas = Canvas(
        "packing",
        alt=_packing_alt(packed, lengths),
        data=_packing_table(pieces, names if symbols is not None else None),
        proof=Proof("every box compared with pad_packed_sequence", compare_pieces(packed, pieces)),
    )
    padded = _draw_padded(canvas, names, lengths)
    stairs, sizes = _draw_sorted(canvas, names, packed.batch_sizes.tolist(), padded)
    for rank, sequence in enumerate(order_of(packed)):
        canvas.arrow(
            padded[sequence, :].right.moved(right=8),
            stairs[rank, 0].left.moved(right=-4),
            name=f"sort-{rank}",
            colour="faint",
        )
    _draw_ribbon(canvas, packed, names, sizes)
    prove_shown(canvas, _texts(packed, names))
    return canvas


def _texts(packed: PackedSequence, names: dict[Piece, str]) -> dict[str, str]:
    """Return what must stand in the boxes: each row of data where pad_packed_sequence puts it."""
    rows = PackedSequence(torch.arange(len(packed.data)), *packed[1:])
    padded, lengths = pad_packed_sequence(rows, batch_first=True)
    by_row = {piece.row: name for piece, name in names.items()}
    texts = {f"data-{row}": name for row, name in by_row.items()}
    for n, t in product(*map(range, padded.shape)):
        if t < lengths[n]:
            texts[f"padded-n{n}-t{t}"] = by_row[int(padded[n, t])]
    texts |= {f"size-t{t}": str(size) for t, size in enumerate(packed.batch_sizes.tolist())}
    return texts


def _names(
    packed: PackedSequence, pieces: list[Piece], symbols: Sequence[str] | None
) -> dict[Piece, str]:
    """Return what to write in the box of each row of data."""
    if symbols is None:
        return {piece: f"[{piece.sequence}][{piece.step}]" for piece in pieces}
    ids = packed.data
    if ids.dim() == 2:
        one_hot = ((ids == 0) | (ids == 1)).all() and (ids.sum(1) == 1).all()
        if not one_hot or ids.shape[1] != len(symbols):
            raise ValueError(
                f"expected one-hot rows of {len(symbols)} numbers, one for each symbol, got data "
                f"of shape {tuple(ids.shape)}; leave symbols out for other data"
            )
        ids = ids.argmax(1)
    return {piece: symbols[int(ids[piece.row])] for piece in pieces}


def _draw_padded(canvas: Canvas, names: dict[Piece, str], lengths: list[int]) -> Matrix:
    """Draw the sequences in the caller's order, padded to the longest."""
    grid = Matrix(
        canvas, "padded-n{row}-t{column}", (len(lengths), max(lengths)), cell=CELL, gap=GAP
    )
    _name_columns(grid, "padded", "your order, padded")
    for sequence, length in enumerate(lengths):
        text, at = words(f"sequence {sequence}"), grid[sequence, 0].left
        canvas.write(f"name-{sequence}", text, at=at, gap=8, width=NAME)
        for step in range(length, max(lengths)):
            grid.fill(
                sequence,
                step,
                "pad",
                name=f"padding-n{sequence}-t{step}",
                colour="faint",
                look="dashed",
                classes="absent",
                fontcolor=COLOURS["faint"],
            )
    for piece in names:
        _draw_piece(grid, piece.sequence, piece.step, piece, names)
    return grid


def _draw_sorted(
    canvas: Canvas, names: dict[Piece, str], batch_sizes: list[int], padded: Matrix
) -> tuple[Matrix, Matrix]:
    """Draw the sequences longest first, and under each column how many there are."""
    shape = (batch_sizes[0], len(batch_sizes))
    at = padded[0, -1].middle.moved(right=padded.cell[0] + padded.gap[0] + BETWEEN)
    grid = Matrix(canvas, "sorted-k{row}-t{column}", shape, at=at, cell=CELL, gap=GAP)
    _name_columns(grid, "sorted", "sorted, cut into steps")
    for piece in names:
        _draw_piece(grid, piece.rank, piece.step, piece, names)
    at = grid[-1, 0].middle.moved(up=-41)
    sizes = Matrix(
        canvas, "size-t{column}", (1, len(batch_sizes)), at=at, cell=(CELL[0], 22.0), gap=GAP
    )
    for step, size in enumerate(batch_sizes):
        text = words(str(size), size=12, bold=True)
        sizes.fill(0, step, text, colour="ink", look="frame")
    sizes.name_rows("sizes-name", [words("batch_sizes")], width=66, gap=8)
    _draw_stairs(grid, batch_sizes)
    return grid, sizes


def _draw_stairs(grid: Matrix, batch_sizes: list[int]) -> None:
    """Draw the stairs at the foot of the columns, from the first step up to the last."""
    half = grid.gap[0] / 2
    points = [grid[-1, 0].grown(half).at(0, 0)]
    for step, (size, after) in enumerate(pairwise([*batch_sizes, 0])):
        if after < size:
            points.append(grid[size - 1, step].grown(half).at(1, 0))
            points.append(grid[after, step].grown(half).at(1, 1))
    start, *bends, end = points
    grid.canvas.arrow(
        start, end, via=bends, name="stairs", colour="ink", dir="none", penwidth="2.2"
    )


def _draw_ribbon(
    canvas: Canvas, packed: PackedSequence, names: dict[Piece, str], sizes: Matrix
) -> None:
    """Draw data as a ribbon, a group for each step, and an arrow into it from the step's column."""
    at, groups = (0.0, sizes.at[1] - 84), []
    for step, pieces in groupby(names, key=lambda piece: piece.step):
        boxes = _draw_group(canvas, list(pieces), names, at)
        group = boxes[0].to(boxes[-1])
        tail, head = sizes[0, step].bottom.moved(up=-1), group.top.moved(up=20)
        canvas.arrow(tail, head, name=f"lay-t{step}", colour="faint")
        text = words(f"step {step}")
        canvas.write(f"step-{step}", text, at=group.top, gap=2.5, width=boxes[0].width)
        at = (group.right.x + sizes.gap[0] + GROUPS + boxes[0].width / 2, at[1])
        groups.append(group)
    lines = [words("data", size=12, bold=True), words(str(tuple(packed.data.shape)))]
    canvas.write("data-name", lines, at=groups[0].left, gap=8, width=NAME)


def _draw_group(
    canvas: Canvas, pieces: list[Piece], names: dict[Piece, str], at: Position
) -> list[Box]:
    """Draw the rows of data that are one step, and under each its index."""
    line = Matrix(canvas, "", (1, len(pieces)), at=at, cell=CELL, gap=GAP)
    boxes = []
    for piece in pieces:
        box = _draw_piece(line, 0, piece.rank, piece, names, name=f"data-{piece.row}")
        text = words(str(piece.row))
        canvas.write(f"row-{piece.row}", text, at=box.bottom, gap=2.5, width=box.width)
        boxes.append(box)
    return boxes


def _draw_piece(
    grid: Matrix, row: int, column: int, piece: Piece, names: dict[Piece, str], *, name: str = ""
) -> Box:
    """Draw one step of one sequence, the lighter the higher the sequence's rank."""
    lightest = max(1, *(piece.rank for piece in names))
    share = 1.0 - 0.85 * piece.rank / lightest
    return grid.fill(row, column, names[piece], name=name, quantity="x", share=share)


def _name_columns(grid: Matrix, part: str, title: str) -> None:
    """Write a grid's title and the index of each step above it."""
    width = max(grid[0, :].width + grid.gap[0], 150.0)
    at = grid[0, 0].at(0, 1).moved(right=width / 2, up=32)
    grid.canvas.write(f"title-{part}", words(title, bold=True), at=at, width=width, align="left")
    texts = [words(str(step)) for step in range(grid.shape[1])]
    grid.name_columns(f"{part}-t{{column}}", texts, gap=3.5)


def _packing_alt(packed: PackedSequence, lengths: list[int]) -> str:
    """Describe the lengths, the fields, and what the stairs are."""
    sizes = ", ".join(map(str, packed.batch_sizes.tolist()))
    order = "None" if packed.sorted_indices is None else str(packed.sorted_indices.tolist())
    return (
        f"A batch of {len(lengths)} sequences of lengths {', '.join(map(str, lengths))}, padded, "
        f"then sorted and cut into steps. batch_sizes is {sizes}. data has {len(packed.data)} "
        "rows: step 0 of every sequence, the longest first, then step 1 of those that have one, "
        f"and so on. sorted_indices is {order}."
    )


def _packing_table(pieces: list[Piece], names: dict[Piece, str] | None) -> Table:
    """List the rows of data."""
    columns = ["row of data", "step", "place in sorted order", "sequence"]
    if names is None:
        return Table(columns, [tuple(piece) for piece in pieces])
    return Table([*columns, "symbol"], [(*piece, repr(names[piece])) for piece in pieces])
