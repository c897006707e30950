"""Draw one cell from the inside: what one step computes, with its numbers on the joins."""

import math
from collections.abc import Iterable, Mapping

from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.diagrams.canvas import Canvas
from rnn_figures.diagrams.cell import numbers
from rnn_figures.diagrams.cell.anatomy import WRITTEN, Anatomy, join_lines, join_text
from rnn_figures.diagrams.cell.kinds import STAGES, draw_parts
from rnn_figures.diagrams.cell.measures import NARROW, WIDE
from rnn_figures.diagrams.reading import prove_shown, texts
from rnn_figures.figures import Diagram, Table, Value

QUANTITIES = {"LSTM": "xifgoch", "GRU": "xrznh", "RNN_TANH": "xh", "RNN_RELU": "xh"}
"""Letters of what each kind of cell reads and computes."""

EQUATIONS = {
    "LSTM": {
        **{gate: f"σ(W_i{gate} x + b_i{gate} + W_h{gate} h + b_h{gate})" for gate in "if"},
        "g": "tanh(W_ig x + b_ig + W_hg h + b_hg)",
        "o": "σ(W_io x + b_io + W_ho h + b_ho)",
        "c[t]": "f ⊙ c[t-1] + i ⊙ g",
        "h[t]": "o ⊙ tanh(c[t])",
    },
    "GRU": {
        **{gate: f"σ(W_i{gate} x + b_i{gate} + W_h{gate} h + b_h{gate})" for gate in "rz"},
        "n": "tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))",
        "h[t]": "(1 − z) ⊙ n + z ⊙ h[t-1]",
    },
    "RNN_TANH": {"h[t]": "tanh(W_ih x + b_ih + W_hh h + b_hh)"},
    "RNN_RELU": {"h[t]": "relu(W_ih x + b_ih + W_hh h + b_hh)"},
}
"""The equations of each kind of cell, in torch's letters; x is x[t], h is h[t-1]."""

UNITS = 8
"""At most this many units are listed in the table behind a diagram."""


@checked
def cell_diagram(
    kind: str,
    step: numbers.Step | None = None,
    *,
    lit: Iterable[str] = (),
    narrow: bool = False,
) -> Diagram:
    """Draw what one step of a cell computes: every operation, and the numbers that pass.

    c runs along the upper line of an LSTM, h along the upper line of a GRU; x and h enter the
    weighted sums from below. The GRU is torch's: r multiplies W_hn h + b_hn, after the matrix.

    Args:
        kind: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU", as module.mode has it.
        step: The numbers of one step of one sequence: what trace[layer, direction].step(t) returns,
            or an LSTMStep, GRUStep or RNNStep; what it lacks is left out. It may also hold the
            weighted sums themselves, as pre_i, pre_f and so on, and for a GRU `in` and `hn`, the
            two parts of n's; else they are computed back from the gates where those tell.
        lit: Stages of STAGES[kind], or letters of quantities, to leave bright; the rest is dimmed.
            Nothing is dimmed without it.
        narrow: True for the variant that fits on a phone, which a wide drawing brings with it; an
            RNN is as narrow in any case.

    Returns:
        The Diagram. Vectors of up to 3 units are written out; its table has up to 8 units of each.
        An LSTM's h narrower than its c shows the projection W_hr.

    Raises:
        ValueError: another kind; a name in `lit` that the kind does not have; numbers of several
            sequences; states that are not what the step's gates give.

    Examples:
        >>> import torch
        >>> from rnn_figures import trace
        >>> step = trace(torch.nn.LSTM(1, 1), torch.zeros(3, 1, 1))[0, 0].step(2)
        >>> cell_diagram("LSTM", step, lit=("c",)).checked.partition(",")[0]
        'c[t] = f ⊙ c[t-1] + i ⊙ g and h[t] = o ⊙ tanh(c[t])'
    """
    bright = _bright(kind, lit)
    known = numbers.vectors(kind, step)
    found = numbers.joins(kind, known)
    canvas = Canvas(
        f"{kind.partition('_')[0].lower()}-cell",
        alt=_alt(kind, found, bright),
        data=_table(kind, found),
        proof=numbers.proof_of(kind, known),
    )
    has_narrow = kind in ("LSTM", "GRU")
    measures = NARROW if narrow and has_narrow else WIDE
    cell = Anatomy(canvas, bright, found, {}, [], [], measures)
    draw_parts(kind, cell, projected=numbers.is_projected(known))
    cell.finish()
    if canvas.proof:
        prove_shown(canvas, _texts(canvas, found))
    if has_narrow and not narrow:
        canvas.narrow = cell_diagram(kind, step, lit=bright, narrow=True)
    return canvas


