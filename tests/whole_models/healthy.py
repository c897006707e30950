"""Models without a mistake, as people write them, and the notes that are true of them.

Any may be fresh: nothing is trained here.
"""

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import pack_sequence

from rnn_figures import set_forget_bias
from tests.whole_models import (
    FEATURES,
    UNITS,
    Case,
    InTraining,
    L,
    Model,
    N,
    Zoo,
    decoded,
    embed,
    every,
    gru,
    head,
    in_front,
    last,
    lengths,
    lstm,
    noise,
    packed,
    padded,
    padding,
    series,
    tokens,
    two_ways,
    unpacked,
    weighted,
)

HEALTHY = Zoo()


def both_ends(m: Any, x: Tensor) -> Tensor:
    h = m.rnn(x)[1][0]
    return m.head(torch.cat((h[-2], h[-1]), -1))


def blank() -> nn.Linear:
    """Return a head as some start it: it gives 0, whatever it reads."""
    found = nn.Linear(UNITS, 2)
    nn.init.zeros_(found.weight)
    return found


@dataclass
class Output:
    logits: Tensor
    loss: Tensor | None = None


def with_loss(m: Any, x: Tensor, y: Tensor) -> Output:
    logits = every(m, x)
    return Output(logits, functional.cross_entropy(logits.flatten(0, 1), y.flatten()))


def kept(m: Any, x: Tensor) -> Tensor:
    if m.state is not None:
        m.state = tuple(part.detach() for part in m.state)
    output, m.state = m.rnn(x, m.state)
    return m.head(output)


