"""What a model does to tensors around its layers: views, rows in another order, outputs joined.

Each of torch's functions reports that the model calls. Some report as well where a module of
torch's calls them, such as the softmax of an nn.Softmax, and then the model's line is told.
"""

import itertools
import pathlib
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import _VF, Tensor
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode

from rnn_figures.models.layouts import exchanges_axes, is_softmax, permutes
from rnn_figures.models.readers import Made, reads_padding
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.recording import Recorder
from rnn_figures.traces.runs import data_of

VIEWS = (Tensor.view, Tensor.reshape, torch.reshape)
CATS = (torch.cat, torch.concat, torch.concatenate)
MEANS = (Tensor.mean, torch.mean)
SELECTS = (Tensor.index_select, torch.index_select)
SOFTMAXES = (
    *(functional.softmax, torch.softmax, Tensor.softmax),
    *(functional.log_softmax, torch.log_softmax, Tensor.log_softmax),
)

MOST_MADE = 200
"""Tensors that are kept to look for what mixes sequences."""

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
    """Rows put in another order: by reading or writing, on which line, after how many calls.

    It is drawn where torch.randperm made it in this run.
    """

    rows: Tensor
    writes: bool
    where: str
    calls: int
    drawn: bool


class _Normed(NamedTuple):
    """A batch norm of three axes: what it read, what it returned, on which line."""

    given: Tensor
    returned: Tensor
    where: str


class _Unpacked(NamedTuple):
    """A padded output: of which data, with which lengths, on which line."""

    data: Tensor
    padded: Tensor
    lengths: Tensor
    batch_first: bool
    where: str

    @property
    def steps(self) -> int:
        """How many steps it has, with padding."""
        return self.padded.shape[1 if self.batch_first else 0]


