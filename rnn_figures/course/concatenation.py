"""Draw the output of a bidirectional layer as the matrix it is: forward half, reverse half."""

from itertools import product

import torch

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.final_states import final_row
from rnn_figures.traces.records import Trace
from rnn_figures.traces.selection import sequence_index
from rnn_figures.weights import DIRECTIONS

MOST_STEPS, MOST_UNITS = 12, 6
"""Largest output that is drawn: steps, and units of one direction."""

PITCH = 37.0
"""From one number of a step to the next."""

BETWEEN = 14.0
"""Between the two halves."""


@checked
def concatenation_diagram(trace: Trace, *, sequence: int = 0) -> Diagram:
    """Draw output of a bidirectional module number by number, as torch prints it.

    A row for each step: the top layer's forward h, then its reverse h of the same step. Long arrows
    at the sides show which way each half was computed; the two rows where they end are solid, and
    named as the rows of h_n that they are.

    Args:
        trace: A run of a bidirectional module, of at most 12 steps and 6 units a direction.
        sequence: Which sequence of the batch.

    Returns:
        The Diagram; its table is the matrix.

    Raises:
        IndexError: there is no such sequence.
        ValueError: the module has one direction, or there is too much to draw.
        ProofError: the halves are not the output, or their ends not the rows of h_n.

    Examples:
        >>> from rnn_figures import trace
        >>> gru = torch.nn.GRU(5, 3, bidirectional=True)
        >>> concatenation_diagram(trace(gru, torch.zeros(4, 1, 5))).alt.split(". ")[1]
        'Columns 0 to 2 are the forward half, ending in row 3, which equals h_n[0]'
    """
    sequence = sequence_index(sequence, len(trace.lengths))
    steps, units = int(trace.lengths[sequence]), trace.h_n.shape[-1]
    if trace.num_directions != 2 or steps > MOST_STEPS or units > MOST_UNITS:
        raise ValueError(
            f"expected a bidirectional module, at most {MOST_STEPS} steps and {MOST_UNITS} units a "
            f"direction, got {describe(trace.module)} over {steps} steps"
        )
    halves = [trace[-1, direction].h[:steps, sequence] for direction in (0, 1)]
    rows = [2 * (trace.module.num_layers - 1) + direction for direction in (0, 1)]
    canvas = Canvas(
        "output",
        alt=_alt(trace, steps, units, rows),
        data=Table(
            ("step", *(f"{name} {unit}" for name in DIRECTIONS for unit in range(units))),
            [(t, *map(float, torch.cat([half[t] for half in halves]))) for t in range(steps)],
        ),
        proof=_prove(trace, halves, rows, sequence),
    )
    drawn = _halves(canvas, steps, units)
    both = drawn[0][:, :].to(drawn[1][:, :])
    canvas.frame("frame", both, margin=5, colour="faint", look="card")
    for direction, half in enumerate(halves):
        _draw_half(drawn[direction], half, direction, rows[direction])
    names = [symbol(f"output[{t}]") for t in range(steps)]
    drawn[0].name_rows("name-t{row}", names, width=58, gap=26)
    prove_shown(canvas, _texts(trace, steps, units, sequence))
    return canvas


def _texts(trace: Trace, steps: int, units: int, sequence: int) -> dict[str, str]:
    """Return what each box must say, by output alone."""
    output = trace.output_steps()[:steps, sequence].tolist()
    texts = {f"name-t{t}": f"output[{t}]" for t in range(steps)}
    ends = (f"output[..., :{units}]", f"output[..., {units}:]")
    for direction, (name, code) in enumerate(zip(DIRECTIONS, ends, strict=True)):
        texts[f"{name}-title"] = f"{name} half\n{code}"
        texts[f"{name}-end"] = f"hn[{direction - 2 + len(trace.h_n)}]"
    for t, direction, unit in product(range(steps), (0, 1), range(units)):
        name = f"{DIRECTIONS[direction]}-t{t}-unit{unit}"
        texts[name] = number(output[t][direction * units + unit])
    return texts


def _prove(trace: Trace, halves: list[torch.Tensor], rows: list[int], sequence: int) -> Proof:
    """Compare both halves with output, and where each ends with its row of h_n."""
    output = trace.output_steps()[: len(halves[0]), sequence]
    ends = zip(rows, halves, (-1, 0), strict=True)
    return Proof(
        f"each half equal to output of {describe(trace.module)}, both ends to h_n",
        compare("output", torch.cat(halves, 1), output),
        *(
            compare(f"h_n[{row}]", half[t], final_row(trace, "h", row, sequence))
            for row, half, t in ends
        ),
        trace.proof,
    )


def _halves(canvas: Canvas, steps: int, units: int) -> list[Matrix]:
    """Return the boxes of the forward and of the reverse half, none drawn yet."""
    return [
        Matrix(
            canvas,
            f"{name}-t{{row}}-unit{{column}}",
            (steps, units),
            at=(direction * (units * PITCH + BETWEEN), 0.0),
            cell=(PITCH - 2, 22.0),
            gap=2.0,
        )
        for direction, name in enumerate(DIRECTIONS)
    ]


def _draw_half(matrix: Matrix, half: torch.Tensor, direction: int, row: int) -> None:
    """Draw one half: its numbers, its slice, the way that it was computed, and its end."""
    canvas, name, (steps, units) = matrix.canvas, DIRECTIONS[direction], matrix.shape
    last = 0 if direction else steps - 1
    for t, unit in product(range(steps), range(units)):
        canvas.fill(
            matrix[t, unit],
            words(number(half[t, unit])),
            quantity="output",
            look="solid" if t == last else "plain",
            style="filled",
        )
    code = f"output[..., {f'{units}:' if direction else f':{units}'}]"
    title = [words(f"{name} half", size=12, bold=True), words(code)]
    top, bottom = matrix[0, :], matrix[-1, :]
    canvas.write(f"{name}-title", title, at=top.top, gap=8, width=units * PITCH)
    aside = 15.0 if direction else -15.0
    ends = [
        top.at(direction, 1).moved(right=aside, up=-1),
        bottom.at(direction, 0).moved(right=aside, up=1),
    ]
    tail, head = ends[::-1] if direction else ends
    canvas.arrow(tail, head, name=f"{name}-way", quantity="h")
    at, gap = (top.right, 22) if direction else (bottom.bottom, 7.5)
    canvas.write(f"{name}-end", symbol(f"h_n[{row}]", colour="h"), at=at, gap=gap, width=38)


def _alt(trace: Trace, steps: int, units: int, rows: list[int]) -> str:
    """Describe which columns are which half, and where each ends."""
    return (
        f"Output of {describe(trace.module)} as a matrix, {steps} rows for the steps and "
        f"{2 * units} columns. Columns 0 to {units - 1} are the forward half, ending in row "
        f"{steps - 1}, which equals h_n[{rows[0]}]. Columns {units} to {2 * units - 1} are the "
        f"reverse half, computed from row {steps - 1} upward and ending in row 0, which equals "
        f"h_n[{rows[1]}]."
    )
