"""Every term of the equations, its rows, and the code that reads it in three layouts."""

import pytest
import torch
from torch import nn

from rnn_figures import to_html, to_keras, to_onnx
from rnn_figures.course import weight_picker
from rnn_figures.proofs import ProofError


def live(module):
    found = weight_picker(module).live
    assert found
    return found


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_each_slice_reads_the_block_that_its_symbol_names(kind):
    module = kind(5, 3)
    terms = live(module).settings["terms"]
    blocks = {nn.LSTM: "ifgo", nn.GRU: "rzn", nn.RNN: "h"}[kind]
    (onnx,), (kernel, recurrent, bias) = to_onnx(module), to_keras(module)[0]
    names = {kind.__name__.lower(): module, **onnx}
    names |= {"kernel": kernel, "recurrent_kernel": recurrent, "bias": bias}

    assert len(terms) == 4 * len(blocks)
    for term in terms:
        letter, source = term["symbol"][-1], term["symbol"][-2]
        row = 3 * blocks.index(letter)
        which = "weight" if term["symbol"].startswith("W") else "bias"
        own = module.get_parameter(f"{which}_{source}h_l0")[row : row + 3]
        for layout, code in term["slices"].items():
            expected = own
            if layout == "Keras" and which == "bias" and kind is not nn.GRU:
                expected = (module.bias_ih_l0 + module.bias_hh_l0)[row : row + 3]
            found = torch.as_tensor(eval(code, {}, names))
            assert torch.equal(found, expected), (term["symbol"], code)


def test_every_term_is_in_the_equations_without_a_script():
    html = to_html(weight_picker(nn.LSTM(5, 3)), id="p")

    for letter in "ifgo":
        for symbol in (f"W_i{letter}", f"b_i{letter}", f"W_h{letter}", f"b_h{letter}"):
            assert f'data-number="{symbol}">{symbol}</span>' in html
    assert 'data-number="slice">lstm.weight_ih_l0[3:6]<' in html


def test_a_gru_has_its_reset_around_the_recurrent_part():
    (_, _, line, *_) = live(nn.GRU(5, 3)).lines

    text = "".join(piece[0] for piece in line)
    assert text == "n = tanh(W_in x[t] + b_in + r ⊙ (W_hn h[t−1] + b_hn))"


def test_an_rnn_of_relu_says_relu():
    line, *_ = live(nn.RNN(5, 3, nonlinearity="relu")).lines

    assert "".join(piece[0] for piece in line[:2]) == "h = relu("


def test_a_slice_of_another_block_is_refused(monkeypatch):
    from importlib import import_module

    module = import_module("rnn_figures.course.weight_picker")
    monkeypatch.setattr(module, "STACKED_BY_ONNX", {"LSTM": "ifgo"})
    with pytest.raises(ProofError, match="of ONNX"):
        module.weight_picker(nn.LSTM(5, 3))


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"bidirectional": True}, {"bias": False}])
def test_what_has_no_one_sheet_is_refused(options):
    with pytest.raises(ValueError, match="expected one layer, one direction, biases"):
        weight_picker(nn.LSTM(5, 3, **options))
