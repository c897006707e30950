"""What may mix sequences: what was made on the way, and samples of several sequences each.

A document of sentences is such a sample, where a result keeps them apart.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rnn_figures.models.graphs import tensors_in
from rnn_figures.models.readers import Made, first_tensors, gradient_by, projected
from rnn_figures.models.recording import Recorder
from rnn_figures.models.scoring import Scoring
from rnn_figures.models.unused import Uses
from rnn_figures.models.watchers import ANYONE, SOFTMAXES, VIEWS, Operation, Seen, Watcher, watches

FEWEST = 3
"""Samples from which on it is no chance that one reads of another."""

MOST_MADE = 200
"""Tensors that are kept to look for what mixes sequences."""


class Mixing(Watcher):
    """What may mix the sequences of one run.

    Attributes:
        made: What views, softmaxes, attentions and batch norms returned.
        mixed: Samples, and their sequences, if a result of one reads others'; None if not, and
            until it is read.
    """

    def __init__(self, recorder: Recorder, scoring: Scoring, uses: Uses) -> None:
        super().__init__(recorder)
        self.made: list[Made] = []
        self.mixed: tuple[int, int] | None = None
        self._scoring, self._uses = scoring, uses

    @watches(*VIEWS)
    @watches(*SOFTMAXES, by=ANYONE)
    def make(self, operation: Operation) -> None:
        """Keep a view or a softmax."""
        self._keep(operation.where, operation.returned)

    @watches(functional.multi_head_attention_forward, by=ANYONE)
    def attend(self, operation: Operation) -> None:
        """Keep what an attention gave."""
        self._keep(operation.where, operation.returned[0])

    @watches(functional.batch_norm, by=ANYONE)
    def norm(self, operation: Operation) -> None:
        """Keep a batch norm, which mixes on purpose."""
        self._keep(operation.where, operation.returned, mixes=True)

    def _keep(self, where: str, value: Tensor, *, mixes: bool = False) -> None:
        if value.requires_grad and self.recorder.calls and len(self.made) < MOST_MADE:
            self.made.append(Made(where, value, mixes))

    def read(self, returned: Any) -> Sequence[Seen]:
        """Measure whether a result mixes samples."""
        if not any(each.mixes for each in self.made):
            self.mixed = mixed_samples(self._scoring.words, self._uses.given, returned)
        return [*self._read_alone(returned)]

    def _read_alone(self, returned: Any) -> Iterator[Seen]:
        """Yield the cells of whose sequences a result reads one, the first or last, at each step.

        It has an entry for each step then, or is one number.
        """
        results = [value for value in first_tensors(returned) if value.requires_grad]
        sizes = {size for value in results for size in value.shape}
        states: dict[str, list[Tensor]] = {}
        for call, live in self.recorder.pairs:
            if live.answer is None and live.states[0].requires_grad:
                states.setdefault(call.name, []).append(live.states[0])
        for name, own in states.items():
            several = {len(state) for state in own if state.dim() == 2}
            if not results or len(several) != 1 or min(len(own), *several) < FEWEST:
                continue
            found = projected(results, own)
            read = [found[id(state)].any(-1) for state in own if id(state) in found]
            if len(read) < len(own) or (sizes and len(own) not in sizes):
                continue
            first = read[0].nonzero().flatten().tolist()
            alone = len(first) == 1 and first[0] in (0, len(read[0]) - 1)
            if alone and all(torch.equal(read[0], each) for each in read):
                yield Seen("one sequence read", "", (len(read[0]), first[0], len(own)), name)


def mixed_samples(
    words: Sequence[tuple[Tensor, Tensor]], given: object, returned: object
) -> tuple[int, int] | None:
    """Return how many samples there are, of how many sequences, if a result of one reads others.

    It is known which sequences are one sample's where an embedding reads an argument of the model
    itself, with the axis of samples and that of their sequences joined.

    Args:
        words: What embeddings read, with the vectors that they gave.
        given: What the model was given.
        returned: What it returned.
    """
    for ids, vectors in words:
        for value in tensors_in(given):
            samples = len(value) if value.dim() > 2 else 0
            several = _joined(value, ids) if samples >= FEWEST and vectors.requires_grad else 0
            for result in first_tensors(returned) if several > 1 else []:
                own = result.requires_grad and list(result.shape).count(samples) == 1
                if own and len(result) == samples and _reads_others(result, vectors, several):
                    return samples, several
    return None


def _joined(value: Tensor, ids: Tensor) -> int:
    """Return how many sequences a sample has, if these words are an argument's, axes joined."""
    same = ids.untyped_storage().data_ptr() == value.untyped_storage().data_ptr()
    whole = same and ids.numel() == value.numel() and ids.is_contiguous() and value.is_contiguous()
    return len(ids) // len(value) if whole and len(ids) % len(value) == 0 else 0


def _reads_others(result: Tensor, vectors: Tensor, several: int) -> bool:
    """Return whether the first and the last row of a result read sequences of other samples."""
    for row, first in ((0, 0), (-1, len(vectors) - several)):
        found = gradient_by(vectors, result[row])
        if bool(found.isnan().any()):
            return False
        read = (found != 0).flatten(1).any(1)
        own = torch.arange(len(read), device=read.device)
        if not bool((read & ((own < first) | (own >= first + several))).any()):
            return False
    return True
