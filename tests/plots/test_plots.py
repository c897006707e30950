import itertools
import re
import subprocess
import sys
from typing import Any

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.colors import same_color, to_hex
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.course import mixing, mixing_plot
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS, DASHES, LIGHT, NAMES
from rnn_figures.plots import comparison_plot, gate_plot, gates, state_plot, states
from rnn_figures.plots.curves import spread
from rnn_figures.plots.heat_maps import HATCHED_FROM, SHADES
from rnn_figures.plots.style import STYLE, WIDTH
from rnn_figures.plots.words import steps_in_words
from rnn_figures.proofs import ProofError
from rnn_figures.traces import trace

L, N, H_IN, H_CELL, H_OUT = 7, 4, 3, 8, 5
LENGTHS = torch.tensor([3, 7, 2, 5])


def sequence(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def packed_trace(module):
    return trace(module, pack_padded_sequence(sequence(L, N, H_IN), LENGTHS, enforce_sorted=False))


def zeroed(module):
    for weight in module.parameters():
        weight.zero_()
    return dict(module.named_parameters())


def counter():
    """An LSTM of one unit whose c counts open brackets exactly."""
    lstm = nn.LSTM(1, 1)
    with torch.no_grad():
        weights = zeroed(lstm)
        weights["weight_ih_l0"][2] = 30.0
        weights["bias_ih_l0"][[0, 1, 3]] = 30.0
    brackets = "(()((())))"
    x = torch.tensor([[1.0 if bracket == "(" else -1.0] for bracket in brackets])
    return trace(lstm, x), brackets


def axes_of(plot) -> list[Any]:
    return plot.axes


def lines(axes, letter) -> dict[str, Any]:
    """The lines of a quantity's units, by label."""
    return {
        str(line.get_label()): line
        for line in axes.lines
        if str(line.get_gid()).startswith(f"q-{letter}-")
    }


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_text()]


def hatched(axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_hatch()]


def cells(axes, letter) -> list[Any]:
    return [
        patch
        for patch in axes.patches
        if isinstance(patch, PathPatch) and str(patch.get_gid()).startswith(f"q-{letter}-shade")
    ]


def opacity(axes, letter, step, row) -> float:
    """How opaque the cell of a heat map is, negative where it is ink: read from its patch."""
    for patch in cells(axes, letter):
        colour: Any = patch.get_facecolor()
        path = patch.get_path()
        if any(part.contains_point((step, row)) for part in split(path)):
            if same_color(colour[:3], COLOURS[letter]):
                return colour[3]
            assert same_color(colour[:3], COLOURS["ink"])
            return -colour[3]
    return 0.0


def split(path):
    corners = path.vertices.reshape(-1, 5, 2)
    return [Path(corner) for corner in corners]


@pytest.mark.parametrize(
    ("module", "quantity", "layer", "direction"),
    [
        (nn.LSTM(H_IN, 3), "f", 0, 0),
        (nn.LSTM(H_IN, H_CELL, num_layers=2, proj_size=H_OUT, bidirectional=True), "h", 0, 1),
        (nn.GRU(H_IN, 2, num_layers=3, bidirectional=True), "z", -2, 0),
        (nn.RNN(H_IN, H_OUT, nonlinearity="relu"), "h", -1, 0),
        (nn.GRU(H_IN, H_CELL), "x", 0, 0),
    ],
)
def test_state_plot_draws_a_line_per_unit_through_the_traced_numbers(
    module, quantity, layer, direction
):
    t = trace(module, sequence(L, N, H_IN))
    values = t[layer, direction][quantity][:, 2]

    plot = state_plot(t, quantity=quantity, layer=layer, direction=direction, sequence=2)

    drawn = lines(axes_of(plot)[0], quantity)
    assert list(drawn) == [f"unit {unit}" for unit in range(values.shape[1])]
    for unit, line in enumerate(drawn.values()):
        np.testing.assert_array_equal(line.get_xdata(), range(L))
        np.testing.assert_array_equal(line.get_ydata(), values[:, unit].double())
        assert same_color(line.get_color(), COLOURS[quantity])


def test_state_plot_tells_units_apart_without_colour():
    plot = state_plot(trace(nn.LSTM(H_IN, 6), sequence(L, 1, H_IN)))

    drawn = lines(axes_of(plot)[0], "h").values()

    assert len({line.get_marker() for line in drawn}) == 6
    assert len({str(line._dash_pattern) for line in drawn}) == 6
    assert [text for text in texts(axes_of(plot)[0]) if text.startswith("unit")] == [
        f"unit {unit}" for unit in range(6)
    ]


def test_state_plot_writes_each_unit_at_the_end_of_its_line():
    t = trace(nn.LSTM(H_IN, 3), sequence(L, 1, H_IN))

    plot = state_plot(t, units=[2, 0])

    notes = {text.get_text(): text for text in axes_of(plot)[0].texts}
    assert list(lines(axes_of(plot)[0], "h")) == ["unit 2", "unit 0"]
    for unit in (2, 0):
        assert notes[f"unit {unit}"].xy == (L - 1, float(t[0, 0].h[-1, 0, unit]))


