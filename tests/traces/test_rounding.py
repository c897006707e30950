"""The intervals themselves: the strict comparison is switched off, so that all rests on them."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures import TraceMismatchError, trace
from rnn_figures.configurations import describe, every_configuration
from rnn_figures.traces import agreement
from rnn_figures.traces.agreement import CAP
from tests.cases import FORMS, H_CELL, H_IN, H_OUT, make_hx, make_input

MODULES = list(every_configuration(H_IN, H_CELL, H_OUT))


@pytest.fixture(params=[torch.float64, torch.float32], ids=str)
def dtype(request, monkeypatch):
    """A dtype in which not even rounding passes the strict comparison."""
    monkeypatch.setitem(agreement.TOLERANCE, request.param, -1.0)
    return request.param


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_every_state_of_an_honest_layer_lies_in_its_interval(module, form, dtype):
    module = module.to(dtype)

    run = trace(module, make_input(module, form, dtype), make_hx(module, form, dtype))

    assert run.unchecked == 0
    assert run.max_difference < (1e-14 if dtype == torch.float64 else 1e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_one_value_beyond_its_interval_is_refused(kind, form, dtype):
    class Spoiled(kind):
        def forward(self, input, hx=None):
            output, state = super().forward(input, hx)
            data = output.data if isinstance(output, PackedSequence) else output
            data[1, ..., 2] += 0.01 * CAP[dtype]  # in a packed batch, a value of the first step
            return output, state

    module = Spoiled(H_IN, H_CELL, bidirectional=True).to(dtype)

    with pytest.raises(TraceMismatchError):
        trace(module, make_input(module, form, dtype))
