"""What the model reads of a layer's answer: mistakes after the layer, found by gradients."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.models import Call, Reads, Run
from rnn_figures.numbers import digits
from rnn_figures.verdict.lost import cut_off, gradient_of_0, unheard
from rnn_figures.verdict.parts import Part
from rnn_figures.verdict.reach import LAGS, reach
from rnn_figures.verdict.records import Finding, alarm, note
from rnn_figures.weights import num_directions

UNREAD = "unread layer"

CHECKED = (UNREAD, "unread sequences")
"""The alarms of this module."""

OF_ANY = ("unread sequences", "sequences mixed")
"""What is odd in one call, whatever is read of the others."""

FEWEST_READ = 16
"""Units of all sequences from which on it is no chance that all are read at one step."""

LEAST_FAR = 1e-7
"""What is left of a gradient, as a part, below which float32 loses it beside the others."""

FEWEST = 3
"""Sequences, and steps, from which on it shows which of them are read."""


def readers(own: list[Part], run: Run) -> list[Finding] | str:
    """Return what is odd in how the answers of a module are read, or why that was not measured."""
    calls = [call for call in own[0].calls if call.reads is not None]
    silent = all(call.heard is False and call.trained for call in own[0].calls)
    if not run.unread and all(call.facts.cut for call in own[0].calls):
        return [cut_off(own[0])]
    if silent and any(call.reads is None or call.reads.reached for call in own[0].calls):
        return [unheard(own[0])]
    if not calls:
        one_by_one = "its answers have no gradient, or each call is a step that the next reads"
        return run.unread or one_by_one
    found: dict[tuple[str, int | None], list[Finding]] = {}
    for index, call in enumerate(own[0].calls):
        if call.reads is not None:
            for finding in _in_call(own, call, call.reads, run.zeros):
                own_findings = found.setdefault((finding.check, finding.direction), [])
                own_findings.append(finding._replace(call=index))
    # What one call leaves unread another may read, and that is what the layer is there for.
    maybe = sum(call.reads is None or call.reads.reached for call in own[0].calls)
    kept = [each[0] for each in found.values() if each[0].check in OF_ANY or len(each) == maybe]
    first = {finding.check: finding for finding in reversed(kept)}
    far = _far_unheard(own)
    if far is not None:
        first[far.check] = far
    if all(call.trained and call.reads and not call.reads.reached for call in own[0].calls):
        first["no gradient"] = cut_off(own[0])
    return list(first.values())


def _in_call(own: list[Part], call: Call, reads: Reads, zeros: Sequence[str]) -> Iterator[Finding]:
    if not reads.reached:
        return
    if not any(bool(part.any()) for part in (reads.output, *reads.states)):
        yield gradient_of_0(own[0], zeros)
        return
    output = _by_direction(call, reads)
    yield from _unread_layer(own, call, reads, output)
    if output is not None:
        yield from _unread_sequences(own[0], call, reads, output)
        yield from _read_at_start(own[0], call, reads, output)
    h_is_read = bool(reads.output.any() or reads.states[0].any())
    if len(reads.states) > 1 and not h_is_read and bool(reads.states[1].any()):
        yield note(
            own[0].name,
            "cell state read",
            "Of what it returns the model reads c_n, and neither output nor h_n. An LSTM "
            "returns output, (h_n, c_n): the names may be exchanged.",
            "Write output, (h_n, c_n) = lstm(x); h_n is what a head reads as a rule.",
            "answers/silent-mistakes.md",
        )
    yield from _across(own[0], call, reads)


def _across(first: Part, call: Call, reads: Reads) -> Iterator[Finding]:
    """Yield what is odd where sequences meet: a result that reads several for one."""
    if reads.of_all:
        yield note(
            first.name,
            "steps for sequences",
            f"What the model returns has an entry for each of {len(call.trace[0, 0].h)} steps and "
            f"none for each of {len(call.trace.lengths)} sequences; each reads its step of all "
            "sequences: it may take one axis for the other.",
            "Look at batch_first: by place, the fourth argument of a layer is bias, not "
            "batch_first; write batch_first=True.",
            "sequences/batch-first.md",
        )
    if reads.mixed > 1:
        yield note(
            first.name,
            "sequences mixed",
            "Along its axis of sequences, an entry of what the model returns depends on "
            f"{reads.mixed} of {len(call.trace.lengths)} sequences, not on its own alone."
            + (
                f" {reads.mixed_at} is the first to do so, by a view, a softmax or an "
                "attention of numbers that lie in another order of axes."
                if reads.mixed_at
                else " A view that takes another axis for the batch does so, a softmax or a mean "
                "over the batch too."
            ),
            "Look at view, reshape and dim= there: h_n is (layers, N, H), so that "
            "h_n.transpose(0, 1).flatten(1) is a row for each sequence; an output may have the "
            "steps first.",
            "answers/silent-mistakes.md",
            number=float(reads.mixed),
        )


def _by_direction(call: Call, reads: Reads) -> Tensor | None:
    """Return where the output is read, (L, N, D, H); None of a single step or without steps."""
    lengths, module = call.trace.lengths, call.module
    if int(lengths.max()) < 2 or call.calls > 1:
        return None
    if isinstance(call.input, PackedSequence):
        of_steps = reads.output.to(call.input.data.device, torch.uint8)
        output = pad_packed_sequence(call.input._replace(data=of_steps))[0].bool().cpu()
    elif reads.output.dim() == 2:
        output = reads.output[:, None]
    else:
        output = reads.output.transpose(0, 1) if module.batch_first else reads.output
    return output.unflatten(-1, (num_directions(module), -1))


def _states(call: Call, reads: Reads) -> Tensor:
    """Return where h_n or c_n is read, (layers, D, N)."""
    directions = num_directions(call.module)
    rows = [
        state.unflatten(0, (-1, directions)).flatten(3).any(-1)
        for state in map(_batched, reads.states)
    ]
    return torch.stack(rows).any(0)


def _batched(state: Tensor) -> Tensor:
    return state if state.dim() == 3 else state[:, None]


def reads_padding(call: Call, ends: Sequence[int]) -> bool:
    """Return whether what is read depends on the padding at the ends of a batch's sequences.

    It does not where each step is read before the padding, in the forward direction alone, but for
    rounding. It is taken to where what is read was not measured.
    """
    if call.reads is None or call.module.bidirectional or call.calls > 1:
        return True
    output = _by_direction(call, call.reads._replace(output=call.reads.clearly))
    if output is None:
        return True
    counts = torch.tensor(ends)
    within = torch.arange(len(output))[:, None] >= len(output) - counts
    states = _states(call, call.reads).any(0).any(0) & (counts > 0)
    return bool(states.any()) or bool((output.any(-1).any(-1) & within).any())


def _unread_layer(
    own: list[Part], call: Call, reads: Reads, output: Tensor | None
) -> Iterator[Finding]:
    """Yield the alarm on a direction of the top layer that nobody reads, though another is."""
    states = _states(call, reads)
    top = states[-1].any(-1)
    if output is not None:
        top = top | output.any(-1).any(0).any(0)
    elif bool(reads.output.any()):
        return
    read_elsewhere = bool(states.any()) or bool(reads.output.any())
    for direction, read in enumerate(top.tolist()):
        if read or not read_elsewhere:
            continue
        part = next(
            part
            for part in own
            if (part.layer, part.direction) == (call.module.num_layers - 1, direction)
        )
        units = call.trace[part.layer, direction].h.shape[-1]
        which = "reverse" if direction else "forward"
        two = call.module.bidirectional
        words = f"the {which} direction of its top layer" if two else "its top layer"
        yield alarm(
            part.name,
            UNREAD,
            f"Nothing that the model returns depends on {words}: of its {units} units neither "
            "output nor h_n is read, and no gradient trains them.",
            "h_n has a row for each layer and direction, the top layer's last: read "
            + ("both h_n[-2] and h_n[-1]." if two else "h_n[-1]."),
            "anatomy/h-n.md",
            layer=part.layer,
            direction=direction,
            num_units=units,
            number=float(units),
        )


def _unread_sequences(part: Part, call: Call, reads: Reads, output: Tensor) -> Iterator[Finding]:
    """Yield the alarm on sequences that nobody reads, where the reason shows.

    Single sequences may be unread for a relu that is shut: so either one alone is read, the first
    or last of the batch, at every step, and the result has an entry for each step and none for each
    sequence; or the longest alone are, at their last step.
    """
    lengths = call.trace.lengths
    read = output.any(-1).any(-1)  # (L, N)
    sequences = read.any(0) | _states(call, reads).any(0).any(0)
    count, several = int(sequences.sum()), len(lengths)
    if several < FEWEST or len(read) < FEWEST or count == several or not count:
        return
    longest = lengths == lengths.max()
    one = count == 1 and bool(sequences[0] | sequences[-1]) and bool(read[:, sequences].all())
    by_step = several not in reads.sizes or (several == len(read) and reads.by_step)
    if one and len(read) in reads.sizes and by_step:
        which = 0 if bool(sequences[0]) else several - 1
        meaning = (
            f"Of {several} sequences the model reads one, sequence {which}, at each of its "
            f"{len(read)} steps: it takes sequences for steps."
        )
        remedy = "Look at batch_first, and at which axis [-1] indexes: output[:, -1] or output[-1]."
        page = "sequences/batch-first.md"
    elif several - count > 1 and torch.equal(sequences, longest) and not bool(read[:-1].any()):
        meaning = (
            f"Of {several} sequences the model reads {count}, the longest, at the last step: what "
            "it reads of the shorter ones is padding, which is 0 in an unpacked output."
        )
        remedy = "Read h_n, which has each sequence's own last step."
        page = "sequences/packed.md"
    else:
        return
    yield alarm(
        part.name,
        "unread sequences",
        meaning,
        remedy,
        page,
        number=float(several - count),
    )


def _read_at_start(part: Part, call: Call, reads: Reads, output: Tensor) -> Iterator[Finding]:
    """Yield the note on a direction that is read where it has read one step alone."""
    lengths = call.trace.lengths
    steps = torch.arange(len(output))[:, None]
    firsts = {0: steps == 0, 1: steps == lengths - 1}
    states = _states(call, reads)[-1].any(-1)  # (D,)
    if int(lengths.min()) < FEWEST:
        return
    for direction in range(output.shape[2]):
        read = output[:, :, direction]
        # A largest value may be the first by chance, in few sequences of few units.
        if int(read.any(0).sum()) < FEWEST_READ or bool(states[direction]):
            continue
        if bool((read.any(-1) & ~firsts[direction]).any()):
            continue
        which = "reverse" if direction else "forward"
        where = "the last step of the sequence" if direction else "step 0"
        yield note(
            part.name,
            f"{which} read at its start",
            f"Of the {which} direction the model reads {where} alone, its first: it has read one "
            "step there, and nothing of the others.",
            "Read h_n, which has each direction after its last step: torch.cat((h_n[-2], "
            "h_n[-1]), dim=-1)."
            if output.shape[2] == 2
            else "Read output[:, -1] with batch_first=True, output[-1] without, or h_n[-1].",
            "anatomy/h-n.md",
            layer=call.module.num_layers - 1,
            direction=direction,
            number=1.0,
        )


def _far_unheard(own: list[Part]) -> Finding | None:
    """Return the note on a long run of which the last step alone is read, and hears its end."""
    part = own[-1]
    calls = [call for call in part.calls if call.reads and int(call.trace.lengths.min()) > 2 * LAGS]
    if len(calls) < len(part.calls) or part.module.num_layers > 1:
        return None
    for call in calls:
        output = None if call.reads is None else _by_direction(call, call.reads)
        if output is None:
            return None
        steps = torch.arange(len(output))[:, None]
        last = steps == call.trace.lengths - 1 if part.direction == 0 else steps == 0
        if bool((output[:, :, part.direction].any(-1) & ~last).any()):
            return None
    found = reach(part)
    if found is None or len(found.norms) < LAGS:
        return None
    far = float((found.norms[-1] / found.norms[0]).median())
    if far >= LEAST_FAR:
        return None
    steps = int(calls[0].trace.lengths.max())
    return note(
        part.name,
        "far steps unheard",
        f"Of {steps} steps the model reads the last alone, and that depends on the input "
        f"{LAGS - 1} steps before by {digits(far)} of what it depends on its own: in float32 "
        "no gradient from there is left.",
        "An LSTM with set_forget_bias(lstm, 1), or a GRU, keeps for longer than a plain RNN; or "
        "read all steps (a mean, attention), or make the steps fewer.",
        "inside/gradients.md",
        number=far,
    )
