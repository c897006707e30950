"""Draw any module or trace with Graphviz: boxes and arrows whose positions carry meaning.

    boxes         boxes with anchors, where arrows begin and text stands
    canvas        draws boxes, text and arrows: what every diagram is made of
    matrix        rows and columns of boxes: steps, units or sequences
    bars          numbers as bars
    lanes         a state carried along a row of boxes
    columns       what diagrams with a column for each step share
    reading       a finished drawing read back, for its proof
    unrolled/     a trace as a network unrolled over its steps
    cell/         one cell from the inside
    stack         a stack as one-layer modules
    wiring/       the forward of any model
    loops/        a loop of calls
    weight_sheet  every number of a layer's weights

Never imports the other drawing families, tables and plots.
"""

from rnn_figures.diagrams.cell.diagram import cell_diagram
from rnn_figures.diagrams.cell.kinds import STAGES
from rnn_figures.diagrams.loops.diagram import loop_diagram
from rnn_figures.diagrams.stack import stack_diagram
from rnn_figures.diagrams.unrolled.diagram import unrolled_diagram
from rnn_figures.diagrams.weight_sheet import weight_sheet_diagram
from rnn_figures.diagrams.wiring.diagram import wiring_diagram

__all__ = [
    "STAGES",
    "cell_diagram",
    "loop_diagram",
    "stack_diagram",
    "unrolled_diagram",
    "weight_sheet_diagram",
    "wiring_diagram",
]
