"""Losses that cannot say what they are to: of one class, of another quantity, turned round."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rnn_figures.models.graphs import SUMS, nodes_behind, walk
from rnn_figures.models.layouts import as_given, is_softmax
from rnn_figures.models.readers import gradient_by, tensors_of
from rnn_figures.models.recording import Recorder
from rnn_figures.models.scoring import IGNORED, MOST_ASKED, Scoring
from rnn_figures.models.unused import Uses
from rnn_figures.models.watchers import (
    ANYONE,
    DIFFERENCES,
    LOSSES,
    PRODUCTS,
    Operation,
    Seen,
    Watcher,
    both,
    watches,
)

AT_LEAST_0 = ("Softplus", "Exp", "Relu", "Sigmoid")
"""Operators, by their names in autograd, that give no number below 0."""

MADE_OF_ROWS = ("CopySlices", "IndexPut", "Stack", "Cat")
"""Operators that lay rows side by side, which may be zeros that nothing was written over."""

MOST_RECENT = 100
"""Noise, and powers of e, that are kept: the latest, since a loop may have some at each step."""

MOST_SUMS = 200
"""Sums that are kept to look for two terms in one."""


class Losses(Watcher):
    """What losses are given, in one run.

    Args:
        recorder: The calls of layers.
        scoring: The words that the run reads, and what cross-entropies are given.
        uses: What the model was given.
    """

    def __init__(self, recorder: Recorder, scoring: Scoring, uses: Uses) -> None:
        super().__init__(recorder)
        self._scoring, self._uses = scoring, uses
        self._likelihoods: dict[str, Tensor] = {}
        self._samples: set[str] = set()
        self._noise: deque[Tensor] = deque(maxlen=MOST_RECENT)
        self._powers: deque[tuple[Tensor, Tensor]] = deque(maxlen=MOST_RECENT)
        self._scaled: list[tuple[Tensor, str]] = []
        self._sums: list[Tensor] = []

    @watches(functional.cross_entropy, functional.nll_loss, by=ANYONE)
    def choose(self, operation: Operation) -> None:
        """Look at scores of one class, at rows of them that are 0, and at a class left out."""
        scores, target = operation.given(0, "input"), operation.given(1, "target")
        axis = 1 if scores.dim() > 1 else 0
        if scores.shape[axis] == 1:
            self.tell("cross-entropy of one", operation, tuple(scores.shape))
        elif not target.is_floating_point():
            ignored = operation.given(4, "ignore_index", default=IGNORED)
            self._look_for_zeros(scores.movedim(axis, -1), target != ignored, operation)
            found = as_given(target, self._uses.given)
            rows = target if found is None else found.value
            if 0 <= ignored < scores.shape[axis] and rows.dim() > 1:
                self._look_within(rows == ignored, ignored, operation)

    def _look_for_zeros(self, scores: Tensor, asked: Tensor, operation: Operation) -> None:
        """Look at scores that are all 0 in some rows, of a tensor that is made row by row."""
        behind = nodes_behind(scores)
        if not behind or not any(name in behind[-1].name() for name in MADE_OF_ROWS):
            return
        zeros = (scores == 0).all(-1) & asked
        if 0 < int(zeros.sum()) < int(asked.sum()):
            self.tell("zeros scored", operation, int(zeros.sum()), int(asked.sum()))

    def _look_within(self, left_out: Tensor, ignored: int, operation: Operation) -> None:
        """Look at a class that is left out between others: at the ends alone it is padding."""
        between = [int(_is_between(each).any(-1).sum()) for each in (left_out, left_out.mT)]
        if all(between):
            self.tell("class left out", operation, ignored, max(between))

    @watches(functional.ctc_loss, by=ANYONE)
    def align(self, operation: Operation) -> None:
        """Look at texts that need more frames than there are."""
        targets, frames, lengths = (
            torch.as_tensor(operation.given(place, name)).cpu()
            for place, name in enumerate(("targets", "input_lengths", "target_lengths"), 1)
        )
        sizes = lengths.tolist()
        texts = (
            targets.split(sizes)
            if targets.dim() == 1
            else [text[:size] for text, size in zip(targets, sizes, strict=True)]
        )
        due = torch.tensor([len(text) + int((text[1:] == text[:-1]).sum()) for text in texts])
        few = due > frames
        if bool(few.any()):
            short = int((due - frames).argmax())
            counts = int(few.sum()), len(due), int(due[short]), int(frames.expand(len(due))[short])
            self.tell("text longer than its frames", operation, *counts)

    @watches(functional.poisson_nll_loss, by=ANYONE)
    def count(self, operation: Operation) -> None:
        """Look at rates that a loss takes for their logarithms."""
        behind = nodes_behind(operation.given(0, "input"))
        if not operation.given(2, "log_input", default=True) or not behind:
            return
        if behind[-1].name().startswith(AT_LEAST_0):
            self.tell("rate for its logarithm", operation)

    @watches(functional.kl_div, by=ANYONE)
    def diverge(self, operation: Operation) -> None:
        """Look at shares that are taken for logarithms, and at logarithms that are for shares."""
        given, target = operation.given(0, "input"), operation.given(1, "target")
        if is_softmax(given, -1):
            self.tell("share for its logarithm", operation, "first")
        logarithms = operation.given(5, "log_target", default=False)
        if not logarithms and bool((target <= 0).all()) and is_softmax(target.exp(), -1):
            self.tell("logarithm for a share", operation)

    @watches(*LOSSES, *DIFFERENCES, by=ANYONE)
    def compare(self, operation: Operation) -> None:
        """Look at a single number beside a target for each sequence."""
        pair = operation.given(0, "input"), operation.given(1, "target", "other")
        if not all(isinstance(each, Tensor) for each in pair):
            return
        one, several = sorted(pair, key=Tensor.numel)
        made = one.grad_fn is not None and one.numel() == 1 and not several.requires_grad
        if made and several.dim() == 1 and len(several) == self.recorder.size[1] > 1:
            self.tell("one for all", operation, len(several))

    @watches(*both("sub"), by="log_prob")
    def deviate(self, operation: Operation) -> None:
        """Keep where a distribution weighs a sample of the model's own, by what it takes first.

        Its likelihood is to fall, as that of an actor's choices does where they are to differ.
        """
        first = operation.where not in self._likelihoods
        if first and getattr(operation.given(0), "requires_grad", False):
            self._samples.add(operation.where)

    @watches(*both("sub", "squeeze", "neg", "add", "logsumexp"), Tensor.__rsub__, by="log_prob")
    def weigh(self, operation: Operation) -> None:
        """Keep what a distribution last makes of a value: the logarithm of its likelihood."""
        self._likelihoods[operation.where] = operation.returned

    @watches(torch.randn, torch.randn_like, torch.normal, Tensor.normal_)
    def draw(self, operation: Operation) -> None:
        """Keep noise."""
        self._noise.append(operation.returned)

    @watches(*both("exp"))
    def power(self, operation: Operation) -> None:
        """Keep powers of e."""
        self._powers.append((operation.given(0, "input"), operation.returned))

    @watches(*PRODUCTS)
    def scale(self, operation: Operation) -> None:
        """Keep what noise is scaled by, a power of e; look at what likelihoods are scaled by."""
        pair = operation.given(0, "input"), operation.given(1, "other")
        for one, other in (pair, pair[::-1]):
            likely = any(one is each for each in self._likelihoods.values())
            if likely and one.requires_grad and _is_less_learned(other):
                self.tell("advantage with a gradient", operation)
        if any(part is noise for part in pair for noise in self._noise):
            self._scaled += [
                (of, operation.where)
                for of, power in self._powers
                if of.requires_grad and any(power is part for part in pair)
            ]

    @watches(*DIFFERENCES, *both("add"))
    def sum(self, operation: Operation) -> None:
        """Keep sums, of which powers of e may be terms."""
        if self._powers and len(self._sums) < MOST_SUMS:
            self._sums.append(operation.returned)

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd, and noise that is scaled by what a sum takes for a variance.

        v - exp(v) is the divergence of a normal distribution by the logarithm of its variance.
        """
        yield from self.odd
        for of, where in self._scaled:
            powers = {power.grad_fn for base, power in self._powers if base is of}
            terms = (set(walk([each.grad_fn], SUMS)) for each in self._sums)
            if any(of.grad_fn in own and powers & own for own in terms):
                yield Seen("variance for its root", where)

    def read(self, returned: Any) -> Iterator[Seen]:
        """Yield targets in another order than their scores, and likelihoods that are returned."""
        yield from self._in_another_order()
        yield from self._likely(returned)

    def _in_another_order(self) -> Iterator[Seen]:
        """Yield losses whose second score hears other sequences than the one of its target.

        It is known whose target it is where targets, and words, are numbers that the model was
        given.
        """
        sequences = self.recorder.size[1]
        for scored in self._scoring.scored[:MOST_ASKED]:
            own = as_given(scored.target, self._uses.given)
            if own is None or scored.target.dim() != 1 or not scored.scores.requires_grad:
                continue
            for ids, vectors in self._scoring.words:
                read = as_given(ids, self._uses.given)
                if read is None or not vectors.requires_grad:
                    continue
                sizes = own.value.shape, read.value.shape
                axes = [axis for axis in (0, 1) if {size[axis] for size in sizes} == {sequences}]
                heard = (gradient_by(vectors, scored.scores[1]) != 0).any(-1)
                heard = heard.mT if read.exchanged else heard
                if len(axes) == 1 and bool(heard.any()):
                    by_sequence = heard.any(1 - axes[0])
                    if not by_sequence[own.second[axes[0]]]:
                        yield Seen("targets in another order", scored.where)

    def _likely(self, returned: Any) -> Iterator[Seen]:
        """Yield the likelihoods that grow with the one number that a model returns."""
        results = [value for value in tensors_of(returned) if value.requires_grad]
        if len(results) != 1 or results[0].numel() != 1:
            return
        sign = gradient_by(results[0], results[0]).sign()
        for where, likelihood in self._likelihoods.items():
            if not likelihood.requires_grad or likelihood.numel() == 1 or where in self._samples:
                continue
            if bool((gradient_by(likelihood, results[0]) * sign > 0).all()):
                yield Seen("likelihood returned", where)


def _is_less_learned(value: Any) -> bool:
    """Return whether a value is a difference of what is given and what is learned."""
    node = value.grad_fn if isinstance(value, Tensor) else None
    ways = [behind for behind, _ in node.next_functions] if node is not None else []
    return node is not None and "Sub" in node.name() and len(ways) == 2 and ways.count(None) == 1


def _is_between(left_out: Tensor) -> Tensor:
    """Return where something is left out along the last axis, with others before and behind it."""
    others = (~left_out).int()
    before, behind = others.cumsum(-1), others.flip(-1).cumsum(-1).flip(-1)
    return left_out & (before > 0) & (behind > 0)