def test_state_plot_names_quantity_and_place():
    lstm = nn.LSTM(H_IN, 2, num_layers=3, bidirectional=True)

    plot = state_plot(
        trace(lstm, sequence(L, N, H_IN)), quantity="c", layer=-2, direction=1, sequence=-1
    )
    axes = axes_of(plot)[0]

    assert texts(axes)[-2:] == ["c", "cell state, layer 1, reverse, sequence 3"]
    assert axes.get_xlabel() == "step, read from right to left"


@pytest.mark.parametrize(
    ("module", "quantity", "limits"),
    [
        (nn.LSTM(H_IN, 3), "f", (0, 1)),
        (nn.LSTM(H_IN, 3), "g", (-1, 1)),
        (nn.LSTM(H_IN, 3), "h", (-1, 1)),
        (nn.GRU(H_IN, 3), "r", (0, 1)),
    ],
)
def test_state_plot_shows_all_that_a_quantity_can_be(module, quantity, limits):
    axes = axes_of(state_plot(trace(module, sequence(L, 1, H_IN)), quantity=quantity))[0]

    low, high = axes.get_ylim()
    assert low < limits[0]
    assert high > limits[1]
    assert axes.get_yticks()[0] == limits[0]
    assert axes.get_yticks()[-1] == limits[1]


def test_state_plot_cuts_nothing_that_passes_the_usual_bounds():
    h_0 = torch.full((1, 1, 3), 4.0)

    axes = axes_of(state_plot(trace(nn.GRU(H_IN, 3), sequence(L, 1, H_IN), h_0)))[0]

    assert axes.get_ylim()[1] > max(line.get_ydata().max() for line in lines(axes, "h").values())


def test_state_plot_hatches_the_steps_that_a_sequence_does_not_have():
    plot = state_plot(packed_trace(nn.GRU(H_IN, 3)), sequence=0)

    (area,) = hatched(axes_of(plot)[0])
    assert (area.get_x(), area.get_x() + area.get_width()) == (3 - 0.5, L - 0.5)
    assert "hatched: no step" in texts(axes_of(plot)[0])
    assert np.isnan(lines(axes_of(plot)[0], "h")["unit 0"].get_ydata()[3:]).all()
    assert {row["step"] for row in plot.data} == {0, 1, 2}
    assert plot.alt.endswith("Steps 3 to 6: hatched, the sequence has ended.")


def test_state_plot_of_the_longest_sequence_hatches_nothing():
    plot = state_plot(packed_trace(nn.GRU(H_IN, 3)), sequence=1)

    assert not hatched(axes_of(plot)[0])
    assert "hatched" not in plot.alt


def test_state_plot_writes_the_numbers_of_a_single_unit():
    t, brackets = counter()

    axes = axes_of(state_plot(t, quantity="c", symbols=brackets))[0]

    assert texts(axes)[:10] == ["1", "2", "1", "2", "3", "4", "3", "2", "1", "0"]
    assert [label.get_text() for label in axes.get_xticklabels()][:3] == ["(\n0", "(\n1", ")\n2"]


def test_state_plot_draws_many_units_as_a_heat_map_of_the_traced_numbers():
    t = trace(nn.LSTM(H_IN, 20), sequence(L, 1, H_IN))
    values = t[0, 0].c[:, 0].numpy()

    axes = axes_of(state_plot(t, quantity="c"))[0]

    top = np.abs(values).max()
    assert not lines(axes, "c")
    for step in (0, 3, L - 1):
        for unit in (0, 7, 19):
            drawn = opacity(axes, "c", step, unit)
            # a shade covers 2 / (2 · SHADES + 1) of the scale
            assert drawn == pytest.approx(values[step, unit] / top, abs=1.05 / SHADES)


def test_state_plot_heat_map_hatches_what_is_clearly_negative():
    t = trace(nn.LSTM(H_IN, 20), sequence(L, 1, H_IN))
    values = t[0, 0].h[:, 0].numpy()

    axes = axes_of(state_plot(t))[0]

    (patch,) = [p for p in axes.patches if isinstance(p, PathPatch) and p.get_hatch()]
    for step in range(L):
        for unit in range(20):
            inside = any(part.contains_point((step, unit)) for part in split(patch.get_path()))
            assert inside == (values[step, unit] < -HATCHED_FROM * np.abs(values).max())


def test_state_plot_heat_map_of_a_gate_goes_from_0_to_1():
    t = trace(nn.LSTM(H_IN, 20), sequence(L, 1, H_IN))

    axes, bar = axes_of(state_plot(t, quantity="f"))

    assert [tick.get_text() for tick in bar.get_yticklabels()] == ["0", "0.5", "1"]
    assert opacity(axes, "f", 2, 5) == pytest.approx(float(t[0, 0].f[2, 0, 5]), abs=1 / SHADES)


