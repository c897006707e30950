"""Read a PackedSequence: which step of which sequence each row of data is. Nothing here draws."""

from typing import NamedTuple

import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

MOST_STEPS = 30
"""Steps of all sequences together: more do not fit a ribbon."""


class Piece(NamedTuple):
    """One row of packed.data.

    Attributes:
        row: Its number in data.
        step: The step that it is.
        place: Its sequence's place in sorted order, 0 for the longest.
        sequence: Its sequence's number in the caller's order.
    """

    row: int
    step: int
    place: int
    sequence: int


def pieces_of(packed: PackedSequence) -> list[Piece]:
    """Return what each row of data is, compared with what pad_packed_sequence makes of it.

    Raises:
        ValueError: there are more than 30 rows, or the fields contradict one another, as they do
            after a length that was too long.
    """
    sizes = packed.batch_sizes.tolist()
    rows = len(packed.data)
    if sum(sizes) != rows:
        raise ValueError(
            f"expected as many rows of data as batch_sizes has in all, {sum(sizes)}, got {rows}; "
            "a length was longer than the padded sequence: pack again with lengths that fit"
        )
    if rows > MOST_STEPS:
        raise ValueError(
            f"expected at most {MOST_STEPS} steps in all, got {rows}; draw fewer or shorter "
            "sequences"
        )
    order = order_of(packed)
    pieces, row = [], 0
    padded, _ = pad_packed_sequence(packed)
    for step, size in enumerate(sizes):
        for place in range(size):
            piece = Piece(row, step, place, order[place])
            if not torch.equal(padded[step, piece.sequence], packed.data[row]):
                raise ValueError(
                    f"row {row} of data is not step {step} of sequence {piece.sequence}; the "
                    "fields of this PackedSequence contradict one another"
                )
            pieces.append(piece)
            row += 1
    return pieces


def order_of(packed: PackedSequence) -> list[int]:
    """Return the caller's number of each place in sorted order."""
    count = int(packed.batch_sizes[0])
    return list(range(count)) if packed.sorted_indices is None else packed.sorted_indices.tolist()


def lengths_of(packed: PackedSequence) -> list[int]:
    """Return the length of each sequence, in the caller's order."""
    return pad_packed_sequence(packed)[1].tolist()
