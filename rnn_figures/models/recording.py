"""Record what each recurrent layer of a model is given and returns, while the model runs.

Torch's own classes are made to report, not the model's layers: no hook is put into the model, and a
layer that is called by its `forward`, or from a subclass, reports too, to its thread's recorder.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.found import CELLS, OUTSIDE, called
from rnn_figures.models.readers import Answer, Reads, answer_of, reads_of
from rnn_figures.models.refusals import data_of, refuse_what_is_no_tensor, shapes, without_values
from rnn_figures.traces import TraceMismatchError
from rnn_figures.weights import PARAMETERS

LAYERS = (nn.LSTM, nn.GRU, nn.RNN)

OPTIONS = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional")
"""What a recorded layer is built again with, beside proj_size and nonlinearity."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Recorded:
    """One call of a layer, or several that were joined; every tensor is a copy.

    Attributes:
        name: The layer's name in the model.
        kind: Name of torch's class: "LSTM", "GRU" or "RNN".
        options: What the class is built with.
        weights: The weights of this very call, by torch's names.
        dropout: What was dropped between layers, 0.0 in eval mode.
        input: What it was given.
        hx: The initial state that it was given; None for zeros.
        output: What it returned first.
        state: What it returned second.
        autocast: Whether autocast was on, and its dtype.
        one_step: True if the call was a single forward step, which another may go on from.
        calls: How many calls were joined.
        error: Why the call cannot be traced; None as a rule.
        gradient: Of a loss, by the input and in its layout; None where there is no loss, or where
            it does not depend on this input.
        reads: What the model reads of the answer; None where that was not measured.
        attached: Whether the initial state hung on a graph from before the run.
        trained: Whether any of the layer's weights is.
    """

    name: str
    kind: str
    options: dict[str, Any]
    weights: dict[str, Tensor]
    dropout: float
    input: Any
    hx: Any
    output: Any
    state: Any
    autocast: tuple[bool, torch.dtype]
    one_step: bool
    calls: int = 1
    error: Exception | None = None
    gradient: Any = None
    reads: Reads | None = None
    attached: bool = False
    trained: bool = True