def _texts(canvas: Canvas, found: Mapping[str, Tensor]) -> dict[str, str]:
    """Return what must stand at the joins that are drawn."""
    drawn = texts(canvas)
    expected = {
        f"numbers-{name}": "\n".join(join_lines(name, vector)) for name, vector in found.items()
    }
    return {name: text for name, text in expected.items() if name in drawn}


def _bright(kind: str, lit: Iterable[str]) -> frozenset[str]:
    """Return the names in `lit`; ValueError for an unknown kind, or a name that it lacks."""
    if kind not in STAGES:
        raise ValueError(f"expected a kind of cell among {', '.join(STAGES)}, got {kind!r}")
    bright = frozenset((lit,) if isinstance(lit, str) else lit)
    allowed = dict.fromkeys((*STAGES[kind], *QUANTITIES[kind]))
    if unknown := bright - allowed.keys():
        got = ", ".join(sorted(unknown))
        raise ValueError(f"expected lit to name any of {', '.join(allowed)}, got {got}")
    return bright


def _equations(kind: str, found: dict[str, Tensor]) -> list[tuple[str, str]]:
    """Return each quantity with its equation; a projected cell's h has one more matrix."""
    equations = dict(EQUATIONS[kind])
    if numbers.is_projected(found):
        equations["h[t]"] = f"W_hr ({equations['h[t]']})"
    return list(equations.items())


def _alt(kind: str, found: dict[str, Tensor], bright: frozenset[str]) -> str:
    """Describe what the diagram shows: the equations, and the numbers of what they name."""
    function = {"RNN_TANH": " with tanh", "RNN_RELU": " with relu"}.get(kind, "")
    article = "a" if kind == "GRU" else "an"
    equations = "; ".join(f"{name} = {equation}" for name, equation in _equations(kind, found))
    sentences = [f"One step of {article} {kind.partition('_')[0]} cell{function}", equations]
    written = [
        f"{numbers.MEANINGS.get(name, name)} = {', '.join(join_text(value) for value in vector)}"
        for name, vector in ((name, vector.tolist()) for name, vector in found.items())
        if len(vector) <= WRITTEN and name in {*QUANTITIES[kind], "h_prev", "c_prev"}
    ]
    if written:
        sentences.append(f"Its numbers: {'; '.join(written)}")
    if bright:
        sentences.append(f"Bright: {', '.join(sorted(bright))}; the rest is dimmed")
    return ". ".join(sentences) + "."


def _table(kind: str, found: dict[str, Tensor]) -> Table:
    """List the numbers of every join; without numbers, the equations."""
    if not found:
        return Table(["quantity", "equation"], _equations(kind, found))
    width = min(UNITS, max(len(vector) for vector in found.values()))
    rows: list[list[Value]] = []
    for name, vector in found.items():
        values = [value if math.isfinite(value) else None for value in vector[:width].tolist()]
        rows.append(
            [
                numbers.MEANINGS.get(name, name),
                len(vector),
                *values,
                *[None] * (width - len(values)),
            ]
        )
    return Table(["quantity", "units", *(f"[{unit}]" for unit in range(width))], rows)
