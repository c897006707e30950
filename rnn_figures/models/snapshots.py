"""A layer with the weights of one call, and the trace of that call.

The model's own layer is not run again: its weights may be others by now, and its hooks have run.
What is traced is a plain layer of torch's with copies of the weights that the call used, which
answers with what the call returned.
"""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import nn

from rnn_figures.models.found import called
from rnn_figures.models.recorded import Recorded
from rnn_figures.traces import Trace, trace
from rnn_figures.traces.runs import data_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Call(Recorded):
    """One call of a recurrent layer, or a chain of single steps, traced.

    Attributes:
        module: A plain layer of torch's with the weights of this call.
        trace: Every gate of the call.
    """

    module: nn.RNNBase
    trace: Trace


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
        _answering(layer, recorded),
        torch.autocast(data_of(recorded.input).device.type, dtype, enabled=enabled),
    ):
        try:
            found = trace(layer, recorded.input, recorded.hx)
        except Exception as error:
            error.add_note(f"in a call of {called(recorded.name)}")
            raise
    return Call(**vars(recorded), module=layer, trace=found)


def snapshot(recorded: Recorded) -> nn.RNNBase:
    """Return a plain layer of torch's with the weights of a call, in eval mode."""
    layer = getattr(nn, recorded.kind)(**recorded.options, device="meta")
    for name, weight in recorded.weights.items():
        setattr(layer, name, nn.Parameter(weight, requires_grad=False))
    return layer.eval()


def answering(call: Call) -> AbstractContextManager[nn.RNNBase]:
    """Let the layer of a call answer with what the call returned, whatever it is given."""
    return _answering(call.module, call)


@contextlib.contextmanager
def _answering(layer: nn.RNNBase, recorded: Recorded) -> Iterator[nn.RNNBase]:
    layer.forward = lambda *_: (recorded.output, recorded.state)
    try:
        yield layer
    finally:
        del layer.forward
