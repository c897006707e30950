"""Where every part of an LSTM, a GRU and an RNN stands, and the wires between them.

A part has the same position whatever numbers are known and whatever is lit.
"""

from rnn_figures.diagrams.cell.anatomy import Anatomy, named
from rnn_figures.diagrams.cell.curves import put_function
from rnn_figures.diagrams.cell.measures import NARROW
from rnn_figures.diagrams.cell.pieces import (
    H_LINE,
    INPUT,
    X_LINE,
    equation,
    put_exits,
    put_frame,
    put_gate,
    put_sources,
    put_sum,
)

STAGES = {
    "LSTM": ("pre-activations", "i", "f", "g", "c", "o", "h"),
    "GRU": ("r", "z", "reset", "n", "h"),
    "RNN_TANH": ("pre-activation", "h"),
    "RNN_RELU": ("pre-activation", "h"),
}
"""The stages of one step of each kind of cell, in the order of its equations."""


def draw_parts(kind: str, cell: Anatomy, *, projected: bool) -> None:
    """Draw the parts of a cell, an LSTM's with W_hr if it is projected; add its wires and joins."""
    if kind == "LSTM":
        _lstm(cell, projected=projected)
    elif kind == "GRU":
        _gru(cell)
    else:
        _rnn(cell, kind.removeprefix("RNN_").lower())


def _lstm(cell: Anatomy, *, projected: bool) -> None:
    """Draw an LSTM: c along the upper line, h along the lower, four sums between them."""
    measures, narrow = cell.measures, cell.measures == NARROW
    rise, beside = measures.rise, measures.beside
    f, i, g, o = (measures.first + column * measures.pitch for column in range(4))
    lane, product, squash = 342.0 + rise, 272.0 + rise, o + measures.squash
    up = squash + measures.up
    end = up + measures.end
    left, right = (27, 8) if narrow else (72, 26)
    put_frame(cell, measures.first - left, up + right, X_LINE - 26, lane + 36)
    columns = {"f": f, "i": i, "g": g, "o": o}
    taps = {letter: (x, f"pre-activations {letter}") for letter, x in columns.items()}
    put_sources(cell, taps, taps, lane=H_LINE)
    for letter, x in columns.items():
        put_gate(cell, letter, x, "tanh" if letter == "g" else "σ", "pre-activations")
    cell.put("c-before", "state", (0, lane), named("c[t-1]"), colour="c")
    cell.put("c-after", "state", (end, lane), named("c[t]"), colour="c")
    cell.put("f-times-c", "circle", (f, lane), "×", colour="c")
    cell.put("i-times-g", "circle", (i, product), "×", colour="c")
    cell.put("new-c", "circle", (i, lane), "+", colour="c")
    cell.put("c-branch", "dot", (squash, lane), colour="c", stages="c h")
    put_function(cell, "tanh-c", (squash, 288 + rise), "tanh", "h", ("c", "tanh-c"))
    cell.put("o-times-tanh", "circle", (squash, measures.letters), "×", colour="h")
    cell.lead("c-before", "f-times-c", "c")
    cell.lead("f-times-c", "new-c", "c")
    cell.lead("new-c", "c-branch", "c", "c h", has_head=False)
    cell.lead("c-branch", "c-after", "c")
    cell.lead("f", "f-times-c", "f", "f c")
    cell.lead("i", "i-times-g", "i", "i c")
    cell.lead("g", "i-times-g", "g", "g c", (g, product))
    cell.lead("i-times-g", "new-c", "c")
    cell.lead("c-branch", "tanh-c", "c", "h")
    cell.lead("tanh-c", "o-times-tanh", "h")
    cell.lead("o", "o-times-tanh", "o", "o h")
    cell.show_under("c_prev", "c-before", "c")
    cell.show_under("c", "c-after", "c")
    cell.show("f-times-c", ((f + i) / 2, lane - 6), "c", "c", "down")
    cell.show("i-times-g", (i + beside, (product + lane) / 2), "c")
    near = 2.5 if narrow else 0  # as far from the wire of h as from its own
    cell.show("tanh-c", (squash + beside - near, 250 + rise), "h")
    put_exits(cell, up=(up, H_LINE), end=end, top=lane + 82)
    if projected:
        lift = 30 if narrow else 0  # clear of what is written beside o's sum
        cell.put("W_hr", "function", (squash, 112 + rise + lift), named("W_hr"), colour="h")
        cell.lead("o-times-tanh", "W_hr", "h")
        cell.lead("W_hr", "h-branch", "h", "h", (squash, H_LINE), has_head=False)
        cell.show("o-times-tanh", (squash + beside, 162 + rise + lift / 2), "h")
    else:
        cell.lead("o-times-tanh", "h-branch", "h", "h", (squash, H_LINE), has_head=False)


