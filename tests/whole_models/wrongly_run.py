"""Mistakes in how a layer is run: its state, its input, its weights."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

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
    gru,
    head,
    in_front,
    last,
    lengths,
    lstm,
    noise,
    packed,
    padded,
    series,
    steps_of,
    tokens,
)

RUN = Zoo()


def rnn(**options: Any) -> nn.RNN:
    return nn.RNN(FEATURES, UNITS, batch_first=True, **options)


def biased(
    kind: type[nn.LSTM | nn.GRU | nn.RNN], value: float, gate: int, **options: Any
) -> nn.RNNBase:
    """Return a layer of which one gate's bias has a value."""
    layer = kind(FEATURES, UNITS, batch_first=True, **options)
    with torch.no_grad():
        layer.get_parameter("bias_hh_l0")[gate * UNITS : (gate + 1) * UNITS] = value
    return layer


def scaled(layer: nn.RNNBase, by: float) -> nn.RNNBase:
    with torch.no_grad():
        for weight in layer.parameters():
            weight.mul_(by)
    return layer


def filled(layer: nn.RNNBase, value: float) -> nn.RNNBase:
    for weight in layer.parameters():
        nn.init.constant_(weight, value)
    return layer


def spoiled(layer: nn.RNNBase) -> nn.RNNBase:
    with torch.no_grad():
        layer.get_parameter("weight_hh_l0")[3, 3] = torch.nan
    return layer


