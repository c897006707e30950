"""What a model does to tensors around its layers: views, rows in another order, outputs joined.

Each of torch's functions reports, but those that torch calls itself.
"""

import itertools
import pathlib
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode

from rnn_figures.models.recorded import Recorded
from rnn_figures.models.recording import Recorder

VIEWS = (Tensor.view, Tensor.reshape, torch.reshape)
CATS = (torch.cat, torch.concat, torch.concatenate)
SELECTS = (Tensor.index_select, torch.index_select)

MOST_AXES = 5
"""Axes, but for those of one entry, up to which their orders are tried."""

TORCH = str(pathlib.Path(torch.__file__).parent)


class Seen(NamedTuple):
    """Something done to tensors on the way to a layer, or behind it.

    Attributes:
        check: What is odd in it: the subject of a note.
        name: The layer that it is about.
        where: File and line that did it.
        shapes: Of a view, the shape before and after.
    """

    check: str
    name: str
    where: str
    shapes: tuple[tuple[int, ...], ...] = ()


class _Order(NamedTuple):
    """Rows put in another order: by reading or writing, on which line, after how many calls."""

    rows: Tensor
    writes: bool
    where: str
    calls: int


class Watch(TorchFunctionMode):
    """Watch what a run does to tensors, while it is entered.

    Attributes:
        failures: Where a function could not be watched, and why.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.failures: list[str] = []
        self._recorder = recorder
        self._views: list[tuple[int, str, tuple[tuple[int, ...], ...]]] = []
        self._orders: list[_Order] = []
        self._joined: list[tuple[str, list[int], int]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one of torch's functions, and keep what it shows."""
        named = kwargs or {}
        returned = func(*args, **named)
        look = _LOOKS.get(func)
        if look is not None:
            code = sys._getframe(1)
            if not code.f_code.co_filename.startswith(TORCH):
                try:
                    look(self, code, args, named, returned)
                except Exception as error:  # to watch must not stop what is watched
                    self.failures.append(f"{_where(code)}: {error!r}")
        return returned

    def seen(self, returned: Any) -> list[Seen]:
        """Return what is odd in what was done, given what the model returned."""
        calls = self._recorder.calls
        if not calls:
            return []
        found = [
            Seen("view for a transpose", calls[min(index, len(calls) - 1)].name, where, shapes)
            for index, where, shapes in self._views
        ]
        for where, joined, axis in self._joined:
            own = [calls[index] for index in joined]
            features = axis == own[0].output.dim() - 1
            pairs = itertools.combinations(own, 2)
            if features and any(_reads_the_other_way(*pair) for pair in pairs):
                found.append(Seen("reverse not flipped back", own[-1].name, where))
            if _are_pieces(own, axis):
                found.append(Seen("pieces from zeros", own[0].name, where))
        for index, call in enumerate(calls):
            before = [order for order in self._orders if order.calls <= index]
            behind = [order for order in self._orders if order.calls > index]
            if (
                before
                and _is_sorted(call, before[-1].rows, returned)
                and not any(_undoes(order, before[-1].rows) for order in behind)
            ):
                found.append(Seen("rows left sorted", call.name, before[-1].where))
        return list(dict.fromkeys(found))

    def _view(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        if isinstance(returned, Tensor) and args and isinstance(args[0], Tensor):
            shapes = tuple(args[0].shape), tuple(returned.shape)
            if exchanges_axes(*shapes):
                self._views.append((len(self._recorder.calls), _where(code), shapes))

    def _cat(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        tensors = args[0] if args else named.get("tensors", ())
        dim = args[1] if len(args) > 1 else named.get("dim", 0)
        if not isinstance(returned, Tensor):
            return
        answers = [answer for _, answer in self._recorder.live or []]
        outputs = {id(a.output): index for index, a in enumerate(answers) if a is not None}
        joined = sorted(outputs[id(part)] for part in tensors if id(part) in outputs)
        if len(joined) > 1:
            self._joined.append((_where(code), joined, dim % returned.dim()))

    def _read(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._order(code, args, writes=False)

    def _order(self, code: FrameType, args: Any, *, writes: bool) -> None:
        for rows in args[1] if isinstance(args[1], tuple) else args[1:2]:
            if isinstance(rows, Tensor) and _permutes(rows):
                rows = rows.detach().cpu().clone()
                self._orders.append(_Order(rows, writes, _where(code), len(self._recorder.calls)))

    def _select(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        rows = args[2] if len(args) > 2 else named.get("index")
        self._order(code, (None, rows), writes=False)

    def _write(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._order(code, args, writes=True)


_LOOKS: dict[Any, Callable[..., None]] = {
    **dict.fromkeys(VIEWS, Watch._view),
    **dict.fromkeys(CATS, Watch._cat),
    **dict.fromkeys(SELECTS, Watch._select),
    Tensor.__getitem__: Watch._read,
    Tensor.__setitem__: Watch._write,
}


def _where(code: FrameType) -> str:
    """Return file and line in words."""
    return f"{pathlib.Path(code.f_code.co_filename).name}, line {code.f_lineno}"


def exchanges_axes(before: Sequence[int], after: Sequence[int]) -> bool:
    """Return whether a shape is another with its axes in another order, some of them joined.

    A view joins neighbours, or parts one axis: then the order is kept. Sizes alone say so, and
    where two axes are alike they do not.

    Examples:
        >>> exchanges_axes((8, 5, 40), (8, 40, 5)), exchanges_axes((8, 5, 40), (8, 200))
        (True, False)
    """
    shapes = [tuple(size for size in shape if size != 1) for shape in (before, after)]
    coarse, fine = sorted(shapes, key=len)
    if len(fine) > MOST_AXES or 0 in fine or _joins(fine, coarse):
        return False
    return any(_joins(order, coarse) for order in itertools.permutations(fine))


def _joins(fine: Sequence[int], coarse: Sequence[int]) -> bool:
    """Return whether neighbours joined make one shape of another."""
    sizes = iter(fine)
    for size in coarse:
        joined = 1
        while joined < size:
            joined *= next(sizes, size + 1)
        if joined != size:
            return False
    return next(sizes, None) is None


def _permutes(rows: Tensor) -> bool:
    """Return whether an index is all rows, once each, in another order."""
    if rows.dim() != 1 or rows.dtype != torch.int64 or len(rows) < 2 or rows.is_meta:
        return False
    counted = torch.arange(len(rows), device=rows.device)
    return torch.equal(rows.sort().values, counted) and not torch.equal(rows, counted)


def _is_sorted(call: Recorded, rows: Tensor, returned: Any) -> bool:
    """Return whether a call read a batch packed in this order, and the result has its rows.

    A model that returns the order too leaves it to its caller.
    """
    packed = call.input
    if not isinstance(packed, PackedSequence) or packed.sorted_indices is not None:
        return False
    if int(packed.batch_sizes[0]) != len(rows) or int(packed.batch_sizes[-1]) == len(rows):
        return False
    parts = returned if isinstance(returned, tuple | list) else [returned]
    tensors = [part for part in parts if isinstance(part, Tensor)]
    returns_order = any(
        part.shape == rows.shape and torch.equal(part.cpu(), rows) for part in tensors
    )
    return not returns_order and any(len(rows) in part.shape for part in tensors)


def _undoes(order: _Order, rows: Tensor) -> bool:
    """Return whether an order puts rows back that were put in another."""
    if len(order.rows) != len(rows):
        return False
    return torch.equal(order.rows, rows if order.writes else rows.argsort())


def _are_pieces(calls: Sequence[Recorded], axis: int) -> bool:
    """Return whether outputs of one layer are joined along their steps, each call from no state."""
    first = calls[0]
    steps = 1 if first.options.get("batch_first") and first.output.dim() == 3 else 0
    from_none = all(call.hx is None and not call.one_step for call in calls)
    return axis == steps and from_none and len({call.name for call in calls}) == 1


def _reads_the_other_way(one: Recorded, other: Recorded) -> bool:
    """Return whether a call read the steps of another, the last first."""
    read, later = one.input, other.input
    if not isinstance(read, Tensor) or not isinstance(later, Tensor) or read.shape != later.shape:
        return False
    steps = 1 if other.options.get("batch_first") else 0
    return read.dim() == 3 and read.shape[steps] > 2 and torch.equal(read.flip(steps), later)
