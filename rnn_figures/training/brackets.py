"""Brackets: after each bracket, is everything that was opened closed again?"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from rnn_figures.training.experiment import Batch, Experiment
from rnn_figures.training.networks import Network, fresh_layer
from rnn_figures.weights import weights

SYMBOLS = "()"
ANSWERS = ("open", "closed")
"""What is said after each bracket: something is still open, or everything is closed."""

ONE_UNIT = ", one unit"
"""What a kind is called that has one unit; the others have two."""

LENGTH = 24
"""Brackets of each string that is trained on."""

LENGTHS = (24, 50, 100, 200)
"""Brackets of the random strings that are tried."""

DEEPEST_TRIED = 60
"""Depth up to which nests are tried, from 1."""

STRINGS = 500
"""Random strings of each length that are tried."""

BATCH = 32
TRIED_FROM = 1_000_003
"""Seed of the random strings that are tried: no network is trained from it."""


def nest(depth: int) -> str:
    """Return `depth` opening brackets, then as many closing ones.

    Examples:
        >>> nest(3)
        '((()))'
    """
    return "(" * depth + ")" * depth


def strings(length: int, count: int, generator: torch.Generator) -> Tensor:
    """Return random strings of brackets that never close what is not open, (length, count).

    Where nothing is open a bracket opens; elsewhere it opens or closes, with equal chances.
    """
    opens = torch.randint(0, 2, (length, count), generator=generator)
    depth = torch.zeros(count, dtype=torch.int64)
    symbols = torch.zeros(length, count, dtype=torch.int64)
    for t in range(length):
        closes = (opens[t] == 0) & (depth > 0)
        symbols[t] = closes
        depth += torch.where(closes, -1, 1)
    return symbols


def depths(symbols: Tensor) -> Tensor:
    """Return how many brackets are open after each, of the same shape."""
    return (1 - 2 * symbols).cumsum(0)


def _right_after_each(network: Network, symbols: Tensor) -> Tensor:
    with torch.no_grad():
        said = network(symbols).argmax(dim=-1)
    return said == (depths(symbols) == 0)


def right(network: Network, symbols: Tensor) -> list[bool]:
    """Return for each string, a column, whether the answer is right after every bracket."""
    return _right_after_each(network, symbols).all(dim=0).tolist()


def batches(seed: int) -> Iterator[Batch]:
    """Yield batches of random strings of LENGTH brackets, drawn from a seed."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        symbols = strings(LENGTH, BATCH, generator)
        yield Batch(symbols, (depths(symbols) == 0).long())


def due(text: str) -> list[tuple[str, ...]]:
    """Return the right answer after each bracket; none once more is closed than was open.

    Examples:
        >>> due("())")
        [('open',), ('closed',), ()]
    """
    found: list[tuple[str, ...]] = []
    depth = 0
    for bracket in text:
        depth += 1 if bracket == "(" else -1
        broken = depth < 0 or (bool(found) and not found[-1])
        found.append(() if broken else (ANSWERS[depth == 0],))
    return found


def nests(network: Network, deepest: int) -> list[bool]:
    """Return for each depth from 1 whether the answers to its nest are right."""
    longest = 2 * deepest
    symbols = torch.zeros(longest, deepest, dtype=torch.int64)
    for depth in range(1, deepest + 1):
        symbols[: 2 * depth, depth - 1] = network.read(nest(depth))[:, 0]
    beyond = torch.arange(longest).unsqueeze(1) >= 2 * torch.arange(1, deepest + 1)
    return (_right_after_each(network, symbols) | beyond).all(dim=0).tolist()


def measure(network: Network) -> dict[str, float]:
    """Return up to which depth every nest is right, and the share of random strings that are."""
    by_depth = nests(network, DEEPEST_TRIED)
    found: dict[str, float] = {"right up to depth": (*by_depth, False).index(False)}
    generator = torch.Generator().manual_seed(TRIED_FROM)
    for length in LENGTHS:
        of_length = right(network, strings(length, STRINGS, generator))
        found[f"right at length {length}"] = sum(of_length) / STRINGS
    return found


def by_hand() -> Network:
    """Return an exact counter: an LSTM of one unit whose weights nobody trained.

    All gates are open, and g is +1 for an opening bracket and -1 for a closing one, so that c is
    the number of open brackets. h = tanh(c) is 0 only where c is.
    """
    layer = nn.LSTM(len(SYMBOLS), 1)
    network = Network(layer, symbols=SYMBOLS, answers=ANSWERS)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        parts = weights(layer, 0, 0)
        parts["weight_ih"][2] = torch.tensor([20.0, -20.0])  # torch stacks i, f, g, o
        parts["bias_ih"].copy_(torch.tensor([40.0, 40.0, 0.0, 40.0]))  # σ(40) is 1 in float32
        network.readout.weight.copy_(torch.tensor([[10.0], [-10.0]]))
        network.readout.bias.copy_(torch.tensor([-3.0, 3.0]))
    return network.eval()


def _fresh(kind: str) -> Network:
    name = kind.removesuffix(ONE_UNIT)
    layer = fresh_layer(name, len(SYMBOLS), 2 if kind == name else 1)
    return Network(layer, symbols=SYMBOLS, answers=ANSWERS)


BRACKETS = Experiment(
    name="brackets",
    question="Can it tell when every bracket is closed, also deeper and longer than in training?",
    kinds=("RNN", "GRU", "LSTM", f"LSTM{ONE_UNIT}"),
    steps=1000,
    rate=0.02,
    fresh=_fresh,
    batches=batches,
    measure=measure,
    due=due,
)
