"""Texts, read character by character: what can be read, and passages drawn from a text."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_figures.training.experiment import Batch, Experiment
from rnn_figures.training.networks import Network, fresh_layer

EMBEDDING, HIDDEN = 32, 64
"""Numbers that stand for a character, and units of the layer."""

TRAINED_LENGTH, BATCH = 240, 32
"""Characters of a passage, always read from zero states, and passages side by side."""

FAR = 40
"""A character in this column, counted from 1, or beyond it is far from its line's beginning."""

OTHER = "\N{REPLACEMENT CHARACTER}"
"""What every character that is not a symbol is read as."""

SYMBOLS = "\n" + "".join(map(chr, range(32, 127))) + OTHER
"""What the networks read and predict: the newline, what ASCII prints, and OTHER."""

TABLE = np.array([(SYMBOLS.find(chr(point)) + len(SYMBOLS)) % len(SYMBOLS) for point in range(128)])
"""The number of the symbol of each code point of ASCII; the last one, 127, is not a symbol."""


def numbers(text: str) -> Tensor:
    r"""Return the number of each character's symbol, (len(text),), int64.

    Examples:
        >>> numbers("\n a€").tolist()
        [0, 1, 66, 96]
    """
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).clip(max=len(TABLE) - 1)
    return torch.from_numpy(TABLE[points])


def reader(kind: str) -> Network:
    """Return a new network that reads characters and predicts the next one."""
    layer = fresh_layer(kind, EMBEDDING, HIDDEN)
    return Network(layer, symbols=SYMBOLS, answers=tuple(SYMBOLS), one_hot=False)


def mark_lines(text: str, column: np.ndarray, indent: np.ndarray, *, deep: int) -> None:
    """Mark what is at column FAR or beyond, and of lines that begin with `deep` spaces the rest."""
    for line in re.finditer(r".+", text):
        column[line.start() + FAR - 1 : line.end()] = True
        if line[0].startswith(" " * deep):
            indent[line.start() + deep - 1 : line.end()] = True


def text_experiment(
    name: str,
    question: str,
    *,
    steps: int,
    text: Callable[[], str],
    measure: Callable[[Network], dict[str, Any]],
) -> Experiment:
    """Return the experiment of networks that read passages from anywhere in a text."""
    return Experiment(
        name=name,
        question=question,
        kinds=("LSTM",),
        steps=steps,
        rate=0.008,
        stored=torch.float16,
        kept=2,
        fresh=reader,
        due=lambda read: [()] * len(read),  # any character may follow another
        batches=lambda seed: random_passages(text(), seed),
        measure=measure,
    )


def random_passages(text: str, seed: int) -> Iterator[Batch]:
    """Yield passages from anywhere in a text, and for each character the one after it."""
    symbols = numbers(text)
    generator = torch.Generator().manual_seed(seed)
    steps = torch.arange(TRAINED_LENGTH + 1).unsqueeze(1)  # (L + 1, 1)
    while True:
        starts = torch.randint(len(symbols) - TRAINED_LENGTH, (BATCH,), generator=generator)
        drawn = symbols[steps + starts]  # (L + 1, N)
        yield Batch(drawn[:-1], drawn[1:])
