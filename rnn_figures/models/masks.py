"""What a model hides: masks that are thrown away, turned round, or made of numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from rnn_figures.models.scoring import Odd, what_pads

HIDES = -1e4
"""A number from which downwards a score is taken to be hidden."""


class Masks:
    """The masks of one run."""

    def __init__(self) -> None:
        self._odd: list[Odd] = []
        self._waiting: dict[int, tuple[Tensor, str]] = {}
        self._hidden: list[tuple[Tensor, str]] = []

    def take(self, args: Sequence[Any]) -> None:
        """Take down that something is read: it is not thrown away."""
        for value in args if self._waiting else ():
            for part in value if isinstance(value, tuple | list) else (value,):
                self._waiting.pop(id(part), None)

    def fill(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep what is hidden, and wait for a function that reads what came of it."""
        names = dict(zip(("input", "mask", "value"), args, strict=False)) | named
        self._waiting[id(returned)] = returned, where
        value = names["value"]
        if isinstance(value, int | float) and value <= HIDES:
            self._hidden.append((names["mask"], where))

    def invert(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Look at ~ of whole numbers, which is no other of 0 and 1."""
        given = args[0] if args else named["input"]
        if given.dtype != torch.bool and bool(((given == 0) | (given == 1)).all()):
            self._odd.append(Odd("not of numbers", where))

    def attend(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep what an attention hides, and look at which steps of which."""
        own = named.get("key_padding_mask")
        if isinstance(own, Tensor):
            self._hidden.append((_where_hidden(own), where))
        between = named.get("attn_mask")
        square = isinstance(between, Tensor) and between.dim() == 2 and len(between) > 2
        if square and between.shape[0] == between.shape[1]:
            hidden = _where_hidden(between)
            if torch.equal(hidden, torch.ones_like(hidden).tril(-1)):
                self._odd.append(Odd("mask of the past", where))

    def seen(
        self, words: Sequence[tuple[Tensor, Tensor]], results: Sequence[Tensor]
    ) -> Iterator[Odd]:
        """Yield what is odd in what was hidden.

        Args:
            words: What embeddings read, with the vectors that they gave.
            results: What the model returns.
        """
        yield from self._odd
        kept = {id(value) for value in results}
        for value, where in self._waiting.values():
            if id(value) not in kept:
                yield Odd("mask thrown away", where, (tuple(value.shape),))
        for ids, _ in words:
            pad = what_pads(ids)
            if pad is None:
                continue
            for hidden, where in self._hidden:
                same = hidden.numel() == ids.numel()
                if same and torch.equal(hidden.reshape(ids.shape), ids != pad):
                    yield Odd("mask turned round", where, (pad,))


def _where_hidden(mask: Tensor) -> Tensor:
    """Return where a mask hides: True of booleans, a low number of others."""
    return mask if mask.dtype == torch.bool else mask <= HIDES
