"""Figures of PyTorch's recurrent layers, each computed from a live module and checked against it.

The map, from what a figure is to the page that shows it; imports go down this list only:

    palette          one colour and one letter per quantity
    figures          what a figure is: Table, Diagram, Plot
    configurations   every configuration of nn.LSTM, nn.GRU and nn.RNN, as live modules
    cells            one step of each cell, gates kept
    layouts          where every weight is; PyTorch <-> Keras <-> ONNX
    runs             what every run of a module shares: refusals, precision, one layout
    layers           some layers of a module as a module of their own
    replay, traces   run a module once and recover every gate of every step, checked
    gradients        how far back a gradient reaches
    dispatch         which of torch's operators a call runs
    masks            what dropout between layers let through
    surgery          which rows of a weight are which gate, proved
    states           which row of h_n and c_n is where in output
    tables           shape_table, parameter_table, h_n_table, equation_table, configuration_table
    diagrams         unrolled_diagram, cell_diagram
    plots            state_plot, gate_plot, mixing_plot, comparison_plot
    embed            a figure in its frame, as HTML
    fences           the Markdown extension that runs a page's code and inserts its figures
    mathematics      the Markdown extension that turns TeX into MathML
    site             the MkDocs plugin: generated pages and files

The public names are loaded on first use (PEP 562): importing the package imports no torch.
"""

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "figures": ("Diagram", "Plot", "Table"),
    "configurations": ("describe", "every_configuration"),
    "layouts": (
        "from_keras",
        "from_onnx",
        "gate_slices",
        "parameter_slices",
        "set_forget_bias",
        "to_keras",
        "to_onnx",
    ),
    "cells": ("GRUStep", "LSTMStep", "RNNStep", "gru_step", "lstm_step", "rnn_step"),
    "layers": ("layer_by_layer", "layers_of"),
    "traces": ("LayerTrace", "Trace", "TraceMismatchError", "trace"),
    "gradients": ("gradient_by_lag", "gradient_by_step"),
    "masks": ("dropout_masks",),
    "surgery": ("moved_gates",),
    "changes": ("shape_changes",),
    "states": ("FinalState", "final_states"),
    "dispatch": ("operators",),
    "tables": (
        "cheat_sheet_table",
        "configuration_table",
        "documentation_table",
        "equation_table",
        "h_n_table",
        "layout_table",
        "outcome_table",
        "parameter_table",
        "shape_table",
        "slice_table",
    ),
    "diagrams": (
        "axes_diagram",
        "backward_diagram",
        "calls_diagram",
        "cell_diagram",
        "clash_diagram",
        "concatenation_diagram",
        "last_step_diagram",
        "leak_diagram",
        "loop_diagram",
        "packing_diagram",
        "row_order_diagram",
        "sorting_diagram",
        "stack_diagram",
        "state_blocks_diagram",
        "unrolled_diagram",
        "weight_sheet_diagram",
        "wiring_diagram",
    ),
    "plots": (
        "comparison_plot",
        "dropout_plot",
        "equality_plot",
        "forgetting_plot",
        "gate_plot",
        "gradient_lag_plot",
        "mixing_plot",
        "operator_plot",
        "padding_plot",
        "precision_plot",
        "reach_plot",
        "state_plot",
        "weight_sizes_plot",
    ),
    "embed": ("to_html",),
}
"""Public names by the module that defines them."""

_HOME = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    """Import the module of a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"rnn_figures has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(f"rnn_figures.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those that are not loaded yet."""
    return sorted({*globals(), *__all__})
