"""What a model gives to its softmaxes and losses, and the words that its embeddings read."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from rnn_figures.models.graphs import nodes_behind
from rnn_figures.models.layouts import SURE, ends_of, is_softmax
from rnn_figures.models.readers import gradient_by
from rnn_figures.models.recording import Recorder
from rnn_figures.models.watchers import (
    ANYONE,
    DIFFERENCES,
    LOSSES,
    SOFTMAXES,
    Operation,
    Seen,
    Watcher,
    watches,
)

MOST_ASKED = 4
"""Pairs of a loss and an embedding of which a gradient is taken."""

IGNORED = -100
"""The class that torch's cross-entropy leaves out, unless it is told another."""

LEAST_CHANCE = 1e-6
"""The chance, from which downwards, that words end alike for no padding is none."""

FEWEST = 2
"""Words, and sequences, from which on it shows what stands at their ends."""

MOST_APART = 0.5
"""Share of rows from which on it is no chance that their sums are not 1."""

FEWEST_TIMES = 3
"""Times from which on it is no chance that a softmax in a loop gives the same."""

ROUNDING = 1e-5
"""How far shares may be apart, as a part, that are the same but for rounding."""

MOVED = 1e-3
"""How far scores may be apart where a softmax gives the same because they are."""


class Scored(NamedTuple):
    """What a cross-entropy was given, classes last, with the right classes, on which line."""

    scores: Tensor
    target: Any
    where: str


class _Softmax(NamedTuple):
    """What a softmax was given and gave, and along how many entries."""

    scores: Tensor
    shares: Tensor
    size: int


