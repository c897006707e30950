"""Draw a Trace over time with matplotlib: states, gates, mixing, comparisons.

Imports no other drawing module, and never pyplot: a plot belongs to its caller alone.
"""

from rnn_figures.plots.comparison import comparison_plot
from rnn_figures.plots.equality import equality_plot
from rnn_figures.plots.forgetting import forgetting_plot
from rnn_figures.plots.gates import gate_plot
from rnn_figures.plots.gradients import gradient_lag_plot
from rnn_figures.plots.masks import dropout_plot
from rnn_figures.plots.mixing import mixing_plot
from rnn_figures.plots.operators import operator_plot
from rnn_figures.plots.padding import padding_plot
from rnn_figures.plots.precision import precision_plot
from rnn_figures.plots.reach import reach_plot
from rnn_figures.plots.sizes import weight_sizes_plot
from rnn_figures.plots.states import state_plot

__all__ = [
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
]
