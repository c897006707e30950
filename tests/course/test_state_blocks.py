import pytest
import torch
from torch import nn

from rnn_figures.course import state_blocks, state_blocks_diagram
from rnn_figures.proofs import ProofError
from rnn_figures.traces.tracing import trace
from tests.drawing import drawing


@pytest.mark.parametrize(
    "module",
    [
        nn.LSTM(3, 8, num_layers=3, bidirectional=True, proj_size=5),
        nn.LSTM(3, 8, batch_first=True),
        nn.GRU(3, 8, num_layers=2),
        nn.RNN(3, 8, bidirectional=True, nonlinearity="relu"),
    ],
)
def test_state_blocks_diagram_names_the_layer_and_direction_of_every_block(module):
    diagram = state_blocks_diagram(module, batch=4)

    num_directions = 2 if module.bidirectional else 1
    for name, layer, direction, shape in diagram.data.rows:
        letter, row = str(name)[0], int(str(name)[4:-1])
        assert (layer, direction) == (
            row // num_directions,
            ("forward", "reverse")[row % num_directions],
        )
        width = (module.proj_size or 8) if letter == "h" else 8
        assert shape == str((4, width))


def test_state_blocks_diagram_agrees_with_a_state_that_is_set_by_hand():
    gru = nn.GRU(3, 8, num_layers=2, bidirectional=True)
    h_0 = torch.randn(4, 2, 8)

    rows = state_blocks_diagram(gru, batch=2).data.rows

    run = trace(gru, torch.randn(5, 2, 3), h_0)
    for row, (_, layer, direction, _) in enumerate(rows):
        place = int(str(layer)), int(direction == "reverse")
        assert torch.equal(run[place].h_0, h_0[row])


def test_state_blocks_diagram_has_a_box_for_each_row_and_sequence():
    diagram = state_blocks_diagram(nn.LSTM(3, 8, num_layers=3), batch=4)

    nodes, _ = drawing(diagram)
    boxes = {name for name in nodes if "-k" in name}
    assert boxes == {
        f"state-blocks-{letter}-k{row}-n{n}"
        for letter in "hc"
        for row in range(3)
        for n in range(4)
    }
    assert "h_0 is (3, 4, 8) and c_0 is (3, 4, 8)" in diagram.alt


def test_state_blocks_diagram_draws_no_cell_state_for_a_gru():
    diagram = state_blocks_diagram(nn.GRU(3, 8))

    nodes, _ = drawing(diagram)
    assert not [name for name in nodes if "-c-" in name]


def test_state_blocks_diagram_refuses_more_blocks_than_fit():
    with pytest.raises(ValueError, match="at most 8 layers and directions"):
        state_blocks_diagram(nn.GRU(3, 8, num_layers=9))


@pytest.mark.parametrize("module", [nn.LSTM(3, 8, num_layers=3), nn.GRU(3, 8, bidirectional=True)])
def test_state_blocks_diagram_refuses_names_of_other_layers(module, monkeypatch):
    true = state_blocks._owners
    monkeypatch.setattr(state_blocks, "_owners", lambda *found: true(*found)[::-1])

    with pytest.raises(ProofError, match=r"h_0\[0\]"):
        state_blocks_diagram(module, batch=2)
