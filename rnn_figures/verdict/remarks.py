"""What is worth knowing of a run and is no fault: notes, each on evidence in the run."""

from collections.abc import Iterator, Sequence

import torch

from rnn_figures.models import Call
from rnn_figures.verdict.checks import CONSTANT, MIN_STEPS, MOST_STUCK
from rnn_figures.verdict.parts import Part, is_fresh, spread_of_input, twins
from rnn_figures.verdict.records import MOST_UNITS, Finding

FEWEST_CALLS = 3
"""Calls of one step without a state from which on a loop is taken to have forgotten it."""

FEWEST_ALONG = 8
"""Steps, and sequences, from which on the order along an axis shows."""

SMOOTH, ROUGH = 0.3, 0.7
"""Of neighbours along an axis: below, a course; above, no order."""

MOST_WITHIN = 0.01
"""Share of the other steps that may read the vector that pads."""


def remarks(own: Sequence[Part]) -> Iterator[Finding]:
    """Walk the notes on one module, given all its parts."""
    first = own[0]
    if all(is_fresh(part) for part in own):
        yield _note(
            first,
            "fresh layer",
            "Its weights are as torch made them: uniform between ±1/√H. Was the checkpoint loaded?",
            "If it is meant to be trained: load_state_dict says which keys it missed.",
            "anatomy/weights.md",
        )
    if first.steps >= MIN_STEPS and spread_of_input(first) < CONSTANT:
        yield _note(
            first,
            "constant input",
            "It reads the same numbers at every step. A decoder that is fed one vector does so.",
            "If it should not: look at what feeds it.",
            "sequences/recipes.md",
        )
    for part in own:
        units = twins(part)
        if len(units) > MOST_STUCK * part.module.hidden_size:
            yield _alike(part, units)
    single = [call for call in first.calls if call.calls == 1 and len(call.trace[0, 0].h) == 1]
    without = [call for call in single if call.hx is None]
    if len(without) >= FEWEST_CALLS:
        yield _note(
            first,
            "state not carried",
            f"It was called {len(without)} times with one step and no state: each call starts "
            "from zeros and knows nothing of the one before.",
            "Pass the state that a call returns to the next: output, state = rnn(x, state).",
            "sequences/step-by-step.md",
            number=float(len(without)),
        )
    yield from _exchanged_axes(first)
    for index, call in enumerate(first.calls):
        found = padded_sequences(call)
        if found:
            yield _note(
                first,
                "padding read",
                f"{found} of {len(call.trace.lengths)} sequences end in steps that repeat one "
                "vector, each sequence in as many as it likes: padding, read as steps. h_n is "
                "then the state after the padding, and a reverse direction starts in it.",
                "Pack the batch: pack_padded_sequence(x, lengths, enforce_sorted=False).",
                "sequences/packed.md",
                call=index,
                number=float(found),
            )
            return


def _exchanged_axes(first: Part) -> Iterator[Finding]:
    """Return the note on the first call whose time lies along the batch, if there is one."""
    for index, call in enumerate(first.calls):
        if steps_lie_in_the_batch(call):
            yield _note(
                first,
                "axes exchanged",
                "Neighbours in the batch are alike, and neighbouring steps are not: time may lie "
                f"along the axis that it reads as the batch, {len(call.trace.lengths)} long.",
                "Look at batch_first, and at the shape of the input.",
                "sequences/batch-first.md",
                call=index,
            )
            return


def _alike(part: Part, units: tuple[int, ...]) -> Finding:
    return Finding(
        "note",
        "units alike",
        part.name,
        f"{len(units)} of {part.module.hidden_size} units have the weights of another in every "
        "gate: from the same state they go the same way, and what one keeps its twin keeps too.",
        "Start from random weights, which set units apart; a constant (nn.init.constant_, ones_) "
        "makes them equal. layer.reset_parameters() is torch's own start.",
        "anatomy/weights.md",
        layer=part.layer,
        direction=part.direction,
        units=units[:MOST_UNITS],
        num_units=len(units),
        number=float(len(units)),
    )


def not_registered(part: Part) -> Finding:
    """Return the note on a layer that the model calls and does not have."""
    return _note(
        part,
        "layer not registered",
        "The model calls it, and it is none of the model's submodules: model.parameters() has none "
        "of its weights, so that an optimizer does not train them, and state_dict() not either.",
        "Layers in a plain list belong in an nn.ModuleList; a copy made in forward is another "
        "layer at each run.",
        "answers/silent-mistakes.md",
    )


def padded_sequences(call: Call) -> int:
    """Return how many sequences end in two or more steps of one same vector; 0 if packed.

    It counts only where the sequences repeat the same vector a different number of times, and
    have it hardly anywhere else.
    """
    if call.trace.packed or len(call.trace.lengths) < 2:
        return 0
    x = call.trace[0, 0].x
    repeats = []
    ends = (x[1:] == x[:-1]).all(-1)  # (L - 1, N)
    for sequence in range(x.shape[1]):
        moves = (~ends[:, sequence]).nonzero()
        start = int(moves[-1]) + 1 if len(moves) else 0
        repeats.append(len(x) - start)
    longest = repeats.index(max(repeats))
    padding = x[-1, longest]
    padded = [
        count
        for sequence, count in enumerate(repeats)
        if count >= 2 and torch.equal(x[-1, sequence], padding) and count < len(x)
    ]
    if len(padded) < 2 or len(set(repeats)) <= 2:
        return 0
    # Tokens and bits end in repeats by chance: padding is what stands at ends and nowhere else.
    within = int((x == padding).all(-1).sum()) - sum(padded)
    return len(padded) if within <= MOST_WITHIN * (x[..., 0].numel() - sum(padded)) else 0


def steps_lie_in_the_batch(call: Call) -> bool:
    """Return whether a smooth course lies along the batch, and none along the steps."""
    x = call.trace[0, 0].x.detach().double()
    if call.trace.packed or len(x) < FEWEST_ALONG or x.shape[1] < FEWEST_ALONG:
        return False
    return _roughness(x.transpose(0, 1)) < SMOOTH and _roughness(x) > ROUGH


def _roughness(x: torch.Tensor) -> float:
    """Return the mean square of the difference of neighbours along the first axis, beside 2σ².

    It is 1 of numbers in any order, and near 0 of a smooth course.
    """
    variance = float((x - x.mean(0)).square().mean())
    return float((x[1:] - x[:-1]).square().mean()) / (2 * variance) if variance else 1.0


def _note(
    part: Part,
    subject: str,
    meaning: str,
    remedy: str,
    page: str,
    *,
    number: float = 0.0,
    call: int = 0,
) -> Finding:
    return Finding("note", subject, part.name, meaning, remedy, page, number=number, call=call)
