import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from torch import nn

from rnn_figures.course import forgetting_plot
from rnn_figures.course.calls import forgetting
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import ProofError


def test_forgetting_plot_draws_the_powers_of_ten_of_the_live_difference():
    gru, x, h_0 = nn.GRU(3, 8, num_layers=2), torch.randn(7, 4, 3), torch.randn(2, 4, 8)

    plot = forgetting_plot({"random": (gru, h_0)}, x)

    apart = (gru(x, h_0)[0] - gru(x)[0]).abs().amax(dim=(1, 2)).detach().numpy()
    (line,) = [line for line in plot.axes[0].lines if line.get_gid() == "q-h-run0"]
    drawn = np.asarray(line.get_ydata(), dtype=float)
    np.testing.assert_allclose(drawn, np.log10(apart), atol=1e-5)
    assert [row[1] for row in plot.data.rows] == pytest.approx(apart.tolist(), abs=1e-6)
    assert same_color(line.get_color(), COLOURS["h"])


def test_forgetting_plot_stops_where_a_curve_is_not_the_live_difference(monkeypatch):
    curve = forgetting._curve
    monkeypatch.setattr(forgetting, "_curve", lambda *traces: 1.01 * curve(*traces))

    with pytest.raises(ProofError, match="the difference of ones"):
        forgetting_plot({"ones": (nn.GRU(3, 8), torch.ones(1, 4, 8))}, torch.randn(7, 4, 3))


def test_forgetting_plot_stops_where_another_line_is_drawn(monkeypatch):
    draw = forgetting.draw_powers
    monkeypatch.setattr(
        forgetting,
        "draw_powers",
        lambda axes, curves, **look: draw(axes, {n: 1.01 * c for n, c in curves.items()}, **look),
    )

    with pytest.raises(ProofError, match="the curve of ones"):
        forgetting_plot({"ones": (nn.GRU(3, 8), torch.ones(1, 4, 8))}, torch.randn(7, 4, 3))


def test_forgetting_plot_takes_the_larger_of_two_directions():
    lstm = nn.LSTM(3, 8, bidirectional=True, batch_first=True)
    x, state = torch.randn(4, 7, 3), (torch.randn(2, 4, 8), torch.randn(2, 4, 8))

    plot = forgetting_plot({"random": (lstm, state)}, x)

    apart = (lstm(x, state)[0] - lstm(x)[0]).abs().amax(dim=(0, 2))
    assert [row[1] for row in plot.data.rows] == pytest.approx(apart.tolist(), abs=1e-6)


def test_forgetting_plot_draws_nothing_where_the_runs_are_equal():
    rnn = nn.RNN(3, 8)
    with torch.no_grad():
        rnn.get_parameter("weight_hh_l0").zero_()  # no start is felt at all

    plot = forgetting_plot({"ones": (rnn, torch.ones(1, 4, 8))}, torch.randn(7, 4, 3))

    (line,) = [line for line in plot.axes[0].lines if line.get_gid() == "q-h-run0"]
    assert np.isnan(line.get_ydata()).all()
    assert "ones: 0 at step 0" in plot.alt


def test_forgetting_plot_names_every_run_and_tells_when_a_tenth_is_left():
    x, ones = torch.randn(9, 1, 3), torch.ones(1, 1, 8)
    halves = nn.RNN(3, 8, nonlinearity="relu")
    with torch.no_grad():
        halves.get_parameter("weight_hh_l0").copy_(torch.eye(8) / 2)
        halves.get_parameter("bias_ih_l0").fill_(99.0)  # far from relu's corner: h is linear in h_0

    plot = forgetting_plot({"halves": (halves, ones), "GRU": (nn.GRU(3, 8), ones)}, x)

    assert "halves: 0.5 at step 0, below a tenth of that from step 4" in plot.alt
    assert [text.get_text() for text in plot.axes[0].texts] == ["halves", "GRU"]


def test_forgetting_plot_refuses_outputs_of_different_lengths():
    ones = torch.ones(1, 4, 8)

    with pytest.raises(ValueError, match="outputs of one length"):
        forgetting_plot(
            {"a": (nn.GRU(3, 8), ones), "b": (nn.GRU(3, 8, batch_first=True), ones[:, :3])},
            torch.randn(3, 4, 3),
        )


def test_forgetting_plot_refuses_no_run():
    with pytest.raises(ValueError, match="expected one to 6 runs, got 0"):
        forgetting_plot({}, torch.randn(7, 4, 3))
