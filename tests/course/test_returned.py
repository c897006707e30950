import pytest
import torch
from torch import nn

from rnn_figures import trace
from rnn_figures.course import returned_plot
from rnn_figures.proofs import ProofError

L, H_IN, H = 7, 5, 3


def rings(plot):
    """Return the heights of what is ringed, by the strip's last word on the right."""
    return {
        text.get_text(): line.get_ydata()[0]
        for strip in plot.axes
        for text in strip.texts
        for line in strip.lines
        if "_n[" in text.get_text() and line.get_markersize() == 9
    }


def dots(plot):
    """Return the heights of the dots on the last strip, h."""
    return [line.get_ydata().tolist() for line in plot.axes[-1].lines if line.get_zorder() == 5]


def test_the_top_layer_has_all_of_output_and_its_last_states():
    lstm, x = nn.LSTM(H_IN, H, num_layers=2), torch.randn(L, 2, H_IN)
    output, (h_n, c_n) = lstm(x)

    plot = returned_plot(trace(lstm, x), unit=2)

    expected = {"h_n[1]": h_n[1, 0, 2].item(), "c_n[1]": c_n[1, 0, 2].item()}
    assert rings(plot) == pytest.approx(expected, abs=1e-6)
    (drawn,) = dots(plot)
    assert drawn == pytest.approx(output[:, 0, 2].tolist(), abs=1e-6)
    assert plot.proof
    assert plot.proof.holds


def test_an_unbatched_run_is_drawn_as_a_batch_of_one():
    lstm, x = nn.LSTM(H_IN, H), torch.randn(L, H_IN)
    _, (h_n, c_n) = lstm(x)

    plot = returned_plot(trace(lstm, x), unit=1)

    expected = {"h_n[0]": h_n[0, 1].item(), "c_n[0]": c_n[0, 1].item()}
    assert rings(plot) == pytest.approx(expected, abs=1e-6)


def test_a_lower_layer_has_its_last_states_alone():
    gru, x = nn.GRU(H_IN, H, num_layers=2), torch.randn(L, 1, H_IN)

    plot = returned_plot(trace(gru, x), layer=0)

    assert rings(plot) == pytest.approx({"h_n[0]": gru(x)[1][0, 0, 0].item()}, abs=1e-6)
    assert dots(plot) == []


def test_two_directions_are_refused():
    with pytest.raises(ValueError, match="expected a module with one direction, got two"):
        returned_plot(trace(nn.GRU(H_IN, H, bidirectional=True), torch.randn(L, 1, H_IN)))


def test_a_ring_that_is_not_what_was_returned_stops_the_build():
    t = trace(nn.LSTM(H_IN, H), torch.randn(L, 1, H_IN))
    assert t.c_n is not None
    t.c_n[0, 0, 0] += 0.1

    with pytest.raises(ProofError):
        returned_plot(t)
