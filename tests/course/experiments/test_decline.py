import numpy as np
import pytest

from rnn_figures.course import decline_plot
from rnn_figures.plots.curves import drawn
from rnn_figures.training import trained_runs

LENGTHS = (18, 30, 60, 120, 240)


def test_decline_plot_draws_the_median_and_every_seed():
    plot = decline_plot("recall", "right after", kinds=["GRU", "RNN"], trained_to=18)

    for index, kind in enumerate(("GRU", "RNN")):
        shares = np.array(
            [
                [r.measured[f"right after {k}"] for k in LENGTHS]
                for r in trained_runs("recall", kind)
            ]
        )
        assert np.allclose(
            drawn(plot.axes[index], f"kind{index}"), np.median(shares, axis=0), atol=0.02
        )
        assert [row[f"{kind}, lowest"] for row in plot.data] == pytest.approx(
            shares.min(axis=0), abs=0.02
        )
        assert [row[f"{kind}, highest"] for row in plot.data] == pytest.approx(
            shares.max(axis=0), abs=0.02
        )
    assert [row["length"] for row in plot.data] == list(LENGTHS)
    assert plot.proof
    assert plot.proof.holds
    assert "as in training" in [text.get_text() for text in plot.axes[0].texts]


def test_decline_plot_refuses_what_was_not_measured():
    with pytest.raises(ValueError, match=r"expected the start of measures .*, got 'speed'"):
        decline_plot("recall", "speed")
