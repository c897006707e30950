"""Draw a Trace over time with matplotlib: states, gates, mixing, comparisons.

Imports no other drawing module, and never pyplot: a plot belongs to its caller alone.
"""

from rnn_figures.plots.comparison import comparison_plot
from rnn_figures.plots.gates import gate_plot
from rnn_figures.plots.mixing import mixing_plot
from rnn_figures.plots.states import state_plot

__all__ = ["comparison_plot", "gate_plot", "mixing_plot", "state_plot"]
