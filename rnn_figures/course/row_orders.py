"""Draw in which order PyTorch, ONNX and Keras stack a layer's gates, and how the rows move."""

import copy
import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.figures import Diagram, Table
from rnn_figures.palette import COLOURS, NAMES
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.weights import gate_slices, to_keras, to_onnx

LAYOUTS = ("ONNX", "PyTorch", "Keras")
"""From left to right: PyTorch between the two that it is turned into."""

TOLD = ("PyTorch", "ONNX", "Keras")
"""In the order of table and text."""

OWN_LETTERS = {"ONNX": {"g": "c", "n": "h"}, "Keras": {"g": "c", "n": "h"}, "PyTorch": {}}
"""What a layout calls a quantity, where its letter is not torch's."""

BAND = (84.0, 34.0)
"""Width and height of a block of rows."""

GAP = (59.0, 8.0)
"""From one layout to the next, and from one block to the next."""


@checked
def row_order_diagram(module: nn.RNNBase) -> Diagram:
    """Draw a layer's blocks of rows in three orders, each block joined to itself.

    PyTorch in the middle, ONNX at the left, Keras at the right, each with its own letters and the
    shapes of its arrays. The first layer's forward direction is drawn; the others are alike.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass, without a projection.

    Returns:
        The Diagram; its table has the rows of every block in the three layouts. They were found by
        numbering the rows of a copy and converting it.

    Raises:
        ValueError: it has a proj_size.

    Examples:
        >>> row_order_diagram(nn.GRU(5, 3)).data.rows[0]
        ('r', '[0:3]', '[3:6]', '[:, 3:6]')
    """
    blocks = gate_slices(module)
    orders = _orders(module)
    starts = _starts(orders, blocks)
    size = module.hidden_size
    canvas = Canvas(
        "row-order",
        alt=_alt(module, starts),
        data=_table(starts, size),
        proof=Proof(
            f"every row followed from nn.{class_name(module)} through to_onnx and to_keras",
            *_compare_blocks(orders, starts, blocks),
        ),
    )
    grid = Matrix(canvas, "", (len(blocks), len(LAYOUTS)), cell=BAND, gap=GAP)
    arrays = _arrays(module)
    bands: dict[tuple[str, str], Box] = {}
    for column, layout in enumerate(LAYOUTS):
        title = words(layout, bold=True)
        canvas.write(f"title-{layout}", title, at=grid[0, column].top, gap=13.3, width=BAND[0])
        for letter in blocks:
            start = starts[layout][letter]
            own = symbol(OWN_LETTERS[layout].get(letter, letter))
            text = own + words(f"  {_slice(layout, start, size)}")
            at = grid[start // size, column]._replace(name=f"{letter}-{layout}")
            bands[letter, layout] = canvas.fill(at, text, quantity=letter)
        lines = [words(line) for line in arrays[layout]]
        below = grid[-1, column].bottom
        canvas.write(f"arrays-{layout}", lines, at=below, gap=12, width=BAND[0] + GAP[0] - 4)
    for letter, (left, right) in itertools.product(blocks, itertools.pairwise(LAYOUTS)):
        _draw_ribbon(canvas, letter, bands[letter, left], bands[letter, right])
    return canvas


def _orders(module: nn.RNNBase) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return by layout which row of torch's each row is, of what reads x and of what reads h.

    Found by numbering the rows of a copy and converting it.
    """
    numbered = copy.deepcopy(module).double()
    with torch.no_grad():
        for parameter in numbered.parameters():
            numbers = torch.arange(len(parameter), dtype=torch.float64)
            parameter.copy_(numbers.reshape(-1, *[1] * (parameter.dim() - 1)))
    kernel, recurrent_kernel = to_keras(numbered)[0][:2]
    onnx = to_onnx(numbered)[0]
    own = [weight[:, 0].detach().numpy() for weight in itertools.islice(numbered.parameters(), 2)]
    return {
        "ONNX": (onnx["W"][0, :, 0], onnx["R"][0, :, 0]),
        "PyTorch": (own[0], own[1]),
        "Keras": (kernel[0], recurrent_kernel[0]),
    }


def _starts(
    orders: dict[str, tuple[np.ndarray, np.ndarray]], blocks: dict[str, slice]
) -> dict[str, dict[str, int]]:
    """Return by layout where each block's first row is."""
    return {
        layout: {letter: int(np.argmax(order == rows.start)) for letter, rows in blocks.items()}
        for layout, (order, _) in orders.items()
    }


def _compare_blocks(
    orders: dict[str, tuple[np.ndarray, np.ndarray]],
    starts: dict[str, dict[str, int]],
    blocks: dict[str, slice],
) -> Iterator[Comparison]:
    """Compare the rows that are drawn for each block with those that torch has there."""
    for layout, letter in itertools.product(LAYOUTS, blocks):
        rows, start = blocks[letter], starts[layout][letter]
        given = np.arange(rows.start, rows.stop)
        for order in orders[layout]:
            yield compare(f"rows of {letter} in {layout}", order[start : start + len(given)], given)


def _draw_ribbon(canvas: Canvas, letter: str, tail: Box, head: Box) -> None:
    """Draw the way of one block as a ribbon, as wide as the block is high."""
    start, end = tail.right, head.left
    middle = (start.x + end.x) / 2
    points = [(start.x, start.y), (middle, start.y), (middle, end.y), (end.x, end.y)]
    canvas.edge(
        f"{canvas.name}-{tail.name}",
        f"{canvas.name}-{head.name}",
        **{"class": f"q-{letter}"},
        arrowhead="none",
        color=COLOURS[letter] + "2e",
        id=f"{canvas.name}-{tail.name}-on",
        penwidth=f"{BAND[1] - 2:g}",
        pos=" ".join(f"{x:g},{y:g}" for x, y in points),
    )


def _slice(layout: str, start: int, size: int) -> str:
    """Return code of a block: rows, or columns in Keras."""
    return f"[{':, ' if layout == 'Keras' else ''}{start}:{start + size}]"


def _arrays(module: nn.RNNBase) -> dict[str, list[str]]:
    """Name the arrays of the first layer, forward, in each layout, with their live shapes."""
    onnx = to_onnx(module)[0]
    keras = to_keras(module)[0]
    lines = {
        "ONNX": [f"{name} {array.shape}" for name, array in onnx.items()],
        "PyTorch": [
            f"{name} {tuple(parameter.shape)}"
            for name, parameter in module.named_parameters()
            if name.endswith("_l0")
        ],
        "Keras": [
            f"kernel {keras[0].shape}",
            *("recurrent_kernel", str(keras[1].shape)),
            "(both transposed)",
        ],
    }
    lines["ONNX"].append("(bias_ih, then bias_hh)" if module.bias else "(zeros)")
    if module.bias:
        kept = "both biases" if keras[2].ndim == 2 else "bias_ih + bias_hh"
        lines["Keras"] += [f"bias {keras[2].shape}", f"({kept})"]
    return lines


def _table(starts: dict[str, dict[str, int]], size: int) -> Table:
    """List every block: its rows in PyTorch and ONNX, its columns in Keras."""
    rows = [
        (letter, *(_slice(layout, starts[layout][letter], size) for layout in TOLD))
        for letter in starts["PyTorch"]
    ]
    return Table(("quantity", *TOLD), rows)


def _alt(module: nn.RNNBase, starts: dict[str, dict[str, int]]) -> str:
    """Describe each layout's order in its own letters, and which are torch's g or n."""
    sentences = [f"Order of the blocks of rows in {describe(module)}"]
    for layout in TOLD:
        order, renaming = (
            sorted(starts[layout], key=starts[layout].__getitem__),
            OWN_LETTERS[layout],
        )
        own = [renaming.get(letter, letter) for letter in order]
        renamed = [
            f"its {renaming[letter]} is torch's {letter}, the {NAMES[letter]}"
            for letter in order
            if letter in renaming
        ]
        sentences.append(f"{layout}: {', '.join(own)}" + "".join(f"; {text}" for text in renamed))
    return ". ".join(sentences) + "."
