"""Draw how large the output of a packed batch is at each step, and where its last steps are."""

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.configurations import class_name
from rnn_figures.diagrams.canvas import box, label, new_canvas, symbol, words, write
from rnn_figures.diagrams.matrix import APART, CELL, cell_place, draw_cell
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import trace

NAME = 80.0
"""Width of a row's name."""

MOST_CELLS = 60
"""More boxes than that cannot be read."""


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
        ValueError: there are more than 60 boxes.

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
    norms = padded[..., :width].norm(dim=-1).tolist()  # (N, L), zero beyond the ends
    states = run.h_n[-run.num_directions]  # the top layer, forward
    if len(norms) * len(norms[0]) > MOST_CELLS:
        raise ValueError(
            f"expected at most {MOST_CELLS} boxes, got {len(norms)} sequences of {len(norms[0])} "
            "steps; draw fewer or shorter ones"
        )
    last = padded[torch.arange(len(norms)), lengths - 1, :width]
    if not torch.equal(last, states):
        raise ValueError(
            "h_n is not the last valid step of output; the trace does not describe this module"
        )
    ends = lengths.tolist()
    held = states.norm(dim=-1).tolist()
    rows = [(n, ends[n], norms[n][-1], held[n]) for n in range(len(ends))]
    diagram = new_canvas(
        "last",
        alt=_alt(class_name(module), norms, ends),
        data=Table(["sequence", "length", "norm of output[:, -1]", "norm of h_n"], rows),
        proof=f"{run.checked}; h_n equal to the ringed steps, exactly",
    )
    _draw_norms(diagram, norms, ends)
    _draw_frame(diagram, len(norms), len(norms[0]))
    x = cell_place(len(norms[0]), 0)[0] + 46
    for n, norm in enumerate(held):
        y = cell_place(0, n)[1]
        text = label(words(number(norm), bold=True))
        size = (CELL[0] + 14, CELL[1] - 3)
        name = f"last-h_n-{n}"
        box(diagram, name, text, at=(x, y), size=size, colour="h", look="solid", class_="q-h final")
    above = (x, CELL[1] / 2 + 12)
    write(diagram, "last-h_n-name", [symbol(f"h_n[{-run.num_directions}]")], at=above, width=64)
    return diagram


def _draw_norms(diagram: Diagram, norms: list[list[float]], ends: list[int]) -> None:
    """Draw a box for each step, shaded by its norm; the last valid one ringed, padding dashed."""
    largest = max(map(max, norms)) or 1.0
    for n, row in enumerate(norms):
        x, y = cell_place(0, n)
        at = (x - CELL[0] / 2 - 10 - NAME / 2, y)
        text = [words(f"sequence {n}")]
        write(diagram, f"last-name-{n}", text, at=at, width=NAME, align="right")
        for t, norm in enumerate(row):
            valid = t < ends[n]
            draw_cell(
                diagram,
                f"last-output-n{n}-t{t}",
                label(words(number(norm))),
                at=cell_place(t, n),
                colour="h" if valid else "faint",
                share=norm / largest if valid else None,
                look="ringed" if t == ends[n] - 1 else "plain" if valid else "dashed",
                class_="q-output" if valid else "absent",
            )
    for t in range(len(norms[0])):
        x, y = cell_place(t, 0)
        write(
            diagram,
            f"last-step-{t}",
            [words(f"step {t}" if t == 0 else str(t))],
            at=(x, y + CELL[1] / 2 + 12),
            width=CELL[0],
        )


def _draw_frame(diagram: Diagram, count: int, steps: int) -> None:
    """Frame the last column and write what reads it."""
    x, top = cell_place(steps - 1, 0)
    bottom = cell_place(steps - 1, count - 1)[1]
    height = top - bottom + CELL[1] + APART
    box(
        diagram,
        "last-frame",
        "",
        at=(x, (top + bottom) / 2),
        size=(CELL[0] + APART, height),
        colour="ink",
        look="frame",
        penwidth="2",
    )
    below = (x, bottom - CELL[1] / 2 - 16)
    write(diagram, "last-frame-name", [words("output[:, -1]", size=12)], at=below, width=96)


def _alt(name: str, norms: list[list[float]], ends: list[int]) -> str:
    """Say which sequences have zeros where output[:, -1] looks, and what h_n holds."""
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
