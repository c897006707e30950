"""What a caller gave wrongly is said in one sentence: what was expected, and what came."""

import ast
import copy
import math
import traceback
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import rnn_figures
from tests.right import RIGHT, batch, call, layer, packed, public_functions, run

rf: Any = rnn_figures  # type checkers see these mistakes; readers may have none
LSTM, X = nn.LSTM(5, 3, 2), torch.zeros(8, 2, 5)
TRACE = rf.trace(LSTM, X)

A_TENSOR = "expected input as a tensor or a PackedSequence, got "
A_TRACE = "expected trace as a Trace, got LSTM; trace(module, input) makes one"
A_LAYER = "expected module as an nn.LSTM, nn.GRU or nn.RNN, got None; pass the recurrent layer"

WRONG = {
    "trace of a list": (lambda: rf.trace(LSTM, [1.0]), A_TENSOR + "a list"),
    "trace of nothing": (
        lambda: rf.trace(LSTM, None),
        A_TENSOR + "None; a function without a return gives None",
    ),
    "trace of a loader": (
        lambda: rf.trace(LSTM, DataLoader(TensorDataset(X))),
        A_TENSOR + "DataLoader; it gives batches: batch = next(iter(loader)), and pass the",
    ),
    "trace of a dataset": (
        lambda: rf.trace(LSTM, TensorDataset(X)),
        A_TENSOR + "TensorDataset; a DataLoader makes batches of it: next(iter(DataLoader(",
    ),
    "trace of a model": (
        lambda: rf.trace(LSTM, nn.Linear(5, 5)),
        A_TENSOR + "Linear; pass what it returns, or one module that calls both",
    ),
    "a verdict on a function": (
        lambda: rf.diagnose(lambda x: LSTM(x), X),
        "expected model as an nn.Module, got a function; a function has no layers to look at: pass",
    ),
    "a verdict on a file": (
        lambda: rf.diagnose("best.pt", X),
        "expected model as an nn.Module, got 'best.pt'; make the module, and module.load_state_d",
    ),
    "trace of an array": (
        lambda: rf.trace(LSTM, np.zeros((8, 2, 5))),
        A_TENSOR + "a numpy.ndarray of shape (8, 2, 5); torch.as_tensor(...) makes a tensor of",
    ),
    "trace by a class": (
        lambda: rf.trace(nn.LSTM, X),
        "expected module as an nn.LSTM, nn.GRU or nn.RNN, got the class LSTM; make one first",
    ),
    "trace of a batch and its lengths": (
        lambda: rf.trace(LSTM, (X, torch.tensor([8, 5]))),
        A_TENSOR + "a tuple; pass its tensor, input[0]; lengths go with it into pack_padded",
    ),
    "trace of sequences of any lengths": (
        lambda: rf.trace(LSTM, [torch.zeros(length, 5) for length in (4, 7, 2)]),
        A_TENSOR + "a list; pack_sequence(..., enforce_sorted=False) makes one of sequences",
    ),
    "sizes for an input": (
        lambda: rf.shape_table(LSTM, 8, 2),
        A_TENSOR + "8; sizes make a tensor by torch.zeros(L, N, H_in)",
    ),
    "trace of the module, the input first": (
        lambda: rf.trace(X, LSTM),
        A_LAYER.partition("None")[0] + "a tensor of shape (8, 2, 5); the module comes first",
    ),
    "trace of a model without a layer": (
        lambda: rf.trace(nn.Sequential(nn.Linear(5, 3)), X),
        A_LAYER.partition("None")[0] + "Sequential; it has no recurrent layer in it",
    ),
    "trace of a model by numbers": (
        lambda: rf.trace(nn.ModuleDict({"a-b": nn.ModuleList([LSTM])}), X),
        A_LAYER.partition("None")[0] + "ModuleDict; pass the recurrent layer itself, model['a-b']",
    ),
    "a verdict on a class of one's own": (
        lambda: rf.diagnose(type("Net", (nn.Module,), {}), X),
        "expected model as an nn.Module, got the class Net; make one first, for example Net(...)",
    ),
    "a verdict on a method": (
        lambda: rf.diagnose(LSTM.forward, X),
        "expected model as an nn.Module, got a method; pass the module itself, not its forward",
    ),
    "a plot of all traces": (
        lambda: rf.state_plot(rf.trace_all(LSTM, X)),
        A_TRACE.partition("LSTM")[0] + "Traces; choose one, by the name of its layer and",
    ),
    "gradients by a trace": (
        lambda: rf.gradient_by_lag(TRACE, X),
        A_LAYER.partition("None")[0] + "Trace; trace.module is the layer that was traced",
    ),
    "a verdict on a trace": (
        lambda: rf.diagnose(TRACE, X),
        "expected model as an nn.Module, got Trace; give the module and its input, not their trace",
    ),
    "trace of a cell": (
        lambda: rf.trace(nn.GRUCell(5, 3), X),
        A_LAYER.partition("None")[0] + "GRUCell; a cell takes one step; trace_all(model, input)",
    ),
    "a plot of one layer": (
        lambda: rf.gate_plot(TRACE[0, 0]),
        A_TRACE.partition("LSTM")[0] + "LayerTrace; give the whole trace, and layer= and",
    ),
    "gradients of complex numbers": (
        lambda: rf.gradient_by_lag(LSTM, X * 1j),
        "expected an input in floating point, got complex64 of shape (8, 2, 5); input.abs() is",
    ),
    "gradients of words": (
        lambda: rf.gradient_by_lag(LSTM, X.long()),
        "expected an input in floating point, got int64 of shape (8, 2, 5)",
    ),
    "names that are none": (
        lambda: rf.gate_plot(TRACE, unit=[0], seq=0),
        "expected gate_plot(trace, layer, direction, sequence, units, symbols), got unit=, seq=; d",
    ),
    "drawing of a module": (lambda: rf.unrolled_diagram(LSTM), A_TRACE),
    "steps kept": (
        lambda: rf.trace(LSTM, X, steps=1.5),
        "expected steps as a whole number, a slice or a list of whole numbers, got 1.5",
    ),
    "a truth for a step": (
        lambda: rf.trace(LSTM, X, steps=[0, True]),
        "expected steps[1] as a whole number, got True",
    ),
    "units": (
        lambda: rf.state_plot(TRACE, units="all"),
        "expected units as a list of whole numbers, got 'all'",
    ),
    "a set of units": (
        lambda: rf.state_plot(TRACE, units={1, 0}),
        "expected units as a list of whole numbers, got a set",
    ),
    "a step": (
        lambda: TRACE[0, 0].step("last"),
        "expected t as a whole number, got 'last'",
    ),
    "sizes of nothing": (lambda: rf.weight_sizes_plot(None), A_LAYER),
    "gradients of a trace": (
        lambda: rf.gradient_lag_plot(TRACE),
        "expected runs as a dict of lists of tuples (an nn.LSTM, nn.GRU or nn.RNN, a tensor or",
    ),
    "a drawing of nothing": (
        lambda: rf.wiring_diagram(None),
        "expected model as a function or a module, got None; pass the function or the module",
    ),
    "weights of nothing": (
        lambda: rf.from_keras(LSTM, None),
        "expected weights as a list of lists of arrays, got None",
    ),
    "a shape for an input": (
        lambda: rf.shape_table(LSTM, (8, 2, 5)),
        A_TENSOR + "a tuple; torch.zeros(8, 2, 5) has this shape",
    ),
    "lengths for a state": (
        lambda: rf.trace(LSTM, X, [8, 5, 2]),
        (
            "expected hx as a tensor or a tuple (a tensor, a tensor), got a list; it is the "
            "initial state; lengths go into pack_padded_sequence(input, lengths)"
        ),
    ),
    "a word for a direction": (
        lambda: rf.gate_plot(TRACE, direction="backward"),
        "expected direction as a whole number, got 'backward'; 0 is forward, 1 is reverse",
    ),
    "options without their names": (
        lambda: rf.gate_plot(TRACE, 0, 1),
        (
            "expected gate_plot(trace), got 3 values without a name; write the others by name: "
            "layer=, direction="
        ),
    ),
    "a path too many": (
        lambda: rf.to_onnx(LSTM, "lstm.onnx"),
        "expected to_onnx(module), got 2 values without a name, which takes no more",
    ),
    "a layer for its name": (
        lambda: rf.cell_diagram(LSTM),
        "expected kind as text, got LSTM; write its name, 'LSTM'",
    ),
    "a model for its layer": (
        lambda: rf.parameter_table(nn.ModuleDict({"rnn": LSTM})),
        (
            "expected module as an nn.LSTM, nn.GRU or nn.RNN, got ModuleDict; pass the recurrent "
            "layer itself, model.rnn"
        ),
    ),
    "a state_dict for a layer": (
        lambda: rf.parameter_table(LSTM.state_dict()),
        "expected module as an nn.LSTM, nn.GRU or nn.RNN, got OrderedDict; a state_dict goes into",
    ),
    "arrays of one layer": (
        lambda: rf.from_keras(LSTM, [np.zeros((5, 12))]),
        (
            "expected weights[0] as a list of arrays, got a numpy.ndarray of shape (5, 12); a list "
            "for each layer and direction, [arrays] for one"
        ),
    ),
    "a rest of another kind": (
        lambda: rf.equation_table("LSTM", 3),
        "expected kinds[1] as text, got 3",
    ),
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


@pytest.mark.parametrize(
    "units", [range(2), np.array([0, 1]), torch.tensor([0, 1]), (unit for unit in (0, 1))]
)
def test_what_lists_whole_numbers_is_a_list_of_them(units):
    plot = rf.state_plot(TRACE, units=units)

    assert plot.data.rows == rf.state_plot(TRACE, units=[0, 1]).data.rows


NEVER = {
    "an object": object(),
    "a class": nn.LSTM,
    "a fraction": 1.5,
    "a truth": True,
    "nothing": None,
    "bytes": b"LSTM",
}
"""What is of no kind that most arguments have."""

TAKEN = {
    "a fraction": {float},
    "a truth": {bool},
}
"""The annotations that take such a value."""


def parameters(function: Callable) -> dict[str, Any]:
    """Return the annotations of a function's arguments, as far as they ask for a kind."""
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    return {name: hint for name, hint in hints.items() if hint not in (Any, object)}


def takes(annotation: Any, value: str) -> bool:
    """Return whether an annotation takes such a value."""
    parts = typing.get_args(annotation) or (annotation,)
    wanted = {*TAKEN.get(value, ()), *([type(None)] if value == "nothing" else ())}
    return bool(wanted & {annotation, *parts})


@pytest.mark.parametrize("name", sorted(public_functions()))
def test_no_public_function_takes_what_is_of_another_kind(name):
    assert name in RIGHT, f"expected right arguments of {name} in tests/right.py; add them"
    function, right = public_functions()[name], RIGHT[name]()

    for parameter, annotation in parameters(function).items():
        rest = f"*{parameter}" in right
        for words, value in NEVER.items():
            if takes(annotation, words):
                continue
            own = f"*{parameter}" if rest else parameter
            with pytest.raises(TypeError) as caught:
                call(function, right | {own: (value,) if rest else value})
            message = str(caught.value)
            assert message.startswith(f"expected {parameter}"), (parameter, words, message)
            assert ", got " in message
            assert "\n" not in message


def test_every_public_function_has_its_right_arguments():
    assert set(RIGHT) == set(public_functions())


HOSTILE = {
    **NEVER,
    "a size": 3,
    "none of them": 0,
    "below": -1,
    "above": 99,
    "far below": -9,
    "no number": math.nan,
    "text": "x",
    "no text": "",
    "an empty list": [],
    "an empty dict": {},
    "a list of above": [99],
    "a list of below": [-1],
    "a dict of nothing": {"a": None},
    "an array": np.zeros((8, 2, 5), "float32"),
    "a number": torch.tensor(1.0),
    "one axis": torch.zeros(5),
    "two axes": torch.zeros(8, 4),
    "four axes": torch.zeros(1, 8, 2, 5),
    "float64": batch().double(),
    "int64": batch().long(),
    "truths": batch() > 0,
    "complex": batch().to(torch.complex64),
    "meta": batch().to("meta"),
    "no steps": batch()[:0],
    "no sequences": batch()[:, :0],
    "no features": batch()[:, :, :0],
    "NaN": batch() * math.nan,
    "a packed batch": packed(),
    "a linear layer": nn.Linear(5, 3),
    "a cell": nn.LSTMCell(5, 3),
    "a GRU": layer("GRU"),
    "another LSTM": layer("LSTM", 4, 7, num_layers=2, bidirectional=True, batch_first=True),
    "a projection": layer(proj_size=2),
    "no biases": layer(bias=False),
    "a meta layer": layer(device="meta"),
    "a half layer": layer().half(),
    "dropout": layer(num_layers=2, dropout=0.5),
    "another trace": run("GRU", num_layers=2, bidirectional=True),
    "a function": lambda *given: None,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(public_functions()))
def test_what_a_public_function_refuses_it_refuses_itself(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function, inner = public_functions()[name], []

    for parameter in RIGHT[name]():
        for words, value in HOSTILE.items():
            given = copy.deepcopy(value) if isinstance(value, nn.Module) else value
            arguments = RIGHT[name]() | {
                parameter: (given,) if parameter.startswith("*") else given
            }
            try:
                call(function, arguments)
            except Exception as error:
                if not is_said(error):
                    inner.append((parameter, words, repr(error)))
    assert not inner


def is_said(error: Exception) -> bool:
    """Return whether an error was raised on purpose: by a `raise` of ours, or by the module itself.

    What torch refuses keeps torch's own message, which this site explains.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if any("torch/nn/modules/" in frame.filename for frame in frames):
        return True
    last = frames[-1]
    if "rnn_figures" not in last.filename:
        return False
    tree = ast.parse(Path(last.filename).read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.Raise) and node.lineno <= (last.lineno or 0) <= (node.end_lineno or 0)
        for node in ast.walk(tree)
    )
