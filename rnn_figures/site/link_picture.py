"""Draw the picture that a link to the site shows: every gate of a live LSTM, step by step.

The plugin runs this in a process of its own, since it needs torch, which a build does without:

    python -m rnn_figures.site.link_picture picture.png
"""

import pathlib
import sys

import torch
from torch import nn

from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.figures import PNG_DPI, Table
from rnn_figures.machine import replace_file
from rnn_figures.traces import trace

PIXELS = (1200, 630)
"""Width and height that sites ask for."""

STEPS = 9

TILE = (27.0, 27.0)

LEFT = 300.0
"""Where the first column of tiles is."""


def link_picture() -> Canvas:
    """Return the picture: the site's name, and a tile for each gate and state of every step."""
    torch.manual_seed(5)
    layer = trace(nn.LSTM(5, 3), 2 * torch.randn(STEPS, 1, 5))[0, 0]
    values = {letter: layer[letter][:, 0, 0] for letter in layer.quantities}
    rows = [
        (letter, t, float(value)) for letter, run in values.items() for t, value in enumerate(run)
    ]
    alt = "Gates and states of a live LSTM, a row for each, a column for each step."
    canvas = Canvas("link", alt=alt, data=Table(["quantity", "step", "value"], rows))
    width, height = (72 * pixels / PNG_DPI for pixels in PIXELS)
    canvas.graph_attr["pad"] = "0"
    middle = (width / 2, height / 2)
    canvas.box(
        "ground", at=middle, size=(width, height), colour="paper", style="filled", penwidth="0"
    )
    title: list[tuple[str, float]] = [("LSTM & GRU", 194), ("anatomy", 155)]
    for text, y in title:
        name = words(text, size=32, bold=True)
        canvas.write(f"name-{y}", name, at=(134, y), width=210, align="left")
    for line, text in enumerate(("Recurrent layers of PyTorch,", "taken apart and checked.")):
        said = words(text, size=14, colour="faint")
        canvas.write(f"line-{line}", said, at=(134, 112 - 20 * line), width=210, align="left")
    tiles = Matrix(
        canvas, "{row}-t{column}", (len(values), STEPS), at=(LEFT, 247), cell=TILE, gap=(5, 9)
    )
    for row, (letter, run) in enumerate(values.items()):
        most = float(run.abs().max())
        for t, value in enumerate(run):
            share = abs(float(value)) / most
            tiles.fill(row, t, "", quantity=letter, share=2.4 * share, penwidth="1.6")
        name = symbol(letter, size=22, colour=letter)
        canvas.write(f"letter-{letter}", name, at=tiles[row, 0].left, gap=10, width=24)
    return canvas


if __name__ == "__main__":
    replace_file(pathlib.Path(sys.argv[1]), link_picture().to_png())
