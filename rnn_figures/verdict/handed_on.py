"""States that come from an earlier call, of the layer itself or of another, and how they came."""

from collections.abc import Iterator, Mapping, Sequence

import torch

from rnn_figures.models import Call
from rnn_figures.verdict.parts import Part, note
from rnn_figures.verdict.records import Finding
from rnn_figures.verdict.states import handed, state_parts


def handed_on(part: Part, calls: Sequence[Call]) -> Iterator[Finding]:
    """Yield what is odd in states that came from an earlier call, of this module or another."""
    exchanged, mixed, doubled, apart = [], [], [], []
    for index, call, last in _from_states(part, calls):
        if any(_exchanges(before, call) for before in last.values()):
            exchanged.append(index)
        if any(_mixes_directions(before, call) for before in last.values()):
            mixed.append(index)
        if part.name in last and _has_h_for_c(last[part.name], call):
            doubled.append(index)
        if part.name in last and _comes_apart(last[part.name], call):
            apart.append(index)
    yield from _without_c(part, calls)
    if exchanged:
        yield _exchanged(
            part,
            exchanged,
            "start from the state that a call before returned with h and c exchanged, number by "
            "number.",
            "An LSTM returns output, (h_n, c_n), and an LSTMCell (h, c): h first, both ways.",
        )
    if doubled:
        yield _exchanged(
            part,
            doubled,
            "start from the h that the call before returned, as h and as c: what the cell state "
            "kept is lost.",
            "Hand on both, as they came: h, c = cell(x, (h, c)).",
        )
    if apart:
        yield note(
            part.name,
            "h and c of others",
            f"{len(apart)} of its calls start from rows of the last h in another order, and from "
            "the last c as it was: a sequence goes on from one's h and another's cell state.",
            "What puts h in order is for c too: h, c = h[parent], c[parent].",
            "sequences/step-by-step.md",
            call=apart[0],
            number=float(len(apart)),
        )
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


def _from_states(
    part: Part, calls: Sequence[Call]
) -> Iterator[tuple[int, Call, Mapping[str, Call]]]:
    """Yield the calls of a part that are given a state: its number, and the last ones by layer."""
    numbers = {id(call): number for number, call in enumerate(part.calls)}
    last: dict[str, Call] = {}
    for call in calls:
        if call.name == part.name and state_parts(call.hx):
            yield numbers[id(call)], call, last
        last[call.name] = call


def _without_c(part: Part, calls: Sequence[Call]) -> Iterator[Finding]:
    """Yield the note on calls that start from another layer's h, and not from its c."""
    left = [
        (index, name)
        for index, call, last in _from_states(part, calls)
        for name, before in last.items()
        if name != part.name and _leaves_c(before, call)
    ]
    if left:
        first, name = left[0]
        yield note(
            part.name,
            "c not handed on",
            f"{len(left)} of its calls start from h_n of {name}, and not from its c_n: their c is "
            "zeros, or the same h again. What the cell state kept is not handed on.",
            "Hand on both, as they came: state = (h_n, c_n). Right where c is meant to start anew.",
            "sequences/initial-state.md",
            call=first,
            number=float(len(left)),
        )


def _exchanged(part: Part, calls: Sequence[int], how: str, remedy: str) -> Finding:
    """Return the alarm on calls that take one part of a state for another."""
    return Finding(
        "alarm",
        "exchanged state",
        part.name,
        f"{len(calls)} of its calls {how}",
        remedy,
        "answers/silent-mistakes.md",
        call=calls[0],
        number=float(len(calls)),
        threshold=0.0,
    )


def _exchanges(before: Call, after: Call) -> bool:
    """Return whether a call starts from the last one's c as h, and from its h as c."""
    pairs = handed(before, after)
    if pairs is None:
        return False
    h_n, c_n, h, c = pairs
    return not torch.equal(h_n, c_n) and torch.equal(h, c_n) and torch.equal(c, h_n)


def _has_h_for_c(before: Call, after: Call) -> bool:
    """Return whether a call starts from the last one's h, as h and as c."""
    pairs = handed(before, after)
    if pairs is None:
        return False
    h_n, c_n, h, c = pairs
    return not torch.equal(h_n, c_n) and torch.equal(h, h_n) and torch.equal(c, h_n)


def _leaves_c(before: Call, after: Call) -> bool:
    """Return whether a call starts from another's h as h, and as c from that h or from zeros."""
    pairs = handed(before, after)
    if pairs is None:
        return False
    h_n, c_n, h, c = pairs
    own = bool(h_n.any()) and torch.equal(h, h_n) and not torch.equal(h_n, c_n)
    return own and (torch.equal(c, h_n) or not bool(c.any()))


def _comes_apart(before: Call, after: Call) -> bool:
    """Return whether a call starts from rows of the last h in another order, and its c in order."""
    pairs = handed(before, after)
    if pairs is None:
        return False
    h_n, c_n, h, c = pairs
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
