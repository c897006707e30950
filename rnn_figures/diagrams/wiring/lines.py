"""Run the forward of a model line by line, and keep what each line reads and makes.

Every line becomes a box; every name or expression that it reads becomes a wire with a live value.
Nothing here draws.
"""

import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.arguments import is_recurrent
from rnn_figures.configurations import describe
from rnn_figures.diagrams.wiring.statements import Line, code_of, lines_of, names_in, value_of
from rnn_figures.proofs import Comparison, Proof, ProofError, compare

INPUT, MODULE, STEP, RETURN = "input", "module", "step", "return"
"""Kinds of a Node: an argument of forward, a call of a submodule, another line, the result."""

RETURNED = {"0": "output", "1": "h_n", "10": "h_n", "11": "c_n"}
"""What a recurrent layer returns, by the index in its tuple: "10" is the first of the second."""

GIVEN = "given__"
"""The name of what the line now running computed; never shown."""


class Node(NamedTuple):
    """One line of forward, an argument of it, or its result.

    Attributes:
        kind: INPUT, MODULE, STEP or RETURN.
        title: Code: the argument's or submodule's name, the line's right side, the result.
        detail: The submodule's constructor call, or the shape of an argument or of the result.
        unused: What the line made and nobody reads, with its shape, such as "c_n (1, 4, 3)".
    """

    kind: str
    title: str
    detail: str = ""
    unused: tuple[str, ...] = ()


class Wire(NamedTuple):
    """A value on its way from the box that made it to a box that reads it.

    Attributes:
        tail: Number of the box that made it.
        head: Number of the box that reads it.
        text: Code of what is read, such as "h_n[-1]"; "" for what a submodule gave as it is.
        shape: Its live shape, such as "(4, 3)"; a packed sequence, tuple or number in words.
        colour: The quantity that it is, "x", "h" or "c"; "ink" for anything else.
    """

    tail: int
    head: int
    text: str
    shape: str
    colour: str


class Wiring(NamedTuple):
    """A model's forward, taken apart: its boxes in the order in which they ran, and the wires.

    The proof says that the lines gave what the model itself returns.
    """

    name: str
    boxes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    proof: Proof

    def into(self, number: int) -> list[Wire]:
        """Return the wires into a box."""
        return [wire for wire in self.wires if wire.head == number]

    def out_of(self, number: int) -> list[Wire]:
        """Return the wires out of a box."""
        return [wire for wire in self.wires if wire.tail == number]


def wiring(model: Callable, inputs: Sequence[object]) -> Wiring:
    """Run a model as it is, then line by line, and return what each line reads and makes.

    Both runs start from the same random state, so that dropout draws the same masks.
    """
    name = type(model).__name__ if isinstance(model, nn.Module) else model.__name__
    random_state = torch.get_rng_state()
    with torch.no_grad():
        expected = model(*inputs)
        torch.set_rng_state(random_state)
        boxes, wires, result = _run(model, inputs, name)
    try:
        proof = Proof(f"run line by line, equal to {name} itself", _compared(result, expected))
    except ProofError as error:
        raise ValueError(
            f"expected the lines of {name} to give what it returns ({error}); give a model whose "
            "result depends on its inputs only"
        ) from None
    return Wiring(name, tuple(boxes), tuple(wires), proof)


def shape_of(value: object) -> str:
    """Write a value as a wire shows it: a tensor by its shape, a tuple by its parts.

    Examples:
        >>> shape_of((torch.zeros(2), torch.zeros(3))), shape_of([2, 1])
        ('(2,) and (3,)', '[2, 1]')
    """
    if isinstance(value, PackedSequence):
        return f"packed {tuple(value.data.shape)}"
    if isinstance(value, Tensor):
        return str(tuple(value.shape)) if value.dim() else "one number"
    if isinstance(value, tuple):
        return " and ".join(shape_of(part) for part in value)
    return repr(value)