class Scoring(Watcher):
    """Softmaxes, losses and embeddings of one run.

    Attributes:
        words: What embeddings read, two axes of words, with their vectors.
        scored: What cross-entropies were given.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self.words: list[tuple[Tensor, Tensor]] = []
        self.scored: list[Scored] = []
        self._softmaxes: defaultdict[str, list[_Softmax]] = defaultdict(list)
        self._dropped: list[tuple[Tensor, str]] = []

    @property
    def scores(self) -> list[Tensor]:
        """What cross-entropies were given, classes last."""
        return [each.scores for each in self.scored]

    @watches(*SOFTMAXES, by=ANYONE)
    def softmax(self, operation: Operation) -> None:
        """Look at a softmax: of a softmax, or of one number each time."""
        given, dim = operation.given(0, "input"), operation.given(1, "dim")
        if dim is None:
            return
        if is_softmax(given, dim):
            self.tell("softmax twice", operation)
        hidden = int(given.isneginf().all(dim).sum())
        if hidden:
            self.tell("softmax of nothing", operation, hidden, tuple(given.shape))
        each = _Softmax(given.detach(), operation.returned.detach(), given.shape[dim])
        self._softmaxes[operation.where].append(each)

    @watches(functional.cross_entropy, by=ANYONE)
    def cross_entropy(self, operation: Operation) -> None:
        """Look at a cross-entropy of scores."""
        given, target = operation.given(0, "input"), operation.given(1, "target")
        classes = 1 if given.dim() > 1 else 0
        if is_softmax(given, classes):
            self.tell("softmax twice", operation)
        self._score(given.movedim(classes, -1), target, operation)
        whole = operation.named.get("reduction", "mean") != "none"
        if whole and operation.given(2, "weight") is None and isinstance(target, Tensor):
            self._look_for_padding(target, operation)

    @watches(functional.binary_cross_entropy_with_logits, by=ANYONE)
    def yes_or_no(self, operation: Operation) -> None:
        """Look at a binary cross-entropy that has the sigmoid in it."""
        given = operation.given(0, "input")
        if any("Sigmoid" in node.name() for node in nodes_behind(given)):
            self.tell("sigmoid twice", operation)
        self._look_for_dropout(given, operation)

    @watches(functional.nll_loss, by=ANYONE)
    def negative_logs(self, operation: Operation) -> None:
        """Look at a loss that takes logarithms of shares."""
        given, target = operation.given(0, "input"), operation.given(1, "target")
        self._take_logs(given.movedim(1 if given.dim() > 1 else 0, -1), target, operation)

    @watches(functional.ctc_loss, by=ANYONE)
    def ctc(self, operation: Operation) -> None:
        """Look at a CTC loss, which has the classes last, and no blank among its targets."""
        self._take_logs(operation.given(0, "log_probs"), None, operation)
        targets, blank = operation.given(1, "targets"), operation.given(4, "blank", default=0)
        lengths = torch.as_tensor(operation.given(3, "target_lengths"))
        if targets.dim() == 2:
            there = torch.arange(targets.shape[1]) < lengths.cpu()[:, None]
            targets = targets[there.to(targets.device)]
        count = int((targets == blank).sum())
        if count:
            self.tell("blank among targets", operation, blank, count)

    def _take_logs(self, given: Tensor, target: Any, operation: Operation) -> None:
        axis = _of_a_log_softmax(given)
        if axis is not None:
            self.tell("log softmax along another axis", operation, *axis)
        # less than 1 is left where some classes are ruled out
        elif bool((given.detach().double().exp().sum(-1) > 1 + SURE).any()):
            self.tell("no log softmax", operation)
        self._score(given, target, operation)

    def _score(self, given: Tensor, target: Any, operation: Operation) -> None:
        """Keep scores, classes last, and look for a dropout before them."""
        self.scored.append(Scored(given, target, operation.where))
        self._look_for_dropout(given, operation)

    @watches(*LOSSES, *DIFFERENCES, by=ANYONE)
    def difference(self, operation: Operation) -> None:
        """Look at a prediction beside its target: of other axes each is held to all."""
        one, other = operation.given(0, "input"), operation.given(1, "target", "other")
        if not (isinstance(one, Tensor) and isinstance(other, Tensor)):
            return
        less, more = sorted((one, other), key=Tensor.dim)
        spread = more.dim() == less.dim() + 1 and more.shape == (*less.shape, 1)
        if spread and more.shape[0] > 1 and one.requires_grad != other.requires_grad:
            whole = torch.broadcast_shapes(one.shape, other.shape)
            self.tell("each beside all", operation, *map(tuple, (one.shape, other.shape, whole)))

    @watches(functional.dropout, by=ANYONE)
    def dropout(self, operation: Operation) -> None:
        """Keep what a dropout returned."""
        self._dropped.append((operation.returned, operation.where))

    @watches(functional.embedding, by=ANYONE)
    def embedding(self, operation: Operation) -> None:
        """Keep words and their vectors, and look at the index that pads."""
        ids, padding = operation.given(0, "input"), operation.given(2, "padding_idx")
        if ids.dim() != 2 or min(ids.shape) < FEWEST:
            return  # a loop that reads a word at a time
        self.words.append((ids, operation.returned))
        if padding is None:
            return
        own, weight = what_pads(ids), operation.given(1, "weight")
        if own is not None and own != padding % len(weight):  # it may count from the end
            self.tell("padding index", operation, own, padding)

    def _look_for_padding(self, target: Tensor, operation: Operation) -> None:
        """Look at targets that end in one word, each sequence as often as it likes."""
        if target.is_floating_point():
            return
        rows = [target] if target.dim() == 2 else []
        for ids, _ in self.words if target.dim() == 1 else []:
            for steps in (ids.shape[1], ids.shape[1] - 1):  # the first word is not asked for
                if steps > 1 and target.numel() == len(ids) * steps:
                    rows.append(target.view(len(ids), steps))
        ignored = operation.given(4, "ignore_index", default=IGNORED)
        for each in rows:
            word = what_pads(each)
            if word is not None and word != ignored:
                self.tell("padding scored", operation, word, ignored)
                return

    def _look_for_dropout(self, given: Tensor, operation: Operation) -> None:
        behind = nodes_behind(given)
        for dropped, line in self._dropped:
            if dropped is given or (dropped.grad_fn is not None and dropped.grad_fn in behind):
                self.odd.append(Seen("scores dropped", line, (operation.where,)))

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd, given all of the run."""
        yield from self.odd
        for where, each in self._softmaxes.items():
            scores, shares, sizes = zip(*each, strict=True)
            shape = tuple(shares[0].shape)
            if {*sizes} == {1}:
                yield Seen("softmax of one", where, (shape,))
            elif _say_the_same(shares, part=ROUNDING):
                same = _say_the_same(scores, apart=MOVED)
                check = "same weights each time" if same else "query that cancels"
                yield Seen(check, where, (len(shares), shape))

    def read(self, returned: Any) -> Iterator[Seen]:
        """Yield losses whose first score depends on the word that it has to give.

        It may depend on all words by way of an encoder that reads them first: then on each that
        any score depends on. Where it does not on the last of those, it is looked up.
        """
        pairs = [(scored, ids, vectors) for scored in self.scored for ids, vectors in self.words]
        asked = 0
        for scored, ids, vectors in pairs:
            live = scored.scores.requires_grad and vectors.requires_grad and asked < MOST_ASKED
            if not live or scored.scores.dim() < 2 or not isinstance(scored.target, Tensor):
                continue
            ahead = _steps_ahead(scored.target, ids)
            if ahead is None:
                continue
            asked += 1
            axis, steps = ahead
            first = scored.scores.flatten(0, -2)[0]
            heard, by_any = (_words_heard(of, vectors, axis) for of in (first, scored.scores))
            if bool(heard[steps]) and not bool(heard[by_any.nonzero()[-1]].all()):
                yield Seen("target read", scored.where, (steps,))