def test_state_plot_heat_map_writes_the_ends_of_its_scale():
    t = trace(nn.LSTM(H_IN, 20), sequence(L, 1, H_IN))

    _, bar = axes_of(state_plot(t, quantity="c"))

    top = digits(float(t[0, 0].c.abs().max()))
    assert [tick.get_text() for tick in bar.get_yticklabels()] == [f"−{top}", "0", top]


def test_state_plot_heat_map_leaves_absent_steps_empty():
    axes = axes_of(state_plot(packed_trace(nn.GRU(H_IN, 20)), sequence=2))[0]

    assert hatched(axes)[0].get_x() == 2 - 0.5
    assert max(patch.get_path().vertices[:, 0].max() for patch in cells(axes, "h")) == 1.5


def test_state_plot_says_when_it_leaves_units_out():
    t = trace(nn.RNN(H_IN, 50), sequence(120, 1, H_IN))

    plot = state_plot(t)

    assert "hidden state, first 34 of 50 units" in texts(axes_of(plot)[0])
    assert "first 34 of 50 units" in plot.alt
    assert len(plot.data) == 120 * 34
    assert len(state_plot(t, units=range(50)).data) == 120 * 50


def test_state_plot_tells_range_ends_and_open_steps():
    lstm = nn.LSTM(1, 1)
    with torch.no_grad():
        zeroed(lstm)["weight_ih_l0"][1] = 1.0  # f = σ(x)
    x = torch.tensor([[0.0], [2.0], [2.0], [-2.0], [2.0]])

    alt = state_plot(trace(lstm, x), quantity="f").alt

    assert alt == (
        "Forget gate f: 1 unit, steps 0 to 4. Lowest 0.119 (step 3), highest 0.881 (step 1). "
        "It goes from 0.5 to 0.881, more than half open at steps 1–2, 4."
    )


def test_state_plot_tells_many_units_by_their_mean():
    t = trace(nn.GRU(H_IN, H_CELL), sequence(L, 1, H_IN))
    z = t[0, 0].z[:, 0]

    alt = state_plot(t, quantity="z").alt

    assert f"goes from {digits(float(z[0].mean()))} to {digits(float(z[-1].mean()))}" in alt
    assert f"{int((z[0] > 0.5).sum())} of 8 units are more than half open at the first" in alt


def test_state_plot_counts_what_is_not_finite():
    t = trace(nn.GRU(H_IN, 2), sequence(L, 1, H_IN))
    t[0, 0].h[4:] = torch.nan

    plot = state_plot(t)

    assert "6 of the values are not finite numbers, first at step 4 (units 0–1)." in plot.alt
    assert "NaN" in texts(axes_of(plot)[0])
    assert plot.to_svg()


def test_state_plot_of_both_infinities_has_no_mean_there():
    x = sequence(L, 1, 5)
    x[0, 0, :2] = torch.tensor([torch.inf, -torch.inf])

    alt = state_plot(trace(nn.LSTM(5, 2), x), quantity="x").alt

    assert "2 of the values are not finite numbers, first at step 0 (units 0–1)." in alt
    assert "The mean over units goes from not a number to" in alt


@pytest.mark.parametrize(("value", "word"), [(torch.nan, "NaN"), (torch.inf, "∞")])
def test_gate_plot_says_where_and_in_which_unit_a_number_is_not_finite(value, word):
    x = sequence(L, 1, H_IN)
    x[3, 0, 1] = torch.nan
    t = trace(nn.GRU(H_IN, 2, bidirectional=True), x)
    one = trace(nn.GRU(H_IN, 2), sequence(L, 1, H_IN))
    one[0, 0].z[2, 0, 1] = value

    alt = gate_plot(t, direction=1).alt
    plot = gate_plot(one)

    assert "8 of the values are not finite numbers, first at step 3 (units 0–1)." in alt
    assert "less than half open at every step." not in alt
    assert "first at step 2 (unit 1)" in plot.alt
    assert f"{word} in unit 1" in [text for axes in axes_of(plot) for text in texts(axes)]


def test_state_plot_carries_its_numbers_and_its_check():
    t = trace(nn.LSTM(H_IN, 2), sequence(L, 1, H_IN))

    plot = state_plot(t, quantity="o")

    assert plot.data.columns == ("step", "unit", "o")
    assert [row["o"] for row in plot.data] == t[0, 0].o.flatten().tolist()
    assert plot.checked == t.checked


def falsified(selection):
    return selection._replace(values=1.01 * selection.values)


@pytest.mark.parametrize("units", [3, 9])
@pytest.mark.parametrize("plots", [states, gates])
def test_state_and_gate_plot_stop_where_the_table_lists_other_numbers(plots, units, monkeypatch):
    table = plots.value_table
    monkeypatch.setattr(
        plots, "value_table", lambda chosen: table({q: falsified(s) for q, s in chosen.items()})
    )
    t = trace(nn.GRU(H_IN, units), sequence(L, 1, H_IN))

    with pytest.raises(ProofError, match=r"^[rh]\["):
        (state_plot if plots is states else gate_plot)(t)


