"""Tabulate shapes, parameters, final states and equations, each read from a live run.

Imports no other drawing family: what diagrams say too is found in `traces` and `weights`.
"""

from rnn_figures.tables.configurations import configuration_table
from rnn_figures.tables.equations import equation_table
from rnn_figures.tables.final_states import h_n_table
from rnn_figures.tables.parameters import parameter_table
from rnn_figures.tables.shapes import shape_table
from rnn_figures.tables.slices import slice_table

__all__ = [
    "configuration_table",
    "equation_table",
    "h_n_table",
    "parameter_table",
    "shape_table",
    "slice_table",
]
