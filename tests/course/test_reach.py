import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.course import reach
from rnn_figures.course.reach import reach_plot
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import ProofError


def sequence(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def cells(plot, gid):
    """Return the norms drawn under a gid, (step of output, step of x); masked where not reached."""
    (mesh,) = [m for axes in plot.axes for m in axes.collections if m.get_gid() == gid]
    return np.ma.asarray(mesh.get_array())


def jacobian_norms(module, x, half):
    """Norm of d output[t, 0, half] / d x[s, 0], from autograd on the module itself."""
    jacobian = torch.autograd.functional.jacobian(lambda x: module(x)[0][:, 0, half], x)
    assert isinstance(jacobian, torch.Tensor)
    return jacobian[:, :, :, 0].pow(2).sum((1, 3)).sqrt()  # (L, H, L, H_in) -> (L, L)


def test_reach_plot_draws_the_norms_of_both_halves():
    lstm = nn.LSTM(3, 8, bidirectional=True)
    x = sequence(6, 1, 3)

    plot = reach_plot(lstm, x)

    for name, half in (("forward", slice(8)), ("reverse", slice(8, None))):
        drawn = torch.from_numpy(cells(plot, f"q-h-reach-{name}").filled(0))
        expected = jacobian_norms(lstm, x, half).double()
        torch.testing.assert_close(drawn, expected, atol=1e-6, rtol=0)
    assert [axes.get_title("left") for axes in plot.axes[:2]] == [
        "forward half of output",
        "reverse half of output",
    ]


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_reach_plot_one_layer_has_triangles_and_more_layers_are_full(num_layers):
    gru = nn.GRU(3, 8, num_layers=num_layers, bidirectional=True)

    plot = reach_plot(gru, sequence(6, 1, 3))

    past = torch.ones(6, 6).tril().bool()
    for name, reached in (("forward", past), ("reverse", past.T)):
        drawn = torch.from_numpy(~np.ma.getmaskarray(cells(plot, f"q-h-reach-{name}")))
        expected = reached if num_layers == 1 else torch.ones(6, 6).bool()
        assert torch.equal(drawn, expected)


def test_reach_plot_one_direction_never_sees_the_future():
    plot = reach_plot(nn.LSTM(3, 8, num_layers=3), sequence(6, 1, 3))

    drawn = torch.from_numpy(~np.ma.getmaskarray(cells(plot, "q-h-reach-forward")))
    assert torch.equal(drawn, torch.ones(6, 6).tril().bool())
    assert len(plot.axes) == 2  # one half and the scale
    assert plot.axes[0].get_title("left") == "output"


def test_reach_plot_cells_have_the_colour_of_h_and_some_opacity():
    plot = reach_plot(nn.LSTM(3, 8), sequence(6, 1, 3))

    (mesh,) = plot.axes[0].collections[:1]
    colours = mesh.cmap(range(mesh.cmap.N))
    assert all(same_color(colour[:3], COLOURS["h"]) for colour in colours)
    assert colours[0][3] > 0.2


def test_reach_plot_data_lists_every_cell():
    gru = nn.GRU(3, 8, bidirectional=True)
    x = sequence(6, 1, 3)

    data = reach_plot(gru, x).data

    expected = jacobian_norms(gru, x, slice(8, None))
    row = data.rows[6 + 2]
    assert len(data) == 2 * 6
    assert row[:2] == ("reverse", 2)
    assert row[2:4] == (0.0, 0.0)
    assert row[4:] == pytest.approx(expected[2, 2:].tolist(), abs=1e-6)


def test_reach_plot_alt_says_what_the_ends_see():
    plot = reach_plot(nn.GRU(3, 8, bidirectional=True), sequence(6, 1, 3))

    assert (
        "output[0], forward half, is reached by x[0], output[5], forward half, by x[0–5]"
        in plot.alt
    )
    assert "output[5], reverse half, by x[5]" in plot.alt


def test_reach_plot_takes_a_sequence_of_a_packed_batch():
    packed = pack_padded_sequence(sequence(7, 3, 3), torch.tensor([3, 7, 2]), enforce_sorted=False)

    plot = reach_plot(nn.GRU(3, 8), packed, sequence=0)

    assert cells(plot, "q-h-reach-forward").shape == (3, 3)


def test_reach_plot_of_a_module_that_nothing_reaches():
    rnn = nn.RNN(3, 8)
    nn.init.zeros_(rnn.get_parameter("weight_ih_l0"))

    plot = reach_plot(rnn, sequence(6, 1, 3))

    assert "output[5] by x[none]" in plot.alt
    assert len(plot.axes) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_reach_plot_is_checked_against_torchs_jacobian(packed, monkeypatch):
    lstm, x = nn.LSTM(3, 8, bidirectional=True), sequence(7, 3, 3)
    given = pack_padded_sequence(x, torch.tensor([3, 7, 2]), enforce_sorted=False) if packed else x
    assert reach_plot(lstm, given, sequence=1).checked.startswith(
        "last row equal, in parts of it, to torch's own"
    )
    measure = reach.gradient_by_step
    monkeypatch.setattr(reach, "gradient_by_step", lambda *given: 1.01 * measure(*given))

    with pytest.raises(ProofError, match="as a part of torch's own Jacobian"):
        reach_plot(lstm, given, sequence=1)


def test_reach_plot_stops_where_the_map_shows_other_numbers(monkeypatch):
    draw = reach._draw_half
    false = lambda axes, values, *given: draw(axes, values.T, *given)  # noqa: E731
    monkeypatch.setattr(reach, "_draw_half", false)

    with pytest.raises(ProofError):
        reach_plot(nn.GRU(3, 8), sequence(6, 1, 3))


def test_reach_plot_refuses_a_sequence_that_is_not_there():
    with pytest.raises(IndexError, match=r"sequence in 0\.\.0, got 1"):
        reach_plot(nn.GRU(3, 8), sequence(6, 1, 3), sequence=1)


def test_reach_plot_refuses_more_steps_than_can_be_told_apart():
    with pytest.raises(ValueError, match="at most 40 steps, got 41"):
        reach_plot(nn.RNN(1, 2), sequence(41, 1, 1))
