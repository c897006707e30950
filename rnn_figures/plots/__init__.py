"""Plot any module or trace with matplotlib: values on axes.

Imports no other drawing family, and never pyplot: a plot belongs to its caller alone.
"""

from rnn_figures.plots.comparison import comparison_plot
from rnn_figures.plots.equality import equality_plot
from rnn_figures.plots.gates import gate_plot
from rnn_figures.plots.gradients import gradient_lag_plot
from rnn_figures.plots.sizes import weight_sizes_plot
from rnn_figures.plots.states import state_plot

__all__ = [
    "comparison_plot",
    "equality_plot",
    "gate_plot",
    "gradient_lag_plot",
    "state_plot",
    "weight_sizes_plot",
]