class Watch(TorchFunctionMode):
    """Watch what a run does to tensors, while it is entered.

    Attributes:
        failures: Where a function could not be watched, and why.
        made: What views, softmaxes and batch norms returned.
        scores: What cross-entropies were given, classes last.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.failures: list[str] = []
        self.made: list[Made] = []
        self.scores: list[Tensor] = []
        self._recorder = recorder
        self._views: list[tuple[int, str, tuple[tuple[int, ...], ...]]] = []
        self._orders: list[_Order] = []
        self._joined: list[tuple[str, list[int], int]] = []
        self._drawn: list[Tensor] = []
        self._strips: list[tuple[Tensor, str, tuple[tuple[int, ...], ...], int]] = []
        self._normed: list[_Normed] = []
        self._unpacked: list[_Unpacked] = []
        self._means: list[_Unpacked] = []
        self._twice: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one of torch's functions, and keep what it shows."""
        named = kwargs or {}
        returned = func(*args, **named)
        look, code = _LOOKS.get(func), sys._getframe(1)
        if look is None and func in _DEEP_LOOKS:
            look = _DEEP_LOOKS[func]
            while _is_torchs(code) and code.f_back is not None:
                code = code.f_back
        if look is not None and not _is_torchs(code):
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
        found += [Seen("softmax twice", calls[-1].name, where) for where in self._twice]
        for index, call in enumerate(calls):
            found += self._of_input(call, index)
            before = [order for order in self._orders if order.calls <= index]
            behind = [order for order in self._orders if order.calls > index]
            if (
                before
                and _is_sorted(call, before[-1].rows, returned)
                and not any(_undoes(order, before[-1].rows) for order in behind)
            ):
                found.append(Seen("rows left sorted", call.name, before[-1].where))
        return list(dict.fromkeys(found))

    def _of_input(self, call: Recorded, index: int) -> Iterator[Seen]:
        """Walk what is odd in how the input of a call was made, or its output normed."""
        if not isinstance(call.input, Tensor) or call.input.dim() != 3:
            return
        axis = _steps_axis(call)
        for strip, where, shapes, along in self._strips:
            if along == axis and _is(call.input, strip):
                yield Seen("inputs joined along the steps", call.name, where, shapes)
        answer = (self._recorder.live or [])[index][1]
        for given, returned, where in self._normed:
            if _is(call.input, returned) or (answer is not None and given is answer.output):
                yield Seen("norm over steps", call.name, where, (tuple(given.shape),))
        drawn = [order for order in self._orders if order.drawn and order.calls <= index]
        steps, several = call.input.shape[axis], call.input.shape[1 - axis]
        if drawn and len(drawn[-1].rows) == steps != several:
            yield Seen("steps shuffled", call.name, drawn[-1].where)

    def read_padding(self, returned: Any) -> list[Seen]:
        """Return which unpacked outputs the result reads the padding of; it takes gradients."""
        names = {
            id(answer.output): call.name
            for call, (_, answer) in zip(
                self._recorder.calls, self._recorder.live or [], strict=True
            )
            if answer is not None
        }
        read = [
            each
            for each in self._unpacked
            if each.padded.requires_grad
            and reads_padding(each.padded, each.lengths, each.batch_first, returned)
        ]
        read += [each for each in self._means if int(each.lengths.min()) < each.steps]
        return [
            Seen("padding unpacked", names[id(each.data)], each.where)
            for each in read
            if id(each.data) in names
        ]

    def _view(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        given, _ = _input_and_dim(args, named)
        if isinstance(returned, Tensor) and isinstance(given, Tensor):
            shapes = tuple(given.shape), tuple(returned.shape)
            self._make(code, returned)
            if exchanges_axes(*shapes):
                self._views.append((len(self._recorder.calls), _where(code), shapes))

    def _make(self, code: FrameType, value: Tensor, *, mixes: bool = False) -> None:
        if value.requires_grad and self._recorder.calls and len(self.made) < MOST_MADE:
            self.made.append(Made(_where(code), value, mixes))

    def _cat(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        tensors = args[0] if args else named.get("tensors", ())
        dim = args[1] if len(args) > 1 else named.get("dim", 0)
        if not isinstance(returned, Tensor):
            return
        answers = [answer for _, answer in self._recorder.live or []]
        outputs = {id(a.output): index for index, a in enumerate(answers) if a is not None}
        joined = sorted(outputs[id(part)] for part in tensors if id(part) in outputs)
        shapes = tuple(tuple(part.shape) for part in tensors)
        if not joined and len(set(shapes)) == 1 < len(shapes) and returned.dim() == 3:
            self._strips.append((returned, _where(code), shapes, dim % 3))
        if len(joined) > 1:
            self._joined.append((_where(code), joined, dim % returned.dim()))

    def _read(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._order(code, args, writes=False)

    def _order(self, code: FrameType, args: Any, *, writes: bool) -> None:
        for rows in args[1] if isinstance(args[1], tuple) else args[1:2]:
            if isinstance(rows, Tensor) and permutes(rows):
                drawn = any(rows is each for each in self._drawn)
                rows, calls = rows.detach().cpu().clone(), len(self._recorder.calls)
                self._orders.append(_Order(rows, writes, _where(code), calls, drawn))

    def _select(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        rows = args[2] if len(args) > 2 else named.get("index")
        self._order(code, (None, rows), writes=False)

    def _write(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._order(code, args, writes=True)

    def _draw(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._drawn.append(returned)

    def _softmax(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        given, dim = _input_and_dim(args, named)
        if dim is not None and is_softmax(given, dim):
            self._twice.append(_where(code))
        self._make(code, returned)

    def _score(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        given, _ = _input_and_dim(args, named)
        classes = 1 if given.dim() > 1 else 0
        if is_softmax(given, classes):
            self._twice.append(_where(code))
        self.scores.append(given.movedim(classes, -1))

    def _norm(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        given, _ = _input_and_dim(args, named)
        if given.dim() == 3:
            self._normed.append(_Normed(given, returned, _where(code)))
        self._make(code, returned, mixes=True)

    def _mean(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        given, dim = _input_and_dim(args, named)
        for each in self._unpacked:
            steps = 1 if each.batch_first else 0
            if _came_of(given, each.padded) and dim in (steps, steps - 3):
                self._means.append(each._replace(where=_where(code)))

    def _pad(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        padded, lengths = returned
        self._unpacked.append(_Unpacked(args[0], padded, lengths, bool(args[2]), _where(code)))


_LOOKS: dict[Any, Callable[..., None]] = {
    **dict.fromkeys(VIEWS, Watch._view),
    **dict.fromkeys(CATS, Watch._cat),
    **dict.fromkeys(MEANS, Watch._mean),
    **dict.fromkeys(SELECTS, Watch._select),
    Tensor.__getitem__: Watch._read,
    Tensor.__setitem__: Watch._write,
    torch.randperm: Watch._draw,
}
_DEEP_LOOKS: dict[Any, Callable[..., None]] = {
    **dict.fromkeys(SOFTMAXES, Watch._softmax),
    functional.cross_entropy: Watch._score,
    functional.batch_norm: Watch._norm,
    _VF._pad_packed_sequence: Watch._pad,
}
"""Of functions that modules and functions of torch's call for the model."""


def _is_torchs(code: FrameType) -> bool:
    return code.f_code.co_filename.startswith(TORCH)


def _where(code: FrameType) -> str:
    """Return file and line in words."""
    return f"{pathlib.Path(code.f_code.co_filename).name}, line {code.f_lineno}"


def _input_and_dim(args: Any, named: Any) -> tuple[Any, Any]:
    """Return what a function was given first, and the second or `dim`, whichever way they came."""
    given = args[0] if args else named.get("input")
    return given, args[1] if len(args) > 1 else named.get("dim")


def _is(read: Tensor, made: Tensor) -> bool:
    """Return whether a layer read what was made, number by number."""
    return read.shape == made.shape and torch.equal(read, made)


def _came_of(value: Tensor, padded: Tensor) -> bool:
    """Return whether a value is a padded output, with its sequences put back in order or not."""
    node, own = value.grad_fn, padded.grad_fn
    return own is not None and own in (
        node,
        *(each for each, _ in getattr(node, "next_functions", ())),
    )


def _steps_axis(call: Recorded) -> int:
    """Return which axis of a batch counts steps."""
    return 1 if call.options.get("batch_first") and data_of(call.output).dim() == 3 else 0


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
    return torch.equal(order.rows, rows if order.writes else rows.argsort())


def _are_pieces(calls: Sequence[Recorded], axis: int) -> bool:
    """Return whether outputs of one layer are joined along their steps, each call from no state."""
    from_none = all(call.hx is None and not call.one_step for call in calls)
    return axis == _steps_axis(calls[0]) and from_none and len({call.name for call in calls}) == 1


def _reads_the_other_way(one: Recorded, other: Recorded) -> bool:
    """Return whether a call read the steps of another, the last first."""
    read, later = one.input, other.input
    if not isinstance(read, Tensor) or not isinstance(later, Tensor) or read.shape != later.shape:
        return False
    steps = _steps_axis(other)
    return read.dim() == 3 and read.shape[steps] > 2 and torch.equal(read.flip(steps), later)
