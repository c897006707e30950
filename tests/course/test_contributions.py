import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import trace
from rnn_figures.course import contribution_plot, contributions
from rnn_figures.proofs import ProofError

L, N, H_IN, H = 7, 2, 5, 3


def bars(plot, name: str) -> list[float]:
    return [bar.get_height() for bar in plot.axes[0].patches if name in (bar.get_gid() or "")]


@pytest.mark.parametrize("layer", [{}, {"num_layers": 2}, {"bidirectional": True}])
def test_filled_bars_add_up_to_the_last_cell_state(layer):
    x = torch.randn(L, N, H_IN)
    lstm = nn.LSTM(H_IN, H, **layer)

    plot = contribution_plot(trace(lstm, x), unit=2, sequence=1)

    _, (_, c_n) = lstm(x)
    row = -2 if layer.get("bidirectional") else -1
    assert sum(bars(plot, "left")) == pytest.approx(c_n[row, 1, 2].item(), abs=1e-6)
    assert plot.checked.startswith("what is left adds up to c_n, torch ")


def test_a_step_leaves_what_the_cell_state_loses_without_it():
    x = torch.randn(L, 1, H_IN)
    lstm = nn.LSTM(H_IN, H)
    nn.init.zeros_(
        lstm.get_parameter("weight_hh_l0")
    )  # so that a step changes the next ones by c alone
    other = x.clone()
    other[2] = torch.randn(H_IN)
    c, c_other = (lstm(run)[1][1][0, 0, 0].item() for run in (x, other))

    left, left_other = (bars(contribution_plot(trace(lstm, run)), "left") for run in (x, other))

    # f of step 2 also acts on what steps 0 and 1 wrote
    assert left[3:] == pytest.approx(left_other[3:], abs=1e-7)
    lost = sum(left[:3]) - sum(left_other[:3])
    assert lost == pytest.approx(c - c_other, abs=1e-6)


def test_an_unbatched_run_has_the_bars_of_its_one_sequence():
    lstm, x = nn.LSTM(H_IN, H), torch.randn(L, H_IN)

    plot = contribution_plot(trace(lstm, x), unit=1)

    _, (_, c_n) = lstm(x)
    assert sum(bars(plot, "left")) == pytest.approx(c_n[0, 1].item(), abs=1e-6)


def test_a_packed_sequence_has_bars_for_its_own_steps():
    x = pack_padded_sequence(torch.randn(L, N, H_IN), [L, 4])

    plot = contribution_plot(trace(nn.LSTM(H_IN, H), x), sequence=1)

    assert len(plot.data) == 4


def test_bars_that_do_not_add_up_stop_the_build(monkeypatch):
    t = trace(nn.LSTM(H_IN, H), torch.randn(L, N, H_IN))
    right = contributions._contributions(t, 0, 0)
    wrong = contributions.Contributions(right.written, right.written)  # as if nothing were lost
    monkeypatch.setattr(contributions, "_contributions", lambda *_: wrong)

    with pytest.raises(ProofError, match="sum of the parts of c_n"):
        contribution_plot(t)


def test_what_has_no_such_bars_is_refused():
    x = torch.randn(L, N, H_IN)
    with pytest.raises(ValueError, match=r"got one of nn\.GRU"):
        contribution_plot(trace(nn.GRU(H_IN, H), x))
    states = torch.zeros(1, N, H), torch.ones(1, N, H)
    with pytest.raises(ValueError, match="starts at c_0 = 0"):
        contribution_plot(trace(nn.LSTM(H_IN, H), x, states))
