"""Draw a model's forward as boxes and wires, every shape read from the live tensors."""

import textwrap
from collections.abc import Callable

from rnn_figures.arguments import checked
from rnn_figures.diagrams.canvas import LINE, SMALL, TEXT, Canvas, words
from rnn_figures.diagrams.wiring import lines
from rnn_figures.diagrams.wiring.lines import INPUT, MODULE, RETURN, STEP, Node, Wire, Wiring
from rnn_figures.diagrams.wiring.positions import Size, arrange
from rnn_figures.figures import Diagram, Table

WRAP = 24
"""Letters in a line of a box."""

LETTER = 0.51
"""Width of a letter, on average, in parts of its size."""

LOOKS = {INPUT: "card", MODULE: "plain", STEP: "frame", RETURN: "card"}
"""Look of a box by its kind."""


@checked
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
        >>> import torch
        >>> model = torch.nn.Sequential(torch.nn.Embedding(9, 5), torch.nn.Linear(5, 2))
        >>> wiring_diagram(model, torch.tensor([[1, 2, 3]])).data.rows[1]
        ('[0] nn.Embedding(9, 5)', '', '(1, 3, 5)', '[1] nn.Linear(5, 2)')
    """
    wiring = lines.wiring(model, inputs)
    texts = [_texts(node) for node in wiring.boxes]
    labels = {  # what a wire carries, in lines: its name, and the shape of each part
        (wire.tail, wire.text): [*filter(None, [wire.text]), *wire.shape.split(" and ")]
        for wire in wiring.wires
        if _needs_label(wiring, wire)
    }
    label_sizes = {
        end: (max(map(len, written)) * SMALL * LETTER, len(written) * LINE)
        for end, written in labels.items()
    }
    boxes, routes = arrange(wiring, [size for _, size in texts], label_sizes)
    canvas = Canvas("wiring", alt=_alt(wiring), data=_table(wiring), proof=wiring.proof)
    for number, (node, box) in enumerate(zip(wiring.boxes, boxes, strict=True)):
        canvas.fill(box, colour="ink", look=LOOKS[node.kind])
        fragments, (width, _) = texts[number]
        canvas.write(f"text-{number}", fragments, at=box.middle, width=width)
    for number, (wire, route) in enumerate(zip(wiring.wires, routes, strict=True)):
        name = f"wire-{number}"
        canvas.arrow(route.start, route.end, via=route.via, name=name, colour=wire.colour)
        if route.label is not None:
            end = (wire.tail, wire.text)
            written = [words(line, colour=wire.colour) for line in labels[end]]
            width, _ = label_sizes[end]
            canvas.write(
                f"label-{number}",
                written,
                at=route.label,
                width=width,
                align="right" if route.on_left else "left",
            )
    return canvas


def _needs_label(wiring: Wiring, wire: Wire) -> bool:
    """Return whether no box at an end of a wire says what it carries."""
    tail, head = wiring.boxes[wire.tail], wiring.boxes[wire.head]
    return head.kind != RETURN and (tail.kind, tail.title) != (INPUT, wire.text)


def _texts(node: Node) -> tuple[list[str], Size]:
    """Return the lines in a box and the size that they need."""
    is_code = node.kind == STEP
    titles = _wrapped(node.title) or ["returns"]
    details = _wrapped(node.detail)
    unused = ["unused:", *node.unused] if node.unused else []
    fragments = [words(text, size=SMALL if is_code else TEXT, bold=not is_code) for text in titles]
    fragments += [words(text) for text in details]
    fragments += [words(text, colour="faint") for text in unused]
    widest = max(len(text) * (SMALL if is_code else TEXT) for text in titles)
    widest = max(widest, *(len(text) * SMALL for text in (*details, *unused, "")))
    return fragments, (widest * LETTER + 22, len(fragments) * LINE + 12)


def _wrapped(code: str) -> list[str]:
    """Break code at its spaces; names of torch's submodules are left out, they fill lines."""
    return textwrap.wrap(code.replace("nn.utils.rnn.", ""), WRAP, break_long_words=False)


def _name(node: Node) -> str:
    """Name a box in a sentence or a table: a submodule with its constructor call."""
    return f"{node.title} {node.detail}" if node.kind == MODULE else node.title or "returns"


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
    """Describe what each box reads, in the order in which they run."""
    sentences = []
    for number, node in enumerate(wiring.boxes):
        read = [f"{wire.text} {wire.shape}".strip() for wire in wiring.into(number)]
        if node.kind == RETURN:
            sentences.append(f"{wiring.name} returns {' and '.join(read)}.")
        elif read:
            sentences.append(f"{_name(node)} reads {' and '.join(read)}.")
    given = [f"{b.title} {b.detail}" for b in wiring.boxes if b.kind == INPUT]
    return f"Wiring of {wiring.name}, from {' and '.join(given)}. {' '.join(sentences)}"
