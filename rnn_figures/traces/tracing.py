"""Run a recurrent module once and recover every gate of every step, checked against the module.

The module's own output gives h; every gate then follows from matrix products over (x_t, h_{t-1});
every h is rebuilt from its gates and compared with the module's. `cells` has the readable form of
the same equations. This file imports nothing that draws.
"""

import itertools
import math
import warnings
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.configurations import class_name
from rnn_figures.proofs import Comparison, Proof
from rnn_figures.traces.agreement import TOLERANCE, TraceMismatchError, compare, rounding
from rnn_figures.traces.layer_traces import LayerTrace
from rnn_figures.traces.replay import beyond_the_end, replay
from rnn_figures.traces.runs import full_precision, refuse_random, steps_first
from rnn_figures.weights import weights

__all__ = ["TOLERANCE", "LayerTrace", "Trace", "TraceMismatchError", "trace"]

Weights = dict[str, Tensor]
"""The parameters of one layer in one direction, as `layouts.weights` returns them."""

Place = tuple[int, int]
"""A layer and a direction; the rows of h_n and c_n are in the order of their places."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """What a recurrent module computed in one call: its outputs, and every gate of every step.

    `trace[layer, direction]` is the LayerTrace of one layer in one direction (0 forward,
    1 reverse). All tensors are detached.

    Attributes:
        module: The module that ran.
        output: What the module returned first, in its own layout; packed if the input was.
        h_n: Final hidden states as returned, (D·num_layers, N, H_out); without N if unbatched.
        c_n: LSTM: final cell states as returned, (D·num_layers, N, H_cell); else None.
        lengths: Steps of each sequence, (N,), int64, in the caller's order.
        batched: False if the input had no batch axis; N is 1 in the layer traces then.
        packed: True if the input was a PackedSequence.
        max_difference: Largest |difference| between what the gates give and what the module
            returned, over every h of every layer, h_n and c_n.
    """

    module: nn.RNNBase
    output: Tensor | PackedSequence
    h_n: Tensor
    c_n: Tensor | None
    lengths: Tensor
    batched: bool
    packed: bool
    max_difference: float
    _layers: tuple[tuple[LayerTrace, ...], ...] = field(repr=False)

    def __getitem__(self, index: tuple[int, int]) -> LayerTrace:
        """Return the LayerTrace of (layer, direction); negative layers count from the top."""
        try:
            layer, direction = index
            return self._layers[layer][direction]
        except (TypeError, ValueError, IndexError):
            raise IndexError(
                f"expected trace[layer, direction] with layer in 0..{len(self._layers) - 1} and "
                f"direction in 0..{len(self._layers[0]) - 1}, got {index!r}"
            ) from None

    @property
    def num_directions(self) -> int:
        """D: 2 if the module is bidirectional, else 1."""
        return len(self._layers[0])

    @property
    def proof(self) -> Proof:
        """What the trace was compared with: every h of the top layer, and c_n."""
        values = sum(state.numel() for state in (self.h_n, self.c_n) if state is not None)
        compared = Comparison(self.max_difference, values, 0)
        return Proof(f"equal to nn.{class_name(self.module)}", compared)

    @property
    def checked(self) -> str:
        """What the trace was compared with, in words, for a figure's frame."""
        return str(self.proof)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of everything in the trace, by the expression that reads it."""
        output = self.output.data if isinstance(self.output, PackedSequence) else self.output
        shapes = {"output.data" if self.packed else "output": tuple(output.shape)}
        shapes["h_n"] = tuple(self.h_n.shape)
        if self.c_n is not None:
            shapes["c_n"] = tuple(self.c_n.shape)
        for layer, row in enumerate(self._layers):
            for direction, layer_trace in enumerate(row):
                for letter in ("x", *layer_trace.quantities):
                    shapes[f"[{layer}, {direction}].{letter}"] = tuple(layer_trace[letter].shape)
        return shapes

    def __repr__(self) -> str:
        """Return the shapes, one a line, below the module and the check."""
        lines = [f"Trace of {self.module}: {self.checked}"]
        lines += [f"  {name:<14} {shape}" for name, shape in self.shapes().items()]
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        rows = [f"| `{name}` | {shape} |" for name, shape in self.shapes().items()]
        return "\n".join([f"Trace: {self.checked}", "", "| part | shape |", "| --- | --- |", *rows])


def trace(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
) -> Trace:
    """Run a recurrent module as its caller would, and return every gate of every step.

    The module runs once, without gradients. Nothing of the caller's is changed: parameters,
    gradients, mode, random state, input.

    Args:
        module: nn.LSTM, nn.GRU or nn.RNN, or of a subclass; any options, any floating dtype.
        input: What the module takes: (L, N, H_in), (N, L, H_in) with batch_first, (L, H_in), or
            a PackedSequence.
        hx: Initial state as the module takes it: h_0, or for LSTM (h_0, c_0); None for zeros.

    Returns:
        The Trace, with the largest difference that its check found.

    Raises:
        TypeError: `module` is no recurrent layer.
        ValueError: dropout between layers is active, so that no second run could agree.
        TraceMismatchError: the gates do not give what the module returned.
        RuntimeError: the module refuses the input; torch's own message.

    Source:
        The equations of the torch.nn documentation; `cells` has them one step at a time.

    Examples:
        >>> t = trace(nn.GRU(5, 3), torch.zeros(8, 1, 5))
        >>> t[0, 0].z.shape, t.h_n.shape
        (torch.Size([8, 1, 3]), torch.Size([1, 1, 3]))
    """
    refuse_random(module)
    packed = isinstance(input, PackedSequence)
    data = input.data if packed else input
    places = list(itertools.product(range(module.num_layers), range(1 + module.bidirectional)))
    output: Tensor | PackedSequence
    state: Tensor | tuple[Tensor, Tensor]
    with torch.no_grad(), full_precision(data.device), np.errstate(all="ignore"):
        output, state = module(input, hx)
        batched = packed or data.dim() == 3
        h_n, c_n = state if isinstance(state, tuple) else (state, None)
        ends = [end if batched else end.unsqueeze(1) for end in (h_n, c_n) if end is not None]
        starts = _initial_states(hx, ends, batched)
        parameters = [weights(module, *place) for place in places]
        sequences, lengths = _sequences(module, input, output, parameters, starts)
        layer_traces = _without_gates(places, sequences, lengths, starts)
        beyond = beyond_the_end(lengths, len(sequences[0]), h_n.device) if packed else None
        with torch.autocast(h_n.device.type, enabled=False):
            worst = max(
                _fill(module.mode, *work, beyond)
                for work in zip(places, layer_traces, parameters, strict=True)
            )
            worst = max(worst, _check_ends(places, layer_traces, parameters, ends, beyond))
        for layer_trace in layer_traces:
            _finish(layer_trace, beyond)
    by_place = dict(zip(places, layer_traces, strict=True))
    return Trace(
        module=module,
        output=output,
        h_n=h_n,
        c_n=c_n,
        lengths=lengths,
        batched=batched,
        packed=packed,
        max_difference=worst,
        _layers=tuple(
            tuple(by_place[layer, direction] for direction in range(1 + module.bidirectional))
            for layer in range(module.num_layers)
        ),
    )


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
    num_directions = len(parameters) // module.num_layers
    for layer in range(module.num_layers - 1):
        places = slice(layer * num_directions, (layer + 1) * num_directions)
        flat = [weight for stacked in parameters[places] for weight in stacked.values()]
        read = _run_layer(module, read, [start[places] for start in starts], flat)
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
    with warnings.catch_warnings():
        # cuDNN would like the weights in one piece of memory; these are a part of the module's.
        warnings.filterwarnings("ignore", "RNN module weights are not part of single contiguous")
        if isinstance(read, Tensor):
            return run(read, hx, flat, *options, False)[0]
        return read._replace(data=run(read.data, read.batch_sizes, hx, flat, *options)[0])


def _without_gates(
    places: list[Place], sequences: list[Tensor], lengths: Tensor, starts: list[Tensor]
) -> list[LayerTrace]:
    """Return the LayerTrace of each place, its gates still to be filled."""
    num_directions = len(places) // (len(sequences) - 1)
    halves = [h for sequence in sequences[1:] for h in sequence.chunk(num_directions, dim=-1)]
    h_0s, c_0s = starts if len(starts) == 2 else (*starts, [None] * len(places))
    return [
        LayerTrace(
            x=sequences[layer],
            h=h,
            h_0=h_0,
            c_0=c_0,
            lengths=lengths,
            reverse=direction == 1,
            gates={},
        )
        for (layer, direction), h, h_0, c_0 in zip(places, halves, h_0s, c_0s, strict=True)
    ]


def _fill(
    mode: str, place: Place, layer_trace: LayerTrace, stacked: Weights, beyond: Tensor | None
) -> float:
    """Fill the gates of one LayerTrace; return by how much any h differs from the module's.

    Raises:
        TraceMismatchError: by more than is allowed.
    """
    h = layer_trace.h
    slack = partial(rounding, stacked, layer_trace.x, h)
    if h.dtype.itemsize < 4:  # gates of half types are computed in float32 and rounded at the end
        stacked = {name: weight.float() for name, weight in stacked.items()}
    worst = 0.0
    for part, rebuilt in replay(mode, stacked, layer_trace, beyond):
        if beyond is not None:
            rebuilt.masked_fill_(beyond[part], 0)  # as in the padded output of the module
        difference, mismatch = compare(rebuilt, h[part], slack)
        if mismatch is not None:
            step = part.start + mismatch.place[0]
            raise TraceMismatchError("h", *place, step, *mismatch[1:])
        worst = max(worst, difference)
    return worst


def _check_ends(
    places: list[Place],
    layer_traces: list[LayerTrace],
    parameters: list[Weights],
    ends: list[Tensor],
    beyond: Tensor | None,
) -> float:
    """Return by how much the states at the sequences' ends differ from h_n and c_n in `ends`.

    Raises:
        TraceMismatchError: by more than is allowed.
    """

    def slack() -> Tensor:
        each = zip(parameters, layer_traces, strict=True)
        bounds = [[[rounding(stacked, trace.x, trace.h)]] for stacked, trace in each]
        return torch.tensor(bounds, device=ends[0].device)  # (D·num_layers, 1, 1)

    worst = 0.0
    for letter, end in zip("hc", ends, strict=False):
        reached = torch.stack([_last(layer_trace, letter, beyond) for layer_trace in layer_traces])
        difference, mismatch = compare(reached, end, slack)
        if mismatch is not None:
            place, sequence, _ = mismatch.place
            layer, direction = places[place]
            step = 0 if direction == 1 else int(layer_traces[place].lengths[sequence]) - 1
            raise TraceMismatchError(letter, layer, direction, step, *mismatch[1:])
        worst = max(worst, difference)
    return worst


def _last(layer_trace: LayerTrace, letter: str, beyond: Tensor | None) -> Tensor:
    """Return a state after the last step that the direction walks, (N, H)."""
    values, lengths = layer_trace[letter], layer_trace.lengths
    if layer_trace.reverse:
        return values[0]
    if beyond is None:
        return values[-1]
    return values[lengths - 1, torch.arange(len(lengths))]


def _finish(layer_trace: LayerTrace, beyond: Tensor | None) -> None:
    """Round the gates to the module's dtype, and mark as NaN what was no step."""
    gates, dtype = layer_trace.gates, layer_trace.h.dtype
    for letter, gate in gates.items():
        if gate.dtype != dtype:
            gates[letter] = gate.to(dtype)
    if beyond is not None:
        for value in (layer_trace.x, layer_trace.h, *gates.values()):
            value.masked_fill_(beyond, math.nan)
