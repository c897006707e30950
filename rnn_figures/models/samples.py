"""Whether a result keeps samples of several sequences each apart, as documents of sentences."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnn_figures.models.graphs import tensors_in
from rnn_figures.models.readers import first_tensors, projected

FEWEST = 3
"""Samples from which on it is no chance that one reads of another."""


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
        found = projected([result[row]], [vectors]).get(id(vectors))
        if found is None or bool(found.isnan().any()):
            return False
        read = (found != 0).flatten(1).any(1)
        own = torch.arange(len(read), device=read.device)
        if not bool((read & ((own < first) | (own >= first + several))).any()):
            return False
    return True
