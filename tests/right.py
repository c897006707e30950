"""Right arguments of every public function, to make wrong ones of, one at a time."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

import rnn_figures as rf
import rnn_figures.course as course
from rnn_figures.training.characters import SYMBOLS
from rnn_figures.training.networks import Network
from rnn_figures.training.scores import Passages
from rnn_figures.training.source_text import TRUTHS

SHOWN_AS_THEY_ARE = "rnn_figures.course.detectors"
"""The page prints these for readers to copy, so nothing of the package may stand in them."""


def numbers(*shape: int) -> torch.Tensor:
    """Return the same random numbers each time."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def layer(kind: str = "LSTM", *sizes: int, **options: Any) -> Any:
    """Return a layer with the same weights each time."""
    torch.manual_seed(2)
    return getattr(nn, kind)(*(sizes or (5, 3)), **options)


def batch() -> torch.Tensor:
    """Return two sequences of eight steps."""
    return numbers(8, 2, 5)


def run(kind: str = "LSTM", **options: Any) -> rf.Trace:
    """Return the trace of a layer."""
    return rf.trace(layer(kind, **options), batch())


def packed() -> PackedSequence:
    """Return three sequences, not sorted."""
    return pack_sequence([numbers(n, 5) for n in (2, 4, 3)], enforce_sorted=False)


def one_hot() -> PackedSequence:
    """Return two sequences of symbols."""
    return pack_sequence([torch.eye(5)[:3], torch.eye(5)[1:3]])


@functools.cache
def network() -> Network:
    """Return a small network, not trained."""
    return Network(layer("LSTM", 3, 2), symbols="$ab", answers=("a", "b"))


@functools.cache
def read() -> Passages:
    """Return a passage of chance characters, of which each truth holds now and then."""
    generator = np.random.default_rng(0)
    symbols = torch.from_numpy(generator.integers(0, len(SYMBOLS), (450, 2)))
    return Passages(symbols, generator.random((450, 2, len(TRUTHS))) < 0.3)


def cell(kind: str) -> dict[str, torch.Tensor]:
    """Return the weights of a step."""
    weights = layer(kind).state_dict()
    return {name.removesuffix("_l0"): weight for name, weight in weights.items()}


def states() -> dict[str, torch.Tensor]:
    """Return what a step reads."""
    return {"x": numbers(2, 5), "h": numbers(2, 3)}


def two_layers(**options: Any) -> Any:
    """Return a layer of two."""
    return layer("LSTM", num_layers=2, **options)


