"""The alarms: checks that told sick networks from healthy ones where both were measured.

Each has its threshold, and enough evidence: MIN_STEPS valid steps and, where units are counted,
half of them. What tells no sick network from a healthy one is a fact, and never an alarm.
"""

from collections.abc import Callable, Iterator

from rnn_figures.numbers import digits
from rnn_figures.palette import NAMES
from rnn_figures.verdict.parts import (
    Part,
    closed_units,
    is_fresh,
    large_input,
    shares,
    spread_across,
    spread_of_input,
    units_where,
)
from rnn_figures.verdict.reach import reach
from rnn_figures.verdict.records import Finding, Reach, alarm, percent

MIN_STEPS = 100
"""Valid steps, of all calls and sequences, from which on a run says something of its units."""

MOST_FLAT = 0.25
"""Share of a gate's values at a flat place of its σ or tanh."""

CLOSED = 0.1
"""A gate below it at every step is stuck."""

WRITES = 0.2
"""i beside 1 − f below which a unit writes nothing to speak of."""

MOST_STUCK = 0.5
"""Share of stuck or still units."""

MOST_DEAD = 0.8
"""Share of still units of a relu: in a healthy one each second may be dead by its bias."""

STILL = 1e-3
"""Standard deviation of h below which a unit is still."""

CONSTANT = 1e-6
"""Standard deviation of the input below which it is the same at every step."""

STILL_PART = 0.01
"""The same, as a part of the standard deviation of what the layer reads."""

LEAST_DROP = 0.01
"""r₁/r₀: below what any healthy network of `ranges.json` has, fresh or trained."""

MOST_GROWTH = 1e3
"""The largest r_k/r₀: beyond what any healthy network of `ranges.json` has."""

GATES = {"input gate": "i", "forget gate": "f", "output gate": "o"}

FRESH = "as torch made it: a layer that was not trained"

Result = list[Finding] | str
"""What a check gives: findings, or why it was not run."""


def check_part(part: Part) -> Iterator[tuple[str, Result]]:
    """Yield the checks of one layer in one direction whose numbers are all finite."""
    if part.steps < MIN_STEPS:
        reason = f"too little to say: {part.steps} of {MIN_STEPS} valid steps"
        for check in _CHECKS:
            yield check, reason
        return
    for check, run in _CHECKS.items():
        yield check, run(part, check)


def _flat_gates(part: Part, check: str) -> Result:
    letters = {"LSTM": "ifo", "GRU": "rz", "RNN": ""}[part.kind]
    return _flat(part, check, letters, "a gate that is shut or open for good learns nothing")


def _flat_candidate(part: Part, check: str) -> Result:
    letters = {"LSTM": "g", "GRU": "n", "RNN_TANH": "h", "RNN_RELU": ""}[part.mode]
    return _flat(part, check, letters, "no gradient passes it")


def _flat(part: Part, check: str, letters: str, so: str) -> Result:
    if not letters:
        return "this kind has none"
    if part.kind == "LSTM" and _flat_letters(part) == {_stuck_letter(part)}:
        return []  # that one gate is stuck at zero is the finding, not that it is flat there
    because, remedy = large_input(part) or (
        "",
        (
            "Look at the scale of what the layer reads, and of its weights: normalise the input, "
            "lower the learning rate, clip the gradient."
        ),
    )
    return [
        _finding(
            part,
            check,
            letter,
            found.units,
            number=found.all,
            threshold=MOST_FLAT,
            call=found.call or 0,
            sequence=found.sequence,
            step=found.step,
            meaning=(
                f"{percent(found.all)} of its values come from |a| > 16, where "
                f"{'tanh' if letter in 'gnh' else 'σ'} is flat: {so}. {because}"
            ).strip(),
            remedy=remedy,
            page="inside/gradients.md",
        )
        for letter, found in shares(part).items()
        if letter in letters and found.all >= MOST_FLAT
    ]


def _flat_letters(part: Part) -> set[str]:
    return {letter for letter, of in shares(part).items() if of.all >= MOST_FLAT}


def _stuck_letter(part: Part) -> str:
    """Return the first gate that is stuck in half of the units; "" if none is."""
    size = part.module.hidden_size
    stuck = (each for each in "ifo" if len(_closed(part, each)) >= MOST_STUCK * size)
    return next(stuck, "")


def _stuck(part: Part, check: str) -> Result:
    if part.kind != "LSTM":
        return "this kind has none"
    letter = GATES[check]
    if _flat_letters(part) & {*"ifo"} - {letter}:
        return []  # that other gates are flat is the finding
    units = _closed(part, letter)
    size = part.module.hidden_size
    if len(units) < MOST_STUCK * size:
        return []
    effect = {
        "i": "they write nothing into their cell state",
        "f": "they forget all that they knew at each step",
        "o": "nobody reads their cell state",
    }[letter]
    return [
        _finding(
            part,
            check,
            letter,
            units,
            number=len(units) / size,
            threshold=MOST_STUCK,
            step=part.calls[0].trace.lengths[0].item() - 1 if part.direction else 0,
            meaning=(
                f"In {len(units)} of {size} units {letter} stays below {CLOSED:g} at every one "
                f"of {part.steps} steps: {effect}."
            ),
            remedy=(
                f"Look at the {NAMES[letter]}'s bias, and at the start of training; "
                "set_forget_bias(lstm, 1) is the usual start."
                if letter == "f"
                else f"Look at the {NAMES[letter]}'s bias, and whether its rows are in torch's "
                "order i f g o."
            ),
            page="anatomy/lstm.md",
        )
    ]


