"""Zoos of layers for the verdict: healthy ones of ordinary kinds, sick ones broken in one way."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from rnn_figures import diagnose, set_forget_bias

SIZES = ((10, 1), (100, 4), (160, 8))
"""Steps and sequences; of the first nothing but NaN can be told."""

FEATURES, UNITS = 12, 24


def draw(steps=160, sequences=8, features=FEATURES, seed=1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(steps, sequences, features, generator=generator)


def scaled(model: nn.Module, by: float) -> nn.Module:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(by)
    return model


def orthogonal(model: nn.RNNBase) -> nn.RNNBase:
    """Return a layer started as Keras starts one."""
    for name, parameter in model.named_parameters():
        if "weight_hh" in name:
            for block in parameter.data.split(model.hidden_size):
                nn.init.orthogonal_(block)
        elif "weight" in name:
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
    return model


def chrono(steps: int) -> nn.LSTM:
    """Return an LSTM whose biases let it remember for up to so many steps."""
    lstm = nn.LSTM(FEATURES, UNITS)
    with torch.no_grad():
        lstm.get_parameter("bias_hh_l0").zero_()
        keep = torch.log(torch.empty(UNITS).uniform_(1, steps - 1))
        lstm.get_parameter("bias_ih_l0")[:UNITS] = -keep
        lstm.get_parameter("bias_ih_l0")[UNITS : 2 * UNITS] = keep
    return lstm


def identity() -> nn.RNN:
    """Return a relu RNN that starts as the identity (Le, Jaitly and Hinton)."""
    rnn = nn.RNN(FEATURES, UNITS, nonlinearity="relu")
    with torch.no_grad():
        nn.init.eye_(rnn.get_parameter("weight_hh_l0"))
        nn.init.normal_(rnn.get_parameter("weight_ih_l0"), std=0.01)
        for name in ("bias_ih_l0", "bias_hh_l0"):
            rnn.get_parameter(name).zero_()
    return rnn


def reservoir(radius: float) -> nn.RNN:
    """Return an echo state network: sparse random weights, scaled to a spectral radius."""
    rnn = nn.RNN(FEATURES, 100)
    with torch.no_grad():
        block = torch.randn(100, 100) * (torch.rand(100, 100) < 0.1)
        largest = torch.linalg.eigvals(block).abs().max()
        rnn.get_parameter("weight_hh_l0").copy_(block * radius / largest)
        rnn.get_parameter("weight_ih_l0").uniform_(-0.5, 0.5)
    return rnn


def decayed() -> nn.Module:
    """Return a layer trained for a moment, to sum what it reads, with weight decay."""
    lstm, head = nn.LSTM(FEATURES, UNITS), nn.Linear(UNITS, 1)
    parameters = [*lstm.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, 1e-2, weight_decay=0.1)
    for _ in range(25):
        x = torch.randn(20, 16, FEATURES)
        loss = nn.functional.mse_loss(head(lstm(x)[0])[..., 0], x[..., 0].cumsum(0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return lstm.eval()


def padded(x: Tensor) -> Tensor:
    """Return a batch whose second half is zeros, but for one sequence."""
    x[len(x) // 2 :, 1:] = 0
    return x


def constant(x: Tensor) -> Tensor:
    return x[:1].expand_as(x).contiguous()


def tokens(x: Tensor) -> Tensor:
    return nn.functional.one_hot(x[..., 0].abs().long().clamp(max=11), 12).to(x.dtype)


def positive(x: Tensor) -> Tensor:
    return x.abs()


HEALTHY: dict[str, tuple[Callable[[], nn.Module], Callable[[Tensor], Tensor]]] = {
    name: (make, lambda x: x)
    for name, make in {
        "LSTM": lambda: nn.LSTM(FEATURES, UNITS),
        "GRU, two layers, both directions": lambda: nn.GRU(FEATURES, 16, 2, bidirectional=True),
        "RNN": lambda: nn.RNN(FEATURES, UNITS),
        "RNN with relu": lambda: nn.RNN(FEATURES, UNITS, nonlinearity="relu"),
        "projected": lambda: nn.LSTM(FEATURES, UNITS, proj_size=6),
        "four layers of 128": lambda: nn.LSTM(FEATURES, 128, 4),
        "256 units": lambda: nn.GRU(FEATURES, 256),
        "no biases": lambda: nn.GRU(FEATURES, UNITS, bias=False),
        "forget bias 1": lambda: set_forget_bias(nn.LSTM(FEATURES, UNITS), 1.0),
        "forget bias 3": lambda: set_forget_bias(nn.LSTM(FEATURES, UNITS), 3.0),
        "forget bias 5": lambda: set_forget_bias(nn.LSTM(FEATURES, UNITS), 5.0),
        "chrono": lambda: chrono(100),
        "chrono for 1,000 steps": lambda: chrono(1000),
        "identity": identity,
        "orthogonal LSTM": lambda: orthogonal(nn.LSTM(FEATURES, UNITS)),
        "orthogonal GRU": lambda: orthogonal(nn.GRU(FEATURES, UNITS)),
        "orthogonal RNN": lambda: orthogonal(nn.RNN(FEATURES, UNITS)),
        "reservoir, radius 0.5": lambda: reservoir(0.5),
        "reservoir, radius 0.95": lambda: reservoir(0.95),
        "reservoir, radius 1.2": lambda: reservoir(1.2),
        "weights × 3, LSTM": lambda: scaled(nn.LSTM(FEATURES, UNITS, bidirectional=True), 3.0),
        "weights × 3, GRU": lambda: scaled(nn.GRU(FEATURES, UNITS), 3.0),
        "weights × 1/3, LSTM": lambda: scaled(nn.LSTM(FEATURES, UNITS), 1 / 3),
        "bfloat16": lambda: nn.LSTM(FEATURES, UNITS, dtype=torch.bfloat16),
        "float64": lambda: nn.GRU(FEATURES, UNITS, dtype=torch.float64),
        "trained with weight decay": decayed,
    }.items()
} | {
    "constant input": (lambda: nn.LSTM(FEATURES, UNITS), constant),
    "constant input, RNN": (lambda: nn.RNN(FEATURES, UNITS), constant),
    "zeros as padding": (lambda: nn.LSTM(FEATURES, UNITS, bidirectional=True), padded),
    "zeros as padding, relu": (lambda: nn.RNN(FEATURES, UNITS, nonlinearity="relu"), padded),
    "tokens": (lambda: nn.GRU(FEATURES, UNITS), tokens),
    "positive input": (lambda: nn.LSTM(FEATURES, UNITS), positive),
}
"""By name: a layer, and what becomes of the input."""


def biased(kind: type[nn.LSTM | nn.RNN], value: float, letter: str = "", **options) -> nn.RNNBase:
    """Return a layer whose bias has one value, of one gate or of all units."""
    layer = kind(FEATURES, UNITS, **options)
    start = "ifgo".index(letter) * UNITS
    with torch.no_grad():
        layer.get_parameter("bias_ih_l0")[start : start + UNITS] = value
    return layer


def without_memory() -> nn.LSTM:
    lstm = set_forget_bias(nn.LSTM(FEATURES, UNITS), -10.0)
    nn.init.zeros_(lstm.get_parameter("weight_hh_l0"))
    return lstm


def masked() -> nn.RNN:
    rnn = nn.RNN(FEATURES, UNITS)
    with torch.no_grad():
        rnn.get_parameter("weight_hh_l0").zero_()
        rnn.get_parameter("weight_ih_l0").mul_(2)
    return rnn


def deaf() -> nn.LSTM:
    """Return a layer that does not hear its input."""
    lstm = nn.LSTM(FEATURES, UNITS)
    nn.init.zeros_(lstm.get_parameter("weight_ih_l0"))
    return lstm


def spoiled(value: float) -> nn.GRU:
    gru = nn.GRU(FEATURES, UNITS)
    with torch.no_grad():
        gru.get_parameter("weight_hh_l0")[3, 4] = value
    return gru


def unscaled(x: Tensor) -> Tensor:
    """Return an input one feature of which was not scaled, such as a year or a price."""
    x[..., 0] = 2000 + 100 * x[..., 0]
    return x


def broken(x: Tensor) -> Tensor:
    x[7, 0, 3] = math.inf
    return x


def same(x: Tensor) -> Tensor:
    return x


SICK: dict[str, tuple[Callable[[], nn.Module], Callable[[Tensor], Tensor], set[str]]] = {
    "a NaN in a weight": (lambda: spoiled(math.nan), same, {"finite weights"}),
    "an infinite weight": (lambda: spoiled(math.inf), same, {"finite weights"}),
    "infinite input": (lambda: nn.LSTM(FEATURES, UNITS), broken, {"finite input"}),
    "relu, weights × 60": (
        lambda: scaled(nn.RNN(FEATURES, UNITS, nonlinearity="relu"), 60.0),
        positive,
        {"finite gates"},
    ),
    "weights × 10": (lambda: scaled(nn.RNN(FEATURES, 64), 10.0), same, {"growth"}),
    "forget gate shut": (lambda: biased(nn.LSTM, -10.0, "f"), same, {"forget gate"}),
    "nothing kept": (without_memory, same, {"forget gate", "reach"}),
    "no recurrent weights": (masked, same, {"reach"}),
    "input gate shut": (lambda: biased(nn.LSTM, -8.0, "i"), same, {"input gate"}),
    "output gate shut": (lambda: biased(nn.LSTM, -8.0, "o"), same, {"output gate"}),
    "dead relu": (lambda: biased(nn.RNN, -6.0, nonlinearity="relu"), same, {"dead units"}),
    "all weights zero": (lambda: scaled(nn.LSTM(FEATURES, UNITS), 0.0), same, {"dead units"}),
    "forget bias −20": (lambda: biased(nn.LSTM, -20.0, "f"), same, {"forget gate"}),
    "input ignored": (deaf, same, {"dead units"}),
    "an offset of 50": (
        lambda: nn.LSTM(FEATURES, UNITS),
        lambda x: x + 50,
        {"gate slope", "candidate slope"},
    ),
    "input × 300": (
        lambda: nn.LSTM(FEATURES, UNITS),
        lambda x: 300 * x,
        {"gate slope", "candidate slope"},
    ),
    "a feature that was not scaled": (
        lambda: nn.GRU(FEATURES, UNITS),
        unscaled,
        {"gate slope", "candidate slope"},
    ),
}
"""By name: a layer, what becomes of the input, and the alarms that are due."""


def alarms(model: nn.Module, x: Tensor) -> frozenset[str]:
    """Return the checks that raised an alarm."""
    found = diagnose(model, x.to(next(model.parameters()).dtype)).alarms
    return frozenset(finding.check for finding in found)


def healthy_rate(name: str, seeds: int) -> tuple[int, int]:
    """Return how many runs raised an alarm, and how many there were, of all sizes."""
    make, change = HEALTHY[name]
    false = 0
    for seed in range(seeds):
        for size in SIZES:
            torch.manual_seed(seed)
            false += bool(alarms(make().eval(), change(draw(*size, seed=seed + 100))))
    return false, seeds * len(SIZES)


def sick_rate(name: str, seeds: int) -> tuple[int, int, int]:
    """Return how many runs raised exactly what is due, how many anything else, and all."""
    make, change, due = SICK[name]
    exact = 0
    for seed in range(seeds):
        torch.manual_seed(seed)
        exact += alarms(make().eval(), change(draw(seed=seed + 100))) == due
    return exact, seeds - exact, seeds
