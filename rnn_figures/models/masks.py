"""What a model hides: masks that are thrown away, turned round, or made of numbers."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rnn_figures.models.graphs import tensors_in
from rnn_figures.models.recording import Recorder
from rnn_figures.models.scoring import Scoring, what_pads
from rnn_figures.models.unused import Uses
from rnn_figures.models.watchers import ANYONE, Operation, Seen, Watcher, both, watches

HIDES = -1e4
"""A number from which downwards a score is taken to be hidden."""


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

    @watches(*both("masked_fill"))
    def fill(self, operation: Operation) -> None:
        """Keep what is hidden, and wait for a function that reads what came of it."""
        self._filled = [each for each in self._filled if self._uses.waits_for(each[0])]
        self._filled.append((operation.returned, operation.where))
        self._uses.expect(operation.returned)
        value = operation.given(2, "value")
        if isinstance(value, int | float) and value <= HIDES:
            self._hidden.append((operation.given(1, "mask"), operation.where))

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
