"""Whole models for the verdict: as people write them, and with one mistake of a forum post each.

computed     mistakes in what is computed around a layer, beside their twins
foretold     mistakes in what is foretold, and from what, beside their twins
held         mistakes in what scores, masks and losses are given, beside their twins
healthy      models that deserve no alarm, with the notes that are true of them
hidden       mistakes in masks, places and numbers, beside their twins
published    the same, of architectures that others published
stepping     mistakes in the state from step to step and from run to run, beside their twins
twins        mistakes, each beside the same model without
wrongly_read mistakes after the layer: what is read of what it returned
wrongly_run  mistakes in the state, the input and the weights
zoos         all of them
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_figures import Verdict, diagnose

N, L, FEATURES, UNITS = 8, 40, 5, 12
"""Sequences, steps, features, units: no two alike."""


class Model(nn.Module):
    """Parts, and a function that is its forward."""

    def __init__(self, run: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.run = run
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *given: Any, **named: Any) -> Any:
        return self.run(self, *given, **named)


class InTraining(Model):
    """A model that stays in training mode."""

    def train(self, mode: bool = True) -> "InTraining":
        return super().train()


class Case(NamedTuple):
    """A model, what it takes, and what is to be found in it.

    Attributes:
        make: Makes the model.
        given: Makes what it takes.
        due: The findings: of a sick model those that must be there, of a healthy one the notes
            that may.
    """

    make: Callable[[], nn.Module]
    given: Callable[[], tuple[Any, ...]]
    due: frozenset[str]


class Zoo(dict[str, Case]):
    """Cases by what they are, in words."""

    def add(
        self,
        name: str,
        due: str,
        run: Callable[..., Any],
        given: Callable[[], Any] | None = None,
        **parts: Callable[[], Any] | None,
    ) -> None:
        """Add a model whose forward is `run`; its parts and what it takes are made anew each time.

        What is due are findings, parted by commas. The last part is a head of 3 scores, unless
        there is another one, or None for none.
        """
        all_parts = parts if "head" in parts else parts | {"head": head()}

        def make() -> Model:
            return Model(run, **{part: build() for part, build in all_parts.items() if build})

        def taken() -> tuple[Any, ...]:
            value = (given or series)()
            return value if type(value) is tuple else (value,)

        self[name] = Case(make, taken, frozenset(filter(None, due.split(", "))))


def judged(case: Case, seed: int = 0) -> Verdict:
    """Return the verdict on a model in eval mode."""
    torch.manual_seed(seed)
    return diagnose(case.make().eval(), *case.given())


def checks(case: Case, seed: int = 0) -> frozenset[str]:
    """Return what was found in a model."""
    return frozenset(finding.check for finding in judged(case, seed).findings)


def series(*shape: int) -> Tensor:
    """Return courses that wander, (N, L, features) as a rule, each step near the one before."""
    found = torch.randn(*(shape or (N, L, FEATURES))).cumsum(1)
    return found / found.std()


def noise(*shape: int) -> Tensor:
    return torch.randn(*(shape or (N, L, FEATURES)))


def tokens(below: int = 20, *shape: int) -> Tensor:
    return torch.randint(below, shape or (N, L))


def lengths() -> Tensor:
    return torch.tensor([L, 35, 30, 26, 22, 17, 12, 9])


def padded() -> Tensor:
    """Return a batch of unequal lengths, zeros at the ends."""
    x = series()
    for row, length in zip(x, lengths(), strict=True):
        row[length:] = 0
    return x


def padding(of: Tensor) -> Tensor:
    """Return where a batch of these lengths has padding, (N, the longest)."""
    return torch.arange(int(of.max())) >= of[:, None]


def in_front() -> Tensor:
    """Return a batch of unequal lengths, zeros before the steps."""
    x = padded()
    return torch.stack([row.roll(L - int(n), 0) for row, n in zip(x, lengths(), strict=True)])


def packed(x: Tensor, of: Tensor) -> Any:
    return pack_padded_sequence(x, of, batch_first=True, enforce_sorted=False)


def unpacked(x: Any) -> Tensor:
    return pad_packed_sequence(x, batch_first=True)[0]


def lstm(inputs: int = FEATURES, units: int = UNITS, **options: Any) -> nn.LSTM:
    return nn.LSTM(inputs, units, batch_first=True, **options)


def gru(inputs: int = FEATURES, units: int = UNITS, **options: Any) -> nn.GRU:
    return nn.GRU(inputs, units, batch_first=True, **options)


def steps_of(x: Tensor) -> Iterator[Tensor]:
    """Walk the steps of (N, L, features)."""
    return iter(x.transpose(0, 1))


def head(inputs: int = UNITS, outputs: int = 3) -> Callable[[], nn.Linear]:
    return lambda: nn.Linear(inputs, outputs)


def embed(size: int = FEATURES) -> nn.Embedding:
    return nn.Embedding(20, size, padding_idx=0)


def two_ways(layers: int = 2) -> nn.LSTM:
    return lstm(bidirectional=True, num_layers=layers)


def last(m: Any, x: Tensor) -> Tensor:
    return m.head(m.rnn(x)[0][:, -1])


def every(m: Any, x: Tensor) -> Tensor:
    return m.head(m.rnn(x)[0])


def decoded(m: Any, x: Tensor, fed: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Write seven words from the state of a reader, fed what is made of a word and its scores."""
    h, word, scores = m.rnn(x)[1][0], torch.ones(N, dtype=torch.long), []
    for _ in range(7):
        h = m.cell(m.embed(word), h)
        scores.append(m.head(h))
        word = fed(word, scores[-1])
    return torch.stack(scores, 1)


def weighted(m: Any, x: Tensor, of: Tensor, hidden: Callable[[Tensor], Tensor]) -> Tensor:
    """Weigh the steps of an unpacked output, but those that are hidden, given the padding."""
    output = unpacked(m.rnn(packed(x, of))[0])
    scores = m.score(output)[..., 0].masked_fill(hidden(padding(of)), -1e9)
    return m.head((scores.softmax(1)[..., None] * output).sum(1))
