"""Networks trained again: other seeds than the shipped ones, fewer of them and with fewer steps."""

import functools
from typing import Any, NamedTuple

import torch

from rnn_figures.training import EXPERIMENTS, Network

SEEDS = (10, 11, 12)
"""None of the seeds that are shipped."""

STEPS = {"recall": 600, "recall-constant": 600, "source-text": 800, "prose": 600}
"""At most so many steps a network; of the other experiments as many as of the shipped ones."""


class Anew(NamedTuple):
    """A network that was trained again.

    Attributes:
        network: Trained, ready to read.
        steps: How many steps it took.
        loss: Of the last one.
        measured: What the experiment measures.
    """

    network: Network
    steps: int
    loss: float
    measured: dict[str, Any]


@functools.cache
def anew(name: str, kind: str = "LSTM") -> list[Anew]:
    """Train a kind of an experiment from each seed, once for all tests."""
    torch.set_num_threads(1)
    return [_train(name, kind, seed) for seed in SEEDS]


def _train(name: str, kind: str, seed: int) -> Anew:
    experiment = EXPERIMENTS[name]
    network = experiment.network(kind, seed)
    losses = list(experiment.train(network, seed, steps=STEPS.get(name)))
    network.eval()
    return Anew(network, len(losses), losses[-1], experiment.measure(network))
