"""Draw the two orders of a packed batch: the caller's, the sorted one, and the way back."""

from collections.abc import Iterator

from torch import nn
from torch.nn.utils.rnn import PackedSequence, unpack_sequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.course.packing.pieces import lengths_of, order_of
from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.tracing import trace

ROW = 40.0
"""From one sequence to the next."""

STEP = (15.0, 22.0)
"""Largest width of one step of a sequence in its bar, and height of the bar."""

LONGEST = 54.0
"""Width of the longest bar, if its steps are not too wide then."""

BETWEEN = 64.0
"""Between two columns: lines cross there."""

TITLE = 76.0
"""Width of a column's title."""

TWIN = 178.0
"""Width of the line below the results."""

MOST_SEQUENCES, MOST_STEPS = 12, 16
"""More than that do not fit."""


@checked
def sorting_diagram(module: nn.RNNBase, packed: PackedSequence) -> Diagram:
    """Draw where each sequence goes when it is packed, and that h_n comes back in order.

    Left the caller's order, in the middle the sorted one, right h_n in the caller's order: the
    lines are sorted_indices and unsorted_indices. The module reads the batch, then each sequence
    alone, and every h_n[:, n] is compared.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN that draws no dropout.
        packed: At most 12 sequences of at most 16 steps.

    Returns:
        The Diagram; its table has a row for each sequence in the caller's order.

    Raises:
        ValueError: there are more or longer sequences.
        ProofError: h_n is not in the caller's order.

    Examples:
        >>> import torch
        >>> from torch.nn.utils.rnn import pack_sequence
        >>> packed = pack_sequence([torch.zeros(n, 5) for n in (1, 3)], enforce_sorted=False)
        >>> sorting_diagram(nn.GRU(5, 3), packed).alt.split(". ")[1]
        'Sorted, longest first: sequence 1, 0'
    """
    lengths, order = lengths_of(packed), order_of(packed)
    if len(lengths) > MOST_SEQUENCES or max(lengths) > MOST_STEPS:
        raise ValueError(
            f"expected at most {MOST_SEQUENCES} sequences of at most {MOST_STEPS} steps, got "
            f"{len(lengths)} of up to {max(lengths)}; draw fewer or shorter ones"
        )
    back = order if packed.unsorted_indices is None else packed.unsorted_indices.tolist()
    rows = [(n, length, back[n], order[n]) for n, length in enumerate(lengths)]
    canvas = Canvas(
        "sorting",
        alt=_alt(lengths, order),
        data=Table(["sequence", "length", "unsorted_indices", "sorted_indices"], rows),
        proof=Proof(
            f"h_n[:, n] equal to {describe(module)} on sequence n alone",
            *_compare_with_each_alone(module, packed),
        ),
    )
    _draw_orders(canvas, lengths, order, back)
    expected = {f"given-{n}": str(n) for n in range(len(lengths))}
    expected |= {f"sorted-{back[n]}": str(n) for n in range(len(lengths))}
    expected |= {f"h_n-{n}": f"hn[:, {n}]" for n in range(len(lengths))}
    prove_shown(canvas, expected)
    return canvas


def _draw_orders(canvas: Canvas, lengths: list[int], order: list[int], back: list[int]) -> None:
    """Draw the three columns, and the lines from each to the next."""
    wide = min(STEP[0], LONGEST / max(lengths))
    pitch = max(lengths) * wide + BETWEEN
    _write_titles(canvas, pitch)
    given = []
    for n, length in enumerate(lengths):
        given.append(_draw_bar(canvas, f"given-{n}", n, (0.0, -n * ROW), length * wide))
        text = words(f"sequence {n}")
        canvas.write(f"name-{n}", text, at=given[n].left, gap=8, width=62)
    ranked = [
        _draw_bar(canvas, f"sorted-{rank}", n, (pitch, -rank * ROW), lengths[n] * wide)
        for rank, n in enumerate(order)
    ]
    results = [_draw_result(canvas, n, (2 * pitch, -n * ROW)) for n in range(len(lengths))]
    end = results[-1].at(1, 0).moved(right=-TWIN / 2, up=-12)
    text = words("each equal to its sequence alone")
    canvas.write("twins", text, at=end, width=TWIN, align="right")
    for rank, n in enumerate(order):
        _draw_line(canvas, given[n], ranked[rank])
    for n, rank in enumerate(back):
        _draw_line(canvas, ranked[rank], results[n])


def _compare_with_each_alone(module: nn.RNNBase, packed: PackedSequence) -> Iterator[Comparison]:
    """Compare h_n[:, n] with the h_n of a run of sequence n alone."""
    together = trace(module, packed).h_n
    for n, sequence in enumerate(unpack_sequence(packed)):
        alone = trace(module, sequence).h_n
        yield compare(f"h_n[:, {n}]", together[:, n], alone, within=tolerance(alone))


def _draw_bar(canvas: Canvas, name: str, n: int, left: tuple[float, float], wide: float) -> Box:
    """Draw a sequence as a bar, as long as it has steps, with its index in it."""
    at, size = (left[0] + wide / 2, left[1]), (wide, STEP[1])
    return canvas.box(name, words(str(n), bold=True), at=at, size=size, quantity="x")


def _draw_result(canvas: Canvas, n: int, left: tuple[float, float]) -> Box:
    """Draw h_n[:, n]."""
    at, text = (left[0] + 32, left[1]), symbol(f"h_n[:, {n}]")
    return canvas.box(
        f"h_n-{n}", text, at=at, size=(64, 24), quantity="h", look="solid", classes="final"
    )


def _draw_line(canvas: Canvas, tail: Box, head: Box) -> None:
    """Draw the way of one sequence from one order to the next."""
    ends = tail.right.moved(right=4), head.left.moved(right=-5)
    canvas.arrow(*ends, colour="faint", penwidth="1.6")


def _write_titles(canvas: Canvas, pitch: float) -> None:
    """Write what each column is, and the field that each set of lines shows."""
    for column, title in enumerate(("your order", "longest first", "your order")):
        at = (column * pitch + TITLE / 2, 52.0)
        canvas.write(f"title-{column}", words(title, bold=True), at=at, width=TITLE, align="left")
    for column, field in enumerate(("sorted_indices", "unsorted_indices"), start=1):
        at = (column * pitch - BETWEEN / 2, 28.0)
        canvas.write(field, words(field), at=at, width=BETWEEN + 30)


def _alt(lengths: list[int], order: list[int]) -> str:
    """Describe the lengths, the sorted order, and what was compared."""
    return (
        f"{len(lengths)} sequences of lengths {', '.join(map(str, lengths))}. Sorted, longest "
        f"first: sequence {', '.join(map(str, order))}. Lines cross to the sorted order and back; "
        "each h_n[:, n] is that of sequence n alone, so h_n is in the caller's order."
    )
