"""Steps that a model computes by hand, with the weights of a layer of torch's.

The rows of a layer's weights are in torch's order of gates. A step that takes them in another is no
step of that layer.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnn_figures.models.graphs import is_behind, tensors_in, walk
from rnn_figures.models.recording import Recorder
from rnn_figures.models.unused import Uses
from rnn_figures.models.watchers import ANYONE, PRODUCTS, Operation, Seen, Watcher, both, watches
from rnn_figures.numbers import digits
from rnn_figures.weights import STACKED

MOST_KEPT = 100
"""Tensors that were parted in four, of which the parts are kept: each step of a loop makes one."""

LINEAR = re.compile(r"(Add|Addmm|Mm|Bmm|T|Transpose|Permute|View|UnsafeView|Linear|Expand)Backward")
"""Operators between what is parted and the weights that made it: a sum of products."""

FEWEST_STEPS = 3
"""Steps by hand from which on it is no chance that none leads to the state that the next reads."""

SAME = 1e-3
"""How far a number of h may be from the layer's own, in half types too."""

GATES = len(STACKED["LSTM"])

ORDINALS = ("first", "second", "third", "fourth")


class _Part(NamedTuple):
    """One of the four parts of a tensor, or its σ or tanh: which, of what, and on which line."""

    value: Tensor
    number: int
    whole: Tensor
    where: str


class _Gates(NamedTuple):
    """What became of the four parts of a tensor.

    Attributes:
        whole: The tensor.
        where: The line that parts it.
        names: By number, whether a part went through σ or tanh.
        unread: Those that no function took, or not what σ or tanh made of them.
        products: Which two were multiplied by each other, by their numbers.
        multiplied: Those that were multiplied by anything.
    """

    whole: Tensor
    where: str
    names: dict[int, str]
    unread: list[int]
    products: list[frozenset[int]]
    multiplied: list[int]

    @property
    def lets_through(self) -> bool:
        """Whether what went through tanh is multiplied by another part."""
        return any(self.names[number] == "tanh" for pair in self.products for number in pair)


