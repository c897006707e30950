"""How a state goes from call to call of a layer: lost, exchanged, drawn, or still on a graph."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from rnn_figures.models import Call, Run
from rnn_figures.numbers import counted
from rnn_figures.verdict.parts import Part, of_calls, wide
from rnn_figures.verdict.records import Finding, note

FEWEST_CALLS = 3
"""Calls of one step without a state from which on a loop is taken to have forgotten it."""

FEWEST_APART = 2
"""Different steps from which on it is no chance that two calls read them."""

FEWEST_SEQUENCES = 8
"""Sequences of one step each from which on their rows are taken for a course."""


def state_findings(part: Part, run: Run) -> Iterator[Finding]:
    """Yield what is odd in the states that the calls of one module were given."""
    calls = part.calls
    restarts = list(_restarts(part, run.calls))
    yield from restarts
    if any(call.facts.placed for call in calls):
        yield note(
            part.name,
            "state by place",
            "Its initial state is a parameter with a row for each place in the batch: what a "
            "sequence gives depends on where in the batch it stands, and another size of batch "
            "does not fit.",
            "A state for all: nn.Parameter(torch.zeros(layers, 1, H)), and .expand(-1, N, -1). "
            "Right where each place is a thing of its own, such as a node of a graph.",
            "sequences/initial-state.md",
        )
    single = [call for call in calls if call.calls == 1 and len(call.trace[0, 0].h) == 1]
    without = [call for call in single if _is_empty(call.hx)]
    if len(without) >= FEWEST_CALLS:
        yield _lost(
            part,
            f"It was called {len(without)} times with one step and "
            + (
                "a state of zeros: a mask that the state is multiplied by may be the wrong way "
                "round."
                if all(state_parts(call.hx) for call in without[1:])
                else "no state: each call starts from zeros and knows nothing of the one before."
            ),
            len(without),
        )
    elif len(without) == len(calls) and int(without[0].trace.lengths.numel()) >= FEWEST_SEQUENCES:
        yield note(
            part.name,
            "one step",
            f"Each of the {len(without[0].trace.lengths)} sequences that it reads is one step "
            "long, from zeros: its recurrent weights multiply zeros, and there is nothing to "
            "remember. Steps may lie along the batch, or along the features.",
            "The input is (L, N, H_in), or (N, L, H_in) with batch_first=True: look at unsqueeze, "
            "view and the shape of the input.",
            "sequences/batch-first.md",
            number=float(len(without[0].trace.lengths)),
        )
    twice = [index for index, call in enumerate(calls) if _reads_its_state(call)]
    if len(twice) >= FEWEST_CALLS and not restarts:
        yield note(
            part.name,
            "state for input",
            f"In {len(twice)} of its calls h and x are the same numbers: it starts from what "
            "another layer gives it to read, and not from a state of its own.",
            "Cells in a stack have a state each: h[k] = cell(x, h[k]), then x = h[k] for the next.",
            "sequences/step-by-step.md",
            call=twice[0],
            number=float(len(twice)),
        )
    yield from _of_pairs(part, run.kept.get(part.name, ""))


def _of_pairs(part: Part, kept: str) -> Iterator[Finding]:
    """Yield what is odd in the states that go on from call to call, or from run to run."""
    calls = part.calls
    pairs = list(itertools.pairwise(calls))
    severed = [call.severed >= max(2, call.calls - 1) for call in calls]
    if any(severed):
        steps = calls[severed.index(True)].calls
        yield note(
            part.name,
            "state cut off",
            f"It is called {steps} times, a step each, and each starts from the last one's state "
            "taken off the graph: no gradient goes back beyond one step, and what to remember is "
            "not learned.",
            "Leave out detach() or .data in the loop; detach once for each piece of a long "
            "sequence.",
            "sequences/step-by-step.md",
            call=severed.index(True),
            number=float(steps),
        )
    yield from _read_twice(part, pairs)
    yield from _of_pieces(part, pairs)
    halves = [index for index, pair in enumerate(pairs) if goes_on(_without_c, *pair)]
    if halves:
        yield _lost(
            part,
            f"{len(halves)} of its calls start from the last one's h, and from c = 0: what the "
            "cell state kept is lost.",
            len(halves),
        )
    hanging = [index for index, call in enumerate(calls) if call.attached]
    if hanging:
        yield _not_detached(
            part,
            "The state that it starts from hangs on the graph of an earlier run: backward() goes "
            "back through that run too, or raises that it was freed, and memory grows.",
            hanging[0],
        )
    elif kept:
        yield _not_detached(
            part,
            f"It starts from what the model keeps as {kept}, and what is kept there after the run "
            "hangs on its graph: unless it is set anew in between, backward() of the next run goes "
            "back through this one too, or raises that it was freed, and memory grows.",
            0,
        )


def _reads_its_state(call: Call) -> bool:
    """Return whether a single step was given the same numbers as x and as h, not all 0."""
    x, given = call.trace[0, 0].x, state_parts(call.hx)
    if call.calls > 1 or len(x) > 1 or not given:
        return False
    return given[0].shape == x.shape and torch.equal(given[0], x) and bool(x.any())


def _not_detached(part: Part, meaning: str, call: int) -> Finding:
    return note(
        part.name,
        "state not detached",
        meaning,
        "Detach between batches: state = tuple(part.detach() for part in state).",
        "sequences/step-by-step.md",
        call=call,
    )


def _of_pieces(part: Part, pairs: Sequence[tuple[Call, Call]]) -> Iterator[Finding]:
    """Yield the note on calls that go on from the one before, as pieces of one sequence do."""
    whole = [index + 1 for index, pair in enumerate(pairs) if _is_next(*pair)]
    if part.module.bidirectional:
        yield from of_calls(
            note,
            part,
            "reverse state handed on",
            whole,
            "start from the state that the call before returned, in both directions. The reverse "
            "direction begins at the end of its piece, and is handed the state of one that ended "
            "at the start of the piece before.",
            "Hand on the forward rows alone, h_n[0::2], and zeros for the reverse ones; or read "
            "the whole sequence at once, or with bidirectional=False.",
            "sequences/step-by-step.md",
        )
    else:
        yield from of_calls(
            note,
            part,
            "state goes on",
            whole,
            "start from the state that the call before returned: they are read as one long "
            "sequence.",
            "Right for pieces of one sequence. Inputs of their own, such as the two texts of a "
            "pair, start from none.",
            "sequences/step-by-step.md",
        )


def _read_twice(part: Part, pairs: Sequence[tuple[Call, Call]]) -> Iterator[Finding]:
    """Yield the note on calls that go on from a state and read again what it has read."""
    again = [(index + 1, steps) for index, pair in enumerate(pairs) if (steps := _again(*pair))]
    if again:
        yield note(
            part.name,
            "steps read twice",
            f"{len(again)} of its calls start from the state that the call before returned, and "
            f"begin with what that one read last, {counted(again[0][1], 'step')}: those are read "
            "twice.",
            "Pieces that hand on a state must not overlap; and a state that has read the last word "
            "gives the scores of the next, without reading it anew.",
            "sequences/step-by-step.md",
            call=again[0][0],
            number=float(again[0][1]),
        )


def _restarts(part: Part, calls: Sequence[Call]) -> Iterator[Finding]:
    """Yield the note on single steps that start from one state, or from another layer's, each time.

    What they give themselves is then handed on to none.
    """
    single = [call for call in part.calls if call.calls == 1 and len(call.trace[0, 0].h) == 1]
    given = [state_parts(call.hx) for call in single]
    if len(single) < max(FEWEST_CALLS, len(part.calls)) or any(map(_is_empty, given)):
        return
    own = {_numbers(call.trace.h_n) for call in single}
    if any(_numbers(state_parts(call.hx)[0]) in own for call in calls if state_parts(call.hx)):
        return
    if all(len({_numbers(part) for part in parts}) == 1 for parts in zip(*given, strict=True)):
        yield _lost(
            part,
            f"It was called {len(single)} times with one step, from the same state each time: what "
            "a call returns is not handed on, and each knows nothing of the one before.",
            len(single),
        )
        return
    for name in dict.fromkeys(call.name for call in calls if call.name != part.name):
        theirs = {
            _numbers(step) for call in calls if call.name == name for step in call.trace[-1, 0].h
        }
        if all(_numbers(parts[0]) in theirs for parts in given):
            yield _lost(
                part,
                f"Each of its {len(single)} calls starts from a state of {name}, and its own is "
                "handed on to none.",
                len(single),
            )
            return


def _numbers(value: Tensor) -> bytes:
    """Return the numbers of a state, to be found again."""
    return wide(value).cpu().contiguous().numpy().tobytes()


def drawn_at_random(own: Sequence[Part]) -> Finding:
    """Return the note on a run in eval mode that draws random numbers, at the layer that has them.

    That is, if any, one whose initial h is beyond what a step can make of it.
    """
    part = max(own, key=_beyond)
    beyond = _beyond(part)
    meaning = (
        "Every module is in eval mode, and the run draws random numbers all the same: the same "
        "input gives another result each time. A model that samples does so."
    )
    if beyond:
        meaning += (
            f" Here {beyond} numbers of an initial h are beyond ±1, where no step can bring them: "
            "torch.randn is no zero state."
        )
    return note(
        part.name,
        "random numbers",
        meaning,
        "If it should not: start from zeros, which is what no state means, and give "
        "nn.functional.dropout training=self.training.",
        "sequences/initial-state.md",
        number=float(beyond),
    )


def _beyond(part: Part) -> int:
    """Return how many numbers of initial h are beyond ±1; 0 of a relu, whose h may be."""
    if part.mode == "RNN_RELU":
        return 0
    states = [state_parts(call.hx)[0] for call in part.calls if call.hx is not None]
    return sum(int((h.abs() > 1).sum()) for h in states)


def _is_empty(hx: Any) -> bool:
    """Return whether an initial state is none, or zeros."""
    return not any(bool(part.any()) for part in state_parts(hx))


def state_parts(hx: Any) -> Sequence[Tensor]:
    """Return what an initial state has: nothing, h, or h and c."""
    return () if hx is None else hx if isinstance(hx, tuple) else (hx,)


def goes_on(
    how: Callable[[Tensor, Tensor, Tensor, Tensor], bool], before: Call, after: Call
) -> bool:
    """Return whether a call starts from h_n and c_n of an earlier one in some way.

    Of these and of the h and c that it starts from, all of one size, `how` says whether it does.
    """
    h_n, c_n, given = before.trace.h_n, before.trace.c_n, state_parts(after.hx)
    if c_n is None or len(given) != 2 or not h_n.shape == c_n.shape == given[0].shape:
        return False
    return how(h_n, c_n, *given)


def _is_next(before: Call, after: Call) -> bool:
    """Return whether a call of several steps starts from the very state of the last one."""
    if after.calls > 1:  # a decoder's loop
        return False
    given, final = state_parts(after.hx), state_parts(_state(before))
    several = min(len(call.trace[0, 0].h) for call in (before, after)) > 1
    return several and len(given) == len(final) and all(map(torch.equal, given, final))


def _again(before: Call, after: Call) -> int:
    """Return how many steps a call reads that the last one, whose state it has, read at its end.

    Steps that are all alike, such as padding, say nothing.
    """
    given, final = state_parts(after.hx), state_parts(_state(before))
    one, two = before.trace[0, 0].x, after.trace[0, 0].x
    even = all(bool((c.trace.lengths == c.trace.lengths[0]).all()) for c in (before, after))
    if before.calls > 1 or not even or one.shape[1:] != two.shape[1:] or len(one) < 2:
        return 0
    if len(given) != len(final) or not all(map(torch.equal, given, final)):
        return 0
    for steps in range(min(len(one) - 1, len(two)), 0, -1):
        if torch.equal(one[-steps:], two[:steps]):
            rows = two[:steps].flatten(0, 1)
            return steps if len(rows.unique(dim=0)) > FEWEST_APART else 0
    return 0


def _state(call: Call) -> Tensor | tuple[Tensor, Tensor]:
    """Return the state after a call, as one is given."""
    h_n, c_n = call.trace.h_n, call.trace.c_n
    return h_n if c_n is None else (h_n, c_n)


def _without_c(h_n: Tensor, c_n: Tensor, h: Tensor, c: Tensor) -> bool:
    """Return whether a call starts from the last one's h, and from no c."""
    return bool(c_n.any()) and torch.equal(h, h_n) and not bool(c.any())


def _lost(part: Part, meaning: str, calls: int) -> Finding:
    return note(
        part.name,
        "state not carried",
        meaning,
        "Pass the state that a call returns to the next: output, state = rnn(x, state).",
        "sequences/step-by-step.md",
        number=float(calls),
    )
