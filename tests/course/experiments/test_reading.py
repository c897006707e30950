import numpy as np
import pytest
from matplotlib.text import Annotation

from rnn_figures import trace, trained
from rnn_figures.course import reading_plot
from rnn_figures.course.experiments.reading import wrong_steps
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
    chances = network.chances(TEXT)
    for index in range(3):
        assert np.allclose(drawn(plot.axes[2], f"chance{index}"), chances[:, index])
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


def test_symbols_of_a_long_text_stand_apart(network):
    plot = reading_plot("counting", network, "$" + "a" * 20 + "b" * 20, quantities="c")

    labels = [label.get_text() for label in plot.axes[-1].get_xticklabels()]
    assert len(labels) == 41
    assert {t: label for t, label in enumerate(labels) if label} == {
        0: "$",
        11: "20 × a",
        31: "20 × b",
    }


def test_a_line_parts_the_runs_of_a_text_that_has_few(network):
    few, many = (reading_plot("counting", network, text) for text in ("$aaabb", "$ababab"))

    for plot, expected in ((few, [3.5]), (many, [])):
        parts = [line for line in plot.axes[0].lines if line.get_gid() == "part"]
        assert [np.asarray(line.get_xdata())[0] for line in parts] == expected


def test_an_answer_is_named_where_it_is_the_likeliest_for_longest():
    plot = reading_plot("brackets", by_hand(), "(()())", quantities="c")

    where = {text.get_text(): text.xy for text in plot.axes[-1].texts if hasattr(text, "xy")}
    assert where["open"][0] == 2.0  # the middle of the first five steps
    assert where["closed"][0] == 5.0
    assert where["closed"][1] > 0.9


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

    (crosses,) = [line for line in plot.axes[-1].lines if line.get_gid() == "wrong"]
    assert np.array_equal(crosses.get_xdata(), [0, 1, 2, 3])
    assert "Wrong answers after the steps 0, 1, 2, 3." in plot.alt
