"""Architectures that others published, in small, and the notes that are true of them."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.whole_models import (
    FEATURES,
    UNITS,
    L,
    N,
    Zoo,
    embed,
    gru,
    head,
    lstm,
    noise,
    series,
    steps_of,
    tokens,
    two_ways,
)

PUBLISHED = Zoo()


def attend(m: Any, of: Tensor, by: Tensor) -> Tensor:
    """Return what a query of each sequence attends to, (N, H)."""
    return (torch.einsum("nlh,nh->nl", of, by).softmax(-1)[..., None] * of).sum(1)


def seq2seq(m: Any, x: Tensor, y: Tensor) -> Tensor:
    """Read with one layer, write with another from its state."""
    state = m.encoder(m.embed(x))[1]
    return m.head(m.decoder(m.embed(y), state)[0])


def attending(m: Any, x: Tensor, y: Tensor) -> Tensor:
    """Write step by step with a cell that attends to what was read."""
    read, (h, c) = m.encoder(m.embed(x))
    state, scores = (h[0], c[0]), []
    for step in steps_of(m.embed(y)):
        state = m.decoder(torch.cat((step, attend(m, read, state[0])), -1), state)
        scores.append(m.head(state[0]))
    return torch.stack(scores, 1)


def greedy(m: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """Write from its own words."""
    state, word, scores = m.encoder(m.embed(x))[1], x[:, :1], []
    for _ in range(10):
        output, state = m.decoder(m.embed(word), state)
        scores.append(m.head(output))
        word = scores[-1].argmax(-1)
    return torch.cat(scores, 1), word


def sampled(m: Any, x: Tensor) -> Tensor:
    """Forecast by samples, as DeepAR does."""
    output, state = m.rnn(x)
    value, found = m.head(output[:, -1:]), []
    for _ in range(5):
        mean, spread = value.chunk(2, -1)
        draw = mean + functional.softplus(spread) * torch.randn_like(mean)
        found.append(draw)
        output, state = m.rnn(draw, state)
        value = m.head(output)
    return torch.cat(found, 1)


def variational(m: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Read into a code with noise, and write from it at each step."""
    mean, spread = m.code(m.encoder(x)[1][0][-1]).chunk(2, -1)
    code = mean + (spread / 2).exp() * torch.randn_like(mean)
    return m.head(m.decoder(code[:, None].expand(-1, L, -1))[0]), mean, spread


def words_of_letters(m: Any, letters: Tensor) -> Tensor:
    """Read each word by its letters, then the sentence by its words."""
    several, words, size = letters.shape
    h = m.letters(m.embed(letters.view(-1, size)))[1][0]
    return m.head(m.words(torch.cat((h[0], h[1]), -1).view(several, words, -1))[0])


def crnn(m: Any, image: Tensor) -> Tensor:
    """Read an image by its columns."""
    columns = m.conv(image).flatten(1, 2).permute(2, 0, 1)
    return m.head(m.rnn(columns)[0]).log_softmax(-1)


