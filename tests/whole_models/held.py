"""Mistakes in what scores, masks and losses are given, and in types, each beside its twin."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Laplace, Normal
from torch.nn import functional

from tests.whole_models import (
    FEATURES,
    UNITS,
    L,
    N,
    every,
    gru,
    head,
    last,
    lengths,
    lstm,
    noise,
    packed,
    padded,
    padding,
    series,
    steps_of,
    tokens,
    unpacked,
)
from tests.whole_models.foretold import RIGHT, WRONG
from tests.whole_models.twins import WORDS, of_parts, padded_words, twins

__all__ = ["RIGHT", "WRONG"]

cross_entropy = functional.cross_entropy

divergence = functools.partial(functional.kl_div, reduction="batchmean")


# classes
def labels(classes: int = 3) -> Tensor:
    return torch.arange(N) % classes


twins(
    "a cross-entropy of one score",
    "cross-entropy of one",
    lambda m, x: cross_entropy(last(m, x), torch.ones(N, 1)),
    lambda m, x: functional.binary_cross_entropy_with_logits(last(m, x), torch.ones(N, 1)),
    rnn=gru,
    head=head(outputs=1),
)
twins(
    "a log softmax along the steps",
    "log softmax along another axis",
    lambda m, x, y: functional.nll_loss(every(m, x).log_softmax(1).flatten(0, 1), y.flatten()),
    lambda m, x, y: functional.nll_loss(
        every(m, x).log_softmax(-1)[:, :-1].flatten(0, 1), y[:, :-1].flatten()
    ),
    lambda: (series(), tokens(3)),
    rnn=lstm,
)
RIGHT.add(
    "a log softmax of which some classes are scored",
    "",
    lambda m, x: functional.nll_loss(last(m, x).log_softmax(1)[:, 1:], labels(4)),
    rnn=lstm,
    head=head(outputs=5),
)


def written(m: Any, words: Tensor, first: int) -> Tensor:
    """Write scores into a tensor of zeros from the second word on, and score some of them."""
    steps = words.shape[1]
    scores, output = torch.zeros(steps, N, WORDS), m.rnn(m.embed(words))[0]
    for t in range(1, steps):
        scores[t] = m.head(output[:, t - 1])
    return cross_entropy(scores[first:].flatten(0, 1), words.T[first:].flatten())


twins(
    "scores of the first word, which nothing writes",
    "zeros scored",
    lambda m, x: written(m, x, 0),
    lambda m, x: written(m, x, 1),
    lambda: tokens(WORDS, N, 12),
    embed=lambda: nn.Embedding(WORDS, FEATURES),
    rnn=lstm,
    head=head(outputs=WORDS),
)


RIGHT.add(
    "scores behind a relu, all 0 in some rows",
    "",
    lambda m, x, y: cross_entropy(every(m, x).relu().flatten(0, 1), y.flatten()),
    lambda: (series(), tokens(3)),
    rnn=lstm,
)


def tagged(m: Any, words: Tensor, tags: Tensor, ignored: int, flat: bool) -> Tensor:
    scores = every(m, m.embed(words))
    if flat:
        return cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=ignored)
    return cross_entropy(scores.mT, tags, ignore_index=ignored)


def tags_of(pad: int) -> tuple[Tensor, Tensor]:
    """Return words and a tag for each, most of them 0, and others at the padding."""
    words = padded_words()
    tags = torch.where(torch.rand(N, L) < 0.7, 0, torch.randint(1, 3, (N, L)))
    return words, tags.masked_fill(words == 0, pad)


for flat in (False, True):
    for zoo, due, ignored in ((WRONG, "class left out", 0), (RIGHT, "", -1)):
        zoo.add(
            f"the tag of most words left out, {'in one row' if flat else 'row by row'}",
            due,
            lambda m, x, y, flat=flat, ignored=ignored: tagged(m, x, y, ignored, flat),
            lambda ignored=ignored: tags_of(ignored),
            embed=lambda: nn.Embedding(WORDS, FEATURES, padding_idx=0),
            rnn=lstm,
        )
RIGHT.add(
    "the words that pad left out, steps first",
    "",
    lambda m, x: cross_entropy(
        m.head(m.rnn(m.embed(x.T[:-1]))[0]).flatten(0, 1), x.T[1:].flatten(), ignore_index=0
    ),
    padded_words,
    embed=lambda: nn.Embedding(WORDS, FEATURES, padding_idx=0),
    rnn=lambda: nn.GRU(FEATURES, UNITS),
    head=head(outputs=WORDS),
)
twins(
    "scores with the steps first, and targets with the sequences first",
    "targets in another order",
    lambda m, x: cross_entropy(every(m, m.embed(x[:, :-1].T)).flatten(0, 1), x[:, 1:].flatten()),
    lambda m, x: cross_entropy(every(m, m.embed(x[:, :-1].T)).flatten(0, 1), x[:, 1:].T.flatten()),
    lambda: tokens(WORDS, N, 15),
    embed=lambda: nn.Embedding(WORDS, FEATURES),
    rnn=lambda: nn.GRU(FEATURES, UNITS),
    head=head(outputs=WORDS),
)
twins(
    "tags with the steps first, and scores with the sequences first",
    "targets in another order",
    lambda m, x, y: cross_entropy(every(m, m.embed(x)).flatten(0, 1), y.T.flatten()),
    lambda m, x, y: cross_entropy(every(m, m.embed(x)).flatten(0, 1), y.flatten()),
    lambda: (tokens(WORDS), tokens(3)),
    embed=lambda: nn.Embedding(WORDS, FEATURES),
    rnn=lstm,
)


# losses of other quantities
def texts(m: Any, x: Tensor, size: int, flat: bool) -> Tensor:
    """Score texts of some characters, two of them alike, by ten frames."""
    targets = (1 + torch.arange(size) % 3).expand(N, -1).clone()
    targets[:, 1] = targets[:, 0]
    scores = every(m, x[:, :10]).log_softmax(-1).transpose(0, 1)
    frames, of = torch.full((N,), 10), torch.full((N,), size)
    return functional.ctc_loss(scores, targets.flatten() if flat else targets, frames, of)


for flat in (False, True):
    twins(
        f"texts as long as their frames, {'in one row' if flat else 'row by row'}",
        "text longer than its frames",
        lambda m, x, flat=flat: texts(m, x, 10, flat),
        lambda m, x, flat=flat: texts(m, x, 9, flat),
        rnn=lstm,
        head=head(outputs=4),
    )
twins(
    "a rate that a loss takes for its logarithm",
    "rate for its logarithm",
    lambda m, x: functional.poisson_nll_loss(functional.softplus(last(m, x)), torch.ones(N, 3)),
    lambda m, x: functional.poisson_nll_loss(
        functional.softplus(last(m, x)), torch.ones(N, 3), log_input=False
    ),
    rnn=lstm,
)
RIGHT.add(
    "a logarithm of a rate",
    "",
    lambda m, x: functional.poisson_nll_loss(last(m, x), torch.ones(N, 3)),
    rnn=lstm,
)


def shares() -> tuple[Tensor, Tensor]:
    return series(), torch.rand(N, 3).softmax(-1)


twins(
    "a divergence of shares",
    "share for its logarithm",
    lambda m, x, y: divergence(last(m, x).softmax(-1), y),
    lambda m, x, y: divergence(last(m, x).log_softmax(-1), y),
    shares,
    rnn=lstm,
)
twins(
    "a divergence to logarithms",
    "logarithm for a share",
    lambda m, x, y: divergence(last(m, x).log_softmax(-1), y.log()),
    lambda m, x, y: divergence(last(m, x).log_softmax(-1), y.log(), log_target=True),
    shares,
    rnn=lstm,
)


def alike(m: Any, one: Tensor, other: Tensor, label: Tensor, axis: int | None) -> Tensor:
    apart = m.rnn(one)[1][0] - m.rnn(other)[1][0]
    near = (-apart.abs().sum() if axis is None else -apart.abs().sum(axis)).exp()
    return (near - label).square().mean()


twins(
    "a distance over the whole batch",
    "one for all",
    lambda m, x, y, z: alike(m, x, y, z, None),
    lambda m, x, y, z: alike(m, x, y, z, -1),
    lambda: (series(), series(), torch.arange(N) / N),
    rnn=gru,
    head=nn.Identity,
)
RIGHT.add(
    "a learned number taken off each target",
    "",
    lambda m, x, y: (last(m, x).squeeze(-1) - (y - m.middle[0])).square().mean(),
    lambda: (series(), torch.arange(N) / N),
    rnn=gru,
    middle=lambda: nn.ParameterList([nn.Parameter(torch.zeros(()))]),
    head=head(outputs=1),
)
for kind in (Normal, Laplace):
    twins(
        f"a likelihood of {kind.__name__} that is returned",
        "likelihood returned",
        lambda m, x, kind=kind: kind(last(m, x), 1.0).log_prob(x[:, -1, :3]).mean(),
        lambda m, x, kind=kind: -kind(last(m, x), 1.0).log_prob(x[:, -1, :3]).mean(),
        rnn=lstm,
    )


def entropy(m: Any, x: Tensor) -> Tensor:
    """Return a loss that is to keep what is drawn unlikely."""
    drawn = Normal(last(m, x), 1.0)
    choice = drawn.rsample()
    return drawn.log_prob(choice).mean() - m.value(choice).mean()


RIGHT.add(
    "the likelihood of the model's own samples",
    "random numbers",
    entropy,
    rnn=lstm,
    value=head(3, 1),
)


def chosen(m: Any, x: Tensor, returns: Tensor, off: bool) -> Tensor:
    """Weigh the choices by how much more came of them than a critic had expected."""
    output = m.rnn(x)[0]
    choices, value = Categorical(logits=m.head(output)), m.critic(output).squeeze(-1)
    more = returns - (value.detach() if off else value)
    likely = choices.log_prob(torch.arange(L) % 3)
    return functional.mse_loss(value, returns) - (likely * more).mean()


twins(
    "an advantage that has a gradient",
    "advantage with a gradient",
    lambda m, x, y: chosen(m, x, y, False),
    lambda m, x, y: chosen(m, x, y, True),
    lambda: (series(), noise(N, L)),
    rnn=lstm,
    critic=head(outputs=1),
)


def by_shares(m: Any, x: Tensor, y: Tensor) -> Tensor:
    """Weigh likelihoods by shares that are learned, and an output by a learned difference."""
    output = m.rnn(x)[0]
    shares = m.critic(output).softmax(-1) - m.critic(0.5 * output).softmax(-1)
    likely = Normal(m.head(output), 1.0).log_prob(y) * shares
    return ((y - m.other(x)) * output).square().mean() - likely.mean()


RIGHT.add(
    "likelihoods by shares that are learned",
    "",
    by_shares,
    lambda: (series(), noise(N, L, UNITS)),
    rnn=lstm,
    critic=head(outputs=UNITS),
    other=head(FEATURES, UNITS),
    head=head(outputs=UNITS),
)
RIGHT.add(
    "rewards for what was chosen",
    "",
    lambda m, x: (Categorical(logits=last(m, x)).log_prob(labels()) * (0.3 - labels())).mean(),
    rnn=lstm,
)


def sampled(m: Any, x: Tensor, root: float, power: float) -> Tensor:
    """Write from a sample, whose divergence from noise is part of the loss."""
    middle, v = m.head(m.rnn(x)[1][-1]).chunk(2, -1)
    z = middle + torch.randn_like(middle) * torch.exp(root * v if root != 1 else v)
    written = m.decoder(x[:, :-1], m.start(z).tanh()[None])[0]
    variance = (v if power == 1 else power * v).exp()
    apart = 0.5 * (power * v - middle.square() - variance + 1 if power != 1 else 1 + v - variance)
    return (m.out(written) - x[:, 1:]).square().mean() - apart.mean()


for name, root, power in (
    ("a sample by the logarithm of a variance", 0.5, 1.0),
    ("a sample by the logarithm of a deviation", 1.0, 2.0),
):
    RIGHT.add(
        name,
        "random numbers",
        lambda m, x, root=root, power=power: sampled(m, x, root, power),
        rnn=gru,
        head=head(outputs=8),
        start=head(4, UNITS),
        decoder=gru,
        out=head(outputs=FEATURES),
    )
WRONG.add(
    "a sample by a variance",
    "variance for its root",
    lambda m, x: sampled(m, x, 1.0, 1.0),
    rnn=gru,
    head=head(outputs=8),
    start=head(4, UNITS),
    decoder=gru,
    out=head(outputs=FEATURES),
)


# what a softmax shares out
def attended(m: Any, x: Tensor, of: Tensor, weigh: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Weigh steps of an unpacked output by scores and where there is padding."""
    output = unpacked(m.rnn(packed(x, of))[0])
    weights = weigh(m.score(output)[..., 0], padding(of))
    return m.head((weights[..., None] * output).sum(1))


