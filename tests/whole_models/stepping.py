"""Mistakes in the state from step to step and from run to run, each beside its twin without."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.whole_models import (
    FEATURES,
    UNITS,
    N,
    gru,
    last,
    lstm,
    series,
    steps_of,
)
from tests.whole_models.hidden import RIGHT, WRONG
from tests.whole_models.twins import twins

__all__ = ["RIGHT", "WRONG"]


# states that a model keeps
def zeros() -> Tensor:
    return torch.zeros(1, N, UNITS)


def goes_on(m: Any, x: Tensor, *, start: Callable[[Tensor], Tensor], detaches: bool) -> Tensor:
    """Start from the state that the last run kept, or what is made of it, and keep it again."""
    output, state = m.rnn(x, start(m.state))
    m.state = state.detach() if detaches else state
    return m.head(output)


twins(
    "a state that a model keeps with its graph",
    "state not detached",
    lambda m, x: goes_on(m, x, start=lambda state: state, detaches=False),
    lambda m, x: goes_on(m, x, start=lambda state: state, detaches=True),
    rnn=gru,
    state=zeros,
)
for name, start in {
    "detached where it is read": Tensor.detach,
    "detached in place where it is read": Tensor.detach_,
    "set to zeros at each start": torch.zeros_like,
}.items():
    RIGHT.add(
        f"a state that a model keeps, {name}",
        "",
        lambda m, x, start=start: goes_on(m, x, start=start, detaches=False),
        rnn=gru,
        state=zeros,
    )


def pair_goes_on(m: Any, x: Tensor, *, detaches: bool) -> Tensor:
    """The same of h and c, in a list of states."""
    output, pair = m.rnn(x, m.states[0])
    m.states = [tuple(part.detach() for part in pair) if detaches else pair]
    return m.head(output[:, -1])


twins(
    "states that a model keeps in a list, with their graph",
    "state not detached",
    lambda m, x: pair_goes_on(m, x, detaches=False),
    lambda m, x: pair_goes_on(m, x, detaches=True),
    rnn=lstm,
    states=lambda: [(zeros(), zeros())],
)


# loops over steps
@torch.no_grad()
def written(m: Any, x: Tensor) -> Tensor:
    """Write words one after the other, without gradients."""
    output, h = m.rnn(x)
    for _ in range(5):
        output, h = m.rnn(m.back(m.head(output[:, -1:])), h)
    return m.head(output)


RIGHT.add(
    "steps of a model in use, without gradients",
    "",
    written,
    rnn=gru,
    back=lambda: nn.Linear(3, FEATURES),
)


def walked(m: Any, x: Tensor, *, late: bool, start: Any = None) -> Tensor:
    """Keep the state of each step before it is brought up to date, or after."""
    h, kept = x.new_zeros(N, UNITS) if start is None else start, []
    for step in steps_of(x):
        before, h = h, m.cell(step, h)
        kept.append(m.head(before if late else h))
    return torch.stack(kept, 1)


twins(
    "states kept before their step",
    "step behind",
    lambda m, x: walked(m, x, late=True),
    lambda m, x: walked(m, x, late=False),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
)
twins(
    "states kept before their step, from a start that is learned",
    "step behind",
    lambda m, x: walked(m, x, late=True, start=m.start.expand(N, -1)),
    lambda m, x: walked(m, x, late=False, start=m.start.expand(N, -1)),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
    start=lambda: nn.Parameter(torch.rand(1, UNITS)),
)
RIGHT.add(
    "a decoder that writes from its state first, then reads",
    "",
    lambda m, x: walked(m, x, late=True, start=m.rnn(x)[1][0]),
    rnn=gru,
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
)


def foretold(m: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """Foretell each step from those before it, and from all what comes next."""
    h, kept = x.new_zeros(N, UNITS), []
    for step in steps_of(x):
        kept.append(m.head(h))
        h = m.cell(step, h)
    return torch.stack(kept, 1), m.head(h)


RIGHT.add(
    "each step foretold from those before it, and what comes next",
    "",
    foretold,
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
)


# two inputs
def compared(m: Any, x: Tensor, y: Tensor, by: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Say how alike two sequences are, read by the first layer and the last."""
    one, other = m.towers[0](x)[1][-1], m.towers[-1](y)[1][-1]
    return by(m.head(one), m.head(other))


def pair() -> tuple[Tensor, Tensor]:
    return series(), series()


for name, by in {
    "a cosine": lambda a, b: functional.cosine_similarity(a, b, dim=-1),
    "a distance": lambda a, b: functional.pairwise_distance(a, b),
    "the size of a difference": lambda a, b: (-(a - b).abs().sum(-1)).exp(),
}.items():
    for zoo, due, layers in ((WRONG, "towers apart", 2), (RIGHT, "", 1)):
        zoo.add(
            f"two sequences compared by {name}",
            due,
            lambda m, x, y, by=by: compared(m, x, y, by),
            pair,
            towers=lambda layers=layers: nn.ModuleList([gru() for _ in range(layers)]),
        )
for name, towers, given in (
    ("of two forms", lambda: nn.ModuleList([gru(), lstm()]), pair),
    ("of one input", lambda: nn.ModuleList([gru(), gru()]), lambda: (series(),) * 2),
):
    RIGHT.add(
        f"two layers {name}, compared",
        "",
        lambda m, x, y: (m.head(m.towers[0](x)[0][:, -1]) - m.head(m.towers[1](y)[0][:, -1])).abs(),
        given,
        towers=towers,
    )
