"""What a model hides: masks that are thrown away, turned round, of numbers, or of no effect."""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from rnn_figures.models.graphs import tensors_in
from rnn_figures.models.layouts import SURE
from rnn_figures.models.recording import Recorder
from rnn_figures.models.scoring import Scoring, what_pads
from rnn_figures.models.unused import Uses
from rnn_figures.models.watchers import (
    ANYONE,
    PRODUCTS,
    SOFTMAXES,
    Operation,
    Seen,
    Watcher,
    both,
    watches,
)
from rnn_figures.numbers import digits

HIDES = -1e4
"""A number from which downwards a score is taken to be hidden."""

MOST_RECENT = 100
"""What was hidden, and shared out, that is kept: the latest, since a loop does so at each step."""

FEWEST_PLACES = 3
"""Places from which on it shows that they are counted."""


class _Filled(NamedTuple):
    """What a mask hid, by which number, on which line."""

    value: Tensor
    mask: Tensor
    number: float
    where: str


class _Left(NamedTuple):
    """What a mask left of what a softmax shared out along an axis, on which line."""

    left: Tensor
    axis: int
    where: str


class Masks(Watcher):
    """The masks of one run.

    Args:
        recorder: The calls of layers.
        scoring: The words that it reads.
        uses: What the run's functions take.
    """

    def __init__(self, recorder: Recorder, scoring: Scoring, uses: Uses) -> None:
        super().__init__(recorder)
        self._scoring, self._uses = scoring, uses
        self._filled: list[tuple[Tensor, str]] = []
        self._hidden: list[tuple[Tensor, str]] = []
        self._low: deque[_Filled] = deque(maxlen=MOST_RECENT)
        self._shared: deque[tuple[Tensor, int]] = deque(maxlen=MOST_RECENT)
        self._masked: list[_Left] = []

    @watches(*both("masked_fill"))
    def fill(self, operation: Operation) -> None:
        """Keep what is hidden, and wait for a function that reads what came of it."""
        self._filled = [each for each in self._filled if self._uses.waits_for(each[0])]
        self._filled.append((operation.returned, operation.where))
        self._uses.expect(operation.returned)
        value = operation.given(2, "value")
        given, mask = operation.given(0, "input"), operation.given(1, "mask")
        if not isinstance(value, int | float):
            return
        if value <= HIDES:
            self._hidden.append((mask, operation.where))
        self._low.append(_Filled(operation.returned, mask, value, operation.where))
        if value == 0:
            self._mask(given, ~mask, operation)

    @watches(*SOFTMAXES, by=ANYONE)
    def share(self, operation: Operation) -> None:
        """Look at what a softmax shares out to what was to be hidden from it, and keep it."""
        given, axis = operation.given(0, "input"), operation.given(1, "dim")
        if axis is None:
            return
        for each in self._low:
            if each.value is given:
                mask = each.mask.expand(given.shape)
                shares = operation.returned.detach()
                shares = shares.exp() if bool((shares < 0).any()) else shares
                lost = (shares * mask).sum(axis)[~mask.all(axis)]
                if bool((lost > SURE).any()):
                    self.odd.append(Seen("hidden by too little", each.where, (each.number,)))
        self._shared.append((operation.returned, axis))

    @watches(*PRODUCTS)
    def multiply(self, operation: Operation) -> None:
        """Look at shares that are multiplied by a mask."""
        pair = operation.given(0, "input"), operation.given(1, "other")
        for shares, mask in (pair, pair[::-1]):
            shared = any(shares is each for each, _ in self._shared)
            if shared and isinstance(mask, Tensor) and bool(((mask == 0) | (mask == 1)).all()):
                self._mask(shares, mask.bool(), operation)

    def _mask(self, given: Any, shown: Tensor, operation: Operation) -> None:
        """Keep what a mask leaves of shares where it takes some of them, in a row that has others.

        What hides a row hides no share of it alone.
        """
        left = operation.returned
        for shares, axis in self._shared:
            if shares is given and left.shape == given.shape:
                shown = shown.expand(given.shape)
                lost = (given.detach() * ~shown).sum(axis)[shown.any(axis)]
                if bool((lost > SURE).any()):
                    self._masked.append(_Left(left, axis, operation.where))

    @watches(*both("sum"))
    @watches(functional.normalize, by=ANYONE)
    def sum(self, operation: Operation) -> None:
        """Leave alone what is summed, and so may be shared out anew."""
        given = operation.given(0, "input")
        self._masked = [each for each in self._masked if each.left is not given]

    @watches(*both("le", "ge", "lt", "gt"))
    def compare(self, operation: Operation) -> None:
        """Look at places, counted from 0, up to a length and not below it.

        x <= n and n >= x show a place too many, x > n and n < x hide one too few: the places that
        a length is beside say which of them it is.
        """
        pair = operation.given(0, "input"), operation.given(1, "other")
        if not all(isinstance(part, Tensor) and part.dtype == torch.int64 for part in pair):
            return
        for places, lengths in (pair, pair[::-1]):
            count = places.numel()
            if count < FEWEST_PLACES or count != max(places.shape) or not lengths.numel():
                continue
            counted = torch.equal(places.flatten(), torch.arange(count, device=places.device))
            short = (lengths < count) & (lengths > 0)
            if not counted or int(lengths.max()) != count or not bool(short.any()):
                continue
            shown = operation.returned
            if any(torch.equal(shown, each) for each in (places <= lengths, places > lengths)):
                self.tell("mask a step too long", operation)

    @watches(*both("bitwise_not"), Tensor.__invert__)
    def invert(self, operation: Operation) -> None:
        """Look at ~ of whole numbers, which is no other of 0 and 1."""
        given = operation.given(0, "input")
        if given.dtype != torch.bool and bool(((given == 0) | (given == 1)).all()):
            self.tell("not of numbers", operation)

    @watches(functional.multi_head_attention_forward, by=ANYONE)
    def attend(self, operation: Operation) -> None:
        """Keep what an attention hides, and look at which steps of which."""
        own = operation.named.get("key_padding_mask")
        if isinstance(own, Tensor):
            self._hidden.append((_where_hidden(own), operation.where))
        between: Any = operation.named.get("attn_mask")
        square = isinstance(between, Tensor) and between.dim() == 2 and len(between) > 2
        if square and between.shape[0] == between.shape[1]:
            hidden = _where_hidden(between)
            if torch.equal(hidden, torch.ones_like(hidden).tril(-1)):
                self.tell("mask of the past", operation)

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in what was hidden."""
        yield from self.odd
        for each in self._masked:
            least = float(each.left.detach().sum(each.axis).min())
            yield Seen("masked after its softmax", each.where, (digits(least),))
        kept = {id(value) for value in tensors_in(returned)}
        for value, where in self._filled:
            if self._uses.waits_for(value) and id(value) not in kept:
                yield Seen("mask thrown away", where, (tuple(value.shape),))
        for ids, _ in self._scoring.words:
            pad = what_pads(ids)
            if pad is None:
                continue
            for hidden, where in self._hidden:
                same = hidden.numel() == ids.numel()
                if same and torch.equal(hidden.reshape(ids.shape), ids != pad):
                    yield Seen("mask turned round", where, (pad,))


def _where_hidden(mask: Tensor) -> Tensor:
    """Return where a mask hides: True of booleans, a low number of others."""
    return mask if mask.dtype == torch.bool else mask <= HIDES
