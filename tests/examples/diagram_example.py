"""A diagram to copy: boxes and arrows whose positions carry meaning. See test_diagram_example.py.

Yours goes to rnn_figures/diagrams/ if it takes any module, to rnn_figures/course/ if it belongs to
one lesson.
"""

from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.lanes import Lane
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.tracing import Trace

# Sizes in points, each written once; everything else follows from the boxes' anchors.
BOX = (46.0, 30.0)
COLUMN = 66.0
ROW = 64.0


@checked  # refuses what is of another kind than the annotations ask for
def chain_diagram(trace: Trace, *, unit: int = 0) -> Diagram:
    """Draw one unit of h on its way through the steps, its value in each box.

    Args:
        trace: The run of one layer in one direction; its first sequence is drawn.
        unit: Which unit of h.

    Returns:
        The diagram; `data` has a row for each step.

    Raises:
        ValueError: the run was of a packed batch.
        ProofError: the values are not those of the module's output.
    """
    # Where there are two layouts of one thing, refuse what you do not draw, in a sentence.
    if not isinstance(trace.output, Tensor):
        raise ValueError("expected the run of a padded batch, got one of a packed batch")
    h = trace[0, 0].h[:, 0, unit]  # (L,)
    proof = Proof("equal to output", compare("h", h, trace.output[:, 0, unit]))
    values = h.tolist()
    canvas = Canvas(
        "chain",  # ids begin with it: chain-h-t0
        alt=f"Unit {unit} of h, step by step: {', '.join(f'{value:.2f}' for value in values)}.",
        data=Table(("step", "h"), list(enumerate(values))),
        proof=proof,
    )
    boxes = []
    for t, value in enumerate(values):
        # A quantity gives a box its colour, in both schemes, and what lights it on the page.
        x = canvas.box(f"x-t{t}", symbol(f"x[{t}]"), at=(t * COLUMN, 0), size=BOX, quantity="x")
        state = canvas.box(
            f"h-t{t}", words(f"{value:.2f}"), at=(t * COLUMN, ROW), size=BOX, quantity="h"
        )
        canvas.arrow(x, state, quantity="x")  # two boxes: it goes from edge to edge
        boxes.append(state)
    Lane(canvas, "h", boxes).draw()  # an arrow from each h to the next
    canvas.write("name", words(f"h, unit {unit}"), at=boxes[0].left, gap=8, width=70)
    # Read back from the finished drawing: what stands in the boxes is what the module gave.
    written = {f"h-t{t}": f"{value:.2f}" for t, value in enumerate(trace.output[:, 0, unit])}
    prove_shown(canvas, written)
    return canvas
