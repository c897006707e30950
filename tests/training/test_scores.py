import numpy as np
import pytest
import torch
from torch import nn

from rnn_figures.training.characters import OTHER, SYMBOLS, TABLE, numbers, reader
from rnn_figures.training.scores import (
    Passages,
    added_losses,
    auc,
    cell_states,
    elsewhere,
    held_at_zero,
    losses,
    measured,
    other_units,
    passages,
    shuffled,
    strength,
    unread,
)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return reader("LSTM").eval()


@pytest.fixture(scope="module")
def read():
    generator = np.random.default_rng(0)
    symbols = torch.from_numpy(generator.integers(0, len(SYMBOLS), (50, 3)))
    return Passages(symbols, generator.random((50, 3, 2)) < 0.3)


def test_auc_is_the_part_of_pairs_that_are_in_order():
    generator = np.random.default_rng(1)
    values = generator.integers(0, 9, (40, 3)).astype(float)  # with ties
    marks = generator.random((40, 2)) < 0.4

    found = auc(values, marks)

    for unit in range(3):
        for truth in range(2):
            inside, outside = values[marks[:, truth], unit], values[~marks[:, truth], unit]
            order = [(a > b) + (a == b) / 2 for a in inside for b in outside]
            assert found[unit, truth] == pytest.approx(np.mean(order), abs=1e-12)


def test_auc_of_what_tells_all_or_nothing():
    marks = np.array([[True, True], [True, True], [False, True]])
    values = np.array([[3.0, 1.0, 0.0], [2.0, 2.0, 0.0], [1.0, 3.0, 0.0]])

    found = auc(values, marks)

    assert found[:, 0].tolist() == [1.0, 0.0, 0.5]
    assert strength(found[:, 0]).tolist() == [1.0, 1.0, 0.5]
    assert np.isnan(found[:, 1]).all()  # there is nothing outside


def test_controls_keep_how_many_marks_there_are(read):
    for control in (elsewhere(read.marks), shuffled(read.marks)):
        assert control.shape == read.marks.shape
        assert (control.sum((0, 1)) == read.marks.sum((0, 1))).all()
        assert (control != read.marks).any()
    long = np.zeros((50, 3, 1), dtype=bool)
    long[10:30] = True
    runs = np.abs(np.diff(long.astype(int), axis=0)).sum()

    assert np.abs(np.diff(elsewhere(long).astype(int), axis=0)).sum() == runs
    assert np.abs(np.diff(shuffled(long).astype(int), axis=0)).sum() > 5 * runs


def test_cell_states_are_the_layer_s_own(network, read):
    states = cell_states(network, read.symbols)

    with torch.no_grad():
        _, (_, c_n) = network.layer(network.embedding(read.symbols))
    assert states.shape == (50, 3, 64)
    assert np.allclose(states[-1], c_n[0].numpy(), atol=1e-6, rtol=0)


def test_losses_are_of_the_character_that_comes_next(network, read):
    found = losses(network, read.symbols)

    with torch.no_grad():
        chances = network(read.symbols).softmax(dim=-1)
    expected = -chances[7, 1, read.symbols[8, 1]].log()
    assert found.shape == (49, 3)
    assert found[7, 1] == pytest.approx(expected.item(), abs=1e-5)


def test_an_unread_unit_works_on_in_the_layer_but_has_no_say(network, read):
    changed = unread(network, 5)

    with torch.no_grad():
        h = network.layer(network.embedding(read.symbols))[0]
        h[..., 5] = 0.0
        expected = network.readout(h)
        found = changed(read.symbols)
    assert np.array_equal(cell_states(changed, read.symbols), cell_states(network, read.symbols))
    assert torch.allclose(found, expected, atol=1e-6, rtol=0)


def test_a_unit_held_at_zero_is_zero_at_every_step(network, read):
    states = cell_states(held_at_zero(network, 5), read.symbols)

    assert (states[..., 5] == 0).all()
    assert (cell_states(network, read.symbols)[..., 5] != 0).all()
    assert (states[..., 6] != cell_states(network, read.symbols)[..., 6]).any()


@pytest.mark.parametrize("cut", ["unread", "held at zero"])
def test_added_losses_are_apart_by_the_truth(network, read, cut):
    found = added_losses(network, [5, 9], read, cut)

    changed = {"unread": unread, "held at zero": held_at_zero}[cut](network, 9)
    added = losses(changed, read.symbols) - losses(network, read.symbols)
    marks = read.marks[:-1, :, 1]
    assert found.shape == (2, 2, 2)
    assert found[1, 1].tolist() == pytest.approx([added[marks].mean(), added[~marks].mean()])


def test_other_units_are_none_of_the_chosen_ones():
    found = other_units([3, 4], 14)

    assert len(found) == 10
    assert not {3, 4} & set(found)


def test_measured_chooses_a_unit_by_other_texts(network, read):
    generator = np.random.default_rng(5)
    symbols = torch.from_numpy(generator.integers(0, len(SYMBOLS), (300, 3)))
    states = cell_states(network, symbols)
    apart = Passages(symbols, np.stack([states[..., 7] > 0, states[..., 8] < 0], axis=-1))

    found = measured(network, ("a", "b"), chosen_on=apart, held_out=read)

    assert [found["truths"][name]["unit"] for name in "ab"] == [7, 8]
    expected = auc(cell_states(network, read.symbols), read.marks)[7, 0]
    assert found["truths"]["a"]["AUC"] == pytest.approx(expected, abs=1e-4)
    assert found["loss"] == pytest.approx(losses(network, read.symbols).mean(), abs=1e-4)


def test_passages_are_marked_by_the_whole_text():
    found = passages(["ab)", "(b)"], lambda text: np.array([[")" in text]] * len(text)), length=2)

    assert found.symbols.T.tolist() == [numbers("ab").tolist(), numbers("(b").tolist()]
    assert found.marks.all()
    assert found.first(1).symbols.shape == (1, 2)


def test_every_character_has_a_symbol():
    text = "\n ~\x7f\x00é漢"

    assert "".join(SYMBOLS[number] for number in numbers(text).tolist()) == "\n ~" + OTHER * 4
    assert sorted(set(TABLE.tolist())) == list(range(len(SYMBOLS)))


def test_a_reader_has_one_layer_and_a_chance_for_every_symbol(network):
    assert isinstance(network.layer, nn.LSTM)
    assert network.chances("def f").shape == (5, len(SYMBOLS))
