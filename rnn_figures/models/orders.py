"""Rows that a model puts in another order, as packing sorted sequences does, and back."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.layouts import permutes
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.recording import Recorder
from rnn_figures.models.watchers import Operation, Seen, Watcher, both, watches
from rnn_figures.traces.runs import states_of


class Order(NamedTuple):
    """Rows put in another order: by reading or writing, on which line, after how many calls.

    It is drawn where torch.randperm made it in this run; of values, and not of their lengths, where
    what was put in order has features or several axes.
    """

    rows: Tensor
    writes: bool
    where: str
    calls: int
    drawn: bool
    of_values: bool


class Orders(Watcher):
    """The rows that one run puts in another order."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._orders: list[Order] = []
        self._drawn: list[Tensor] = []

    @watches(torch.randperm)
    def draw(self, operation: Operation) -> None:
        """Keep an order that is drawn."""
        self._drawn.append(operation.returned)

    @watches(Tensor.__getitem__)
    def get(self, operation: Operation) -> None:
        """Keep an order of rows that are read by their numbers."""
        self._keep(operation, operation.args[1])

    @watches(Tensor.__setitem__)
    def put(self, operation: Operation) -> None:
        """Keep an order of rows that are written by their numbers."""
        self._keep(operation, operation.args[1], writes=True)

    @watches(*both("index_select"))
    def select(self, operation: Operation) -> None:
        """Keep an order of rows that are selected."""
        self._keep(operation, operation.given(2, "index"))

    def _keep(self, operation: Operation, index: Any, *, writes: bool = False) -> None:
        value, calls = operation.given(0, "input"), len(self.recorder.calls)
        of_values = value.dim() > 1 or value.is_floating_point()
        for rows in index if isinstance(index, tuple) else (index,):
            if isinstance(rows, Tensor) and permutes(rows):
                drawn = any(rows is each for each in self._drawn)
                own = rows.detach().cpu().clone()
                self._orders.append(Order(own, writes, operation.where, calls, drawn, of_values))

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in the order of what a call read, or of what became of its output."""
        for index, call in enumerate(self.recorder.calls):
            drawn = [order for order in self._orders if order.drawn and order.calls <= index]
            steps, sequences = call.size
            if drawn and len(drawn[-1].rows) == steps != sequences:
                yield Seen("steps shuffled", drawn[-1].where, name=call.name)
            for seen in left_behind(call, index, self._orders, returned):
                yield seen._replace(name=call.name)


def left_behind(
    call: Recorded, index: int, orders: Sequence[Order], returned: Any
) -> Iterator[Seen]:
    """Yield what stays in another order than a batch that was sorted and packed."""
    behind = [order for order in orders if order.calls > index]
    for each in behind:
        if _sorts_again(call, each):
            yield Seen("rows sorted again", each.where)
    before = [order for order in orders if order.calls <= index]
    if not before or not _packs_sorted(call, before[-1].rows):
        return
    last = before[-1]
    if _has_rows(returned, last.rows) and not any(_undoes(each, last.rows) for each in behind):
        yield Seen("rows left sorted", last.where)
    own = [order for order in before if order.of_values and torch.equal(order.rows, last.rows)]
    if last.calls == index and len(own) == 1 and _rows_differ(call.hx):
        yield Seen("state not sorted", own[0].where)


def _packs_sorted(call: Recorded, rows: Tensor) -> bool:
    """Return whether a call read a batch packed in the order of its rows, of unequal lengths."""
    packed = call.input
    if not isinstance(packed, PackedSequence) or packed.sorted_indices is not None:
        return False
    counts = packed.batch_sizes
    return int(counts[0]) == len(rows) and int(counts[-1]) < len(rows)


def _sorts_again(call: Recorded, order: Order) -> bool:
    """Return whether values are put in the order of a batch that torch sorted and put back."""
    packed = call.input
    if not isinstance(packed, PackedSequence) or not order.of_values:
        return False
    orders = packed.sorted_indices, packed.unsorted_indices
    return any(each is not None and torch.equal(order.rows, each.cpu()) for each in orders)


def _has_rows(returned: Any, rows: Tensor) -> bool:
    """Return whether a result has an axis of these rows, and leaves not the order to its caller."""
    parts = returned if isinstance(returned, tuple | list) else [returned]
    tensors = [part for part in parts if isinstance(part, Tensor)]
    returns_order = any(
        part.shape == rows.shape and torch.equal(part.cpu(), rows) for part in tensors
    )
    return not returns_order and any(len(rows) in part.shape for part in tensors)


def _undoes(order: Order, rows: Tensor) -> bool:
    """Return whether an order puts rows back that were put in another."""
    return torch.equal(order.rows, rows if order.writes else rows.argsort())


def _rows_differ(hx: Any) -> bool:
    """Return whether an initial state is one of its own for each sequence."""
    return hx is not None and any(bool((part != part[:, :1]).any()) for part in states_of(hx))
