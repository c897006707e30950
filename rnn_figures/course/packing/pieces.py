"""Read a PackedSequence: which step of which sequence each row of data is. Nothing here draws."""

from typing import NamedTuple

from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.proofs import Comparison, compare

MOST_STEPS = 30
"""Steps of all sequences together: more do not fit a ribbon."""


class Piece(NamedTuple):
    """One row of packed.data.

    Attributes:
        row: Its number in data.
        step: The step that it is.
        rank: Its sequence's index in sorted order, 0 for the longest.
        sequence: Its sequence's number in the caller's order.
    """

    row: int
    step: int
    rank: int
    sequence: int


def pieces_of(packed: PackedSequence) -> list[Piece]:
    """Return what each row of data is; ValueError for more than 30, or not those of batch_sizes."""
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
    ranks = [(step, rank) for step, size in enumerate(sizes) for rank in range(size)]
    return [Piece(row, step, rank, order[rank]) for row, (step, rank) in enumerate(ranks)]


def compare_pieces(packed: PackedSequence, pieces: list[Piece]) -> Comparison:
    """Compare each row of data with the step of pad_packed_sequence that it is said to be."""
    padded, _ = pad_packed_sequence(packed)
    steps, sequences = [[piece.step for piece in pieces], [piece.sequence for piece in pieces]]
    return compare("rows of data", packed.data, padded[steps, sequences])


def order_of(packed: PackedSequence) -> list[int]:
    """Return the caller's index of each sequence, in sorted order."""
    count = int(packed.batch_sizes[0])
    return list(range(count)) if packed.sorted_indices is None else packed.sorted_indices.tolist()


def lengths_of(packed: PackedSequence) -> list[int]:
    """Return the length of each sequence, in the caller's order."""
    return pad_packed_sequence(packed)[1].tolist()
