"""Run a recurrent module once and recover every gate of every step, checked against the module.

The module's own output gives h; every gate then follows from matrix products over (x_t, h_{t-1});
every h is rebuilt from its gates and compared with the module's. `cells` has the readable form of
the same equations. This file imports nothing that draws.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.configurations import class_name
from rnn_figures.layers import layers_of
from rnn_figures.layouts import DIRECTIONS, weights
from rnn_figures.replay import beyond_the_end, replay
from rnn_figures.runs import full_precision, refuse_random, steps_first

TOLERANCE = {
    torch.float64: 1e-12,
    torch.float32: 1e-6,
    torch.float16: 2 * torch.finfo(torch.float16).eps,
    torch.bfloat16: 2 * torch.finfo(torch.bfloat16).eps,
}
"""Largest difference allowed by the module's dtype, times max(1, |value|)."""

CHECKED_AT_ONCE = 1 << 16
"""Numbers compared in one piece: keeps the check's memory far below the trace's."""


class TraceMismatchError(Exception):
    """What was rebuilt from the gates is not what the module returned.

    Args:
        quantity: Letter of the quantity that differs, "h" or "c".
        layer: Its layer, from 0.
        direction: 0 for forward, 1 for reverse.
        step: Its time step, from 0 in the input's order.
        expected: What the module returned there.
        actual: What the gates give there.
        allowed: The largest difference that would have passed there.
    """

    def __init__(
        self,
        quantity: str,
        layer: int,
        direction: int,
        step: int,
        expected: float,
        actual: float,
        allowed: float = 0.0,
    ) -> None:
        self.quantity = quantity
        self.layer = layer
        self.direction = direction
        self.step = step
        self.expected = expected
        self.actual = actual
        self.allowed = allowed
        super().__init__(
            f"layer {layer} ({DIRECTIONS[direction]}), step {step}, quantity {quantity}: largest "
            f"difference {abs(expected - actual):.1e} (allowed {allowed:.0e}), expected "
            f"{expected:.6g}, got {actual:.6g}; the trace does not describe this module"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class LayerTrace:
    """Everything that one layer computed in one direction, step by step.

    Whatever layout the module used (batch_first, unbatched, packed), tensors are (L, N, H) with
    step 0 first, also for the reverse direction, and N in the caller's order. Beyond the end of a
    packed sequence they are NaN: there was no step there. A quantity that the cell does not have
    raises AttributeError.

    Attributes:
        x: What this layer read, (L, N, H_in), or (L, N, D·H_out) above the first layer.
        h: Hidden state after each step, (L, N, H_out).
        h_0: Hidden state before the first step, (N, H_out).
        c_0: LSTM: cell state before the first step, (N, H_cell).
        lengths: Steps of each sequence, (N,), int64.
        reverse: True if this direction reads the last step first.
        gates: The other quantities by letter, each (L, N, H_cell): LSTM i, f, o in (0, 1), g in
            (-1, 1), c; GRU r, z in (0, 1), n in (-1, 1). `layer_trace.f` is `gates["f"]`.
    """

    x: Tensor
    h: Tensor
    h_0: Tensor
    c_0: Tensor | None
    lengths: Tensor
    reverse: bool
    gates: dict[str, Tensor]

    def __getattr__(self, letter: str) -> Tensor:
        """Return a gate, the candidate or the cell state by its letter."""
        gates = self.__dict__.get("gates", {})  # absent while pickle or copy builds the object
        if letter in gates:
            return gates[letter]
        raise AttributeError(
            f"this layer has no quantity {letter!r}; it has {', '.join((*gates, 'h'))}"
        )

    @property
    def quantities(self) -> tuple[str, ...]:
        """Letters of what the cell computes, in the order of its equations, h last."""
        return (*self.gates, "h")

    def __getitem__(self, quantity: str) -> Tensor:
        """Return a quantity by its letter: layer_trace["f"] is layer_trace.f."""
        if quantity not in (*self.quantities, "x"):
            raise KeyError(
                f"this layer has no quantity {quantity!r}; it has x, {', '.join(self.quantities)}"
            )
        return getattr(self, quantity)

    def step(self, t: int, *, sequence: int = 0) -> dict[str, Tensor]:
        """Return all numbers of one step of one sequence: what came in, every gate, both states.

        Args:
            t: Time step, from 0 in the input's order; negative counts from the sequence's end.
            sequence: Which sequence of the batch.

        Returns:
            Vectors by letter: x, h_prev, c_prev (LSTM), the gates, c (LSTM), h. h_prev and c_prev
            are the states that this step read: h_0 and c_0 where the direction starts.

        Raises:
            IndexError: the sequence has no such step.
        """
        length = int(self.lengths[sequence])
        if not -length <= t < length:
            raise IndexError(f"expected a step in 0..{length - 1} of sequence {sequence}, got {t}")
        t %= length
        before = t + 1 if self.reverse else t - 1
        first = not 0 <= before < length
        values = {"x": self.x[t, sequence]}
        values["h_prev"] = self.h_0[sequence] if first else self.h[before, sequence]
        if self.c_0 is not None:
            values["c_prev"] = self.c_0[sequence] if first else self.c[before, sequence]
        return values | {letter: self[letter][t, sequence] for letter in self.quantities}


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
    def checked(self) -> str:
        """What the trace was compared with, in words, for a figure's frame."""
        name = class_name(self.module)
        size = "exactly" if self.max_difference == 0 else f"to {self.max_difference:.0e}"
        return f"equal to nn.{name}, torch {torch.__version__.partition('+')[0]}, {size}"

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
    with torch.no_grad(), full_precision():
        output, state = module(input, hx)
        return _replay(module, input, hx, output, state)


def _replay(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None,
    output: Tensor | PackedSequence,
    state: Tensor | tuple[Tensor, Tensor],
) -> Trace:
    """Rebuild every layer from the module's input and output, bottom up, and check each."""
    packed = isinstance(input, PackedSequence)
    batched = packed or input.dim() == 3
    num_directions = 2 if module.bidirectional else 1
    h_n, c_n = state if isinstance(state, tuple) else (state, None)

    x, lengths = steps_first(input, module.batch_first)
    x = x.clone(memory_format=torch.contiguous_format)  # the caller may overwrite the input later
    end_h, end_c = (
        None if end is None else end if batched else end.unsqueeze(1) for end in (h_n, c_n)
    )
    h_0, c_0 = _initial_states(hx, end_h, end_c, batched)

    worst = 0.0
    rows = []
    read = input
    for layer in range(module.num_layers):
        places = slice(layer * num_directions, (layer + 1) * num_directions)
        if layer == module.num_layers - 1:
            read = output
        else:
            start = h_0[places] if batched else h_0[places].squeeze(1)
            if c_0 is not None:
                start = (start, c_0[places] if batched else c_0[places].squeeze(1))
            read, _ = layers_of(module, layer, layer + 1)(read, start)
        h, _ = steps_first(read, module.batch_first)
        row = []
        for direction, half in enumerate(h.chunk(num_directions, dim=-1)):
            place = layer * num_directions + direction
            layer_trace, difference = _replay_direction(
                module.mode,
                {
                    name: weight.detach()
                    for name, weight in weights(module, layer, direction).items()
                },
                x=x,
                h=half,
                h_0=h_0[place],
                c_0=None if c_0 is None else c_0[place],
                h_n=end_h[place],
                c_n=None if end_c is None else end_c[place],
                lengths=lengths,
                at=(layer, direction),
            )
            row.append(layer_trace)
            worst = max(worst, difference)
        rows.append(tuple(row))
        x = h
    return Trace(
        module=module,
        output=output,
        h_n=h_n,
        c_n=c_n,
        lengths=lengths,
        batched=batched,
        packed=packed,
        max_difference=worst,
        _layers=tuple(rows),
    )


def _initial_states(
    hx: Tensor | tuple[Tensor, Tensor] | None, end_h: Tensor, end_c: Tensor | None, batched: bool
) -> tuple[Tensor, Tensor | None]:
    """Return copies of h_0 and c_0 with a batch axis, zeros where the caller gave none."""
    if hx is None:
        return torch.zeros_like(end_h), None if end_c is None else torch.zeros_like(end_c)
    h_0, c_0 = hx if isinstance(hx, tuple) else (hx, None)
    if not batched:
        h_0, c_0 = h_0.unsqueeze(1), None if c_0 is None else c_0.unsqueeze(1)
    return h_0.clone(), None if c_0 is None else c_0.clone()


def _replay_direction(
    mode: str,
    parameters: dict[str, Tensor],
    *,
    x: Tensor,
    h: Tensor,
    h_0: Tensor,
    c_0: Tensor | None,
    h_n: Tensor,
    c_n: Tensor | None,
    lengths: Tensor,
    at: tuple[int, int],
) -> tuple[LayerTrace, float]:
    """Recover the gates of one layer in one direction and compare what they give with the module.

    Returns:
        The LayerTrace, NaN beyond the sequences' ends, and the largest difference found.
    """
    reverse = at[1] == 1
    dtype, steps = h.dtype, len(h)
    # Gates of half types are computed in float32 and rounded at the end.
    work = torch.float32 if dtype.itemsize < 4 else dtype
    with torch.autocast(h.device.type, enabled=False):
        parameters = {name: weight.to(work) for name, weight in parameters.items()}
        gates, rebuild = replay(
            mode,
            parameters,
            x=x.to(work),
            h=h.to(work),
            h_0=h_0.to(work),
            c_0=None if c_0 is None else c_0.to(work),
            lengths=lengths,
            reverse=reverse,
        )
        slack = _rounding(parameters, x, h, dtype)
        beyond = beyond_the_end(lengths, steps, h.device)
        worst = 0.0
        stride = max(1, CHECKED_AT_ONCE // max(1, h[0].numel()))
        for start in range(0, steps, stride):
            part = slice(start, start + stride)
            rebuilt = rebuild(part)
            if beyond is not None:
                rebuilt.masked_fill_(beyond[part], 0)  # where the module's packed output has none
            numbers = torch.arange(start, start + len(rebuilt)).unsqueeze(1).expand(-1, h.shape[1])
            worst = max(worst, _compare("h", at, numbers, h[part], rebuilt, dtype, slack))
        ends = torch.zeros_like(lengths) if reverse else lengths - 1
        sequences = torch.arange(len(lengths))
        finals = [("h", h_n, h)] + ([] if c_n is None else [("c", c_n, gates["c"])])
        for letter, expected, values in finals:
            actual = values[ends, sequences]  # (L, N, H) -> (N, H)
            worst = max(worst, _compare(letter, at, ends, expected, actual, dtype, slack))
    quantities = {"h": h} | {letter: value.to(dtype) for letter, value in gates.items()}
    if beyond is not None:
        quantities = {k: value.masked_fill(beyond, math.nan) for k, value in quantities.items()}
        x = x.masked_fill(beyond, math.nan)
    h = quantities.pop("h")
    layer_trace = LayerTrace(
        x=x, h=h, h_0=h_0, c_0=c_0, lengths=lengths, reverse=reverse, gates=quantities
    )
    return layer_trace, worst


def _rounding(parameters: dict[str, Tensor], x: Tensor, h: Tensor, dtype: torch.dtype) -> float:
    """Bound what rounding may change in a pre-activation: eps · Σ|terms|, over the steps' root.

    Two correct kernels add the terms of W x + W h in different orders. With weights of ordinary
    size that stays below the tolerance; a trained network with large ones passes it honestly.
    """
    if not x.numel():
        return 0.0
    reach = {"weight_ih": x.abs().amax(), "weight_hh": h.abs().amax()}
    terms = sum(parameters[name].abs().sum(1).amax() * size for name, size in reach.items())
    bound = float(terms) * torch.finfo(dtype).eps * math.sqrt(len(x))
    return bound if math.isfinite(bound) else 0.0


def _compare(
    quantity: str,
    at: tuple[int, int],
    steps: Tensor,
    expected: Tensor,
    actual: Tensor,
    dtype: torch.dtype,
    slack: float,
) -> float:
    """Return the largest difference; raise TraceMismatchError where it is beyond the tolerance.

    `steps` holds the step of each sequence compared, (..., N), for the error. Two NaN, or two
    equal infinities, are no difference: the trace then shows what the module computed.
    """
    if not actual.numel():
        return 0.0
    difference = (actual - expected).abs_()
    worst = float(difference.max())
    tolerance = TOLERANCE[dtype]
    if worst <= tolerance:
        return worst
    same = (actual == expected) | (actual.isnan() & expected.isnan())
    difference.masked_fill_(same, 0)
    allowed = (tolerance * expected.abs().clamp(min=1)).clamp(min=slack)
    excess = (difference / allowed).masked_fill_(same, 0).nan_to_num_(nan=math.inf)
    if bool((excess <= 1).all()):
        return float(difference.max())
    place = torch.unravel_index(excess.argmax(), excess.shape)
    raise TraceMismatchError(
        quantity,
        *at,
        step=int(steps[place[:-1]]),
        expected=float(expected[place]),
        actual=float(actual[place]),
        allowed=float(allowed[place]),
    )
