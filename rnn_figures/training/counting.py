"""Counting: after a a … a, as many b as there were a, and then the end."""

import itertools
from collections.abc import Iterator

import torch

from rnn_figures.training.experiment import IGNORED, Batch, Experiment
from rnn_figures.training.networks import Network, fresh_layer

SYMBOLS = "$ab"
"""What the networks read and predict: $ is where a string starts, and where it ends."""

LONGEST_TRAINED = 10
"""All strings of 1 to this number of a are trained on, at each step."""

LONGEST_TRIED = 250
"""Strings of 1 to this number of a are tried."""


def string(n: int) -> str:
    """Return the string of n a and n b, without its end.

    Examples:
        >>> string(2)
        '$aabb'
    """
    return "$" + "a" * n + "b" * n


def _batch(counts: list[int]) -> Batch:
    """Return the strings of these counts, side by side; after the end of one nothing is asked."""
    longest = 2 * max(counts) + 1
    symbols = torch.zeros(longest, len(counts), dtype=torch.int64)
    targets = torch.full_like(symbols, IGNORED)
    for column, n in enumerate(counts):
        numbers = torch.tensor([SYMBOLS.index(symbol) for symbol in string(n) + "$"])
        symbols[: 2 * n + 1, column] = numbers[:-1]
        targets[: 2 * n + 1, column] = numbers[1:]
    return Batch(symbols, targets)


def batches(seed: int) -> Iterator[Batch]:
    """Yield all strings of 1 to LONGEST_TRAINED a, again and again: the seed changes nothing."""
    return itertools.repeat(_batch(list(range(1, LONGEST_TRAINED + 1))))


def right(network: Network, counts: list[int]) -> list[bool]:
    """Return for each count whether a network says b while b are due, and then the end.

    Only what follows from the string is asked: after an a, another a or the first b may come.
    """
    symbols, targets = _batch(counts)
    with torch.no_grad():
        best = network(symbols).argmax(dim=-1)
    asked = (symbols == SYMBOLS.index("b")) & (targets != IGNORED)
    return ((best == targets) | ~asked).all(dim=0).tolist()


def due(text: str) -> list[tuple[str, ...]]:
    """Return which symbols may follow each symbol of a text; none after what is not such a string.

    Examples:
        >>> due("$ab")
        [('a',), ('a', 'b'), ('$',)]
    """
    found: list[tuple[str, ...]] = []
    for length in range(1, len(text) + 1):
        before, n = text[:length], text[:length].count("a")
        if not string(n).startswith(before):
            found.append(())
        elif before.endswith("$"):
            found.append(("a",))
        elif before.endswith("a"):
            found.append(("a", "b"))
        else:
            found.append(("$",) if before == string(n) else ("b",))
    return found


def measure(network: Network) -> dict[str, int]:
    """Return up to which n every string is right, and how many of all that are tried."""
    found = right(network, list(range(1, LONGEST_TRIED + 1)))
    return {
        "right up to n": (*found, False).index(False),
        f"right of n = 1 to {LONGEST_TRIED}": sum(found),
    }


COUNTING = Experiment(
    name="counting",
    question="Can it say as many b as it read a, also for more a than it was trained on?",
    kinds=("RNN", "GRU", "LSTM"),
    steps=1500,
    rate=0.02,
    fresh=lambda kind: Network(
        fresh_layer(kind, len(SYMBOLS), 2), symbols=SYMBOLS, answers=tuple(SYMBOLS)
    ),
    batches=batches,
    measure=measure,
    due=due,
)
