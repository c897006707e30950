"""Draw a PackedSequence from its own fields: the padded grid, cut into steps, laid end to end."""

from collections.abc import Sequence

from torch.nn.utils.rnn import PackedSequence

from rnn_figures.course.packing.pieces import (
    Piece,
    compare_pieces,
    lengths_of,
    order_of,
    pieces_of,
)
from rnn_figures.diagrams.canvas import (
    Place,
    arrow,
    box,
    label,
    new_canvas,
    words,
    write,
)
from rnn_figures.diagrams.matrix import APART, CELL, cell_place, draw_cell
from rnn_figures.figures import Diagram, Table
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Proof

NAME = 76.0
"""Width of a row's name."""

BETWEEN = 96.0
"""Between the two grids: room for the lines that cross."""

GROUPS = 12.0
"""Between two steps in the ribbon."""


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
        >>> from torch.nn.utils.rnn import pack_sequence
        >>> packed = pack_sequence([torch.zeros(3, 5), torch.zeros(1, 5)])
        >>> packing_diagram(packed).alt.split(". ")[1]
        'batch_sizes is 2, 1, 1'
    """
    pieces = pieces_of(packed)
    names = _names(packed, pieces, symbols)
    lengths = lengths_of(packed)
    diagram = new_canvas(
        "packing",
        alt=_packing_alt(packed, lengths),
        data=_packing_table(pieces, names if symbols is not None else None),
        proof=Proof("every box compared with pad_packed_sequence", compare_pieces(packed, pieces)),
    )
    width = len(packed.batch_sizes) * (CELL[0] + APART)
    left = (NAME + CELL[0] / 2, 0.0)
    right = (left[0] + width + BETWEEN, 0.0)
    _draw_padded(diagram, pieces, names, lengths, left)
    _draw_sorted(diagram, packed, pieces, names, right)
    for place, sequence in enumerate(order_of(packed)):
        tail, head = cell_place(0, sequence, origin=left), cell_place(0, place, origin=right)
        start, end = left[0] + width - CELL[0] / 2 + 2, right[0] - CELL[0] / 2 - 4
        arrow(
            diagram,
            f"packing-padded-n{sequence}-t0",
            f"packing-sorted-k{place}-t0",
            name=f"packing-sort-{place}",
            points=[(start, tail[1]), (end, head[1])],
            colour="faint",
        )
    _draw_ribbon(diagram, packed, pieces, names, right)
    return diagram


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


def _draw_padded(
    diagram: Diagram,
    pieces: list[Piece],
    names: dict[Piece, str],
    lengths: list[int],
    origin: Place,
) -> None:
    """Draw the sequences in the caller's order, padded to the longest."""
    steps = max(lengths)
    _write_title(diagram, "padded", [words("your order, padded", bold=True)], origin, steps)
    for sequence, length in enumerate(lengths):
        x, y = cell_place(0, sequence, origin=origin)
        write(
            diagram,
            f"packing-name-{sequence}",
            [words(f"sequence {sequence}")],
            at=(x - CELL[0] / 2 - 8 - NAME / 2, y),
            width=NAME,
            align="right",
        )
        for step in range(length, steps):
            draw_cell(
                diagram,
                f"packing-padding-n{sequence}-t{step}",
                "pad",
                at=cell_place(step, sequence, origin=origin),
                colour="faint",
                look="dashed",
                class_="absent",
                fontcolor=COLOURS["faint"],
            )
    for piece in pieces:
        name = f"packing-padded-n{piece.sequence}-t{piece.step}"
        at = cell_place(piece.step, piece.sequence, origin=origin)
        _draw_piece(diagram, name, piece, names[piece], at, len(lengths))


def _draw_sorted(
    diagram: Diagram,
    packed: PackedSequence,
    pieces: list[Piece],
    names: dict[Piece, str],
    origin: Place,
) -> None:
    """Draw the sequences longest first, and under each column how many there are."""
    sizes = packed.batch_sizes.tolist()
    title = [words("sorted, cut into steps", bold=True)]
    _write_title(diagram, "sorted", title, origin, len(sizes))
    for piece in pieces:
        name = f"packing-sorted-k{piece.place}-t{piece.step}"
        at = cell_place(piece.step, piece.place, origin=origin)
        _draw_piece(diagram, name, piece, names[piece], at, sizes[0])
    for step, size in enumerate(sizes):
        x, y = cell_place(step, sizes[0], origin=origin)
        box(
            diagram,
            f"packing-size-t{step}",
            label(words(str(size), size=12, bold=True)),
            at=(x, y - 8),
            size=(CELL[0], 22),
            colour="ink",
            look="frame",
        )
    _draw_stairs(diagram, sizes, origin)
    x, y = cell_place(0, sizes[0], origin=origin)
    write(
        diagram,
        "packing-sizes-name",
        [words("batch_sizes")],
        at=(x - CELL[0] / 2 - 8 - NAME / 2, y - 8),
        width=NAME,
        align="right",
    )


