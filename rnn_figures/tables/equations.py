"""The cells side by side, line by line: PyTorch code of each quantity, and what the line does."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.figures import Table
from rnn_figures.palette import NAMES
from rnn_figures.proofs import Comparison, compare
from rnn_figures.weights import STACKED

LINES = {
    "LSTM": {
        "i": ("torch.sigmoid(W_ii @ x + b_ii + W_hi @ h + b_hi)", "how much of g to let in"),
        "f": ("torch.sigmoid(W_if @ x + b_if + W_hf @ h + b_hf)", "how much of the old c to keep"),
        "g": ("torch.tanh(W_ig @ x + b_ig + W_hg @ h + b_hg)", "what could be added to c"),
        "o": ("torch.sigmoid(W_io @ x + b_io + W_ho @ h + b_ho)", "how much of c to show as h"),
        "c": ("f * c + i * g", "keep part of the old c, add part of g"),
        "h": ("o * torch.tanh(c)", "show part of c: what the next step and layer read"),
    },
    "GRU": {
        "r": ("torch.sigmoid(W_ir @ x + b_ir + W_hr @ h + b_hr)", "how much of h counts in n"),
        "z": ("torch.sigmoid(W_iz @ x + b_iz + W_hz @ h + b_hz)", "how much of the old h to keep"),
        "n": (
            "torch.tanh(W_in @ x + b_in + r * (W_hn @ h + b_hn))",
            "what could take the place of h; r acts after the matrix and its bias",
        ),
        "h": ("(1 - z) * n + z * h", "mix n and the old h: z near 1 keeps the old h"),
    },
    "RNN": {"h": ("torch.tanh(W_ih @ x + b_ih + W_hh @ h + b_hh)", "all of h is replaced")},
}
"""By cell and quantity: the right side of the line that computes it, and what the line does.

Each line reads x, what the lines above it made, and the h and c of the step before.
"""


@checked
def equation_table(*kinds: str) -> Table:
    r"""List the lines of PyTorch that compute one step of each cell, in order.

    The lines are run, one after the other, on the weights of a live nn.LSTMCell, nn.GRUCell and
    nn.RNNCell, and their last states are compared with what the cell returns.

    Args:
        kinds: "LSTM", "GRU", "RNN" in the order wanted, each once; without any, all three.

    Returns:
        Columns cell, quantity, code and what it does. x, h, c are vectors of one sequence; the
        names of the weights are those of torch's documentation: W_ii is the i block of weight_ih.

    Raises:
        ValueError: an unknown kind.
        ProofError: the lines do not give what the cell gives.

    Source:
        torch.nn.LSTM, torch.nn.GRU and torch.nn.RNN documentation.

    Examples:
        >>> print(*(row[2] for row in equation_table("GRU").rows), sep="\n")
        r = torch.sigmoid(W_ir @ x + b_ir + W_hr @ h + b_hr)
        z = torch.sigmoid(W_iz @ x + b_iz + W_hz @ h + b_hz)
        n = torch.tanh(W_in @ x + b_in + r * (W_hn @ h + b_hn))
        h = (1 - z) * n + z * h
    """
    kinds = tuple(dict.fromkeys(kinds)) or tuple(LINES)
    unknown = [kind for kind in kinds if kind not in LINES]
    if unknown:
        raise ValueError(f"expected kinds of {', '.join(LINES)}, got {', '.join(unknown)}")
    rows = [
        (kind, f"{letter}, {NAMES[letter]}", f"{letter} = {code}", words)
        for kind in kinds
        for letter, (code, words) in LINES[kind].items()
    ]
    counts = [f"{kind} {len(LINES[kind])}" for kind in kinds]
    cells = ", ".join(f"nn.{kind}Cell" for kind in kinds)
    table = Table(
        ("cell", "quantity", "code", "what it does"),
        rows,
        alt=(
            "Table of the lines of PyTorch code that compute one step of each cell, in order. "
            f"Number of lines: {', '.join(counts)}."
        ),
    )
    compared = [_compare_lines(kind, table) for kind in kinds]
    return table.proved(f"each line run: equal to {cells}", *compared)


def run_lines(
    kind: str,
    lines: Mapping[str, str],
    weights: dict[str, Tensor],
    x: Tensor,
    h: Tensor,
    c: Tensor,
) -> dict[str, Tensor]:
    """Run the lines of one cell, one after the other, as a reader would; return the quantities."""
    names: dict[str, object] = {"torch": torch, "x": x, "h": h, "c": c}
    for source, letter in (("ih", "i"), ("hh", "h")):
        for symbol, name in (("W", "weight"), ("b", "bias")):
            blocks = weights[f"{name}_{source}"].chunk(len(STACKED[kind]))
            for block, value in zip(STACKED[kind], blocks, strict=True):
                names[f"{symbol}_{letter}{block}"] = value
    values: dict[str, Tensor] = {}
    for letter, code in lines.items():
        names[letter] = values[letter] = eval(code, names)
    return values


def _compare_lines(kind: str, table: Table) -> Comparison:
    """Run a cell's lines as the finished table has them; compare their last states with its own."""
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        cell = getattr(nn, f"{kind}Cell")(5, 3, dtype=torch.float64, device="meta")
        cell = cell.to_empty(device="cpu")  # no initial weights drawn: the random state is kept
        for weight in cell.parameters():
            weight.copy_(torch.randn(weight.shape, generator=draw))
        x, h, c = (torch.randn(size, generator=draw, dtype=torch.float64) for size in (5, 3, 3))
        of_kind = [row for row in table if row["cell"] == kind]
        lines = dict(str(row["code"]).split(" = ", 1) for row in of_kind)
        quantities = [f"{letter}, {NAMES[letter]}" for letter in lines]
        compare("the quantities", [row["quantity"] for row in of_kind], quantities)
        compare(
            "what is done",
            [row["what it does"] for row in of_kind],
            [LINES[kind][q][1] for q in lines],
        )
        values = run_lines(kind, lines, dict(cell.named_parameters()), x, h, c)
        after = cell(x, (h, c)) if kind == "LSTM" else (cell(x, h),)
    states = [values[letter] for letter in "hc"[: len(after)]]
    return compare(f"states by the lines of nn.{kind}Cell", states, after, within=1e-12)
