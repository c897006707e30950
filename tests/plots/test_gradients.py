import math

import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from matplotlib.text import Annotation
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.gradients import gradient_by_lag
from rnn_figures.palette import COLOURS
from rnn_figures.plots import gradient_lag_plot, gradients
from rnn_figures.proofs import Proof, ProofError
from rnn_figures.traces import trace
from rnn_figures.weights import set_forget_bias

L, H_in = 12, 3


def runs(make, count=5, steps=L):
    """A module and what it reads, for several seeds."""
    found = []
    for seed in range(count):
        torch.manual_seed(seed)
        found.append((make(), torch.randn(steps, 1, H_in, dtype=torch.float64)))
    return found


def lstm(**options):
    return nn.LSTM(H_in, 8, dtype=torch.float64, **options)


def gru():
    return nn.GRU(H_in, 8, dtype=torch.float64)


def constant_gate(bias):
    """An LSTM whose forget gate is σ(bias) at every step and in every unit."""
    module = lstm()
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return set_forget_bias(module, bias)


def line(axes, gid):
    (found,) = [line for line in axes.lines if line.get_gid() == gid]
    return found


def ydata(axes, gid):
    return np.asarray(line(axes, gid).get_ydata(), dtype=float)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_gradient_lag_plot_draws_median_and_band_of_the_live_gradients():
    of_gru, of_lstm = runs(gru), runs(lstm)

    plot = gradient_lag_plot({"GRU": of_gru, "LSTM": of_lstm})

    for place, of_name in enumerate((of_gru, of_lstm)):
        by_lag = torch.cat([gradient_by_lag(*run) for run in of_name], dim=1).numpy()
        np.testing.assert_allclose(
            ydata(plot.axes[0], f"gradient{place}"), np.log10(np.median(by_lag, axis=1)), atol=1e-12
        )
        (band,) = [c for c in plot.axes[0].collections if c.get_gid() == f"band{place}"]
        edge = np.concatenate([np.asarray(path.vertices) for path in band.get_paths()])
        for lag in range(L):
            drawn = edge[edge[:, 0] == lag][:, 1]
            assert drawn.min() == pytest.approx(np.log10(by_lag[lag].min()))
            assert drawn.max() == pytest.approx(np.log10(by_lag[lag].max()))


def test_gradient_lag_plot_table_has_every_curve():
    of_lstm = runs(lstm, count=4)

    table = gradient_lag_plot({"LSTM": of_lstm}).data

    by_lag = torch.cat([gradient_by_lag(*run) for run in of_lstm], dim=1)
    assert [row[0] for row in table.rows] == list(range(L))
    for lag, row in enumerate(table.rows):
        ordered = by_lag[lag].sort().values
        median = (ordered[1] + ordered[2]) / 2
        assert row[1:4] == pytest.approx((float(median), float(ordered[0]), float(ordered[3])))


def test_gradient_lag_plot_forget_gates_multiply():
    plot = gradient_lag_plot({"b = 1": [(constant_gate(1.0), torch.zeros(L, 1, H_in).double())]})

    gate = 1 / (1 + math.exp(-1.0))
    expected = [k * math.log10(gate) for k in range(L)]
    np.testing.assert_allclose(ydata(plot.axes[1], "q-f-product0"), expected, atol=1e-12)
    assert same_color(line(plot.axes[1], "q-f-product0").get_color(), COLOURS["f"])
    assert [row[4] for row in plot.data.rows] == pytest.approx([gate**k for k in range(L)])


def test_gradient_lag_plot_forget_gates_are_the_top_layers_from_each_end():
    torch.manual_seed(0)
    module = lstm(num_layers=2, bidirectional=True)
    packed = pack_padded_sequence(
        torch.randn(L, 3, H_in, dtype=torch.float64), torch.tensor([5, 12, 2]), enforce_sorted=False
    )

    table = gradient_lag_plot({"LSTM": [(module, packed)]}).data

    f = trace(module, packed)[1, 0].f
    for lag in (0, 1, 4, 11):
        products = [
            f[length - lag : length, n].prod(dim=0)
            for n, length in enumerate((5, 12, 2))
            if lag < length
        ]
        assert table.rows[lag][4] == pytest.approx(float(torch.cat(products).quantile(0.5)))


def test_gradient_lag_plot_without_forget_gates_has_one_strip():
    shown = gradient_lag_plot({"GRU": runs(gru, 2), "LSTM": runs(lstm, 2)})
    hidden = gradient_lag_plot({"LSTM": runs(lstm, 2)}, forget_gates=False)
    none = gradient_lag_plot({"GRU": runs(gru, 2)})

    assert [len(plot.axes) for plot in (shown, hidden, none)] == [2, 1, 1]
    assert texts(shown.axes[1]) == ["LSTM"]
    assert line(shown.axes[1], "q-f-product1").get_marker() == (
        line(shown.axes[0], "gradient1").get_marker()
    )
    assert not any("forget gates" in column for column in hidden.data.columns)


def test_gradient_lag_plot_says_which_step_is_the_last():
    short, long = runs(gru, 2, steps=L), runs(gru, 2, steps=L + 8)

    same = gradient_lag_plot({"a": short, "b": short})
    different = gradient_lag_plot({"a": short, "b": long})

    assert same.axes[0].get_title("left") == "size of ∂output[T] / ∂x[T − k], T = 11"
    assert texts(same.axes[0]) == ["a", "b"]
    assert different.axes[0].get_title("left") == "size of ∂output[T] / ∂x[T − k]"
    assert texts(different.axes[0]) == ["a, T = 11", "b, T = 19"]
    assert different.data.rows[15][1:4] == (None, None, None)
    assert isinstance(different.data.rows[15][4], float)


