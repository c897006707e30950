"""Recover every gate of one layer from the h that the module returned, many steps at once.

`cells` has the same equations one step at a time. Since every h_{t-1} is known, only the cell
state of an LSTM has to be scanned step by step; all else is a few matrix products. Steps are
computed in blocks that stay in the processor's cache.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from rnn_figures.cells import GRUStep, LSTMStep, RNNStep
from rnn_figures.weights import STACKED

BLOCK = 1 << 19
"""Pre-activations in a block at most: what a block touches then fits a cache of a few MiB."""

ONEDNN_FROM = 1 << 12
"""Numbers to multiply from which oneDNN's faster product makes up for handing them over."""

Affine = tuple[Tensor, Tensor | None]
"""A weight and its bias: what nn.functional.linear takes after x."""


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

    given: Given
    part: slice
    c_prev: Tensor | None  # (N, H_cell), what the step that is computed first reads
    buffers: dict[str, Tensor]  # where each gate goes, (steps, N, H_cell); empty for new tensors
    waiting: Tensor | None  # (steps, N, 1), where the reverse direction has not started

    @property
    def x(self) -> Tensor:
        """What the steps read, (steps, N, H_in)."""
        return self.given.x[self.part]

    @property
    def h_prev(self) -> Tensor:
        """The hidden states that the steps read, (steps, N, H_out)."""
        h, h_0 = self.given.h, self.given.h_0[None]
        start, stop = self.part.start, self.part.stop
        if self.given.reverse:
            return h[start + 1 : stop + 1] if stop < len(h) else torch.cat((h[start + 1 :], h_0))
        return h[start - 1 : stop - 1] if start > 0 else torch.cat((h_0, h[: stop - 1]))


def replay(
    mode: str,
    weights: dict[str, Tensor],
    given: Given,
    beyond: Tensor | None,
    check: Callable[[slice, Tensor], None],
) -> dict[str, Tensor]:
    """Return the gates of one layer in one direction, computed block by block.

    Args:
        mode: module.mode: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU".
        weights: As `rnn_figures.weights.weights` returns them, in float32 or float64.
        given: What the layer read and gave.
        beyond: What `beyond_the_end` returns for it.
        check: Called for each block, while it is in the processor's cache, with its steps and
            their h rebuilt from the gates, (steps, N, H_out).

    Returns:
        By letter, (L, N, H_cell), in the dtype of the weights. They, and h, mean nothing beyond a
        sequence's end.
    """
    cell = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _rnn_tanh, "RNN_RELU": _rnn_relu}[mode]
    maps = _maps(mode, weights)
    waiting = beyond if given.reverse else None
    if waiting is not None:
        # A shorter sequence starts in the middle: what is beyond its end is still its h_0.
        given = given._replace(h=torch.where(waiting, given.h_0, given.h))
    steps, sequences = given.h.shape[:2]
    blocks = max(1, math.ceil(steps * sequences * len(weights["weight_hh"]) / BLOCK))
    stride = math.ceil(steps / blocks)
    starts = range(0, steps, stride)
    c_prev = given.c_0
    gates: dict[str, Tensor] = {}
    for start in reversed(starts) if given.reverse else starts:
        part = slice(start, min(start + stride, steps))
        if gates and c_prev is not None:
            c_prev = gates["c"][part.stop if given.reverse else part.start - 1]
        buffers = {letter: gate[part] for letter, gate in gates.items()}
        ended = None if waiting is None else waiting[part]
        step = cell(maps, Block(given, part, c_prev, buffers, ended))
        if not gates:
            gates = _buffers(step, part, steps)
        check(part, step.h)
    return gates


def beyond_the_end(lengths: Tensor, steps: int, device: torch.device) -> Tensor | None:
    """Mark the steps that a sequence does not have, (L, N, 1); None if all have all steps."""
    if bool((lengths == steps).all()):
        return None
    return (torch.arange(steps).unsqueeze(1) >= lengths).unsqueeze(-1).to(device)


def _buffers(step: LSTMStep | GRUStep | RNNStep, part: slice, steps: int) -> dict[str, Tensor]:
    """Return buffers for the gates of all steps, with those of the first block in them.

    Where it is the only block, its gates are the buffers.
    """
    gates = dict(zip(step._fields[:-1], step[:-1], strict=True))
    if len(step.h) == steps:
        return gates
    buffers = {letter: gate.new_empty((steps, *gate.shape[1:])) for letter, gate in gates.items()}
    for letter, gate in gates.items():
        buffers[letter][part] = gate
    return buffers