def _of_a_log_softmax(given: Tensor) -> tuple[tuple[int, ...], int] | None:
    """Return of which shape, and along which axis, a log softmax gave what has the classes last.

    None where it was along the classes, or did not give it.
    """
    behind = nodes_behind(given)
    if not behind or not behind[-1].name().startswith("LogSoftmax"):
        return None
    whole = behind[-1]._saved_result
    axis = behind[-1]._saved_dim
    axis += whole.dim() - 2**64 if axis >= whole.dim() else 0  # a negative one, without its sign
    sums = given.detach().double().exp().sum(-1)
    apart = float(((sums - 1).abs() > SURE).double().mean())
    parted = given.shape[-1] not in whole.shape  # some classes alone
    return (tuple(whole.shape), axis) if apart > MOST_APART and not parted else None


def _say_the_same(numbers: Sequence[Tensor], part: float = 0.0, apart: float = 0.0) -> bool:
    """Return whether numbers are the same each time, in rows that are not all the same.

    They may be apart by a part of them, or by a number.
    """
    first = numbers[0]
    if len(numbers) < FEWEST_TIMES or first.dim() < 2 or torch.equal(first[1:], first[:-1]):
        return False
    return all(
        first.shape == each.shape and torch.allclose(first, each, part, apart)
        for each in numbers[1:]
    )


def _words_heard(scores: Tensor, vectors: Tensor, axis: int) -> Tensor:
    """Return which words of the first sequence scores depend on, given the axis of steps."""
    found = gradient_by(vectors, scores)
    return (found != 0).any(-1).select(1 - axis, 0)


def what_pads(ids: Tensor) -> int | None:
    """Return the word that pads sequences of words, along either axis; None if none does."""
    for each in (ids, ids.T):
        sequences = [row[:, None] for row in each.flip(1)]
        ends = ends_of(sequences) if sequences and len(sequences[0]) else []
        if ends:
            word = int(sequences[ends.index(max(ends))][0, 0])
            return word if _chance(ids, word, ends) < LEAST_CHANCE else None
    return None


def _chance(ids: Tensor, word: int, ends: Sequence[int]) -> float:
    """Return how many batches of words drawn as these are would end so in one word, as a part."""
    _, counts = ids[ids != word].unique(return_counts=True)
    alike = float((counts / counts.sum()).square().sum())  # two words drawn
    return math.comb(len(ends), sum(map(bool, ends))) * alike ** (sum(ends) - 1)


def _steps_ahead(target: Tensor, ids: Tensor) -> tuple[int, int] | None:
    """Return along which axis of words, and how far on, the right classes are words of the input.

    None if they are not, or if all words are one.
    """
    if target.is_floating_point() or bool((ids == ids.flatten()[0]).all()):
        return None
    flat = target.flatten()
    for axis in (1, 0):
        length = ids.shape[axis] - 1
        later = ids.narrow(axis, 1, length)
        if length > 1 and torch.equal(flat, later.flatten()):
            return axis, 1
        if length > 1 and flat.numel() == ids.numel():
            own = flat.view_as(ids)
            if torch.equal(own.narrow(axis, 0, length), later):
                return axis, 1
            if torch.equal(own, ids):
                return axis, 0
    return None