@pytest.mark.parametrize("plots", [states, gates])
def test_state_and_gate_plot_stop_where_they_would_draw_other_numbers(plots, monkeypatch):
    draw = plots.draw_selection
    monkeypatch.setattr(
        plots, "draw_selection", lambda axes, part, **look: draw(axes, falsified(part), **look)
    )
    t = trace(nn.GRU(H_IN, 3), sequence(L, 1, H_IN))

    with pytest.raises(ProofError, match=r"the lines of [rh]"):
        (state_plot if plots is states else gate_plot)(t)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"quantity": "z"}, ValueError, "expected a quantity of nn.LSTM: i, f, g, o, c, h or x; g"),
        ({"layer": 2}, IndexError, r"layer in 0..1 and a direction in 0..0, got layer 2"),
        ({"direction": 1}, IndexError, r"direction in 0..0"),
        ({"direction": -1}, IndexError, r"direction in 0..0, got layer -1, direction -1"),
        ({"sequence": 4}, IndexError, r"expected a sequence in 0..3, got 4"),
        ({"units": [0, 8, -1]}, IndexError, r"expected units of h in 0..7, got 8, -1"),
        ({"units": []}, ValueError, "expected at least one unit, got none; leave `units` out"),
        ({"symbols": "abc"}, ValueError, "expected 7 symbols, one for each step, got 3"),
    ],
)
def test_state_plot_says_what_there_is(options, error, message):
    t = trace(nn.LSTM(H_IN, H_CELL, num_layers=2), sequence(L, N, H_IN))

    with pytest.raises(error, match=message):
        state_plot(t, **options)


@pytest.mark.parametrize(
    ("module", "letters"),
    [
        (nn.LSTM(H_IN, 3, bidirectional=True), "ifgoch"),
        (nn.GRU(H_IN, 3, bidirectional=True), "rznh"),
        (nn.RNN(H_IN, 3, bidirectional=True), "h"),
    ],
)
def test_gate_plot_has_a_strip_per_quantity_in_the_order_of_the_equations(module, letters):
    t = trace(module, sequence(L, N, H_IN))

    plot = gate_plot(t, direction=1, sequence=3)

    assert len(axes_of(plot)) == len(letters)
    for axes, letter in zip(axes_of(plot), letters, strict=True):
        drawn = lines(axes, letter)
        assert list(drawn) == ["unit 0", "unit 1", "unit 2"]
        for unit, line in enumerate(drawn.values()):
            np.testing.assert_array_equal(
                line.get_ydata(), t[0, 1][letter][:, 3, unit].double(), strict=True
            )
            assert same_color(line.get_color(), COLOURS[letter])
            assert (line.get_linestyle() == "-") == (DASHES[letter] == "solid")
        assert texts(axes)[-2:] == [letter, NAMES[letter]]
        assert same_color(axes.texts[-2].get_color(), COLOURS[letter])


def test_gate_plot_shares_the_steps_and_names_them_once():
    t, brackets = counter()

    plot = gate_plot(t, symbols=brackets)

    assert {axes.get_xlim() for axes in axes_of(plot)} == {(-0.5, 9.5)}
    assert [axes.get_xlabel() for axes in axes_of(plot)] == [*[""] * 5, "symbol, step"]
    labels = [label.get_text() for label in axes_of(plot)[-1].get_xticklabels()]
    assert labels == [f"{bracket}\n{t}" for t, bracket in enumerate(brackets)]


@pytest.mark.parametrize(
    ("symbols", "label"),
    [
        (["0", "0.5", "-2"], "input, step"),
        (["0.8\nwrite", "1\n", "2\nread"], "input, step"),
        (["1", "2", "b"], "symbol, step"),
        (["1st", "2nd", "3rd"], "symbol, step"),
    ],
)
def test_numbers_that_were_read_are_called_input(symbols, label):
    plot = gate_plot(trace(nn.GRU(H_IN, 3), sequence(3, 1, H_IN)), symbols=symbols)

    assert axes_of(plot)[-1].get_xlabel() == label


def lower(axes):
    """Return the numbers that stand below their points."""
    return [text.get_text() for text in axes.texts[:-2] if text.get_va() == "top"]


def test_gate_plot_writes_a_single_units_numbers_where_they_change():
    t, brackets = counter()

    plot = gate_plot(t, symbols=brackets)

    written = {axes.texts[-2].get_text(): texts(axes)[:-2] for axes in axes_of(plot)}
    assert written["f"] == ["1"]
    assert written["g"] == ["1", "−1", "1", "−1"]
    assert written["c"] == ["1", "2", "1", "2", "3", "4", "3", "2", "1", "0"]
    below = {axes.texts[-2].get_text(): lower(axes) for axes in axes_of(plot)}
    assert below["g"] == ["−1", "−1"]  # the second is the last step's
    assert below["c"] == ["1"]  # step 2, and neither end
    for axes in axes_of(plot):
        low, high = axes.get_ylim()
        assert all(low < tick < high for tick in axes.get_yticks())