def blown_up() -> nn.RNNBase:
    """Return a layer after a few steps of plain descent with a learning rate of 1,000."""
    layer = nn.RNN(FEATURES, UNITS, batch_first=True)
    optimizer = torch.optim.SGD(layer.parameters(), 1e3)
    for _ in range(5):
        loss = (layer(series())[0][..., 0] - series()[..., 0]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return layer


def grows() -> nn.LSTM:
    """Return a layer that writes 1 into each cell at each step and forgets nothing."""
    layer = lstm()
    with torch.no_grad():
        bias = layer.get_parameter("bias_hh_l0")
        for gate, value in enumerate((4.0, 9.0, 4.0, 4.0)):
            bias[gate * UNITS : (gate + 1) * UNITS] = value
    return layer


# how the state goes on
def cells(m: Any, x: Tensor, carry: Callable[[Tensor, Any], Any], start: Any = None) -> Tensor:
    """Walk a cell over steps, from what `carry` makes of the last input and state."""
    state = start
    outputs = []
    for step in steps_of(x):
        state = m.rnn(step, carry(step, state))
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return m.head(torch.stack(outputs, 1))


def cell() -> nn.LSTMCell:
    return nn.LSTMCell(FEATURES, UNITS)


RUN.add(
    "a cell without its state",
    "state not carried",
    lambda m, x: cells(m, x, lambda step, state: None),
    rnn=cell,
)
RUN.add(
    "a cell from zeros at each step",
    "state not carried",
    lambda m, x: cells(m, x, lambda step, state: (step.new_zeros(N, UNITS),) * 2),
    rnn=cell,
)
RUN.add(
    "h and c exchanged in a loop",
    "exchanged state",
    lambda m, x: cells(m, x, lambda step, state: state and state[::-1]),
    rnn=cell,
)
RUN.add(
    "c from zeros at each step",
    "state not carried",
    lambda m, x: cells(m, x, lambda step, state: state and (state[0], state[1] * 0)),
    rnn=cell,
)
RUN.add(
    "h alone handed on to the next piece",
    "state not carried",
    lambda m, x: (lambda h: m.head(m.rnn(x[:, L // 2 :], (h, torch.zeros_like(h)))[0]))(
        m.rnn(x[:, : L // 2])[1][0]
    ),
    rnn=lstm,
)
RUN.add(
    "a layer called step by step without its state",
    "state not carried",
    lambda m, x: m.head(torch.cat([m.rnn(x[:, t : t + 1])[0] for t in range(L)], 1)),
    rnn=lstm,
)
RUN.add(
    "pieces without the state between them",
    "pieces from zeros",
    lambda m, x: m.head(torch.cat([m.rnn(part)[0] for part in x.split(10, 1)], 1)),
    rnn=gru,
)
RUN.add(
    "a state drawn at random",
    "random numbers",
    lambda m, x: m.head(m.rnn(x, (torch.randn(1, N, UNITS), torch.randn(1, N, UNITS)))[0]),
    rnn=lstm,
)
RUN.add(
    "a small state drawn at random",
    "random numbers",
    lambda m, x: m.head(m.rnn(x, 0.1 * torch.rand(1, N, UNITS))[0]),
    rnn=gru,
)
RUN.add(
    "F.dropout in eval mode",
    "random numbers",
    lambda m, x: m.head(nn.functional.dropout(m.rnn(x)[0], 0.5)),
    rnn=lstm,
)


def kept(m: Any, x: Tensor) -> Tensor:
    output, m.state = m.rnn(x, m.state)
    return m.head(output)


def after_a_batch() -> Model:
    model = Model(kept, rnn=lstm(), head=nn.Linear(UNITS, 2), state=None)
    model(series())
    return model


RUN["a state of the last batch, with its graph"] = Case(
    after_a_batch, lambda: (series(),), frozenset({"state not detached"})
)

# the axes of the input
RUN.add(
    "each row as a sequence of one step",
    "one step",
    lambda m, x: m.head(m.rnn(x[:, None])[0][:, -1]),
    lambda: series(1, 64, FEATURES)[0],
    rnn=lstm,
)
RUN.add(
    "the window as features, one step",
    "one step",
    lambda m, x: m.head(m.rnn(x.transpose(1, 2))[0][:, -1]),
    lambda: series(64, 20, 1),
    rnn=lambda: lstm(20),
)
RUN.add(
    "batch_first forgotten, each step tagged",
    "axes exchanged",
    lambda m, x: m.head(m.rnn(x)[0]),
    lambda: series(16, 100, FEATURES),
    rnn=lambda: nn.LSTM(FEATURES, UNITS),
)
RUN.add(
    "batch_first forgotten, last step",
    "unread sequences",
    last,
    rnn=lambda: nn.GRU(FEATURES, UNITS),
)
RUN.add(
    "view for a transpose of (N, C, L)",
    "view for a transpose",
    lambda m, x: last(m, x.reshape(N, L, FEATURES)),
    lambda: series().transpose(1, 2).contiguous(),
    rnn=lstm,
)
RUN.add(
    "one sample in every row of the batch",
    "same sequence",
    last,
    lambda: series(1, L, FEATURES).expand(N, -1, -1),
    rnn=lstm,
)

# the scale of the input
RUN.add(
    "prices that were not scaled",
    "gate slope, candidate slope",
    last,
    lambda: 30_000 + 500 * series(N, L, 1),
    rnn=lambda: lstm(1),
)
RUN.add(
    "token ids as numbers",
    "gate slope, candidate slope",
    last,
    lambda: tokens(5000, N, L, 1).float(),
    rnn=lambda: lstm(1),
)
RUN.add(
    "returns of a thousandth",
    "input unheard",
    last,
    lambda: 1e-3 * noise(N, L, 1),
    rnn=lambda: lstm(1),
)
RUN.add(
    "pixels divided twice by 255",
    "input unheard",
    last,
    lambda: torch.rand(N, 28, 28) / 255,
    rnn=lambda: gru(28),
)
RUN.add(
    "softmax over the steps of the input",
    "input unheard",
    lambda m, x: last(m, x.softmax(1)),
    lambda: series(4, 2000, FEATURES),
    rnn=lstm,
)
RUN.add(
    "a missing value",
    "finite input",
    last,
    lambda: series().where(noise() < 3, torch.nan),
    rnn=lstm,
)
RUN.add("log of zero", "finite input", last, lambda: noise().relu().log(), rnn=gru)

# weights and training
TRAINING: dict[str, tuple[str, Callable[[], nn.RNNBase]]] = {
    "a forget bias of −6": ("forget gate", lambda: biased(nn.LSTM, -6.0, 1)),
    "an input gate shut": ("input gate", lambda: biased(nn.LSTM, -12.0, 0)),
    "an output gate shut": ("output gate", lambda: biased(nn.LSTM, -12.0, 3)),
    "a GRU that forgets at each step": ("nothing kept", lambda: biased(nn.GRU, -8.0, 1)),
    "a GRU that copies for good": ("dead units", lambda: biased(nn.GRU, 14.0, 1)),
    "weights × 30": (
        "candidate slope",
        lambda: scaled(rnn(), 30),
    ),
    "a learning rate of 1,000": ("candidate slope", blown_up),
    "all weights 0": ("dead units", lambda: filled(lstm(), 0.0)),
    "all weights 0.1": ("units alike", lambda: filled(lstm(), 0.1)),
    "all weights 1": ("units alike", lambda: filled(gru(), 1.0)),
    "a dead relu": ("dead units", lambda: biased(nn.RNN, -6.0, 0, nonlinearity="relu")),
    "a NaN in a weight": ("finite weights", lambda: spoiled(gru())),
    "never trained": ("fresh layer", lstm),
    "a cell state that only grows": (
        "cell state flat",
        lambda: filled(biased(nn.LSTM, 12.0, 1), 0.5),
    ),
}
for _name, (_due, _make) in TRAINING.items():
    RUN.add(_name, _due, last, rnn=_make)
RUN.add(
    "a cell state that only grows, over 400 steps",
    "cell state flat",
    last,
    lambda: series(4, 400, FEATURES).abs(),
    rnn=lambda: grows(),
)
RUN.add(
    "relu that explodes",
    "growth",
    last,
    rnn=lambda: scaled(nn.RNN(FEATURES, UNITS, nonlinearity="relu", batch_first=True), 6),
)
RUN.add(
    "a layer in a plain list",
    "layer not registered",
    lambda m, x: m.head(m.rnns[0](x)[0]),
    rnns=lambda: [lstm()],
)
RUN.add(
    "a layer made in forward",
    "layer not registered",
    lambda m, x: m.head(lstm()(x)[0]),
)
RUN.add(
    "a frozen layer under a head that trains",
    "frozen layer",
    last,
    rnn=lambda: lstm().requires_grad_(False),
)

# what stands around a layer
RUN.add(
    "columns of an image by reshape, (N, C, W) to (W, N, C)",
    "view for a transpose",
    lambda m, x: m.head(m.rnn(x.reshape(30, N, FEATURES))[0]),
    lambda: noise(N, FEATURES, 30),
    rnn=lambda: nn.GRU(FEATURES, UNITS),
)
RUN.add(
    "codes of all layers by view, (N, layers · H) to (layers, N, H)",
    "view for a transpose",
    lambda m, x: m.head(m.rnn(x, m.start(x[:, 0]).view(2, N, UNITS))[0]),
    rnn=lambda: gru(num_layers=2),
    start=head(FEATURES, 2 * UNITS),
)
RUN.add(
    "a convolution, and its channels read as steps",
    "channels for steps",
    lambda m, x: last(m, m.conv(x).relu()),
    lambda: noise(N, 3, L),
    conv=lambda: nn.Conv1d(3, 6, 5, padding=2),
    rnn=lambda: lstm(L),
)
RUN.add(
    "rows of a table as one sequence",
    "no batch",
    lambda m, x: m.head(m.rnn(x)[0]),
    lambda: noise(64, FEATURES),
    rnn=lstm,
)


def by_length(m: Any, x: Tensor, of: Tensor) -> Tensor:
    """Read the rows sorted by length, and leave them so."""
    order = of.argsort(descending=True)
    rows = nn.utils.rnn.pack_padded_sequence(x[order], of[order], batch_first=True)
    return m.head(m.rnn(rows)[1][0][-1])


def lengths_alone(m: Any, x: Tensor, of: Tensor) -> Tensor:
    """Sort the lengths, and not the rows."""
    of = of.sort(descending=True).values
    rows = nn.utils.rnn.pack_padded_sequence(x, of, batch_first=True)
    return m.head(m.rnn(rows)[1][0][-1])


SHUFFLED = torch.tensor([3, 0, 6, 1, 7, 2, 5, 4])
RUN.add(
    "sorted by length and left so",
    "rows left sorted",
    by_length,
    lambda: (padded()[SHUFFLED], lengths()[SHUFFLED]),
    rnn=lstm,
)
RUN.add(
    "lengths sorted, rows not",
    "padding packed",
    lengths_alone,
    lambda: (padded()[SHUFFLED], lengths()[SHUFFLED]),
    rnn=lstm,
)
RUN.add(
    "padding before the steps, packed",
    "padding packed",
    lambda m, x, of: m.head(m.rnn(packed(x, of))[1][0][-1]),
    lambda: (in_front(), lengths()),
    rnn=lstm,
)
RUN.add(
    "an encoder's state with h and c exchanged",
    "exchanged state",
    lambda m, x: m.head(m.rnn(x, m.encoder(x)[1][::-1])[0]),
    encoder=lstm,
    rnn=lstm,
)
RUN.add(
    "the first two rows of h_n for two layers",
    "directions for layers",
    lambda m, x: m.head(m.rnn(x, m.encoder(x)[1][:2])[0]),
    encoder=lambda: gru(bidirectional=True, num_layers=2),
    rnn=lambda: gru(num_layers=2),
)


def pair(m: Any, x: Tensor) -> Tensor:
    """Read two texts, the second from the state of the first."""
    one, state = m.rnn(x)
    return m.head(one[:, -1] - m.rnn(x.flip(0), state)[0][:, -1])


RUN.add("a pair of texts, the second from the first", "state goes on", pair, rnn=lstm)
RUN.add(
    "a state detached at each step",
    "state cut off",
    lambda m, x: cells(m, x, lambda step, state: state and tuple(s.detach() for s in state)),
    rnn=cell,
)
RUN.add(
    "[layer] * 3",
    "layer shared",
    lambda m, x: m.head(m.rnn[2](m.rnn[1](m.rnn[0](x)[0])[0])[0]),
    rnn=lambda: nn.ModuleList([gru(UNITS)] * 3),
    given=lambda: noise(N, L, UNITS),
)
RUN.add(
    "a layer that trains, under no_grad",
    "no gradient",
    lambda m, x: m.head(torch.no_grad()(m.rnn)(x)[0]),
    rnn=lstm,
)
RUN.add(
    "400 steps of a plain RNN, the last read",
    "far steps unheard",
    last,
    lambda: noise(4, 400, FEATURES),
    rnn=rnn,
)
RUN.add(
    "dropout for the share that is kept",
    "much dropped",
    last,
    rnn=lambda: lstm(num_layers=2, dropout=0.9),
)


def dropping_nothing() -> nn.LSTM:
    """Return a layer with a dropout that does nothing; torch warns where it is made."""
    layer = lstm()
    layer.dropout = 0.5
    return layer


RUN.add("dropout of one layer", "dropout ignored", last, rnn=dropping_nothing)
RUN.add(
    "a forget bias in the rows of g",
    "bias in other rows",
    last,
    rnn=lambda: biased(nn.LSTM, 1.0, 2),
)
RUN.add(
    "weights of a standard deviation of 1",
    "large weights",
    last,
    rnn=lambda: scaled(lstm(units=128), 128**0.5 * 3**0.5),
    head=head(128),
)
RUN.add(
    "weights that decayed to a millionth",
    "weights near 0",
    last,
    rnn=lambda: scaled(lstm(), 1e-6),
)


def near_one_in_g() -> nn.LSTM:
    """Return a layer of which weights were copied in the order i g f o, f with a bias near 1."""
    layer = lstm()
    with torch.no_grad():
        for bias in (layer.get_parameter("bias_ih_l0"), layer.get_parameter("bias_hh_l0")):
            bias.mul_(0.05)
        bias[2 * UNITS : 3 * UNITS] += 1
    return layer


RUN.add("weights in the order i g f o", "bias in other rows", last, rnn=near_one_in_g)
RUN.add(
    "all weights 0, and few steps",
    "weights near 0",
    last,
    lambda: noise(4, 7, FEATURES),
    rnn=lambda: filled(gru(), 0.0),
)
RUN.add(
    "a decoder that is fed its first word at each step",
    "constant input",
    lambda m, x: decoded(m, x, lambda word, scores: word),
    rnn=gru,
    embed=lambda: nn.Embedding(20, FEATURES),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
    head=head(outputs=20),
)
RUN.add(
    "a batch norm of steps, before the layer",
    "norm over steps",
    lambda m, x: last(m, m.norm(x)),
    rnn=lstm,
    norm=lambda: nn.BatchNorm1d(L),
)
RUN.add(
    "two inputs of the same steps, one behind the other",
    "inputs joined along the steps",
    lambda m, x, y: last(m, torch.cat((x, y), 1)),
    lambda: (series(), series()),
    rnn=lstm,
)
RUN.add(
    "the steps in an order drawn at each run",
    "steps shuffled",
    lambda m, x: last(m, x[:, torch.randperm(L)]),
    rnn=lstm,
)
RUN["all of a model frozen, in training mode"] = Case(
    lambda: InTraining(last, rnn=lstm(), head=nn.Linear(UNITS, 2)).requires_grad_(False),
    lambda: (series(),),
    frozenset({"nothing trains"}),
)
