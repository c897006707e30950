"""Recover every gate of one layer, all steps at once, from the h that the module returned.

`cells` has the same equations one step at a time. Since every h_{t-1} is known, only the cell
state of an LSTM has to be scanned step by step; all else is a handful of matrix products.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Rebuild = Callable[[slice], Tensor]
"""Gives h of some steps, (steps, N, H_out), computed from the gates."""


def replay(
    mode: str,
    weights: dict[str, Tensor],
    *,
    x: Tensor,
    h: Tensor,
    h_0: Tensor,
    c_0: Tensor | None,
    lengths: Tensor,
    reverse: bool,
) -> tuple[dict[str, Tensor], Rebuild]:
    """Compute the gates of one layer in one direction from what it read and what it gave.

    Args:
        mode: module.mode: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU".
        weights: As `layouts.weights` returns them, detached.
        x: What the layer read, (L, N, H_in).
        h: What it gave, (L, N, H_out); zeros beyond a sequence's end.
        h_0: Hidden state before the first step, (N, H_out).
        c_0: LSTM: cell state before the first step, (N, H_cell); else None.
        lengths: Steps of each sequence, (N,).
        reverse: True if the direction reads the last step first.

    Returns:
        Gates, candidate and cell state by letter, each (L, N, H_cell), meaningless beyond a
        sequence's end; and a function that rebuilds h from them.
    """
    beyond = beyond_the_end(lengths, len(h), h.device)
    if beyond is not None and reverse:
        # A shorter sequence starts in the middle: what is beyond its end is still its h_0.
        h = torch.where(beyond, h_0, h)
    if mode == "LSTM":
        return _lstm(weights, x, h, h_0, c_0, reverse, beyond)
    if mode == "GRU":
        return _gru(weights, x, h, h_0, reverse)
    return _rnn(weights, x, h, h_0, reverse, mode)


def beyond_the_end(lengths: Tensor, steps: int, device: torch.device) -> Tensor | None:
    """Mark the steps that a sequence does not have, (L, N, 1); None if all have all steps."""
    if bool((lengths == steps).all()):
        return None
    return (torch.arange(steps).unsqueeze(1) >= lengths).unsqueeze(-1).to(device)


def _input_product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return W x + b for all steps, (L, N, K)."""
    return torch.nn.functional.linear(x, weight, bias)


def _add_recurrent_product(
    total: Tensor, h: Tensor, h_0: Tensor, weight: Tensor, reverse: bool
) -> None:
    """Add W h_prev to `total`, (L, N, K), in place, without a shifted copy of h."""
    if reverse:
        following, read, first = total[:-1], h[1:], total[-1]
    else:
        following, read, first = total[1:], h[:-1], total[0]
    following.flatten(0, 1).addmm_(read.flatten(0, 1), weight.T)
    first.addmm_(h_0, weight.T)


def _lstm(w, x, h, h_0, c_0, reverse, beyond) -> tuple[dict[str, Tensor], Rebuild]:
    """Gates of an LSTM: all at once, then c by a scan over the steps."""
    bias = w["bias_ih"] + w["bias_hh"] if "bias_ih" in w else None
    gates = _input_product(x, w["weight_ih"], bias)
    _add_recurrent_product(gates, h, h_0, w["weight_hh"], reverse)
    i, f, g, o = gates.chunk(4, dim=-1)  # torch stacks i, f, g, o
    for gate in (i, f, o):
        gate.sigmoid_()
    g.tanh_()
    c = i * g
    keep = f
    if beyond is not None:  # what is beyond the end is still c_0: f = 0 and i·g = c_0 there
        c = torch.where(beyond, c_0, c)
        keep = f.masked_fill(beyond, 0)
    previous = c_0
    for f_t, c_t in zip(*(_in_order(value, reverse) for value in (keep, c)), strict=True):
        previous = c_t.addcmul_(f_t, previous)  # c_t held i·g

    def rebuild(part: slice) -> Tensor:
        h_cell = c[part].tanh().mul_(o[part])
        return torch.nn.functional.linear(h_cell, w["weight_hr"]) if "weight_hr" in w else h_cell

    return {"i": i, "f": f, "g": g, "o": o, "c": c}, rebuild


def _gru(w, x, h, h_0, reverse) -> tuple[dict[str, Tensor], Rebuild]:
    """Gates of a GRU: r multiplies the recurrent part of n after its matrix and its bias."""
    size = h.shape[-1]
    gates = _input_product(x, w["weight_ih"], w.get("bias_ih"))
    recurrent = h.new_empty(*h.shape[:-1], size)
    r_and_z, n = gates[..., : 2 * size], gates[..., 2 * size :]  # torch stacks r, z, n
    _add_recurrent_product(r_and_z, h, h_0, w["weight_hh"][: 2 * size], reverse)
    if "bias_hh" in w:
        r_and_z.add_(w["bias_hh"][: 2 * size])
        recurrent.copy_(w["bias_hh"][2 * size :])
    else:
        recurrent.zero_()
    _add_recurrent_product(recurrent, h, h_0, w["weight_hh"][2 * size :], reverse)
    r_and_z.sigmoid_()
    r, z = r_and_z.chunk(2, dim=-1)
    n.addcmul_(r, recurrent).tanh_()

    def rebuild(part: slice) -> Tensor:
        return torch.lerp(n[part], _before(h, h_0, reverse, part), z[part])

    return {"r": r, "z": z, "n": n}, rebuild


def _rnn(w, x, h, h_0, reverse, mode) -> tuple[dict[str, Tensor], Rebuild]:
    """Nothing to keep for an RNN: it has no gates, only h."""

    def rebuild(part: slice) -> Tensor:
        bias = w["bias_ih"] + w["bias_hh"] if "bias_ih" in w else None
        total = _input_product(x[part], w["weight_ih"], bias)
        total += torch.nn.functional.linear(_before(h, h_0, reverse, part), w["weight_hh"])
        return total.tanh_() if mode == "RNN_TANH" else total.relu_()

    return {}, rebuild


def _in_order(value: Tensor, reverse: bool) -> tuple[Tensor, ...]:
    """Return the steps in the order in which the direction walks them."""
    steps = value.unbind(0)
    return steps[::-1] if reverse else steps


def _before(h: Tensor, h_0: Tensor, reverse: bool, part: slice) -> Tensor:
    """Return the hidden states that the steps of `part` read."""
    start, stop, _ = part.indices(len(h))
    if reverse:
        return h[start + 1 : stop + 1] if stop < len(h) else torch.cat((h[start + 1 :], h_0[None]))
    return h[start - 1 : stop - 1] if start else torch.cat((h_0[None], h[: stop - 1]))
