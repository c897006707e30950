"""Trace every recurrent layer inside a model, at every call that the model makes of it."""

import contextlib
import inspect
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.configurations import is_recurrent
from rnn_figures.traces.agreement import agree
from rnn_figures.traces.records import Trace
from rnn_figures.traces.rounding import Interval
from rnn_figures.traces.runs import refuse_random
from rnn_figures.traces.tracing import trace


class Call(NamedTuple):
    """One call of a recurrent layer.

    Attributes:
        name: The layer's name in the model, as `named_modules` has it; "" for the model itself.
        module: The layer.
        input: What it was given, a copy.
        hx: The initial state that it was given, a copy, or None.
        trace: Every gate of the call.
    """

    name: str
    module: nn.RNNBase
    input: Tensor | PackedSequence
    hx: Tensor | tuple[Tensor, Tensor] | None
    trace: Trace


def trace_all(model: nn.Module, *args: Any, **kwargs: Any) -> dict[str, list[Trace]]:
    """Run a model once, and trace every call of every nn.LSTM, nn.GRU and nn.RNN in it.

    The model runs without gradients, in the mode it is in. Each call of a layer is traced as soon
    as it has returned, under the weights, the mode and the autocast of that moment. Afterwards the
    buffers, the mode and the random states of torch, NumPy and Python are what they were.

    Args:
        model: Any module that has a recurrent layer in it, or is one.
        *args: What the model takes.
        **kwargs: What the model takes by name.

    Returns:
        By the name that the layer has in the model ("" for the model itself), a list with a Trace
        for each call, in order. It is empty if the model did not call the layer; a layer whose
        `forward` is called by that name, past the module, counts as not called.

    Raises:
        TypeError: `model` is no module.
        ValueError: there is no recurrent layer in the model, a call had active dropout, or a
            subclass takes other arguments than its class.
        TraceMismatchError: the gates do not give what a layer returned.

    Examples:
        >>> model = nn.ModuleDict({"rnn": nn.GRU(5, 3)})
        >>> model.forward = lambda x: model["rnn"](x)[1]
        >>> {name: len(traces) for name, traces in trace_all(model, torch.zeros(8, 1, 5)).items()}
        {'rnn': 1}
    """
    found: dict[str, list[Trace]] = {name: [] for name in recurrent_layers(model)}
    for call in calls(model, *args, **kwargs):
        found[call.name].append(call.trace)
    return found


def recurrent_layers(model: nn.Module) -> dict[str, nn.RNNBase]:
    """Return the recurrent layers of a model by name, each once.

    Raises:
        TypeError: it is no module.
        ValueError: it has none.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"expected an nn.Module, got {model!r:.60}; make one first")
    found: dict[str, Any] = {
        name: module for name, module in model.named_modules() if is_recurrent(module)
    }
    if not found:
        raise ValueError(
            f"expected a model with an nn.LSTM, nn.GRU or nn.RNN in it, got {type(model).__name__} "
            "without one; a loop over cells can be followed with lstm_step, gru_step or rnn_step"
        )
    return found


def calls(model: nn.Module, *args: Any, **kwargs: Any) -> list[Call]:
    """Run a model once and return the calls of its recurrent layers, in order, traced.

    Args:
        model: As `trace_all` has it.
        *args: What the model takes.
        **kwargs: What the model takes by name.
    """
    found: list[Call] = []
    given: list[tuple[Any, Any]] = []
    tracing: list[str] = []  # a trace calls the layer too, and its hooks
    handles = []
    for name, module in recurrent_layers(model).items():

        def before(module: Any, args: tuple, kwargs: dict, name: str = name) -> None:
            if not tracing:
                given.append(_given(name, module, args, kwargs))

        def after(module: Any, _: tuple, returned: Any, name: str = name) -> None:
            if tracing:
                return
            tracing.append(name)
            try:
                what = given.pop()
                found.append(Call(name, module, *what, trace(module, *what)))
                _check(found[-1].trace, returned)
            except Exception as error:
                error.add_note(f"in a call of {called(name)}")
                raise
            finally:
                tracing.pop()

        # what the caller gives, before the hooks of others, which the trace will run again; and
        # what the caller gets, after them
        handles.append(module.register_forward_pre_hook(before, prepend=True, with_kwargs=True))
        handles.append(module.register_forward_hook(after))
    try:
        with untouched(model), torch.no_grad():
            model(*args, **kwargs)
    finally:
        for handle in handles:
            handle.remove()
    return found


def called(name: str) -> str:
    """Return what a sentence calls a submodule."""
    return f"submodule {name!r}" if name else "the model itself"


def _given(name: str, module: nn.RNNBase, args: tuple, kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Return copies of the input and the state that a layer was given.

    Raises:
        ValueError: it draws random masks, or takes other arguments than torch's own layers.
    """
    try:
        refuse_random(module)
    except ValueError as error:
        raise ValueError(f"{called(name)}: {error}") from None
    taken = list(inspect.signature(module.forward).parameters)
    if taken != ["input", "hx"]:
        raise ValueError(
            f"{called(name)} is a {type(module).__name__} whose forward takes "
            f"({', '.join(taken)}), expected (input, hx) as torch's own layers take; trace the "
            "plain layer inside it"
        )
    named = dict(zip(taken, args, strict=False)) | kwargs
    return _copy(named["input"]), _copy(named.get("hx"))


def _copy(value: Any) -> Any:
    """Copy what a layer was given: the model may write into it after the call."""
    if isinstance(value, PackedSequence):
        return value._replace(data=value.data.detach().clone())
    if isinstance(value, Tensor):
        return value.detach().clone()
    return tuple(map(_copy, value)) if isinstance(value, tuple) else value


def _check(found: Trace, returned: Any) -> None:
    """Raise where a layer returned another state in the model than when it was traced.

    Raises:
        TraceMismatchError: it did.
    """
    _, state = returned
    states = state if isinstance(state, tuple) else (state,)
    for letter, own, was in zip("hc", (found.h_n, found.c_n), states, strict=False):
        assert own is not None  # as many as the layer returned

        def locate(index: tuple[int, ...], letter: str = letter) -> tuple[str, int, int, int]:
            layer, direction = divmod(index[0], found.num_directions)
            last = found.lengths[index[1] if found.batched else 0] - 1
            return letter, layer, direction, 0 if direction else int(last)

        exactly = Interval(was.double(), torch.zeros_like(was, dtype=torch.float64))
        agree(own.double(), exactly, was.dtype, locate)


@contextlib.contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Leave a model's buffers, its mode and the random states as they are, whatever happens."""
    modes = {module: module.training for module in model.modules()}
    buffers = {
        module: (dict(module._buffers), set(module._non_persistent_buffers_set))
        for module in model.modules()
    }
    contents = {
        buffer: buffer.detach().clone()
        for own, _ in buffers.values()
        for buffer in own.values()
        if buffer is not None
        and not isinstance(buffer, UninitializedBuffer)
        and buffer.device.type != "meta"
    }
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 (what models use)
    devices = {parameter.device for parameter in model.parameters()}
    cuda = [device.index or 0 for device in devices if device.type == "cuda"]
    try:
        with torch.random.fork_rng(cuda):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        for module, training in modes.items():
            module.training = training
        for module, (own, fleeting) in buffers.items():
            module._buffers.clear()
            module._buffers.update(own)
            module._non_persistent_buffers_set.clear()
            module._non_persistent_buffers_set.update(fleeting)
        with torch.no_grad():
            for buffer, content in contents.items():
                if buffer.shape != content.shape:
                    buffer.data = content
                elif not torch.equal(buffer, content):
                    buffer.copy_(content)
