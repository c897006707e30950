"""What a model does to tensors around its layers: views, rows in another order, outputs joined.

Each of torch's functions reports that the model calls. Some report as well where a module of
torch's calls them, such as the softmax of an nn.Softmax, and then the model's line is told.
"""

import itertools
import pathlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import _VF, Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from rnn_figures.models import watched
from rnn_figures.models.by_hand import ByHand
from rnn_figures.models.graphs import is_view_of, tensors_in
from rnn_figures.models.inputs import Inputs, steps_axis
from rnn_figures.models.layouts import exchanges_axes, permutes
from rnn_figures.models.masks import Masks
from rnn_figures.models.numerics import Numerics
from rnn_figures.models.orders import Order, left_behind
from rnn_figures.models.readers import Made
from rnn_figures.models.recorded import Recorded
from rnn_figures.models.recording import Recorder
from rnn_figures.models.samples import mixed_samples
from rnn_figures.models.scoring import Odd, Scoring, first_and
from rnn_figures.models.targets import Targets
from rnn_figures.models.towers import Towers
from rnn_figures.models.unpacking import Unpacking, came_of
from rnn_figures.models.unused import Uses

MOST_MADE = 200
"""Tensors that are kept to look for what mixes sequences."""

_C: Any = torch._C  # more than its stubs name

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


