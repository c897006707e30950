"""Leave a model, its mode and the random state as they were before a run."""

import contextlib
import random
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from rnn_figures.models.recorded import same


@contextlib.contextmanager
def untouched(model: nn.Module) -> Iterator[dict[Tensor, Tensor]]:
    """Leave parameters, buffers, mode and the random states as they are, whatever happens.

    What the parameters and buffers hold at first is given.
    """
    modes = {module: module.training for module in model.modules()}
    kept = {
        module: (
            dict(module._parameters),
            dict(module._buffers),
            set(module._non_persistent_buffers_set),
        )
        for module in model.modules()
        # of a scripted module the contents can be put back, and nothing else can change
        if not isinstance(module, torch.jit.ScriptModule)
        and not any(map(is_lazy, module.parameters(recurse=False)))
        and not any(map(is_lazy, module.buffers(recurse=False)))
    }
    contents = {
        value: value.detach().clone()
        for value in [*model.parameters(), *model.buffers()]
        if not is_lazy(value) and not value.is_meta
    }
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 (what models use)
    devices = {value.device for value in model.parameters()}
    cuda = [device.index or 0 for device in devices if device.type == "cuda"]
    try:
        with torch.random.fork_rng(cuda):
            yield contents
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        for module, training in modes.items():
            if module.training != training:
                module.training = training
        for module, (parameters, buffers, fleeting) in kept.items():
            _put_back(module._parameters, parameters)
            _put_back(module._buffers, buffers)
            _put_back(module._non_persistent_buffers_set, fleeting)
        for value, content in contents.items():
            _refill(value, content)


def changed(layer: nn.Module, contents: Mapping[Tensor, Tensor]) -> bool:
    """Return whether a trained weight holds other numbers than at first."""
    return any(
        weight.requires_grad and weight in contents and not same(weight.detach(), contents[weight])
        for weight in layer.parameters()
    )


def _put_back(container, before) -> None:
    """Give a dict or set the content that it had."""
    same = _holds(container, before) if isinstance(before, dict) else container == before
    if not same:
        container.clear()
        container.update(before)


def _holds(container: dict, before: dict) -> bool:
    return list(container) == list(before) and all(container[k] is before[k] for k in before)


def _refill(value: Tensor, content: Tensor) -> None:
    """Give a tensor the numbers that it had."""
    with torch.inference_mode(value.is_inference()), torch.no_grad():
        if value.shape != content.shape:
            value.data = content
        elif not torch.equal(value, content):
            value.copy_(content)
