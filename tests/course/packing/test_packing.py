import re
from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

from rnn_figures.course import last_step_diagram, packing_diagram, sorting_diagram
from rnn_figures.course.packing import last_steps, pieces, sorting
from rnn_figures.course.packing.pieces import lengths_of, order_of, pieces_of
from rnn_figures.proofs import ProofError
from rnn_figures.traces.agreement import TraceMismatchError
from rnn_figures.traces.tracing import trace
from tests.drawing import Node, drawing, texts_that_clash

LENGTHS = (3, 7, 2, 5)
WORDS, LETTERS = ("cat", "a", "to"), "acot"


def packed_words():
    rows = [torch.eye(4)[[LETTERS.index(letter) for letter in word]] for word in WORDS]
    return pack_sequence(rows, enforce_sorted=False)


def packed_batch(lengths=LENGTHS):
    return pack_sequence([torch.randn(n, 3) for n in lengths], enforce_sorted=False)


def named(diagram, pattern: str) -> dict[str, Node]:
    """The nodes whose whole name matches."""
    nodes, _ = drawing(diagram)
    return {name: node for name, node in nodes.items() if re.fullmatch(pattern, name)}


@pytest.mark.parametrize("lengths", list(product(range(1, 6), repeat=3)))
def test_pieces_of_says_which_step_each_row_of_data_is(lengths):
    sequences = [torch.randn(n, 2) for n in lengths]
    packed = pack_sequence(sequences, enforce_sorted=False)

    pieces = pieces_of(packed)

    assert lengths_of(packed) == list(lengths)
    assert [piece.row for piece in pieces] == list(range(sum(lengths)))
    for piece in pieces:
        assert torch.equal(packed.data[piece.row], sequences[piece.sequence][piece.step])
        assert order_of(packed)[piece.rank] == piece.sequence


def test_pieces_of_refuses_fields_that_contradict_one_another():
    packed = pack_padded_sequence(torch.randn(4, 2, 3), [5, 4])

    with pytest.raises(ValueError, match="as batch_sizes has in all, 9, got 8"):
        pieces_of(packed)


def test_packing_diagram_refuses_indices_of_another_batch():
    packed = packed_batch()
    other = packed._replace(unsorted_indices=torch.arange(4))

    with pytest.raises(ProofError, match="rows of data"):
        packing_diagram(other)


def test_packing_diagram_refuses_boxes_that_are_other_steps(monkeypatch):
    monkeypatch.setattr(pieces, "order_of", lambda packed: [0, 1, 2, 3])

    with pytest.raises(ProofError, match="rows of data"):
        packing_diagram(packed_batch())


def test_pieces_of_refuses_more_steps_than_fit():
    with pytest.raises(ValueError, match="at most 30 steps in all, got 31"):
        pieces_of(packed_batch((20, 11)))


def test_packing_diagram_has_every_step_three_times_and_the_padding_once():
    diagram = packing_diagram(packed_batch())

    assert len(named(diagram, r"packing-padded-n\d-t\d")) == sum(LENGTHS)
    assert len(named(diagram, r"packing-sorted-k\d-t\d")) == sum(LENGTHS)
    assert len(named(diagram, r"packing-data-\d+")) == sum(LENGTHS)
    assert len(named(diagram, r"packing-padding-n\d-t\d")) == 4 * max(LENGTHS) - sum(LENGTHS)


def test_packing_diagram_stairs_are_as_high_as_batch_sizes():
    packed = packed_batch()

    diagram = packing_diagram(packed)

    heights = [len(named(diagram, rf"packing-sorted-k\d-t{t}")) for t in range(max(LENGTHS))]
    assert heights == packed.batch_sizes.tolist()
    written = named(diagram, r"packing-size-t\d")
    assert [int(node.text) for node in written.values()] == heights


def test_packing_diagram_lays_data_from_left_to_right():
    packed = packed_words()

    diagram = packing_diagram(packed, symbols=LETTERS)

    ribbon = sorted(named(diagram, r"packing-data-\d+").items(), key=lambda item: item[1].x)
    assert [name for name, _ in ribbon] == [f"packing-data-{row}" for row in range(6)]
    spelt = [LETTERS[int(row.argmax())] for row in packed.data]
    assert [node.text for _, node in ribbon] == spelt


def test_packing_diagram_lists_the_rows_of_data():
    diagram = packing_diagram(packed_words(), symbols=LETTERS)

    assert diagram.data.rows[1] == (1, 0, 1, 2, "'t'")  # row 1 is step 0 of "to", sequence 2
    assert "batch_sizes is 3, 2, 1" in diagram.alt
    assert "sorted_indices is [0, 2, 1]" in diagram.alt


def test_packing_diagram_reads_ids_and_a_batch_that_needed_no_sorting():
    diagram = packing_diagram(
        pack_sequence([torch.tensor([2, 0]), torch.tensor([1])]), symbols="abc"
    )

    assert [row[-1] for row in diagram.data.rows] == ["'c'", "'b'", "'a'"]
    assert "sorted_indices is None" in diagram.alt


