"""Draw the output of a bidirectional layer as the matrix it is: forward half, reverse half."""

import torch

from rnn_figures.configurations import describe
from rnn_figures.diagrams.canvas import arrow, box, label, new_canvas, symbol, words, write
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import Trace
from rnn_figures.weights import DIRECTIONS

MOST_STEPS, MOST_UNITS = 12, 6
"""Largest output that is drawn: steps, and units of one direction."""

CELL = (48.0, 24.0)
"""Width and height of a number."""

BETWEEN = 18.0
"""Between the two halves."""


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
        ValueError: the module has one direction, there is too much to draw, or the ends are not
            the rows of h_n.

    Examples:
        >>> from rnn_figures import trace
        >>> gru = torch.nn.GRU(5, 3, bidirectional=True)
        >>> concatenation_diagram(trace(gru, torch.zeros(4, 1, 5))).alt.split(". ")[1]
        'Columns 0 to 2 are the forward half, ending in row 3, which equals h_n[0]'
    """
    count = len(trace.lengths)
    if not 0 <= sequence < count:
        raise IndexError(f"expected a sequence in 0..{count - 1}, got {sequence}")
    steps, units = int(trace.lengths[sequence]), trace.h_n.shape[-1]
    if trace.num_directions != 2 or steps > MOST_STEPS or units > MOST_UNITS:
        raise ValueError(
            f"expected a bidirectional module, at most {MOST_STEPS} steps and {MOST_UNITS} units a "
            f"direction, got {describe(trace.module)} over {steps} steps"
        )
    halves = [trace[-1, direction].h[:steps, sequence] for direction in (0, 1)]
    rows = _rows_of_h_n(trace, halves, sequence)
    diagram = new_canvas(
        "output",
        alt=_alt(trace, steps, units, rows),
        data=Table(
            ("step", *(f"{name} {unit}" for name in DIRECTIONS for unit in range(units))),
            [(t, *map(float, torch.cat([half[t] for half in halves]))) for t in range(steps)],
        ),
        proof=f"{trace.checked}; both ends compared with h_n",
    )
    box(
        diagram,
        "output-frame",
        "",
        at=(units * CELL[0] + (BETWEEN - CELL[0]) / 2, -(steps - 1) * CELL[1] / 2),
        size=(2 * units * CELL[0] + BETWEEN + 8, steps * CELL[1] + 8),
        colour="faint",
        look="card",
    )
    for direction, half in enumerate(halves):
        _draw_half(diagram, half, direction, rows[direction])
    for t in range(steps):
        at = (-CELL[0] / 2 - 66, -t * CELL[1])
        write(
            diagram, f"output-name-t{t}", [symbol(f"output[{t}]")], at=at, width=70, align="right"
        )
    return diagram


def _rows_of_h_n(trace: Trace, halves: list[torch.Tensor], sequence: int) -> list[int]:
    """Return the rows of h_n in which the two halves end, each compared with its end."""
    rows = []
    for direction, half in enumerate(halves):
        row = 2 * (trace.module.num_layers - 1) + direction
        final = trace.h_n[row, sequence] if trace.batched else trace.h_n[row]
        if not torch.equal(half[0 if direction else -1], final):
            raise ValueError(
                f"the {DIRECTIONS[direction]} half does not end in h_n[{row}]; the trace does not "
                "describe what the module returned: make a new one with trace(module, input)"
            )
        rows.append(row)
    return rows


def _draw_half(diagram: Diagram, half: torch.Tensor, direction: int, row: int) -> None:
    """Draw one half: its numbers, its slice, the way that it was computed, and its end."""
    steps, units = half.shape
    name = DIRECTIONS[direction]
    left = direction * (units * CELL[0] + BETWEEN)  # middle of the first column
    for t in range(steps):
        ends_here = t == (0 if direction else steps - 1)
        for unit in range(units):
            box(
                diagram,
                f"output-{name}-t{t}-unit{unit}",
                label(words(number(float(half[t, unit])))),
                at=(left + unit * CELL[0], -t * CELL[1]),
                size=(CELL[0] - 2, CELL[1] - 2),
                colour="h",
                look="solid" if ends_here else "plain",
                style="filled",
                class_="q-output",
            )
    middle = left + (units - 1) * CELL[0] / 2
    width = units * CELL[0]
    code = f"{units}:" if direction else f":{units}"
    write(
        diagram,
        f"output-{name}-title",
        [words(f"{name} half", size=12, bold=True), words(f"output[..., {code}]")],
        at=(middle, CELL[1] / 2 + 22),
        width=width,
    )
    outer = left + units * CELL[0] - CELL[0] / 2 + 14 if direction else left - CELL[0] / 2 - 14
    ends = [(outer, CELL[1] / 2 - 2), (outer, -(steps - 1) * CELL[1] - CELL[1] / 2 + 2)]
    first, last = f"output-{name}-t0-unit0", f"output-{name}-t{steps - 1}-unit0"
    tail, head = (last, first) if direction else (first, last)
    arrow(
        diagram,
        tail,
        head,
        name=f"output-{name}-way",
        points=ends[::-1] if direction else ends,
        colour="h",
        class_="q-h",
    )
    end_y = 0.0 if direction else -(steps - 1) * CELL[1]
    at = (outer + 46, end_y) if direction else (middle, end_y - CELL[1] / 2 - 14)
    write(
        diagram,
        f"output-{name}-end",
        [symbol(f"h_n[{row}]", colour="h")],
        at=at,
        width=60,
        align="left" if direction else "center",
    )


def _alt(trace: Trace, steps: int, units: int, rows: list[int]) -> str:
    """Say which columns are which half, and where each ends."""
    return (
        f"Output of {describe(trace.module)} as a matrix, {steps} rows for the steps and "
        f"{2 * units} columns. Columns 0 to {units - 1} are the forward half, ending in row "
        f"{steps - 1}, which equals h_n[{rows[0]}]. Columns {units} to {2 * units - 1} are the "
        f"reverse half, computed from row {steps - 1} upward and ending in row 0, which equals "
        f"h_n[{rows[1]}]."
    )