RIGHT: dict[str, Callable[[], dict[str, Any]]] = {
    "cell_diagram": lambda: {
        "kind": "LSTM",
        "step": run()[0, 0].step(1),
        "lit": ("f",),
        "narrow": False,
    },
    "compare": lambda: {"model_a": layer(), "model_b": layer(), "*args": (batch(),)},
    "comparison_plot": lambda: {
        "series": {"a": numbers(8, 3), "b": numbers(8, 3)},
        "difference": True,
        "quantity": "h",
        "symbols": list("abcdefgh"),
        "first_step": 0,
    },
    "configuration_table": lambda: {"modules": [layer(), layer("GRU")], "L": 4, "N": 2},
    "describe": lambda: {"module": layer()},
    "diagnose": lambda: {"model": layer(), "*args": (batch(),)},
    "dropout_masks": lambda: {"module": two_layers(dropout=0.5), "input": batch(), "calls": 2},
    "equality_plot": lambda: {"trace": run(), "sequence": 1},
    "equation_table": lambda: {"*kinds": ("LSTM", "GRU")},
    "every_configuration": lambda: {"input_size": 3, "hidden_size": 3, "proj_size": 2},
    "explain": lambda: {
        "module": layer(),
        "*args": (batch(),),
        "path": "explained.html",
        "loss": lambda output: output[0].sum(),
        "symbols": list("abcdefgh"),
    },
    "final_states": lambda: {"trace": run()},
    "from_keras": lambda: {"module": layer(), "weights": rf.to_keras(layer())},
    "from_onnx": lambda: {"module": layer(), "weights": rf.to_onnx(layer())},
    "gate_plot": lambda: {
        "trace": run(),
        "layer": 0,
        "direction": 0,
        "sequence": 1,
        "units": [2, 0],
        "symbols": list("abcdefgh"),
    },
    "gate_slices": lambda: {"module": layer()},
    "gradient_by_lag": lambda: {"module": layer(), "input": batch()},
    "gradient_by_step": lambda: {"module": layer(), "input": batch()},
    "gradient_lag_plot": lambda: {"runs": {"LSTM": [(layer(), batch())]}, "forget_gates": True},
    "gru_step": lambda: {**states(), **cell("GRU")},
    "h_n_table": lambda: {"trace": run()},
    "layer_by_layer": lambda: {"module": two_layers(), "input": batch()},
    "layers_of": lambda: {"module": two_layers(), "start": 0, "stop": 1},
    "loop_diagram": lambda: {
        "step": layer("GRUCell"),
        "inputs": batch(),
        "steps": None,
        "state": numbers(2, 3),
        "choose": None,
        "symbols": None,
        "narrow": False,
    },
    "lstm_step": lambda: {**states(), "c": numbers(2, 3), **cell("LSTM"), "weight_hr": None},
    "moved_gates": lambda: {"module": layer(), "name": "weight_ih_l0", "rows": slice(3, 6)},
    "operators": lambda: {"function": layer(), "*arguments": (batch(),)},
    "parameter_slices": lambda: {"module": layer()},
    "parameter_table": lambda: {"module": layer()},
    "rnn_step": lambda: {**states(), **cell("RNN"), "nonlinearity": "tanh"},
    "set_forget_bias": lambda: {"module": layer(), "value": 1.0},
    "shape_table": lambda: {
        "module": layer(),
        "input": batch(),
        "hx": (numbers(1, 2, 3), numbers(1, 2, 3)),
    },
    "slice_table": lambda: {"module": layer()},
    "stack_diagram": lambda: {
        "module": two_layers(),
        "input": batch(),
        "sequence": 1,
        "narrow": False,
    },
    "state_plot": lambda: {
        "trace": run(),
        "quantity": "c",
        "layer": 0,
        "direction": 0,
        "sequence": 1,
        "units": [2, 0],
        "symbols": list("abcdefgh"),
    },
    "to_html": lambda: {
        "figure": rf.slice_table(layer()),
        "id": "one",
        "caption": "A.",
        "code": "",
        "files": None,
    },
    "to_keras": lambda: {"module": layer()},
    "to_onnx": lambda: {"module": layer()},
    "trace": lambda: {
        "module": layer(),
        "input": batch(),
        "hx": (numbers(1, 2, 3), numbers(1, 2, 3)),
        "layers": 0,
        "steps": slice(1, 4),
        "sequences": [0, 1],
    },
    "trace_all": lambda: {"model": layer(), "*args": (batch(),)},
    "trained": lambda: {"name": "counting", "kind": "LSTM", "seed": 0},
    "trained_runs": lambda: {"name": "counting", "kind": "LSTM"},
    "unrolled_diagram": lambda: {
        "trace": run(),
        "sequence": 1,
        "steps": 4,
        "values": True,
        "lit": ("h_n",),
        "narrow": False,
    },
    "weight_sheet_diagram": lambda: {"module": layer(), "layer": 0, "direction": 0},
    "weight_sizes_plot": lambda: {"module": layer()},
    "wiring_diagram": lambda: {"model": nn.Sequential(nn.Linear(5, 3)), "*inputs": (batch(),)},
    "adds_up": lambda: {"what": "3", "parts": [1.0, 2.0], "total": 3.0, "within": 0.0},
    "leak_diagram": lambda: {"module": layer(), "input": numbers(2, 4, 5), "nudged": 1},
    "axes_diagram": lambda: {"module": layer(), "input": numbers(2, 4, 5)},
    "backward_diagram": lambda: {
        "module": layer(),
        "input": batch(),
        "lengths": (4, 4),
        "detach": True,
    },
    "batches_plot": lambda: {"lengths": [3, 1, 2], "ways": {"pairs": [[0, 1], [2]]}},
    "bracket_reader": lambda: {"text": "(a)"},
    "calls_diagram": lambda: {
        "module": layer(),
        "input": batch(),
        "lengths": (4, 4),
        "carried": True,
    },
    "cell_player": lambda: {"presets": course.cell_presets("GRU"), "simple": False},
    "cell_presets": lambda: {"mode": "GRU"},
    "chain_rule_diagram": lambda: {"trace": rf.trace(layer("RNN", 1, 1), numbers(4, 1, 1))},
    "cheat_sheet_table": lambda: {
        "input_size": 5,
        "hidden_size": 3,
        "proj_size": 2,
        "L": 4,
        "N": 2,
    },
    "clash_diagram": lambda: {
        "expected": (8, 2, 5),
        "given": (8, 2, 4),
        "axes": ("L", "N", "H_in"),
        "names": ("expected", "given"),
    },
    "coloured_text_plot": lambda: {
        "network": network(),
        "text": "$aab",
        "unit": 0,
        "truth": [True, False, True, False],
        "meaning": "the truth",
        "gates": True,
    },
    "concatenation_diagram": lambda: {
        "trace": run(bidirectional=True),
        "sequence": 1,
    },
    "contribution_plot": lambda: {
        "trace": run(),
        "unit": 1,
        "sequence": 1,
        "symbols": list("abcdefgh"),
    },
    "cut_plot": lambda: {
        "network": rf.trained("source-text"),
        "units": list(range(len(TRUTHS))),
        "read": read(),
        "truths": TRUTHS,
    },
    "decline_plot": lambda: {
        "name": "recall",
        "measure": "right after",
        "kinds": ["GRU"],
        "trained_to": 10.0,
    },
    "documentation_code_table": dict,
    "documentation_table": dict,
    "dropout_plot": lambda: {
        "module": two_layers(dropout=0.5),
        "input": batch(),
        "calls": 2,
        "sequence": 1,
    },
    "first_symbol_plot": lambda: {
        "networks": {"GRU": rf.trained("recall", "GRU")},
        "texts": ["axy?", "bxy?"],
    },
    "forgetting_plot": lambda: {
        "runs": {"ones": (layer("GRU"), torch.ones(1, 2, 3))},
        "input": batch(),
    },
    "gradient_dial": lambda: {
        "runs": {float(b): [(layer(), numbers(60, 1, 5))] for b in (0, 1, 2)},
        "name": "forget bias",
        "start": 1.0,
        "labelled": [0.0, 2.0],
    },
    "gru_forms_plot": lambda: {
        "module": layer("GRU"),
        "input": numbers(8, 1, 5),
        "r": [0.2, 0.5, 0.8],
        "step": 3,
    },
    "letters_read_plot": lambda: {
        "chances": {"ab": torch.tensor([0.5, 0.9])},
        "answer": "backwards",
        "whole": {"ab": 0.9},
    },
    "lattice_cell": lambda: {"kind": "LSTM", "narrow": False},
    "lattice_drawing": lambda: {
        "kind": "LSTM",
        "num_layers": 2,
        "bidirectional": True,
        "steps": 3,
        "narrow": False,
    },
    "lattice_player": lambda: {"module": layer(), "input": numbers(8, 1, 5), "steps": 4},
    "lattice_weights": dict,
    "layout_table": lambda: {"module": layer(), "L": 4, "N": 2},
    "memory_diagram": lambda: {"h_n": numbers(4, 3, 2), "sequence": 1},
    "mixing_plot": lambda: {
        "trace": run("GRU"),
        "layer": 0,
        "direction": 0,
        "sequence": 1,
        "unit": 1,
        "symbols": list("abcdefgh"),
    },
    "operator_plot": lambda: {
        "calls": {"nn.RNN": layer("RNN")},
        "inputs": [numbers(n, 1, 5) for n in (1, 9)],
    },
    "outcome_table": lambda: {
        "routes": {"as it is": lambda model, given: model(*given)},
        "models": {"linear": (nn.Linear(5, 1), (batch(),))},
    },
    "last_step_diagram": lambda: {"module": layer(), "packed": packed()},
    "padding_plot": lambda: {
        "module": layer(),
        "padded": batch(),
        "lengths": [8, 5],
        "sequence": 1,
        "units": [0, 2],
    },
    "packing_diagram": lambda: {"packed": one_hot(), "symbols": list("abcde")},
    "sorting_diagram": lambda: {"module": layer(), "packed": packed()},
    "preactivation_diagram": lambda: {"trace": run(), "step": 2},
    "precision_plot": lambda: {
        "module": layer(),
        "input": batch(),
        "dtypes": [torch.bfloat16, torch.float32],
    },
    "verdict_rates_table": lambda: {"kind": "sick"},
    "reach_plot": lambda: {"module": layer(), "input": batch(), "sequence": 1},
    "reading_plot": lambda: {
        "name": "counting",
        "network": rf.trained("counting"),
        "text": "$aabb",
        "quantities": "c",
        "trained_to": 3,
    },
    "returned_plot": lambda: {"trace": run(), "layer": 0, "unit": 1},
    "row_order_diagram": lambda: {"module": layer()},
    "score_diagram": lambda: {"scores": {"add": {"LSTM": 0.9, "mean": 0.1}}},
    "shape_changes": lambda: {
        "module": layer(),
        "input": batch(),
        "other": layer("GRU"),
        "other_input": batch(),
    },
    "spread_plot": lambda: {
        "name": "counting",
        "measure": "right up to n",
        "kinds": ["GRU"],
        "trained_to": 10.0,
    },
    "spread_table": lambda: {
        "name": "counting",
        "*measures": ("right up to n",),
        "kinds": ["GRU", "LSTM"],
    },
    "squashing_plot": lambda: {"sigmoid": [0.5], "tanh": [-1.0]},
    "state_blocks_diagram": lambda: {"module": layer(), "batch": 2},
    "told_table": lambda: {
        "name": "source-text",
        "read": read(),
        "truths": TRUTHS,
    },
    "unit_auc_plot": lambda: {
        "networks": [rf.trained("source-text")],
        "fresh": rf.trained("source-text", seed=1),
        "read": read(),
        "truths": TRUTHS,
    },
    "watched_plot": lambda: {
        "networks": {"LSTM": rf.trained("watched", "LSTM, forget bias 0")},
        "steps": 100,
        "text": "$aab",
    },
    "weight_picker": lambda: {"module": layer("LSTM", 5, 3)},
}
"""By name, what makes the arguments: new ones each time, since a module may be changed. What a
`*args` takes stands under its name with the star."""


def public_functions() -> dict[str, Callable]:
    """Return the public functions whose arguments are checked, by name."""
    found = {}
    for module in (rf, course):
        for name in module.__all__:
            function = getattr(module, name)
            if inspect.isfunction(function) and function.__module__ != SHOWN_AS_THEY_ARE:
                found[name] = function
    return found


def call(function: Callable, arguments: dict[str, Any]) -> Any:
    """Call a function with arguments by name; what comes before a `*args` by position."""
    star = next((name for name in arguments if name.startswith("*")), None)
    if star is None:
        return function(**arguments)
    before = list(arguments)[: list(arguments).index(star)]
    after = {name: arguments[name] for name in arguments if name not in (*before, star)}
    return function(*(arguments[name] for name in before), *arguments[star], **after)