def test_packing_diagram_refuses_symbols_for_data_that_is_not_one_hot():
    with pytest.raises(ValueError, match="expected one-hot rows of 3 numbers"):
        packing_diagram(packed_batch(), symbols="abc")


@pytest.mark.parametrize("module", [nn.LSTM(3, 8, 2), nn.GRU(3, 8, bidirectional=True)])
def test_sorting_diagram_lines_are_the_indices_there_and_back(module):
    packed = packed_batch()

    diagram = sorting_diagram(module, packed)

    there = {(f"sorting-given-{n}", f"sorting-sorted-{k}") for k, n in enumerate((1, 3, 0, 2))}
    back = {(f"sorting-sorted-{k}", f"sorting-h_n-{n}") for n, k in enumerate((2, 0, 3, 1))}
    _, arrows = drawing(diagram)
    assert {(arrow.tail, arrow.head) for arrow in arrows} == there | back
    assert order_of(packed) == [1, 3, 0, 2]
    assert order_of(packed._replace(sorted_indices=packed.unsorted_indices)) == [2, 0, 3, 1]


def test_sorting_diagram_refuses_a_module_that_leaves_h_n_sorted():
    class Sorted(nn.GRU):
        def forward(self, input, hx=None):
            output, h_n = super().forward(input, hx)
            order = getattr(input, "sorted_indices", None)
            return output, h_n if order is None else h_n[:, order]

    with pytest.raises(TraceMismatchError):
        sorting_diagram(Sorted(3, 8), packed_batch())


def test_sorting_diagram_refuses_an_h_n_in_another_order(monkeypatch):
    def sorted_trace(module, input):
        run = trace(module, input)
        return run if not run.packed else replace(run, h_n=run.h_n[:, order_of(input)])

    monkeypatch.setattr(sorting, "trace", sorted_trace)

    with pytest.raises(ProofError, match=r"h_n\[:, 0\]"):
        sorting_diagram(nn.GRU(3, 8), packed_batch())


def test_sorting_diagram_refuses_more_than_fits():
    with pytest.raises(ValueError, match="at most 12 sequences of at most 16 steps"):
        sorting_diagram(nn.GRU(3, 8), packed_batch((17, 2)))


@pytest.mark.parametrize("module", [nn.LSTM(3, 8, 2), nn.GRU(3, 8, bidirectional=True)])
def test_last_step_diagram_rings_what_h_n_holds(module):
    packed = packed_batch()

    diagram = last_step_diagram(module, packed)

    run = trace(module, packed)
    held = run.h_n[-run.num_directions].norm(dim=-1)
    assert [row[3] for row in diagram.data.rows] == pytest.approx(held.tolist(), abs=1e-6)
    boxes = named(diagram, r"last-output-n\d-t\d")
    ringed = {name for name, node in boxes.items() if node.drawn["penwidth"] == "2.4"}
    assert ringed == {f"last-output-n{n}-t{end - 1}" for n, end in enumerate(LENGTHS)}


def test_last_step_diagram_shows_zeros_where_the_last_column_is_padding():
    diagram = last_step_diagram(nn.LSTM(3, 8), packed_batch())

    last = [row[2] for row in diagram.data.rows]
    assert [value == 0 for value in last] == [True, False, True, True]
    assert "sequences 0, 2, 3 are all zeros" in diagram.alt


def test_last_step_diagram_refuses_rings_that_are_not_h_n(monkeypatch):
    def another(module, input):
        run = trace(module, input)
        return replace(run, h_n=run.h_n.roll(1, 1))

    monkeypatch.setattr(last_steps, "trace", another)

    with pytest.raises(ProofError, match="ringed steps"):
        last_step_diagram(nn.LSTM(3, 8), packed_batch())


def test_last_step_diagram_refuses_norms_that_are_not_the_module_s(monkeypatch):
    true = last_steps._norms
    monkeypatch.setattr(last_steps, "_norms", lambda padded: true(padded) * 1.001)

    with pytest.raises(ProofError, match="norms of sequence 0"):
        last_step_diagram(nn.LSTM(3, 8), packed_batch())


def test_last_step_diagram_refuses_more_boxes_than_fit():
    with pytest.raises(ValueError, match="at most 60 boxes"):
        last_step_diagram(nn.LSTM(3, 8), packed_batch((20, 3, 4, 5)))


@pytest.mark.parametrize(
    "diagram",
    [
        packing_diagram(packed_words(), symbols=LETTERS),
        packing_diagram(packed_batch()),
        sorting_diagram(nn.LSTM(3, 8), packed_batch()),
        last_step_diagram(nn.LSTM(4, 3), packed_words()),
    ],
    ids=["words", "batch", "sorting", "last"],
)
def test_packing_diagrams_cut_no_text_and_write_none_over_another(diagram):
    assert texts_that_clash(drawing(diagram)[0]) == []
