"""Notes on weights: how a layer was started, what another started with, what a run changed."""

import math
from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from rnn_figures.models import Run
from rnn_figures.numbers import digits
from rnn_figures.palette import NAMES
from rnn_figures.verdict.checks import MOST_STUCK
from rnn_figures.verdict.parts import Part, gain, twins, units_note
from rnn_figures.verdict.records import Finding, note
from rnn_figures.weights import STACKED

LARGE = 7.0
"""Gain of recurrent weights: beyond what any trained network of `ranges.json` has."""

FEWEST_UNITS = 8
"""Units from which on their weights say something of how they were made."""

MOST_APART = 0.25
"""Standard deviation of a gate's biases, as a part of their mean, below which they were set."""


def starts(own: Sequence[Part], run: Run) -> Iterator[Finding]:
    """Yield the notes on the weights of one module, given all its parts."""
    first = own[0]
    for part in own:
        yield from _of_units(part)
        yield from _of_bias(part)
    yield from _of_gain(own)
    others = run.equal.get(first.name, [])
    if others and not any(call.facts.cut for call in first.calls):
        yield note(
            first.name,
            "equal weights",
            f"Its weights and those of {', '.join(others)} are the same numbers, in tensors of "
            "their own, and all are trained: what starts alike and is trained alike stays alike.",
            "A copy.deepcopy of a layer has its weights. To start apart: make each anew, or call "
            "reset_parameters(). A copy that is to stay as it is: requires_grad_(False).",
            "anatomy/weights.md",
            number=float(len(others) + 1),
        )
    if first.name in run.changed:
        yield note(
            first.name,
            "weights changed",
            "The run itself writes other numbers into its weights: what was there is lost, and the "
            "next run starts from what this one left.",
            "To mask or norm weights for one run: torch.func.functional_call with a copy of them, "
            "or a parametrization; weight.data.mul_(...) is for good.",
            "anatomy/weights.md",
        )


def _of_units(part: Part) -> Iterator[Finding]:
    """Yield the note on units that have the weights of another."""
    size = part.module.hidden_size
    alike = twins(part)
    if len(alike) > MOST_STUCK * size:
        yield units_note(
            part,
            "units alike",
            alike,
            f"{len(alike)} of {size} units have the weights of another in every gate: from the "
            "same state they go the same way, and what one keeps its twin keeps too.",
            "Start from random weights, which set units apart; a constant (nn.init.constant_, "
            "ones_) makes them equal. layer.reset_parameters() is torch's own start.",
            "anatomy/weights.md",
        )


def _of_gain(own: Sequence[Part]) -> Iterator[Finding]:
    """Yield the note on recurrent weights that are large for their number of units."""
    part = max(own, key=gain)
    if part.module.hidden_size >= FEWEST_UNITS and LARGE < gain(part) < math.inf:
        yield note(
            part.name,
            "large weights",
            f"The recurrent weights of a unit have the norm {digits(gain(part))} in the root mean "
            "square; torch starts with 0.577, and an orthogonal matrix has 1. From h alone the "
            "gates are driven to 0 and 1, and h jumps.",
            "Start with torch's own weights or nn.init.orthogonal_; a normal distribution needs a "
            "standard deviation of about 1/√H. In training: a lower learning rate, and clipping.",
            "anatomy/weights.md",
            layer=part.layer,
            direction=part.direction,
            number=gain(part),
        )


def _of_bias(part: Part) -> Iterator[Finding]:
    """Yield the note on a bias that was set by hand, as a forget bias is, in other rows."""
    right = {"LSTM": "f", "GRU": "z"}.get(part.kind)
    if right is None or part.module.hidden_size < FEWEST_UNITS or not part.module.bias:
        return
    own, letters = part.weights(), STACKED[part.kind]
    biases = [own[name].chunk(len(letters)) for name in ("bias_ih", "bias_hh")]
    one = {
        letter: float(rows[index].mean())
        for rows in biases
        for index, letter in enumerate(letters)
        if float(rows[index].std()) < abs(float(rows[index].mean())) * MOST_APART
    }
    yield from _of_other_rows(part, right, own)
    wrong = {"LSTM": "g", "GRU": "n"}[part.kind]
    if part.kind == "LSTM" and one.get("i", 0.0) > 0:  # below 0 a start may shut it on purpose
        wrong = "i"
    if wrong in one and right not in one:
        yield units_note(
            part,
            "bias in other rows",
            tuple(range(part.module.hidden_size)),
            f"The bias of the {NAMES[wrong]} {wrong} is {digits(one[wrong])} or near "
            f"it in each unit, and that of the {NAMES[right]} {right} is not: the rows of a bias "
            f"are in torch's order {' '.join(letters)}.",
            "set_forget_bias(lstm, 1) writes the rows of f; by hand they are "
            "bias[hidden_size : 2 * hidden_size]."
            if right == "f"
            else "z has the rows bias[hidden_size : 2 * hidden_size].",
            "anatomy/weights.md",
        )


def _of_other_rows(part: Part, right: str, own: Mapping[str, Tensor]) -> Iterator[Finding]:
    """Yield the note on a bias that is one number, and another in a part of one gate's rows.

    It is so where it was set by hand: neither a training nor a random start leaves two numbers.
    """
    letters = STACKED[part.kind]
    for name in ("bias_ih", "bias_hh"):
        values, counts = own[name].unique(return_counts=True)
        if len(values) != 2:
            continue
        set_to = values[counts.argmin()]
        rows = (own[name] == set_to).chunk(len(letters))
        partly = [
            letter
            for letter, there in zip(letters, rows, strict=True)
            if bool(there.any()) and not bool(there.all())
        ]
        if partly and not bool(rows[letters.index(right)].any()):
            units = rows[letters.index(partly[0])].nonzero()[:, 0].tolist()
            yield units_note(
                part,
                "bias in other rows",
                tuple(units),
                f"{name} is {digits(float(set_to))} in {len(units)} rows of the "
                f"{NAMES[partly[0]]} {partly[0]}, and that of the {NAMES[right]} {right} is "
                f"{digits(float(values[counts.argmax()]))}: a slice may count from another size.",
                f"The {NAMES[right]} has the rows bias[hidden_size : 2 * hidden_size], of "
                f"{len(letters)} * hidden_size.",
                "anatomy/weights.md",
            )
            return
