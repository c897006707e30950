"""Draw where the blocks of h_n lie in memory, and what `view` and `permute` make of them."""

from itertools import product

import torch
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.diagrams.boxes import Position
from rnn_figures.diagrams.canvas import Canvas, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import plural
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.selection import sequence_index

BLOCK = (30.0, 22.0)
"""Size of a block: the numbers of one row of h_n for one sequence."""

GAP = 3.0
"""Between two blocks."""

ROW_NAME = 76.0
"""Width of a row's name."""

TITLE = 300.0
"""Width of what is written above."""

MOST = 12
"""Most blocks: more are not seen at once on a phone."""


@checked
def memory_diagram(h_n: Tensor, *, sequence: int = 1) -> Diagram:
    """Draw h_n, the order of its blocks in memory, and two ways to a row for each sequence.

    A block is what one row of h_n holds of one sequence. `view(N, -1)` keeps the order of memory
    and cuts it anew; `permute(1, 0, 2).reshape(N, -1)` brings the blocks of a sequence together.

    Args:
        h_n: The states that a module returned for a batch, of shape (rows, N, H); contiguous, at
            most 12 blocks.
        sequence: Which sequence is drawn solid, to be followed.

    Returns:
        The Diagram; its table has a line for each block: where it is in each of the three.

    Raises:
        IndexError: there is no such sequence.
        ValueError: h_n has other axes, too many blocks, or lies otherwise in memory.
        ProofError: a block is not where it is drawn.

    Examples:
        >>> memory_diagram(torch.randn(4, 3, 7)).alt.split(". ")[2]
        'view(3, −1) has sequence 1 in rows 0, 1 and 2'
    """
    if h_n.dim() != 3 or not 2 <= h_n.shape[0] * h_n.shape[1] <= MOST or not h_n.is_contiguous():
        raise ValueError(
            f"expected contiguous states of shape (rows, N, H), of 2 to {MOST} blocks, got "
            f"{tuple(h_n.shape)}{'' if h_n.is_contiguous() else ', not contiguous'}"
        )
    rows, count, _ = h_n.shape
    sequence = sequence_index(sequence, count)
    # a number for each block, moved as torch moves the states
    blocks = torch.arange(rows * count).view(rows, count, 1)
    ways = {
        f"h_n.view({count}, −1)": blocks.view(count, rows),
        f"h_n.permute(1, 0, 2).reshape({count}, −1)": blocks.permute(1, 0, 2).reshape(count, rows),
    }
    cut, moved = ways.values()
    canvas = Canvas(
        "memory",
        alt=_alt(h_n, cut, sequence),
        data=_table(rows, count, cut, moved),
        proof=Proof(
            "every block where torch's own view and permute put it",
            _compare(h_n.detach(), cut, h_n.detach().view(count, -1)),
            _compare(h_n.detach(), moved, h_n.detach().permute(1, 0, 2).reshape(count, -1)),
        ),
    )
    _draw(canvas, blocks[..., 0], ways, sequence)
    return canvas


def _compare(h_n: Tensor, blocks: Tensor, given: Tensor) -> Comparison:
    """Compare rows put together from the blocks of h_n with what torch gave."""
    each = h_n.flatten(0, 1)
    return compare("the rows", torch.stack([each[row].flatten() for row in blocks]), given)


def _draw(canvas: Canvas, blocks: Tensor, ways: dict[str, Tensor], sequence: int) -> None:
    """Draw h_n, the strip of memory, and the two matrices made of it."""
    rows, count = blocks.shape
    down, left = BLOCK[1] + GAP, -ROW_NAME - 8
    names, columns = [f"h_n[{row}]" for row in range(rows)], [f"n = {n}" for n in range(count)]
    matrix = _draw_blocks(canvas, "h-n", blocks, count, sequence, (0.0, 0.0))
    matrix.name_rows("h-n-row-{row}", [words(text) for text in names], width=ROW_NAME, gap=6)
    matrix.name_columns("h-n-column-{column}", [words(text) for text in columns])
    y = matrix[-1, 0].y - 2.2 * down
    _draw_blocks(canvas, "memory", blocks.reshape(1, -1), count, sequence, (left, y))
    _write_title(canvas, "title-memory", "in memory, one block after the other", y)
    for way, (code, cells) in enumerate(ways.items()):
        y -= 2.4 * down
        _write_title(canvas, f"title-{way}", code, y)
        matrix = _draw_blocks(canvas, f"way-{way}", cells, count, sequence, (0.0, y))
        texts = [words(f"row {n}") for n in range(count)]
        matrix.name_rows(f"way-{way}-row-{{row}}", texts, width=ROW_NAME, gap=6)
        for n, row in enumerate(cells):
            mixed = len({int(block) % count for block in row}) > 1
            text = words("several sequences" if mixed else f"sequence {n}")
            x = (rows - 0.5) * (BLOCK[0] + GAP) + 62
            canvas.write(f"said-{way}-{n}", text, at=(x, y - n * down), width=108, align="left")
        y = matrix[-1, 0].y


def _write_title(canvas: Canvas, name: str, text: str, y: float) -> None:
    """Write what is drawn, above a first row of blocks at a height."""
    at = (-ROW_NAME - 8 - BLOCK[0] / 2 + TITLE / 2, y + BLOCK[1] + 3)
    canvas.write(name, words(text, bold=True), at=at, width=TITLE, align="left")


def _draw_blocks(
    canvas: Canvas, name: str, blocks: Tensor, count: int, sequence: int, at: Position
) -> Matrix:
    """Draw a matrix of blocks of `count` sequences, the followed one solid."""
    shape = (blocks.shape[0], blocks.shape[1])
    matrix = Matrix(canvas, f"{name}-{{row}}-{{column}}", shape, at=at, cell=BLOCK, gap=GAP)
    for row, column in product(range(shape[0]), range(shape[1])):
        k, n = divmod(int(blocks[row, column]), count)
        look = {"look": "solid", "fontcolor": COLOURS["paper"]} if n == sequence else {}
        matrix.fill(row, column, f"{k},{n}", quantity="h", **look)
    return matrix


def _table(rows: int, count: int, cut: Tensor, moved: Tensor) -> Table:
    """List the blocks: where each is in memory, after `view` and after `permute`."""
    found = []
    for k, n in product(range(rows), range(count)):
        block = k * count + n
        where = [tuple((way == block).nonzero()[0].tolist()) for way in (cut, moved)]
        found.append((f"h_n[{k}, {n}]", block, *(f"row {r}, block {b}" for r, b in where)))
    return Table(["block", "in memory", "view", "permute, reshape"], found)


def _alt(h_n: Tensor, cut: Tensor, sequence: int) -> str:
    """Describe the order in memory, and in which rows `view` puts one sequence."""
    rows, count, _ = h_n.shape
    mixed = sorted({int(row) for row, _ in (cut % count == sequence).nonzero()})
    told = " and ".join(filter(None, [", ".join(map(str, mixed[:-1])), str(mixed[-1])]))
    return (
        f"h_n of shape {tuple(h_n.shape)} as {rows} rows of {count} blocks, one for each sequence. "
        f"In memory row follows row: all sequences of row 0, then of row 1. view({count}, −1) has "
        f"sequence {sequence} in {plural('row', len(mixed))} {told}. "
        f"permute(1, 0, 2).reshape({count}, −1) has all {rows} blocks of it in row {sequence}."
    )
