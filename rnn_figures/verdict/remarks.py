"""What is worth knowing of a run and is no fault: notes, each on evidence in the run."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch

from rnn_figures.models import Call, Run, ends_of
from rnn_figures.numbers import digits
from rnn_figures.verdict.checks import CLOSED, CONSTANT, MIN_STEPS, MOST_FLAT, MOST_STUCK
from rnn_figures.verdict.parts import (
    STEEP,
    Part,
    alike,
    closed_units,
    heard_input,
    is_fresh,
    size_of_weights,
    spread_of_input,
    units_note,
    units_where,
)
from rnn_figures.verdict.readers import reads_padding
from rnn_figures.verdict.records import Finding, note, percent
from rnn_figures.verdict.starts import starts
from rnn_figures.verdict.states import state_findings

LEAST_HEARD = 0.005
"""Standard deviation of W x below which a gate does not hear it; torch's start has 0.01 or more."""

SMALL = 0.01
"""Root mean square of weights, as a part of torch's start, from which on they are near 0."""

STEEP_C = 9.0
"""|c| from which on tanh(c) is flat: its slope 1 − tanh² is below 1e-7."""

FEWEST_ALONG = 8
"""Sequences from which on a smooth course along them shows."""

FEWEST_STEPS = 5
"""Steps from which on it shows that they have no course."""

FEWEST_SAME = 3
"""Sequences, and steps, from which on one sequence read several times is no chance."""

SMOOTH, ROUGH = 0.3, 0.7
"""Of neighbours along an axis: below, a course; above, no order."""


def remarks(own: Sequence[Part], run: Run) -> Iterator[Finding]:
    """Yield the notes on one module, given all its parts."""
    first = own[0]
    if all(is_fresh(part) for part in own):
        yield note(
            first.name,
            "fresh layer",
            "Its weights are as torch made them: uniform between ±1/√H. Was the checkpoint loaded?",
            "If it is meant to be trained: load_state_dict says which keys it missed.",
            "anatomy/weights.md",
        )
    if first.name in run.frozen:
        yield note(
            first.name,
            "frozen layer",
            "None of its weights has requires_grad, and others of the model have: it is not "
            "trained.",
            "If it should be: layer.requires_grad_(True), and give its parameters to the "
            "optimizer.",
            "answers/training.md",
        )
    for part in own:
        yield from _of_units(part)
    yield from starts(own, run)
    yield from state_findings(first, run)
    yield from _of_scale(first)
    yield from _of_batch(first)


def _of_scale(first: Part) -> Iterator[Finding]:
    """Yield the notes on how far the input of a first layer moves."""
    in_loop = any(call.calls >= FEWEST_SAME for call in first.calls)
    if (first.steps >= MIN_STEPS or in_loop) and spread_of_input(first) < CONSTANT:
        yield note(
            first.name,
            "constant input",
            "It reads the same numbers at every step. A decoder that is fed one vector does so."
            + (" What a step of the loop gives is not fed to the next one." if in_loop else ""),
            "If it should not: look at what feeds it.",
            "sequences/recipes.md",
        )
        return
    heard = heard_input(first)
    if first.steps < MIN_STEPS and first.mode != "RNN_RELU" and heard > STEEP:
        yield note(
            first.name,
            "large input",
            f"The input moves what goes into its gates by {digits(heard)}, the median of the "
            f"standard deviations of W x; beyond ±{STEEP:g} σ and tanh are flat.",
            "Scale the input to a standard deviation near 1. Numbers of words are no sizes: an "
            "nn.Embedding makes a vector of each.",
            "answers/training.md",
            number=heard,
        )
    if heard < LEAST_HEARD and size_of_weights(first) < SMALL:
        yield note(
            first.name,
            "weights near 0",
            f"The root mean square of its weights is {digits(size_of_weights(first))} of what "
            "torch starts with: neither the input nor the state is heard. A weight decay that is "
            "too strong, or a start that is too small, does so.",
            "Look at the optimizer's weight_decay; layer.reset_parameters() starts again.",
            "answers/training.md",
            number=size_of_weights(first),
        )
    elif first.steps >= MIN_STEPS and first.mode != "RNN_RELU" and 0 < heard < LEAST_HEARD:
        yield note(
            first.name,
            "input unheard",
            f"The input moves what goes into its gates by {digits(heard)}, the median of the "
            "standard deviations of W x; a σ moves by a quarter of that at most.",
            "Scale the input to a standard deviation near 1, with numbers of the training set.",
            "answers/forecasting.md",
            number=heard,
        )


