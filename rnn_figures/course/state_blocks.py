"""Draw the blocks of h_0 and c_0: which row of the first axis is which layer and direction."""

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.tracing import Trace, trace
from rnn_figures.weights import DIRECTIONS, layers_and_directions

NAME = 82.0
"""Width of the rows' names at the left."""

BETWEEN = 52.0
"""From the last block of h_0 to the middle of the first of c_0."""

CELL = (38.0, 27.0)
"""Width and height of a block."""

MOST = (8, 8)
"""Most rows and sequences."""


@checked
def state_blocks_diagram(module: nn.RNNBase, *, batch: int = 1) -> Diagram:
    """Draw h_0 and c_0 as blocks: a row for each layer and direction, a box for each sequence.

    Every block is filled with a number of its own, the module runs, and the block is looked for in
    the initial states of all layers and directions. What is written beside a row is where it was
    found.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN of at most 8 layers and directions together.
        batch: N, at most 8.

    Returns:
        The Diagram; its table has a row for each block.

    Raises:
        ValueError: there are too many blocks.
        ProofError: a block is not the initial state of the layer and direction beside it.

    Examples:
        >>> state_blocks_diagram(nn.GRU(5, 3, bidirectional=True), batch=4).alt.split(". ")[1]
        'h_0 is (2, 4, 3)'
    """
    count = len(layers_and_directions(module))
    if not (count <= MOST[0] and 1 <= batch <= MOST[1]):
        raise ValueError(
            f"expected at most {MOST[0]} layers and directions and 1 to {MOST[1]} sequences, got "
            f"{count} and {batch}; draw a smaller module"
        )
    states = _numbered_states(module, count, batch)
    run = _run(module, states, batch)
    owners = {letter: _owners(run, letter, state) for letter, state in states.items()}
    rows = [
        (f"{letter}_0[{row}]", layer, DIRECTIONS[direction], str(tuple(states[letter][row].shape)))
        for letter, found in owners.items()
        for row, (layer, direction) in enumerate(found)
    ]
    shapes = {letter: tuple(state.shape) for letter, state in states.items()}
    canvas = Canvas(
        "state-blocks",
        alt=_alt(module, shapes, owners["h"]),
        data=Table(["block", "layer", "direction", "shape"], rows),
        proof=Proof(
            f"every block found as the initial state of one layer and direction of "
            f"{describe(module)}",
            *_compare_owners(run, states, owners),
        ),
    )
    left = 0.0
    for letter, state in states.items():
        blocks = _draw_blocks(canvas, letter, state, left)
        if letter == "h":
            names = [words(_name(module, *owner)) for owner in owners["h"]]
            blocks.name_rows("row-{row}", names, width=NAME)
        left = blocks[0, -1].right.x + BETWEEN
    order = layers_and_directions(module)
    expected = {f"row-{row}": _name(module, *owner) for row, owner in enumerate(order)}
    prove_shown(canvas, expected)
    return canvas


def _numbered_states(module: nn.RNNBase, count: int, batch: int) -> dict[str, Tensor]:
    """Return h_0, and c_0 for an LSTM, every block filled with a number of its own."""
    widths = {"h": module.proj_size or module.hidden_size}
    if class_name(module) == "LSTM":
        widths["c"] = module.hidden_size
    weight = next(module.parameters())
    numbers = (torch.arange(count, device=weight.device, dtype=weight.dtype) + 1) / (count + 1)
    return {
        letter: numbers.view(-1, 1, 1).expand(-1, batch, width).contiguous()
        for letter, width in widths.items()
    }


def _run(module: nn.RNNBase, states: dict[str, Tensor], batch: int) -> Trace:
    """Run one step from these states."""
    shape = (batch, 1) if module.batch_first else (1, batch)
    read = states["h"].new_zeros(*shape, module.input_size)
    return trace(module, read, (states["h"], states["c"]) if "c" in states else states["h"])


def _start(run: Trace, owner: tuple[int, int], letter: str) -> Tensor:
    """Return the initial state of a layer and direction."""
    return getattr(run[owner], f"{letter}_0")


def _owners(run: Trace, letter: str, state: Tensor) -> list[tuple[int, int]]:
    """Return the layer and direction in which each block was found."""
    owners = layers_and_directions(run.module)
    starts = {owner: _start(run, owner, letter) for owner in owners}
    return [
        next((owner for owner, start in starts.items() if torch.equal(start, block)), owners[0])
        for block in state
    ]


def _compare_owners(
    run: Trace, states: dict[str, Tensor], owners: dict[str, list[tuple[int, int]]]
) -> Iterator[Comparison]:
    """Compare each block with the initial state of the layer and direction written beside it."""
    for letter, found in owners.items():
        for row, owner in enumerate(found):
            yield compare(f"{letter}_0[{row}]", states[letter][row], _start(run, owner, letter))


def _draw_blocks(canvas: Canvas, letter: str, state: Tensor, left: float) -> Matrix:
    """Draw one box for each layer, direction and sequence of h_0 or c_0."""
    rows, batch, width = state.shape
    blocks = Matrix(
        canvas, f"{letter}-k{{row}}-n{{column}}", (rows, batch), at=(left, 0.0), cell=CELL
    )
    for row, n in product(range(rows), range(batch)):
        blocks.fill(row, n, words(f"[{row}, {n}]"), quantity=letter, classes="initial")
    top = blocks[0, :]
    title = symbol(f"{letter}_0", size=14, colour=letter) + words(f"  {tuple(state.shape)}")
    wide = max(top.width + 6, 100.0)
    canvas.write(f"title-{letter}", title, at=top.top, gap=40.5, width=wide)
    ends = top.at(0, 1).moved(up=10), top.at(1, 1).moved(up=10)
    canvas.arrow(*ends, name=f"axis-{letter}", colour="faint")
    wide = max(top.width + 6, 60.0)
    canvas.write(f"axis-{letter}-name", words(f"N = {batch}"), at=top.top, gap=13.5, width=wide)
    size = {"h": "H_out", "c": "H_cell"}[letter]
    text = [words(f"each box: {width} numbers"), words(f"({size})")]
    wide = max(top.width, 110.0)
    canvas.write(f"width-{letter}", text, at=blocks[:, :].bottom, gap=6.5, width=wide)
    return blocks


def _name(module: nn.RNNBase, layer: int, direction: int) -> str:
    """Return how a layer, and of two directions which, is called."""
    return f"layer {layer}" + (f" {DIRECTIONS[direction]}" if module.bidirectional else "")


def _alt(
    module: nn.RNNBase, shapes: dict[str, tuple[int, ...]], owners: list[tuple[int, int]]
) -> str:
    """Describe the shapes, and whose start each row is."""
    sizes = " and ".join(f"{letter}_0 is {shape}" for letter, shape in shapes.items())
    rows = ", ".join(f"row {row} {_name(module, *owner)}" for row, owner in enumerate(owners))
    return (
        f"The blocks of the initial state of {describe(module)}, a row for each layer and "
        f"direction, a box for each sequence. {sizes}. Found by running: {rows}."
    )