def test_gate_plot_hatches_every_strip_and_says_so_once():
    plot = gate_plot(packed_trace(nn.LSTM(H_IN, 3)), sequence=3)

    assert [hatched(axes)[0].get_x() for axes in axes_of(plot)] == [5 - 0.5] * 6
    assert [("hatched: no step" in texts(axes)) for axes in axes_of(plot)] == [True] + [False] * 5


def test_gate_plot_draws_many_units_as_heat_maps_but_a_narrow_h_as_lines():
    t = trace(nn.LSTM(H_IN, H_CELL, proj_size=H_OUT), sequence(L, 1, H_IN))

    plot = gate_plot(t)

    strips = axes_of(plot)[:6]
    assert [bool(cells(axes, letter)) for axes, letter in zip(strips, "ifgoch", strict=True)] == [
        *[True] * 5,
        False,
    ]
    assert len(lines(strips[-1], "h")) == H_OUT
    assert strips[0].get_title("left") == "a row per unit"
    assert opacity(strips[3], "o", 4, 6) == pytest.approx(float(t[0, 0].o[4, 0, 6]), abs=1 / SHADES)
    assert [row["h"] for row in plot.data][:8] == [*t[0, 0].h[0, 0].tolist(), None, None, None]


def test_gate_plot_tells_every_quantity_and_carries_every_number():
    t = trace(nn.GRU(H_IN, 2), sequence(L, 1, H_IN))

    plot = gate_plot(t, units=[1])

    assert re.findall(r"([A-Z][a-z ]+ [rznh]): 1 unit", plot.alt) == [
        "Reset gate r",
        "Update gate z",
        "Candidate n",
        "Hidden state h",
    ]
    assert plot.data.columns == ("step", "unit", "r", "z", "n", "h")
    assert [row["n"] for row in plot.data] == t[0, 0].n[:, 0, 1].tolist()
    assert plot.checked == t.checked


def test_gate_plot_refuses_a_unit_that_a_projected_h_does_not_have():
    t = trace(nn.LSTM(H_IN, H_CELL, proj_size=H_OUT), sequence(L, 1, H_IN))

    with pytest.raises(IndexError, match=r"expected units of h in 0..4, got 6"):
        gate_plot(t, units=[6])


@pytest.mark.parametrize("direction", [0, 1])
def test_mixing_plot_slides_from_n_to_the_old_h(direction):
    gru = nn.GRU(H_IN, 5, bidirectional=True)
    h_0 = sequence(2, N, 5)
    part = (t := trace(gru, sequence(L, N, H_IN), h_0))[0, direction]
    n, z, h = (part[letter][:, 2, 4].double().numpy() for letter in "nzh")
    start = [float(h_0[direction, 2, 4])]
    h_prev = [*h[1:], *start] if direction else [*start, *h[:-1]]

    plot = mixing_plot(t, direction=direction, sequence=2, unit=4)

    marks = {line.get_gid(): line.get_ydata() for line in axes_of(plot)[0].lines}
    np.testing.assert_array_equal(marks["q-n-mark"], n)
    np.testing.assert_array_equal(marks["q-h-before"], h_prev)
    np.testing.assert_array_equal(marks["q-h-after"], h)
    (part_of_z,) = [c for c in axes_of(plot)[0].collections if c.get_gid() == "q-z-part"]
    for track, n_t, h_t in zip(part_of_z.get_paths(), n, h, strict=True):
        assert track.vertices[:, 1].tolist() == [n_t, h_t]
    np.testing.assert_allclose((1 - z) * n + z * np.array(h_prev), h, atol=1e-6)
    assert texts(axes_of(plot)[0])[:L] == [f"{value:.2f}" for value in z]


def test_mixing_plot_tells_every_step_and_carries_its_numbers():
    gru = nn.GRU(1, 1)
    with torch.no_grad():
        zeroed(gru)["weight_ih_l0"][2] = 100.0  # n = ±1; z = 0.5

    plot = mixing_plot(trace(gru, torch.tensor([[1.0], [-1.0]])))

    assert plot.alt.endswith(
        "Step 0: n 1, old h 0, z 0.5, h 0.5. Step 1: n −1, old h 0.5, z 0.5, h −0.25."
    )
    assert plot.data.columns == ("step", "n", "h before", "z", "h")
    assert plot.data.rows == ((0, 1.0, 0.0, 0.5, 0.5), (1, -1.0, 0.5, 0.5, -0.25))
    assert plot.checked.startswith("equal to nn.GRU")


