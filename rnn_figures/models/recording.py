"""Record what each recurrent layer of a model is given and returns, while the model runs.

Torch's own classes are made to report, not the model's layers: no hook is put into the model, and a
layer that is called by its `forward`, or from a subclass, reports too, to its thread's recorder.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.found import CELLS, OUTSIDE, called
from rnn_figures.models.graphs import facts_of
from rnn_figures.models.readers import Answer, Made, answer_of, heard_of, reads_of
from rnn_figures.models.recorded import (
    Recorded,
    as_a_layer,
    changed,
    copied,
    is_a_layers,
    one_more_axis,
    same,
)
from rnn_figures.models.refusals import refuse_what_is_no_tensor, shapes, without_values
from rnn_figures.traces.runs import data_of, states_of, telling_shapes
from rnn_figures.weights import PARAMETERS

LAYERS = (nn.LSTM, nn.GRU, nn.RNN)

OPTIONS = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional")
"""What a recorded layer is built again with, beside proj_size and nonlinearity."""


class Live(NamedTuple):
    """The very tensors of one call, to take gradients by.

    Attributes:
        input: What it was given; of a packed one its data.
        answer: What a layer returned; None of a cell.
        states: The state that it returned.
    """

    input: Any
    answer: Answer | None
    states: tuple[Tensor, ...]

    @property
    def returned(self) -> tuple[Tensor, ...]:
        """All that it returned."""
        return self.states if self.answer is None else self.answer.tensors


@dataclass
class Recorder:
    """What one run of a model reports.

    Attributes:
        names: Names of the layers by their id.
        strangers: Called layers that are no submodules, kept since an id may be used again.
        calls: The calls, in order.
        failed: What the layer whose call raised was given, in words; "" if none raised.
        gradients: Whether gradients are taken, so that the very tensors are kept.
        live: The very tensors of each call, where they are kept.
        before: By id, the tensors that hung on a graph before the run.
        kept: By id, what the model kept before the run, each with its name.
        starts: By layer, the names of what it started from, of that.
    """

    names: dict[int, str]
    strangers: list[nn.Module] = field(default_factory=list)
    calls: list[Recorded] = field(default_factory=list)
    failed: str = ""
    gradients: bool = False
    live: list[Live] = field(default_factory=list)
    before: Mapping[int, Tensor] = field(default_factory=dict)
    kept: Mapping[int, tuple[str, Tensor]] = field(default_factory=dict)
    starts: dict[str, list[str]] = field(default_factory=dict)
    _weights: dict[int, dict[str, Tensor]] = field(default_factory=dict)

    @property
    def pairs(self) -> Iterator[tuple[Recorded, Live]]:
        """Each call with its very tensors."""
        return zip(self.calls, self.live, strict=True)

    @property
    def outputs(self) -> dict[int, int]:
        """By the id of each output, or of a packed one's data, the number of its call."""
        answers = enumerate(each.answer for each in self.live)
        return {id(answer.output): index for index, answer in answers if answer is not None}

    @property
    def size(self) -> tuple[int, int]:
        """How many steps and sequences the last call read."""
        return self.calls[-1].size if self.calls else (0, 0)

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
        live = _differentiable(input) if self.gradients else input
        is_cell = isinstance(layer, CELLS)
        telling = contextlib.nullcontext() if is_cell else telling_shapes(layer, input, hx)
        try:
            with telling:
                returned = original(layer, live, hx)
        except Exception:
            self.failed = f"{called(name)} was given {shapes(input, hx)}"
            raise
        self._keep(layer, (given, state), (live, hx), returned)
        return returned

    def _keep(
        self, layer: Any, copies: tuple[Any, Any], given: tuple[Any, Any], value: Any
    ) -> None:
        """Record a call: copies of what it was given, from before it ran, and the very tensors."""
        call = self._recorded(layer, *copies, value)
        read, hx = given
        states = [part for part in states_of(hx) if isinstance(part, Tensor)]
        call = replace(call, attached=any(id(part) in self.before for part in states))
        own = [self.kept[id(part)][0] for part in states if id(part) in self.kept]
        self.starts.setdefault(call.name, []).extend(own)
        if self.gradients:
            cell = isinstance(layer, CELLS)
            answer = None if cell else answer_of(layer, value)
            after = states_of(value if cell else value[1])
            self.live.append(Live(data_of(read), answer, after))
            facts = facts_of(data_of(read), states, call.trained, value, cell=cell)
            call = replace(call, facts=facts)
        self.calls.append(call)

    def read(self, result: Any, made: Sequence[Made], scores: Sequence[Tensor]) -> None:
        """Give each call what the model's result depends on of its answer."""
        found = reads_of([each.answer for each in self.live], result, made, scores)
        states = [each.states for each in self.live]
        heard = heard_of([each.returned for each in self.live], states, result)
        each_call = zip(self.calls, found, heard, strict=True)
        self.calls = [replace(call, reads=reads, heard=own) for call, reads, own in each_call]

    def differentiate(self, loss: Tensor) -> None:
        """Give each call the gradient of a loss by its input."""
        given = enumerate(each.input for each in self.live)
        live = {index: value for index, value in given if value.requires_grad}
        asked = list(live.values())
        gradients = torch.autograd.grad(loss, asked, allow_unused=True) if live else ()
        for index, gradient in zip(live, gradients, strict=True):
            call = self.calls[index]
            if gradient is not None:
                self.calls[index] = replace(call, gradient=_in_place_of(call.input, gradient))

    def returned(self, layer: Any, since: int, value: Any, given: tuple[Any, Any] | None) -> None:
        """Compare what the caller of a layer got with what torch's own forward returned.

        Of a layer with a forward of its own the caller's side is what is traced, where it is that
        of a layer: its input and hx, `given`, copies from before it ran.
        """
        own = range(since, len(self.calls))
        by_itself = all(self.calls[index].name != self.names[id(layer)] for index in own)
        if given is not None and by_itself and is_a_layers(layer, given, value):
            self._keep(layer, given, given, value)
            return
        if len(own) != 1 or self.calls[own[0]].name != self.names[id(layer)]:
            return  # a subclass that calls torch's forward twice makes of it what it likes
        call = self.calls[own[0]]
        cell = isinstance(layer, CELLS)
        error = call.error or changed(call, as_a_layer(value) if cell else value)
        if error is not None and given is not None and is_a_layers(layer, given, value):
            call, error = replace(self._recorded(layer, *given, value), facts=call.facts), None
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
            given, hx = one_more_axis(given), one_more_axis(hx)
            returned = as_a_layer(returned)
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
    given = None
    if "forward" in vars(self) or type(self).forward is not type_of(self).forward:
        named = dict(zip(("input", "hx"), args, strict=False)) | kwargs
        given = copied(named.get("input")), copied(named.get("hx"))
    value = nn.Module.__call__(self, *args, **kwargs)
    recorder.returned(self, since, value, given)
    return value


def type_of(layer: nn.Module) -> type:
    """Return the class of torch's that a layer or cell is of."""
    return next(kind for kind in (*LAYERS, *CELLS) if isinstance(layer, kind))


def _autocast(device: str) -> tuple[bool, torch.dtype]:
    """Return whether autocast is on for a device, and its dtype."""
    if device == "meta":  # which has none
        return False, torch.float32
    return torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)


def _is_one_step(layer: nn.RNNBase, given: Any) -> bool:
    """Return whether a call of a layer is one step that the next call may go on from."""
    if isinstance(given, PackedSequence) or layer.bidirectional:
        return False
    return given.shape[1 if layer.batch_first and given.dim() == 3 else 0] == 1
