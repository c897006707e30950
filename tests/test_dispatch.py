import pytest
import torch
from torch import nn

from rnn_figures.dispatch import operators


def test_operators_of_the_fused_layer_do_not_grow_with_the_sequence():
    lstm = nn.LSTM(3, 8)

    short, long = operators(lstm, torch.zeros(2, 4, 3)), operators(lstm, torch.zeros(7, 4, 3))

    assert short == long
    assert short.count("mkldnn_rnn_layer") == 1


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