def test_mixing_plot_carries_h_on_in_the_direction_that_reads():
    t = packed_trace(nn.GRU(H_IN, 5, bidirectional=True))

    axes = axes_of(mixing_plot(t, direction=1, sequence=3))[0]

    carried = [line for line in axes.lines if len(line.get_xdata()) == 2][1:]  # the zero line first
    assert [tuple(line.get_xdata()) for line in carried] == [(1, 0), (2, 1), (3, 2), (4, 3)]
    for line in carried:
        assert line.get_ydata()[0] == line.get_ydata()[1]
    assert hatched(axes)[0].get_x() == 4.5


def test_mixing_plot_of_many_steps_tells_the_extremes():
    t = trace(nn.GRU(H_IN, 2), sequence(30, 1, H_IN))
    z = t[0, 0].z[:, 0, 0]

    plot = mixing_plot(t)

    assert f"z is lowest at step {int(z.argmin())} ({digits(float(z.min()))})" in plot.alt
    assert plot.alt.count("Step ") == 2
    assert "z" not in texts(axes_of(plot)[0])


def test_mixing_plot_stops_where_it_would_draw_other_marks(monkeypatch):
    draw = mixing._sliders
    false = lambda axes, values: draw(axes, {q: 1.01 * v for q, v in values.items()})  # noqa: E731
    monkeypatch.setattr(mixing, "_sliders", false)

    with pytest.raises(ProofError, match="the marks of n"):
        mixing_plot(trace(nn.GRU(H_IN, 2), sequence(L, 1, H_IN)))


def test_mixing_plot_stops_where_z_does_not_mix_n_and_the_old_h_to_h():
    t = trace(nn.GRU(H_IN, 2), sequence(L, 1, H_IN))
    t[0, 0].z.mul_(1.01)

    with pytest.raises(ProofError, match=r"\(1 - z\) · n \+ z · h"):
        mixing_plot(t)


def test_mixing_plot_refuses_what_has_no_update_gate():
    with pytest.raises(ValueError, match=r"expected a trace of an nn.GRU, got one of nn.LSTM"):
        mixing_plot(trace(nn.LSTM(H_IN, 2), sequence(L, 1, H_IN)))


def test_comparison_plot_draws_each_unit_of_each_run():
    ours, theirs = sequence(L, 3), sequence(L, 3) + 0.25

    plot = comparison_plot({"nn.GRU": ours, "the paper": theirs})

    *strips, distance = axes_of(plot)
    assert len(strips) == 3
    for unit, axes in enumerate(strips):
        runs = [line for line in axes.lines if len(line.get_xdata()) == L]
        assert [line.get_label() for line in runs] == ["nn.GRU", "the paper"]
        np.testing.assert_array_equal(runs[0].get_ydata(), ours[:, unit].double())
        np.testing.assert_array_equal(runs[1].get_ydata(), theirs[:, unit].double())
        assert same_color(runs[0].get_color(), COLOURS["h"])
        assert same_color(runs[1].get_color(), COLOURS["ink"])
        assert texts(axes)[-1] == f"unit {unit}"
    assert texts(distance)[-2:] == ["difference", "from nn.GRU"]


def test_comparison_plot_measures_the_largest_difference_over_units():
    first = torch.zeros(3, 2, dtype=torch.float64)
    second = torch.tensor([[0.1, -0.4], [0.3, 0.2], [0.0, 0.0]], dtype=torch.float64)

    plot = comparison_plot({"a": first, "b": second}, first_step=4)

    bars = [bar for bar in axes_of(plot)[-1].patches if isinstance(bar, Rectangle)]
    assert [bar.get_height() for bar in bars] == [0.4, 0.3, 0.0]
    assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == [4, 5, 6]
    assert texts(axes_of(plot)[-1])[:3] == ["0.40", "0.30", "0"]
    assert plot.data.columns == ("step", "unit", "a", "b", "b − a")
    assert plot.data.rows[1] == (4, 1, 0.0, -0.4, -0.4)
    assert plot.alt == (
        "a and b: hidden state h, 2 units, steps 4 to 6. "
        "Largest difference of b from a: 0.4 (step 4); by step 0.4, 0.3, 0."
    )


def test_comparison_plot_draws_a_line_per_difference_for_several_runs():
    zeros, ones, random = torch.zeros(L, 2), torch.ones(L, 2), sequence(L, 2)

    plot = comparison_plot({"zeros": zeros, "ones": ones, "random": random})

    drawn = axes_of(plot)[-1].lines
    assert [line.get_marker() for line in drawn] == ["s", "^"]
    np.testing.assert_array_equal(drawn[0].get_ydata(), np.ones(L))
    np.testing.assert_array_equal(drawn[1].get_ydata(), random.abs().amax(1).double())
    assert {"ones", "random"} <= set(texts(axes_of(plot)[-1]))


def test_comparison_plot_says_when_runs_are_equal():
    run = sequence(L, 2)

    plot = comparison_plot({"whole": run, "halves": run.clone()})

    assert "exactly 0 at every step" in texts(axes_of(plot)[-1])
    assert plot.alt.endswith("halves equals whole exactly at every step.")