@dataclass
class Recorder:
    """What one run of a model reports.

    Attributes:
        names: Names of the layers by their id.
        strangers: Called layers that are no submodules, kept since an id may be used again.
        calls: The calls, in order.
        failed: What the layer whose call raised was given, in words; "" if none raised.
        live: Of each call the very input and answer of the run, to take gradients by; None to keep
            none.
        before: By id, the tensors that hung on a graph before the run.
    """

    names: dict[int, str]
    strangers: list[nn.Module] = field(default_factory=list)
    calls: list[Recorded] = field(default_factory=list)
    failed: str = ""
    live: list[tuple[Any, Answer | None]] | None = None
    before: Mapping[int, Tensor] = field(default_factory=dict)
    _weights: dict[int, dict[str, Tensor]] = field(default_factory=dict)

    def meet(self, layer: nn.Module) -> None:
        """Give a layer that is no submodule a name."""
        if id(layer) not in self.names:
            name = f"{type_of(layer).__name__}{OUTSIDE}"
            same = sum(type_of(other) is type_of(layer) for other in self.strangers)
            self.names[id(layer)] = f"{name}, {same + 1}" if same else name
            self.strangers.append(layer)

    def forward(self, original: Callable, layer: Any, input: Any, hx: Any) -> Any:
        """Call torch's own forward of a layer and record it."""
        name = self.names[id(layer)]
        refuse_what_is_no_tensor(name, input)
        given, state = copied(input), copied(hx)
        live = input if self.live is None else _differentiable(input)
        try:
            returned = original(layer, live, hx)
        except Exception:
            self.failed = f"{called(name)} was given {shapes(input, hx)}"
            raise
        call = self._recorded(layer, given, state, returned)
        states = hx if isinstance(hx, tuple) else (hx,)
        self.calls.append(replace(call, attached=any(id(part) in self.before for part in states)))
        if self.live is not None:
            answer = None if isinstance(layer, CELLS) else answer_of(layer, returned)
            self.live.append((data_of(live), answer))
        return returned

    def read(self, result: Any) -> None:
        """Give each call what the model's result depends on of its answer."""
        found = reads_of([answer for _, answer in self.live or []], result)
        pairs = zip(self.calls, found, strict=True)
        self.calls = [replace(call, reads=reads) for call, reads in pairs]

    def differentiate(self, loss: Tensor) -> None:
        """Give each call the gradient of a loss by its input."""
        live = [given for given, _ in self.live or []]
        gradients = torch.autograd.grad(loss, live, allow_unused=True) if live else ()
        for index, gradient in enumerate(gradients):
            call = self.calls[index]
            if gradient is not None:
                self.calls[index] = replace(call, gradient=_in_place_of(call.input, gradient))

    def returned(self, layer: Any, since: int, value: Any) -> None:
        """Compare what the caller of a layer got with what torch's own forward returned."""
        own = range(since, len(self.calls))
        if len(own) != 1 or self.calls[own[0]].name != self.names[id(layer)]:
            return  # a subclass that calls torch's forward twice makes of it what it likes
        call = self.calls[own[0]]
        cell = isinstance(layer, CELLS)
        error = call.error or _changed(call, _as_a_layer(value) if cell else value)
        self.calls[own[0]] = replace(call, error=error)

    def _recorded(self, layer: Any, given: Any, hx: Any, returned: Any) -> Recorded:
        cell = isinstance(layer, CELLS)
        kind = type_of(layer).__name__.removesuffix("Cell")
        options = {name: getattr(layer, name) for name in OPTIONS if hasattr(layer, name)}
        if kind == "RNN":
            options["nonlinearity"] = layer.nonlinearity
        elif not cell and layer.proj_size:
            options["proj_size"] = layer.proj_size
        if cell:
            given, hx = _one_more_axis(given), _one_more_axis(hx)
            returned = _as_a_layer(returned)
        output, state = copied(returned)
        device = data_of(given).device.type
        dropout = 0.0 if cell or not layer.training or layer.num_layers == 1 else layer.dropout
        return Recorded(
            name=self.names[id(layer)],
            kind=kind,
            options=options,
            weights=self._weights_of(layer, cell),
            dropout=dropout,
            input=given,
            hx=hx,
            output=output,
            state=state,
            autocast=_autocast(device),
            one_step=cell or _is_one_step(layer, given),
            error=without_values(self.names[id(layer)], given, output),
            trained=any(weight.requires_grad for weight in layer.parameters()),
        )

    def _weights_of(self, layer: Any, cell: bool) -> dict[str, Tensor]:
        """Return copies of the weights that a call used; those of the last call if they are same.

        A layer's list of weights holds them, whether a parametrization or functional_call made
        them or they are its parameters.
        """
        if cell:
            present = [name for name in PARAMETERS if getattr(layer, name, None) is not None]
            live = {f"{name}_l0": getattr(layer, name) for name in present}
        else:
            live = dict(zip(layer._flat_weights_names, layer._flat_weights, strict=True))
        last = self._weights.get(id(layer))
        if last is None or not all(same(last[name], weight) for name, weight in live.items()):
            last = {name: copied(weight) for name, weight in live.items()}
            self._weights[id(layer)] = last
        return last


def _differentiable(value: Any) -> Any:
    """Return an input that a gradient can be taken by: as it is, or as a leaf of its own."""
    data = data_of(value)
    if data.requires_grad or not data.is_floating_point():
        return value
    leaf = data.detach().clone().requires_grad_()
    return value._replace(data=leaf) if isinstance(value, PackedSequence) else leaf


def _in_place_of(input: Any, gradient: Tensor) -> Any:
    """Return a gradient in the layout of a recorded input, which has a cell's axis of steps."""
    data = gradient.detach().reshape(data_of(input).shape)
    return input._replace(data=data) if isinstance(input, PackedSequence) else data


class _Reporting(threading.local):
    """The recorder of this thread."""

    recorder: Recorder | None = None


_reporting = _Reporting()
_lock = threading.Lock()
_runs = 0  # in all threads: torch's classes report as long as there is one
_originals: dict[type, Callable] = {}


@contextlib.contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Let torch's recurrent classes report to a recorder what is called in this thread."""
    global _runs
    outer = _reporting.recorder
    with _lock:
        _runs += 1
        if _runs == 1:
            _install()
    _reporting.recorder = recorder
    try:
        yield
    finally:
        _reporting.recorder = outer
        with _lock:
            _runs -= 1
            if _runs == 0:
                _remove()


