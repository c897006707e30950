"""One question to small networks: what they read, how they are trained, what is measured."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.training.networks import Network

IGNORED = -100
"""The target where nothing is asked; the default of torch's cross entropy."""

LONGEST_GRADIENT = 1.0
"""Gradients of all weights together are shortened to this norm, in every experiment."""

SETTLED = 10
"""Steps in a row that must have a loss below `enough` before training ends."""

DIGESTED = 20
"""Batches that make the digest of what a network was trained on."""


class Batch(NamedTuple):
    """Some sequences, and what is asked after each symbol.

    Attributes:
        symbols: Numbers of symbols, (L, N), int64.
        targets: Numbers of the right answers, (L, N), int64; IGNORED where nothing is asked.
    """

    symbols: Tensor
    targets: Tensor


def loss_on(batch: Batch, network: Network) -> Tensor:
    """Return the mean cross entropy of a network's scores where something is asked, ()."""
    scores, targets = network(batch.symbols).flatten(0, 1), batch.targets.flatten()
    return nn.functional.cross_entropy(scores, targets, ignore_index=IGNORED)


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment:
    """One question, put to networks of several kinds, each trained from several seeds.

    Attributes:
        name: As `rnn-figures train` takes it.
        question: What it is to find out, in one line.
        kinds: Names of what is compared, such as "RNN", "GRU", "LSTM".
        steps: How many steps a network is trained, at most.
        fresh: Makes a new network of a kind, from torch's random state.
        batches: Yields what a network is trained on, without an end, from a seed.
        measure: Returns what a trained network can do, as JSON can hold it.
        due: Returns for each symbol of a text which answers are right after it; none where
            nothing is asked.
        seeds: How many networks of each kind.
        rate: Adam's learning rate.
        enough: Training ends once SETTLED losses in a row are below this; None for all steps.
        stored: In which precision weights are kept; they are measured as they are kept.
        kept: Of how many seeds the weights are kept; of the others only what was measured. None
            for all.
    """

    name: str
    question: str
    kinds: tuple[str, ...]
    steps: int
    fresh: Callable[[str], Network]
    batches: Callable[[int], Iterator[Batch]]
    measure: Callable[[Network], dict[str, Any]]
    due: Callable[[str], list[tuple[str, ...]]]
    seeds: int = 5
    rate: float = 0.01
    enough: float | None = None
    stored: torch.dtype = torch.float32
    kept: int | None = None

    def network(self, kind: str, seed: int) -> Network:
        """Return a new network of a kind; the caller's random state stays as it was."""
        if kind not in self.kinds:
            raise ValueError(f"expected a kind among {'; '.join(self.kinds)}, got {kind!r}")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.fresh(kind)

    def train(self, network: Network, seed: int, *, steps: int | None = None) -> Iterator[float]:
        """Train a network in place; yield the loss of each step before the next one starts.

        Between two steps the network can be looked at. The same seed, network and machine give the
        same weights, whoever asks.
        """
        adam = torch.optim.Adam(network.parameters(), lr=self.rate)
        settled = 0
        for batch in itertools.islice(self.batches(seed), self.steps if steps is None else steps):
            loss = loss_on(batch, network)
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), LONGEST_GRADIENT)
            adam.step()
            yield loss.item()
            settled = settled + 1 if self.enough and loss.item() < self.enough else 0
            if settled == SETTLED:
                return

    def digest(self, seed: int) -> str:
        """Return the SHA-256 of the first batches of a seed, in hex."""
        found = hashlib.sha256()
        for batch in itertools.islice(self.batches(seed), DIGESTED):
            for part in batch:
                found.update(repr(tuple(part.shape)).encode())
                found.update(part.contiguous().numpy().tobytes())
        return found.hexdigest()
