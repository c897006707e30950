import numpy as np
import pytest
from matplotlib.text import Annotation

from rnn_figures import trace, trained
from rnn_figures.course import reading_plot
from rnn_figures.course.experiments.reading import drawn_chances, wrong_steps
from rnn_figures.plots.curves import drawn
from rnn_figures.training.brackets import by_hand

TEXT = "$aaaabbbb"


@pytest.fixture(scope="module")
def network():
    return trained("counting", "LSTM", 1)


@pytest.fixture(scope="module")
def plot(network):
    return reading_plot("counting", network, TEXT, quantities="fc", trained_to=6)


def test_reading_plot_draws_the_states_and_the_chances(plot, network):
    run = trace(network.layer, network.inputs(TEXT))[0, 0]

    for strip, letter in zip(plot.axes, "fc", strict=False):
        for unit in range(2):
            assert np.allclose(drawn(strip, f"q-{letter}-unit{unit}"), run[letter][:, 0, unit])
    assert np.allclose(drawn_chances(plot.axes[2:]), network.chances(TEXT))
    assert plot.proof.holds


def test_reading_plot_shades_what_training_never_had(plot):
    for strip in plot.axes:
        (shade,) = [patch for patch in strip.patches if patch.get_gid() == "beyond"]
        assert shade.get_x() == 5.5
        assert shade.get_x() + shade.get_width() == len(TEXT) - 0.5


@pytest.mark.parametrize(("trained_to", "side", "at"), [(2, "left", 1.5), (7, "right", 8.5)])
def test_the_words_over_the_shade_stay_within_the_plot(network, trained_to, side, at):
    plot = reading_plot("counting", network, TEXT, quantities="c", trained_to=trained_to)

    (words,) = [text for text in plot.axes[0].texts if text.get_text().startswith("longer")]
    assert isinstance(words, Annotation)
    assert (words.get_horizontalalignment(), words.xy[0]) == (side, at)


def test_reading_plot_names_every_symbol_and_number(plot):
    assert [row["symbol"] for row in plot.data] == [repr(symbol) for symbol in TEXT]
    assert list(plot.data.columns[-4:]) == ["chance of $", "chance of a", "chance of b", "wrong"]
    assert f"A trained LSTM reads {TEXT}." in plot.alt


def test_a_long_text_of_few_runs_is_told_run_by_run(network):
    plot = reading_plot("counting", network, "$" + "a" * 20 + "b" * 20, quantities="c")

    labels = plot.axes[-1].get_xticklabels()
    assert [label.get_text() for label in labels] == ["$", "20 a", "20 b"]
    assert [label.get_position()[0] for label in labels] == [0, 10.5, 30.5]
    for strip in plot.axes:
        ends = [line.get_xdata() for line in strip.lines if line.get_gid() == "run"]
        assert np.allclose(np.array(ends, dtype=float), [[0.5, 0.5], [20.5, 20.5]])


def test_symbols_of_a_long_text_of_many_runs_stand_apart(network):
    plot = reading_plot("counting", network, "$" + "aaaaaabbbbbb" * 4, quantities="c")

    labels = [label.get_text() for label in plot.axes[-1].get_xticklabels()]
    assert len(labels) == 49
    assert "".join(label or "." for label in labels[:14]) == "$a....ab....ba"


def test_wrong_steps_are_those_whose_answer_is_none_of_the_right_ones():
    exact = by_hand()

    assert wrong_steps("brackets", exact, "(()())") == []
    # a counter of the other sign answers "closed" while brackets are open, and "open" after
    exact.readout.weight.data.neg_()
    exact.readout.bias.data.neg_()
    assert wrong_steps("brackets", exact, "(())") == [0, 1, 2, 3]


def test_wrong_steps_are_crossed():
    exact = by_hand()
    exact.readout.weight.data.neg_()
    exact.readout.bias.data.neg_()

    plot = reading_plot("brackets", exact, "(())", quantities="c")

    crosses = [line for strip in plot.axes for line in strip.lines if line.get_gid() == "wrong"]
    of_open, of_closed = (line.get_xdata() for line in crosses)
    assert np.array_equal(of_closed, [0, 1, 2])  # it said "closed" while brackets were open
    assert np.array_equal(of_open, [3])
    assert "Wrong answers after the steps 0, 1, 2, 3." in plot.alt
