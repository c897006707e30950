"""What is of the right kind and still wrong is said in one sentence: what was expected, what came.

Arguments of another kind are in test_wrong_arguments.py.
"""

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

import rnn_figures
import rnn_figures.course as course_of_lessons
from tests.right import batch, layer

rf: Any = rnn_figures
course: Any = course_of_lessons
LSTM, GRU, X = layer(), layer("GRU"), batch()
STATE = torch.zeros(2, 3)
PACKED = pack_sequence([torch.zeros(4, 5), torch.zeros(2, 5)])
WEIGHTS = {name.removesuffix("_l0"): weight for name, weight in LSTM.named_parameters()}
PROJECTED = dict(nn.LSTM(5, 4, proj_size=3).named_parameters())


def halved() -> nn.LSTM:
    """Return a layer of float16."""
    return copy.deepcopy(LSTM).half()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Write the reports of runs that fail into a folder of the test."""
    monkeypatch.chdir(tmp_path)


def with_loss(loss: Any) -> None:
    """Explain a layer by a loss."""
    rf.explain(LSTM, X, loss=loss)


WRONG = {
    "a step of a GRU by an LSTM's weights": (
        lambda: rf.gru_step(X[0], STATE, **WEIGHTS),
        ValueError,
        "expected weight_hh of shape (3·H_cell, H_cell), got (12, 3)",
    ),
    "a step of an RNN by an LSTM's weights": (
        lambda: rf.rnn_step(X[0], STATE, **WEIGHTS),
        ValueError,
        "expected weight_hh of shape (H_cell, H_cell), got (12, 3)",
    ),
    "a step of an LSTM without its projection": (
        lambda: rf.lstm_step(
            X[0],
            STATE,
            torch.zeros(2, 4),
            weight_ih=PROJECTED["weight_ih_l0"],
            weight_hh=PROJECTED["weight_hh_l0"],
        ),
        ValueError,
        "expected weight_hr of shape (3, 4), since weight_hh (16, 3) reads 3 numbers of 4, got No",
    ),
    "a step of two dtypes": (
        lambda: rf.lstm_step(X[0].half(), STATE, STATE, **WEIGHTS),
        ValueError,
        "expected x as float32, as weight_hh is, got float16; x.to(weight_hh) is",
    ),
    "two dtypes among the weights": (
        lambda: rf.gru_step(
            X[0], STATE, weight_ih=GRU.weight_ih_l0.double(), weight_hh=GRU.weight_hh_l0
        ),
        ValueError,
        "expected weight_ih as float32, as weight_hh is, got float64; weight_ih.to(weight_hh) is",
    ),
    "series without a step": (
        lambda: rf.comparison_plot({"a": torch.zeros(0, 3), "b": torch.zeros(0, 3)}),
        ValueError,
        "expected series of one shape, (L,) or (L, H), with a number in it, got a (0, 3), b (0, 3)",
    ),
    "series without a unit": (
        lambda: rf.comparison_plot({"a": torch.zeros(8, 0), "b": torch.zeros(8, 0)}),
        ValueError,
        "expected series of one shape, (L,) or (L, H), with a number in it, got a (8, 0), b (8, 0)",
    ),
    "series of complex numbers": (
        lambda: rf.comparison_plot({"a": X[:, 0], "b": X[:, 0] * 1j}),
        TypeError,
        "expected series of real numbers, got b as complex64; series['b'].abs() is the size of ",
    ),
    "shapes of one axis": (
        lambda: rf.shape_table(LSTM, X[0, 0]),
        ValueError,
        "LSTM: Expected input to be 2D or 3D, got 1D instead\nThe input (5,) has 1 axis, of 2 or 3",
    ),
    "shapes of whole numbers": (
        lambda: rf.shape_table(LSTM, X.long()),
        TypeError,
        "expected an input in floating point, got int64 of shape (8, 2, 5); token ids become",
    ),
    "shapes of a packed input by one state": (
        lambda: rf.shape_table(LSTM, PACKED, torch.zeros(1, 2, 3)),
        TypeError,
        "expected the state of an LSTM as a tuple, (h_0, c_0), got one tensor of shape (1, 2, 3)",
    ),
    "a stack of one axis": (
        lambda: rf.stack_diagram(layer(num_layers=2), X[0, 0]),
        ValueError,
        "LSTM: Expected input to be 2D or 3D, got 1D instead\nThe input (5,) has 1 axis, of 2 or 3",
    ),
    "a stack of whole numbers": (
        lambda: rf.layer_by_layer(LSTM, X.long()),
        TypeError,
        "expected an input in floating point, got int64 of shape (8, 2, 5); token ids become",
    ),
    "masks of too few features": (
        lambda: rf.dropout_masks(layer(num_layers=2, dropout=0.5), X[..., :4]),
        RuntimeError,
        "input.size(-1) must be equal to input_size. Expected 5, got 4\nThe input (8, 2, 4) is",
    ),
    "masks of whole numbers": (
        lambda: rf.dropout_masks(layer(num_layers=2, dropout=0.5), X.long()),
        TypeError,
        "expected an input in floating point, got int64 of shape (8, 2, 5); token ids become",
    ),
    "a layer of RNNBase": (
        lambda: rf.describe(nn.RNNBase("LSTM", 5, 3)),
        TypeError,
        "expected module as an nn.LSTM, nn.GRU or nn.RNN, got RNNBase; build it as nn.LSTM(...)",
    ),
    "a layer in a wrapper": (
        lambda: rf.trace(nn.DataParallel(LSTM), X),
        TypeError,
        (
            "expected module as an nn.LSTM, nn.GRU or nn.RNN, got DataParallel; pass the recurrent "
            "layer itself, model.module"
        ),
    ),
    "modules of none": (
        lambda: rf.configuration_table([]),
        ValueError,
        "expected modules to list, got none",
    ),
    "lists for another number of layers": (
        lambda: rf.from_keras(LSTM, []),
        ValueError,
        "expected 1 list of weights, one for each layer and direction in the order of h_n, got 0",
    ),
    "dicts for another number of layers": (
        lambda: rf.from_onnx(LSTM, []),
        ValueError,
        "expected 1 dict of W, R and B, one for each layer, got 0",
    ),
    "a dict of nothing": (
        lambda: rf.from_onnx(LSTM, [{}]),
        ValueError,
        "layer 0: expected the tensors W, R and B, got none; torch has no peepholes (P), and",
    ),
    "a bias that float16 does not have": (
        lambda: rf.set_forget_bias(halved(), 1e9),
        ValueError,
        "expected a bias that float16 can hold, of at most 65504, got 1000000000.0",
    ),
    "an id with a quote": (
        lambda: rf.to_html(rf.slice_table(LSTM), id='a">'),
        ValueError,
        "expected an id of one word, without quotes, <, > and &, got 'a\">'",
    ),
    "a slice that does not move": (
        lambda: rf.trace(LSTM, X, steps=slice(None, None, 0)),
        ValueError,
        "expected steps as a slice whose step is not 0, got slice(None, None, 0)",
    ),
    "rows that are no rows": (
        lambda: rf.Table(("a",), [1, 2]),
        TypeError,
        "expected rows as a list of lists of values, got a list; a table of one column has",
    ),
    "what c is made of, by a part of it": (
        lambda: course.contribution_plot(rf.trace(LSTM, X, steps=[1])),
        ValueError,
        "expected a trace of the whole run for all that c is made of, got one that keeps a part",
    ),
    "batches of nothing": (
        lambda: course.batches_plot([], {}),
        ValueError,
        "expected lengths from 1 up, got none",
    ),
    "strings of none": (
        lambda: course.first_symbol_plot({}, []),
        ValueError,
        "expected 2 to 6 strings that differ in their first symbol alone, got none",
    ),
    "scores of no task": (
        lambda: course.score_diagram({}),
        ValueError,
        "expected scores of the same networks for each task, got no task",
    ),
    "scores of other networks": (
        lambda: course.score_diagram({"add": {"LSTM": 0.9}, "sort": {}}),
        ValueError,
        "expected scores of the same networks for each task, got add: LSTM; sort: none",
    ),
    "scores above the best": (
        lambda: course.score_diagram({"add": {"LSTM": 3.0, "mean": 1.0}}),
        ValueError,
        "expected scores up to 1, got 3.0",
    ),
    "an infinite sum": (
        lambda: course.squashing_plot(tanh=[0.5, -math.inf]),
        ValueError,
        "expected finite sums, got -inf",
    ),
    "presets of none": (
        lambda: course.cell_player([]),
        ValueError,
        "expected presets of one kind of cell with one unit and one length, got none",
    ),
    "presets of two kinds": (
        lambda: course.cell_player([course.cell_presets(kind)[0] for kind in ("GRU", "LSTM")]),
        ValueError,
        (
            "expected presets of one kind of cell with one unit and one length, got GRU of 1 unit, "
            "8 steps; LSTM of 1 unit, 8 steps"
        ),
    ),
    "shapes of two layers, one of words": (
        lambda: course.shape_changes(LSTM, X, LSTM, X.long()),
        TypeError,
        "expected an input in floating point, got int64 of shape (8, 2, 5); token ids become",
    ),
    "a layer for its cell": (
        lambda: rf.loop_diagram(LSTM, X),
        TypeError,
        (
            "expected step as a cell, or a function from (input, state) to (output, state), got "
            "LSTM, which takes all steps at once; nn.LSTMCell takes one"
        ),
    ),
    "a loss of all that a layer returns": (
        lambda: with_loss(lambda output: output),
        TypeError,
        (
            "expected loss to return one number that depends on the model's output, got a tuple; "
            "for example loss=lambda output: output[0].sum()"
        ),
    ),
    "a loss of many numbers": (
        lambda: with_loss(lambda output: output[0]),
        TypeError,
        (
            "expected loss to return one number that depends on the model's output, got a tensor "
            "of shape (8, 2, 3); for example loss=lambda output: output[0].sum()"
        ),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_said_in_one_sentence(name):
    call, kind, sentence = WRONG[name]

    with pytest.raises(kind) as caught:
        call()

    told = [str(caught.value), *getattr(caught.value, "__notes__", [])]
    assert "\n".join(told).startswith(sentence)


def test_a_loss_of_a_tensor_has_an_example_for_a_tensor():
    model = nn.Sequential(GRU, type("First", (nn.Module,), {"forward": lambda _, o: o[0]})())

    with pytest.raises(TypeError, match=r"for example loss=lambda output: output\.sum\(\)$"):
        rf.explain(model, X, loss=lambda output: output)


def test_a_loop_of_a_module_has_the_name_of_its_class():
    class Step(nn.Module):
        def forward(self, input, state):
            return input, input

    assert "Step" in rf.loop_diagram(Step(), X).alt


def test_a_verdict_on_whole_numbers_says_what_makes_vectors_of_them():
    with pytest.raises(ValueError, match="does not match weight dtype") as caught:
        rf.diagnose(LSTM, X.long())

    assert any("nn.Embedding" in note for note in caught.value.__notes__)


def test_a_quantized_layer_is_said_to_be_one():
    home = "torch.ao.nn.quantized.dynamic.modules.rnn"
    quantized = type("LSTM", (nn.Module,), {"__module__": home})()

    with pytest.raises(TypeError, match="got LSTM; this one is quantized: give it as it was in fl"):
        rf.trace(quantized, X)


def test_steps_by_hand_mix_dtypes_under_autocast_as_torch_does():
    with torch.autocast("cpu", torch.bfloat16):
        step = rf.gru_step(
            X[0].bfloat16(), STATE, weight_ih=GRU.weight_ih_l0, weight_hh=GRU.weight_hh_l0
        )

    assert step.h.shape == (2, 3)


def test_a_forget_bias_of_half_precision_is_set_by_a_number_of_numpy():
    assert rf.set_forget_bias(halved(), np.float32(3)).bias_ih_l0[3].item() == 3