def test_gradient_lag_plot_lags_that_a_run_does_not_have_do_not_count():
    short, long = runs(lstm, 1, steps=L), runs(lstm, 1, steps=L + 8)

    plot = gradient_lag_plot({"LSTM": short + long})

    alone = gradient_lag_plot({"LSTM": long})
    assert plot.axes[0].get_title("left").endswith("T = 11–19")
    assert plot.data.rows[L:] == alone.data.rows[L:]
    assert plot.data.rows[L - 1] != alone.data.rows[L - 1]


def test_gradient_lag_plot_labels_stand_at_the_lines_ends():
    plot = gradient_lag_plot({"GRU": runs(gru), "LSTM": runs(lstm)})

    for place, text in enumerate(plot.axes[0].texts):
        assert isinstance(text, Annotation)
        assert text.xy == pytest.approx((L - 1, ydata(plot.axes[0], f"gradient{place}")[-1]))


def test_gradient_lag_plot_leaves_a_gap_where_the_gradient_is_zero():
    module = nn.RNN(H_in, 2, nonlinearity="relu", dtype=torch.float64)
    nn.init.zeros_(module.get_parameter("weight_hh_l0"))
    nn.init.ones_(module.get_parameter("bias_ih_l0"))

    plot = gradient_lag_plot({"cut": [(module, torch.zeros(L, 1, H_in).double())]})

    assert np.isfinite(ydata(plot.axes[0], "gradient0")).tolist() == [True] + [False] * (L - 1)
    assert plot.data.rows[1][1] == 0.0


def test_gradient_lag_plot_alt_tells_lags_runs_and_gates():
    plot = gradient_lag_plot({"b = 1": [(constant_gate(1.0), torch.zeros(L, 1, H_in).double())]})

    assert plot.alt.startswith("Gradient of the last output with respect to the input k steps")
    assert "b = 1 (median of 1 sequence, T = 11): 0 at lag 0, 0 at lag 1, 0 at lag 5" in plot.alt
    assert plot.alt.endswith("its forget gates multiply to 0.0319 over 11 steps.")


def test_gradient_lag_plot_says_how_many_runs_there_are():
    five = gradient_lag_plot({"GRU": runs(gru, 5)})
    one = gradient_lag_plot({"GRU": runs(gru, 1)})

    assert five.axes[0].get_title("right") == "median of 5, band: all"
    assert one.axes[0].get_title("right") == ""
    assert not one.axes[0].collections


def test_gradient_lag_plot_is_checked_against_torchs_jacobian():
    plot = gradient_lag_plot({"GRU": runs(gru, 2), "LSTM": runs(lstm, 2)})

    assert plot.checked.startswith("the first run of each equal, in parts of it, to torch's own")
    assert f"nn.LSTM, torch {torch.__version__.partition('+')[0]}, to " in plot.checked
    assert isinstance(plot.proof, Proof)
    assert plot.proof.holds
    assert plot.proof.max_difference < 1e-12
    float32 = gradient_lag_plot({"GRU": runs(gru, 2), "a": [(nn.GRU(3, 9), torch.ones(4, 1, 3))]})
    assert isinstance(float32.proof, Proof)
    assert float32.proof.max_difference > 1e-9  # the largest of all names


def test_gradient_lag_plot_stops_where_torchs_jacobian_differs(monkeypatch):
    wrong = lambda module, x: 1.001 * gradient_by_lag(module, x)  # noqa: E731
    monkeypatch.setattr(gradients, "gradient_by_lag", wrong)

    with pytest.raises(ProofError, match=r"torch's own Jacobian.*: expected 1, got 1.001"):
        gradient_lag_plot({"GRU": runs(gru, 2)})


@pytest.mark.parametrize("name", ["draw_powers", "_table"])
def test_gradient_lag_plot_stops_where_it_would_show_other_numbers(name, monkeypatch):
    show = getattr(gradients, name)
    if name == "_table":
        false = lambda curves: show(  # noqa: E731
            {n: curve._replace(norms=1.01 * curve.norms) for n, curve in curves.items()}
        )
    else:
        false = lambda axes, curves, **look: show(  # noqa: E731
            axes, {n: 1.01 * curve for n, curve in curves.items()}, **look
        )
    monkeypatch.setattr(gradients, name, false)

    with pytest.raises(ProofError, match=r"the (curve|median) of GRU"):
        gradient_lag_plot({"GRU": runs(gru, 2)})


@pytest.mark.parametrize("steps", [3, 9])
def test_gradient_lag_plot_has_no_tick_between_two_lags(steps):
    plot = gradient_lag_plot({"GRU": runs(gru, 2, steps=steps)})

    assert plot.axes[0].get_xticks().tolist() == list(range(steps))


def test_gradient_lag_plot_is_the_same_twice():
    first, second = (gradient_lag_plot({"LSTM": runs(lstm, 2)}).to_svg() for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "got none"),
        ({"a": []}, "got a: 0"),
        ({str(k): runs(gru, 1) for k in range(7)}, "got 0: 1, 1: 1"),
    ],
)
def test_gradient_lag_plot_refuses_nothing_and_too_much(given, message):
    with pytest.raises(ValueError, match=f"expected runs of one to 6 names, {message}"):
        gradient_lag_plot(given)
