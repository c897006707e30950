"""Mistakes in masks, places and numbers on the way, each beside its twin without."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from tests.whole_models import (
    FEATURES,
    UNITS,
    L,
    N,
    gru,
    head,
    last,
    lengths,
    lstm,
    packed,
    padded,
    series,
    tokens,
)
from tests.whole_models.computed import RIGHT, WRONG
from tests.whole_models.twins import WORDS, of_parts, padded_words, twins

__all__ = ["RIGHT", "WRONG"]


def embed() -> nn.Embedding:
    return nn.Embedding(WORDS, FEATURES, padding_idx=0)


# masks
def pooled(m: Any, x: Tensor, hide: Any) -> Tensor:
    """Weigh the words of an output that has padding, which a function hides in the scores."""
    output = m.rnn(m.embed(x))[0]
    scores = hide(m.score(output).squeeze(-1))
    return m.head((scores.softmax(1)[..., None] * output).sum(1))


def thrown_away(scores: Tensor, hidden: Tensor) -> Tensor:
    scores.masked_fill(hidden, -1e9)
    return scores


for name, due, hide in (
    ("a mask whose result nobody takes", "mask thrown away", lambda s, x: thrown_away(s, x == 0)),
    (
        "~ of a mask of numbers",
        "not of numbers",
        lambda s, x: torch.where(~(x > 0).long() != 0, -1e9, s),
    ),
    (
        "a mask that hides the words",
        "mask turned round",
        lambda s, x: s.masked_fill(x != 0, -1e9),
    ),
):
    twins(
        name,
        due,
        lambda m, x, hide=hide: pooled(m, x, lambda scores: hide(scores, x)),
        lambda m, x: pooled(m, x, lambda scores: scores.masked_fill(x == 0, -1e9)),
        padded_words,
        embed=embed,
        rnn=gru,
        score=lambda: nn.Linear(UNITS, 1),
    )


def attended(m: Any, x: Tensor, **masks: Tensor) -> Tensor:
    output = m.rnn(m.embed(x))[0]
    return m.head(output + m.attend(output, output, output, need_weights=False, **masks)[0])


def attention() -> nn.MultiheadAttention:
    return nn.MultiheadAttention(UNITS, 2, batch_first=True)


BY_KEY = "a key_padding_mask that is True at words"

twins(
    BY_KEY,
    "mask turned round",
    lambda m, x: attended(m, x, key_padding_mask=x != 0),
    lambda m, x: attended(m, x, key_padding_mask=x == 0),
    padded_words,
    embed=embed,
    rnn=gru,
    attend=attention,
)
# each step of the result is read, also where there is padding
RIGHT[BY_KEY] = RIGHT[BY_KEY]._replace(due=frozenset({"padding read"}))
twins(
    "an attention that sees what is to come alone",
    "mask of the past",
    lambda m, x: attended(m, x, attn_mask=torch.ones(L, L).tril(-1).bool()),
    lambda m, x: attended(m, x, attn_mask=torch.ones(L, L).triu(1).bool()),
    tokens,
    embed=embed,
    rnn=gru,
    attend=attention,
)

# places and rows
twins(
    "static numbers repeated along the batch",
    "rows repeated together",
    lambda m, x, own: last(m, torch.cat((x, own.repeat(L, 1).view(N, L, 2)), -1)),
    lambda m, x, own: last(m, torch.cat((x, own.repeat(1, L).view(N, L, 2)), -1)),
    lambda: (series(), torch.rand(N, 2)),
    rnn=lambda: lstm(FEATURES + 2),
)
twins(
    "vectors of places in the batch",
    "places in the batch",
    lambda m, x: last(m, x + m.places(torch.arange(N))[:, None]),
    lambda m, x: last(m, x + m.places(torch.arange(L))),
    rnn=gru,
    places=lambda: nn.Embedding(L, FEATURES),
)


def widened(m: Any, x: Tensor, of: Tensor, *, keeps_order: bool) -> Tensor:
    """Make packed numbers others, and pack them again by hand."""
    rows = packed(x, of)
    data = m.widen(rows.data)
    again = rows._replace(data=data) if keeps_order else PackedSequence(data, rows.batch_sizes)
    return m.head(m.rnn(again)[1][0][-1])


twins(
    "a batch packed again without its order",
    "order lost",
    lambda m, x, of: widened(m, x, of, keeps_order=False),
    lambda m, x, of: widened(m, x, of, keeps_order=True),
    lambda: (padded().roll(2, 0), lengths().roll(2)),
    widen=lambda: nn.Linear(FEATURES, 7),
    rnn=lambda: lstm(7),
)

# numbers
twins(
    "hours that are whole turns",
    "sine of whole turns",
    lambda m, hour: last(m, torch.stack(((2 * math.pi * hour).sin(), hour / 24), -1)),
    lambda m, hour: last(m, torch.stack(((2 * math.pi * hour / 24).sin(), hour / 24), -1)),
    lambda: torch.arange(N * L).view(N, L).float() % 24,
    rnn=lambda: lstm(2),
)


def times() -> Tensor:
    """Return seconds since 1970, a few apart."""
    return 1_700_000_000 + torch.randint(1, 40, (N, L)).cumsum(1)


twins(
    "times of day in float32",
    "numbers rounded",
    lambda m, x: last(m, x.float().diff(dim=1)[..., None] / 40),
    lambda m, x: last(m, x.diff(dim=1).float()[..., None] / 40),
    times,
    rnn=lambda: lstm(1),
)
twins(
    "pixels divided by whole numbers",
    "nothing left of a division",
    lambda m, x: last(m, (x // 255).float()),
    lambda m, x: last(m, x / 255),
    lambda: torch.randint(256, (N, L, FEATURES), dtype=torch.uint8),
    rnn=lstm,
)


def copied(m: Any, x: Tensor, *, adds: bool) -> Tensor:
    """Say words of the input, each as likely as all places that have it."""
    shares = m.head(m.rnn(m.embed(x))[0]).squeeze(-1).softmax(1)
    empty = torch.zeros(N, WORDS)
    return empty.scatter_add(1, x, shares) if adds else empty.scatter(1, x, shares)


twins(
    "shares of a word that comes several times",
    "written over",
    lambda m, x: copied(m, x, adds=False),
    lambda m, x: copied(m, x, adds=True),
    tokens,
    embed=embed,
    rnn=gru,
    head=head(outputs=1),
)


def spoken(m: Any, x: Tensor, axis: int) -> Tensor:
    """Write three words, each the likeliest."""
    output, h = m.rnn(m.embed(x))
    for _ in range(3):
        scores = m.head(output[:, -1:])
        output, h = m.rnn(m.embed(scores.argmax(axis).view(N, -1)[:, :1]), h)
    return m.head(output[:, -1])


twins(
    "the likeliest of one step",
    "argmax of one",
    lambda m, x: spoken(m, x, 1),
    lambda m, x: spoken(m, x, -1),
    tokens,
    embed=embed,
    rnn=gru,
    head=head(outputs=WORDS),
)
for zoo, due, options in ((WRONG, "length along steps", {}), (RIGHT, "", {"dim": -1})):
    zoo.add(
        "cosines along the steps",
        due,
        lambda m, x, y, options=options: functional.cosine_similarity(
            m.rnn(x)[0], m.rnn(y)[0], **options
        ).mean(-1),
        lambda: (series(), series()),
        rnn=lstm,
        head=None,
    )
of_parts(
    "a projection for the output layer",
    "projection of one",
    {"rnn": lambda: lstm(proj_size=1), "head": lambda: nn.Linear(1, 1)},
    {"rnn": lstm, "head": head(outputs=1)},
    last,
)


def adapter(zeros: int) -> nn.Sequential:
    """Return two small layers, of which so many start at 0, the last first."""
    layers = nn.Linear(UNITS, 2, bias=False), nn.Linear(2, UNITS, bias=False)
    for layer in layers[2 - zeros :]:
        nn.init.zeros_(layer.weight)
    return nn.Sequential(*layers)


of_parts(
    "an adapter whose two halves start at 0",
    "zeros that hold each other",
    {"rnn": lstm, "head": head(), "adapt": lambda: adapter(2)},
    {"rnn": lstm, "head": head(), "adapt": lambda: adapter(1)},
    lambda m, x: m.head((lambda h: h + m.adapt(h))(m.rnn(x)[0][:, -1])),
)
