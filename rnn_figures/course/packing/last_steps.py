"""Draw how large the output of a packed batch is at each step, and where its last steps are."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.records import Trace
from rnn_figures.traces.runs import refuse_not_finite
from rnn_figures.traces.tracing import trace

CELL, GAP = (30.0, 24.0), 2.5
"""Width and height of a step's box, and between two of them."""

NAME = 60.0
"""Width of the names at the left."""

MOST_CELLS = 60
"""More boxes than that cannot be read."""


@checked
def last_step_diagram(module: nn.RNNBase, packed: PackedSequence) -> Diagram:
    """Draw the norm of the output at each step of each sequence, after unpacking.

    The last column is framed: it is what output[:, -1] takes. The last valid step of each sequence
    is ringed: it is what h_n holds. Both are compared with the module's own.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN; of two directions, the forward half is drawn.
        packed: The batch; N in the caller's order, at most 60 boxes.

    Returns:
        The Diagram; its table has a row for each sequence: its length, the norm of output[:, -1]
        and that of h_n.

    Raises:
        ValueError: there are more than 60 boxes, or an output is not finite.
        ProofError: the ringed steps are not h_n.

    Examples:
        >>> from torch.nn.utils.rnn import pack_sequence
        >>> packed = pack_sequence([torch.zeros(3, 5), torch.zeros(1, 5)])
        >>> last_step_diagram(nn.GRU(5, 3), packed).alt.split(". ")[1]
        'In output[:, -1] sequence 1 is all zeros'
    """
    run = trace(module, packed)
    assert isinstance(run.output, PackedSequence)  # packed in, packed out
    padded, lengths = pad_packed_sequence(run.output, batch_first=True)
    width = run.h_n.shape[-1]
    refuse_not_finite("outputs", padded)
    norms = _norms(padded[..., :width]).tolist()
    states = run.h_n[-run.num_directions]  # the top layer, forward
    if len(norms) * len(norms[0]) > MOST_CELLS:
        raise ValueError(
            f"expected at most {MOST_CELLS} boxes, got {len(norms)} sequences of {len(norms[0])} "
            "steps; draw fewer or shorter ones"
        )
    last = padded[torch.arange(len(norms)), lengths - 1, :width]
    ends, held = lengths.tolist(), states.norm(dim=-1).tolist()
    rows = [(n, ends[n], norms[n][-1], held[n]) for n in range(len(ends))]
    canvas = Canvas(
        "last",
        alt=_alt(class_name(module), norms, ends),
        data=Table(["sequence", "length", "norm of output[:, -1]", "norm of h_n"], rows),
        proof=Proof(
            f"h_n of {describe(module)} equal to the ringed steps",
            compare("ringed steps", last, states),
            *_compare_norms(run, norms),
        ),
    )
    steps = _draw_norms(canvas, norms, ends)
    canvas.frame("frame", steps[:, -1], margin=2.5, penwidth="2")
    text = words("output[:, -1]", size=12)
    canvas.write("frame-name", text, at=steps[:, -1].bottom, gap=6.5, width=80)
    _draw_held(steps, held, f"h_n[{-run.num_directions}]")
    expected = {f"h_n-{n}": number(norm) for n, norm in enumerate(states.norm(dim=-1).tolist())}
    for n, sequence in enumerate(norms):
        expected |= {f"output-n{n}-t{t}": number(norm) for t, norm in enumerate(sequence)}
    expected |= {f"step-{t}": str(t) for t in range(len(norms[0]))}
    prove_shown(canvas, expected)
    return canvas


def _norms(padded: Tensor) -> Tensor:
    """Return the norm of each step, (N, L), 0 beyond a sequence's end."""
    return padded.norm(dim=-1)


def _compare_norms(run: Trace, norms: list[list[float]]) -> Iterator[Comparison]:
    """Compare the norms that are drawn with those of h in the trace, beyond the ends with 0."""
    h = run[-1, 0].h.nan_to_num(0.0)
    for n, drawn in enumerate(norms):
        given = h[:, n].norm(dim=-1)
        yield compare(f"norms of sequence {n}", drawn, given, within=tolerance(given))


def _draw_norms(canvas: Canvas, norms: list[list[float]], ends: list[int]) -> Matrix:
    """Draw a box for each step, shaded by its norm; the last valid one ringed, padding dashed."""
    largest = max(map(max, norms)) or 1.0
    shape = (len(norms), len(norms[0]))
    steps = Matrix(canvas, "output-n{row}-t{column}", shape, cell=CELL, gap=GAP)
    for n, row in enumerate(norms):
        name = words(f"sequence {n}")
        canvas.write(f"name-{n}", name, at=steps[n, 0].left, gap=8, width=NAME)
        for t, norm in enumerate(row):
            valid = t < ends[n]
            steps.fill(
                n,
                t,
                words(number(norm)),
                quantity="output" if valid else "",
                colour="h" if valid else "faint",
                share=norm / largest if valid else None,
                look="ringed" if t == ends[n] - 1 else "plain" if valid else "dashed",
                classes="" if valid else "absent",
            )
    steps.name_columns("step-{column}", [words(str(t)) for t in range(len(norms[0]))])
    at = steps[0, 0].at(0, 1).moved(right=-NAME / 2 - 8, up=12)
    canvas.write("steps", words("step"), at=at, width=NAME, align="right")
    return steps


def _draw_held(steps: Matrix, held: list[float], name: str) -> None:
    """Draw the norm of what h_n holds of each sequence, beside its steps."""
    canvas, at = steps.canvas, steps[0, -1].right.moved(right=44)
    column = Matrix(canvas, "h_n-{row}", (len(held), 1), at=at, cell=(44.0, CELL[1]), gap=GAP)
    for n, norm in enumerate(held):
        text = words(number(norm))
        canvas.fill(column[n, 0], text, quantity="h", look="solid", classes="final")
    canvas.write("h_n-name", symbol(name), at=column[0, 0].top, gap=4.5, width=44)


def _alt(name: str, norms: list[list[float]], ends: list[int]) -> str:
    """Describe which sequences output[:, -1] reads as zeros, and what h_n holds."""
    zero = [str(n) for n, end in enumerate(ends) if end < len(norms[0])]
    found = "no sequence is all zeros"
    if zero:
        are = "sequences {} are" if len(zero) > 1 else "sequence {} is"
        found = f"{are.format(', '.join(zero))} all zeros"
    return (
        f"Norms of the output of nn.{name} for {len(ends)} sequences of lengths "
        f"{', '.join(map(str, ends))}, unpacked to {len(norms[0])} steps. "
        f"In output[:, -1] {found}. h_n holds the last valid step of each."
    )