class ByHand(Watcher):
    """What a model computes with the weights of its recurrent layers, outside of their calls.

    Args:
        recorder: The calls of layers.
        layers: By name, the recurrent layers and cells of the model.
        uses: What the run's functions take.
    """

    def __init__(self, recorder: Recorder, layers: Mapping[str, nn.Module], uses: Uses) -> None:
        super().__init__(recorder)
        self._layers, self._uses = layers, uses
        self._owners = {
            id(weight): name for name, layer in layers.items() for weight in layer.parameters()
        }
        self._read: defaultdict[int, list[tuple[Tensor, str]]] = defaultdict(list)
        self._parts: dict[int, _Part] = {}
        self._by_node: dict[tuple[Any, int], _Part] = {}
        self._activated: dict[int, tuple[str, _Part]] = {}
        self._products: list[tuple[_Part, _Part]] = []
        self._multiplied: set[tuple[int, int]] = set()

    @watches(*both("chunk", "split"), by=ANYONE)
    def split(self, operation: Operation) -> None:
        """Keep the parts of a tensor that is parted in four."""
        whole, returned = operation.given(0, "tensor", "input"), operation.returned
        if len(returned) == GATES and whole.requires_grad and len(self._parts) < GATES * MOST_KEPT:
            for number, value in enumerate(returned):
                part = _Part(value, number, whole, operation.where)
                self._parts[id(value)] = self._by_node[value.grad_fn, value.output_nr] = part
                self._uses.expect(value)

    @watches(*both("sigmoid"), by=ANYONE)
    def sigmoid(self, operation: Operation) -> None:
        """Keep the σ of a part."""
        self._activate("σ", operation)

    @watches(*both("tanh"), by=ANYONE)
    def tanh(self, operation: Operation) -> None:
        """Keep the tanh of a part."""
        self._activate("tanh", operation)

    def _activate(self, name: str, operation: Operation) -> None:
        own, value = self._part_of(operation.given(0, "input")), operation.returned
        if own is not None:
            self._activated[id(value)] = name, own._replace(value=value)
            self._uses.expect(value)

    def _part_of(self, value: Tensor) -> _Part | None:
        """Return the part that a value is, or that something is added to, as by a peephole."""
        node = value.grad_fn
        behind = []
        if node is not None and node.name().startswith("AddBackward"):
            behind = [self._by_node.get(each) for each in node.next_functions]
        return self._parts.get(id(value)) or next(filter(None, behind), None)

    @watches(*PRODUCTS, *both("addcmul"))
    def multiply(self, operation: Operation) -> None:
        """Keep which parts are multiplied, and which two by each other."""
        activated = map(self._activated.get, map(id, operation.args))
        own = [part for _, part in filter(None, activated)]
        pair = own[-2:]
        self._multiplied |= {(id(part.whole), part.number) for part in own}
        if len(pair) == 2 and pair[0].whole is pair[1].whole:
            self._products.append((pair[0], pair[1]))

    @watches(functional.linear, *both("matmul", "mm"), Tensor.__matmul__, by=ANYONE)
    def linear(self, operation: Operation) -> None:
        """Keep what is multiplied by a weight of a layer, or by its first rows."""
        given, weight = operation.given(0, "input"), operation.given(1, "weight")
        if not (isinstance(given, Tensor) and isinstance(weight, Tensor)):
            return
        whole = weight if weight._base is None else weight._base
        if id(whole) in self._owners and given.dim() == 2 and not weight.storage_offset():
            self._read[id(whole)].append((given.detach(), operation.where))

    def seen(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in steps by hand."""
        ordered = [*self._in_another_order()]
        yield from ordered
        for name in self._layers:
            if name not in {seen.name for seen in ordered}:
                yield from self._apart(name)
        yield from self._of_no_layer(returned)

    def _of_no_layer(self, returned: Any) -> Iterator[Seen]:
        """Yield what is odd in the gates of a cell of the model's own: four parts at each step."""
        steps: defaultdict[str, list[_Gates]] = defaultdict(list)
        for gates in self._gates(returned):
            steps[gates.where].append(gates)
        for where, each in steps.items():
            if len(each) < FEWEST_STEPS or not is_behind(each[0].whole, each[1].whole):
                continue
            unread = {number for gates in each for number in gates.unread}
            tanhs = {sum(name == "tanh" for name in gates.names.values()) for gates in each}
            full = all(len(gates.names) == GATES and gates.products for gates in each)
            if len(unread) == 1 and all(gates.unread for gates in each):
                yield Seen("gate unread", where, (ORDINALS[unread.pop()],))
            elif full and len(tanhs) == 1 and tanhs != {1}:
                yield Seen("gates of another kind", where, (tanhs.pop(),))
            elif full and tanhs == {1} and not any(gates.lets_through for gates in each):
                yield Seen("candidate by no gate", where)
            elif full and all(len(gates.multiplied) == GATES - 1 for gates in each):
                alone = {*range(GATES)} - {*each[0].multiplied}
                yield Seen("gate of nothing", where, (ORDINALS[alone.pop()],))

    def _gates(self, returned: Any) -> Iterator["_Gates"]:
        """Yield what became of each tensor that was parted in four, three parts by σ or tanh."""
        results = {id(value) for value in tensors_in(returned)}
        names: defaultdict[int, dict[int, str]] = defaultdict(dict)
        unread: defaultdict[int, list[int]] = defaultdict(list)
        for name, part in self._activated.values():
            names[id(part.whole)][part.number] = name
        for part in (*self._parts.values(), *(part for _, part in self._activated.values())):
            if self._uses.waits_for(part.value) and id(part.value) not in results:
                unread[id(part.whole)].append(part.number)
        for part in self._parts.values():
            own = names[id(part.whole)]
            if part.number == 0 and len(own) >= GATES - 1:
                products = [
                    frozenset(each.number for each in pair)
                    for pair in self._products
                    if pair[0].whole is part.whole
                ]
                let = [number for number in own if (id(part.whole), number) in self._multiplied]
                yield _Gates(part.whole, part.where, own, unread[id(part.whole)], products, let)

    def _apart(self, name: str) -> Iterator[Seen]:
        """Yield steps that all lead to another h than the layer's own would."""
        layer = self._layers[name]
        weights: list[Any] = [
            getattr(layer, f"{own}{_end(layer)}", None)
            for own in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        read, states = (self._read[id(weight)] for weight in weights[:2])
        alike = all(len({value.shape for value, _ in each}) == 1 for each in (read, states))
        if len(read) != len(states) or len(states) < FEWEST_STEPS or not alike:
            return
        pair = isinstance(layer, nn.LSTM | nn.LSTMCell)
        c = torch.zeros_like(states[0][0])
        if pair and bool(states[0][0].any()):
            return  # its c is not known, then
        apart = []
        weights = [None if weight is None else weight.detach() for weight in weights]
        for (x, _), (h, _), (after, where) in zip(read, states, states[1:], strict=False):
            if pair:
                own, c = torch.lstm_cell(x, (h, c), *weights)
            else:
                own = _step(layer)(x, h, *weights)
            apart.append((float((own - after).abs().max()), where))
        if min(each for each, _ in apart) > SAME:
            most = digits(max(each for each, _ in apart))
            yield Seen("steps by hand differ", apart[0][1], (most,), name)

    def _in_another_order(self) -> Iterator[Seen]:
        """Yield the steps that take an LSTM's rows in another order."""
        owners = {
            weight: name
            for weight, name in self._owners.items()
            if isinstance(self._layers[name], nn.LSTM | nn.LSTMCell)
        }
        for name, part in self._activated.values():
            if (name == "tanh") == (STACKED["LSTM"][part.number] == "g"):
                continue
            owner = _owner(part.whole, owners)
            if owner is not None:
                yield Seen("gates in another order", part.where, name=owner)
        for pair in self._products:
            letters = {STACKED["LSTM"][part.number] for part in pair}
            owner = _owner(pair[0].whole, owners) if letters == {"f", "g"} else None
            if owner is not None:
                yield Seen("gates in another order", pair[0].where, name=owner)


def _end(layer: nn.Module) -> str:
    """Return how the names of a layer's first weights end."""
    return "" if isinstance(layer, nn.RNNCellBase) else "_l0"


def _step(layer: Any) -> Callable[..., Tensor]:
    """Return torch's step of a GRU or a plain RNN."""
    if isinstance(layer, nn.GRU | nn.GRUCell):
        return torch.gru_cell
    return torch.rnn_relu_cell if layer.nonlinearity == "relu" else torch.rnn_tanh_cell


def _owner(value: Tensor, owners: Mapping[int, str]) -> str | None:
    """Return the name of the layer whose weights a value was made with; None of any other."""
    weights = (id(getattr(node, "variable", None)) for node in walk([value.grad_fn], LINEAR))
    return next((owners[weight] for weight in weights if weight in owners), None)