def _run(
    model: Callable, inputs: Sequence[object], name: str
) -> tuple[list[Node], list[Wire], object]:
    """Run every line; return the boxes, the wires and the result."""
    forward = model.forward if isinstance(model, nn.Module) else model
    given = inspect.signature(forward).bind(*inputs).arguments
    names = _visible_names(model) | given
    made = {argument: number for number, argument in enumerate(given)}
    colours = dict.fromkeys(given, "ink")
    boxes = [Node(INPUT, argument, shape_of(value)) for argument, value in given.items()]
    wires: list[Wire] = []
    unread: dict[str, int] = {}
    for line in lines_of(model, names):
        for index, read in enumerate(line.reads()):
            words = [word for word in names_in(read) if word in made]
            shape = shape_of(value_of(read, names))
            into_layer = index == 0 and line.module is not None and is_recurrent(line.module)
            colour = "x" if into_layer else _colour(read, colours)
            tails = dict.fromkeys(made[word] for word in words)
            wires += [Wire(tail, len(boxes), code_of(read), shape, colour) for tail in tails]
            unread = {word: box for word, box in unread.items() if word not in words}
        if isinstance(line.statement, ast.Return):
            result = value_of(line.value, names)
            for word, number in unread.items():
                unused = (*boxes[number].unused, f"{word} {shape_of(names[word])}")
                boxes[number] = boxes[number]._replace(unused=unused)
            return [*boxes, Node(RETURN, code_of(line.value), shape_of(result))], wires, result
        given = _bind(line, names)
        quantities = _quantities(line.module) or {"": _colour(line.value, colours)}
        for word, index in line.targets:
            made[word] = len(boxes)
            if word != "_":
                unread[word] = len(boxes)
            colours[word] = quantities.get(index, "ink")
        boxes.append(_box(line)._replace(unused=_dropped(line, given)))
    raise ValueError(f"expected {name} to return something; end it with a return")


def _box(line: Line) -> Node:
    """Return the box: a submodule by name and constructor call, anything else by its code."""
    if not isinstance(line.value, ast.Call) or line.module is None:
        return Node(STEP, code_of(line.value, whole=True))
    name = ast.unparse(line.value.func).removeprefix("self").removeprefix(".")
    return Node(MODULE, name, _constructor(line.module))


def _visible_names(model: Callable) -> dict[str, object]:
    """Return what the code of a model can see: globals, the names around it, and self."""
    function = type(model).forward if isinstance(model, nn.Module) else model
    around = inspect.getclosurevars(function).nonlocals
    return {**getattr(function, "__globals__", {}), **around, "self": model}


def _constructor(module: nn.Module) -> str:
    """Return the constructor call of one of torch's modules, the class name of another."""
    if isinstance(module, nn.RNNBase) and is_recurrent(module):
        return describe(module)
    if not type(module).__module__.startswith("torch.") or "\n" in str(module):
        return type(module).__name__
    return f"nn.{re.sub(r'in_features=|out_features=|, bias=True', '', str(module))}"


def _quantities(module: nn.Module | None) -> dict[str, str]:
    """Return the quantity by its index in what a layer or a cell gives; {} for another module."""
    if isinstance(module, nn.LSTM):
        return {"0": "h", "10": "h", "11": "c"}  # output, (h_n, c_n)
    if isinstance(module, (nn.GRU, nn.RNN)):
        return {"0": "h", "1": "h"}
    if isinstance(module, nn.LSTMCell):
        return {"0": "h", "1": "c"}
    return {"": "h"} if isinstance(module, (nn.GRUCell, nn.RNNCell)) else {}


def _colour(expression: ast.expr, colours: Mapping[str, str]) -> str:
    """Return the quantity that an expression is: that of the name which it only indexes."""
    if not isinstance(expression, (ast.Name, ast.Subscript)):
        return "ink"
    return colours.get(names_in(expression)[0], "ink")


def _bind(line: Line, names: dict[str, object]) -> object:
    """Run an assignment: compute its value once, bind its targets, return the value."""
    assert isinstance(line.statement, ast.Assign)
    names[GIVEN] = value_of(line.value, names)
    binding = ast.Assign(line.statement.targets, ast.Name(GIVEN, ast.Load()))
    source = ast.fix_missing_locations(ast.Module([binding], type_ignores=[]))
    exec(compile(source, "<forward>", "exec"), names)
    return names[GIVEN]


def _dropped(line: Line, given: object) -> tuple[str, ...]:
    """Write what a layer gave to `_`, by PyTorch's names, each with its shape."""
    if line.module is None or not is_recurrent(line.module):
        return ()
    dropped = [index for word, index in line.targets if word == "_"]
    return tuple(text for index in dropped for text in _tensors(given, index))


def _tensors(given: object, index: str) -> list[str]:
    """Write the tensors at an index of what a layer gave: "1" is a GRU's h_n, an LSTM's pair."""
    value = given
    for digit in index:
        assert isinstance(value, tuple)
        value = value[int(digit)]
    if isinstance(value, tuple) and not isinstance(value, PackedSequence):
        return [
            text for number in range(len(value)) for text in _tensors(given, f"{index}{number}")
        ]
    return [f"{RETURNED[index]} {shape_of(value)}"]


def _compared(result: object, expected: object) -> Comparison:
    """Compare what the lines gave with what the model returns, tensor by tensor."""
    if isinstance(expected, Tensor | tuple | list | dict):
        return compare("the result", result, expected)
    return compare("the result", bool(result == expected), True)
