from typing import Any

import pytest
from torch import nn

from rnn_figures import describe, every_configuration

ALL = every_configuration()


def test_every_configuration_counts_them():
    """4 kinds × 3 layers × 2 directions × bias × batch_first, and LSTM once more, projected."""
    assert len(ALL) == 4 * 3 * 2 * 2 * 2 + 3 * 2 * 2 * 2 == 120
    assert len({describe(module) for module in ALL}) == 120


def test_every_configuration_has_a_fixed_order():
    calls = [describe(module) for module in ALL]

    assert calls[:3] == [
        "nn.LSTM(6, 8)",
        "nn.LSTM(6, 8, proj_size=5)",
        "nn.LSTM(6, 8, batch_first=True)",
    ]
    assert calls[48] == "nn.GRU(6, 8)"
    assert calls[-1] == (
        "nn.RNN(6, 8, nonlinearity='relu', num_layers=3, bias=False, batch_first=True, "
        "bidirectional=True)"
    )


@pytest.mark.parametrize("module", ALL, ids=describe)
def test_describe_rebuilds_the_configuration(module):
    again = eval(describe(module))

    assert repr(again) == repr(module)
    assert again.mode == module.mode
    shapes = [p.shape for p in module.parameters()]
    assert [p.shape for p in again.parameters()] == shapes


def test_describe_tells_dropout():
    assert (
        describe(nn.GRU(5, 3, num_layers=2, dropout=0.5))
        == "nn.GRU(5, 3, num_layers=2, dropout=0.5)"
    )


def test_describe_a_subclass_by_the_class_that_it_extends():
    class Mine(nn.LSTM):
        pass

    assert describe(Mine(5, 3)) == "nn.LSTM(5, 3)"


def test_describe_refuses_other_modules():
    linear: Any = nn.Linear(5, 3)

    with pytest.raises(
        TypeError, match=r"expected module as an nn\.LSTM, nn\.GRU or nn\.RNN, got Linear"
    ):
        describe(linear)


def test_every_configuration_lets_torch_refuse_sizes():
    with pytest.raises(ValueError, match="proj_size has to be smaller than hidden_size"):
        every_configuration(proj_size=8)
