"""Notes on what stands around a layer: its options, its names, how its input came, the result."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from rnn_figures.models import Call, Run, Seen, is_softmax
from rnn_figures.numbers import counted, digits
from rnn_figures.verdict.lost import step_behind
from rnn_figures.verdict.parts import Part, alike, steps_first
from rnn_figures.verdict.records import Finding, note, percent
from rnn_figures.verdict.seen import SEEN

MOST_DROPPED = 0.8
"""Dropout from which on the share that is kept may be meant."""

MOST_LAYERS = 8
"""Layers on each other of which networks are known that learn: those of Google's translation."""

FEWEST_ROWS = 8
"""Steps of an input without a batch from which on its rows may be samples."""


def around(own: Sequence[Part], run: Run) -> Iterator[Finding]:
    """Yield the notes on what stands around one module, given all its parts."""
    first = own[0]
    yield from _of_dropout(first, run)
    if first.module.proj_size == 1 and first.module.hidden_size > 1:
        yield note(
            first.name,
            "projection of one",
            "proj_size=1: the hidden state is one number, the output itself, and the gates of the "
            f"next step read no more of its {first.module.hidden_size} units; c alone goes on in "
            "each.",
            "If it should be the layer's output alone: proj_size=0, and nn.Linear(hidden_size, 1) "
            "behind it.",
            "configurations/proj-size.md",
        )
    if first.module.num_layers > MOST_LAYERS:
        yield _of_layers(first)
    yield from _of_names(first, run)
    yield from _of_seen(first, run)
    yield from _of_input(first)
    yield from _of_result(first, run)


def of_modules(run: Run) -> Iterator[Finding]:
    """Yield the notes on modules that are shared, and on layers that the run has no use for."""
    for name, others in run.shared.items():
        yield note(
            name,
            "module shared",
            f"It is {', '.join(others)} too: one module with one set of weights, and what the "
            f"{counted(len(others) + 1, 'name')} give of the same input is the same.",
            "If each should have weights of its own, make each anew: a = b = nn.Linear(...) is one "
            "Linear.",
            "answers/silent-mistakes.md",
            number=float(len(others) + 1),
        )
    yield from _of_nothing(run)
    yield from _of_weights(run)
    for seen in run.seen:
        if seen.name in run.silent:
            yield note(seen.name, seen.check, *_told(seen))
    for name in run.silent:
        if name not in run.frozen and name not in run.by_hand and not run.untrained:
            yield note(
                name,
                "not called",
                "The model has it, and this run does not call it: no gradient comes to its "
                "weights from what is returned here.",
                "Right for a layer that other runs use. If it should be used here: look whether "
                "another is called in its place.",
                "answers/training.md",
            )


def _of_nothing(run: Run) -> Iterator[Finding]:
    """Yield the notes on what a run is given, computes or has for nothing."""
    for name, shape in run.unused.items():
        yield note(
            "",
            "argument unread",
            f"The model is given {name}, {shape}, and no function of torch's takes it in this run: "
            "any other would give the same.",
            "Right for what another mode reads, or a scripted function, which does not say so. "
            "Lengths and masks do nothing until something is packed or masked by them.",
            "answers/silent-mistakes.md",
        )
    if run.lost:
        yield note(
            "",
            "computed for nothing",
            f"The weights of {', '.join(run.lost)} take part, and no way leads from them to what "
            "the model returns: they are not trained by it.",
            "Look where the result of each should go on: is a name used that another line has set "
            "anew, or one before it?",
            "answers/training.md",
            number=float(len(run.lost)),
        )
    if run.mixed:
        yield note(
            "",
            "samples mixed",
            "What the model returns has a row for each of {} samples, of {} sequences each, and a "
            "row depends on sequences of other samples.".format(*run.mixed),
            "Rows that reshape(samples * sequences, ...) joined come apart by "
            "view(samples, sequences, ...), in that order.",
            "answers/silent-mistakes.md",
            number=float(run.mixed[1]),
        )


def _of_weights(run: Run) -> Iterator[Finding]:
    """Yield the notes on weights that are not trained as they are meant to be."""
    if run.unlearned:
        yield note(
            "",
            "no parameter",
            f"{', '.join(run.unlearned)}: the model keeps it as a plain tensor, and it takes the "
            "place of weights. It is no parameter and no buffer: model.parameters() and state_dict "
            "leave it out, and model.to(device) does.",
            "If it is to be learned: nn.Parameter(torch.randn(...)), and of several an "
            "nn.ParameterList. If it is not: register_buffer.",
            "answers/training.md",
            number=float(len(run.unlearned)),
        )
    if run.held:
        yield note(
            "",
            "zeros that hold each other",
            f"All numbers of {', '.join(run.held)} are 0, and so is the gradient of each: they are "
            "multiplied by each other, and no training moves them.",
            "Let one of two start at 0, and the other at random, as LoRA does.",
            "answers/training.md",
            number=float(len(run.held)),
        )
    for name, other in run.copied:
        yield note(
            other,
            "weights copied",
            f"Its weights are the numbers of {name}, in a tensor of their own: they start alike, "
            "and are trained apart.",
            f"To tie them: {other}.weight = {name}.weight, the very same parameter.",
            "anatomy/weights.md",
        )


