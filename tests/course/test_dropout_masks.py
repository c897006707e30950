import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from matplotlib.patches import Rectangle
from torch import nn

from rnn_figures.course import dropout_masks as masks
from rnn_figures.course.dropout_masks import dropout_plot
from rnn_figures.dropout import dropout_masks
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import ProofError


def drawn(axes, shape):
    """Return the cells that are filled, (L, D·H_out)."""
    kept = torch.zeros(shape, dtype=torch.bool)
    for patch in axes.patches:
        assert isinstance(patch, Rectangle)
        assert same_color(patch.get_facecolor(), COLOURS["h"])
        unit, t = (int(part[1:].lstrip("nit")) for part in str(patch.get_gid()).split("-")[-2:])
        assert patch.get_x() == pytest.approx(t - 0.42)
        assert patch.get_y() == pytest.approx(unit - 0.42)
        kept[t, unit] = True
    return kept


def test_dropout_plot_fills_what_came_through_and_crosses_the_rest():
    gru = nn.GRU(3, 6, num_layers=3, dropout=0.5)
    x = torch.ones(5, 4, 3)
    kept = dropout_masks(gru, x, calls=2).kept

    plot = dropout_plot(gru, x, calls=2, sequence=2)

    panels = [axes for axes in plot.axes if axes.get_title("left")]
    assert [axes.get_title("left") for axes in panels] == [
        "call 1, layer 0 → layer 1",
        "call 1, layer 1 → layer 2",
        "call 2, layer 0 → layer 1",
        "call 2, layer 1 → layer 2",
    ]
    for number, axes in enumerate(panels):
        mask = kept[number // 2, number % 2, :, 2]
        assert torch.equal(drawn(axes, (5, 6)), mask)
        (crosses,) = axes.lines
        assert {(int(t), int(u)) for t, u in np.asarray(crosses.get_xydata())} == {
            (int(t), int(u)) for t, u in (~mask).nonzero()
        }


def test_dropout_plot_names_the_halves_of_two_directions():
    lstm = nn.LSTM(3, 4, num_layers=2, dropout=0.5, bidirectional=True)

    plot = dropout_plot(lstm, torch.ones(5, 1, 3), calls=1)

    (axes,) = plot.axes
    assert axes.get_title("left") == "layer 0 → layer 1"
    assert [text.get_text() for text in axes.texts] == ["forward", "reverse"]
    (line,) = [line for line in axes.lines if line.get_gid() == "halves"]
    assert np.asarray(line.get_ydata()).tolist() == [3.5, 3.5]


def test_dropout_plot_data_and_alt_are_the_masks():
    lstm = nn.LSTM(3, 6, num_layers=2, dropout=0.5)
    x = torch.ones(5, 1, 3)
    kept = dropout_masks(lstm, x, calls=3).kept

    plot = dropout_plot(lstm, x)

    assert len(plot.data) == 3 * 5
    assert plot.data.rows[7] == (2, 0, 1, 2, *kept[1, 0, 2, 0].tolist())
    assert f"Call 3, layer 0 to layer 1: {kept[2].sum()} of 30 numbers kept" in plot.alt
    assert plot.alt.endswith("The calls' masks differ.")
    assert "give the output of nn.LSTM(3, 6, num_layers=2, dropout=0.5)" in plot.checked


@pytest.mark.parametrize("name", ["_draw_mask", "_table"])
def test_dropout_plot_stops_where_it_would_show_another_mask(name, monkeypatch):
    show = getattr(masks, name)
    if name == "_table":
        false = lambda kept: show(~kept)  # noqa: E731
    else:
        false = lambda axes, kept, *given: show(axes, ~kept, *given)  # noqa: E731
    monkeypatch.setattr(masks, name, false)

    with pytest.raises(ProofError, match="table" if name == "_table" else "call 1, gap 0"):
        dropout_plot(nn.GRU(3, 6, 2, dropout=0.5), torch.ones(5, 1, 3))


def test_dropout_plot_refuses_what_cannot_be_told_apart():
    with pytest.raises(ValueError, match="at most 24 steps, 24 units and 6 masks, got 5, 6 and 7"):
        dropout_plot(nn.GRU(3, 6, 2, dropout=0.5), torch.ones(5, 1, 3), calls=7)


def test_dropout_plot_refuses_a_sequence_that_is_not_there():
    with pytest.raises(IndexError, match=r"sequence in 0\.\.0, got 1"):
        dropout_plot(nn.GRU(3, 6, 2, dropout=0.5), torch.ones(5, 1, 3), sequence=1)
