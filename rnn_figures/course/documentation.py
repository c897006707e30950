"""What the installed torch's documentation says, beside what a run says.

A row is there only while its sentence is in the docstring: when the documentation is mended, the
row turns itself off.
"""

import ast
import re
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.utils import rnn as packing

from rnn_figures.arguments import checked
from rnn_figures.course.seeds import from_seed_0, site_input
from rnn_figures.figures import Table


class Claim(NamedTuple):
    """A sentence of the documentation, and the run that weighs it.

    Attributes:
        object: What is documented; its docstring is searched.
        quote: The sentence, in its words; white space does not count.
        verdict: "wrong", "half of it" or "right, and easily missed".
        code: Python whose last line is an expression; run with torch, nn, packing and x.
        says: What the value shows; `{}` stands for it.
    """

    object: Callable
    quote: str
    verdict: str
    code: str
    says: str


CLAIMS = (
    Claim(
        nn.LSTM,
        "final hidden state for each element in the sequence",
        "wrong",
        "tuple(nn.LSTM(5, 3)(torch.randn(8, 4, 5))[1][0].shape)",
        "h_n is {}: one final state for each of the 4 sequences of the batch, none for the 8 "
        "elements of a sequence",
    ),
    Claim(
        nn.LSTM,
        "final cell state for each element in the sequence",
        "wrong",
        "tuple(nn.LSTM(5, 3)(torch.randn(8, 4, 5))[1][1].shape)",
        "c_n is {}: one for each sequence of the batch",
    ),
    Claim(
        nn.LSTM,
        "`h_n` will contain a concatenation of the final forward and reverse hidden states",
        "half of it",
        "tuple(nn.LSTM(5, 3, bidirectional=True)(x)[1][0].shape)",
        "h_n is {}: joined along the first axis, one row for each direction; along the last, as "
        "output is at each step, it would be (1, 1, 6)",
    ),
    Claim(
        nn.LSTM,
        "input, forget, cell, and output gates, respectively",
        "half of it",
        "layer = nn.LSTM(5, 3)\n"
        "biases = layer.bias_ih_l0 + layer.bias_hh_l0\n"
        "sums = layer.weight_ih_l0 @ x[0, 0] + biases\n"
        "torch.tanh(sums[6:9]).min().item() < 0",
        "g below 0 somewhere at step 0: {}; g comes from a tanh, so it is a candidate and no gate",
    ),
    Claim(
        nn.LSTM,
        "(dimensions of :math:`W_{hi}` will be changed accordingly)",
        "half of it",
        "layer = nn.LSTM(5, 4, num_layers=2, proj_size=2, bidirectional=True)\n"
        "tuple(layer.weight_hh_l0.shape), tuple(layer.weight_ih_l1.shape)",
        "weight_hh_l0 and weight_ih_l1 are {}: all four W_h change, and what the next layer reads",
    ),
    Claim(
        nn.LSTM,
        "``output.view(seq_len, batch, num_directions, hidden_size)``",
        "half of it",
        "output, _ = nn.LSTM(5, 4, proj_size=2, bidirectional=True)(x)\n"
        "output.numel(), 8 * 1 * 2 * 4",
        "output holds {} numbers against what that view needs with a projection: the last size is "
        "H_out, which is proj_size",
    ),
    Claim(
        nn.LSTM,
        "introduces a `Dropout` layer on the outputs of each LSTM layer except the last layer",
        "right, and easily missed",
        "import warnings\n"
        "with warnings.catch_warnings():\n"
        '    warnings.simplefilter("ignore")\n'
        "    layer = nn.LSTM(5, 3, dropout=0.9)\n"
        "torch.equal(layer(x)[0], layer(x)[0])",
        "two runs of one layer in training mode are equal: {}; its only layer is the last layer",
    ),
    Claim(
        nn.LSTM,
        "Note that this does not apply to hidden or cell states.",
        "right, and easily missed",
        "tuple(nn.LSTM(5, 3, batch_first=True)(torch.randn(4, 8, 5))[1][0].shape)",
        "with batch_first=True h_n of 4 sequences is {}: N stays in the second place",
    ),
    Claim(
        nn.LSTM,
        r"All the weights and biases are initialized from :math:`\mathcal{U}(-\sqrt{k}, \sqrt{k})`",
        "right, and easily missed",
        "layer = nn.LSTM(5, 64)\n"
        "f = torch.sigmoid((layer.bias_ih_l0 + layer.bias_hh_l0)[64:128])\n"
        'f"{f.min().item():.2f} to {f.max().item():.2f}"',
        "the forget gates begin at {} before any input: half of c is gone after one step",
    ),
    Claim(
        nn.GRU,
        "subtly differs from the original paper and other frameworks",
        "right, and easily missed",
        "gru = nn.GRU(5, 3)\n"
        "w_ih, w_hh, b_ih, b_hh = (p.detach() for p in gru.parameters())\n"
        "h = torch.zeros(3)\n"
        "for x_t in x[:, 0]:\n"
        "    x_r, x_z, x_n = (w_ih @ x_t + b_ih).chunk(3)\n"
        "    r = torch.sigmoid(x_r + w_hh[:3] @ h + b_hh[:3])\n"
        "    z = torch.sigmoid(x_z + w_hh[3:6] @ h + b_hh[3:6])\n"
        "    n = torch.tanh(x_n + w_hh[6:] @ (r * h) + b_hh[6:])\n"
        "    h = (1 - z) * n + z * h\n"
        'f"{(h - gru(x)[1].flatten()).abs().max().item():.2f}"',
        "the last h of the two forms, same weights, differs by {}",
    ),
    Claim(
        nn.GRU,
        "are the reset, update, and new gates, respectively",
        "half of it",
        "gru = nn.GRU(5, 3)\n"
        "with torch.no_grad():\n"
        "    gru.bias_ih_l0[3:6] = 30.0\n"
        "h_0 = torch.ones(1, 1, 3)\n"
        "torch.allclose(gru(x, h_0)[1], h_0)",
        "with the update gate z at 1 the state stays as it was: {}; z keeps, it does not update, "
        "and n, from a tanh, is no gate",
    ),
    Claim(
        packing.pack_padded_sequence,
        "The dim of ``input`` tensor will be truncated if its length larger than",
        "right, and easily missed",
        "packed = packing.pack_padded_sequence(torch.randn(8, 2, 5), [5, 3])\n"
        "tuple(packing.pad_packed_sequence(packed)[0].shape)",
        "8 steps in, {} out: unpacking pads to the longest length; total_length=8 brings them back",
    ),
)
"""Sentences weighed, in the order of the page."""


