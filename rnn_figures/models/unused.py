"""What a run was given, or computed, for nothing: arguments, and weights without a way to a result.

Every function of torch's that the run calls says what it takes.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnn_figures.models.found import is_layer, plain_name
from rnn_figures.models.graphs import attached, kept_by, leaves_behind, tensors_in
from rnn_figures.models.watchers import both

ASKED = frozenset(
    {
        *(Tensor.size, Tensor.dim, Tensor.numel, Tensor.stride, Tensor.__len__),
        *(Tensor.is_contiguous, Tensor.is_floating_point, Tensor.element_size),
        *(Tensor.new_zeros, Tensor.new_ones, Tensor.new_full, Tensor.new_empty, Tensor.new_tensor),
        *(torch.zeros_like, torch.ones_like, torch.empty_like, torch.full_like, torch.rand_like),
        *(torch.randn_like, torch.numel),
        *(
            getattr(Tensor, name).__get__
            for name in ("shape", "ndim", "device", "dtype", "layout", "requires_grad", "grad_fn")
        ),
        *(getattr(Tensor, name).__get__ for name in ("is_cuda", "is_nested", "is_meta")),
    }
)
"""What asks for a tensor's form, and not for its numbers."""


BY_ROWS = frozenset((functional.linear, *both("matmul", "mm", "mv")))
"""What multiplies rows by a matrix or a vector, which comes second."""


class Uses:
    """What the functions of torch's take, in one run.

    Attributes:
        weights: By id, parameters that one of them took.
        given: What the model was given, by place and by name.
        hidden: Whether something ran in a transform of torch.func, which does not say what it took.
        taken_off: The ids of what was taken off its graph in place.
        multiplied: By id, what rows that are learned were multiplied by, and is no parameter.
    """

    def __init__(self, given: Sequence[Any], named: Mapping[str, Any]) -> None:
        self.weights: dict[int, Tensor] = {}
        self.given = given, named
        self.hidden = False
        self.taken_off: set[int] = set()
        self.multiplied: dict[int, Tensor] = {}
        self._unread = {id(value) for value in tensors_in(self.given)}

    def take(self, func: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Take down what a function is given."""
        if func in ASKED:
            return
        if func is Tensor.detach_:
            self.taken_off.add(id(args[0]))
        if func in BY_ROWS and len(args) > 1 and args[0].requires_grad:
            self.multiplied[id(args[1])] = args[1]
        for value in (*args, *named.values()):
            for part in value if isinstance(value, tuple | list) else (value,):
                if isinstance(part, nn.Parameter):
                    self.weights[id(part)] = part
                if isinstance(part, Tensor):
                    self._unread.discard(id(part))

    def expect(self, value: Tensor) -> None:
        """Wait for a function that takes a value; who asks keeps the value."""
        self._unread.add(id(value))

    def waits_for(self, value: Tensor) -> bool:
        """Return whether no function has taken a value; False where it would not show."""
        return id(value) in self._unread and not self.hidden

    def unread(self, model: nn.Module) -> dict[str, tuple[int, ...]]:
        """Return the tensors that a model was given and no function took: name and shape."""
        scripted = any(isinstance(module, torch.jit.ScriptModule) for module in model.modules())
        if self.hidden or scripted:  # what is scripted calls no function that would say so
            return {}
        given, named = self.given
        try:
            bound = inspect.signature(model.forward).bind(*given, **named).arguments
        except (TypeError, ValueError):  # a hook gives it others, which have no names here
            return {}
        return {
            name: tuple(value.shape)
            for name, value in _by_name(bound)
            if isinstance(value, Tensor) and id(value) in self._unread
        }

    def lost(self, model: nn.Module, returned: Any) -> list[str]:
        """Return the modules whose weights took part, and of which nothing leads to a result.

        A result without a gradient, such as the words that were chosen, may come of any of them.
        What the model keeps of the run, such as a loss, is a result too.
        """
        results = [*tensors_in(returned)]
        if not results or not all(value.requires_grad for value in results):
            return []
        found = leaves_behind([*results, *attached(model).values()])
        names = [
            plain_name(outer) or name
            for outer, module in model.named_modules()
            if not is_layer(module)
            for name, weight in module.named_parameters(recurse=False)
            if weight.requires_grad and id(weight) in self.weights and id(weight) not in found
        ]
        return [*dict.fromkeys(names)]

    def unlearned(self, model: nn.Module, returned: Any) -> list[str]:
        """Return what a model keeps, and uses as weights, that is no parameter and no buffer.

        Rows were multiplied by it, or a gradient leads to it.
        """
        own = {id(value) for value in (*model.parameters(), *model.buffers())}
        behind = leaves_behind([*tensors_in(returned)])
        return [
            name
            for key, (name, value) in kept_by(model).items()
            if key not in own
            and value.is_leaf
            and value.is_floating_point()
            and (key in self.multiplied or (value.requires_grad and key in behind))
        ]

    def by_hand(self, layers: Mapping[str, nn.Module]) -> list[str]:
        """Return the layers whose weights a function took outside of any call of theirs."""
        return [
            name
            for name, layer in layers.items()
            if any(id(weight) in self.weights for weight in layer.parameters())
        ]


def _by_name(bound: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield arguments by name; of those that a model takes in any number, by their place too."""
    for name, value in bound.items():
        if isinstance(value, tuple):
            yield from ((f"{name}[{place}]", part) for place, part in enumerate(value))
        else:
            yield name, value