def _of_batch(first: Part) -> Iterator[Finding]:
    """Yield the notes on what lies along the axes of the input."""
    yield from _repeated(first)
    yield from _slid_back(first)
    yield from _exchanged_axes(first)
    for index, call in enumerate(first.calls):
        if call.calls > 1:
            continue  # a loop that is fed its own words may end in one word, which is no padding
        ends = padded_sequences(call)
        if not ends or not (call.trace.packed or reads_padding(call, ends)):
            continue
        found = sum(count > 0 for count in ends)
        packed = call.trace.packed
        yield note(
            first.name,
            "padding packed" if packed else "padding read",
            f"{found} of {len(ends)} sequences "
            + (
                "begin or end in steps that repeat one vector, though they are packed: their "
                "lengths count padding, and leave out steps instead."
                if packed
                else "end in steps that repeat one vector, each sequence in as many as it likes: "
                "padding, and what the model reads of the layer depends on it. h_n is the state "
                "after the padding, and a reverse direction starts in it."
            ),
            "Each length must belong to its row (do not sort the lengths alone), and the padding "
            "must stand behind the steps, not before them."
            if packed
            else "Pack the batch: pack_padded_sequence(x, lengths, enforce_sorted=False).",
            "sequences/packed.md",
            call=index,
            number=float(found),
        )
        return


def _repeated(first: Part) -> Iterator[Finding]:
    """Yield the note on a batch all of whose sequences are the same one."""
    for index, call in enumerate(first.calls):
        x = call.trace[0, 0].x
        several, steps = len(call.trace.lengths), len(x)
        if several < FEWEST_SAME or steps < FEWEST_SAME or call.calls > 1 or call.trace.packed:
            continue
        if bool((x == x[:, :1]).all()) and not bool((x == x[:1]).all()):
            yield note(
                first.name,
                "same sequence",
                f"The {several} sequences of the batch are the same numbers: it reads one sequence "
                f"{several} times.",
                "Look at the data set and at expand, repeat or stack before the layer.",
                "sequences/batch-first.md",
                call=index,
                number=float(several),
            )
            return


def _slid_back(first: Part) -> Iterator[Finding]:
    """Yield the note on windows each of which begins with what is new, and drops its last step."""
    windows = [call.trace[0, 0].x for call in first.calls]
    several = len(windows) >= FEWEST_SAME and len({window.shape for window in windows}) == 1
    if not several or len(windows[0]) < FEWEST_STEPS or alike(windows[0]):
        return
    if all(torch.equal(after[1:], before[:-1]) for before, after in pairwise(windows)):
        yield note(
            first.name,
            "window slid back",
            f"It reads {len(windows)} windows of {len(windows[0])} steps, and each has the steps "
            "of the one before, but its last, behind a new first one: what is newest is dropped.",
            "To go on in time: window = torch.cat((window[:, 1:], new), 1) with batch_first=True. "
            "Right where the newest stands first.",
            "answers/forecasting.md",
            number=float(len(windows)),
        )


def _exchanged_axes(first: Part) -> Iterator[Finding]:
    """Yield the note on the first call whose time lies along the batch, if there is one."""
    for index, call in enumerate(first.calls):
        if steps_lie_in_the_batch(call):
            yield note(
                first.name,
                "axes exchanged",
                "Neighbours in the batch are alike, and neighbouring steps are not: time may lie "
                f"along the axis that it reads as the batch, {len(call.trace.lengths)} long.",
                "Look at batch_first, and at the shape of the input.",
                "sequences/batch-first.md",
                call=index,
            )
            return