def actor_critic(m: Any, x: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
    output, state = m.rnn(x, state)
    return m.head(output), m.value(output), state


def with_resets(m: Any, x: Tensor, done: Tensor) -> Tensor:
    """Begin from zeros where an episode has ended."""
    h, outputs = x.new_zeros(len(x), UNITS), []
    for step, ended in zip(steps_of(x), done.T, strict=True):
        h = m.cell(step, h * ~ended[:, None])
        outputs.append(h)
    return m.head(torch.stack(outputs, 1))


def two_cells(m: Any, x: Tensor) -> Tensor:
    first = second = None
    outputs = []
    for step in steps_of(x):
        first = m.a(step, first)
        second = m.b(first[0], second)
        outputs.append(second[0])
    return m.head(torch.stack(outputs, 1))


def tacotron(m: Any, memory: Tensor, frames: Tensor) -> Tensor:
    """Two cells, what they attend to, and a network before them."""
    h, d, context, out = None, None, memory[:, 0] * 0, []
    for frame in steps_of(frames):
        h = m.attention(torch.cat((m.before(frame).relu(), context), -1), h)
        context = attend(m, memory, m.query(h[0]))
        d = m.decoder(torch.cat((h[0], context), -1), d)
        out.append(m.head(torch.cat((d[0], context), -1)))
    return torch.stack(out, 1)


def tree(m: Any, x: Tensor) -> Tensor:
    """Join neighbours, pair by pair, until one is left."""
    h = x
    while h.shape[1] > 1:
        left, right = h[:, ::2], h[:, 1::2]
        h = m.join(left.flatten(0, 1), right.flatten(0, 1)).view(len(x), -1, UNITS)
    return m.head(h[:, 0])


def graph(m: Any, x: Tensor, edges: Tensor) -> Tensor:
    """Pass messages between nodes, three times."""
    h = x
    for _ in range(3):
        h = m.cell(edges @ h, h)
    return m.head(h)


def set2set(m: Any, x: Tensor) -> Tensor:
    state, star = None, x.new_zeros(len(x), 1, 2 * UNITS)
    for _ in range(4):
        query, state = m.rnn(star, state)
        star = torch.cat((query, attend(m, x, query[:, 0])[:, None]), -1)
    return m.head(star[:, 0])


def elmo(m: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    first = m.a(x)[0]
    return first, m.b(first)[0]


PUBLISHED.add(
    "a sequence to a sequence",
    "",
    seq2seq,
    lambda: (tokens(), tokens(20, N, 15)),
    embed=embed,
    encoder=lstm,
    decoder=lstm,
    head=head(outputs=20),
)
PUBLISHED.add(
    "attention, by a cell",
    "",
    attending,
    lambda: (tokens(), tokens(20, N, 15)),
    embed=embed,
    encoder=lstm,
    decoder=lambda: nn.LSTMCell(FEATURES + UNITS, UNITS),
    head=head(outputs=20),
)
PUBLISHED.add(
    "from its own words",
    "",
    greedy,
    tokens,
    embed=embed,
    encoder=gru,
    decoder=gru,
    head=head(outputs=20),
)
PUBLISHED.add(
    "DeepAR",
    "random numbers",
    sampled,
    lambda: series(N, L, 1),
    rnn=lambda: lstm(1),
    head=head(outputs=2),
)
PUBLISHED.add(
    "a variational coder",
    "random numbers, constant input",
    variational,
    encoder=lstm,
    code=head(outputs=8),
    decoder=lambda: lstm(4),
)
PUBLISHED.add(
    "an autoencoder",
    "constant input",
    lambda m, x: m.head(m.decoder(m.encoder(x)[1][0][-1][:, None].expand(-1, L, -1))[0]),
    encoder=lstm,
    decoder=lambda: lstm(UNITS),
    head=head(outputs=FEATURES),
)
PUBLISHED.add(
    "letters, then words",
    "",
    words_of_letters,
    lambda: tokens(20, N, 9, 6),
    embed=embed,
    letters=lambda: lstm(bidirectional=True),
    words=lambda: lstm(2 * UNITS),
)
PUBLISHED.add(
    "CRNN",
    "",
    crnn,
    lambda: noise(4, 1, 16, 60),
    conv=lambda: nn.Conv2d(1, 4, 3, stride=(4, 1)),
    rnn=lambda: nn.LSTM(16, UNITS, 2, bidirectional=True),
    head=head(2 * UNITS, 11),
)
PUBLISHED.add(
    "an actor and a critic",
    "",
    actor_critic,
    lambda: (series(), None),
    rnn=gru,
    head=head(),
    value=head(outputs=1),
)
PUBLISHED.add(
    "DRQN, one step at a time",
    "",
    actor_critic,
    lambda: (series(16, 1, FEATURES), noise(1, 16, UNITS).tanh()),
    rnn=gru,
    head=head(),
    value=head(outputs=1),
)
PUBLISHED.add(
    "resets within a sequence",
    "",
    with_resets,
    lambda: (series(), torch.rand(N, L) > 0.9),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
)
PUBLISHED.add(
    "two cells in a loop",
    "",
    two_cells,
    a=lambda: nn.LSTMCell(FEATURES, UNITS),
    b=lambda: nn.LSTMCell(UNITS, UNITS),
)
PUBLISHED.add(
    "Tacotron",
    "",
    tacotron,
    lambda: (noise(N, 15, UNITS), noise(N, L, 6)),
    before=head(6, 6),
    attention=lambda: nn.LSTMCell(6 + UNITS, UNITS),
    query=head(outputs=UNITS),
    decoder=lambda: nn.LSTMCell(2 * UNITS, UNITS),
    head=head(2 * UNITS, 6),
)
PUBLISHED.add(
    "a tree",
    "",
    tree,
    lambda: noise(N, 32, UNITS),
    join=lambda: nn.GRUCell(UNITS, UNITS),
)
PUBLISHED.add(
    "messages on a graph",
    "",
    graph,
    lambda: (noise(30, UNITS), torch.rand(30, 30)),
    cell=lambda: nn.GRUCell(UNITS, UNITS),
)
PUBLISHED.add(
    "a set to a set",
    "",
    set2set,
    lambda: noise(N, 20, UNITS),
    rnn=lambda: lstm(2 * UNITS),
    head=head(2 * UNITS),
)
PUBLISHED.add(
    "a pyramid",
    "",
    lambda m, x: m.head(m.b(m.a(x)[0].reshape(len(x), L // 2, 2 * UNITS))[0].mean(1)),
    a=lstm,
    b=lambda: lstm(2 * UNITS),
)
PUBLISHED.add(
    "ELMo",
    "",
    lambda m, x: m.head(
        (m.mix.softmax(0)[:, None, None, None] * torch.stack([x, *elmo(m, x)])).sum(0)
    ),
    lambda: noise(N, L, 2 * UNITS),
    a=lambda: lstm(2 * UNITS, bidirectional=True),
    b=lambda: lstm(2 * UNITS, bidirectional=True),
    mix=lambda: nn.Parameter(torch.zeros(3)),
    head=head(2 * UNITS),
)
PUBLISHED.add(
    "along both axes",
    "sequences mixed, axes exchanged",
    lambda m, x: m.head(m.b(m.a(x)[0].transpose(0, 1))[0].transpose(0, 1)),
    a=lstm,
    b=lambda: lstm(UNITS),
)
PUBLISHED.add(
    "chunks of a long sequence",
    "",
    lambda m, x: m.head(m.rnn(x.reshape(-1, 10, FEATURES))[0]).reshape(len(x), L, 3),
    rnn=two_ways,
    head=head(2 * UNITS),
)
