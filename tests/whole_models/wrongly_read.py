"""Mistakes after the layer: what is read of what it returned, and what becomes of it."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_packed_sequence

from tests.whole_models import (
    FEATURES,
    UNITS,
    L,
    N,
    Zoo,
    embed,
    gru,
    head,
    last,
    lengths,
    lstm,
    packed,
    padded,
    steps_of,
    tokens,
    two_ways,
    unpacked,
    weighted,
)

READ = Zoo()


def deep() -> nn.LSTM:
    return lstm(num_layers=3)


READ.add(
    "h_n[-1] of two directions",
    "unread layer",
    lambda m, x: m.head(m.rnn(x)[1][0][-1]),
    rnn=two_ways,
)
READ.add(
    "h_n[0] of three layers",
    "unread layer",
    lambda m, x: m.head(m.rnn(x)[1][0][0]),
    rnn=deep,
)
READ.add(
    "h_n[1] of two layers, two directions",
    "unread layer",
    lambda m, x: m.head(m.rnn(x)[1][0][1]),
    rnn=two_ways,
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
)
READ.add(
    "output[-1] with batch_first",
    "unread sequences",
    lambda m, x: m.head(m.rnn(x)[0][-1]),
    rnn=lstm,
)
READ.add(
    "output[:, -1] without batch_first",
    "unread sequences",
    lambda m, x: m.head(m.rnn(x)[0][:, -1]),
    rnn=lambda: nn.LSTM(FEATURES, UNITS),
)
READ.add(
    "output[:, -1] of a batch that was packed",
    "unread sequences",
    lambda m, x, n: m.head(unpacked(m.rnn(packed(x, n))[0])[:, -1]),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
READ.add(
    "output[:, -1] of a padded batch",
    "padding read",
    last,
    padded,
    rnn=lstm,
)
READ.add(
    "h_n of a padded batch",
    "padding read",
    lambda m, x: m.head(m.rnn(x)[1][-1]),
    padded,
    rnn=gru,
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
)
READ.add(
    "softmax over the batch",
    "sequences mixed",
    lambda m, x: m.head(m.rnn(x)[0][:, -1]).softmax(0),
    rnn=lstm,
)
READ.add(
    "mean over the batch",
    "sequences mixed",
    lambda m, x: (lambda h: m.head(h - h.mean(0)))(m.rnn(x)[1][0][-1]),
    rnn=lstm,
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
)
READ.add(
    "torch.tensor of the output",
    "no gradient",
    lambda m, x: m.head(torch.tensor(m.rnn(x)[0][:, -1].tolist())),
    rnn=lstm,
)
READ.add(
    "numpy on the way",
    "no gradient",
    lambda m, x: m.head(torch.from_numpy(m.rnn(x)[0].detach().numpy())[:, -1]),
    rnn=lstm,
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
)
READ.add(
    "log_softmax(1) of a tagger",
    "softmax over steps",
    lambda m, x: m.head(m.rnn(x)[0]).log_softmax(1),
    rnn=lstm,
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
    head=None,
)


# what an unpacked output has behind the steps
READ.add(
    "attention over padding",
    "padding unpacked",
    lambda m, x, of: weighted(m, x, of, torch.zeros_like),
    lambda: (padded(), lengths()),
    rnn=gru,
    score=head(outputs=1),
)
READ.add(
    "attention with its mask the other way",
    "padding unpacked",
    lambda m, x, of: weighted(m, x, of, torch.logical_not),
    lambda: (padded(), lengths()),
    rnn=gru,
    score=head(outputs=1),
)
READ.add(
    "a maximum over padding",
    "padding unpacked",
    lambda m, x, of: m.head(unpacked(m.rnn(packed(x, of))[0]).amax(1)),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
READ.add(
    "a mean that counts padding",
    "padding unpacked",
    lambda m, x, of: m.head(unpacked(m.rnn(packed(x, of))[0]).mean(dim=1)),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
READ.add(
    "gathered one step too late",
    "padding unpacked",
    lambda m, x, of: m.head(
        unpacked(m.rnn(packed(x, of))[0])[torch.arange(N), of.clamp(max=L - 1)]
    ),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
READ.add(
    "a loss that counts padding",
    "padding unpacked",
    lambda m, x, of: functional.cross_entropy(
        m.head(unpacked(m.rnn(packed(x, of))[0])).flatten(0, 1), torch.zeros(N * L).long()
    ),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
READ.add(
    "unpacked steps first, and viewed sequences first",
    "sequences mixed",
    lambda m, x, of: m.head(
        pad_packed_sequence(m.rnn(packed(x, of))[0])[0].reshape(-1, UNITS)
    ).view(N, L, 3),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
READ.add(
    "a code repeated in the order of another axis",
    "sequences mixed",
    lambda m, x: m.head(m.decoder(m.rnn(x)[1][-1].repeat(L, 1).view(N, L, UNITS))[0]),
    rnn=gru,
    decoder=lambda: gru(UNITS),
)
READ.add(
    "a softmax of a softmax",
    "softmax twice",
    lambda m, x: nn.Softmax(dim=-1)(last(m, x)).log_softmax(-1),
    rnn=lstm,
)
READ.add(
    "cross-entropy of a softmax",
    "softmax twice",
    lambda m, x: nn.CrossEntropyLoss()(last(m, x).softmax(-1), torch.zeros(N).long()),
    rnn=lstm,
)
READ.add(
    "the loss of the next word, of two directions",
    "reads ahead",
    lambda m, x: functional.cross_entropy(
        m.head(m.rnn(m.embed(x))[0])[:, :-1].flatten(0, 1), x[:, 1:].flatten()
    ),
    tokens,
    embed=embed,
    rnn=two_ways,
    head=head(2 * UNITS, 20),
)


def overwritten(m: Any, x: Tensor) -> Tensor:
    """Write the state of each step into one buffer, which is all that is kept."""
    h, buffer, outputs = None, torch.empty(N, UNITS), []
    for step in steps_of(x):
        h = m.rnn(step, h)
        outputs.append(buffer.copy_(h))
    return m.head(torch.stack(outputs, 1))


READ.add(
    "a buffer that each step overwrites",
    "same at each step",
    overwritten,
    rnn=lambda: nn.GRUCell(FEATURES, UNITS),
)
READ.add(
    "a batch norm of steps, behind the layer",
    "norm over steps",
    lambda m, x: m.head(m.norm(m.rnn(x)[0]).mean(1)),
    rnn=lstm,
    norm=lambda: nn.BatchNorm1d(L),
)
READ.add(
    "a relu that is shut",
    "gradient of 0",
    lambda m, x: m.scores((last(m, x) - 9).relu()),
    rnn=lstm,
    head=head(),
    scores=head(3, 2),
)