def _draw_stairs(diagram: Diagram, sizes: list[int], origin: Place) -> None:
    """Draw the stairs at the foot of the columns, from the first step up to the last."""
    half_x, half_y = (CELL[0] + APART) / 2, (CELL[1] + APART) / 2
    points = []
    for step, (size, after) in enumerate(zip(sizes, [*sizes[1:], 0], strict=True)):
        x, foot = cell_place(step, size - 1, origin=origin)
        if step == 0:
            points.append((x - half_x, foot - half_y))
        if after < size:
            _, top = cell_place(step, after - 1, origin=origin)
            points += [(x + half_x, foot - half_y), (x + half_x, top - half_y)]
    arrow(
        diagram,
        f"packing-sorted-k{sizes[0] - 1}-t0",
        f"packing-sorted-k0-t{len(sizes) - 1}",
        name="packing-stairs",
        points=points,
        colour="ink",
        dir="none",
        penwidth="2.2",
    )


def _draw_ribbon(
    diagram: Diagram,
    packed: PackedSequence,
    pieces: list[Piece],
    names: dict[Piece, str],
    above: Place,
) -> None:
    """Draw data as a ribbon, a group for each step, and an arrow into it from the step's column."""
    sizes = packed.batch_sizes.tolist()
    column = cell_place(0, sizes[0], origin=above)[1] - 8
    y = column - 84
    group = NAME + CELL[0] / 2
    for step, size in enumerate(sizes):
        for piece in (piece for piece in pieces if piece.step == step):
            name, x = f"packing-data-{piece.row}", group + piece.place * (CELL[0] + APART)
            _draw_piece(diagram, name, piece, names[piece], (x, y), sizes[0])
            text, at = [words(str(piece.row))], (x, y - CELL[1] / 2 - 10)
            write(diagram, f"packing-row-{piece.row}", text, at=at, width=CELL[0])
        middle = group + (size - 1) * (CELL[0] + APART) / 2
        x = cell_place(step, 0, origin=above)[0]
        arrow(
            diagram,
            f"packing-size-t{step}",
            f"packing-data-{sum(sizes[:step])}",
            name=f"packing-lay-t{step}",
            points=[(x, column - 12), (middle, y + CELL[1] / 2 + 20)],
            colour="faint",
        )
        text, at = [words(f"step {step}")], (middle, y + CELL[1] / 2 + 10)
        write(diagram, f"packing-step-{step}", text, at=at, width=CELL[0])
        group += size * (CELL[0] + APART) + GROUPS
    text = [words("data", size=12, bold=True), words(str(tuple(packed.data.shape)))]
    at = (NAME / 2 - 8, y)
    write(diagram, "packing-data-name", text, at=at, width=NAME, align="right")


def _draw_piece(
    diagram: Diagram, name: str, piece: Piece, text: str, at: Place, count: int
) -> None:
    """Draw one step of one sequence, shaded by the sequence's place in sorted order."""
    share = 1.0 - 0.85 * piece.place / max(1, count - 1)
    draw_cell(diagram, name, text, at=at, colour="x", share=share, class_="q-x")


def _write_title(diagram: Diagram, part: str, lines: list[str], origin: Place, steps: int) -> None:
    """Write a grid's title and the number of each step above it."""
    width = max(steps * (CELL[0] + APART), 150.0)
    left = origin[0] - CELL[0] / 2
    at = (left + width / 2, origin[1] + CELL[1] / 2 + 32)
    write(diagram, f"packing-title-{part}", lines, at=at, width=width, align="left")
    for step in range(steps):
        x, y = cell_place(step, 0, origin=origin)
        at = (x, y + CELL[1] / 2 + 11)
        write(diagram, f"packing-{part}-t{step}", [words(str(step))], at=at, width=CELL[0])


def _packing_alt(packed: PackedSequence, lengths: list[int]) -> str:
    """Say the lengths, the fields, and what the stairs are."""
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
