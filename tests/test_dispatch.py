import pytest
import torch
from torch import nn

from rnn_figures.dispatch import operators


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
