"""Steps that a model computes by hand, with the weights of a layer of torch's.

The rows of a layer's weights are in torch's order of gates. A step that takes them in another is no
step of that layer.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn

from rnn_figures.models.scoring import Odd
from rnn_figures.weights import STACKED

MOST_KEPT = 100
"""Tensors that were parted in four, of which the parts are kept: each step of a loop makes one."""

LINEAR = re.compile(r"(Add|Addmm|Mm|Bmm|T|Transpose|Permute|View|UnsafeView|Linear|Expand)Backward")
"""Operators between what is parted and the weights that made it: a sum of products."""

GATES = len(STACKED["LSTM"])


class _Part(NamedTuple):
    """One of the four parts of a tensor, or its σ or tanh: which, of what, and on which line."""

    value: Tensor
    number: int
    whole: Tensor
    where: str


class ByHand:
    """What becomes of tensors that a model parts in as many as an LSTM has gates."""

    def __init__(self) -> None:
        self._parts: dict[int, _Part] = {}
        self._activated: dict[int, tuple[str, _Part]] = {}
        self._products: list[tuple[_Part, _Part]] = []

    def split(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep the parts of a tensor that is parted in four."""
        whole = args[0] if args else named.get("tensor", named.get("input"))
        if len(returned) == GATES and whole.requires_grad and len(self._parts) < GATES * MOST_KEPT:
            for number, value in enumerate(returned):
                self._parts[id(value)] = _Part(value, number, whole, where)

    def sigmoid(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep the σ of a part."""
        self._activate("σ", args, returned)

    def tanh(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep the tanh of a part."""
        self._activate("tanh", args, returned)

    def _activate(self, name: str, args: Any, returned: Tensor) -> None:
        own = self._parts.get(id(args[0])) if args else None
        if own is not None:
            self._activated[id(returned)] = name, own._replace(value=returned)

    def multiply(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep which two parts are multiplied by each other."""
        pair = [self._activated[id(value)][1] for value in args[:2] if id(value) in self._activated]
        if len(pair) == 2 and pair[0].whole is pair[1].whole:
            self._products.append((pair[0], pair[1]))

    def seen(self, layers: Mapping[str, nn.Module]) -> Iterator[tuple[str, Odd]]:
        """Yield the steps that take a layer's rows in another order, with the layer's name."""
        owners = {
            id(weight): name
            for name, layer in layers.items()
            if isinstance(layer, nn.LSTM | nn.LSTMCell)
            for weight in layer.parameters()
        }
        for name, part in self._activated.values():
            if (name == "tanh") == (STACKED["LSTM"][part.number] == "g"):
                continue
            owner = _owner(part.whole, owners)
            if owner is not None:
                yield owner, Odd("gates in another order", part.where)
        for pair in self._products:
            letters = {STACKED["LSTM"][part.number] for part in pair}
            owner = _owner(pair[0].whole, owners) if letters == {"f", "g"} else None
            if owner is not None:
                yield owner, Odd("gates in another order", pair[0].where)


def _owner(value: Tensor, owners: Mapping[int, str]) -> str | None:
    """Return the name of the layer whose weights a value was made with; None of any other."""
    waiting: list[Any] = [value.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        own = owners.get(id(getattr(node, "variable", None)))
        if own is not None:
            return own
        if LINEAR.match(node.name()):
            waiting += [behind for behind, _ in node.next_functions]
    return None