@checked
def documentation_table(claims: tuple[Claim, ...] = CLAIMS) -> Table:
    """Return the documentation's sentences that the installed torch still has, each with a run.

    Args:
        claims: What to weigh.

    Returns:
        A row for each sentence found: what is documented, the sentence, what the value of a run
        shows, and the verdict. Sentences that are no longer in the docstring have no row.

    Source:
        The docstrings of the installed torch, read at the time of the call.
    """
    rows = [
        (
            claim.object.__name__,
            _plain(claim.quote),
            claim.says.format(evaluate(claim.code)),
            claim.verdict,
        )
        for claim in claims
        if is_documented(claim)
    ]
    version = torch.__version__.partition("+")[0]
    return Table(
        ["documented", "the documentation says", "a run says", "verdict"],
        rows,
        alt=f"{len(rows)} of {len(claims)} sentences are in the documentation of torch {version}: "
        + "; ".join(f"{name}: “{quote}” is {verdict}" for name, quote, _, verdict in rows)
        + ".",
    )


@checked
def documentation_code_table(claims: tuple[Claim, ...] = CLAIMS) -> Table:
    """List the code whose value each row of `documentation_table` shows.

    Args:
        claims: As for `documentation_table`.

    Returns:
        A row for each sentence found, in the same order: the sentence, and the code that ran.
    """
    rows = [(_plain(claim.quote), claim.code) for claim in claims if is_documented(claim)]
    return Table(
        ["the documentation says", "code"], rows, alt=f"The code of {len(rows)} runs, one a row."
    )


def is_documented(claim: Claim) -> bool:
    """Return whether the installed docstring has the claim's sentence, white space aside."""
    return _joined(claim.quote) in _joined(claim.object.__doc__ or "")


def evaluate(code: str) -> object:
    """Run code and return the value of its last line, from seed 0 and with the site's x."""
    *before, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        raise ValueError(f"expected an expression on the last line, got {ast.unparse(last)}")
    namespace: dict[str, object] = {"torch": torch, "nn": nn, "packing": packing}
    namespace["x"] = site_input()
    with from_seed_0():
        exec(compile(ast.Module(before, []), "<claim>", "exec"), namespace)
        return eval(compile(ast.Expression(last.value), "<claim>", "eval"), namespace)


def _joined(text: str) -> str:
    return " ".join(text.split())


def _plain(quote: str) -> str:
    """Return a sentence without the docstring's markup."""
    text = re.sub(r":\w+:", "", quote)
    return text.replace("`", "").replace(r"\mathcal{U}", "U").replace(r"\sqrt{k}", "√k")
