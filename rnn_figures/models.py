"""Trace every recurrent layer inside a model, at every call that the model makes of it."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.configurations import is_recurrent
from rnn_figures.runs import refuse_random
from rnn_figures.traces import Trace, trace


class Call(NamedTuple):
    """One call of a recurrent layer.

    Attributes:
        name: The layer's name in the model, as `named_modules` has it; "" for the model itself.
        module: The layer.
        input: What it was given, a copy.
        hx: The initial state that it was given, a copy, or None.
    """

    name: str
    module: nn.RNNBase
    input: Tensor | PackedSequence
    hx: Tensor | tuple[Tensor, Tensor] | None


def trace_all(model: nn.Module, *args: Any, **kwargs: Any) -> dict[str, list[Trace]]:
    """Run a model once, and trace every call of every nn.LSTM, nn.GRU and nn.RNN in it.

    The model runs without gradients, in the mode it is in. Afterwards its buffers, its mode and
    the random states of torch, NumPy and Python are what they were.

    Args:
        model: Any module that has a recurrent layer in it, or is one.
        *args: What the model takes.
        **kwargs: What the model takes by name.

    Returns:
        By the name that the layer has in the model ("" for the model itself), a list with a Trace
        for each call, in order. It is empty if the model did not call the layer.

    Raises:
        ValueError: there is no recurrent layer in the model, or one has active dropout.
        TraceMismatchError: the gates do not give what a layer returned.

    Examples:
        >>> model = nn.ModuleDict({"rnn": nn.GRU(5, 3)})
        >>> model.forward = lambda x: model["rnn"](x)[1]
        >>> {name: len(traces) for name, traces in trace_all(model, torch.zeros(8, 1, 5)).items()}
        {'rnn': 1}
    """
    found: dict[str, list[Trace]] = {name: [] for name in recurrent_layers(model)}
    for number, call in enumerate(calls(model, *args, **kwargs)):
        try:
            found[call.name].append(trace(call.module, call.input, call.hx))
        except Exception as error:
            error.add_note(f"call {number} of the model's recurrent layers, of {called(call.name)}")
            raise
    return found


def recurrent_layers(model: nn.Module) -> dict[str, nn.RNNBase]:
    """Return the recurrent layers of a model by name, each once.

    Raises:
        ValueError: it has none, or one draws random masks.
    """
    found: dict[str, Any] = {
        name: module for name, module in model.named_modules() if is_recurrent(module)
    }
    if not found:
        raise ValueError(
            f"expected a model with an nn.LSTM, nn.GRU or nn.RNN in it, got {type(model).__name__} "
            "without one; a loop over cells can be followed with lstm_step, gru_step or rnn_step"
        )
    for name, module in found.items():
        try:
            refuse_random(module)
        except ValueError as error:
            raise ValueError(f"{called(name)}: {error}") from None
    return found


def calls(model: nn.Module, *args: Any, **kwargs: Any) -> list[Call]:
    """Run a model once and return the calls of its recurrent layers, in order.

    Args:
        model: As `trace_all` has it.
        *args: What the model takes.
        **kwargs: What the model takes by name.
    """
    found: list[Call] = []
    handles = []
    for name, module in recurrent_layers(model).items():

        def note(module: Any, args: tuple, kwargs: dict, name: str = name) -> None:
            given = dict(zip(("input", "hx"), args, strict=False)) | kwargs
            found.append(Call(name, module, _copy(given["input"]), _copy(given.get("hx"))))

        # before the hooks of others, which the trace will run again
        handles.append(module.register_forward_pre_hook(note, prepend=True, with_kwargs=True))
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


def _copy(value: Any) -> Any:
    """Copy what a layer was given: the model may write into it after the call."""
    if isinstance(value, PackedSequence):
        return value._replace(data=value.data.detach().clone())
    if isinstance(value, Tensor):
        return value.detach().clone()
    return value if value is None else tuple(map(_copy, value))


@contextlib.contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Leave a model's buffers, its mode and the random states as they are, whatever happens."""
    modes = {module: module.training for module in model.modules()}
    buffers = {module: dict(module._buffers) for module in model.modules()}
    contents = {
        buffer: buffer.detach().clone()
        for own in buffers.values()
        for buffer in own.values()
        if buffer is not None
    }
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 (what models use)
    places = {parameter.device for parameter in model.parameters()}
    cuda = [place.index or 0 for place in places if place.type == "cuda"]
    try:
        with torch.random.fork_rng(cuda):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        for module, training in modes.items():
            module.training = training
        for module, own in buffers.items():
            module._buffers.clear()
            module._buffers.update(own)
        with torch.no_grad():
            for buffer, content in contents.items():
                buffer.copy_(content)
