"""Plot any module or trace with matplotlib: values on axes.

    style       how every plot looks
    axes        steps along x, values along y
    curves      lines over steps, named at their ends
    heat_maps   a cell for each step and unit
    behind      the table behind a plot, asked for what stands at a point
    reading     a finished plot read back, for its proof
    selections  one quantity as lines or as a heat map, and its proof
    words       what a plot says, for those who do not see it
    comparison | equality | gates | gradients | sizes | states   a plot each

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
