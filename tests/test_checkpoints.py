"""compare: what moved between two models, and that nothing did."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import rnn_figures
from rnn_figures import Moved, compare, set_forget_bias, trace

X = torch.randn(9, 2, 5, generator=torch.Generator().manual_seed(0))


def changed(model: nn.LSTM) -> nn.LSTM:
    """Return a copy whose forward forget gate of layer 1 keeps longer in unit 2."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.get_parameter("bias_ih_l1")[4 + 2] += 3.0  # i, f, g, o of 4 units each
    return other


@pytest.fixture(scope="module")
def lstm() -> nn.LSTM:
    torch.manual_seed(0)
    return nn.LSTM(5, 4, num_layers=2, bidirectional=True)


def test_equal_models_moved_nothing(lstm):
    moved = compare(lstm, copy.deepcopy(lstm), X)

    assert moved.nothing
    assert moved.headline == "4 layers on 18 steps: nothing moved."
    assert str(moved) == moved.headline
    assert all(row[6] == 0 for row in moved.to_table().rows)


def test_what_moved_is_named(lstm):
    moved = compare(lstm, changed(lstm), X)

    places = {(c.layer, c.direction) for c in moved.changes if c.is_move}
    assert places == {(1, 0)}
    (gate,) = [c for c in moved.changes if (c.layer, c.direction, c.quantity) == (1, 0, "f")]
    assert gate.unit == 2
    (time,) = [
        c for c in moved.changes if (c.layer, c.direction, c.quantity) == (1, 0, "forgetting time")
    ]
    assert time.unit == 2
    assert time.after[2] > 2 * time.before[2]
    assert "1 of 4 moved" in moved.headline


def test_numbers_are_those_of_the_traces(lstm):
    other = changed(lstm)
    before, after = (trace(model, X)[1, 0].f.double() for model in (lstm, other))

    moved = compare(lstm, other, X)

    (gate,) = [c for c in moved.changes if (c.layer, c.direction, c.quantity) == (1, 0, "f")]
    assert np.allclose(gate.before, before.mean((0, 1)), atol=1e-12)
    assert np.allclose(gate.moved, (after - before).abs().mean((0, 1)), atol=1e-12)
    assert gate.largest == pytest.approx(float((after - before).abs().max()), abs=1e-12)
    (time,) = [
        c for c in moved.changes if (c.layer, c.direction, c.quantity) == (1, 0, "forgetting time")
    ]
    assert np.allclose(time.before, -1 / before.log().mean((0, 1)), rtol=1e-9)


def test_padding_does_not_count():
    gru, lengths = nn.GRU(5, 3), [9, 4]
    packed = pack_padded_sequence(X, lengths)

    moved = compare(gru, copy.deepcopy(gru), packed)

    assert moved.nothing
    assert moved.steps == sum(lengths)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_every_kind_is_drawn(kind):
    moved = compare(kind(5, 3), kind(5, 3), X)

    plot = moved.to_plot()

    assert plot.proof is not None
    assert plot.proof.holds
    assert moved.headline in plot.alt
    assert plot.data.rows == moved.to_table().rows
    assert len(moved.unit_table()) == 3 * len(moved.changes)


def test_a_file_that_needs_nothing_else(lstm):
    page = compare(lstm, changed(lstm), X).to_html()

    assert "1 of 4 moved" in page
    assert "script-src 'none'" in page
    assert "<script" not in page


def test_models_are_compared_layer_by_layer_and_left_as_they_were():
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.drop, self.first, self.cell = nn.Dropout(0.5), nn.GRU(5, 4), nn.LSTMCell(4, 3)

        def forward(self, x):
            state = None
            for step in self.first(self.drop(x))[0]:
                state = self.cell(step, state)
            return state

    model = Model().train()
    other = copy.deepcopy(model)
    set_forget_bias_of_cell(other.cell)
    before = torch.random.get_rng_state()

    moved = compare(model, other, X)

    assert torch.equal(torch.random.get_rng_state(), before)
    assert {change.module for change in moved.changes} == {"first", "cell"}
    # dropout drew the same masks in both runs: what comes before the cell is the same
    assert {change.module for change in moved.changes if change.is_move} == {"cell"}


def set_forget_bias_of_cell(cell: nn.LSTMCell) -> None:
    with torch.no_grad():
        cell.bias_ih[3:6] += 1.0


def test_nan_in_one_is_the_largest_move():
    gru = nn.GRU(5, 3)
    other = copy.deepcopy(gru)
    with torch.no_grad():
        other.get_parameter("weight_ih_l0")[3, 0] = torch.nan  # z of unit 0

    moved = compare(gru, other, X)

    assert not moved.nothing
    assert "NaN" not in moved.headline
    assert moved.to_plot().proof is not None


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (nn.LSTM(5, 3), nn.LSTM(5, 4), r"one structure, got .*nn.LSTM\(5, 3\).*nn.LSTM\(5, 4\)"),
        (nn.LSTM(5, 3), nn.GRU(5, 3), "one structure"),
        (nn.Sequential(nn.GRU(5, 3)), nn.GRU(5, 3), "with the same layers, got 0 and"),
        (nn.Linear(5, 3), nn.GRU(5, 3), "expected a model with an nn.LSTM"),
    ],
    ids=["sizes", "kinds", "names", "none"],
)
def test_other_structures_are_one_sentence(one, other, said):
    with pytest.raises(ValueError, match=said) as caught:
        compare(one, other, X)

    assert "\n" not in str(caught.value)


def test_the_public_compare_is_that_of_models():
    assert rnn_figures.compare is compare
    assert isinstance(compare(nn.GRU(5, 3), nn.GRU(5, 3), X), Moved)
    assert set_forget_bias  # the mending that it is often used after
