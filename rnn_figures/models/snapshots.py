"""A layer with the weights of one call, and the trace of that call.

The model's own layer is not run again: its weights may be others by now, and its hooks have run.
What is traced is a plain layer of torch's with copies of the weights that the call used, which
answers with what the call returned.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.models.found import called
from rnn_figures.models.graphs import NOTHING_SEEN, Facts
from rnn_figures.models.readers import Reads
from rnn_figures.models.recorded import Recorded
from rnn_figures.traces import Trace, trace
from rnn_figures.traces.runs import data_of


class Call(NamedTuple):
    """One call of a recurrent layer, or a chain of single steps, traced.

    Attributes:
        name: The layer's name in the model, as `named_modules` has it; "" for the model itself.
        module: A plain layer of torch's with the weights of this call.
        input: What it was given, a copy.
        hx: The initial state that it was given, a copy, or None.
        trace: Every gate of the call.
        calls: How many calls of the model it is: L for a loop of single steps, else 1.
        gradient: Of the loss, by the input and in its layout; None without a loss.
        reads: What the model reads of the answer; None where that was not measured.
        heard: Whether the result depends on anything that it returned, but for a state that is
            returned as it is; None where that was not measured.
        heard_last: Of calls that were joined, the same of the last; None of any other.
        attached: Whether the initial state hung on a graph from before the run.
        trained: Whether any of the layer's weights is.
        severed: How many steps of a loop start from the last one's state without its graph.
        facts: What was to be seen of the graph of the run.
    """

    name: str
    module: nn.RNNBase
    input: Tensor | PackedSequence
    hx: Tensor | tuple[Tensor, Tensor] | None
    trace: Trace
    calls: int
    gradient: Tensor | PackedSequence | None = None
    reads: Reads | None = None
    heard: bool | None = None
    heard_last: bool | None = None
    attached: bool = False
    trained: bool = True
    severed: int = 0
    facts: Facts = NOTHING_SEEN


def traced(recorded: Recorded) -> Call:
    """Trace a recorded call, or raise why not: active dropout, no values, a mismatch."""
    if recorded.error is not None:
        raise recorded.error
    if recorded.dropout:
        raise ValueError(
            f"{called(recorded.name)}: expected a module without active dropout, got "
            f"dropout={recorded.dropout} in training mode, which draws new masks on each run; "
            "call module.eval() first"
        )
    layer = snapshot(recorded)
    enabled, dtype = recorded.autocast
    with (
        _answer(layer, (recorded.output, recorded.state)),
        torch.autocast(data_of(recorded.input).device.type, dtype, enabled=enabled),
    ):
        try:
            found = trace(layer, recorded.input, recorded.hx)
        except Exception as error:
            error.add_note(f"in a call of {called(recorded.name)}")
            raise
    return Call(
        name=recorded.name,
        module=layer,
        input=recorded.input,
        hx=recorded.hx,
        trace=found,
        calls=recorded.calls,
        gradient=recorded.gradient,
        reads=recorded.reads,
        heard=recorded.heard,
        heard_last=recorded.heard_last,
        attached=recorded.attached,
        trained=recorded.trained,
        severed=recorded.severed,
        facts=recorded.facts,
    )


def snapshot(recorded: Recorded) -> nn.RNNBase:
    """Return a plain layer of torch's with the weights of a call, in eval mode."""
    layer = getattr(nn, recorded.kind)(**recorded.options, device="meta")
    for name, weight in recorded.weights.items():
        setattr(layer, name, nn.Parameter(weight, requires_grad=False))
    return layer.eval()


@contextlib.contextmanager
def answering(call: Call) -> Iterator[nn.RNNBase]:
    """Let the layer of a call answer with what the call returned, whatever it is given."""
    found = call.trace
    state = found.h_n if found.c_n is None else (found.h_n, found.c_n)
    with _answer(call.module, (found.output, state)):
        yield call.module


@contextlib.contextmanager
def _answer(layer: nn.RNNBase, returned: tuple[Any, Any]) -> Iterator[None]:
    layer.forward = lambda *_: returned
    try:
        yield
    finally:
        del layer.forward
