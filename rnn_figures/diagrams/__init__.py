"""Draw a Trace as Graphviz diagrams: unrolled over its steps, and one cell from the inside.

Everything brings its own place, so that every engine draws alike. Never imports the other drawing
modules, tables and plots.
"""

from rnn_figures.diagrams.cell import cell_diagram
from rnn_figures.diagrams.clash import clash_diagram
from rnn_figures.diagrams.kinds import STAGES
from rnn_figures.diagrams.unrolled import unrolled_diagram

__all__ = [
    "STAGES",
    "cell_diagram",
    "clash_diagram",
    "unrolled_diagram",
]
