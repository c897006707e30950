"""Rows that a model puts in another order, as packing sorted sequences does, and back."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.recorded import Recorded
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


def left_behind(
    call: Recorded, index: int, orders: Sequence[Order], returned: Any
) -> Iterator[tuple[str, str]]:
    """Yield what stays in another order than a batch that was sorted and packed, with the line."""
    behind = [order for order in orders if order.calls > index]
    yield from (("rows sorted again", each.where) for each in behind if _sorts_again(call, each))
    before = [order for order in orders if order.calls <= index]
    if not before or not _packs_sorted(call, before[-1].rows):
        return
    last = before[-1]
    if _has_rows(returned, last.rows) and not any(_undoes(each, last.rows) for each in behind):
        yield "rows left sorted", last.where
    own = [order for order in before if order.of_values and torch.equal(order.rows, last.rows)]
    if last.calls == index and len(own) == 1 and _rows_differ(call.hx):
        yield "state not sorted", own[0].where


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