# one layer and a head
HEALTHY.add("a forecaster", "", last, rnn=lstm)
HEALTHY.add("a forecaster on h_n", "", lambda m, x: m.head(m.rnn(x)[1][-1]), rnn=gru)
HEALTHY.add("a forecaster with a relu", "", lambda m, x: last(m, x).relu(), rnn=lstm)
HEALTHY.add(
    "a forecaster of one number",
    "",
    lambda m, x: last(m, x).squeeze(-1),
    rnn=lstm,
    head=head(outputs=1),
)
HEALTHY.add("a forecaster of noise", "", last, noise, rnn=gru)
HEALTHY.add(
    "a tagger",
    "",
    lambda m, x: every(m, m.embed(x)),
    tokens,
    embed=embed,
    rnn=two_ways,
    head=head(2 * UNITS),
)
HEALTHY.add("a classifier of two directions", "", both_ends, rnn=two_ways, head=head(2 * UNITS))
HEALTHY.add(
    "mean over steps",
    "",
    lambda m, x: m.head(m.rnn(x)[0].mean(1)),
    rnn=two_ways,
    head=head(2 * UNITS),
)
HEALTHY.add(
    "largest over steps",
    "",
    lambda m, x: m.head(m.rnn(x)[0].amax(1)),
    rnn=two_ways,
    head=head(2 * UNITS),
)
HEALTHY.add(
    "first and last step",
    "",
    lambda m, x: (lambda o: m.head(torch.cat((o[:, 0, UNITS:], o[:, -1, :UNITS]), -1)))(
        m.rnn(x)[0]
    ),
    rnn=two_ways,
    head=head(2 * UNITS),
)
HEALTHY.add("probabilities", "", lambda m, x: last(m, x).log_softmax(-1), rnn=lstm)
HEALTHY.add(
    "logits as rows of all steps",
    "",
    lambda m, x: every(m, x).flatten(0, 1),
    rnn=lstm,
    head=head(outputs=N),
)
HEALTHY.add("as many classes as sequences", "", last, rnn=lstm, head=head(outputs=N))
HEALTHY.add(
    "steps first",
    "",
    lambda m, x: m.head(m.rnn(x)[0][-1]),
    lambda: series().transpose(0, 1),
    rnn=lambda: nn.LSTM(FEATURES, UNITS),
)
HEALTHY.add("as many steps as sequences", "", last, lambda: series(N, N, FEATURES), rnn=lstm)
HEALTHY.add("one sequence", "", last, lambda: series(1, 100, FEATURES), rnn=lstm)
HEALTHY.add(
    "no batch",
    "no batch",
    lambda m, x: m.head(m.rnn(x)[0]),
    lambda: series(1, 100, FEATURES)[0],
    rnn=lstm,
)
HEALTHY.add("two sequences", "", last, lambda: series(2, 50, FEATURES), rnn=gru)
HEALTHY.add(
    "images by rows",
    "",
    last,
    lambda: (torch.rand(N, 28, 28) > 0.8).float(),
    rnn=lambda: lstm(28),
)
HEALTHY.add("a window of two steps", "", last, lambda: series(64, 2, FEATURES), rnn=lstm)
HEALTHY.add("returns that were scaled", "", last, lambda: noise(N, 60, 1), rnn=lambda: lstm(1))
HEALTHY.add(
    "prices from 0 to 1",
    "",
    last,
    lambda: torch.rand(N, 60, 1),
    rnn=lambda: lstm(1, 50, num_layers=4),
    head=head(50),
)
HEALTHY.add(
    "one-hot letters",
    "",
    every,
    lambda: functional.one_hot(tokens(30), 30).float(),
    rnn=lambda: lstm(30),
)
HEALTHY.add(
    "rare events",
    "",
    every,
    lambda: (torch.rand(N, 80, 6) > 0.97).float(),
    rnn=lambda: lstm(6),
)
HEALTHY.add(
    "relu",
    "",
    last,
    rnn=lambda: nn.RNN(FEATURES, UNITS, nonlinearity="relu", batch_first=True),
)
HEALTHY.add("projection", "", last, rnn=lambda: lstm(proj_size=4, num_layers=2), head=head(4))
# padding and packing
HEALTHY.add(
    "packed, h_n",
    "",
    lambda m, x, n: m.head(m.rnn(packed(x, n))[1][0][-1]),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
HEALTHY.add(
    "packed, each step",
    "",
    lambda m, x, n: m.head(unpacked(m.rnn(packed(x, n))[0])),
    lambda: (padded(), lengths()),
    rnn=two_ways,
    head=head(2 * UNITS),
)
HEALTHY.add(
    "packed, gathered",
    "",
    lambda m, x, n: m.head(unpacked(m.rnn(packed(x, n))[0])[torch.arange(N), n - 1]),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
HEALTHY.add(
    "padded, masked mean",
    "",
    lambda m, x, n: m.head(
        (m.rnn(x)[0] * (torch.arange(L) < n[:, None])[..., None]).sum(1) / n[:, None]
    ),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
HEALTHY.add(
    "padded, gathered",
    "",
    lambda m, x, n: m.head(m.rnn(x)[0][torch.arange(N), n - 1]),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
HEALTHY.add(
    "a packed sequence",
    "",
    lambda m, x: m.head(m.rnn(x)[0].data),
    lambda: pack_sequence([noise(1, n, FEATURES)[0] for n in (30, 25, 25, 9)]),
    rnn=gru,
)
HEALTHY.add(
    "equal lengths, packed",
    "",
    lambda m, x: m.head(unpacked(m.rnn(packed(x, torch.full((N,), L)))[0])[:, -1]),
    rnn=lstm,
)
# several layers
HEALTHY.add(
    "layers as modules",
    "",
    lambda m, x: m.head(m.c(functional.dropout(m.b(m.a(x)[0])[0], 0.5, m.training))[0][:, -1]),
    a=lstm,
    b=lambda: lstm(UNITS),
    c=lambda: lstm(UNITS),
)
HEALTHY.add(
    "residual layers",
    "",
    lambda m, x: (lambda h: m.head(h + m.b(h)[0]))(m.a(x)[0]),
    a=lstm,
    b=lambda: lstm(UNITS),
)
HEALTHY.add(
    "one layer called twice",
    "",
    lambda m, a, b: (last(m, a) - last(m, b)).abs(),
    lambda: (series(), series()),
    rnn=lstm,
)
HEALTHY.add(
    "a triplet",
    "",
    lambda m, x: functional.normalize(last(m, x)),
    lambda: series(3, L, FEATURES),
    rnn=gru,
)
HEALTHY.add(
    "an unused output beside it",
    "",
    lambda m, x: (m.head(m.rnn(x)[0][:, -1]), m.rnn.weight_hh_l0.square().sum()),
    rnn=lstm,
)
HEALTHY["a layer alone"] = Case(two_ways, lambda: (series(),), frozenset({"fresh layer"}))

HEALTHY["a sequential"] = Case(
    lambda: nn.Sequential(nn.Linear(FEATURES, FEATURES), gru()),
    lambda: (series(),),
    frozenset({"fresh layer"}),
)

HEALTHY.add("logits and loss", "", with_loss, lambda: (series(), tokens(3)), rnn=lstm)
HEALTHY.add(
    "a dictionary",
    "",
    lambda m, x: {"scores": last(m, x), "state": m.rnn(x)[1]},
    rnn=lstm,
)
HEALTHY.add(
    "a named tuple",
    "",
    lambda m, x: namedtuple("Out", "a b")(last(m, x), None),
    rnn=lstm,
)
HEALTHY.add("words alone", "", lambda m, x: last(m, x).argmax(-1), rnn=lstm)
HEALTHY.add(
    "a state that is learned",
    "",
    lambda m, x: m.head(m.rnn(x, m.start.expand(-1, len(x), -1).contiguous())[0]),
    rnn=gru,
    start=lambda: nn.Parameter(noise(1, 1, UNITS)),
)
HEALTHY.add(
    "a frozen reader",
    "frozen layer",
    lambda m, x: (lambda h: m.head(m.b(h)[0]))(m.a(x)[0].detach()),
    a=lambda: lstm().requires_grad_(False),
    b=lambda: lstm(UNITS),
)
HEALTHY.add(
    "a reader without gradients",
    "no gradient",
    lambda m, x: m.head(m.b(torch.no_grad()(m.a)(x)[0])[0]),
    a=lstm,
    b=lambda: lstm(UNITS),
)
HEALTHY.add(
    "all frozen",
    "",
    last,
    rnn=lambda: lstm().requires_grad_(False),
    head=lambda: nn.Linear(UNITS, 2).requires_grad_(False),
)
HEALTHY.add(
    "batch norm",
    "",
    lambda m, x: m.head(m.norm(m.rnn(x)[0][:, -1])),
    rnn=lstm,
    norm=lambda: nn.BatchNorm1d(UNITS),
)
HEALTHY.add(
    "a head of zeros",
    "gradient of 0",
    last,
    rnn=lstm,
    head=blank,
)
HEALTHY.add(
    "weight norm",
    "",
    last,
    rnn=lambda: parametrizations.weight_norm(lstm(), "weight_hh_l0"),
)
HEALTHY.add(
    "orthogonal weights",
    "",
    last,
    rnn=lambda: parametrizations.orthogonal(
        nn.RNN(FEATURES, UNITS, batch_first=True), "weight_hh_l0"
    ),
)
HEALTHY.add(
    "float64",
    "",
    lambda m, x: last(m, x.double()),
    rnn=lambda: lstm().double(),
    head=lambda: nn.Linear(UNITS, 2).double(),
)
HEALTHY.add(
    "bfloat16",
    "",
    lambda m, x: last(m, x.bfloat16()),
    rnn=lambda: lstm().bfloat16(),
    head=lambda: nn.Linear(UNITS, 2).bfloat16(),
)
HEALTHY.add(
    "in parallel",
    "",
    lambda m, x: m.net(x),
    net=lambda: nn.DataParallel(Model(last, rnn=lstm(), head=nn.Linear(UNITS, 2))),
    head=None,
)
HEALTHY.add(
    "a state kept, detached", "", lambda m, x: kept(m, x), rnn=lstm, head=head(), state=lambda: None
)


def in_order(m: Any, x: Tensor, of: Tensor) -> Tensor:
    """Read the rows sorted by length, and put what came of them back."""
    order = of.argsort(descending=True)
    rows = nn.utils.rnn.pack_padded_sequence(x[order], of[order], batch_first=True)
    return m.head(m.rnn(rows)[1][0][-1])[order.argsort()]


def shuffled() -> tuple[Tensor, Tensor]:
    order = torch.tensor([3, 0, 6, 1, 7, 2, 5, 4])
    return padded()[order], lengths()[order]


HEALTHY.add("sorted by length, put back", "", in_order, shuffled, rnn=lstm)
HEALTHY.add(
    "two directions by hand, flipped back",
    "",
    lambda m, x: m.head(torch.cat((m.one(x)[0], m.other(x.flip(1))[0].flip(1)), -1)),
    one=lstm,
    other=lstm,
    head=head(2 * UNITS),
)
HEALTHY.add(
    "a convolution, channels last",
    "",
    lambda m, x: last(m, m.conv(x).relu().transpose(1, 2)),
    lambda: noise(N, 3, L),
    conv=lambda: nn.Conv1d(3, FEATURES, 5, padding=2),
    rnn=lstm,
)
HEALTHY.add(
    "a listener that joins two steps to one",
    "",
    lambda m, x: m.head(m.rnn(x.reshape(N, L // 2, 2 * FEATURES))[0]),
    rnn=lambda: lstm(2 * FEATURES),
)
HEALTHY.add(
    "words folded into the batch",
    "",
    lambda m, x: last(m, m.letters(x.flatten(0, 1))[1][-1].unflatten(0, (N, -1))),
    lambda: noise(N, 9, 6, 4),
    letters=lambda: gru(4, FEATURES),
    rnn=lstm,
)
HEALTHY.add(
    "attention of several heads",
    "",
    lambda m, x: m.head(m.attention(*[m.rnn(x)[0]] * 3)[0].mean(1)),
    rnn=lstm,
    attention=lambda: nn.MultiheadAttention(UNITS, 3, batch_first=True),
)
HEALTHY.add("dropout between layers", "", last, rnn=lambda: lstm(num_layers=2, dropout=0.3))
HEALTHY.add(
    "padding before the steps",
    "",
    last,
    in_front,
    rnn=lstm,
)
HEALTHY.add(
    "400 steps, all read",
    "",
    lambda m, x: m.head(m.rnn(x)[0].mean(1)),
    lambda: noise(4, 400, FEATURES),
    rnn=lstm,
)
HEALTHY.add(
    "a sequence of its own in each half",
    "",
    lambda m, x: m.head(torch.cat([m.rnn(part)[0][:, -1] for part in x.split(20, 1)], -1)),
    rnn=lstm,
    head=head(2 * UNITS),
)


def lasting() -> nn.LSTM:
    """Return a layer that keeps for long."""
    found = lstm()
    set_forget_bias(found, 3.0)
    return found


HEALTHY.add(
    "400 steps, the last read, kept for long",
    "",
    last,
    lambda: noise(4, 400, FEATURES),
    rnn=lasting,
)
# the twins of mistakes
HEALTHY.add(
    "attention, its padding hidden",
    "",
    lambda m, x, of: weighted(m, x, of, lambda hidden: hidden),
    lambda: (padded(), lengths()),
    rnn=gru,
    score=head(outputs=1),
)
HEALTHY.add(
    "attention of torch's, its padding hidden",
    "",
    lambda m, x, of: (lambda o: m.head(m.heads(o, o, o, key_padding_mask=padding(of))[0]))(
        unpacked(m.rnn(packed(x, of))[0])
    ),
    lambda: (padded(), lengths()),
    rnn=gru,
    heads=lambda: nn.MultiheadAttention(UNITS, 3, batch_first=True),
)
HEALTHY.add(
    "a sum of an unpacked output over lengths",
    "",
    lambda m, x, of: m.head(unpacked(m.rnn(packed(x, of))[0]).sum(1) / of[:, None]),
    lambda: (padded(), lengths()),
    rnn=gru,
)
HEALTHY.add(
    "a mean of equal lengths, unpacked",
    "",
    lambda m, x: m.head(unpacked(m.rnn(packed(x, torch.full((N,), L)))[0]).mean(1)),
    rnn=gru,
)
HEALTHY.add(
    "a maximum, its padding hidden",
    "",
    lambda m, x, of: m.head(
        unpacked(m.rnn(packed(x, of))[0]).masked_fill(padding(of)[..., None], -torch.inf).amax(1)
    ),
    lambda: (padded(), lengths()),
    rnn=gru,
)
HEALTHY.add(
    "logits of unpacked steps as rows",
    "",
    lambda m, x, of: m.head(unpacked(m.rnn(packed(x, of))[0])).flatten(0, 1),
    lambda: (padded(), lengths()),
    rnn=two_ways,
    head=head(2 * UNITS),
)
HEALTHY.add(
    "packed, unpacked and packed again",
    "",
    lambda m, x, of: m.head(
        m.other(packed(m.between(unpacked(m.rnn(packed(x, of))[0])), of))[1][0]
    ),
    lambda: (padded(), lengths()),
    rnn=lstm,
    between=lambda: nn.LayerNorm(UNITS),
    other=lambda: gru(UNITS),
)
HEALTHY.add(
    "a loss that leaves padding out",
    "",
    lambda m, x, of: functional.cross_entropy(
        m.head(unpacked(m.rnn(packed(x, of))[0])).flatten(0, 1),
        torch.zeros(N, L).long().masked_fill(padding(of), -100).flatten(),
    ),
    lambda: (padded(), lengths()),
    rnn=lstm,
)
HEALTHY.add(
    "a batch norm of features, before the layer and behind it",
    "",
    lambda m, x: m.head(
        m.norm(m.rnn(m.first(x.transpose(1, 2)).transpose(1, 2))[0].transpose(1, 2)).mean(2)
    ),
    first=lambda: nn.BatchNorm1d(FEATURES),
    rnn=lstm,
    norm=lambda: nn.BatchNorm1d(UNITS),
)
HEALTHY.add(
    "two inputs of the same steps, side by side",
    "",
    lambda m, x, y: last(m, torch.cat((x, y), -1)),
    lambda: (series(), series()),
    rnn=lambda: lstm(2 * FEATURES),
)
HEALTHY.add(
    "the sequences in an order drawn at each run",
    "random numbers",
    lambda m, x: last(m, x[torch.randperm(N)]),
    rnn=lstm,
)
HEALTHY.add(
    "a first step that is learned",
    "",
    lambda m, x: last(m, torch.cat((m.first.expand(N, 1, FEATURES), x), 1)),
    rnn=lstm,
    first=lambda: nn.Parameter(noise(1, 1, FEATURES)),
)
HEALTHY.add(
    "attention, and a softmax of what it gives",
    "",
    lambda m, x: (lambda o: m.head((m.score(o).softmax(1) * o).sum(1)).log_softmax(-1))(
        m.rnn(x)[0]
    ),
    rnn=lstm,
    score=head(outputs=1),
)
HEALTHY.add(
    "a decoder that is fed its own words",
    "",
    lambda m, x: decoded(m, x, lambda word, scores: scores.argmax(-1)),
    rnn=gru,
    embed=lambda: nn.Embedding(20, FEATURES),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
    head=head(outputs=20),
)


def translated(m: Any, x: Tensor) -> Tensor:
    """Write as many words as are read, from a reader of both directions and its memory."""
    memory = m.join(m.rnn(m.embed(x))[0])
    output = m.decoder(m.embed(x))[0]
    weights = (output @ memory.transpose(1, 2)).softmax(-1)
    return m.head(torch.cat((output, weights @ memory), -1))


HEALTHY.add(
    "as many words written as read, in both directions",
    "",
    translated,
    tokens,
    embed=embed,
    rnn=lambda: two_ways(1),
    join=head(2 * UNITS, UNITS),
    decoder=gru,
    head=head(2 * UNITS, 20),
)
HEALTHY.add(
    "batch norm behind the layer, in training mode",
    "",
    lambda m, x: m.training_part(x),
    training_part=lambda: InTraining(
        lambda m, x: m.head(m.norm(m.rnn(x)[0][:, -1]).view(N, 2, -1).flatten(1)),
        rnn=lstm(),
        norm=nn.BatchNorm1d(UNITS),
        head=nn.Linear(UNITS, 2),
    ),
    head=None,
)
HEALTHY.add(
    "two batches compared, each with each",
    "",
    lambda m, x, y: last(m, x) @ last(m, y).T,
    lambda: (series(), series()),
    rnn=lstm,
)


def identity_and_relu() -> nn.RNN:
    """Return a layer as an IRNN starts: W_hh the identity, small input weights, no bias."""
    layer = nn.RNN(1, UNITS, nonlinearity="relu", batch_first=True)
    for name, weight in layer.named_parameters():
        start = nn.init.zeros_ if "bias" in name else nn.init.eye_
        start(weight) if "ih" not in name or "bias" in name else nn.init.normal_(weight, std=0.01)
    return layer


HEALTHY.add("an IRNN", "", last, lambda: torch.rand(4, 49, 1), rnn=identity_and_relu)


def near_one_in_f() -> nn.LSTM:
    """Return a layer of small biases, the forget gate's near 1, as another framework left it."""
    layer = lstm()
    with torch.no_grad():
        for bias in (layer.get_parameter("bias_ih_l0"), layer.get_parameter("bias_hh_l0")):
            bias.mul_(0.05)
        bias[UNITS : 2 * UNITS] += 1
    return layer


HEALTHY.add("weights in the order i f g o", "", last, rnn=near_one_in_f)
