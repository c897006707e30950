"""Run a recurrent module once, and recover every gate of every step, checked.

runs          what all runs of a module share: refusals, precision, one form in and out
keeping       which layers, steps and sequences a trace keeps
frames        a trace as a pandas DataFrame or an xarray Dataset
records       what a traced run is: Trace, LayerTrace
agreement     whether two computations agree
rounding      how far from each state a correct kernel can end
replay        every gate of one layer, from the h that the module returned
calling       one call of a module: what every layer read and gave
tracing       trace()
final_states  which row of h_n and c_n is which slice of output
returned      where what the module returned keeps each state of a trace, if anywhere
selection     one quantity of one layer, direction, sequence and some units of a trace
"""

from rnn_figures.traces.agreement import TraceMismatchError
from rnn_figures.traces.records import LayerTrace, Trace
from rnn_figures.traces.tracing import trace

__all__ = ["LayerTrace", "Trace", "TraceMismatchError", "trace"]