def with_a_score(name: str, due: str, wrong: Any, right: Any) -> None:
    twins(
        name,
        due,
        lambda m, x, of: attended(m, x, of, wrong),
        lambda m, x, of: attended(m, x, of, right),
        lambda: (padded(), lengths()),
        rnn=lstm,
        score=head(outputs=1),
    )


def shared_anew(scores: Tensor, hidden: Tensor) -> Tensor:
    left = scores.softmax(1) * ~hidden
    return left / left.sum(1, keepdim=True)


with_a_score(
    "padding hidden by a small number",
    "hidden by too little",
    lambda scores, hidden: scores.masked_fill(hidden, 1e-9).softmax(1),
    lambda scores, hidden: scores.masked_fill(hidden, -1e9).softmax(1),
)
with_a_score(
    "padding hidden behind the softmax",
    "masked after its softmax",
    lambda scores, hidden: scores.softmax(1) * ~hidden,
    shared_anew,
)
with_a_score(
    "padding filled behind the softmax",
    "masked after its softmax",
    lambda scores, hidden: scores.softmax(1).masked_fill(hidden, 0),
    lambda scores, hidden: scores.masked_fill(hidden, -1e9).softmax(1).masked_fill(hidden, 0),
)
with_a_score(
    "places up to the length, and with it",
    "mask a step too long",
    lambda scores, hidden: scores.masked_fill(
        torch.arange(L) > (~hidden).sum(1, keepdim=True), -1e9
    ).softmax(1),
    lambda scores, hidden: scores.masked_fill(
        torch.arange(1, L + 1) > (~hidden).sum(1, keepdim=True), -1e9
    ).softmax(1),
)