def test_comparison_plot_without_difference_names_each_curve_at_its_end():
    runs = {f"w_hh = {weight}": torch.tensor([1.0, weight]) for weight in (0.5, 0.0, 1.0)}

    plot = comparison_plot(runs, difference=False, quantity="c")

    (axes,) = axes_of(plot)
    ends = {text.get_text(): text.xy for text in axes.texts}
    assert [ends[name] for name in runs] == [(1, 0.5), (1, 0), (1, 1)]
    assert all(same_color(line.get_color(), COLOURS["c"]) for line in axes.lines[:3])
    assert len({line.get_marker() for line in axes.lines[:3]}) == 3
    assert plot.data.columns == ("step", "unit", *runs)
    assert "w_hh = 0.5: 1, 0.5." in plot.alt


def test_comparison_plot_of_many_units_draws_the_difference_alone():
    plot = comparison_plot({"a": torch.zeros(L, 9), "b": torch.ones(L, 9)})

    (axes,) = axes_of(plot)
    assert texts(axes)[-2:] == ["difference", "from a"]
    assert len(plot.data) == L * 9


def test_comparison_plot_takes_tensors_that_need_gradients_and_infinite_ones():
    grown = torch.tensor([1.0, torch.inf], requires_grad=True)

    plot = comparison_plot({"a": grown, "b": grown * 2})

    assert "not a number" in plot.alt
    assert plot.to_svg()
    assert plot.proof is None


@pytest.mark.parametrize(
    ("series", "options", "message"),
    [
        ({"a": torch.zeros(3)}, {}, "expected two to 6 series, got 1"),
        ({}, {"difference": False}, "expected one to 6 series, got 0"),
        (
            {"a": torch.zeros(3), "b": torch.zeros(4)},
            {},
            r"expected series of one shape, \(L,\) or \(L, H\), got a \(3,\), b \(4,\)",
        ),
        ({"a": torch.zeros(3, 1, 2)}, {"difference": False}, r"got a \(3, 1, 2\)"),
        ({"a": torch.zeros(3, 7)}, {"difference": False}, "expected at most 6 units .*, got 7"),
        ({"a": torch.zeros(3)}, {"quantity": "y"}, "expected a quantity of x, i, f.*, got 'y'"),
    ],
)
def test_comparison_plot_says_what_it_takes(series, options, message):
    with pytest.raises(ValueError, match=message):
        comparison_plot(series, **options)


def traced(module):
    draw = torch.Generator().manual_seed(5)
    for weight in module.parameters():
        nn.init.uniform_(weight, -1, 1, generator=draw)
    return packed_trace(module)


PLOTS = {
    "lines": lambda: state_plot(traced(nn.GRU(H_IN, 3)), sequence=2),
    "heat map": lambda: state_plot(traced(nn.LSTM(H_IN, 20)), sequence=2, quantity="c"),
    "strips": lambda: gate_plot(traced(nn.GRU(H_IN, 3)), sequence=1),
    "heat maps": lambda: gate_plot(traced(nn.GRU(H_IN, 20)), sequence=0),
    "mixing": lambda: mixing_plot(traced(nn.GRU(H_IN, 3)), sequence=3),
    "comparison": lambda: comparison_plot({"a": sequence(L, 2), "b": torch.zeros(L, 2)}),
}
every_plot = pytest.mark.parametrize("draw", PLOTS.values(), ids=PLOTS)


@every_plot
def test_plots_are_drawn_in_the_palettes_colours_and_never_in_others(draw):
    svg = draw().to_svg()

    assert set(re.findall(r"#[0-9a-f]{6}", svg)) <= set(LIGHT.values())


@every_plot
def test_plots_are_the_same_text_twice(draw):
    assert draw().to_svg() == draw().to_svg()


@every_plot
def test_plots_have_no_text_that_is_smaller_than_9_points(draw):
    plot = draw()

    texts: list[Any] = plot.findobj(Text)
    sizes = {text.get_fontsize() for text in texts if text.get_text()}

    assert min(sizes) >= 9


