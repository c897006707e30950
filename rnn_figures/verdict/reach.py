"""How far back an output reads: gradients of random projections of h, on the states of the run.

A window ends at some step of some sequence and starts, up to 64 steps before, from the state that
the trace has there. So it costs the same for long runs, and nothing of the model runs again.
"""

import torch
from torch import Tensor

from rnn_figures.traces import LayerTrace
from rnn_figures.traces.runs import full_precision
from rnn_figures.verdict.parts import Part, wide
from rnn_figures.verdict.records import Reach

WINDOWS = 16
"""Ends, spread over sequences and steps, from which gradients go back."""

LAGS = 64
"""Steps that a gradient goes back."""

ENDS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Where in a sequence windows end, as a part of it: a run may be reset at its last step."""


def reach(part: Part) -> Reach | None:
    """Measure the reach of one layer in one direction; None if no gradient leaves the last step."""
    if "reach" not in part.kept:
        part.kept["reach"] = _measured(part)
    return part.kept["reach"]


def _measured(part: Part) -> Reach | None:
    windows = _windows(part)
    if not windows:
        return None
    steps = min(LAGS, *(end + 1 for *_, end in windows))
    pieces = [_piece(part.traces[index], sequence, end, steps) for index, sequence, end in windows]
    x = torch.stack([piece[0] for piece in pieces], 1)
    states = [
        torch.stack(each)[None] for each in zip(*(piece[1:] for piece in pieces), strict=True)
    ]
    norms = _norms(part, x, states)
    norms = norms[:, (norms[0] > 0) & norms.isfinite().all(0)]
    return Reach(norms) if norms.shape[1] else None


def _windows(part: Part) -> list[tuple[int, int, int]]:
    """Return call, sequence and end of each window; the end counts as the direction computes."""
    found = []
    for share in ENDS:
        for index, run in enumerate(part.traces):
            if not part.shares_weights(index):
                continue
            for sequence, length in enumerate(run.lengths.tolist()):
                found.append((index, sequence, max(0, round(share * length) - 1)))
    found = list(dict.fromkeys(found))
    longest = min(LAGS, max((end + 1 for *_, end in found), default=0))
    found = [each for each in found if each[2] + 1 >= max(2, longest / 2)]
    stride = max(1, -(-len(found) // WINDOWS))
    return found[::stride]


def _piece(run: LayerTrace, sequence: int, end: int, steps: int) -> tuple[Tensor, ...]:
    """Return what a window reads, as its direction does, and the states that it starts from."""
    length = int(run.lengths[sequence])
    order = torch.arange(length)
    if run.reverse:
        order = order.flip(0)
    start = end + 1 - steps
    x = wide(run.x[order[start : end + 1], sequence])
    letters = [letter for letter in "hc" if letter in run.quantities]
    starts = {"h": run.h_0, "c": run.c_0}
    states = []
    for letter in letters:
        first = starts[letter]
        assert first is not None  # of a quantity that the cell has
        state = first[sequence] if start == 0 else run[letter][order[start - 1], sequence]
        states.append(wide(state))
    return x, *states


def _norms(part: Part, x: Tensor, states: list[Tensor]) -> Tensor:
    """Return r_k of each window, (lags, windows)."""
    own = list(part.weights().values())
    x, states = x.to(own[0].dtype), [state.to(own[0].dtype) for state in states]
    run = getattr(torch, part.mode.lower())
    hx = states if len(states) == 2 else states[0]
    generator = torch.Generator().manual_seed(0)
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.autocast(x.device.type, enabled=False),
        torch.backends.cudnn.flags(enabled=False),
        full_precision(x.device),
    ):
        x = x.clone().requires_grad_()
        bias = part.module.bias
        last = run(x, hx, own, bias, 1, 0.0, False, False, False)[0][-1]
        toward = torch.randn(last.shape, generator=generator, dtype=torch.float64)
        (gradient,) = torch.autograd.grad((last * toward.to(last)).sum(), x)
    return gradient.double().norm(dim=-1).flip(0)
