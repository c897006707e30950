"""One call of a module: what it returned, and what every layer read and gave.

The module runs as its caller would run it. The layers below the top, whose h it does not return,
run once more, one by one, by the operator that the module itself calls.
"""

import contextlib
import warnings
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.traces.replay import Weights, beyond_the_end
from rnn_figures.traces.runs import as_numbers, states_of, steps_first, telling_shapes
from rnn_figures.weights import layers_and_directions, num_directions, weights


class Run(NamedTuple):
    """One call of a module: what it returned, and what every layer read and gave.

    Attributes:
        module: The module.
        output: What it returned first, in its own layout.
        h_n: Final hidden states as returned.
        c_n: LSTM: final cell states as returned; else None.
        batched: False if the input had no batch axis.
        wheres: Layer and direction of each row of h_n.
        parameters: The weights of each, in the same order.
        sequences: What each layer read, then what the top layer gave, each (L, N, H).
        lengths: Steps of each sequence, (N,).
        starts: h_0 and, for LSTM, c_0, each (D·num_layers, N, H).
        ends: h_n and, for LSTM, c_n, alike.
        beyond: True where a packed sequence has no step, (L, N, 1); None if all have all steps.
    """

    module: nn.RNNBase
    output: Tensor | PackedSequence
    h_n: Tensor
    c_n: Tensor | None
    batched: bool
    wheres: list[tuple[int, int]]
    parameters: list[Weights]
    sequences: list[Tensor]
    lengths: Tensor
    starts: list[Tensor]
    ends: list[Tensor]
    beyond: Tensor | None


def call(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None,
) -> Run:
    """Call a module as its caller would; then find what every layer read and gave."""
    with telling_shapes(module, input, hx):
        output, state = as_numbers(module(input, hx))
    read, hx = as_numbers(input), as_numbers(hx)
    batched = isinstance(read, PackedSequence) or read.dim() == 3
    output = _copied(output)
    h_n, *others = [end.clone() for end in states_of(state)]
    c_n = others[0] if others else None
    ends = [end if batched else end.unsqueeze(1) for end in (h_n, c_n) if end is not None]
    starts = _initial_states(hx, ends, batched)
    wheres = layers_and_directions(module)
    parameters = [weights(module, *where) for where in wheres]
    sequences, lengths = _sequences(module, read, output, parameters, starts)
    beyond = None
    if isinstance(read, PackedSequence):
        beyond = beyond_the_end(lengths, len(sequences[0]), h_n.device)
    return Run(
        module=module,
        output=output,
        h_n=h_n,
        c_n=c_n,
        batched=batched,
        wheres=wheres,
        parameters=parameters,
        sequences=sequences,
        lengths=lengths,
        starts=starts,
        ends=ends,
        beyond=beyond,
    )


def _copied(output: Tensor | PackedSequence) -> Tensor | PackedSequence:
    """Return a copy: a module or a hook that keeps what was returned may write into it later."""
    if isinstance(output, Tensor):
        return output.clone()
    return output._replace(data=output.data.clone())


def _initial_states(
    hx: Tensor | tuple[Tensor, Tensor] | None, ends: list[Tensor], batched: bool
) -> list[Tensor]:
    """Return copies of h_0 and, for LSTM, c_0 with a batch axis; zeros if the caller gave none."""
    if hx is None:
        return [torch.zeros_like(end) for end in ends]
    states = [hx] if isinstance(hx, Tensor) else hx
    return [(state if batched else state.unsqueeze(1)).clone() for state in states]


def _sequences(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    output: Tensor | PackedSequence,
    parameters: list[Weights],
    starts: list[Tensor],
) -> tuple[list[Tensor], Tensor]:
    """Return what each layer read and what the top layer gave, all (L, N, H), and the lengths.

    The last is the module's own output; the layers below the top run once more, one by one.
    """
    x, lengths = steps_first(input, module.batch_first)
    if isinstance(input, Tensor):  # a packed input was copied when its steps were laid out
        x = x.clone(memory_format=torch.contiguous_format)
    sequences = [x]
    read = x if isinstance(input, Tensor) else input
    count = num_directions(module)
    for layer in range(module.num_layers - 1):
        rows = slice(layer * count, (layer + 1) * count)
        flat = [weight for stacked in parameters[rows] for weight in stacked.values()]
        read = _run_layer(module, read, [start[rows] for start in starts], flat)
        sequences.append(steps_first(read, batch_first=False)[0])
    sequences.append(steps_first(output, module.batch_first)[0])
    return sequences, lengths


def _run_layer(
    module: nn.RNNBase, read: Tensor | PackedSequence, states: list[Tensor], flat: list[Tensor]
) -> Tensor | PackedSequence:
    """Run one layer alone, (L, N, H) or packed, by the operator that nn.RNNBase.forward calls."""
    run = getattr(torch, module.mode.lower())
    options = (module.bias, 1, 0.0, False, module.bidirectional)  # one layer, no dropout
    if isinstance(read, PackedSequence) and read.sorted_indices is not None:
        states = [state[:, read.sorted_indices] for state in states]
    hx = states if module.mode == "LSTM" else states[0]
    with warnings.catch_warnings() if states[0].is_cuda else contextlib.nullcontext():
        if states[0].is_cuda:  # cuDNN would like the weights in one piece; these are a part of all
            warnings.filterwarnings("ignore", "RNN module weights are not part of single")
        if isinstance(read, Tensor):
            return run(read, hx, flat, *options, False)[0]
        return read._replace(data=run(read.data, read.batch_sizes, hx, flat, *options)[0])
