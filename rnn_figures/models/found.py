"""Which layers of a model are recurrent, and which only look so."""

import itertools
import re
from collections.abc import Iterator, Mapping

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from rnn_figures.arguments import is_recurrent
from rnn_figures.weights import DIRECTIONS

CELLS = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)
"""Layers of one step; a model's own loop calls them."""

LOOKS_RECURRENT = re.compile(r"LSTM|GRU|RNN|[Rr]ecurrent")
"""What a class is called that may be recurrent, though it is none of torch's."""

OUTSIDE = " outside the model"
"""What the name of a layer has that the model calls and that is none of its submodules."""

COMPILED = "_orig_mod"
"""What torch.compile calls the model that it wraps."""


def recurrent_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Return a model's recurrent layers and cells by name, each once; ValueError for none."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"expected an nn.Module, got {model!r:.60}; make one first")
    found = {
        plain_name(name): module
        for name, module in model.named_modules()
        if is_layer(module) and not _is_scripted(module)
    }
    if found:
        return found
    others = "; ".join(f"{called(n)} {why}" for n, why in untraceable_layers(model).items())
    raise ValueError(
        "expected a model with an nn.LSTM, nn.GRU, nn.RNN or a cell of theirs in it, got "
        f"{type(model).__name__} without one{others and '; '}{others}"
    )


def untraceable_layers(model: nn.Module) -> dict[str, str]:
    """Return by name what looks recurrent and cannot be traced, with the reason and what to do."""
    found: dict[str, str] = {}
    for name, module in model.named_modules():
        kind = getattr(module, "original_name", type(module).__name__)
        inside = any(name.startswith(f"{outer}.") or not outer for outer in found)
        if inside or not LOOKS_RECURRENT.search(kind):
            continue
        if _is_scripted(module):
            found[name] = f"is a scripted {kind}; trace the model as it was before torch.jit"
        elif "quantized" in type(module).__module__:
            found[name] = f"is a quantized {kind}; trace the model as it was in floating point"
        elif not any(map(is_layer, module.modules())):
            found[name] = (
                f"is a {kind} of its own, none of torch's; lstm_step, gru_step or rnn_step in its "
                "loop give the gates"
            )
    return {plain_name(name): why for name, why in found.items()}


def is_layer(module: nn.Module) -> bool:
    """Return whether a module is a recurrent layer or a cell."""
    return is_recurrent(module) or isinstance(module, CELLS)


def _has_numbers(weight: nn.Parameter) -> bool:
    """Return whether a weight has numbers: one that is not made yet, or is on meta, has none."""
    return not (is_lazy(weight) or weight.is_meta)


def frozen(model: nn.Module, layers: Mapping[str, nn.Module]) -> list[str]:
    """Return the names of layers of which no weight is trained, while others of the model are."""
    if not any(weight.requires_grad for weight in model.parameters()):
        return []
    return [
        name
        for name, layer in layers.items()
        if not any(weight.requires_grad for weight in layer.parameters())
    ]


def aliases(model: nn.Module, layers: Mapping[str, nn.Module]) -> dict[str, list[str]]:
    """Return by name the other names of layers that a model has several times."""
    found: dict[str, list[str]] = {}
    for other, module in model.named_modules(remove_duplicate=False):
        for name, layer in layers.items():
            if module is layer and plain_name(other) != name:
                found.setdefault(name, []).append(plain_name(other))
    return found


def shared_modules(model: nn.Module) -> dict[str, list[str]]:
    """Return by name the other names that one module with weights has beside it.

    Recurrent layers are told apart from these; what a decoder has of an encoder is shared on
    purpose.
    """
    found: dict[str, list[str]] = {}
    for outer, parent in model.named_modules():
        first: dict[int, str] = {}
        for own, child in parent._modules.items():
            if child is None or is_layer(child):
                continue
            name = plain_name(f"{outer}.{own}".removeprefix("."))
            before = first.setdefault(id(child), name)
            if before != name and next(child.parameters(), None) is not None:
                found.setdefault(before, []).append(name)
    return found


