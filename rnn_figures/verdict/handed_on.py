"""States that come from an earlier call, of the layer itself or of another, and how they came."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from rnn_figures.models import Call
from rnn_figures.verdict.parts import Part, of_calls
from rnn_figures.verdict.records import Finding, alarm, note
from rnn_figures.verdict.states import goes_on, state_parts


def handed_on(part: Part, calls: Sequence[Call]) -> Iterator[Finding]:
    """Yield what is odd in states that came from an earlier call, of this module or another."""
    pairs = list(_from_states(part, calls))
    own = [(index, name, pair) for index, name, pair in pairs if name == part.name]
    yield from _without_c(part, pairs)
    yield from of_calls(
        alarm,
        part,
        "exchanged state",
        [index for index, _, pair in pairs if goes_on(_exchanges, *pair)],
        "start from the state that a call before returned with h and c exchanged, number by "
        "number.",
        "An LSTM returns output, (h_n, c_n), and an LSTMCell (h, c): h first, both ways.",
        "answers/silent-mistakes.md",
    )
    yield from of_calls(
        alarm,
        part,
        "exchanged state",
        [index for index, _, pair in own if goes_on(_has_h_for_c, *pair)],
        "start from the h that the call before returned, as h and as c: what the cell state kept "
        "is lost.",
        "Hand on both, as they came: h, c = cell(x, (h, c)).",
        "answers/silent-mistakes.md",
    )
    yield from of_calls(
        note,
        part,
        "h and c of others",
        [index for index, _, pair in own if goes_on(_comes_apart, *pair)],
        "start from rows of the last h in another order, and from the last c as it was: a sequence "
        "goes on from one's h and another's cell state.",
        "What puts h in order is for c too: h, c = h[parent], c[parent].",
        "sequences/step-by-step.md",
    )
    mixed = [index for index, _, pair in pairs if _mixes_directions(*pair)]
    if mixed:
        yield note(
            part.name,
            "directions for layers",
            "Its layers start from the two directions of an encoder, one each, not from its "
            "layers: h_n counts forward and reverse of layer 0, then of layer 1.",
            "h_n.unflatten(0, (layers, 2)) has a row for each layer: sum its directions, or join "
            "them and make them smaller by a Linear.",
            "anatomy/h-n.md",
            call=mixed[0],
        )


def _from_states(part: Part, calls: Sequence[Call]) -> Iterator[tuple[int, str, tuple[Call, Call]]]:
    """Yield the calls of a part that are given a state, each with the last one of each layer.

    That is its number, the name of the layer, and the two calls.
    """
    numbers = {id(call): number for number, call in enumerate(part.calls)}
    last: dict[str, Call] = {}
    for call in calls:
        if call.name == part.name and state_parts(call.hx):
            for name, before in last.items():
                yield numbers[id(call)], name, (before, call)
        last[call.name] = call


def _without_c(
    part: Part, pairs: Sequence[tuple[int, str, tuple[Call, Call]]]
) -> Iterator[Finding]:
    """Yield the note on calls that start from another layer's h, and not from its c."""
    left = [
        (index, name)
        for index, name, pair in pairs
        if name != part.name and goes_on(_leaves_c, *pair)
    ]
    if left:
        name = left[0][1]
        yield from of_calls(
            note,
            part,
            "c not handed on",
            [index for index, _ in left],
            f"start from h_n of {name}, and not from its c_n: their c is zeros, or the same h "
            "again. What the cell state kept is not handed on.",
            "Hand on both, as they came: state = (h_n, c_n). Right where c is meant to start anew.",
            "sequences/initial-state.md",
        )


def _exchanges(h_n: Tensor, c_n: Tensor, h: Tensor, c: Tensor) -> bool:
    """Return whether a call starts from the last one's c as h, and from its h as c."""
    return not torch.equal(h_n, c_n) and torch.equal(h, c_n) and torch.equal(c, h_n)


def _has_h_for_c(h_n: Tensor, c_n: Tensor, h: Tensor, c: Tensor) -> bool:
    """Return whether a call starts from the last one's h, as h and as c."""
    return not torch.equal(h_n, c_n) and torch.equal(h, h_n) and torch.equal(c, h_n)


def _leaves_c(h_n: Tensor, c_n: Tensor, h: Tensor, c: Tensor) -> bool:
    """Return whether a call starts from another's h as h, and as c from that h or from zeros."""
    own = bool(h_n.any()) and torch.equal(h, h_n) and not torch.equal(h_n, c_n)
    return own and (torch.equal(c, h_n) or not bool(c.any()))


def _comes_apart(h_n: Tensor, c_n: Tensor, h: Tensor, c: Tensor) -> bool:
    """Return whether a call starts from rows of the last h in another order, and its c in order."""
    if not torch.equal(c, c_n) or torch.equal(h, h_n) or len(c[-1].unique(dim=0)) < 2:
        return False
    return bool((h[-1][:, None] == h_n[-1][None]).all(-1).any(1).all())


def _mixes_directions(before: Call, after: Call) -> bool:
    """Return whether layers of one direction start from the directions of one before.

    That is the two of its first layer, or of each direction the sum or mean of all its layers.
    """
    h_n, given = before.trace.h_n, state_parts(after.hx)[0]
    several = after.module.num_layers > 1 and not after.module.bidirectional
    if not (several and before.module.bidirectional) or h_n.shape[1:] != given.shape[1:]:
        return False
    by_layer = h_n.unflatten(0, (-1, 2))
    if torch.equal(by_layer[0, 0], by_layer[0, 1]):
        return False
    joined = (by_layer[0], by_layer.sum(0), by_layer.mean(0))
    return any(torch.equal(each, given[:2]) for each in joined)