def _of_units(part: Part) -> Iterator[Finding]:
    """Yield what is to be known of the units of one layer in one direction."""
    size = part.module.hidden_size
    if part.steps < MIN_STEPS:
        return
    shut = closed_units(part, "z", CLOSED) if part.kind == "GRU" else ()
    if len(shut) == size:
        yield units_note(
            part,
            "nothing kept",
            shut,
            f"In all {size} units z stays below {CLOSED:g} at every one of {part.steps} steps: "
            "nearly nothing of h is kept as it was. What lasts goes through W_hn, as in a plain "
            "RNN.",
            "If it should remember for long: look at the update gate's bias, and whether its rows "
            "are in torch's order r z n.",
            "anatomy/gru.md",
        )
    flat = part.values("c").abs() > STEEP_C if part.kind == "LSTM" else None
    if flat is not None and float(flat.double().mean()) >= MOST_FLAT:
        units = units_where(flat.double().mean(0) > MOST_STUCK)
        yield units_note(
            part,
            "cell state flat",
            units,
            f"{percent(float(flat.double().mean()))} of its c are beyond ±{STEEP_C:g}, up to "
            f"{digits(float(part.values('c').abs().max()))}, where tanh(c) is flat: what is "
            "written there shows in no h, and no gradient comes back. A unit that counts does so.",
            "If none should count: look at the forget gate's bias, and begin long runs from zeros "
            "more often.",
            "anatomy/lstm.md",
        )


def not_registered(part: Part) -> Finding:
    """Return the note on a layer that the model calls and does not have."""
    return note(
        part.name,
        "layer not registered",
        "The model calls it, and it is none of the model's submodules: model.parameters() has none "
        "of its weights, so that an optimizer does not train them, and state_dict() not either.",
        "Layers in a plain list belong in an nn.ModuleList; a copy made in forward is another "
        "layer at each run.",
        "answers/silent-mistakes.md",
    )


def untrained(part: Part) -> Finding:
    """Return the note on a model in training mode none of whose weights is trained."""
    return note(
        part.name,
        "nothing trains",
        "The model is in training mode, and none of its weights has requires_grad: no step of an "
        "optimizer changes it.",
        "Freeze the part that is to stay, for p in model.part.parameters(), not all of the model; "
        "to use it as it is: model.eval().",
        "answers/training.md",
    )


def padded_sequences(call: Call) -> list[int]:
    """Return in how many steps of padding each sequence ends, or of a packed one also starts."""
    x, packed = call.trace[0, 0].x, call.trace.packed
    sequences = [x[:length, index] for index, length in enumerate(call.trace.lengths.tolist())]
    at_end = ends_of([sequence.flip(0) for sequence in sequences], packed=packed)
    return at_end or (ends_of(sequences, packed=packed) if packed else [])


def steps_lie_in_the_batch(call: Call) -> bool:
    """Return whether a smooth course lies along the batch, and none along the steps."""
    x = call.trace[0, 0].x.detach().double()
    if call.trace.packed or len(x) < FEWEST_STEPS or x.shape[1] < FEWEST_ALONG:
        return False
    apart = x - x.mean(0)  # sequences in an order of theirs, by size or by noise, have no course
    return _roughness(apart.transpose(0, 1)) < SMOOTH and _roughness(x) > ROUGH


def _roughness(x: torch.Tensor) -> float:
    """Return the mean square of the difference of neighbours along the first axis, beside 2σ².

    It is 1 of numbers in any order, and near 0 of a smooth course.
    """
    variance = float((x - x.mean(0)).square().mean())
    return float((x[1:] - x[:-1]).square().mean()) / (2 * variance) if variance else 1.0
