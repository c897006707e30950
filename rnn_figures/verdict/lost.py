"""Layers of which nothing is heard, or to which no gradient comes back."""

from collections.abc import Iterator, Sequence

from torch import Tensor

from rnn_figures.verdict.parts import Part, alike, steps_first
from rnn_figures.verdict.records import Finding, note

FEWEST_CALLS = 3
"""Calls of a loop from which on it is no chance that what it gives at first is one for all."""

MOST_NAMED = 4
"""Weights that are named one by one."""


def gradient_of_0(part: Part, zeros: Sequence[str]) -> Finding:
    """Return the note on a layer that a way leads to, on which no gradient comes back."""
    named = ", ".join(zeros[:MOST_NAMED]) + (", …" if len(zeros) > MOST_NAMED else "")
    return note(
        part.name,
        "gradient of 0",
        "A way leads from what the model returns to this layer, and the gradient that comes back "
        "is 0 in each number: nothing that it gives is heard, and this gradient moves none of its "
        "weights.",
        f"All numbers of {named} are 0. Where that is a start, as ReZero has it or a last layer, "
        "that moves first, and opens the way."
        if zeros
        else "Look behind the layer at a mask (is it True at what is to be hidden?), and at a relu "
        "that is shut.",
        "answers/training.md",
    )


def unheard(part: Part) -> Finding:
    """Return the note on a layer of which a result depends on nothing."""
    return note(
        part.name,
        "unheard",
        "Nothing that the model returns depends on what it gives, but its own state where that is "
        "returned: what it reads is lost to the result.",
        "Cells in a stack read each other: x = h = cell(x, h) for the next one, not the same x for "
        "all.",
        "answers/training.md",
    )


def step_behind(part: Part, results: Sequence[Tensor]) -> Iterator[Finding]:
    """Yield the note on a loop of whose last step nothing is heard, nor at first of what it read.

    What it gives at its first step is then the same for all sequences, though they differ.
    """
    for index, call in enumerate(part.calls):
        x = call.trace[0, 0].x
        steps, several = x.shape[:2]
        unheard = call.heard is True and call.heard_last is False
        if call.calls < FEWEST_CALLS or not unheard or alike(x[0]):
            continue
        for result in results:
            found = steps_first(result, steps, several)
            if found is None or [alike(each) for each in found] != [True] + [False] * (steps - 1):
                continue
            yield note(
                part.name,
                "step behind",
                f"What the model gives, {tuple(result.shape)}, is at its first step the same for "
                "all sequences, though they differ there, and nothing depends on what the last of "
                f"its {steps} steps gives: the state of each step is taken before it has read it.",
                "Keep it after: h = cell(x, h), then outputs.append(h). Right where a step is to "
                "be foretold from those before it.",
                "sequences/step-by-step.md",
                call=index,
                number=float(steps),
            )
            return


def cut_off(part: Part) -> Finding:
    """Return the note on a layer that no gradient comes to."""
    return note(
        part.name,
        "no gradient",
        "What the model returns has a gradient, and none leads to this layer: its answer is read "
        "by nobody, or is taken off the graph (detach, .data, numpy, tolist, argmax). It does not "
        "learn from what is returned."
        if not part.calls[0].facts.cut
        else "It runs under torch.no_grad(), and what the model returns has a gradient: none of "
        "its weights is trained by it, though each has requires_grad.",
        "Look at what becomes of its output between the layer and the result."
        if not part.calls[0].facts.cut
        else "Run it with gradients; or, if it should stay as it is, layer.requires_grad_(False).",
        "answers/training.md",
    )
