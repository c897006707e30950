"""Recover every gate of one layer from the h that the module returned, many steps at once.

`cells` has the same equations one step at a time. Since every h_{t-1} is known, only the cell
state of an LSTM has to be scanned step by step; all else is a few matrix products. Steps are
computed in blocks that stay in the processor's cache.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnn_figures.cells import GRUStep, LSTMStep, RNNStep
from rnn_figures.weights import STACKED

BLOCK = 1 << 19
"""Pre-activations in a block at most: what a block touches then fits a cache of a few MiB."""

Weights = dict[str, Tensor]
"""The parameters of one layer in one direction, as `rnn_figures.weights.weights` returns them."""


class Given(NamedTuple):
    """What is known of one layer in one direction before its gates are.

    Attributes:
        x: What the layer read, (L, N, H_in).
        h: What it gave, (L, N, H_out).
        h_0: Hidden state before the first step, (N, H_out).
        c_0: LSTM: cell state before the first step, (N, H_cell); else None.
        reverse: True if this direction reads the last step first.
    """

    x: Tensor
    h: Tensor
    h_0: Tensor
    c_0: Tensor | None
    reverse: bool


class Block(NamedTuple):
    """Some steps of one layer in one direction: what they read, and where their gates go."""

    x: Tensor  # (steps · N, H_in), what the steps read, step after step
    h_prev: Tensor  # (steps · N, H_out), and the hidden states that they read
    totals: Tensor  # (steps, N, G·H_cell), where pre-activations go and turn into gates
    gates: Sequence[Tensor]  # its G parts, each (steps, N, H_cell)
    c: Tensor | None  # (steps, N, H_cell), where c goes
    c_prev: Tensor | None  # (N, H_cell), what the step that is computed first reads
    waiting: Tensor | None  # (steps, N, 1), where the reverse direction has not started
    reverse: bool


def replay(
    mode: str,
    weights: Weights,
    given: Given,
    beyond: Tensor | None,
    check: Callable[[slice, Tensor], None],
) -> dict[str, Tensor]:
    """Return the gates of one layer in one direction, computed block by block.

    By letter, (L, N, H_cell), in the dtype of the weights. They, and h, mean nothing beyond a
    sequence's end. `check` is called for each block, while it is in the processor's cache, with its
    steps and their h rebuilt from the gates, (steps, N, H_out).
    """
    cell = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _rnn_tanh, "RNN_RELU": _rnn_relu}[mode]
    bias = _bias(mode, weights)
    waiting = beyond if given.reverse else None
    given = start_late(given, beyond)
    weight = weights["weight_hh"]
    letters = STACKED[mode.partition("_")[0]]
    totals = weight.new_empty(*given.h.shape[:2], len(weight))
    gates = totals.chunk(len(letters), -1)
    cells = None if given.c_0 is None else weight.new_empty(len(totals), *given.c_0.shape)
    c_prev = given.c_0
    parts = blocks(given, len(weight), BLOCK)
    for part in parts:

        def cut(value: Tensor, part: slice = part) -> Tensor:
            # A view costs as much as a small product.
            return value if len(parts) == 1 else value[part]

        block = Block(
            x=cut(given.x).flatten(0, 1).to(weight.dtype),
            h_prev=h_prev(given, part).flatten(0, 1).to(weight.dtype),
            totals=cut(totals),
            gates=[cut(gate) for gate in gates],
            c=None if cells is None else cut(cells),
            c_prev=c_prev,
            waiting=None if waiting is None else cut(waiting),
            reverse=given.reverse,
        )
        check(part, cell(weights, bias, block).h)
        if block.c is not None:
            c_prev = block.c[0 if given.reverse else -1]
    if mode.startswith("RNN"):
        return {}
    found = dict(zip(letters, gates, strict=True))
    return found if cells is None else found | {"c": cells}


def start_late(given: Given, beyond: Tensor | None) -> Given:
    """Return `given` with h_0 as h where the reverse direction of a shorter sequence waits."""
    if beyond is None or not given.reverse:
        return given
    return given._replace(h=torch.where(beyond, given.h_0, given.h))


def blocks(given: Given, rows: int, most: int) -> list[slice]:
    """Cut the steps into blocks of about `most` pre-activations, in the order of the direction.

    `rows` are those of the weights, G·H_cell: pre-activations of one sequence at one step.
    """
    steps, sequences = given.h.shape[:2]
    stride = math.ceil(steps / max(1, math.ceil(steps * sequences * rows / most)))
    parts = [slice(start, min(start + stride, steps)) for start in range(0, steps, stride)]
    return parts[::-1] if given.reverse else parts


def h_prev(given: Given, part: slice) -> Tensor:
    """Return the hidden states that some steps read, (steps, N, H_out)."""
    h, start, stop = given.h, part.start, part.stop
    if given.reverse:
        if stop < len(h):
            return h[start + 1 : stop + 1]
        return torch.cat((h[start + 1 :], given.h_0[None]))
    return h[start - 1 : stop - 1] if start else torch.cat((given.h_0[None], h[: stop - 1]))


def beyond_the_end(lengths: Tensor, steps: int, device: torch.device) -> Tensor | None:
    """Mark the steps that a sequence does not have, (L, N, 1); None if all have all steps."""
    if bool((lengths == steps).all()):
        return None
    return (torch.arange(steps).unsqueeze(1) >= lengths).unsqueeze(-1).to(device)


def _bias(mode: str, weights: Weights) -> Tensor | None:
    """Return what is added to W_ih x + W_hh h_prev, (G·H_cell,); None without biases."""
    if "bias_ih" not in weights:
        return None
    if mode != "GRU":
        return weights["bias_ih"] + weights["bias_hh"]
    bias = weights["bias_ih"].clone()
    kept = 2 * len(bias) // 3  # r multiplies W_hn h + b_hn, so that b_hn stays apart
    bias[:kept] += weights["bias_hh"][:kept]
    return bias


def affine(read: Tensor, weight: Tensor, bias: Tensor | None, out: Tensor) -> Tensor:
    """Return W x + b, row by row, in `out`."""
    if bias is None:
        return torch.mm(read, weight.T, out=out)
    return torch.addmm(bias, read, weight.T, out=out)


def add_product(read: Tensor, weight: Tensor, out: Tensor) -> Tensor:
    """Add W x, row by row, to `out`, and return it."""
    return out.addmm_(read, weight.T)


def _totals(weights: Weights, bias: Tensor | None, block: Block) -> Tensor:
    """Return W_ih x + W_hh h_prev + b, (steps, N, G·H_cell)."""
    rows = affine(block.x, weights["weight_ih"], bias, block.totals.flatten(0, 1))
    add_product(block.h_prev, weights["weight_hh"], rows)
    return block.totals


def _lstm(weights: Weights, bias: Tensor | None, block: Block) -> LSTMStep:
    """Compute i, f, g and o at once, then c by a scan, then h = o ⊙ tanh(c), projected if it is."""
    totals = _totals(weights, bias, block)
    i, f, g, o = block.gates  # torch stacks i, f, g, o
    totals.narrow(-1, 0, 2 * i.shape[-1]).sigmoid_()  # i and f
    _tanh(g, out=g)
    o.sigmoid_()
    assert block.c is not None  # an LSTM has both
    assert block.c_prev is not None
    c, keep, c_prev = torch.mul(i, g, out=block.c), f, block.c_prev.to(f.dtype)
    if block.waiting is not None:  # c is still c_0 there: i ⊙ g = c_0 and f = 0
        keep = f.masked_fill(block.waiting, 0)
        torch.where(block.waiting, c_prev, c, out=c)
    _scan(c, keep, c_prev, block.reverse)
    h = _tanh(c).mul_(o)
    if "weight_hr" in weights:
        h = h @ weights["weight_hr"].T
    return LSTMStep(i, f, g, o, c, h)


def _scan(c: Tensor, f: Tensor, c_prev: Tensor, reverse: bool) -> None:
    """Turn c, which holds i ⊙ g, into c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t, in place."""
    if not _in_numpys_reach(c):
        steps = list(zip(f, c, strict=True))
        for f_t, c_t in reversed(steps) if reverse else steps:
            c_prev = c_t.addcmul_(f_t, c_prev)
        return
    # NumPy takes a third of torch's time to start an operation, and there are many small ones.
    order = -1 if reverse else 1
    previous, kept = c_prev.numpy(), np.empty(c_prev.shape, f.numpy().dtype)
    multiply, add = np.multiply, np.add
    for f_t, c_t in zip(f.numpy()[::order], c.numpy()[::order], strict=True):
        multiply(f_t, previous, kept)
        previous = add(c_t, kept, c_t)


def _gru(weights: Weights, bias: Tensor | None, block: Block) -> GRUStep:
    """Compute r and z at once, then n, then h = (1 - z) ⊙ n + z ⊙ h_prev."""
    weight, h_prev = weights["weight_hh"], block.h_prev
    size = len(weight) // 3  # torch stacks r, z, n
    totals = affine(block.x, weights["weight_ih"], bias, block.totals.flatten(0, 1))
    add_product(h_prev, weight[: 2 * size], totals[:, : 2 * size]).sigmoid_()
    b_hn = weights["bias_hh"][2 * size :] if "bias_hh" in weights else None
    kept = affine(h_prev, weight[2 * size :], b_hn, torch.empty_like(h_prev))
    r, z, n = block.gates
    kept, h_prev = kept.view(n.shape), h_prev.view(n.shape)
    _tanh(n.addcmul_(r, kept), out=n)
    return GRUStep(r, z, n, torch.lerp(n, h_prev, z, out=kept))


def _rnn_tanh(weights: Weights, bias: Tensor | None, block: Block) -> RNNStep:
    """Compute h = tanh(W_ih x + b_ih + W_hh h_prev + b_hh)."""
    totals = _totals(weights, bias, block)
    return RNNStep(_tanh(totals, out=totals))


def _rnn_relu(weights: Weights, bias: Tensor | None, block: Block) -> RNNStep:
    """Compute h as _rnn_tanh does, with relu instead of tanh."""
    return RNNStep(_totals(weights, bias, block).relu_())


def _tanh(value: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Return tanh(value), in `out` if given; on a CPU by NumPy, in a tenth of torch's time."""
    if not _in_numpys_reach(value):
        return torch.tanh(value, out=out)
    if out is None:
        out = torch.empty_like(value, memory_format=torch.contiguous_format)
    np.tanh(value.numpy(), out=out.numpy())
    return out


def _in_numpys_reach(value: Tensor) -> bool:
    """Return whether NumPy can work on a tensor where it is."""
    return value.device.type == "cpu"