def _install() -> None:
    for kind in (*LAYERS, *CELLS):
        _originals[kind] = kind.forward
        kind.forward = _reporting_forward(kind.forward)
    for base in (nn.RNNBase, nn.RNNCellBase):
        base.__call__ = _reporting_call


def _remove() -> None:
    for kind, original in _originals.items():
        kind.forward = original
    for base in (nn.RNNBase, nn.RNNCellBase):
        del base.__call__  # nn.Module's again


def _reporting_forward(original: Callable) -> Callable:
    @functools.wraps(original)
    def forward(self: Any, input: Any, hx: Any = None) -> Any:
        recorder = _reporting.recorder
        if recorder is None:
            return original(self, input, hx)
        recorder.meet(self)
        return recorder.forward(original, self, input, hx)

    return forward


def _reporting_call(self: Any, *args: Any, **kwargs: Any) -> Any:
    recorder = _reporting.recorder
    if recorder is None or id(self) not in recorder.names:
        return nn.Module.__call__(self, *args, **kwargs)
    since = len(recorder.calls)
    value = nn.Module.__call__(self, *args, **kwargs)
    recorder.returned(self, since, value)
    return value


def type_of(layer: nn.Module) -> type:
    """Return the class of torch's that a layer or cell is of."""
    return next(kind for kind in (*LAYERS, *CELLS) if isinstance(layer, kind))


def copied(value: Any) -> Any:
    """Copy tensors, detached and outside inference mode; a list of them becomes a tuple."""
    if isinstance(value, PackedSequence):
        return value._replace(data=copied(value.data))
    if isinstance(value, Tensor):
        with torch.inference_mode(False), torch.no_grad():
            return value.detach().clone()
    return tuple(map(copied, value)) if isinstance(value, tuple | list) else value


def same(one: Any, other: Any) -> bool:
    """Return whether two states or weights are the same numbers, NaN equal to NaN."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.shape != other.shape or one.dtype != other.dtype or one.device != other.device:
            return False
        return torch.equal(one, other) or bool(
            ((one == other) | (one.isnan() & other.isnan())).all()
        )
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(map(same, one, other))
    return one is other


def _changed(call: Recorded, value: Any) -> Exception | None:
    """Return the error of a call whose caller got other numbers than torch's forward returned.

    What a subclass makes of another form, such as an unpacked output, is not compared.
    """
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    output, state = value
    pairs = [("h", call.output, output)]
    pairs += zip("hc", _states(call.state), _states(state), strict=False)
    for letter, own, got in pairs:
        own, got = map(data_of, (own, got))
        if not (isinstance(got, Tensor) and own.shape == got.shape) or same(own, got):
            continue
        apart = (own - got).abs().nan_to_num(nan=torch.inf)
        index = [int(i) for i in torch.unravel_index(apart.argmax(), apart.shape)]
        layers = call.options.get("num_layers", 1)
        batched = own.dim() == 3
        step = index[1 if call.options.get("batch_first") and batched else 0]
        where = (layers - 1, 0, step)
        if isinstance(call.output, PackedSequence) and own is not call.output.data:
            where = (layers - 1, 0, 0)
        error = TraceMismatchError(letter, *where, float(got[*index]), float(own[*index]))
        error.add_note(f"in a call of {called(call.name)}")
        return error
    return None


def _states(state: Any) -> tuple[Any, ...]:
    return state if isinstance(state, tuple) else (state,)


def _autocast(device: str) -> tuple[bool, torch.dtype]:
    """Return whether autocast is on for a device, and its dtype."""
    if device == "meta":  # which has none
        return False, torch.float32
    return torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)


def _one_more_axis(value: Any) -> Any:
    """Give what a cell takes, or returns, the axis of steps, or of layers: one of each."""
    if isinstance(value, Tensor):
        return value[None]
    return tuple(map(_one_more_axis, value)) if isinstance(value, tuple | list) else value


def _as_a_layer(returned: Any) -> tuple[Any, Any]:
    """Return what a cell returned as a layer of one step would return it."""
    state = _one_more_axis(returned)
    return _states(state)[0], state


def _is_one_step(layer: nn.RNNBase, given: Any) -> bool:
    """Return whether a call of a layer is one step that the next call may go on from."""
    if isinstance(given, PackedSequence) or layer.bidirectional:
        return False
    return given.shape[1 if layer.batch_first and given.dim() == 3 else 0] == 1