def asking(m: Any, x: Tensor, score: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Read again, step by step, with what the states of before have for the state of now."""
    before, h = m.rnn(x)[0], torch.zeros(N, UNITS)
    for step in steps_of(x[:, :7]):
        weights = score(m.of_all(before), m.of_one(h)[:, None]).softmax(1)
        h = m.cell(torch.cat((step, (weights * before).sum(1)), 1), h)
    return m.head(h)


def sizes(steps: Tensor, query: Tensor) -> Tensor:
    return (steps + query).sum(-1, keepdim=True)


twins(
    "attention whose query is added to each score",
    "query that cancels",
    lambda m, x: asking(m, x, sizes),
    lambda m, x: asking(m, x, lambda steps, query: sizes(steps, query).tanh()),
    rnn=gru,
    of_all=head(),
    of_one=head(),
    cell=lambda: nn.GRUCell(FEATURES + UNITS, UNITS),
)


# types
def motion(m: Any, x: Tensor, early: bool) -> Tensor:
    """Read how far small whole numbers go from step to step."""
    x = x.float() if early else x
    return last(m, (x[:, 1:] - x[:, :-1]).float() / 4)


twins(
    "a difference of frames in uint8",
    "numbers wrapped round",
    lambda m, x: motion(m, x, False),
    lambda m, x: motion(m, x, True),
    lambda: torch.randint(40, 200, (N, L, FEATURES)).to(torch.uint8),
    rnn=lstm,
)
RIGHT.add(
    "a difference of frames that get lighter, in uint8",
    "",
    lambda m, x: motion(m, x, False),
    lambda: torch.randint(6, (N, L, FEATURES)).cumsum(1).to(torch.uint8),
    rnn=lstm,
)
twins(
    "parts of 1 as the numbers of words",
    "nothing left of parts",
    lambda m, x: last(m, m.embed(x.long())),
    lambda m, x: last(m, m.embed((WORDS * x).long())),
    lambda: torch.rand(N, L) * 0.99,
    embed=lambda: nn.Embedding(WORDS, FEATURES),
    rnn=lstm,
)


def less_the_last(x: Tensor, axis: int) -> Tensor:
    steps = x.shape[axis] - 1
    return x.narrow(axis, 1, steps) - x.narrow(axis, 0, steps)


CHANGES = {"slices": less_the_last, "diff": lambda x, axis: 100 * x.diff(dim=axis)}
for kind, change in CHANGES.items():
    twins(
        f"differences of sequences, by {kind}",
        "differences of sequences",
        lambda m, x, change=change: last(m, change(x, 0)),
        lambda m, x, change=change: last(m, change(x, 1)),
        rnn=lstm,
    )


# steps and layers
def rainy() -> Tensor:
    """Return numbers of which some are 0, and the last of none of them."""
    x = functional.relu(noise(N, L))
    x[:, -1] = 1
    return x


def packed_by(m: Any, x: Tensor, counted: Callable[[Tensor], Tensor]) -> Tensor:
    return m.head(m.rnn(packed(x[..., None], counted(x != 0)))[1][0][-1])


def places(there: Tensor) -> Tensor:
    return torch.where(there, torch.arange(1, L + 1), 0).amax(1)


twins(
    "zeros between the steps, counted out of the lengths",
    "zeros counted out",
    lambda m, x: packed_by(m, x, lambda there: there.sum(1)),
    lambda m, x: packed_by(m, x, places),
    rainy,
    rnn=lambda: lstm(1),
)
RIGHT.add(
    "zeros behind the steps, counted out of the lengths",
    "",
    lambda m, x: packed_by(m, x, lambda there: there.sum(1)),
    lambda: padded()[..., 0],
    rnn=lambda: lstm(1),
)


RIGHT.add(
    "numbers behind the lengths",
    "",
    lambda m, x, of: m.head(m.rnn(packed(x, of))[1][0][-1]),
    lambda: (noise(), lengths()),
    rnn=lstm,
)


def foretold(m: Any, x: Tensor, known: int) -> Tensor:
    """Foretell what comes behind the first 30 steps, all scaled by the mean of some."""
    own = x if known == L else x[:, :known]
    x = (x - own.mean(1, keepdim=True)) / own.std(1, keepdim=True)
    return functional.mse_loss(last(m, x[:, :30, None]), x[:, 30:])


twins(
    "a scale that knows what is to come",
    "scaled by what is to come",
    lambda m, x: foretold(m, x, L),
    lambda m, x: foretold(m, x, 30),
    lambda: series(N, L),
    rnn=lambda: lstm(1),
    head=head(outputs=L - 30),
)


def in_one_sequence(m: Any, x: Tensor) -> Tensor:
    return m.head(m.rnn(x.view(len(x), 1, -1))[0])


for zoo, due, shape in (
    (WRONG, "steps for features", (N, L, 1)),
    (RIGHT, "", (L, N, FEATURES)),
):
    zoo.add(
        "a batch of windows as one sequence",
        due,
        in_one_sequence,
        lambda shape=shape: series(*shape),
        rnn=lambda: nn.LSTM(L, UNITS),
    )
of_parts(
    "as many layers as steps",
    "many layers",
    {"rnn": lambda: gru(num_layers=10), "head": head()},
    {"rnn": lambda: gru(num_layers=4), "head": head()},
    lambda m, x: last(m, x[:, :10]),
)


def walked_along(m: Any, x: Tensor, axis: int) -> Tensor:
    h, states = None, []
    for step in x.unbind(axis):
        h = m.cell(step, h)
        states.append(h)
    return m.head(torch.stack(states)[:, -1] if axis == 0 else h)


twins(
    "a loop along the sequences",
    "one sequence read",
    lambda m, x: walked_along(m, x, 0),
    lambda m, x: walked_along(m, x, 1),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
)


def rolled_out(m: Any, x: Tensor, fed: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Read places, and go on from the last by steps of the model's own."""
    h, place, places = torch.zeros(N, UNITS), x[:, -1], []
    for step in steps_of(x):
        h = m.cell(step, h)
    for _ in range(5):
        step = m.head(h)
        place = place + step
        places.append(place)
        h = m.cell(fed(place, step), h)
    return torch.stack(places, 1)


twins(
    "steps fed for places",
    "step for a place",
    lambda m, x: rolled_out(m, x, lambda place, step: step),
    lambda m, x: rolled_out(m, x, lambda place, step: place),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
    head=head(outputs=FEATURES),
)


# weights that are none
class Weighing(nn.Module):
    """Weighs steps by what it keeps, as a plain tensor or as a parameter or buffer."""

    own: Any

    def __init__(self, keep: Callable[[nn.Module], Any]) -> None:
        super().__init__()
        keep(self)

    def forward(self, output: Tensor) -> Tensor:
        weights = (output @ (self.own[0] if isinstance(self.own, list) else self.own)).softmax(1)
        return (weights[..., None] * output).sum(1)


def number() -> Tensor:
    return torch.randn(UNITS)


def kept(keep: Callable[[nn.Module], Any]) -> Callable[[], Weighing]:
    return lambda: Weighing(keep)


KEPT = {
    "a plain tensor": (WRONG, lambda m: setattr(m, "own", number())),
    "a parameter in a list": (WRONG, lambda m: setattr(m, "own", [nn.Parameter(number())])),
    "a parameter": (RIGHT, lambda m: setattr(m, "own", nn.Parameter(number()))),
    "a buffer": (RIGHT, lambda m: m.register_buffer("own", number())),
}
for name, (zoo, keep) in KEPT.items():
    zoo.add(
        f"steps weighed by {name}",
        "no parameter" if zoo is WRONG else "",
        lambda m, x: m.head(m.weigh(m.rnn(x)[0])),
        rnn=lstm,
        weigh=kept(keep),
    )
