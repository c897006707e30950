"""Draw the two orders of a packed batch: the caller's, the sorted one, and the way back."""

from collections.abc import Iterator

from torch import nn
from torch.nn.utils.rnn import PackedSequence, unpack_sequence

from rnn_figures.configurations import describe
from rnn_figures.course.packing.pieces import lengths_of, order_of
from rnn_figures.diagrams.canvas import Place, arrow, box, label, new_canvas, symbol, words, write
from rnn_figures.figures import Diagram, Table
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.tracing import TOLERANCE, trace

ROW = 40.0
"""From one sequence to the next."""

STEP = (17.0, 22.0)
"""Width of one step of a sequence in its bar, and height of the bar."""

BETWEEN = 104.0
"""Between two columns: room for the lines that cross."""

NAME = 80.0
"""Width of a sequence's name."""

TAG = (64.0, 24.0)
"""Size of h_n[:, n]."""

MOST_SEQUENCES, MOST_STEPS = 12, 16
"""More than that do not fit."""


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
    diagram = new_canvas(
        "sorting",
        alt=_alt(lengths, order),
        data=Table(["sequence", "length", "unsorted_indices", "sorted_indices"], rows),
        proof=Proof(
            f"h_n[:, n] equal to {describe(module)} on sequence n alone",
            *_compare_with_each_alone(module, packed),
        ),
    )
    _draw_orders(diagram, lengths, order, back)
    return diagram


def _draw_orders(diagram: Diagram, lengths: list[int], order: list[int], back: list[int]) -> None:
    """Draw the three columns, and the lines from each to the next."""
    bar = max(lengths) * STEP[0]
    columns = (NAME + 10, NAME + 10 + bar + BETWEEN, NAME + 10 + 2 * (bar + BETWEEN))
    _write_titles(diagram, columns, bar)
    for n, length in enumerate(lengths):
        at = (columns[0] + length * STEP[0] / 2, -n * ROW)
        _draw_bar(diagram, f"sorting-given-{n}", n, length, at)
        name = (columns[0] - 8 - NAME / 2, -n * ROW)
        text = [words(f"sequence {n}")]
        write(diagram, f"sorting-name-{n}", text, at=name, width=NAME, align="right")
    for place, n in enumerate(order):
        at = (columns[1] + lengths[n] * STEP[0] / 2, -place * ROW)
        _draw_bar(diagram, f"sorting-sorted-{place}", n, lengths[n], at)
        start = columns[0] + lengths[n] * STEP[0] + 4
        line = [(start, -n * ROW), (columns[1] - 5, -place * ROW)]
        _draw_line(diagram, f"sorting-given-{n}", f"sorting-sorted-{place}", line)
    for n, place in enumerate(back):
        _draw_result(diagram, n, (columns[2] + TAG[0] / 2, -n * ROW))
        start = columns[1] + lengths[n] * STEP[0] + 4
        line = [(start, -place * ROW), (columns[2] - 5, -n * ROW)]
        _draw_line(diagram, f"sorting-sorted-{place}", f"sorting-h_n-{n}", line)


def _compare_with_each_alone(module: nn.RNNBase, packed: PackedSequence) -> Iterator[Comparison]:
    """Hold h_n[:, n] to the h_n of a run of sequence n alone."""
    together = trace(module, packed).h_n
    for n, sequence in enumerate(unpack_sequence(packed)):
        alone = trace(module, sequence).h_n
        yield compare(f"h_n[:, {n}]", together[:, n], alone, within=TOLERANCE[alone.dtype])


def _draw_bar(diagram: Diagram, name: str, n: int, length: int, at: Place) -> None:
    """Draw a sequence as a bar, as long as it has steps, with its number in it."""
    text = label(words(str(n), bold=True))
    box(
        diagram,
        name,
        text,
        at=at,
        size=(length * STEP[0], STEP[1]),
        colour="x",
        class_="q-x",
    )


def _draw_result(diagram: Diagram, n: int, at: Place) -> None:
    """Draw h_n[:, n], and that it is what the sequence alone gives."""
    text = label(symbol(f"h_n[:, {n}]"))
    name = f"sorting-h_n-{n}"
    box(diagram, name, text, at=at, size=TAG, colour="h", look="solid", class_="q-h final")
    beside = (at[0] + TAG[0] / 2 + 8 + 62, at[1])
    text = [words(f"= sequence {n} alone")]
    write(diagram, f"{name}-twin", text, at=beside, width=124, align="left")


def _draw_line(diagram: Diagram, tail: str, head: str, points: list[Place]) -> None:
    """Draw the way of one sequence from one order to the next."""
    name = f"{tail}-on"
    arrow(diagram, tail, head, name=name, points=points, colour="faint", penwidth="1.6")


def _write_titles(diagram: Diagram, columns: tuple[float, float, float], bar: float) -> None:
    """Write what each column is, and the field that each set of lines shows."""
    titles = ("your order", "longest first", "your order again")
    for x, title in zip(columns, titles, strict=True):
        at = (x + 60, 52)
        name = f"sorting-title-{title.replace(' ', '-')}"
        write(diagram, name, [words(title, bold=True)], at=at, width=120, align="left")
    for x, field in zip(columns[1:], ("sorted_indices", "unsorted_indices"), strict=True):
        at = (x - BETWEEN / 2, 28)
        write(diagram, f"sorting-{field}", [words(field)], at=at, width=BETWEEN + 30)


def _alt(lengths: list[int], order: list[int]) -> str:
    """Say the lengths, the sorted order, and what was compared."""
    return (
        f"{len(lengths)} sequences of lengths {', '.join(map(str, lengths))}. Sorted, longest "
        f"first: sequence {', '.join(map(str, order))}. Lines cross to the sorted order and back; "
        "each h_n[:, n] is that of sequence n alone, so h_n is in the caller's order."
    )
