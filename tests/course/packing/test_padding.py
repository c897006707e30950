import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_sequence

from rnn_figures.course import padding_plot
from rnn_figures.course.packing import padding
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import ProofError

LENGTHS = [3, 7, 2, 5]


def sequences():
    return [torch.randn(n, 3) for n in LENGTHS]


@pytest.mark.parametrize("name", ["_values", "_ring"])
def test_padding_plot_stops_where_it_would_draw_other_numbers(name, monkeypatch):
    draw = getattr(padding, name)
    if name == "_values":
        false = lambda *given: 1.01 * draw(*given)  # noqa: E731
    else:
        false = lambda axes, values, *given, **look: draw(axes, 1.01 * values, *given, **look)  # noqa: E731
    monkeypatch.setattr(padding, name, false)

    with pytest.raises(ProofError, match="run"):
        padding_plot(nn.GRU(3, 8), pad_sequence(sequences()), LENGTHS)


def line(axes, gid: str) -> np.ndarray:
    (found,) = [line for line in axes.lines if line.get_gid() == gid]
    return np.asarray(found.get_ydata(), dtype=float)


@pytest.mark.parametrize("batch_first", [True, False])
def test_padding_plot_draws_both_live_runs(batch_first):
    lstm, given = nn.LSTM(3, 8, num_layers=2, batch_first=batch_first), sequences()
    padded = pad_sequence(given, batch_first=batch_first)

    plot = padding_plot(lstm, padded, LENGTHS, sequence=2, units=(6,))

    steps = lstm(padded)[0]
    steps = (steps[2] if batch_first else steps[:, 2])[:, 6].detach().numpy()
    alone = lstm(given[2])[0][:, 6].detach().numpy()
    np.testing.assert_allclose(line(plot.axes[0], "padded-unit6"), steps, atol=1e-6)
    packed = line(plot.axes[0], "q-h-packed-unit6")
    np.testing.assert_allclose(packed[:2], alone, atol=1e-6)
    assert np.isnan(packed[2:]).all()


def test_padding_plot_rings_what_each_run_returns_as_h_n():
    gru, given = nn.GRU(3, 8, bidirectional=True), sequences()
    padded = pad_sequence(given)

    plot = padding_plot(gru, padded, LENGTHS, sequence=0)

    h_padded = gru(padded)[1]
    h_packed = gru(pack_sequence(given, enforce_sorted=False))[1]
    for direction, axes in enumerate(plot.axes):
        for gid, h_n in (("q-h-packed-end", h_packed), ("padded-end", h_padded)):
            expected = h_n[direction, 0, :3].detach().numpy()
            np.testing.assert_allclose(line(axes, gid), expected, atol=1e-6)


def test_padding_plot_tells_where_the_runs_part():
    gru = nn.GRU(3, 8, bidirectional=True)

    plot = padding_plot(gru, pad_sequence(sequences()), LENGTHS, sequence=0)

    assert "Forward: at valid steps the two agree" in plot.alt
    assert "Reverse: at valid steps the two differ" in plot.alt
    absent = [row for row in plot.data.rows if row[3] is None]
    assert {row[1] for row in absent} == {3, 4, 5, 6}


def test_padding_plot_colours_the_packed_run_and_not_the_padded():
    plot = padding_plot(nn.GRU(3, 8), pad_sequence(sequences()), LENGTHS)

    colours = {line.get_gid(): line.get_color() for line in plot.axes[0].lines}
    assert same_color(colours["q-h-packed-unit0"], COLOURS["h"])
    assert same_color(colours["padded-unit0"], COLOURS["ink"])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"sequence": 4}, IndexError, r"a sequence in 0\.\.3, got 4"),
        ({"units": (0, 8)}, IndexError, r"units of h in 0\.\.7, got 8"),
        ({"units": (0, 1, 2, 3)}, ValueError, "at most 3 units, got 4"),
    ],
)
def test_padding_plot_refuses_what_is_not_there(options, error, words):
    with pytest.raises(error, match=words):
        padding_plot(nn.GRU(3, 8), pad_sequence(sequences()), LENGTHS, **options)
