"""Figures of PyTorch's recurrent layers, each computed from a live module and checked against it.

The map, from what a figure is to the page that shows it; imports go down this list only:

    palette          one colour and one letter per quantity
    figures          what a figure is: Table, Diagram, Plot
    configurations   every configuration of nn.LSTM, nn.GRU and nn.RNN, as live modules
    cells            one step of each cell, gates kept
    layouts          where every weight is; PyTorch <-> Keras <-> ONNX
    runs             what every run of a module shares: refusals, precision, one layout
    layers           some layers of a module as a module of their own
    layer_traces     what one layer computed in one direction: LayerTrace
    agreement        whether two computations agree, and where they do not
    replay, traces   run a module once and recover every gate of every step, checked
    models           every call of every recurrent layer in a model
    gradients        how far back a gradient reaches
    dispatch         which of torch's operators a call runs
    masks            what dropout between layers let through
    surgery          which rows of a weight are which gate, proved
    states           which row of h_n and c_n is where in output
    tables           shape_table, parameter_table, h_n_table, equation_table, configuration_table
    diagrams         unrolled_diagram, cell_diagram
    plots            state_plot, gate_plot, mixing_plot, comparison_plot
    embed            a figure in its frame, as HTML
    report           a reader's own layer or model, explained in one file
    fences           the Markdown extension that runs a page's code and inserts its figures
    mathematics      the Markdown extension that turns TeX into MathML
    site             the MkDocs plugin: generated pages and files

The public names are loaded on first use (PEP 562): importing the package imports no torch.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for editors and type checkers, which do not run __getattr__
    from rnn_figures.cells import (
        GRUStep as GRUStep,
        LSTMStep as LSTMStep,
        RNNStep as RNNStep,
        gru_step as gru_step,
        lstm_step as lstm_step,
        rnn_step as rnn_step,
    )
    from rnn_figures.changes import (
        shape_changes as shape_changes,
    )
    from rnn_figures.configurations import (
        describe as describe,
        every_configuration as every_configuration,
    )
    from rnn_figures.diagrams import (
        axes_diagram as axes_diagram,
        backward_diagram as backward_diagram,
        calls_diagram as calls_diagram,
        cell_diagram as cell_diagram,
        clash_diagram as clash_diagram,
        concatenation_diagram as concatenation_diagram,
        last_step_diagram as last_step_diagram,
        leak_diagram as leak_diagram,
        loop_diagram as loop_diagram,
        packing_diagram as packing_diagram,
        row_order_diagram as row_order_diagram,
        sorting_diagram as sorting_diagram,
        stack_diagram as stack_diagram,
        state_blocks_diagram as state_blocks_diagram,
        unrolled_diagram as unrolled_diagram,
        weight_sheet_diagram as weight_sheet_diagram,
        wiring_diagram as wiring_diagram,
    )
    from rnn_figures.dispatch import (
        operators as operators,
    )
    from rnn_figures.embed import (
        to_html as to_html,
    )
    from rnn_figures.figures import (
        Diagram as Diagram,
        Plot as Plot,
        Table as Table,
    )
    from rnn_figures.gradients import (
        gradient_by_lag as gradient_by_lag,
        gradient_by_step as gradient_by_step,
    )
    from rnn_figures.layers import (
        layer_by_layer as layer_by_layer,
        layers_of as layers_of,
    )
    from rnn_figures.layouts import (
        from_keras as from_keras,
        from_onnx as from_onnx,
        gate_slices as gate_slices,
        parameter_slices as parameter_slices,
        set_forget_bias as set_forget_bias,
        to_keras as to_keras,
        to_onnx as to_onnx,
    )
    from rnn_figures.masks import (
        dropout_masks as dropout_masks,
    )
    from rnn_figures.models import (
        trace_all as trace_all,
    )
    from rnn_figures.plots import (
        comparison_plot as comparison_plot,
        dropout_plot as dropout_plot,
        equality_plot as equality_plot,
        forgetting_plot as forgetting_plot,
        gate_plot as gate_plot,
        gradient_lag_plot as gradient_lag_plot,
        mixing_plot as mixing_plot,
        operator_plot as operator_plot,
        padding_plot as padding_plot,
        precision_plot as precision_plot,
        reach_plot as reach_plot,
        state_plot as state_plot,
        weight_sizes_plot as weight_sizes_plot,
    )
    from rnn_figures.report import (
        explain as explain,
    )
    from rnn_figures.states import (
        FinalState as FinalState,
        final_states as final_states,
    )
    from rnn_figures.surgery import (
        moved_gates as moved_gates,
    )
    from rnn_figures.tables import (
        cheat_sheet_table as cheat_sheet_table,
        configuration_table as configuration_table,
        documentation_table as documentation_table,
        equation_table as equation_table,
        h_n_table as h_n_table,
        layout_table as layout_table,
        outcome_table as outcome_table,
        parameter_table as parameter_table,
        shape_table as shape_table,
        slice_table as slice_table,
    )
    from rnn_figures.traces import (
        LayerTrace as LayerTrace,
        Trace as Trace,
        TraceMismatchError as TraceMismatchError,
        trace as trace,
    )

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
    "models": ("trace_all",),
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
    "report": ("explain",),
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
