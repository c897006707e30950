"""Two layers of one form, with weights of their own, whose answers are compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rnn_figures.models.graphs import leaves_of
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.scoring import Odd
from rnn_figures.traces.runs import data_of

MOST_COMPARED = 4
"""Comparisons of which the graph is walked."""


class Towers:
    """What a run compares: by a cosine, a distance, or the size of a difference.

    Args:
        layers: By name, the recurrent layers and cells of the model.
    """

    def __init__(self, layers: Mapping[str, nn.Module]) -> None:
        self._layers = layers
        self._compared: list[tuple[Any, Any, str]] = []

    def compare(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep where two values come from that are compared."""
        one, other = [*args, *(named[name] for name in ("x1", "x2") if name in named)][:2]
        self._keep(one.grad_fn, other.grad_fn, where)

    def size(self, where: str, args: Any, named: Any, returned: Any) -> None:
        """Keep the two of a difference whose size is taken."""
        node = args[0].grad_fn if args and isinstance(args[0], Tensor) else None
        if node is not None and node.name() == "SubBackward0":  # of two tensors
            one, other = (behind for behind, _ in node.next_functions)
            self._keep(one, other, where)

    def _keep(self, one: Any, other: Any, where: str) -> None:
        if one is not None and other is not None and len(self._compared) < MOST_COMPARED:
            self._compared.append((one, other, where))

    def seen(self, calls: Sequence[Recorded]) -> Iterator[tuple[str, Odd]]:
        """Yield comparisons of what two layers of one form gave of two inputs, with the last."""
        weights = {
            name: {id(weight) for weight in layer.parameters()}
            for name, layer in self._layers.items()
        }
        for *nodes, where in self._compared:
            leaves = [leaves_of([node]) for node in nodes]
            read = [[name for name, own in weights.items() if own & found] for found in leaves]
            if not read[0] or {*read[0]} & {*read[1]}:
                continue
            forms = [sorted(repr(self._layers[name]) for name in each) for each in read]
            given = [[data_of(call.input) for call in calls if call.name in each] for each in read]
            if forms[0] == forms[1] and not _are_the_same(*given):
                yield read[1][-1], Odd("towers apart", where, (" and ".join(map(", ".join, read)),))


def _are_the_same(one: Sequence[Tensor], other: Sequence[Tensor]) -> bool:
    """Return whether layers read the same, as those that are to see it in two ways."""
    return bool(one and other) and one[0].shape == other[0].shape and torch.equal(one[0], other[0])
