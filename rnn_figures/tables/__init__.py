"""Draw shapes, parameters, final states and equations as tables, each read from a live run.

Imports no other drawing module: what diagrams say too is found in `states` and `layouts`.
"""

from rnn_figures.tables.cheat_sheet import cheat_sheet_table
from rnn_figures.tables.configurations import configuration_table
from rnn_figures.tables.documentation import documentation_table
from rnn_figures.tables.equations import equation_table
from rnn_figures.tables.layouts import layout_table
from rnn_figures.tables.outcomes import outcome_table
from rnn_figures.tables.parameters import parameter_table
from rnn_figures.tables.shapes import shape_table
from rnn_figures.tables.slices import slice_table
from rnn_figures.tables.states import h_n_table

__all__ = [
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
]