def _gru(cell: Anatomy) -> None:
    """Draw a GRU: h along the upper line; r multiplies what W_hn and its bias made of h."""
    measures, narrow = cell.measures, cell.measures == NARROW
    rise, beside = measures.rise, measures.beside
    z, r, n, x_n = (
        measures.first + (24 if narrow else 14) + column * measures.pitch for column in range(4)
    )
    heights = 518.0, 212.0, 280.0, 348.0, 398.0, 448.0
    lane, reset, total, squash, letter, share = (height + rise for height in heights)
    up = x_n + (28 if narrow else 44)
    end, right = up + measures.end + (0 if narrow else 16), 8 if narrow else 42
    left = 27 if narrow else 72
    put_frame(cell, measures.first - left, up + right, X_LINE - 26, lane + 36)
    gates = {"z": (z, "z"), "r": (r, "r")}
    put_sources(cell, gates | {"hn": (n, "reset")}, gates | {"in": (x_n, "n")}, lane=lane)
    put_gate(cell, "z", z, "σ")
    put_gate(cell, "r", r, "σ")
    put_sum(cell, "hn", "n", "h", n, "reset")
    put_sum(cell, "in", "n", "x", x_n, "n")
    cell.put("r-times-hn", "circle", (n, reset), "×", colour="n", stages="reset")
    cell.put("inside-n", "circle", (n, total), "+", colour="n")
    put_function(cell, "tanh-n", (n, squash), "tanh", "n", ("pre_n", "n"))
    cell.put("n", "letter", (n, letter), named("n"), colour="n", stages="n h")
    cell.put("z-branch", "dot", (z, share), colour="z", stages="h")
    cell.put("one-minus-z", "circle", (r, share), "1−", colour="z", stages="h")
    cell.put("share-of-n", "circle", (n, share), "×", colour="h")
    cell.put("share-of-h", "circle", (z, lane), "×", colour="h")
    cell.put("new-h", "circle", (n, lane), "+", colour="h")
    cell.lead("r", "r-times-hn", "r", "reset")
    cell.lead("sum-hn", "r-times-hn", "n", "reset")
    cell.lead("r-times-hn", "inside-n", "n", "reset n")
    cell.lead("sum-in", "inside-n", "n", "n", (x_n, total))
    cell.lead("inside-n", "tanh-n", "n")
    cell.lead("tanh-n", "n", "n")
    cell.lead("n", "share-of-n", "n", "h")
    cell.lead("z", "z-branch", "z", "h", has_head=False)
    cell.lead("z-branch", "share-of-h", "z", "h")
    cell.lead("z-branch", "one-minus-z", "z", "h")
    cell.lead("one-minus-z", "share-of-n", "z", "h")
    cell.lead("share-of-n", "new-h", "h")
    cell.lead("h-source", "share-of-h", "h")
    cell.lead("share-of-h", "new-h", "h")
    cell.lead("new-h", "h-branch", "h", has_head=False)
    put_exits(cell, up=(up, lane), end=end, top=lane + 82)
    cell.show(
        "hn",
        (n + beside, (measures.sums + measures.rise / 2 + reset) / 2 + 4),
        "n",
        "reset",
    )
    cell.show("r-times-hn", (n + beside, (reset + total) / 2), "n", "reset")
    near = x_n + beside - (3 if narrow else 0)  # as far from the frame as from its wire
    cell.show("in", (near, (measures.sums + measures.rise / 2 + reset) / 2 + 4), "n")
    cell.show("pre_n", (n + beside, (total + squash) / 2), "n")
    cell.show("n", (n + measures.sizes["letter"][0] / 2 + beside, letter), "n", "n h")
    middle = ((r + n) / 2, share - 5)
    cell.show("one-minus-z", middle, "z", "h", "down", measures.share)
    cell.show("share-of-n", (n + beside, (share + lane) / 2), "h")
    cell.show("share-of-h", ((z + r) / 2, lane - 6), "h", "h", "down")


def _rnn(cell: Anatomy, function: str) -> None:
    """Draw an RNN: one sum and one function, so close that a phone shows all of it."""
    x, squash, up, end, lane = 92.0, 215.0, 244.0, 288.0, 0.0
    beside = cell.measures.beside
    put_frame(cell, 33.0, up + 10, lane - 42, lane + 56)
    stages = "pre-activation"
    cell.put("h-before", "state", (0, lane), named("h[t-1]"), colour="h", stages=stages)
    cell.put("x", "state", (x, INPUT - 14), named("x[t]"), colour="x", stages="x " + stages)
    cell.put("sum-h", "sum", (x, lane), equation("h", "xh"), colour="h", stages=stages)
    put_function(cell, "function", (squash, lane), function, "h", ("pre_h", "h"), over=True)
    cell.lead("h-before", "sum-h", "h", stages)
    cell.lead("x", "sum-h", "x", "x " + stages)
    cell.lead("sum-h", "function", "h", stages)
    cell.lead("function", "h-branch", "h", has_head=False)
    put_exits(cell, up=(up, lane), end=end, top=lane + 102)
    cell.show_under("h_prev", "h-before", "h", stages)
    cell.show("x", (x + 26 + beside, INPUT - 14), "x", "x " + stages)
    cell.show("pre_h", ((x + 52 + squash - 23) / 2 - 3, lane + 4), "h", stages, "up")
