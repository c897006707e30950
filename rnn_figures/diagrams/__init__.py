"""Draw a Trace as Graphviz diagrams: unrolled over its steps, and one cell from the inside.

Everything brings its own place, so that every engine draws alike. Never imports the other drawing
modules, tables and plots.
"""

from rnn_figures.diagrams.axes import axes_diagram, leak_diagram
from rnn_figures.diagrams.backward import backward_diagram
from rnn_figures.diagrams.cell import cell_diagram
from rnn_figures.diagrams.clash import clash_diagram
from rnn_figures.diagrams.concatenation import concatenation_diagram
from rnn_figures.diagrams.kinds import STAGES
from rnn_figures.diagrams.last_steps import last_step_diagram
from rnn_figures.diagrams.loops import loop_diagram
from rnn_figures.diagrams.packing import packing_diagram
from rnn_figures.diagrams.row_orders import row_order_diagram
from rnn_figures.diagrams.sorting import sorting_diagram
from rnn_figures.diagrams.split_calls import calls_diagram
from rnn_figures.diagrams.stack import stack_diagram
from rnn_figures.diagrams.state_blocks import state_blocks_diagram
from rnn_figures.diagrams.unrolled import unrolled_diagram
from rnn_figures.diagrams.weight_sheet import weight_sheet_diagram
from rnn_figures.diagrams.wiring import wiring_diagram

__all__ = [
    "STAGES",
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
]
