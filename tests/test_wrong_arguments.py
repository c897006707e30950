"""What a caller gave wrongly is said in one sentence: what was expected, and what came."""

import numpy as np
import pytest
import torch
from torch import nn

import rnn_figures as rf

LSTM, X = nn.LSTM(5, 3, 2), torch.zeros(8, 2, 5)
TRACE = rf.trace(LSTM, X)

A_TENSOR = "expected a tensor or a PackedSequence, got a "
A_TRACE = "expected a Trace, got LSTM; trace"
A_LAYER = "expected an nn.LSTM, nn.GRU or nn.RNN, got NoneType"

WRONG = {
    "trace of a list": (lambda: rf.trace(LSTM, [1.0]), A_TENSOR + "list"),
    "trace of nothing": (lambda: rf.trace(LSTM, None), A_TENSOR + "NoneType"),
    "trace of an array": (lambda: rf.trace(LSTM, np.zeros((8, 2, 5))), A_TENSOR + "numpy.ndarray"),
    "shapes of a shape": (lambda: rf.shape_table(LSTM, (8, 2, 5)), A_TENSOR + "tuple"),
    "plot of a module": (lambda: rf.state_plot(LSTM), A_TRACE),
    "gates of a module": (lambda: rf.gate_plot(LSTM), A_TRACE),
    "drawing of a module": (lambda: rf.unrolled_diagram(LSTM), A_TRACE),
    "final states of a module": (lambda: rf.final_states(LSTM), A_TRACE),
    "rows of a module": (lambda: rf.h_n_table(LSTM), A_TRACE),
    "steps kept": (
        lambda: rf.trace(LSTM, X, steps=1.5),
        "expected steps as a whole number, got 1.5",
    ),
    "layers kept": (
        lambda: rf.trace(LSTM, X, layers="top"),
        "expected layers as a whole number, got 'top'",
    ),
    "a layer": (
        lambda: rf.gate_plot(TRACE, layer="top"),
        "expected a layer as a whole number, got 'top'",
    ),
    "units": (
        lambda: rf.state_plot(TRACE, units="all"),
        "expected a unit as a whole number, got 'a'",
    ),
    "a sequence": (
        lambda: rf.state_plot(TRACE, sequence=None),
        "expected a sequence as a whole number, got None",
    ),
    "a step": (lambda: TRACE[0, 0].step("last"), "expected a step as a whole number, got 'last'"),
    "masks of nothing": (lambda: rf.dropout_masks(None, X), A_LAYER),
    "sizes of nothing": (lambda: rf.weight_sizes_plot(None), A_LAYER),
    "gradients of a trace": (lambda: rf.gradient_lag_plot(TRACE), "expected runs by name, such as"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_is_said_in_one_sentence(name):
    call, sentence = WRONG[name]

    with pytest.raises(TypeError) as caught:
        call()

    assert str(caught.value).startswith(sentence)


def test_numbers_of_other_libraries_are_whole_numbers_too():
    kept = rf.trace(
        LSTM, X, layers=np.int64(-1), steps=torch.tensor([0, 2]), sequences=(np.int8(1),)
    )

    assert kept.kept.layers == (1,)
    assert kept.kept.steps == (0, 2)
    assert kept.kept.sequences == (1,)
    assert rf.trace(LSTM, X, steps=torch.tensor(3)).kept.steps == (3,)
