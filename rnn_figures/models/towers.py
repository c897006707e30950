"""Two layers of one form, with weights of their own, whose answers are compared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnn_figures.models.graphs import leaves_of
from rnn_figures.models.recording import Recorder
from rnn_figures.models.watchers import ANYONE, Operation, Seen, Watcher, both, watches
from rnn_figures.traces.runs import data_of

MOST_COMPARED = 4
"""Comparisons of which the graph is walked."""


class Towers(Watcher):
    """What a run compares: by a cosine, a distance, or the size of a difference.

    Args:
        recorder: The calls of layers.
        layers: By name, the recurrent layers and cells of the model.
    """

    def __init__(self, recorder: Recorder, layers: Mapping[str, nn.Module]) -> None:
        super().__init__(recorder)
        self._layers = layers
        self._compared: list[tuple[Any, Any, str]] = []

    @watches(functional.pairwise_distance, functional.cosine_similarity, by=ANYONE)
    def compare(self, operation: Operation) -> None:
        """Keep where two values come from that are compared."""
        one, other = operation.given(0, "x1"), operation.given(1, "x2")
        self._keep(one.grad_fn, other.grad_fn, operation.where)

    @watches(*both("abs", "square", "pow", "norm"), torch.linalg.norm, torch.linalg.vector_norm)
    def size(self, operation: Operation) -> None:
        """Keep the two of a difference whose size is taken."""
        given = operation.given(0, "input")
        node = given.grad_fn if isinstance(given, Tensor) else None
        if node is not None and node.name() == "SubBackward0":  # of two tensors
            one, other = (behind for behind, _ in node.next_functions)
            self._keep(one, other, operation.where)

    def _keep(self, one: Any, other: Any, where: str) -> None:
        behind = bool(self.recorder.calls) and one is not None and other is not None
        if behind and len(self._compared) < MOST_COMPARED:
            self._compared.append((one, other, where))

    def seen(self, returned: Any) -> Iterator[Seen]:
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
            given = [
                [data_of(call.input) for call in self.recorder.calls if call.name in each]
                for each in read
            ]
            if forms[0] == forms[1] and not _are_the_same(*given):
                names = " and ".join(map(", ".join, read))
                yield Seen("towers apart", where, (names,), read[1][-1])


def _are_the_same(one: Sequence[Tensor], other: Sequence[Tensor]) -> bool:
    """Return whether layers read the same, as those that are to see it in two ways."""
    return bool(one and other) and one[0].shape == other[0].shape and torch.equal(one[0], other[0])
