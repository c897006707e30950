from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.course import shape_changes

X = torch.zeros(4, 2, 5)


def test_shape_changes_reads_both_live_modules():
    text = shape_changes(nn.LSTM(5, 3), X, nn.LSTM(5, 3, bidirectional=True), X)

    assert text == (
        "output (4, 2, 3) → (4, 2, 6); h_n (1, 2, 3) → (2, 2, 3); c_n (1, 2, 3) → (2, 2, 3); "
        "parameters 120 → 240"
    )


def test_shape_changes_says_when_a_state_is_gone():
    text = shape_changes(nn.LSTM(5, 3), X, nn.GRU(5, 3), X)

    assert text == "c_n (1, 2, 3) → no c_n; parameters 120 → 90"


def test_shape_changes_says_when_a_state_is_new():
    text = shape_changes(nn.GRU(5, 3), X, nn.LSTM(5, 3), X)

    assert text == "no c_n → c_n (1, 2, 3); parameters 90 → 120"


def test_shape_changes_compares_forms_of_input():
    packed = pack_padded_sequence(X, [4, 2])

    text = shape_changes(nn.GRU(5, 3), X, nn.GRU(5, 3), packed)

    assert text == "output (4, 2, 3) → output.data (6, 3)"


def test_shape_changes_says_when_nothing_changes():
    text = shape_changes(nn.RNN(5, 3), X, nn.RNN(5, 3, nonlinearity="relu"), X)

    assert text == "no shape and no count"


def test_shape_changes_refuses_other_modules():
    linear: Any = nn.Linear(5, 3)

    with pytest.raises(
        TypeError, match=r"expected module as an nn\.LSTM, nn\.GRU or nn\.RNN, got Linear"
    ):
        shape_changes(linear, X, nn.RNN(5, 3), X)