def _of_dropout(first: Part, run: Run) -> Iterator[Finding]:
    dropout = run.dropout.get(first.name, 0.0)
    layers = first.module.num_layers
    if dropout and layers == 1:
        yield note(
            first.name,
            "dropout ignored",
            f"It has dropout={dropout:g} and one layer: dropout acts between layers, so that "
            "nothing is dropped, in training neither.",
            "Put an nn.Dropout before or behind it.",
            "configurations/dropout.md",
            number=dropout,
        )
    elif dropout >= MOST_DROPPED:
        yield note(
            first.name,
            "much dropped",
            f"dropout={dropout:g} drops {percent(dropout)} of what goes from layer to layer in "
            "training. In torch it is the share that is dropped, not the share that is kept.",
            f"If {percent(dropout)} should be kept: dropout={1 - dropout:.2g}.",
            "configurations/dropout.md",
            number=dropout,
        )


def _of_layers(first: Part) -> Finding:
    layers = first.module.num_layers
    same = any(len(call.trace[0, 0].h) == layers for call in first.calls)
    return note(
        first.name,
        "many layers",
        f"It has {layers} layers, each of which reads the one below"
        + (", as many as its input has steps." if same else ".")
        + " Hardly anything of the input, or of a gradient, gets through as many.",
        "The third argument of a layer is num_layers; how many steps there are it is not told.",
        "configurations/stacked.md",
        number=float(layers),
    )


def _of_names(first: Part, run: Run) -> Iterator[Finding]:
    others = run.aliases.get(first.name, [])
    if others:
        yield note(
            first.name,
            "layer shared",
            f"It is {', '.join(others)} too: one layer with one set of weights, "
            f"{len(others) + 1} times.",
            "If each should have weights of its own: [layer] * n repeats one layer; make each "
            "anew, nn.ModuleList(make() for _ in range(n)).",
            "answers/silent-mistakes.md",
            number=float(len(others) + 1),
        )


def _of_seen(first: Part, run: Run) -> Iterator[Finding]:
    for seen in run.seen:
        if seen.name == first.name:
            yield note(first.name, seen.check, *_told(seen))


def _told(seen: Seen) -> tuple[str, str, str]:
    """Return the meaning of what was seen, with its line, the remedy and the page."""
    meaning, remedy, page = SEEN[seen.check]
    meaning = meaning.format(*seen.shapes)
    return f"{seen.where}: {meaning}" if seen.where else meaning, remedy, page


def _of_input(first: Part) -> Iterator[Finding]:
    for index, call in enumerate(first.calls):
        if call.facts.convolved and isinstance(call.input, Tensor):
            _, channels, positions = call.input.shape
            yield note(
                first.name,
                "channels for steps",
                f"Its input is as a convolution returned it, (N, channels, positions): it reads "
                f"the {channels} channels as an axis of sequences or steps, and the {positions} "
                "positions as features.",
                "Put the channels last: x.permute(0, 2, 1) with batch_first=True, "
                "x.permute(2, 0, 1) without.",
                "sequences/batch-first.md",
                call=index,
            )
            return
        steps = len(call.trace[0, 0].h)
        unlike = len({len(each.trace[0, 0].h) for each in first.calls}) > 2  # no batches of samples
        if unlike or not isinstance(call.input, Tensor):
            continue
        if call.input.dim() == 2 and steps >= FEWEST_ROWS:
            yield note(
                first.name,
                "no batch",
                f"Its input is {tuple(call.input.shape)}, without an axis of sequences: one "
                f"sequence of {steps} steps, each row read after the one before.",
                "If rows are samples: give each an axis of steps, x.unsqueeze(1) with "
                "batch_first=True for one step each.",
                "sequences/batch-first.md",
                call=index,
                number=float(steps),
            )
            return


