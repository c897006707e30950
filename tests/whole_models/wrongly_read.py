"""Mistakes after the layer: what is read of what it returned, and what becomes of it."""

import torch
from torch import nn

from tests.whole_models import (
    FEATURES,
    UNITS,
    L,
    Zoo,
    embed,
    gru,
    head,
    last,
    lengths,
    lstm,
    packed,
    padded,
    tokens,
    two_ways,
    unpacked,
)

READ = Zoo()


def deep() -> nn.LSTM:
    return lstm(num_layers=3)


READ.add(
    "h_n[-1] of two directions",
    "unread layer",
    lambda m, x: m.head(m.rnn(x)[1][0][-1]),
    rnn=two_ways,
    head=head(),
)
READ.add(
    "h_n[0] of three layers",
    "unread layer",
    lambda m, x: m.head(m.rnn(x)[1][0][0]),
    rnn=deep,
    head=head(),
)
READ.add(
    "h_n[1] of two layers, two directions",
    "unread layer",
    lambda m, x: m.head(m.rnn(x)[1][0][1]),
    rnn=two_ways,
    head=head(),
)
READ.add(
    "output[:, -1] of two directions",
    "reverse read at its start",
    last,
    rnn=lambda: two_ways(1),
    head=head(2 * UNITS),
)
READ.add(
    "output[:, 0] of two directions",
    "forward read at its start",
    lambda m, x: m.head(m.rnn(x)[0][:, 0]),
    rnn=lambda: two_ways(1),
    head=head(2 * UNITS),
)
READ.add(
    "output[:, 0] of one direction",
    "forward read at its start",
    lambda m, x: m.head(m.rnn(x)[0][:, 0]),
    rnn=lstm,
    head=head(),
)
READ.add(
    "output[-1] with batch_first",
    "unread sequences",
    lambda m, x: m.head(m.rnn(x)[0][-1]),
    rnn=lstm,
    head=head(),
)
READ.add(
    "output[:, -1] without batch_first",
    "unread sequences",
    lambda m, x: m.head(m.rnn(x)[0][:, -1]),
    rnn=lambda: nn.LSTM(FEATURES, UNITS),
    head=head(),
)
READ.add(
    "output[:, -1] of a batch that was packed",
    "unread sequences",
    lambda m, x, n: m.head(unpacked(m.rnn(packed(x, n))[0])[:, -1]),
    lambda: (padded(), lengths()),
    rnn=lstm,
    head=head(),
)
READ.add(
    "output[:, -1] of a padded batch",
    "padding read",
    last,
    padded,
    rnn=lstm,
    head=head(),
)
READ.add(
    "h_n of a padded batch",
    "padding read",
    lambda m, x: m.head(m.rnn(x)[1][-1]),
    padded,
    rnn=gru,
    head=head(),
)
READ.add(
    "mean over padded steps",
    "padding read",
    lambda m, x: m.head(m.rnn(x)[0].mean(1)),
    padded,
    rnn=lambda: two_ways(1),
    head=head(2 * UNITS),
)
READ.add(
    "names of h_n and c_n exchanged",
    "cell state read",
    lambda m, x: (lambda output, c, h: m.head(h[-1]))(m.rnn(x)[0], *m.rnn(x)[1]),
    rnn=lstm,
    head=head(),
)
READ.add(
    "h_n.view(N, -1)",
    "sequences mixed",
    lambda m, x: m.head(m.rnn(x)[1][0].view(len(x), -1)),
    rnn=deep,
    head=head(3 * UNITS),
)
READ.add(
    "h_n.reshape(N, -1) of two directions",
    "sequences mixed",
    lambda m, x: m.head(m.rnn(x)[1].reshape(len(x), -1)),
    rnn=lambda: gru(bidirectional=True),
    head=head(2 * UNITS),
)
READ.add(
    "output.view(N, L, H) without batch_first",
    "sequences mixed",
    lambda m, x: m.head(m.rnn(x.transpose(0, 1))[0].view(len(x), L, UNITS)),
    rnn=lambda: nn.GRU(FEATURES, UNITS),
    head=head(),
)
READ.add(
    "softmax over the batch",
    "sequences mixed",
    lambda m, x: m.head(m.rnn(x)[0][:, -1]).softmax(0),
    rnn=lstm,
    head=head(),
)
READ.add(
    "mean over the batch",
    "sequences mixed",
    lambda m, x: (lambda h: m.head(h - h.mean(0)))(m.rnn(x)[1][0][-1]),
    rnn=lstm,
    head=head(),
)
READ.add(
    "attention over the batch",
    "sequences mixed",
    lambda m, x: (lambda o: m.head((m.score(o).softmax(0) * o).sum(0, keepdim=True) + o)[:, -1])(
        m.rnn(x)[0]
    ),
    rnn=lstm,
    head=head(),
    score=lambda: nn.Linear(UNITS, 1),
)
READ.add(
    "output detached",
    "no gradient",
    lambda m, x: m.head(m.rnn(x)[0][:, -1].detach()),
    rnn=lstm,
    head=head(),
)
READ.add(
    "torch.tensor of the output",
    "no gradient",
    lambda m, x: m.head(torch.tensor(m.rnn(x)[0][:, -1].tolist())),
    rnn=lstm,
    head=head(),
)
READ.add(
    "numpy on the way",
    "no gradient",
    lambda m, x: m.head(torch.from_numpy(m.rnn(x)[0].detach().numpy())[:, -1]),
    rnn=lstm,
    head=head(),
)
READ.add(
    "output overwritten by the input",
    "no gradient",
    lambda m, x: (m.rnn(x), m.head(x))[1],
    rnn=lstm,
    head=head(FEATURES),
)
READ.add(
    "argmax between two layers",
    "no gradient",
    lambda m, x: m.head(m.rnn(m.embed(m.first(x)[0].argmax(-1)))[0]),
    first=lstm,
    embed=lambda: nn.Embedding(UNITS, FEATURES),
    rnn=lstm,
    head=head(),
)
READ.add(
    "log_softmax(1) of a tagger",
    "softmax over steps",
    lambda m, x: m.head(m.rnn(x)[0]).log_softmax(1),
    rnn=lstm,
    head=head(),
)
READ.add(
    "the next word, of two directions",
    "reads ahead",
    lambda m, x: m.head(m.rnn(m.embed(x))[0]),
    tokens,
    embed=embed,
    rnn=lambda: two_ways(1),
    head=head(2 * UNITS, 20),
)
READ.add(
    "a reverse layer that is not flipped back",
    "reverse not flipped back",
    lambda m, x: m.head(torch.cat((m.one(x)[0], m.other(x.flip(1))[0]), -1)),
    one=lstm,
    other=lstm,
    head=head(2 * UNITS),
)
READ.add(
    "h as the forecast",
    "bounded result",
    lambda m, x: m.rnn(x)[0],
    rnn=lambda: lstm(units=FEATURES),
)