GATES = {
    "lines": lambda: gate_plot(trace(nn.LSTM(5, 3), sequence(8, 5))),
    "one line": lambda: gate_plot(trace(nn.LSTM(5, 1), 30 * sequence(12, 5))),
    "six lines": lambda: gate_plot(trace(nn.GRU(5, 6), sequence(8, 5))),
    "long names": lambda: gate_plot(trace(nn.GRU(5, 1200), sequence(60, 5)), units=[3, 1199]),
    "one step": lambda: gate_plot(trace(nn.GRU(5, 3), sequence(1, 5))),
    "heat maps": lambda: gate_plot(trace(nn.LSTM(5, 12), sequence(8, 5))),
    "heat maps and lines": lambda: gate_plot(trace(nn.LSTM(5, 9, proj_size=2), sequence(8, 5))),
    "large": lambda: gate_plot(trace(nn.RNN(5, 3, nonlinearity="relu"), 1e5 * sequence(8, 5))),
    "large heat map": lambda: gate_plot(
        trace(nn.RNN(5, 30, nonlinearity="relu"), 1e5 * sequence(8, 5))
    ),
    "small": lambda: gate_plot(trace(nn.LSTM(5, 3, bias=False), 3e-4 * sequence(8, 5))),
    "symbols": lambda: gate_plot(
        trace(nn.LSTM(5, 3, bidirectional=True), sequence(8, 5)),
        direction=1,
        symbols=["two\nlines", *["word"] * 7],
    ),
    "absent steps": lambda: gate_plot(packed_trace(nn.LSTM(H_IN, 3)), sequence=2),
}


STRIPS = GATES | {
    "tiny differences": lambda: comparison_plot(
        {"a": sequence(8, 2).double(), "b": (1 - 2.5e-5) * sequence(8, 2).double()},
        difference=True,
    ),
}


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("draw", [*PLOTS.values(), *GATES.values()], ids=[*PLOTS, *GATES])
def test_plots_stay_on_their_sheet(draw):
    plot = draw()
    plot.draw_without_rendering()

    box = plot.get_tightbbox()

    assert 0 <= box.x0 < box.x1 <= WIDTH
    assert 0 <= box.y0 < box.y1 <= plot.get_figheight()


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("draw", STRIPS.values(), ids=STRIPS)
def test_names_of_strips_do_not_meet_numbers_or_each_other(draw):
    plot = draw()
    plot.draw_without_rendering()
    texts: list[Any] = [text for text in plot.findobj(Text) if text.get_text()]
    beside = {*NAMES, *NAMES.values(), "difference", "from a"}
    names = [text for text in texts if text.get_text() in beside]
    units = [text for text in texts if text.get_text().startswith("unit ")]
    numbers = [label for axes in axes_of(plot) for label in axes.get_yticklabels()]

    assert max(drawn_box(name).x1 for name in names) < min(
        drawn_box(number).x0 for number in numbers
    )
    for one, other in itertools.combinations(units, 2):
        assert not drawn_box(one).overlaps(drawn_box(other)), (one, other)


def drawn_box(text):
    """The place of a text without the box behind it, which may cover its neighbour's edge."""
    return Text.get_window_extent(text)


def test_plots_ignore_the_callers_settings():
    expected = PLOTS["lines"]().to_svg()

    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30, "grid.linestyle": ":"}):
        drawn = PLOTS["lines"]()

    assert drawn.to_svg() == expected


def test_plots_leave_the_callers_settings_alone():
    with matplotlib.rc_context({"axes.facecolor": "black", "grid.linestyle": ":"}):
        before = dict(matplotlib.rcParams)

        PLOTS["strips"]()

        assert dict(matplotlib.rcParams) == before


def test_plots_need_no_pyplot():
    code = "import sys, rnn_figures.plots; sys.exit('matplotlib.pyplot' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_style_uses_the_palettes_colours():
    colours = {value for value in STYLE.values() if str(value).startswith("#")}

    assert colours <= {to_hex(colour) for colour in COLOURS.values()}


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([0.0, 10.0, 20.0], [0.0, 10.0, 20.0]),
        ([1.0, 1.0, 1.0], [0.0, 1.0, 2.0]),
        ([5.0, 0.0, 5.2], [4.6, 0.0, 5.6]),
        ([0.0, 0.8, 1.0], [-0.4, 0.6, 1.6]),
    ],
)
def test_spread_moves_labels_apart_as_little_as_needed(wanted, places):
    assert spread(wanted, 1.0, -9.0, 99.0) == pytest.approx(places)


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([1.0, 1.0, 1.0], [0.5, 1.5, 2.5]),
        ([9.0, 9.0, 0.0], [2.0, 3.0, 0.5]),
        ([3.0, 2.9], [3.0, 2.0]),
        ([0.0, 0.0, 0.0, 0.0], [0.5, 1.5, 2.5, 3.5]),
    ],
)
def test_spread_keeps_labels_within_bounds(wanted, places):
    assert spread(wanted, 1.0, 0.5, 3.0) == pytest.approx(places)


def test_steps_in_words_joins_neighbours():
    assert steps_in_words([]) == ""
    assert steps_in_words([3]) == "3"
    assert steps_in_words([0, 1, 4, 6, 7, 8]) == "0–1, 4, 6–8"


@pytest.mark.parametrize("plot", [gate_plot, state_plot])
def test_a_unit_that_is_named_twice_is_drawn_once(plot):
    traced = trace(nn.LSTM(5, 4), torch.randn(6, 1, 5))

    twice, once = (plot(traced, units=units) for units in ([2, 0, 2], [2, 0]))

    assert twice.alt == once.alt
    assert twice.data.rows == once.data.rows