RIGHT.add(
    "two kinds of input, each read by a layer of its own, and then by one, compared",
    "",
    lambda m, x, y: functional.pairwise_distance(
        last(m, m.towers[0](x)[0]), last(m, m.towers[1](y)[0])
    ),
    pair,
    rnn=lambda: gru(UNITS),
    towers=lambda: nn.ModuleList([gru(), gru()]),
)


# cells of a model's own
def convolved(m: Any, x: Tensor, step: Callable[..., tuple[Tensor, Tensor]]) -> Tensor:
    """Walk a cell whose gates are a convolution of its input and state over places."""
    h = c = x.new_zeros(N, 4, FEATURES)
    for each in steps_of(x):
        gates = m.gates(torch.cat((each[:, None], h), 1)).chunk(4, 1)
        h, c = step(c, *gates)
    return m.head(m.rnn(h)[0][:, -1])


def lstm_step(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def opened_by_i(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return i.sigmoid() * c.tanh(), c


def closed_by_none(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = c + i * g
    return o * c.tanh(), c


def all_by_sigma(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    c = f.sigmoid() * c + i.sigmoid() * g.sigmoid()
    return o.sigmoid() * c.tanh(), c


def o_for_g(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * c + i * o
    return g * c.tanh(), c


def looking(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    c, seen = f.add(c).sigmoid() * c + i.add(c).sigmoid() * g.tanh(), c
    return o.add(seen).sigmoid() * c.tanh(), c


def looking_by_sigma(
    c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor
) -> tuple[Tensor, Tensor]:
    c = (f + c).sigmoid() * c + (i + c).sigmoid() * g.sigmoid()
    return o.sigmoid() * c.tanh(), c


def added(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    c = f.sigmoid() + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def at_once(c: Tensor, i: Tensor, f: Tensor, g: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
    c = torch.addcmul(i.sigmoid() * g.tanh(), f.sigmoid(), c)
    return o.sigmoid() * c.tanh(), c


for name, due, wrong in (
    ("a forget gate that is added", "gate of nothing", added),
    ("gates that see c, and a candidate by σ", "gates of another kind", looking_by_sigma),
    ("an output by the input gate", "gate unread", opened_by_i),
    ("a forget gate that is not used", "gate unread", closed_by_none),
    ("a candidate by σ", "gates of another kind", all_by_sigma),
    ("an output gate for the candidate", "candidate by no gate", o_for_g),
):
    twins(
        f"a cell over places, with {name}",
        due,
        lambda m, x, wrong=wrong: convolved(m, x, wrong),
        lambda m, x: convolved(m, x, lstm_step),
        gates=lambda: nn.Conv1d(5, 16, 3, padding=1),
        rnn=gru,
    )


for name, right in (("with gates that see c", looking), ("multiplied at once", at_once)):
    RIGHT.add(
        f"a cell over places, {name}",
        "",
        lambda m, x, right=right: convolved(m, x, right),
        gates=lambda: nn.Conv1d(5, 16, 3, padding=1),
        rnn=gru,
    )


def boxes(m: Any, x: Tensor, *, three: bool) -> Tensor:
    """Write a box of four shares at each step, and return its area with where it is."""
    h, areas = x.new_zeros(N, UNITS), []
    for step in steps_of(x):
        h = m.cell(step, h)
        left, top, width, height = (part.sigmoid() for part in m.box(h).split(1, -1))
        areas.append(width * height + (left if three else left + top))
    return torch.cat(areas, -1)


for three in (False, True):
    RIGHT.add(
        f"boxes of four shares at each step, {'three' if three else 'four'} of them read",
        "",
        lambda m, x, three=three: boxes(m, x, three=three),
        box=lambda: nn.Linear(UNITS, 4),
        cell=lambda: nn.GRUCell(FEATURES, UNITS),
        head=None,
    )


def stacked(m: Any, x: Tensor, *, one: bool) -> Tensor:
    """Walk a stack of cells, each with a state of its own, or all with one."""
    states, kept = [x.new_zeros(N, UNITS) for _ in m.cells], []
    for step in steps_of(x):
        read = m.widen(step)
        for place, cell in enumerate(m.cells):
            read = states[0 if one else place] = cell(read, states[0 if one else place])
        kept.append(m.head(read))
    return torch.stack(kept, 1)


twins(
    "one state for all cells of a stack",
    "state for input",
    lambda m, x: stacked(m, x, one=True),
    lambda m, x: stacked(m, x, one=False),
    widen=lambda: nn.Linear(FEATURES, UNITS),
    cells=lambda: nn.ModuleList([nn.GRUCell(UNITS, UNITS) for _ in range(2)]),
)
for name, start in {
    "h for c": lambda h, c: (h, h),
    "zeros for c": lambda h, c: (h, torch.zeros_like(c)),
}.items():
    twins(
        f"a decoder that starts from {name}",
        "c not handed on",
        lambda m, x, start=start: m.head(m.rnn(x, start(*m.encoder(x)[1]))[0]),
        lambda m, x: m.head(m.rnn(x, m.encoder(x)[1])[0]),
        encoder=lstm,
        rnn=lstm,
    )
