"""Draw a model's forward as boxes and wires, every shape read from the live tensors."""

import textwrap
from collections.abc import Callable

import torch

from rnn_figures.diagrams.canvas import SMALL, TEXT, arrow, box, new_canvas, words, write
from rnn_figures.diagrams.wiring import lines
from rnn_figures.diagrams.wiring.lines import INPUT, MODULE, RETURN, STEP, Box, Wire, Wiring
from rnn_figures.diagrams.wiring.positions import LABEL, Size, places
from rnn_figures.figures import Diagram, Table

WRAP = 30
"""Letters in a line of a box."""

LETTER = 6.1
"""Width of a letter of size TEXT, on average, in points."""

LINE = 15.0
"""From one line of a box to the next."""

LOOKS = {INPUT: "card", MODULE: "plain", STEP: "frame", RETURN: "card"}
"""Look of a box by its kind."""


def wiring_diagram(model: Callable, *inputs: object) -> Diagram:
    """Draw what a model does with its inputs: a box for each line of forward, from bottom to top.

    The model runs twice: as it is, and line by line. The two results are compared, and every
    shape in the picture is that of the value which passed there. What a layer gave and nobody reads
    is listed in its box.

    Args:
        model: A module whose forward has only assignments and a return, an nn.Sequential, or a
            function of that form. A submodule that it calls is one box, whatever is inside.
        inputs: What the model takes, in order: tensors, or anything else.

    Returns:
        The Diagram; its table has a row for each wire.

    Raises:
        ValueError: forward has another kind of line, or its lines do not give what it returns.
        TypeError: the source of forward cannot be read.

    Examples:
        >>> model = torch.nn.Sequential(torch.nn.Embedding(9, 5), torch.nn.Linear(5, 2))
        >>> wiring_diagram(model, torch.tensor([[1, 2, 3]])).data.rows[1]
        ('[0] nn.Embedding(9, 5)', '', '(1, 3, 5)', '[1] nn.Linear(5, 2)')
    """
    wiring = lines.wiring(model, inputs)
    texts = [_texts(drawn) for drawn in wiring.boxes]
    where = places(wiring, [size for _, size in texts])
    diagram = new_canvas(
        "wiring",
        alt=_alt(wiring),
        data=_table(wiring),
        proof=f"run line by line, equal to {wiring.name} itself, "
        f"torch {torch.__version__.partition('+')[0]}, exactly",
    )
    for number, drawn in enumerate(wiring.boxes):
        box(
            diagram,
            f"wiring-box-{number}",
            "",
            at=where.middles[number],
            size=where.sizes[number],
            colour="ink",
            look=LOOKS[drawn.kind],
        )
        fragments, (width, _) = texts[number]
        text = f"wiring-text-{number}"
        write(diagram, text, fragments, at=where.middles[number], width=width)
    for number, wire in enumerate(wiring.wires):
        arrow(
            diagram,
            f"wiring-box-{wire.tail}",
            f"wiring-box-{wire.head}",
            name=f"wiring-wire-{number}",
            points=where.wires[number],
            colour=wire.colour,
        )
        _draw_label(diagram, wiring, number, where.labels[number])
    return diagram


def _draw_label(
    diagram: Diagram, wiring: Wiring, number: int, at: tuple[float, float] | None
) -> None:
    """Write what a wire carries beside its tail, unless a box at one of its ends says it."""
    wire = wiring.wires[number]
    tail, head = wiring.boxes[wire.tail], wiring.boxes[wire.head]
    if at is None or (tail.kind == INPUT and tail.title == wire.text) or head.kind == RETURN:
        return
    texts = [wire.text] if wire.text else []
    texts += wire.shape.split(" and ")
    write(
        diagram,
        f"wiring-label-{number}",
        [words(text, colour=wire.colour) for text in texts],
        at=(at[0] + LABEL / 2, at[1] + 7 * (len(texts) - 2)),
        width=LABEL,
        align="left",
    )


def _texts(drawn: Box) -> tuple[list[str], Size]:
    """Return the lines in a box and the size that they need."""
    is_code = drawn.kind == STEP
    titles = _wrapped(drawn.title) or ["returns"]
    details = _wrapped(drawn.detail)
    unused = [f"unused: {text}" for text in drawn.unused]
    fragments = [words(text, size=SMALL if is_code else TEXT, bold=not is_code) for text in titles]
    fragments += [words(text) for text in details]
    fragments += [words(text, colour="faint") for text in unused]
    longest = max(len(text) for text in (*titles, *details, *unused))
    return fragments, (longest * LETTER + 18, len(fragments) * LINE + 12)


def _wrapped(code: str) -> list[str]:
    """Break code at its spaces; names of torch's submodules are left out, they fill lines."""
    return textwrap.wrap(code.replace("nn.utils.rnn.", ""), WRAP, break_long_words=False)


def _name(drawn: Box) -> str:
    """Name a box in a sentence or a table: a submodule with its constructor call."""
    return f"{drawn.title} {drawn.detail}" if drawn.kind == MODULE else drawn.title or "returns"


def _table(wiring: Wiring) -> Table:
    """List the wires: from where, what, its live shape, into what."""
    return Table(
        ("from", "what", "shape", "into"),
        [
            (_name(wiring.boxes[wire.tail]), wire.text, wire.shape, _name(wiring.boxes[wire.head]))
            for wire in wiring.wires
        ],
    )


def _alt(wiring: Wiring) -> str:
    """Say what each box reads, in the order in which they run."""
    sentences = []
    for number, drawn in enumerate(wiring.boxes):
        read = [_read(wire) for wire in wiring.wires if wire.head == number]
        if drawn.kind == RETURN:
            sentences.append(f"{wiring.name} returns {' and '.join(read)}.")
        elif read:
            sentences.append(f"{_name(drawn)} reads {' and '.join(read)}.")
    given = [f"{b.title} {b.detail}" for b in wiring.boxes if b.kind == INPUT]
    return f"Wiring of {wiring.name}, from {' and '.join(given)}. {' '.join(sentences)}"


def _read(wire: Wire) -> str:
    return f"{wire.text} {wire.shape}".strip()
