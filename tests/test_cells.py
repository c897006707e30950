import pytest
import torch
from torch import nn

from rnn_figures import gru_step, lstm_step, rnn_step

N, H_IN, H_CELL = 4, 3, 8


def cell_weights(cell):
    return {name: weight.detach() for name, weight in cell.named_parameters()}


@pytest.mark.parametrize("bias", [True, False])
def test_lstm_step_equals_the_cell(bias):
    cell = nn.LSTMCell(H_IN, H_CELL, bias=bias).double()
    x, h, c = torch.randn(N, H_IN), torch.randn(N, H_CELL), torch.randn(N, H_CELL)
    x, h, c = x.double(), h.double(), c.double()

    step = lstm_step(x, h, c, **cell_weights(cell))

    expected_h, expected_c = cell(x, (h, c))
    torch.testing.assert_close(step.h, expected_h, rtol=0, atol=1e-12)
    torch.testing.assert_close(step.c, expected_c, rtol=0, atol=1e-12)
    torch.testing.assert_close(step.c, step.f * c + step.i * step.g, rtol=0, atol=0)
    assert step._fields == ("i", "f", "g", "o", "c", "h")


@pytest.mark.parametrize("bias", [True, False])
def test_gru_step_equals_the_cell(bias):
    cell = nn.GRUCell(H_IN, H_CELL, bias=bias).double()
    x, h = torch.randn(N, H_IN).double(), torch.randn(N, H_CELL).double()

    step = gru_step(x, h, **cell_weights(cell))

    torch.testing.assert_close(step.h, cell(x, h), rtol=0, atol=1e-12)
    assert step._fields == ("r", "z", "n", "h")


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bias", [True, False])
def test_rnn_step_equals_the_cell(bias, nonlinearity):
    cell = nn.RNNCell(H_IN, H_CELL, bias=bias, nonlinearity=nonlinearity).double()
    x, h = torch.randn(N, H_IN).double(), torch.randn(N, H_CELL).double()

    step = rnn_step(x, h, nonlinearity=nonlinearity, **cell_weights(cell))

    torch.testing.assert_close(step.h, cell(x, h), rtol=0, atol=1e-12)


def test_gru_step_resets_after_the_matmul():
    """By hand, two units: r = 1/2, z = 1/2 (no input), n = tanh(1/2 · (W h + b))."""
    h = torch.tensor([[1.0, 2.0]])
    weight_hh, bias_hh = torch.zeros(6, 2), torch.zeros(6)
    weight_hh[4:] = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    bias_hh[4:] = 1.0

    step = gru_step(
        torch.zeros(1, 1),
        h,
        weight_ih=torch.zeros(6, 1),
        weight_hh=weight_hh,
        bias_ih=torch.zeros(6),
        bias_hh=bias_hh,
    )

    expected = torch.tanh(torch.tensor([[(2.0 + 1.0) / 2, (1.0 + 1.0) / 2]]))
    torch.testing.assert_close(step.n, expected)
    torch.testing.assert_close(step.h, (expected + h) / 2)


def test_lstm_step_projects_after_the_output_gate():
    lstm = nn.LSTM(H_IN, H_CELL, proj_size=5).double()
    x = torch.randn(1, N, H_IN).double()
    parameters = {name.removesuffix("_l0"): w.detach() for name, w in lstm.named_parameters()}
    zeros = torch.zeros(N, 5).double(), torch.zeros(N, H_CELL).double()

    step = lstm_step(x[0], *zeros, **parameters)

    torch.testing.assert_close(step.h, lstm(x)[0][0], rtol=0, atol=1e-12)


def test_rnn_step_refuses_another_nonlinearity():
    with pytest.raises(ValueError, match='expected nonlinearity "tanh" or "relu", got \'gelu\''):
        rnn_step(
            torch.zeros(1, 1),
            torch.zeros(1, 1),
            weight_ih=torch.zeros(1, 1),
            weight_hh=torch.zeros(1, 1),
            nonlinearity="gelu",
        )
