"""What the graph of a run shows of a call, and the states that a model keeps on one."""

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

KEEPS_AXES = re.compile(
    r"(Relu|Elu|Gelu|Silu|Mish|Tanh|Sigmoid|Hardtanh|Softplus|BatchNorm|GroupNorm|Dropout|Mul|Div"
    r"|Add|Sub|Squeeze|Unsqueeze|Clone|ToCopy)Backward|Pool"
)
"""Operators that leave the order of the axes as it is, by parts of their names in autograd."""

VIEWS = re.compile(
    r"(View|Reshape\w*|Squeeze|Unsqueeze|Select|Slice|Unbind|Transpose|Permute|T|Alias|Clone"
    r"|Contiguous|ToCopy)Backward"
)
"""Operators that take numbers as they are, without those that repeat them."""

SUMS = re.compile(r"(Add|Sub|Rsub)Backward")
"""Operators that a term goes through as it is, or with the other sign."""

ANY_OPERATOR = re.compile("")

MOST_OPERATORS = 30
"""Operators between a convolution and a layer that are looked at."""


class Facts(NamedTuple):
    """What the graph of a run shows of a call.

    Attributes:
        cut: Whether the answer has no gradient, though the layer's weights are trained.
        tied: Whether a gradient goes back through the initial state; None without one, and where
            no gradients are taken.
        convolved: Whether the input is as a convolution returned it, channels before positions.
        placed: Whether the initial state is a parameter with a row for each place in the batch.
    """

    cut: bool = False
    tied: bool | None = None
    convolved: bool = False
    placed: bool = False


NOTHING_SEEN = Facts()


def facts_of(
    input: Tensor, states: Sequence[Tensor], trained: bool, returned: Any, *, cell: bool
) -> Facts:
    """Return what is to be seen of a call's graph."""
    axes = 2 if cell else 3
    answer = next(tensors_in(returned), None)
    learns = torch.is_grad_enabled()  # where nothing does, a graph is missed by none
    return Facts(
        trained and answer is not None and not answer.requires_grad,
        any(part.requires_grad for part in states) if states and learns else None,
        input.dim() == 3 and _is_convolved(input),
        any(part.dim() == axes and part.shape[-2] > 1 and _is_parameter(part) for part in states),
    )


def _is_parameter(value: Tensor) -> bool:
    """Return whether a value is a parameter, or its numbers as a view has them."""
    behind = nodes_behind(value)
    leaf = getattr(behind[-1], "variable", None) if behind else value
    return isinstance(leaf, nn.Parameter)


def _is_convolved(value: Tensor) -> bool:
    """Return whether nothing but what keeps axes lies between a convolution and a value."""
    node = value.grad_fn
    for _ in range(MOST_OPERATORS):
        if node is None or not KEEPS_AXES.search(node.name()):
            return node is not None and node.name().startswith("Convolution")
        node = node.next_functions[0][0] if node.next_functions else None
    return False


def nodes_behind(value: Tensor) -> list[Any]:
    """Return the operators that a value is taken from as it is: views, and the first that is none.

    A leaf of the graph has none; of a view of one the last node has it as its `variable`.
    """
    found, node = [], value.grad_fn
    while node is not None and len(found) < MOST_OPERATORS:
        found.append(node)
        views = VIEWS.match(node.name()) and node.next_functions
        node = node.next_functions[0][0] if views else None
    return found


def is_view_of(value: Tensor, other: Tensor) -> bool:
    """Return whether a value has numbers of another as they are, which hangs on a graph."""
    node = other.grad_fn
    return node is not None and any(node is each for each in nodes_behind(value))


def is_behind(value: Tensor, other: Tensor) -> bool:
    """Return whether a way leads from another value back to a value."""
    return any(node is value.grad_fn for node in walk([other.grad_fn]))


def leaves_behind(values: Sequence[Tensor]) -> set[int]:
    """Return the ids of the leaves, such as weights, that a way leads to from any value."""
    own = {id(value) for value in values if value.grad_fn is None}
    return own | leaves_of([value.grad_fn for value in values])


def leaves_of(nodes: Sequence[Any]) -> set[int]:
    """Return the ids of the leaves that a way leads to from any node of a graph."""
    return {id(node.variable) for node in walk(nodes) if hasattr(node, "variable")}


def walk(nodes: Sequence[Any], through: re.Pattern[str] = ANY_OPERATOR) -> Iterator[Any]:
    """Yield each node of a graph that a way leads to from any, through operators of such a name."""
    waiting, met = [*nodes], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in met:
            continue
        met.add(node)
        yield node
        if through.match(node.name()):
            waiting += [behind for behind, _ in node.next_functions]


def attached(model: nn.Module, *given: Any) -> dict[int, Tensor]:
    """Return the tensors, by id, that a model keeps, or is given, and that hang on a graph.

    They live as long as what is returned, so that no later tensor gets an id of theirs.
    """
    kept = [_attributes(module) for module in model.modules()]
    return {id(part): part for part in tensors_in([*kept, *given]) if part.grad_fn is not None}


def kept_by(model: nn.Module) -> dict[int, tuple[str, Tensor]]:
    """Return by id the tensors that a model keeps beside its parameters, each with its name."""
    return {
        id(part): (f"{name}.{own}" if name else own, part)
        for name, module in model.named_modules()
        for own, value in (_attributes(module) | {**module._buffers}).items()
        for part in tensors_in(value)
    }


@contextlib.contextmanager
def without_graphs(model: nn.Module) -> Iterator[None]:
    """Take what a model keeps of a run off the run's graph, as a run without gradients leaves it.

    The next step of a training would otherwise go back through it.
    """
    before = attached(model)
    try:
        yield
    finally:
        for module in model.modules():
            for name, value in _attributes(module).items():
                new = _taken_off(value, before)
                if new is not value:
                    module.__dict__[name] = new


def _attributes(module: nn.Module) -> dict[str, Any]:
    """Return what a module keeps beside parameters, buffers and submodules."""
    own = ("_parameters", "_buffers", "_modules")
    kinds = (Tensor, tuple, list, dict)
    return {
        name: value
        for name, value in vars(module).items()
        if type(value) in kinds and name not in own
    }


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in whatever a model is given, keeps or returns."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, PackedSequence):
        yield value.data
    elif isinstance(value, tuple | list):
        for part in value:
            yield from tensors_in(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from tensors_in(part)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from tensors_in(getattr(value, field.name))


def _taken_off(value: Any, before: Mapping[int, Tensor]) -> Any:
    """Return a value without the graphs of this run: itself, if it hangs on none."""
    if isinstance(value, Tensor):
        ours = value.grad_fn is not None and id(value) not in before
        return value.detach() if ours else value
    if isinstance(value, tuple) and type(value) is not tuple:
        return value  # a named one is built in a way of its own
    if isinstance(value, tuple | list):
        parts = [_taken_off(part, before) for part in value]
        same = all(new is old for new, old in zip(parts, value, strict=True))
        return value if same else type(value)(parts)
    if isinstance(value, dict):
        parts = {key: _taken_off(part, before) for key, part in value.items()}
        return value if all(parts[key] is value[key] for key in value) else parts
    return value