def _of_result(first: Part, run: Run) -> Iterator[Finding]:
    calls = [call for call in first.calls if call.reads is not None and call.reads.reached]
    for index, call in enumerate(calls):
        steps, several = len(call.trace[0, 0].h), len(call.trace.lengths)
        for scores in [*run.results, *run.scores]:
            ahead = call.module.bidirectional and call.reads is not None and call.reads.by_step
            if ahead and _scores_words(scores, run, steps, several):
                yield _reads_ahead(first, index, scores.shape[-1])
                return
        for result in run.results:
            if steps > 1 and not call.trace.packed and _softmax_over(result, steps, several):
                yield _wrong_softmax(first, index, result, steps)
                return
    same = _alike_at_steps(first, run)
    if same is not None:
        yield _same_at_steps(first, same)
    yield from step_behind(first, [*run.results, *run.scores])
    if calls and first.name and _is_bare(first, calls[-1], run):
        largest = digits(max(float(result.abs().max()) for result in run.results))
        yield note(
            first.name,
            "bounded result",
            "What the model returns is h of this layer as it is, which no step can bring beyond "
            f"±1; the largest here is {largest}.",
            "If the targets are larger: scale them, or put an nn.Linear behind the layer.",
            "answers/forecasting.md",
        )


def _alike_at_steps(first: Part, run: Run) -> tuple[int, Tensor] | None:
    """Return steps and the result that says the same at each of them, though h does not.

    It is a result with an axis of steps and one of sequences, which do differ.
    """
    for call in first.calls:
        h = call.trace[0, 0].h
        steps, several = h.shape[:2]
        if steps < FEWEST_ROWS or several < 2 or alike(h):
            continue
        for result in run.results:
            by_step = steps_first(result, steps, several)
            if by_step is not None and alike(by_step) and not alike(by_step.transpose(0, 1)):
                return steps, result
    return None


def _same_at_steps(first: Part, same: tuple[int, Tensor]) -> Finding:
    steps, result = same
    return note(
        first.name,
        "same at each step",
        f"What the model returns, {tuple(result.shape)}, says the same at each of {steps} steps, "
        "and h does not: a buffer that each step overwrites does so, or one state for all steps.",
        "Keep each step's own: outputs.append(h), or h.clone() of what is written in place.",
        "answers/silent-mistakes.md",
        number=float(steps),
    )


def _scores_words(result: Tensor, run: Run, steps: int, several: int) -> bool:
    """Return whether a result has a score for each word of a vocabulary at each step.

    The last step may be left out, for which there is no next word.
    """
    counts = steps * several, (steps - 1) * several
    return (
        steps > 1
        and result.shape[-1:].numel() in run.vocabularies
        and math.prod(result.shape[:-1]) in counts
    )


def _reads_ahead(first: Part, index: int, words: int) -> Finding:
    return note(
        first.name,
        "reads ahead",
        f"The model has a score for each of {words} words at each step, as many as one of its "
        "embeddings has, and the reverse direction has read the steps to come.",
        "If it is to predict the next word: bidirectional=False. To fill gaps it may read both "
        "ways.",
        "configurations/bidirectional.md",
        call=index,
        number=float(words),
    )


def _softmax_over(result: Tensor, steps: int, several: int) -> bool:
    """Return whether a result is a softmax, or its log, over the steps and not over the last axis.

    With as many classes as steps, or one class, it does not show.
    """
    if result.dim() != 3 or result.shape[-1] in (1, steps) or several == steps:
        return False
    axes = [axis for axis in (0, 1) if result.shape[axis] == steps]
    values = result.exp() if bool((result <= 0).all()) else result
    return len(axes) == 1 and is_softmax(values, axes[0]) and not is_softmax(values, -1)


def _wrong_softmax(first: Part, index: int, result: Tensor, steps: int) -> Finding:
    return note(
        first.name,
        "softmax over steps",
        f"The result, {tuple(result.shape)}, sums to 1 over its {steps} steps and not over its "
        f"{result.shape[-1]} classes: what a step says depends on all the others.",
        "Scores of classes at each step: softmax(dim=-1). Weights of attention do sum to 1 over "
        "steps.",
        "answers/silent-mistakes.md",
        call=index,
    )


def _is_bare(first: Part, call: Call, run: Run) -> bool:
    """Return whether all that a model returns are numbers of h, as many each step as it reads.

    Then it is a forecast of what it reads: an encoder has more units, as a rule.
    """
    output = call.trace.output if isinstance(call.trace.output, Tensor) else call.trace.output.data
    size = output.shape[-1]
    if first.mode == "RNN_RELU" or size not in (1, call.module.input_size) or not run.results:
        return False
    known = output.flatten()
    return all(
        result.shape[-1:] == (size,)
        and result.dtype == known.dtype
        and bool(torch.isin(result.flatten(), known).all())
        for result in run.results
    )
