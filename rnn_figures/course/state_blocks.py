"""Draw the blocks of h_0 and c_0: which row of the first axis is which layer and direction."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams.canvas import arrow, label, new_canvas, symbol, words, write
from rnn_figures.diagrams.matrix import APART, CELL, cell_place, draw_cell
from rnn_figures.figures import Diagram, Table
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.tracing import Trace, trace
from rnn_figures.weights import DIRECTIONS

NAME = 112.0
"""Width of the rows' names at the left."""

BETWEEN = 92.0
"""Between the blocks of h_0 and those of c_0."""

MOST = (8, 8)
"""Most rows and sequences."""


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
    count = module.num_layers * (2 if module.bidirectional else 1)
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
        for letter, places in owners.items()
        for row, (layer, direction) in enumerate(places)
    ]
    shapes = {letter: tuple(state.shape) for letter, state in states.items()}
    diagram = new_canvas(
        "state-blocks",
        alt=_alt(module, shapes, owners["h"]),
        data=Table(["block", "layer", "direction", "shape"], rows),
        proof=Proof(
            f"every block found as the initial state of one layer and direction of "
            f"{describe(module)}",
            *_compare_owners(run, states, owners),
        ),
    )
    left = NAME
    for letter in states:
        _draw_blocks(diagram, letter, states[letter], left + CELL[0] / 2)
        if letter == "h":
            _name_rows(diagram, owners["h"], module.bidirectional)
        left += batch * (CELL[0] + APART) + BETWEEN
    return diagram


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


def _owners(run: Trace, letter: str, state: Tensor) -> list[tuple[int, int]]:
    """Return the layer and direction in which each block was found."""
    places = [
        (layer, direction)
        for layer in range(run.module.num_layers)
        for direction in range(run.num_directions)
    ]
    found = [getattr(run[place], f"{letter}_0") for place in places]
    return [
        places[next((k for k, start in enumerate(found) if torch.equal(start, block)), 0)]
        for block in state
    ]


def _compare_owners(
    run: Trace, states: dict[str, Tensor], owners: dict[str, list[tuple[int, int]]]
) -> Iterator[Comparison]:
    """Hold each block to the initial state of the layer and direction written beside it."""
    for letter, places in owners.items():
        for row, place in enumerate(places):
            started = getattr(run[place], f"{letter}_0")
            yield compare(f"{letter}_0[{row}]", states[letter][row], started)


def _draw_blocks(diagram: Diagram, letter: str, state: Tensor, left: float) -> None:
    """Draw one box for each layer, direction and sequence of h_0 or c_0."""
    rows, batch, width = state.shape
    for row in range(rows):
        for n in range(batch):
            draw_cell(
                diagram,
                f"state-blocks-{letter}-k{row}-n{n}",
                label(words(f"[{row}, {n}]")),
                at=cell_place(n, row, origin=(left, 0.0)),
                colour=letter,
                class_=f"q-{letter} initial",
            )
    middle = left + (batch - 1) * (CELL[0] + APART) / 2
    across = batch * (CELL[0] + APART)
    title = [symbol(f"{letter}_0", size=14, colour=letter) + words(f"  {tuple(state.shape)}")]
    at = (middle, CELL[1] / 2 + 48)
    write(diagram, f"state-blocks-title-{letter}", title, at=at, width=max(across, 100.0))
    start, end = left - CELL[0] / 2, left + across - APART - CELL[0] / 2
    y = CELL[1] / 2 + 10
    first = f"state-blocks-{letter}-k0-n0"
    name = f"state-blocks-axis-{letter}"
    arrow(diagram, first, first, name=name, points=[(start, y), (end, y)], colour="faint")
    at = (middle, y + 11)
    write(diagram, f"{name}-name", [words(f"N = {batch}")], at=at, width=max(across, 60.0))
    _, bottom = cell_place(0, rows - 1)
    size = {"h": "H_out", "c": "H_cell"}[letter]
    at = (middle, bottom - CELL[1] / 2 - 14)
    text = [words(f"each box: {width} numbers ({size})")]
    write(diagram, f"state-blocks-width-{letter}", text, at=at, width=190.0)


def _name_rows(diagram: Diagram, owners: list[tuple[int, int]], two: bool) -> None:
    """Write which layer and direction each row was found to be, between the two panels' rows."""
    for row, (layer, direction) in enumerate(owners):
        name = f"layer {layer}" + (f" {DIRECTIONS[direction]}" if two else "")
        at = (NAME / 2 - 10, cell_place(0, row)[1])
        text = [words(name)]
        write(diagram, f"state-blocks-row-{row}", text, at=at, width=NAME, align="right")


def _alt(
    module: nn.RNNBase, shapes: dict[str, tuple[int, ...]], owners: list[tuple[int, int]]
) -> str:
    """Say the shapes, and whose start each row is."""
    sizes = " and ".join(f"{letter}_0 is {shape}" for letter, shape in shapes.items())
    rows = ", ".join(
        f"row {row} layer {layer}" + (f" {DIRECTIONS[direction]}" if module.bidirectional else "")
        for row, (layer, direction) in enumerate(owners)
    )
    return (
        f"The blocks of the initial state of {describe(module)}, a row for each layer and "
        f"direction, a box for each sequence. {sizes}. Found by running: {rows}."
    )
