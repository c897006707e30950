"""Where a run is NaN or infinite first, and what had it: the input, a state or a weight."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnn_figures.models import Call, Run
from rnn_figures.numbers import digits
from rnn_figures.palette import NAMES
from rnn_figures.traces import LayerTrace
from rnn_figures.verdict.parts import Part, first_step, mask
from rnn_figures.verdict.records import Finding, alarm
from rnn_figures.weights import gate_slices, layers_and_directions, suffix, weights

STEPS_BEFORE = 20
"""Steps before the first bad one whose range is told."""


class Cause(NamedTuple):
    """What is not finite before any gate is: a weight, the input or the state."""

    check: str
    words: str
    number: int  # how many of its numbers are not finite


class Seen(NamedTuple):
    """Where a layer in one direction is not finite first."""

    letter: str
    units: tuple[int, ...]
    sequence: int
    step: int
    what: str  # "NaN" or "infinite"
    number: int  # how many numbers of the letter are not finite in this call


def not_finite(own: list[Part]) -> Finding | None:
    """Return where the first call that is not finite is so first, and what it has that from."""
    for index, call in enumerate(own[0].calls):
        finding = _in_call(own, call, index)
        if finding is not None:
            return finding
    return None


def bad_result(run: Run) -> Finding | None:
    """Return the alarm on a result with a NaN, of layers that have none."""
    bad = sum(int(result.isnan().sum()) for result in run.results)
    if not bad:
        return None
    return alarm(
        "",
        "finite result",
        f"Of what the model returns {bad} of {sum(map(Tensor.numel, run.results))} numbers are "
        "NaN, and every gate and state of its layers is finite: it did not arise in them.",
        "Look behind the layers at a softmax of a row that is masked throughout, at a division by "
        "0, and at a logarithm or a root of a number below 0.",
        "answers/silent-mistakes.md",
        number=float(bad),
    )


def _in_call(own: list[Part], call: Call, index: int) -> Finding | None:
    cause = _weight(own, call) or _input(own[0].traces[index]) or _state(call)
    seen = None
    part = own[0]
    for part in own:
        seen = first_seen(part.traces[index])
        if seen is not None:
            break
    if cause is None and seen is None:
        return None
    spot: dict[str, Any] = {}
    bad, word, of = _count(call)
    if seen is None:
        assert cause is not None
        meaning, number = f"{cause.words}; no gate shows it.", cause.number
    else:
        spot = {"gate": seen.letter, "sequence": seen.sequence, "step": seen.step}
        spot |= part.spot(seen.units)
        number = bad or seen.number
        meaning = f"From here on h is {word}: {bad} of {of} numbers of h in this call. "
        if not bad:  # an infinite c, whose tanh is 1
            meaning = f"{seen.letter} is {seen.what} here, and h is finite in this call. "
        meaning += (
            f"{cause.words}." if cause else "Input, state and weights are finite: it arose here."
        )
        meaning += _range_before(part.traces[index], seen)
    check = cause.check if cause else "finite gates"
    return alarm(
        own[0].name,
        check,
        meaning,
        _REMEDIES[check],
        "answers/silent-mistakes.md",
        call=index,
        number=float(number),
        **spot,
    )


_REMEDIES = {
    "finite weights": (
        "Look at the training step that made it: its loss, its learning rate, its gradient's norm "
        "before clipping."
    ),
    "finite input": (
        "Look at what feeds this layer: a division by zero, a logarithm of zero, a missing value."
    ),
    "finite state": "Look at where the state comes from: a carried state keeps a NaN for ever.",
    "finite gates": (
        "A number has grown beyond its type; look at the scale of the input, or use float32."
    ),
}


def first_seen(run: LayerTrace) -> Seen | None:
    """Return where a layer is not finite first, in the order of its equations; None if nowhere."""
    there = mask(run.h, run.lengths)
    bad = {letter: ~run[letter].isfinite() & there[..., None] for letter in run.quantities}
    anywhere = torch.stack([each.any(-1) for each in bad.values()]).any(0)
    if not bool(anywhere.any()):
        return None
    step, sequence = first_step(anywhere, run)
    letter = next(letter for letter, each in bad.items() if bool(each[step, sequence].any()))
    units = tuple(bad[letter][step, sequence].nonzero()[:, 0].tolist())
    what = "NaN" if bool(run[letter][step, sequence].isnan().any()) else "infinite"
    return Seen(letter, units, sequence, step, what, int(bad[letter].sum()))


def _weight(own: list[Part], call: Call) -> Cause | None:
    """Return the first weight that is not finite, in words."""
    rows = gate_slices(call.module)
    for part in own:
        end = suffix(part.layer, part.direction)
        for name, weight in weights(call.module, part.layer, part.direction).items():
            bad = (~weight.isfinite()).nonzero()
            if not len(bad):
                continue
            row = int(bad[0, 0])
            own_rows = {"h": slice(0, len(weight))} if name == "weight_hr" else rows
            gate = next(letter for letter, of in own_rows.items() if of.start <= row < of.stop)
            unit = row - own_rows[gate].start
            which = ", ".join(map(str, bad[0].tolist()))
            more = f", the first of {len(bad)}," if len(bad) > 1 else ""
            value = _word(weight[tuple(bad[0].tolist())])
            where = f"{name}{end}[{which}]{more} is {value}: {NAMES[gate]} {gate}, unit {unit}"
            return Cause("finite weights", f"A weight had it: {where}", len(bad))
    return None


def _input(run: LayerTrace) -> Cause | None:
    """Return the first number of the input that is not finite, in words."""
    bad = ~run.x.isfinite() & mask(run.x, run.lengths)[..., None]
    if not bool(bad.any()):
        return None
    step, sequence, feature = bad.nonzero()[0].tolist()
    value = _word(run.x[step, sequence, feature])
    sequences = bad.any(-1).any(0).nonzero()[:, 0].tolist()
    return Cause(
        "finite input",
        f"The input had it: {value} at step {step}, sequence {sequence}, feature {feature}; "
        f"{len(sequences)} of {bad.shape[1]} sequences {'has' if len(sequences) == 1 else 'have'} "
        "such numbers",
        int(bad.sum()),
    )


def _state(call: Call) -> Cause | None:
    """Return the first initial state that is not finite, in words."""
    states = call.hx if isinstance(call.hx, tuple) else (call.hx,)
    for letter, state in zip("hc", states, strict=False):
        if isinstance(state, Tensor) and not bool(state.isfinite().all()):
            bad = (~state.isfinite()).nonzero()
            which = ", ".join(map(str, bad[0].tolist()))
            words = f"The initial state had it: {letter}_0[{which}]"
            return Cause("finite state", words, len(bad))
    return None


def _word(value: Tensor) -> str:
    return "NaN" if bool(value.isnan()) else "infinite"


def _count(call: Call) -> tuple[int, str, int]:
    """Return how many numbers of h are not finite in all layers, what they are, and of how many."""
    runs = [call.trace[where] for where in layers_and_directions(call.module)]
    values = [run.h[mask(run.h, run.lengths)] for run in runs]
    bad = sum(int((~value.isfinite()).sum()) for value in values)
    kinds = {
        "NaN": any(bool(value.isnan().any()) for value in values),
        "infinite": any(bool(value.isinf().any()) for value in values),
    }
    words = " or ".join(kind for kind, there in kinds.items() if there)
    return bad, words, sum(value.numel() for value in values)


def _range_before(run: LayerTrace, seen: Seen) -> str:
    """Return the range of the state in the steps before it went bad."""
    letter = "c" if "c" in run.quantities else "h"
    values = run[letter][:, seen.sequence]
    length = int(run.lengths[seen.sequence])
    if run.reverse:
        steps = values[seen.step + 1 : length][:STEPS_BEFORE]
    else:
        steps = values[: seen.step][-STEPS_BEFORE:]
    if not len(steps):
        return " It is the first step."
    low, high = float(steps.min()), float(steps.max())
    before = "step" if len(steps) == 1 else f"{len(steps)} steps"
    return f" In the {before} before, {letter} was in {digits(low)} … {digits(high)}."