def _maps(mode: str, weights: dict[str, Tensor]) -> dict[str, Affine]:
    """Return the affine maps of a cell: "all" of x and h_prev side by side, and those apart."""
    maps: dict[str, Affine] = {}
    if "weight_hr" in weights:
        maps["projection"] = weights["weight_hr"], None
    if mode == "GRU":  # r multiplies W_hn h + b_hn, so that the two terms of n stay apart
        stacked = 2 * weights["weight_hh"].shape[1]  # torch stacks r, z, n
        n = {name: weight[stacked:] for name, weight in weights.items()}
        maps["n_ih"] = n["weight_ih"], n.get("bias_ih")
        maps["n_hh"] = n["weight_hh"], n.get("bias_hh")
        weights = {name: weight[:stacked] for name, weight in weights.items()}
    bias = weights["bias_ih"] + weights["bias_hh"] if "bias_ih" in weights else None
    maps["all"] = torch.cat((weights["weight_ih"], weights["weight_hh"]), 1), bias
    return maps


def _apply(affine: Affine, block: Block, *names: str) -> Tensor:
    """Return W x + b, (steps, N, K), of what a block reads by these names, side by side."""
    return linear(_ready(block, names, affine[0].dtype), *affine).to_dense()


def _ready(block: Block, names: tuple[str, ...], dtype: torch.dtype) -> Tensor:
    """Put what a block reads side by side, in the layout that multiplies fastest.

    For float32 on a CPU that is oneDNN's: its product, the one inside nn.LSTM, takes half the time
    of MKL's, which torch would call, where the processor is not Intel's.
    """
    value = torch.cat([getattr(block, name) for name in names], -1).to(dtype)
    single = dtype == torch.float32 and value.device.type == "cpu"
    if single and value.numel() >= ONEDNN_FROM and torch.backends.mkldnn.is_available():
        return value.to_mkldnn()
    return value


def _activated(total: Tensor, letters: str, buffers: dict[str, Tensor]) -> dict[str, Tensor]:
    """Cut pre-activations, (steps, N, k·H_cell), into gates and put them where they go."""
    return {
        letter: (_tanh if letter == "g" else torch.sigmoid)(part, out=buffers.get(letter))
        for letter, part in zip(letters, total.chunk(len(letters), -1), strict=True)
    }


def _lstm(maps: dict[str, Affine], block: Block) -> LSTMStep:
    """Compute i, f, g and o at once, then c by a scan, then h = o ⊙ tanh(c), projected if it is."""
    buffers = block.buffers
    gates = _activated(_apply(maps["all"], block, "x", "h_prev"), STACKED["LSTM"], buffers)
    i, f, g, o = (gates[letter] for letter in "ifgo")
    assert block.c_prev is not None  # an LSTM has one
    c, keep, c_prev = torch.mul(i, g, out=buffers.get("c")), f, block.c_prev.to(f.dtype)
    if block.waiting is not None:  # c is still c_0 there: i ⊙ g = c_0 and f = 0
        keep = f.masked_fill(block.waiting, 0)
        torch.where(block.waiting, c_prev, c, out=c)
    _scan(c, keep, c_prev, block.given.reverse)
    h = _tanh(c).mul_(o)
    return LSTMStep(i, f, g, o, c, linear(h, *maps["projection"]) if "projection" in maps else h)


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


def _gru(maps: dict[str, Affine], block: Block) -> GRUStep:
    """Compute r and z at once, then n, then h = (1 - z) ⊙ n + z ⊙ h_prev."""
    buffers = block.buffers
    gates = _activated(_apply(maps["all"], block, "x", "h_prev"), STACKED["GRU"][:2], buffers)
    r, z = gates["r"], gates["z"]
    n = _apply(maps["n_ih"], block, "x").addcmul_(r, _apply(maps["n_hh"], block, "h_prev"))
    n = _tanh(n, out=buffers.get("n", n))
    return GRUStep(r, z, n, torch.lerp(n, block.h_prev.to(n.dtype), z))


def _rnn_tanh(maps: dict[str, Affine], block: Block) -> RNNStep:
    """Compute h = tanh(W_ih x + b_ih + W_hh h_prev + b_hh)."""
    total = _apply(maps["all"], block, "x", "h_prev")
    return RNNStep(_tanh(total, out=total))


def _rnn_relu(maps: dict[str, Affine], block: Block) -> RNNStep:
    """Compute h as _rnn_tanh does, with relu instead of tanh."""
    return RNNStep(_apply(maps["all"], block, "x", "h_prev").relu_())


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
