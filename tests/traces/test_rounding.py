"""The intervals themselves: the strict comparison is switched off, so that all rests on them."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures import TraceMismatchError, trace
from rnn_figures.traces import agreement
from rnn_figures.traces.agreement import CAP
from tests.cases import (
    CONFIGURATIONS,
    FORMS,
    H_CELL,
    H_IN,
    configured,
    few_fast,
    make_hx,
    make_input,
)

DTYPES = [torch.float64, torch.float32]

ROUNDED = few_fast(itertools.product(CONFIGURATIONS, FORMS, DTYPES), configured)


@pytest.fixture(autouse=True)
def strict(monkeypatch):
    """Let not even rounding pass the strict comparison."""
    for dtype in DTYPES:
        monkeypatch.setitem(agreement.TOLERANCE, dtype, -1.0)


@pytest.mark.parametrize(("call", "form", "dtype"), ROUNDED, ids=str)
def test_every_state_of_an_honest_layer_lies_in_its_interval(call, form, dtype):
    torch.manual_seed(0)
    module = eval(call, {"nn": nn}).to(dtype)

    run = trace(module, make_input(module, form, dtype), make_hx(module, form, dtype))

    assert run.unchecked == 0
    assert run.max_difference < (1e-14 if dtype == torch.float64 else 1e-6)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
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
