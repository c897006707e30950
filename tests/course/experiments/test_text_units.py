"""The figures of what single units tell about a text."""

import numpy as np
import pytest
import torch
from matplotlib.patches import PathPatch

from rnn_figures.course import coloured_text_plot, cut_plot, unit_auc_plot
from rnn_figures.course.experiments import coloured_text, cuts, unit_scores
from rnn_figures.plots.curves import drawn
from rnn_figures.proofs import ProofError
from rnn_figures.training.characters import SYMBOLS, reader
from rnn_figures.training.scores import Passages, added_losses, auc, cell_states

TEXT = "ab (c)\n" + "d" * 50
TRUTHS = {"a": "inside a", "b": "inside a rather long name"}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    return reader("LSTM").eval()


@pytest.fixture(scope="module")
def read():
    generator = np.random.default_rng(0)
    symbols = torch.from_numpy(generator.integers(0, len(SYMBOLS), (450, 2)))
    return Passages(symbols, generator.random((450, 2, 2)) < 0.3)


def test_coloured_text_lists_what_the_layer_computes(network):
    truth = [letter in "(c" for letter in TEXT]
    plot = coloured_text_plot(network, TEXT, 5, truth=truth, meaning="inside")

    with torch.no_grad():
        _, (_, c_n) = network.layer(network.inputs(TEXT))
    assert plot.data.rows[-1][2] == pytest.approx(c_n[0, 0, 5].item(), abs=1e-6)
    assert [row["read"] for row in plot.data] == [repr(symbol) for symbol in TEXT]
    assert [row["inside"] for row in plot.data] == truth
    assert plot.checked.startswith("c equal to nn.LSTM's, given one character at a time, torch ")


def test_coloured_text_writes_each_character_and_breaks_full_rows(network):
    (axes,) = coloured_text_plot(network, TEXT, 5).axes

    letters = [text for text in axes.texts if len(text.get_text()) == 1]
    assert "".join(text.get_text() for text in letters) == TEXT.replace(" ", "").replace("\n", "↵")
    heights = {text.get_position()[1] for text in letters}
    assert len(heights) == 3  # the first line, and 50 d on two rows of 42


def test_a_row_of_coloured_text_is_as_high_as_its_letters_are_laid_out(network):
    plot = coloured_text_plot(network, TEXT, 5)

    (axes,) = plot.axes
    lower, upper = axes.get_ylim()
    assert plot.get_figheight() * 72 == pytest.approx(upper - lower)  # a unit is a point


def test_a_newline_after_a_full_row_takes_no_row_of_its_own(network):
    (axes,) = coloured_text_plot(network, "e" * 42 + "\n" + "f", 5).axes

    stand = {text.get_text(): text.get_position() for text in axes.texts}
    assert stand["↵"] == (42, stand["e"][1])
    assert stand["f"][0] == 0
    heights = {text.get_position()[1] for text in axes.texts if len(text.get_text()) == 1}
    assert len(heights) == 2
    low, high = axes.get_xlim()
    assert low < -0.5 < 42.5 < high


def test_coloured_text_shades_as_c_is_large(network):
    plot = coloured_text_plot(network, TEXT, 5)
    c = np.array([row["c"] for row in plot.data], dtype=float)
    shades = np.rint(c / np.abs(c).max() * coloured_text.SHADES)

    (axes,) = plot.axes
    patches = [patch for patch in axes.patches if isinstance(patch, PathPatch)]
    assert {patch.get_gid() for patch in patches} == {
        f"q-c-shade{int(shade)}" for shade in shades if shade
    }
    assert max(patch.get_alpha() or 0 for patch in patches) == coloured_text.DARKEST


def test_coloured_text_underlines_the_truth(network):
    truth = [False] * 3 + [True] * 4 + [False] * 30 + [True] * 20

    with_truth, without = (
        coloured_text_plot(network, TEXT, 5, truth=marks, gates=False) for marks in (truth, None)
    )

    lines = [line for line in with_truth.axes[0].lines if line.get_linewidth() == 2.4]
    spans = [tuple(np.asarray(line.get_xdata())) for line in lines]
    assert spans == [(2.5, 6.5), (29.5, 41.5), (-0.5, 7.5)]
    assert not [line for line in without.axes[0].lines if line.get_linewidth() == 2.4]


def test_coloured_text_refuses_truths_of_another_length(network):
    with pytest.raises(ValueError, match="expected 57 truths, one for each character, got 2"):
        coloured_text_plot(network, TEXT, 5, truth=[True, False])


def test_coloured_text_stops_where_the_layer_says_something_else(network, monkeypatch):
    right = coloured_text._one_at_a_time
    monkeypatch.setattr(coloured_text, "_one_at_a_time", lambda *a: right(*a) + 0.01)

    with pytest.raises(ProofError, match="c"):
        coloured_text_plot(network, TEXT, 5)


def test_every_unit_is_drawn_at_its_auc_and_the_best_is_named(network, read):
    fresh = reader("LSTM").eval()

    plot = unit_auc_plot([network, fresh], fresh, read, TRUTHS)

    found = auc(cell_states(network, read.symbols), read.marks)
    told = np.maximum(found, 1 - found)
    (axes,) = plot.axes
    for row in range(2):
        assert drawn(axes, f"auc-trained-{row}", along="x").tolist() == told[:, row].tolist()
    names = [text.get_text().partition(":")[0] for text in axes.texts]
    assert names == [f"unit {unit}" for unit in told.argmax(axis=0)]
    assert [row[1:] for row in plot.data.rows] == [tuple(row) for row in found.tolist()]
    assert "AUC equal to counting pairs one by one" in plot.checked


def test_a_wrong_auc_stops_the_build(network, read, monkeypatch):
    right = unit_scores.auc
    monkeypatch.setattr(unit_scores, "auc", lambda *a: np.clip(right(*a) + 0.001, 0, 1))

    with pytest.raises(ProofError, match="the AUC"):
        unit_auc_plot([network], network, read, TRUTHS)


def test_cuts_are_drawn_where_the_truth_holds_and_where_not(network, read):
    plot = cut_plot(network, [3, 4], read, TRUTHS)

    for axes, cut in zip(plot.axes, ("unread", "held at zero"), strict=True):
        added = added_losses(network, [3, 4], read, cut)
        for row in range(2):
            assert drawn(axes, f"inside-{row}", along="x") == added[row, row, 0]
            assert drawn(axes, f"outside-{row}", along="x") == added[row, row, 1]
    assert [text.get_text() for text in plot.legends[0].texts][-1] == "10 other units, inside"
    assert sum(bool(row["chosen"]) for row in plot.data) == 4


def test_a_unit_that_is_not_held_at_zero_stops_the_build(network, read, monkeypatch):
    monkeypatch.setattr(cuts, "held_at_zero", lambda network, unit: network)

    with pytest.raises(ProofError, match="c of unit 3"):
        cut_plot(network, [3, 4], read, TRUTHS)
