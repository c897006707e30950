"""Counting again, watched: networks that keep what their weights were while they were trained."""

import copy
import dataclasses

import torch
from torch import Tensor, nn

from rnn_figures.training.counting import COUNTING, SYMBOLS
from rnn_figures.training.experiment import loss_on
from rnn_figures.training.networks import Network, fresh_layer

STEPS = COUNTING.steps
"""Steps that a network is trained."""

SEEN = tuple(
    sorted(
        {*range(10), *range(10, 50, 5), *range(50, 200, 25), *range(200, 500, 50)}
        | {*range(500, 1000, 100), *range(1000, STEPS, 200)}
    )
)
"""Numbers of steps after which the weights are kept; and at the end."""


class WatchedNetwork(Network):
    """A network that keeps its weights as they were after each number of steps in SEEN.

    In training mode each call is taken for a step. What was kept is a part of its state: it is
    stored and read with the weights.

    Attributes:
        kept: All weights in a row as they were then, (len(SEEN), number of weights).
        calls: How many steps there were, a whole number.
    """

    kept: Tensor
    calls: Tensor

    def __init__(self, layer: nn.RNNBase, *, symbols: str, answers: tuple[str, ...]) -> None:
        super().__init__(layer, symbols=symbols, answers=answers)
        weights = nn.utils.parameters_to_vector(self.parameters())
        self.register_buffer("kept", torch.zeros(len(SEEN), len(weights)))
        self.register_buffer("calls", torch.tensor(0))

    def forward(self, symbols: Tensor) -> Tensor:
        """Return the score of each answer after each symbol; keep the weights if it is time to."""
        if self.training:
            if int(self.calls) in SEEN:
                weights = nn.utils.parameters_to_vector(self.parameters())
                self.kept[SEEN.index(int(self.calls))] = weights.detach()
            self.calls += 1
        return super().forward(symbols)

    def after(self, steps: int) -> Network:
        """Return the network as it was after this number of steps, 0 for before the first."""
        if steps not in (*SEEN, STEPS):
            told = ", ".join(map(str, SEEN))
            raise ValueError(f"expected a number of steps among {told}, {STEPS}; got {steps}")
        then = copy.deepcopy(self).eval()
        if steps in SEEN:
            nn.utils.vector_to_parameters(self.kept[SEEN.index(steps)], then.parameters())
        return then


def loss(network: Network) -> float:
    """Return the mean loss of a network on the strings of a step: all that training has."""
    with torch.no_grad():
        return float(loss_on(next(COUNTING.batches(0)), network))


WATCHED = dataclasses.replace(
    COUNTING,
    name="watched",
    question="What becomes of gates and states while a network that counts is trained?",
    kinds=("LSTM, forget bias 0", "LSTM, forget bias 3"),
    fresh=lambda kind: WatchedNetwork(
        fresh_layer(kind, len(SYMBOLS), 2), symbols=SYMBOLS, answers=tuple(SYMBOLS)
    ),
)
