import numpy as np
import pytest

from rnn_figures.course import spread_plot, spread_table
from rnn_figures.proofs import ProofError
from rnn_figures.training import trained_runs

KEY = "right up to n"


@pytest.fixture(scope="module")
def plot():
    return spread_plot("counting", KEY, trained_to=10)


def lines(plot):
    return {line.get_gid(): line for line in plot.axes[0].lines}


def test_spread_plot_has_a_dot_for_each_network(plot):
    for row, kind in enumerate(("RNN", "GRU", "LSTM")):
        dots = lines(plot)[f"seeds{row}"]

        assert list(dots.get_xdata()) == [
            run.measured[KEY] for run in trained_runs("counting", kind)
        ]
        assert len({(x, y) for x, y in zip(dots.get_xdata(), dots.get_ydata(), strict=True)}) == 5
        assert np.abs(np.asarray(dots.get_ydata()) - row).max() < 0.5


def test_spread_plot_marks_median_and_the_end_of_training(plot):
    bars = [line for line in plot.axes[0].lines if line.get_linewidth() == 2.6]

    for bar, kind in zip(bars, ("RNN", "GRU", "LSTM"), strict=True):
        values = [run.measured[KEY] for run in trained_runs("counting", kind)]
        assert list(bar.get_xdata()) == [np.median(values)] * 2
    assert "trained to 10" in [text.get_text() for text in plot.axes[0].texts]


def test_spread_plot_says_all_of_it(plot):
    runs = trained_runs("counting")

    assert plot.data.rows == tuple((run.kind, run.seed, run.measured[KEY]) for run in runs)
    assert plot.proof.holds
    assert "LSTM: median" in plot.alt
    assert "Training ended at 10." in plot.alt


def test_spread_plot_leaves_open_what_was_not_learned_in_time():
    plot = spread_plot("recall", "steps", kinds=["LSTM", "LSTM, forget bias 3"])

    late, early = lines(plot)["seeds0-open"], lines(plot)["seeds1"]
    unsettled = sum(not run.settled for run in trained_runs("recall", "LSTM"))
    assert np.shape(late.get_xdata()) == (unsettled,)
    assert np.shape(early.get_xdata()) == (5,)
    assert plot.proof is None


def test_spread_table_has_a_row_for_each_kind():
    table = spread_table("counting", KEY, "right of n = 1 to 250", kinds=["LSTM", "RNN"])

    assert table.columns == ("kind", "seeds", KEY, "right of n = 1 to 250")
    assert [row[:2] for row in table.rows] == [("LSTM", 5), ("RNN", 5)]
    median = np.median([run.measured[KEY] for run in trained_runs("counting", "LSTM")])
    assert str(table.rows[0][2]).split(" ")[0] == f"{median:g}"
    assert table.proof is not None
    assert table.proof.holds


def test_spread_table_of_no_measures_has_all_of_them():
    table = spread_table("counting", kinds=["RNN"])

    assert table.columns[2:] == ("steps", *trained_runs("counting", "RNN")[0].measured)


def test_weights_that_no_longer_do_it_are_refused(monkeypatch):
    monkeypatch.setattr("rnn_figures.course.experiments.measured.again", lambda *_: {KEY: 99})

    with pytest.raises(ProofError, match="right up to n, RNN"):
        spread_plot("counting", KEY)