class Watch(TorchFunctionMode):
    """Watch what a run does to tensors, while it is entered.

    Attributes:
        failures: Where a function could not be watched, and why.
        made: What views, softmaxes and batch norms returned.
        scoring: What softmaxes and losses were given.
        uses: What of its arguments and weights the run took.
        mixed: Samples, and their sequences, if a result of one reads others'; None if not.
    """

    def __init__(self, recorder: Recorder, uses: Uses, layers: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.failures: list[str] = []
        self.made: list[Made] = []
        self.scoring = Scoring()
        self.uses = uses
        self.mixed: tuple[int, int] | None = None
        self.inputs = Inputs()
        self.numerics = Numerics()
        self.masks = Masks()
        self.by_hand = ByHand(layers, uses)
        self.targets, self.towers = Targets(), Towers(layers)
        self._recorder = recorder
        self._views: list[tuple[int, str, tuple[tuple[int, ...], ...]]] = []
        self._orders: list[Order] = []
        self._joined: list[tuple[str, list[int], int]] = []
        self._drawn: list[Tensor] = []
        self.unpacking = Unpacking()
        self._odd: list[Odd] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one of torch's functions, and keep what it shows."""
        named = kwargs or {}
        if _C._functorch.peek_interpreter_stack() is not None:  # what it computes on has no numbers
            self.uses.hidden = True
            return func(*args, **named)
        self.uses.take(func, args, named)
        self.masks.take((*args, *named.values()))
        returned = func(*args, **named)
        code = sys._getframe(1)
        look = None if is_torchs(code) else _LOOKS.get(func)
        if look is None:
            look = _DEEP_LOOKS.get((func, code.f_code.co_name)) or _DEEP_LOOKS.get(func)
            while look is not None and is_torchs(code) and code.f_back is not None:
                code = code.f_back
        if look is not None and not is_torchs(code):
            try:
                look(self, code, args, named, returned)
            except Exception as error:  # to watch must not stop what is watched
                self.failures.append(f"{_where(code)}: {error!r}")
        return returned

    def seen(self, returned: Any) -> list[Seen]:
        """Return what is odd in what was done, given what the model returned."""
        try:
            return self._seen(returned)
        except Exception as error:  # as above: what the model did is no worse for it
            self.failures.append(repr(error))
            return []

    def _seen(self, returned: Any) -> list[Seen]:
        calls = self._recorder.calls
        by_hand = [Seen(odd.check, name, *odd[1:]) for name, odd in self.by_hand.seen()]
        if not calls:
            return [*dict.fromkeys(by_hand)]
        found = by_hand + [
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
        found += [Seen(odd.check, name, *odd[1:]) for name, odd in self.towers.seen(calls)]
        steps, sequences = _size(calls[-1])
        odd = [*self._odd, *self.inputs.odd, *self.scoring.seen()]
        odd += self.numerics.seen(steps, sequences)
        odd += self.inputs.places(steps, sequences)
        odd += self.by_hand.of_no_layer(returned)
        odd += self.masks.seen(self.scoring.words, [*tensors_in(returned)])
        found += [Seen(one.check, calls[-1].name, *one[1:]) for one in odd]
        for index, call in enumerate(calls):
            found += self._of_input(call, index)
            found += [
                Seen(check, call.name, where)
                for check, where in left_behind(call, index, self._orders, returned)
            ]
        return list(dict.fromkeys(found))

    def _of_input(self, call: Recorded, index: int) -> Iterator[Seen]:
        """Yield what is odd in how the input of a call came, or in what its output became."""
        answer = (self._recorder.live or [])[index].answer
        for odd in self.inputs.seen(call, answer and answer.output):
            yield Seen(odd.check, call.name, *odd[1:])
        drawn = [order for order in self._orders if order.drawn and order.calls <= index]
        steps, sequences = _size(call)
        if drawn and len(drawn[-1].rows) == steps != sequences:
            yield Seen("steps shuffled", call.name, drawn[-1].where)

    def read(self, returned: Any) -> list[Seen]:
        """Return what is odd in what the result or a loss reads; it takes gradients.

        That is the padding of an unpacked output, and the word that is to be said.
        """
        calls = self._recorder.calls
        if not any(each.mixes for each in self.made):
            self.mixed = mixed_samples(self.scoring.words, self.uses.given, returned)
        ahead = [Seen(odd.check, calls[-1].name, *odd[1:]) for odd in self.scoring.read_ahead()]
        names = {
            id(live.answer.output): call.name
            for call, live in zip(calls, self._recorder.live or [], strict=True)
            if live.answer is not None
        }
        held = self.targets.seen(calls, self._recorder.live or [])
        ahead += [Seen(odd.check, name, *odd[1:]) for name, odd in held]
        read = self.unpacking.read(returned)
        return ahead + [
            Seen("padding unpacked", names[data], where) for data, where in read if data in names
        ]

    def _view(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        given, _ = first_and(args, named, "dim")
        if isinstance(returned, Tensor) and isinstance(given, Tensor):
            shapes = tuple(given.shape), tuple(returned.shape)
            self._make(code, returned)
            self.inputs.cut(_where(code), given, returned)
            if shapes[1][-1:] == (2,) and self._has_two_ways(given, returned):
                self._odd.append(Odd("directions interleaved", _where(code), shapes))
            if exchanges_axes(*shapes):
                self._views.append((len(self._recorder.calls), _where(code), shapes))

    def _has_two_ways(self, value: Tensor, view: Tensor) -> bool:
        """Return whether a view parts an output of two directions, unpacked or not, by its units.

        With as many units as directions it does not show.
        """
        units = value.shape[-1] // 2
        if units < 3 or view.shape != (*value.shape[:-1], units, 2):
            return False
        pairs = zip(self._recorder.calls, self._recorder.live or [], strict=True)
        both = [live.answer for call, live in pairs if call.options.get("bidirectional")]
        own = self.unpacking.data_behind(value)
        outputs = [answer.output for answer in both if answer is not None]
        return any(came_of(value, each) or any(each is data for data in own) for each in outputs)

    def _make(self, code: FrameType, value: Tensor, *, mixes: bool = False) -> None:
        if value.requires_grad and self._recorder.calls and len(self.made) < MOST_MADE:
            self.made.append(Made(_where(code), value, mixes))

    def _cat(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        tensors = args[0] if args else named.get("tensors", ())
        dim = args[1] if len(args) > 1 else named.get("dim", 0)
        if not isinstance(returned, Tensor):
            return
        answers = [live.answer for live in self._recorder.live or []]
        outputs = {id(a.output): index for index, a in enumerate(answers) if a is not None}
        joined = sorted(outputs[id(part)] for part in tensors if id(part) in outputs)
        if not joined:
            self.inputs.strip(_where(code), tensors, dim % returned.dim(), returned)
        if len(joined) > 1:
            self._joined.append((_where(code), joined, dim % returned.dim()))
        states = [state for answer in answers if answer is not None for state in answer.states]
        along_rows = returned.dim() == 2 and dim % returned.dim() == 0 and len(tensors) > 1
        if along_rows and any(all(is_view_of(part, each) for part in tensors) for each in states):
            shapes = tuple(tuple(part.shape) for part in (*tensors[:2], returned))
            self._odd.append(Odd("states joined along the batch", _where(code), shapes))

    def _read(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._order(code, args, writes=False)

    def _order(self, code: FrameType, args: Any, *, writes: bool) -> None:
        for rows in args[1] if isinstance(args[1], tuple) else args[1:2]:
            if isinstance(rows, Tensor) and permutes(rows):
                drawn = any(rows is each for each in self._drawn)
                rows, calls = rows.detach().cpu().clone(), len(self._recorder.calls)
                of_values = isinstance(args[0], Tensor) and (
                    args[0].dim() > 1 or args[0].is_floating_point()
                )
                self._orders.append(Order(rows, writes, _where(code), calls, drawn, of_values))

    def _select(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        rows = args[2] if len(args) > 2 else named.get("index")
        self._order(code, (args[0], rows), writes=False)

    def _write(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._order(code, args, writes=True)

    def _draw(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._drawn.append(returned)

    def _softmax(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self.scoring.softmax(_where(code), args, named, returned)
        self._make(code, returned)

    def _attend(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self._make(code, returned[0])
        self.masks.attend(_where(code), args, named, returned)

    def _norm(self, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        self.inputs.norm(_where(code), args, named, returned)
        self._make(code, returned, mixes=True)


def _to(kept: str, look: Callable[..., None]) -> Callable[..., None]:
    """Return a look of Watch's that is one of what it keeps."""

    def own(watch: Watch, code: FrameType, args: Any, named: Any, returned: Any) -> None:
        look(getattr(watch, kept), _where(code), args, named, returned)

    return own


def _each(*looks: Callable[..., None]) -> Callable[..., None]:
    """Return one look that is several."""

    def own(*given: Any) -> None:
        for look in looks:
            look(*given)

    return own


_NAN = _to("numerics", Numerics.make_nan)
_HELD = _each(_to("scoring", Scoring.difference), _to("targets", Targets.hold))

_LOOKS: dict[Any, Callable[..., None]] = {
    **dict.fromkeys(watched.VIEWS, Watch._view),
    **dict.fromkeys(watched.CATS, Watch._cat),
    **dict.fromkeys(watched.MEANS, _to("unpacking", Unpacking.mean)),
    **dict.fromkeys(watched.SELECTS, Watch._select),
    **dict.fromkeys(watched.FLIPS, _to("inputs", Inputs.flip)),
    **dict.fromkeys(watched.ROLLS, _to("numerics", Numerics.roll)),
    **dict.fromkeys(watched.CLAMPS, _to("numerics", Numerics.clamp)),
    **dict.fromkeys(watched.SUMS, _to("numerics", Numerics.accumulate)),
    **dict.fromkeys(watched.PRODUCTS, _each(_to("by_hand", ByHand.multiply), _NAN)),
    **dict.fromkeys((torch.addcmul, Tensor.addcmul), _to("by_hand", ByHand.multiply)),
    **dict.fromkeys(watched.FILLS, _to("masks", Masks.fill)),
    **dict.fromkeys(watched.NOTS, _to("masks", Masks.invert)),
    **dict.fromkeys(watched.CHOICES, _to("numerics", Numerics.choose)),
    **dict.fromkeys(watched.SIZES, _to("towers", Towers.size)),
    **dict.fromkeys((Tensor.sin, torch.sin), _to("numerics", Numerics.turn)),
    **dict.fromkeys((Tensor.float, Tensor.to, Tensor.type), _to("numerics", Numerics.round)),
    **dict.fromkeys(watched.SCATTERS, _to("numerics", Numerics.scatter)),
    Tensor.repeat: _to("inputs", Inputs.repeat),
    Tensor.__getitem__: Watch._read,
    Tensor.__setitem__: Watch._write,
    torch.randperm: Watch._draw,
}
_DEEP_LOOKS: dict[Any, Callable[..., None]] = {
    **dict.fromkeys(watched.SOFTMAXES, Watch._softmax),
    **dict.fromkeys(watched.ALONG_THE_LAST, _to("inputs", Inputs.pool)),
    **dict.fromkeys(watched.LOSSES, _HELD),
    **dict.fromkeys(watched.DIFFERENCES, _each(_HELD, _NAN)),
    **dict.fromkeys(watched.QUOTIENTS, _NAN),
    **dict.fromkeys(watched.FLOORS, _to("numerics", Numerics.divide_whole)),
    **dict.fromkeys(watched.SPLITS, _to("by_hand", ByHand.split)),
    **dict.fromkeys(watched.SIGMOIDS, _to("by_hand", ByHand.sigmoid)),
    **dict.fromkeys(watched.TANHS, _to("by_hand", ByHand.tanh)),
    torch.stft: _to("inputs", Inputs.spectrum),
    functional.cross_entropy: _to("scoring", Scoring.cross_entropy),
    functional.binary_cross_entropy_with_logits: _to("scoring", Scoring.yes_or_no),
    functional.nll_loss: _to("scoring", Scoring.negative_logs),
    functional.ctc_loss: _to("scoring", Scoring.ctc),
    functional.dropout: _to("scoring", Scoring.dropout),
    functional.dropout1d: _to("inputs", Inputs.drop_rows),
    functional.dropout2d: _to("inputs", Inputs.drop_rows),
    functional.embedding: _each(_to("scoring", Scoring.embedding), _to("inputs", Inputs.count)),
    **dict.fromkeys((functional.linear, *watched.PRODUCTS_OF_ROWS), _to("by_hand", ByHand.linear)),
    functional.normalize: _to("numerics", Numerics.unit_length),
    functional.pairwise_distance: _to("towers", Towers.compare),
    functional.cosine_similarity: _each(
        _to("numerics", Numerics.unit_length), _to("towers", Towers.compare)
    ),
    functional.layer_norm: _to("numerics", Numerics.normalize),
    functional.batch_norm: Watch._norm,
    functional.multi_head_attention_forward: Watch._attend,
    _VF._pad_packed_sequence: _to("unpacking", Unpacking.unpack),
    _VF._pack_padded_sequence: _to("inputs", Inputs.pack),
    (Tensor.index_select, "pack_padded_sequence"): _to("inputs", Inputs.sort),
}
"""Of functions that modules and functions of torch's call for the model; of one, which calls it."""


def is_torchs(code: FrameType) -> bool:
    """Return whether a frame is of a function of torch's."""
    return code.f_code.co_filename.startswith(TORCH)


def _where(code: FrameType) -> str:
    """Return file and line in words."""
    return f"{pathlib.Path(code.f_code.co_filename).name}, line {code.f_lineno}"


def _size(call: Recorded) -> tuple[int, int]:
    """Return how many steps and sequences a call read; no sequences where it has no such axis."""
    if not isinstance(call.input, Tensor) or call.input.dim() != 3:
        return 0, 0
    axis = steps_axis(call)
    return call.input.shape[axis], call.input.shape[1 - axis]


def _are_pieces(calls: Sequence[Recorded], axis: int) -> bool:
    """Return whether outputs of one layer are joined along their steps, each call from no state."""
    from_none = all(call.hx is None and not call.one_step for call in calls)
    return axis == steps_axis(calls[0]) and from_none and len({call.name for call in calls}) == 1


def _reads_the_other_way(one: Recorded, other: Recorded) -> bool:
    """Return whether a call read the steps of another, the last first."""
    read, later = one.input, other.input
    if not isinstance(read, Tensor) or not isinstance(later, Tensor) or read.shape != later.shape:
        return False
    steps = steps_axis(other)
    return read.dim() == 3 and read.shape[steps] > 2 and torch.equal(read.flip(steps), later)
