"""Recall: name the first letter of a string, after many others that do not matter."""

import dataclasses
import functools
from collections.abc import Iterator

import torch
from torch import Tensor

from rnn_figures.training.experiment import IGNORED, Batch, Experiment
from rnn_figures.training.networks import Network, fresh_layer

LETTERS = "abcd"
"""What is to be recalled: the first symbol of each string."""

DISTRACTORS = "wxyz"
"""What comes between, drawn at random."""

FILLER = "-"
"""What comes between in the other form of the question: always the same."""

SYMBOLS = LETTERS + DISTRACTORS + FILLER + "?"

BETWEEN = 18
"""Symbols that come between, in training."""

TRIED = (18, 30, 60, 120, 240)
"""Symbols that come between, where the networks are tried."""

STRINGS = 200
"""Strings of each length that are tried."""

BATCH = 32
TRIED_FROM = 1_000_003
"""Seed of the strings that are tried: no network is trained from it."""


def strings(between: int, count: int, generator: torch.Generator, *, among: str) -> Tensor:
    """Return random strings, (between + 2, count): a letter, `between` symbols, a question mark."""
    first = torch.randint(0, len(LETTERS), (1, count), generator=generator)
    numbers = torch.tensor([SYMBOLS.index(symbol) for symbol in among])
    others = numbers[torch.randint(0, len(among), (between, count), generator=generator)]
    last = torch.full((1, count), SYMBOLS.index("?"))
    return torch.cat([first, others, last])


def right(network: Network, symbols: Tensor) -> float:
    """Return the share of strings, columns, whose first letter is named at the question mark."""
    with torch.no_grad():
        said = network(symbols)[-1].argmax(dim=-1)
    return (said == symbols[0]).double().mean().item()


def due(text: str) -> list[tuple[str, ...]]:
    """Return the first letter where a question mark stands; elsewhere nothing is asked.

    Examples:
        >>> due("bx?")
        [(), (), ('b',)]
    """
    return [(text[0],) if symbol == "?" else () for symbol in text]


def _batches(among: str, seed: int) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(seed)
    while True:
        symbols = strings(BETWEEN, BATCH, generator, among=among)
        targets = torch.full_like(symbols, IGNORED)
        targets[-1] = symbols[0]
        yield Batch(symbols, targets)


def _measure(among: str, network: Network) -> dict[str, float]:
    generator = torch.Generator().manual_seed(TRIED_FROM)
    tried = {between: strings(between, STRINGS, generator, among=among) for between in TRIED}
    return {f"right after {between}": right(network, read) for between, read in tried.items()}


def _fresh(hidden_size: int, kind: str) -> Network:
    layer = fresh_layer(kind, len(SYMBOLS), hidden_size)
    return Network(layer, symbols=SYMBOLS, answers=tuple(LETTERS))


RECALL = Experiment(
    name="recall",
    question="Can it name the first letter after 18 others that it must not mind?",
    kinds=("RNN", "GRU", "LSTM", "LSTM, forget bias 1", "LSTM, forget bias 3"),
    steps=1500,
    fresh=functools.partial(_fresh, 16),
    batches=functools.partial(_batches, DISTRACTORS),
    measure=functools.partial(_measure, DISTRACTORS),
    due=due,
    enough=0.05,
)

RECALL_CONSTANT = dataclasses.replace(
    RECALL,
    name="recall-constant",
    question="The same where what comes between is always the same symbol: is one kind worse?",
    steps=1000,
    fresh=functools.partial(_fresh, 8),
    batches=functools.partial(_batches, FILLER),
    measure=functools.partial(_measure, FILLER),
    rate=0.02,
)