def _closed(part: Part, letter: str) -> tuple[int, ...]:
    """Return the units of an LSTM whose gate is stuck at zero.

    A unit that keeps for long writes little at a time, as chrono starts make it: its i is about
    1 − f. So i is stuck only where it is small beside 1 − f too.
    """
    units = closed_units(part, letter, CLOSED)
    if letter != "i":
        return units
    writes, keeps = (part.values(each).double().mean(0).tolist() for each in "if")
    return tuple(unit for unit in units if writes[unit] < WRITES * (1 - keeps[unit]))


def _reach(part: Part, check: str) -> Result:
    if is_fresh(part):
        return FRESH
    if part.mode != "RNN_RELU" and _flat_letters(part):
        return "where σ or tanh is flat no gradient passes, and that is the finding"
    found = _measured(part)
    if isinstance(found, str):
        return found
    if found.drop >= LEAST_DROP:
        return []
    return [
        _finding(
            part,
            check,
            "h",
            (),
            number=found.drop,
            threshold=LEAST_DROP,
            meaning=(
                f"A step depends on the input one step before by {digits(found.drop)} of what it "
                "depends on its own: the layer reads each step alone."
            ),
            remedy=(
                "Look at the recurrent weights (are they zero, or masked?) and at the gate that "
                "keeps the state: f, or z."
            ),
            page="inside/gradients.md",
        )
    ]


def _growth(part: Part, check: str) -> Result:
    found = _measured(part)
    if isinstance(found, str):
        return found
    if found.growth < MOST_GROWTH:
        return []
    return [
        _finding(
            part,
            check,
            "h",
            (),
            number=found.growth,
            threshold=MOST_GROWTH,
            meaning=(
                f"An output depends on some earlier input {digits(found.growth)} times as much as "
                "on its own: small changes grow on their way, and so do gradients."
            ),
            remedy=(
                "Clip the gradient's norm, lower the learning rate, and look at the size of the "
                "recurrent weights."
            ),
            page="inside/gradients.md",
        )
    ]


def _measured(part: Part) -> Reach | str:
    return reach(part) or "no gradient leaves the last step"


def _still(part: Part, check: str) -> Result:
    if is_fresh(part):
        return FRESH
    spread = spread_of_input(part)
    if spread < CONSTANT:
        return "what it reads is the same at every step"
    # The upper layers of a fresh stack read little and give little: they are not dead.
    moves = part.values("h").double().std(0, correction=0)
    units = {*units_where(moves < min(STILL, STILL_PART * spread))}
    apart = spread_across(part, "x")
    if float(apart.max()) >= CONSTANT:
        below = min(STILL, STILL_PART * float(apart.max()))
        units |= {*units_where(spread_across(part, "h") < below)}
    size = part.traces[0].h.shape[-1]
    if part.kind == "LSTM" and size == part.module.hidden_size:
        units -= {*_closed(part, "i"), *_closed(part, "o")}  # the finding, not its effect
    if size == part.module.hidden_size and part.mode != "RNN_RELU":  # relu has no flat a
        flat = (of.units for of in shares(part).values() if of.all >= MOST_FLAT)
        units = units.difference(*flat)
    most = MOST_DEAD if part.mode == "RNN_RELU" else MOST_STUCK
    if len(units) < most * size:
        return []
    return [
        _finding(
            part,
            check,
            "h",
            tuple(sorted(units)),
            number=len(units) / size,
            threshold=most,
            meaning=(
                f"{len(units)} of {size} units give the same h at every one of {part.steps} "
                f"steps, or for every sequence, to {STILL:g}, while the input changes."
            ),
            remedy=(
                "With relu: look at the biases and the learning rate, dead units get no gradient. "
                "Otherwise: look at the gate that lets the state out."
            ),
            page="anatomy/rnn.md",
        )
    ]


_CHECKS: dict[str, Callable[[Part, str], Result]] = {
    "gate slope": _flat_gates,
    "candidate slope": _flat_candidate,
    "input gate": _stuck,
    "forget gate": _stuck,
    "output gate": _stuck,
    "reach": _reach,
    "growth": _growth,
    "dead units": _still,
}


def _finding(part: Part, check: str, gate: str, units: tuple[int, ...], **rest) -> Finding:
    return alarm(part.name, check, gate=gate, **part.spot(units), **rest)
