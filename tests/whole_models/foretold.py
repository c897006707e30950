"""Mistakes in what is foretold, and from what, each beside its twin without."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.whole_models import FEATURES, UNITS, every, gru, head, last, lstm, two_ways
from tests.whole_models.stepping import RIGHT, WRONG, walked
from tests.whole_models.twins import of_parts, twins

__all__ = ["RIGHT", "WRONG"]

loss = functional.mse_loss


twins(
    "a window with the step that is to be foretold",
    "target among the input",
    lambda m, x: loss(last(m, x), x[:, -1, 2:3]),
    lambda m, x: loss(last(m, x[:, :-1]), x[:, -1, 2:3]),
    rnn=gru,
    head=head(outputs=1),
)
twins(
    "all of the step that is to be foretold, by a difference",
    "target among the input",
    lambda m, x: (last(m, x) - x[:, -1]).square().mean(),
    lambda m, x: (last(m, x[:, :-1]) - x[:, -1]).square().mean(),
    rnn=gru,
    head=head(outputs=FEATURES),
)
for name, features in (("a number of", slice(2, 3)), ("all of", slice(None))):
    size = len(range(FEATURES)[features])
    twins(
        f"{name} each step held to itself",
        "target among the input",
        lambda m, x, features=features: loss(every(m, x), x[..., features]),
        lambda m, x, features=features: loss(every(m, x[:, :-1]), x[:, 1:, features]),
        rnn=gru,
        head=head(outputs=size),
    )
    of_parts(
        f"{name} the next step, foretold by both directions",
        "target among the input",
        {"rnn": lambda: two_ways(1), "head": head(2 * UNITS, size)},
        {"rnn": lstm, "head": head(outputs=size)},
        lambda m, x, features=features: loss(every(m, x)[:, :-1], x[:, 1:, features]),
    )


def written_again(m: Any, x: Tensor, *, fed: bool) -> Tensor:
    """Hold to what was read what is written from its final state, fed what comes before or 0."""
    h = m.rnn(x)[1].sum(0, keepdim=True)
    if fed:
        return loss(m.head(m.decoder(x[:, :-1], h)[0]), x[:, 1:])
    return loss(m.head(m.decoder(torch.zeros_like(x), h)[0]), x)


for name, both in (("one direction", False), ("both directions", True)):
    for fed in (False, True):
        RIGHT.add(
            f"an autoencoder that reads in {name}{', fed the step before' if fed else ''}",
            "constant input" if not fed else "",
            lambda m, x, fed=fed: written_again(m, x, fed=fed),
            rnn=lambda both=both: gru(bidirectional=both),
            decoder=gru,
            head=head(outputs=FEATURES),
        )


def classes(m: Any, x: Tensor, *, late: bool) -> Tensor:
    """Score each step by the state before it, or by its own."""
    right = x[..., 0].gt(0).long()
    return functional.cross_entropy(walked(m, x, late=late).mT, right)


twins(
    "states kept before their step, and scored",
    "step behind",
    lambda m, x: classes(m, x, late=True),
    lambda m, x: classes(m, x, late=False),
    cell=lambda: nn.GRUCell(FEATURES, UNITS),
)


def rolled(m: Any, x: Tensor, slide: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Foretell step after step, each from a window that the last one went into."""
    found = []
    for _ in range(6):
        found.append(last(m, x)[:, None])
        x = slide(x, found[-1])
    return torch.cat(found, 1)


twins(
    "a window that is slid the wrong way",
    "window slid back",
    lambda m, x: rolled(m, x, lambda x, new: torch.cat((new, x[:, :-1]), 1)),
    lambda m, x: rolled(m, x, lambda x, new: torch.cat((x[:, 1:], new), 1)),
    rnn=lstm,
    head=head(outputs=FEATURES),
)
