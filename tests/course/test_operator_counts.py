import numpy as np
import pytest
import torch
from matplotlib.colors import same_color
from torch import nn

from rnn_figures import operators
from rnn_figures.course.operator_counts import operator_plot
from rnn_figures.palette import COLOURS

LENGTHS = (1, 7, 20)


def inputs():
    return [torch.zeros(length, 4, 3) for length in LENGTHS]


def test_operator_plot_draws_the_exponents_of_the_counts():
    gru = nn.GRU(3, 8)
    counts = [len(operators(gru, given)) for given in inputs()]

    plot = operator_plot({"gru": gru}, inputs())

    (line,) = plot.axes[0].lines
    assert np.allclose(line.get_xdata(), np.log10(LENGTHS), atol=1e-12, rtol=0)
    assert np.allclose(line.get_ydata(), np.log10(counts), atol=1e-12, rtol=0)
    assert same_color(line.get_color(), COLOURS["ink"])


def test_operator_plot_lists_and_tells_the_counts():
    calls = {"gru": nn.GRU(3, 8), "rnn": nn.RNN(3, 8)}
    counts = {name: [len(operators(call, x)) for x in inputs()] for name, call in calls.items()}

    plot = operator_plot(calls, inputs())

    assert plot.data.columns == ("steps", "gru", "rnn")
    assert plot.data.rows == tuple(zip(LENGTHS, counts["gru"], counts["rnn"], strict=True))
    assert f"gru {counts['gru'][0]} for 1 step and {counts['gru'][-1]} for 20" in plot.alt
    assert plot.proof is None


def test_operator_plot_tells_lines_apart_without_colour():
    calls = {"gru": nn.GRU(3, 8), "rnn": nn.RNN(3, 8)}

    plot = operator_plot(calls, inputs())

    looks = {(line.get_linestyle(), line.get_marker()) for line in plot.axes[0].lines}
    assert len(looks) == len(calls)


@pytest.mark.parametrize(
    ("calls", "given", "message"),
    [
        ({}, inputs(), "expected one to 6 calls, got 0"),
        ({"rnn": nn.RNN(3, 8)}, inputs()[:1], r"growing length, got lengths \[1\]"),
        ({"rnn": nn.RNN(3, 8)}, inputs()[::-1], r"growing length, got lengths \[20, 7, 1\]"),
    ],
)
def test_operator_plot_refuses_what_it_cannot_draw(calls, given, message):
    with pytest.raises(ValueError, match=message):
        operator_plot(calls, given)


def test_operator_plot_is_the_same_twice():
    first, second = (operator_plot({"rnn": nn.RNN(3, 8)}, inputs()) for _ in range(2))

    assert first.to_svg() == second.to_svg()


def test_operators_of_an_unfused_lstm_are_ten_for_each_step():
    each_step = {"sigmoid_": 3, "tanh_": 1, "tanh": 1, "mul": 3}  # i, f, o; g; tanh(c); products
    steps = 7

    names = operators(nn.LSTM(3, 8).double(), torch.zeros(steps, 4, 3).double())

    assert {name: names.count(name) for name in each_step} == {
        name: steps * count for name, count in each_step.items()
    }


def test_operators_names_operators_without_namespace_and_overload():
    names = operators(nn.Linear(3, 8, bias=False), torch.zeros(4, 3))

    assert names == ("t", "mm")


@pytest.mark.parametrize(
    ("layer", "each_step"),
    [(nn.GRU(3, 8), {"sigmoid_": 2, "tanh_": 1}), (nn.RNN(3, 8), {"tanh": 1})],
)
def test_operators_of_an_unfused_layer_come_again_at_every_step(layer, each_step):
    steps = 7

    names = operators(layer, torch.zeros(steps, 4, 3))

    assert {name: names.count(name) for name in each_step} == {
        name: steps * count for name, count in each_step.items()
    }


def test_operators_passes_every_argument():
    gru, x, h_0 = nn.GRU(3, 8), torch.zeros(7, 4, 3), torch.zeros(1, 4, 8)

    with_state, without = operators(gru, x, h_0), operators(gru, x)

    assert "zeros" in without
    assert "zeros" not in with_state


def test_operators_leaves_no_gradients():
    linear = nn.Linear(3, 8)

    operators(lambda x: linear(x).sum().requires_grad, torch.zeros(4, 3, requires_grad=True))

    assert all(weight.grad is None for weight in linear.parameters())
