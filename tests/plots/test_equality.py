import pytest
import torch
from matplotlib.colors import same_color, to_rgba
from matplotlib.patches import Rectangle
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.palette import COLOURS
from rnn_figures.plots.equality import equality_plot
from rnn_figures.proofs import ProofError
from rnn_figures.traces import trace

L, N = 7, 4


def traced(module, sequences=N, **options):
    return trace(module, torch.randn(L, sequences, 3), **options)


def filled(plot):
    return [
        patch
        for patch in plot.axes[0].patches
        if isinstance(patch, Rectangle) and to_rgba(patch.get_facecolor())[3] > 0
    ]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_equality_plot_one_direction_marks_the_last_step_of_the_top_layer(kind, num_layers):
    t = traced(kind(3, 8, num_layers=num_layers))

    rows = {name: cells for name, *cells in equality_plot(t, sequence=2).data.rows}

    assert rows.pop(f"h_n[{num_layers - 1}]") == [False] * (L - 1) + [True]
    assert not any(cell for cells in rows.values() for cell in cells)


@pytest.mark.parametrize("num_layers", [1, 2])
def test_equality_plot_two_directions_marks_both_ends(num_layers):
    t = traced(nn.LSTM(3, 8, num_layers=num_layers, bidirectional=True))

    rows = {name: cells for name, *cells in equality_plot(t, sequence=1).data.rows}

    forward, reverse = f"h_n[{2 * num_layers - 2}]", f"h_n[{2 * num_layers - 1}]"
    assert rows.pop(forward) == [False] * (2 * L - 2) + [True, False]
    assert rows.pop(reverse) == [False, True] + [False] * (2 * L - 2)
    assert not any(cell for cells in rows.values() for cell in cells)


def test_equality_plot_fills_the_equal_cells_and_writes_a_sign():
    plot = equality_plot(traced(nn.LSTM(3, 8, bidirectional=True)))

    cells = filled(plot)
    assert [cell.get_gid() for cell in cells] == ["q-h-row0-column12", "q-h-row1-column1"]
    assert all(same_color(cell.get_facecolor(), COLOURS["h"]) for cell in cells)
    assert [text.get_text() for text in plot.axes[0].texts] == ["=", "="]
    assert "h_n[1] equals output[0] reverse; c_n[0] equals no part of output" in plot.alt


@pytest.mark.parametrize("batch_first", [False, True])
def test_equality_plot_knows_batch_first_and_unbatched_input(batch_first):
    gru = nn.GRU(3, 8, batch_first=batch_first)
    batch = torch.randn(N, L, 3) if batch_first else torch.randn(L, N, 3)

    batched = equality_plot(trace(gru, batch), sequence=3).data.rows
    unbatched = equality_plot(trace(gru, torch.randn(L, 3))).data.rows

    assert batched == unbatched == (("h_n[0]", *[False] * (L - 1), True),)


def test_equality_plot_packed_ends_where_the_sequence_ends():
    packed = pack_padded_sequence(torch.randn(L, N, 3), [3, 7, 2, 5], enforce_sorted=False)

    plot = equality_plot(trace(nn.GRU(3, 8, bidirectional=True), packed), sequence=3)

    assert plot.data.rows == (
        ("h_n[0]", *[False] * 8, True, False),
        ("h_n[1]", False, True, *[False] * 8),
    )


@pytest.mark.parametrize("answer", [True, False])
def test_equality_plot_stops_where_a_mark_is_wrong(answer, monkeypatch):
    t = traced(nn.LSTM(3, 8))
    monkeypatch.setattr(torch, "equal", lambda *_: answer)

    with pytest.raises(ProofError, match=r"h_n\[0\]"):
        equality_plot(t)


def test_equality_plot_refuses_a_missing_sequence_and_a_long_one():
    with pytest.raises(IndexError, match=r"expected a sequence in 0..3, got 4"):
        equality_plot(traced(nn.GRU(3, 8)), sequence=4)
    with pytest.raises(ValueError, match="expected at most 12 steps, got 13"):
        equality_plot(trace(nn.GRU(3, 8), torch.zeros(13, N, 3)))


def test_equality_plot_is_the_same_twice():
    t = traced(nn.LSTM(3, 8))

    assert equality_plot(t).to_svg() == equality_plot(t).to_svg()
