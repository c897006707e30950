"""Run a recurrent module once, and recover every gate of every step, checked.

runs          what every run of a module shares: refusals, precision, one layout
layer_traces  what one layer computed in one direction: LayerTrace
agreement     whether two computations agree, and where they do not
replay        every gate of one layer, from the h that the module returned
tracing       trace() and Trace
final_states  which row of h_n and c_n is which slice of output
kept          which states of a trace the module's answer keeps
selection     one quantity of one layer, direction, sequence and some units of a trace
"""

from rnn_figures.traces.agreement import TraceMismatchError
from rnn_figures.traces.layer_traces import LayerTrace
from rnn_figures.traces.tracing import Trace, trace

__all__ = ["LayerTrace", "Trace", "TraceMismatchError", "trace"]
