"""One call of a layer as it was recorded, and how what its caller got is compared with it."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.found import CELLS, called
from rnn_figures.models.graphs import NOTHING_SEEN, Facts
from rnn_figures.models.readers import Reads
from rnn_figures.traces import TraceMismatchError
from rnn_figures.traces.runs import as_numbers, data_of, dispatches, states_of


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
        severed: How many of these start from the last one's state without its graph.
        error: Why the call cannot be traced; None as a rule.
        gradient: Of a loss, by the input and in its layout; None where there is no loss, or where
            it does not depend on this input.
        reads: What the model reads of the answer; None where that was not measured.
        heard: Whether the result depends on anything that it returned, but for a state that is
            returned as it is; None where that was not measured.
        heard_last: Of calls that were joined, the same of the last; None of any other.
        attached: Whether the initial state hung on a graph from before the run.
        trained: Whether any of the layer's weights is.
        facts: What was to be seen of the graph of the run.
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
    severed: int = 0
    error: Exception | None = None
    gradient: Any = None
    reads: Reads | None = None
    heard: bool | None = None
    heard_last: bool | None = None
    attached: bool = False
    trained: bool = True
    facts: Facts = NOTHING_SEEN

    @property
    def steps_axis(self) -> int:
        """Which axis of a batch counts steps."""
        return 1 if self.options.get("batch_first") and data_of(self.output).dim() == 3 else 0

    @property
    def size(self) -> tuple[int, int]:
        """How many steps and sequences it read; (0, 0) where it has no such axes."""
        if not isinstance(self.input, Tensor) or self.input.dim() != 3:
            return 0, 0
        return self.input.shape[self.steps_axis], self.input.shape[1 - self.steps_axis]


def copied(value: Any) -> Any:
    """Copy tensors, detached and outside inference mode; a list of them becomes a tuple."""
    if isinstance(value, PackedSequence):
        return value._replace(data=copied(value.data))
    if isinstance(value, Tensor):
        with torch.inference_mode(False), torch.no_grad():
            return (value if dispatches(value) else as_numbers(value)).detach().clone()
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


def is_a_layers(layer: Any, given: tuple[Any, Any], value: Any) -> bool:
    """Return whether what was given to a forward, and what it returned, have a layer's form."""
    read, hx = given
    states = [part for part in states_of(hx) if part is not None]
    if not isinstance(read, Tensor | PackedSequence) or not all(
        isinstance(part, Tensor) and part.is_floating_point() for part in states
    ):
        return False
    if not data_of(read).is_floating_point() or data_of(read).shape[-1] != layer.input_size:
        return False
    if not isinstance(layer, CELLS):
        if not isinstance(value, tuple) or len(value) != 2 or type(value[0]) is not type(read):
            return False
        value = value[1]
    parts = states_of(value)
    letters = 2 if isinstance(layer, nn.LSTM | nn.LSTMCell) else 1
    return len(parts) == letters and all(isinstance(part, Tensor) for part in parts)


def changed(call: Recorded, value: Any) -> Exception | None:
    """Return the error of a call whose caller got other numbers than torch's forward returned.

    What a subclass makes of another form, such as an unpacked output, is not compared.
    """
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    try:
        output, state = as_numbers(value)
    except TypeError as error:
        return error
    pairs = [("h", call.output, output)]
    pairs += zip("hc", states_of(call.state), states_of(state), strict=False)
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


def one_more_axis(value: Any) -> Any:
    """Give what a cell takes, or returns, the axis of steps, or of layers: one of each."""
    if isinstance(value, Tensor):
        return value[None]
    return tuple(map(one_more_axis, value)) if isinstance(value, tuple | list) else value


def as_a_layer(returned: Any) -> tuple[Any, Any]:
    """Return what a cell returned as a layer of one step would return it."""
    state = one_more_axis(returned)
    return states_of(state)[0], state