def equal_weights(layers: Mapping[str, nn.Module]) -> dict[str, list[str]]:
    """Return by name the later layers that have the same numbers for weights, and train them too.

    Weights that are one tensor are shared on purpose.
    """
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for (name, one), (other, two) in itertools.combinations(layers.items(), 2):
        if other not in taken and _starts_alike(one, two):
            found.setdefault(name, []).append(other)
            taken.add(other)
    return found


def _starts_alike(one: nn.Module, other: nn.Module) -> bool:
    """Return whether two layers have weights of their own, all trained, with the same numbers."""
    pairs = [*itertools.zip_longest(one.parameters(), other.parameters())]
    if type(one) is not type(other) or any(None in pair for pair in pairs) or not pairs:
        return False
    return all(
        a is not b
        and (a.requires_grad and b.requires_grad)
        and (_has_numbers(a) and _has_numbers(b))
        and torch.equal(a.detach(), b.detach().to(a.device))
        for a, b in pairs
    )


def copied_embeddings(model: nn.Module) -> list[tuple[str, str]]:
    """Return pairs of an embedding and another module whose weights are equal, not one tensor."""
    weights = [
        (plain_name(name), module, weight)
        for name, module in model.named_modules()
        if isinstance(weight := getattr(module, "weight", None), nn.Parameter)
        and weight.requires_grad
        and _has_numbers(weight)
    ]
    return [
        (name, other)
        for name, module, weight in weights
        if isinstance(module, nn.Embedding)
        for other, same, copy in weights
        if not isinstance(same, nn.Embedding) and weight is not copy and torch.equal(weight, copy)
    ]


def zero_weights(model: nn.Module) -> list[str]:
    """Return the names of trained weights, but for biases, that are 0 in each number."""
    return [
        plain_name(name)
        for name, weight in model.named_parameters()
        if weight.requires_grad
        and "bias" not in name
        and _has_numbers(weight)
        and weight.numel()
        and not bool(weight.any())
    ]


def _layers(model: nn.Module) -> Iterator[tuple[str, nn.RNNBase]]:
    """Yield a model's recurrent layers, without cells, with their names."""
    for name, module in model.named_modules():
        if isinstance(module, nn.RNNBase) and not _is_scripted(module):
            yield plain_name(name), module


def dropouts(model: nn.Module) -> dict[str, float]:
    """Return by name the dropout of the layers that have one."""
    return {name: layer.dropout for name, layer in _layers(model) if layer.dropout}


def dropping(model: nn.Module) -> dict[str, nn.Module]:
    """Return by name the layers between whose own layers dropout acts in the mode they are in."""
    return {
        name: layer
        for name, layer in _layers(model)
        if layer.training and layer.dropout and layer.num_layers > 1
    }


def vocabularies(model: nn.Module) -> frozenset[int]:
    """Return how many vectors each embedding of a model has."""
    tables = (module for module in model.modules() if isinstance(module, nn.Embedding))
    return frozenset(table.num_embeddings for table in tables)


def plain_name(name: str) -> str:
    """Return a layer's name as it was before torch.compile."""
    return ".".join(part for part in name.split(".") if part != COMPILED)


def called(name: str) -> str:
    """Return what a sentence calls a submodule, or a layer that is none."""
    if OUTSIDE in name:
        return f"the {name}"
    return f"submodule {name!r}" if name else "the model itself"


def place(name: str, layer: int, direction: int) -> str:
    """Return what a sentence calls one layer in one direction of a submodule."""
    return f"{called(name)}, layer {layer}, {DIRECTIONS[direction]}"


def short_place(place: str) -> str:
    """Return the same in few words, as a plot has room for.

    Examples:
        >>> short_place(place("encoder", 0, 1)), short_place(place("", 1, 0))
        ('encoder, layer 0, reverse', 'layer 1, forward')
    """
    return place.removeprefix("the model itself, ").removeprefix("submodule ").replace("'", "")


def _is_scripted(module: nn.Module) -> bool:
    """Return whether a module runs in TorchScript, where Python sees nothing of it."""
    return isinstance(module, torch.jit.ScriptModule)
