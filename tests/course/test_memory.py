import pytest
import torch
from torch import nn

from rnn_figures.course import memory, memory_diagram
from rnn_figures.proofs import ProofError
from tests.drawing import drawing


def states(rows=4, batch=3, size=7):
    """h_n of a run, no two blocks alike."""
    gru = nn.GRU(5, size, num_layers=rows // 2, bidirectional=True)
    return gru(torch.randn(8, batch, 5))[1].detach()


def texts(diagram, name, rows, columns):
    nodes, _ = drawing(diagram)
    return [[nodes[f"memory-{name}-{r}-{c}"].text for c in range(columns)] for r in range(rows)]


def test_memory_diagram_draws_the_blocks_in_the_order_of_memory():
    h_n = states(rows=4, batch=2)

    (row,) = texts(memory_diagram(h_n), "memory", 1, 8)

    flat = h_n.flatten().view(8, -1)
    for text, block in zip(row, flat, strict=True):
        k, n = map(int, text.split(","))
        assert torch.equal(h_n[k, n], block)


@pytest.mark.parametrize(
    ("way", "made"),
    [
        (0, lambda h_n: h_n.view(3, -1)),
        (1, lambda h_n: h_n.permute(1, 0, 2).reshape(3, -1)),
    ],
)
def test_memory_diagram_puts_every_block_where_torch_has_it(way, made):
    h_n = states()

    blocks = texts(memory_diagram(h_n), f"way-{way}", 3, 4)

    for row, given in zip(blocks, made(h_n), strict=True):
        named = [h_n[tuple(map(int, text.split(",")))] for text in row]
        assert torch.equal(torch.cat(named), given)


def test_memory_diagram_says_which_rows_mix_sequences():
    nodes, _ = drawing(memory_diagram(states()))

    said = [[nodes[f"memory-said-{way}-{n}"].text for n in range(3)] for way in (0, 1)]
    assert said[0] == ["several sequences"] * 3
    assert said[1] == ["sequence 0", "sequence 1", "sequence 2"]


def test_memory_diagram_with_one_row_mixes_nothing():
    h_n = states(rows=2, batch=4)[:1]

    diagram = memory_diagram(h_n, sequence=2)

    nodes, _ = drawing(diagram)
    assert nodes["memory-said-0-2"].text == "sequence 2"
    assert "view(4, −1) has sequence 2 in row 2." in diagram.alt


def test_memory_diagram_refuses_blocks_that_are_elsewhere(monkeypatch):
    true = memory._compare
    monkeypatch.setattr(
        memory, "_compare", lambda h_n, blocks, given: true(h_n, blocks.flip(0), given)
    )

    with pytest.raises(ProofError, match="the rows"):
        memory_diagram(states())


def test_memory_diagram_refuses_states_that_lie_otherwise():
    with pytest.raises(ValueError, match=r"got \(3, 4, 7\), not contiguous"):
        memory_diagram(states().transpose(0, 1))


def test_memory_diagram_refuses_more_blocks_than_fit():
    with pytest.raises(ValueError, match="of 2 to 12 blocks"):
        memory_diagram(states(batch=4))


def test_memory_diagram_refuses_a_sequence_that_is_not_there():
    with pytest.raises(IndexError, match=r"0\.\.2, got 3"):
        memory_diagram(states(), sequence=3)
