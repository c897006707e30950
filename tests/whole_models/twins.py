"""Mistakes, each beside the model that is right and differs from it in that alone."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.whole_models import (
    FEATURES,
    UNITS,
    Case,
    L,
    Model,
    N,
    Zoo,
    embed,
    every,
    gru,
    head,
    last,
    lengths,
    lstm,
    packed,
    padded,
    padding,
    series,
    steps_of,
    tokens,
    two_ways,
)

WORDS = 20

WRONG, RIGHT = Zoo(), Zoo()


def twins(
    name: str,
    due: str,
    wrong: Callable[..., Any],
    right: Callable[..., Any],
    given: Callable[[], Any] | None = None,
    **parts: Callable[[], Any],
) -> None:
    """Add a model with a mistake, and its twin without: two forwards of the same parts."""
    WRONG.add(name, due, wrong, given, **parts)
    RIGHT.add(name, "", right, given, **parts)


def of_parts(name: str, due: str, wrong: dict[str, Any], right: dict[str, Any], run: Any) -> None:
    """Add a model with a wrong part, and its twin with a right one."""
    WRONG.add(name, due, run, **wrong)
    RIGHT.add(name, "", run, **right)


# losses and softmaxes
def classes() -> Tensor:
    return torch.arange(N) % 3


twins(
    "a sigmoid before the loss that has one",
    "sigmoid twice",
    lambda m, x: functional.binary_cross_entropy_with_logits(
        last(m, x).sigmoid().squeeze(-1), torch.zeros(N)
    ),
    lambda m, x: functional.binary_cross_entropy_with_logits(
        last(m, x).squeeze(-1), torch.zeros(N)
    ),
    rnn=lstm,
    head=head(outputs=1),
)
twins(
    "nll_loss of scores",
    "no log softmax",
    lambda m, x: functional.nll_loss(last(m, x), classes()),
    lambda m, x: functional.nll_loss(last(m, x).log_softmax(-1), classes()),
    rnn=lstm,
)
twins(
    "nll_loss of a softmax without its log",
    "no log softmax",
    lambda m, x, y: nn.NLLLoss()(every(m, x).softmax(-1).transpose(1, 2), y),
    lambda m, x, y: nn.NLLLoss()(every(m, x).log_softmax(-1).transpose(1, 2), y),
    lambda: (series(), tokens(3)),
    rnn=lstm,
)


def ctc(scores: Tensor) -> Tensor:
    return functional.ctc_loss(
        scores.transpose(0, 1), torch.ones(N, 4).long(), torch.full((N,), L), torch.full((N,), 4)
    )


twins(
    "a CTC loss of scores",
    "no log softmax",
    lambda m, x: ctc(every(m, x)),
    lambda m, x: ctc(every(m, x).log_softmax(-1)),
    rnn=lambda: two_ways(1),
    head=head(2 * UNITS),
)
twins(
    "a softmax of one score",
    "softmax of one",
    lambda m, x: last(m, x).softmax(-1),
    lambda m, x: last(m, x).sigmoid(),
    rnn=lstm,
    head=head(outputs=1),
)


def weigh(m: Any, x: Tensor, axis: int) -> Tensor:
    output = m.rnn(x)[0]
    return m.head((m.score(output).softmax(axis) * output).sum(1))


twins(
    "attention along the axis of the score",
    "softmax of one",
    lambda m, x: weigh(m, x, -1),
    lambda m, x: weigh(m, x, 1),
    rnn=gru,
    score=head(outputs=1),
)
twins(
    "dropout of the scores",
    "scores dropped",
    lambda m, x: functional.cross_entropy(m.drop(last(m, x)), classes()),
    lambda m, x: functional.cross_entropy(m.head(m.drop(m.rnn(x)[0][:, -1])), classes()),
    rnn=lstm,
    drop=lambda: nn.Dropout(0.3),
)
twins(
    "each prediction beside all targets",
    "each beside all",
    lambda m, x, y: (last(m, x) - y).square().mean(),
    lambda m, x, y: (last(m, x).squeeze(-1) - y).square().mean(),
    lambda: (series(), torch.randn(N)),
    rnn=lstm,
    head=head(outputs=1),
)
twins(
    "each target beside all predictions, at each step",
    "each beside all",
    lambda m, x, y: (y - every(m, x)[:, :N]).abs().mean(),
    lambda m, x, y: (y[..., None] - every(m, x)[:, :N]).abs().mean(),
    lambda: (series(), torch.randn(N, N)),
    rnn=lstm,
    head=head(outputs=1),
)


# words and their targets
def scored(scores: Tensor, target: Tensor) -> Tensor:
    return functional.cross_entropy(scores.flatten(0, 1), target.flatten())


twins(
    "the loss of the very word that is read",
    "target read",
    lambda m, x: scored(m.head(m.rnn(m.embed(x))[0]), x),
    lambda m, x: scored(m.head(m.rnn(m.embed(x[:, :-1]))[0]), x[:, 1:]),
    tokens,
    embed=embed,
    rnn=lstm,
    head=head(outputs=WORDS),
)
twins(
    "the loss of the very word that is read, steps first",
    "target read",
    lambda m, x: scored(m.head(m.rnn(m.embed(x.T))[0]), x.T),
    lambda m, x: scored(m.head(m.rnn(m.embed(x.T))[0])[:-1], x.T[1:]),
    tokens,
    embed=embed,
    rnn=lambda: nn.GRU(FEATURES, UNITS),
    head=head(outputs=WORDS),
)


def with_neighbours(m: Any, x: Tensor, pads: tuple[int, int]) -> Tensor:
    seen = m.conv(functional.pad(m.embed(x[:, :-1]).transpose(1, 2), pads)).transpose(1, 2)
    return scored(m.head(m.rnn(seen)[0]), x[:, 1:])


twins(
    "a convolution that sees the next word",
    "target read",
    lambda m, x: with_neighbours(m, x, (1, 1)),
    lambda m, x: with_neighbours(m, x, (2, 0)),
    tokens,
    embed=embed,
    conv=lambda: nn.Conv1d(FEATURES, FEATURES, 3),
    rnn=lstm,
    head=head(outputs=WORDS),
)


def read_again(m: Any, x: Tensor, of: Tensor, shift: int) -> Tensor:
    """Read words to their end, and write them again from the last state."""
    h = m.rnn(packed(m.embed(x), of))[1]
    fed = functional.pad(x, (shift, 0))[:, : x.shape[1]]
    scores = m.head(m.decoder(m.embed(fed), h)[0])
    return functional.cross_entropy(scores.flatten(0, 1), x.flatten(), ignore_index=0)


def padded_words() -> Tensor:
    return (tokens() % (WORDS - 2) + 2).masked_fill(padding(lengths()), 0)


twins(
    "an autoencoder that is fed the word it writes",
    "target read",
    lambda m, x, of: read_again(m, x, of, 0),
    lambda m, x, of: read_again(m, x, of, 1),
    lambda: (padded_words(), lengths()),
    embed=embed,
    rnn=gru,
    decoder=gru,
    head=head(outputs=WORDS),
)


def by_mask(m: Any, x: Tensor) -> Tensor:
    there = (x != 0)[..., None]
    return m.head((m.rnn(m.embed(x))[0] * there).sum(1) / there.sum(1))


of_parts(
    "a padding_idx that pads nothing",
    "padding index",
    {"embed": lambda: nn.Embedding(WORDS, FEATURES, padding_idx=1), "rnn": gru, "head": head()},
    {"embed": embed, "rnn": gru, "head": head()},
    by_mask,
)
for zoo in (WRONG, RIGHT):
    name = "a padding_idx that pads nothing"
    zoo[name] = zoo[name]._replace(given=lambda: (padded_words(),))


def turned_round(x: Tensor, of: Tensor) -> Tensor:
    """Return words with each sequence the other way, and its padding at its end still."""
    rows = zip(x.flip(1), of, strict=True)
    return torch.stack([words.roll(int(length) - L) for words, length in rows])


twins(
    "padded words turned round before they are packed",
    "padding packed",
    lambda m, x, of: m.head(m.rnn(packed(m.embed(x.flip(1)), of))[1][-1]),
    lambda m, x, of: m.head(m.rnn(packed(m.embed(turned_round(x, of)), of))[1][-1]),
    lambda: (padded_words(), torch.tensor([L, 35, 19, 18, 17, 16, 12, 9])),
    embed=embed,
    rnn=gru,
)


# axes and orders
twins(
    "the batch turned round for the steps",
    "sequences flipped",
    lambda m, x: m.head(torch.cat((m.one(x)[0], m.two(x.flip(0))[0].flip(0)), -1)),
    lambda m, x: m.head(torch.cat((m.one(x)[0], m.two(torch.flip(x, [1]))[0].flip(1)), -1)),
    one=lstm,
    two=lstm,
    head=head(2 * UNITS),
)
for pool, made in (
    ("max", lambda: nn.MaxPool1d(2)),
    ("mean", lambda: nn.AvgPool1d(2)),
    ("largest", lambda: nn.AdaptiveMaxPool1d(6)),
):
    twins(
        f"a {pool} pool along the units",
        "pooled along the units",
        lambda m, x: m.fewer(m.pool(m.rnn(x)[0])),
        lambda m, x: m.head(m.pool(m.rnn(x)[0].transpose(1, 2)).transpose(1, 2)),
        rnn=lstm,
        pool=made,
        fewer=head(UNITS // 2),
    )
twins(
    "a convolution along the units",
    "pooled along the units",
    lambda m, x: m.head(m.of_steps(m.rnn(x)[0])),
    lambda m, x: m.head(m.of_units(m.rnn(x)[0].transpose(1, 2)).transpose(1, 2)),
    rnn=lstm,
    of_steps=lambda: nn.Conv1d(L, 6, 3, padding=1),
    of_units=lambda: nn.Conv1d(UNITS, UNITS, 3, padding=1),
)
of_parts(
    "the fourth argument for batch_first",
    "steps for sequences",
    {"rnn": lambda: nn.LSTM(FEATURES, UNITS, 2, True), "head": head()},
    {"rnn": lambda: nn.LSTM(FEATURES, UNITS, 2, True, True), "head": head()},
    lambda m, x: m.head(m.rnn(x)[0].mean(1)),
)


def from_its_own(m: Any, x: Tensor, of: Tensor, own: Tensor, *, sorts: bool) -> Tensor:
    """Read rows sorted by length, each from a state of its own."""
    order = of.argsort(descending=True)
    rows = nn.utils.rnn.pack_padded_sequence(x[order], of[order], batch_first=True)
    h_0 = m.start(own[order] if sorts else own).tanh()[None]
    return m.head(m.rnn(rows, h_0)[1][-1])[order.argsort()]


twins(
    "an initial state that is not sorted with its sequences",
    "state not sorted",
    lambda m, x, of, own: from_its_own(m, x, of, own, sorts=False),
    lambda m, x, of, own: from_its_own(m, x, of, own, sorts=True),
    lambda: (padded().roll(3, 0), lengths().roll(3), torch.randn(N, 7)),
    rnn=gru,
    start=lambda: nn.Linear(7, UNITS),
)


# states
def walked(m: Any, x: Tensor, after: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> Tensor:
    h, c = torch.zeros(N, UNITS), torch.zeros(N, UNITS)
    for step in steps_of(x):
        h, c = after(*m.cell(step, (h, c)))
    return m.head(h)


twins(
    "h for h and c of a cell",
    "exchanged state",
    lambda m, x: walked(m, x, lambda h, c: (h, h)),
    lambda m, x: walked(m, x, lambda h, c: (h, c)),
    cell=lambda: nn.LSTMCell(FEATURES, UNITS),
)


def two_cells(m: Any, x: Tensor, *, own: bool) -> Tensor:
    first = second = torch.zeros(N, UNITS)
    for step in steps_of(x):
        first = m.one(step, first)
        second = m.two(first, second if own else first)
    return m.head(second)


twins(
    "a second cell on the state of the first",
    "state not carried",
    lambda m, x: two_cells(m, x, own=False),
    lambda m, x: two_cells(m, x, own=True),
    one=lambda: nn.GRUCell(FEATURES, UNITS),
    two=lambda: nn.GRUCell(UNITS, UNITS),
)


def stacked(m: Any, x: Tensor, *, chained: bool) -> tuple[Tensor, list[Tensor]]:
    states, outputs = [torch.zeros(N, FEATURES) for _ in m.cells], []
    for step in steps_of(x):
        y = step
        for index, cell in enumerate(m.cells):
            states[index] = cell(y if chained else step, states[index])
            y = states[index]
        outputs.append(m.head(y))
    return torch.stack(outputs, 1), states


twins(
    "a stack of cells that all read the input",
    "unheard",
    lambda m, x: stacked(m, x, chained=False),
    lambda m, x: stacked(m, x, chained=True),
    cells=lambda: nn.ModuleList(nn.GRUCell(FEATURES, FEATURES) for _ in range(3)),
    head=head(FEATURES),
)
twins(
    "a stack of layers that all read the input",
    "unheard",
    lambda m, x: (lambda one: (m.head(m.two(x)[0]), one[1][0]))(m.one(x)),
    lambda m, x: (lambda one: (m.head(m.two(one[0])[0]), one[1][0]))(m.one(x)),
    one=lambda: lstm(units=FEATURES),
    two=lstm,
)


def written(m: Any, x: Tensor, *, goes_on: bool) -> Tensor:
    state, y, outputs = m.rnn(x)[1], x[:, -1:, :1], []
    for _ in range(6):
        output, after = m.decoder(y, state)
        state = after if goes_on else state
        y = m.head(output)
        outputs.append(y)
    return torch.cat(outputs, 1)


twins(
    "a decoder that starts anew at each step",
    "state not carried",
    lambda m, x: written(m, x, goes_on=False),
    lambda m, x: written(m, x, goes_on=True),
    rnn=lambda: lstm(num_layers=2),
    decoder=lambda: lstm(1, num_layers=2),
    head=head(outputs=1),
)


def masked(m: Any, x: Tensor, of: Tensor, *, inverted: bool) -> Tensor:
    h = torch.zeros(N, UNITS)
    for step, hidden in zip(steps_of(x), padding(of).T, strict=True):
        kept = (hidden != inverted).float()[:, None]
        h = kept * h + (1 - kept) * m.cell(step, h)
    return m.head(h)


twins(
    "a mask of a loop the wrong way round",
    "state not carried",
    lambda m, x, of: masked(m, x, of, inverted=True),
    lambda m, x, of: masked(m, x, of, inverted=False),
    lambda: (padded(), lengths()),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
)


def bridged(m: Any, x: Tensor, axis: int) -> Tensor:
    _, state = m.rnn(x)
    state = tuple(part.unflatten(0, (2, 2)).sum(axis) for part in state)
    return m.head(m.decoder(x, state)[0])


twins(
    "a sum over layers for one over directions",
    "directions for layers",
    lambda m, x: bridged(m, x, 0),
    lambda m, x: bridged(m, x, 1),
    rnn=two_ways,
    decoder=lambda: lstm(num_layers=2),
)


def started(rows: int) -> Callable[[], nn.Parameter]:
    return lambda: nn.Parameter(torch.randn(1, rows, UNITS) / 3)


of_parts(
    "a learned state for each place in the batch",
    "state by place",
    {"rnn": gru, "head": head(), "start": started(N)},
    {"rnn": gru, "head": head(), "start": started(1)},
    lambda m, x: m.head(
        m.rnn(x, m.start[:, : len(x)].contiguous() if m.start.shape[1] > 1 else _for_all(m))[1][-1]
    ),
)


def _for_all(m: Any) -> Tensor:
    return m.start.expand(-1, N, -1).contiguous()


# weights
def dropped_for_good(m: Any, x: Tensor) -> Tensor:
    weight = m.rnn.weight_hh_l0
    weight.data.mul_(torch.ones_like(weight).tril())
    return last(m, x)


def dropped_for_now(m: Any, x: Tensor) -> Tensor:
    weight = m.rnn.weight_hh_l0
    masked = {"weight_hh_l0": weight * torch.ones_like(weight).tril()}
    return m.head(torch.func.functional_call(m.rnn, masked, x)[0][:, -1])


twins(
    "weights that each run masks for good",
    "weights changed",
    dropped_for_good,
    dropped_for_now,
    rnn=lstm,
)


def copies(base: nn.Module) -> nn.ModuleList:
    return nn.ModuleList(copy.deepcopy(base) for _ in range(3))


def averaged(m: Any, x: Tensor) -> Tensor:
    return torch.stack([last(each, x) for each in m.members]).mean(0)


def member() -> Model:
    return Model(last, rnn=lstm(), head=nn.Linear(UNITS, 2))


of_parts(
    "an ensemble of copies",
    "equal weights",
    {"members": lambda: copies(member()), "head": None},
    {"members": lambda: nn.ModuleList(member() for _ in range(3)), "head": None},
    averaged,
)


def in_rows(rows: slice) -> Callable[[], nn.LSTM]:
    def make() -> nn.LSTM:
        layer = lstm()
        with torch.no_grad():
            layer.get_parameter("bias_ih_l0").zero_()[rows] = 2
            layer.get_parameter("bias_hh_l0").zero_()
        return layer

    return make


of_parts(
    "a forget bias in a slice of the wrong size",
    "bias in other rows",
    {"rnn": in_rows(slice(UNITS // 4, UNITS // 2)), "head": head()},
    {"rnn": in_rows(slice(UNITS, 2 * UNITS)), "head": head()},
    last,
)
twins(
    "numbers of words for sizes, in a few steps",
    "large input",
    lambda m, x: m.head(m.rnn(x[..., None])[0][:, -1]),
    lambda m, x: m.head(m.rnn(x[..., None] / 8000)[0][:, -1]),
    lambda: torch.randint(8000, (5, 9)).float(),
    rnn=lambda: lstm(1),
)


# modules
class Two(nn.Module):
    """A mean and its spread, by one Linear or by two."""

    def __init__(self, *, shares: bool) -> None:
        super().__init__()
        self.mean = nn.Linear(UNITS, 3)
        self.spread = self.mean if shares else nn.Linear(UNITS, 3)

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        return self.mean(h), self.spread(h)


of_parts(
    "one Linear for mean and spread",
    "module shared",
    {"rnn": lstm, "heads": lambda: Two(shares=True), "head": None},
    {"rnn": lstm, "heads": lambda: Two(shares=False), "head": None},
    lambda m, x: m.heads(m.rnn(x)[0][:, -1]),
)
twins(
    "a layer called in place of another",
    "not called",
    lambda m, x: m.head(m.one(m.one(x)[0])[0]),
    lambda m, x: m.head(m.two(m.one(x)[0])[0]),
    one=lambda: lstm(units=FEATURES),
    two=lambda: lstm(units=FEATURES),
    head=head(FEATURES),
)


def frozen_copy() -> Model:
    """Return a learner and its frozen copy, which has the same weights on purpose."""
    one = member()
    other = copy.deepcopy(one).requires_grad_(False)
    return Model(lambda m, x: last(m.one, x) - last(m.other, x).detach(), one=one, other=other)


RIGHT["a learner and its frozen copy"] = Case(
    frozen_copy, lambda: (series(),), frozenset({"frozen layer"})
)


# what is read twice, in another order, or always the same
def in_pieces(m: Any, x: Tensor, hop: int) -> Tensor:
    state, ends = None, []
    for start in range(0, L - 9, hop):
        output, state = m.rnn(x[:, start : start + 10], state)
        ends.append(output[:, -1])
    return m.head(torch.stack(ends, 1))


twins(
    "pieces that overlap and hand on a state",
    "steps read twice",
    lambda m, x: in_pieces(m, x, 5),
    lambda m, x: torch.stack([m.head(m.rnn(x[:, at : at + 10])[0][:, -1]) for at in (0, 5, 10)]),
    rnn=lstm,
)


def said_on(m: Any, words: Tensor, *, again: bool) -> Tensor:
    """Read words and say seven more, from the scores of the last, or from that word anew."""
    output, state = m.rnn(m.embed(words))
    found = [] if again else [m.head(output[:, -1])]
    while len(found) < 7:
        word = found[-1].argmax(-1)[:, None] if found else words[:, -1:]
        output, state = m.rnn(m.embed(word), state)
        found.append(m.head(output[:, -1]))
    return torch.stack(found, 1)


twins(
    "the last word of a prompt, read anew",
    "steps read twice",
    lambda m, x: said_on(m, x, again=True),
    lambda m, x: said_on(m, x, again=False),
    tokens,
    embed=embed,
    rnn=lstm,
    head=head(outputs=WORDS),
)


def beam(m: Any, x: Tensor, order_c: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    h = c = torch.zeros(N, UNITS)
    for step in steps_of(x):
        h, c = m.cell(step, (h, c))
        best = m.head(h).amax(-1).argsort()
        h, c = h[best], order_c(c, best)
    return m.head(h)


twins(
    "a beam whose c stays where it was",
    "h and c of others",
    lambda m, x: beam(m, x, lambda c, best: c),
    lambda m, x: beam(m, x, lambda c, best: c[best]),
    cell=lambda: nn.LSTMCell(FEATURES, UNITS),
)


def back(m: Any, x: Tensor, of: Tensor, *, again: bool) -> Tensor:
    of = of.roll(3)
    given = packed(torch.stack([row.clone() for row in x]), of)
    h = m.rnn(given)[1][0][-1]
    return m.head(h[given.unsorted_indices] if again else h)


twins(
    "rows put back that torch has put back",
    "rows sorted again",
    lambda m, x, of: back(m, x, of, again=True),
    lambda m, x, of: back(m, x, of, again=False),
    lambda: (series(), lengths()),
    rnn=lstm,
)
twins(
    "words rolled over the ends of their rows",
    "rolled over rows",
    lambda m, x: every(m, m.embed(torch.roll(x, 1))),
    lambda m, x: every(m, m.embed(torch.roll(x, 1, dims=1))),
    tokens,
    embed=embed,
    rnn=lstm,
)
twins(
    "bounds in the other order",
    "bounds exchanged",
    lambda m, x: last(m, x).clamp(2, -20).exp(),
    lambda m, x: last(m, x).clamp(-20, 2).exp(),
    rnn=gru,
)
twins(
    "neighbours of one direction added",
    "directions interleaved",
    lambda m, x: m.head(m.rnn(x)[0].view(N, L, UNITS, 2).sum(3)),
    lambda m, x: m.head(m.rnn(x)[0].view(N, L, 2, UNITS).sum(2)),
    rnn=two_ways,
)
twins(
    "the last sequence for the last step, as many of both",
    "unread sequences",
    lambda m, x: m.head(m.rnn(x)[0][-1]),
    lambda m, x: m.head(m.rnn(x)[0][:, -1]),
    lambda: series(N, N, FEATURES),
    rnn=lstm,
)


def looked_back(m: Any, x: Tensor, *, asks_now: bool) -> Tensor:
    keys, h = m.rnn(x)
    first = h = h[-1]
    found = []
    for _ in range(5):
        shares = (keys @ (h if asks_now else first)[..., None]).softmax(1)
        h = m.cell((shares * keys).sum(1), h)
        found.append(m.head(h))
    return torch.stack(found, 1)


twins(
    "attention that asks for the same at each step",
    "same weights each time",
    lambda m, x: looked_back(m, x, asks_now=False),
    lambda m, x: looked_back(m, x, asks_now=True),
    rnn=gru,
    cell=lambda: nn.GRUCell(UNITS, UNITS),
)
