"""Run a recurrent module once and recover every gate of every step, checked against the module.

The module's own output gives h; every gate then follows from matrix products over (x_t, h_{t-1});
every h is rebuilt from its gates and compared with the module's. `cells` has the readable form of
the same equations.
"""

import contextlib
import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.proofs import Comparison, Proof, together
from rnn_figures.traces.agreement import Scales, TraceMismatchError, agree, agree_closely
from rnn_figures.traces.calling import Run, call
from rnn_figures.traces.keeping import Indices, Kept, indices
from rnn_figures.traces.records import LayerTrace, Trace
from rnn_figures.traces.replay import Given, Weights, replay
from rnn_figures.traces.rounding import Interval, bound_states
from rnn_figures.traces.runs import data_of, full_precision, refuse_other_kinds, refuse_random
from rnn_figures.weights import num_directions


@checked
def trace(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
    *,
    layers: Indices | None = None,
    steps: Indices | None = None,
    sequences: Indices | None = None,
) -> Trace:
    """Run a recurrent module as its caller would, and return every gate of every step.

    The module runs once, without gradients. Nothing of the caller's is changed: parameters,
    gradients, mode, random state, input.

    Args:
        module: nn.LSTM, nn.GRU or nn.RNN, or of a subclass; any options, any floating dtype.
        input: What the module takes: (L, N, H_in), (N, L, H_in) with batch_first, (L, H_in), or
            a PackedSequence.
        hx: Initial state as the module takes it: h_0, or for LSTM (h_0, c_0); None for zeros.
        layers: Which layers to keep, as a number, a slice or several numbers; negative ones count
            from the top. None for all. The check covers the whole run, whatever is kept.
        steps: Which steps to keep, in the input's order; None for all.
        sequences: Which sequences to keep, in this order; None for all.

    Returns:
        The Trace, with the largest difference that its check found. It holds nothing of what was
        not to be kept: `output`, `h_n`, `c_n` and `lengths` are those of the kept sequences, and
        `output` and `lengths` of the kept steps.

    Raises:
        IndexError: there is no such layer, step or sequence to keep.
        ValueError: dropout between layers is active, so that no second run could agree; autocast
            makes a GRU return more digits than it computes; or nothing is to be kept, also of a
            packed sequence.
        TraceMismatchError: the gates do not give what the module returned.
        TypeError: integers, as token ids are; a state of another kind than the module's.
        RuntimeError: the module refuses the input; torch's own message.

    Source:
        The equations of the torch.nn documentation; `cells` has them one step at a time.

    Examples:
        >>> t = trace(nn.GRU(5, 3), torch.zeros(8, 1, 5))
        >>> t[0, 0].z.shape, t.h_n.shape
        (torch.Size([8, 1, 3]), torch.Size([1, 1, 3]))
        >>> trace(nn.GRU(5, 3), torch.zeros(8, 4, 5), steps=slice(-2, None), sequences=3)[
        ...     0, 0
        ... ].z.shape
        torch.Size([2, 1, 3])
    """
    refuse_random(module)
    refuse_other_kinds(module, input, hx)
    with torch.no_grad(), full_precision(data_of(input).device), np.errstate(all="ignore"):
        run = call(module, input, hx)
        return _trace_of(run, _kept(run, layers, steps, sequences))


def _trace_of(run: Run, kept: Kept) -> Trace:
    """Check a run, and return the Trace of what is to be kept of it."""
    fewer = _fewer_digits(run.h_n)
    with _without_autocast(run.h_n.device.type):
        try:
            layer_traces, comparisons = _layer_traces(run, kept)
        except TraceMismatchError as error:
            if fewer:
                raise ValueError(f"expected {describe(run.module)} {fewer}") from error
            raise
    output, lengths, h_n, c_n = _returned(run, kept)
    return Trace(
        module=run.module,
        output=output,
        h_n=h_n,
        c_n=c_n,
        lengths=lengths,
        batched=run.batched,
        packed=isinstance(output, PackedSequence),
        kept=kept,
        proof=Proof(f"equal to nn.{class_name(run.module)}", *comparisons),
        _layers=layer_traces,
    )


def _fewer_digits(h_n: Tensor) -> str:
    """Return why a layer under autocast cannot be held to the type that it returns; "" if it can.

    On a CPU a GRU computes its products in autocast's type, and returns float32.
    """
    device = h_n.device.type
    if not torch.is_autocast_enabled(device):
        return ""
    inside = torch.get_autocast_dtype(device)
    if inside.itemsize >= h_n.dtype.itemsize:
        return ""
    words = [str(dtype).removeprefix("torch.") for dtype in (inside, h_n.dtype)]
    return (
        f"outside autocast, got it inside: it computes in {words[0]} there and returns "
        f"{words[1]}, of whose digits not all are right"
    )


def _without_autocast(device: str) -> contextlib.AbstractContextManager[object]:
    """Switch autocast off for a kind of device; where it is off, at no cost."""
    if torch.is_autocast_enabled(device):
        return torch.autocast(device, enabled=False)
    return contextlib.nullcontext()


def _kept(
    run: Run, layers: Indices | None, steps: Indices | None, sequences: Indices | None
) -> Kept:
    """Return what of a run is to be kept."""
    total, count = run.sequences[0].shape[:2]
    kept = Kept(
        layers=indices("layers", layers, run.module.num_layers),
        steps=tuple(sorted(indices("steps", steps, total))),
        sequences=indices("sequences", sequences, count),
        whole=layers is None and steps is None and sequences is None,
    )
    if isinstance(run.output, PackedSequence):
        for sequence in kept.sequences:
            if kept.steps[0] >= run.lengths[sequence]:
                raise ValueError(
                    f"expected steps that each kept sequence has, got none of sequence {sequence}, "
                    f"which has {int(run.lengths[sequence])}; leave it out of sequences="
                )
    return kept


def _returned(
    run: Run, kept: Kept
) -> tuple[Tensor | PackedSequence, Tensor, Tensor, Tensor | None]:
    """Return output, lengths, h_n and c_n, of what is kept of them."""
    if kept.whole:
        return run.output, run.lengths, run.h_n, run.c_n
    sequences = list(kept.sequences)
    lengths = kept.lengths(run.lengths)
    output: Tensor | PackedSequence = kept.part(run.sequences[-1])
    if isinstance(run.output, PackedSequence):
        output = pack_padded_sequence(output, lengths, enforce_sorted=False)
    elif not run.batched:
        output = output[:, 0]
    elif run.module.batch_first:
        output = output.transpose(0, 1)
    ends = [
        end[:, sequences] if end is not None and run.batched else end for end in (run.h_n, run.c_n)
    ]
    assert ends[0] is not None
    return output, lengths, ends[0], ends[1]


def _layer_traces(
    run: Run, kept: Kept
) -> tuple[dict[tuple[int, int], LayerTrace], list[Comparison]]:
    """Return a LayerTrace of each layer and direction that is kept, and all comparisons."""
    givens = _givens(run)
    comparisons: list[Comparison] = []
    reached: list[tuple[Tensor, ...]] = []  # h and, for LSTM, c after the last step of each
    found: dict[tuple[int, int], LayerTrace] = {}
    for where, given, stacked in zip(run.wheres, givens, run.parameters, strict=True):
        gates, comparison = _replayed(run, where, given, stacked)
        comparisons.append(comparison)
        states = (given.h, gates["c"]) if "c" in gates else (given.h,)
        reached.append(tuple(_last(state, given.reverse, run) for state in states))
        if where[0] in kept.layers:
            found[where] = _layer_trace(run, given, gates, kept)
    comparisons += _check_ends(run, givens, reached)
    if run.beyond is not None:  # what was no step is marked, as long as only this function has it
        for value in run.sequences:
            value.masked_fill_(run.beyond, math.nan)
    return found, comparisons


def _layer_trace(run: Run, given: Given, gates: dict[str, Tensor], kept: Kept) -> LayerTrace:
    """Return the LayerTrace of one layer in one direction: of what is kept, in its dtype."""
    dtype = run.ends[0].dtype
    if dtype.itemsize < 4:
        gates = {letter: gate.to(dtype) for letter, gate in gates.items()}
    if run.beyond is not None:
        for gate in gates.values():
            gate.masked_fill_(run.beyond, math.nan)
    if kept.whole:
        return LayerTrace(**given._asdict(), lengths=run.lengths, gates=gates)
    x, h = kept.part(given.x), kept.part(given.h)
    if run.beyond is not None:
        x, h = (part.masked_fill_(kept.part(run.beyond), math.nan) for part in (x, h))
    sequences = list(kept.sequences)
    return LayerTrace(
        x=x,
        h=h,
        h_0=given.h_0[sequences],
        c_0=None if given.c_0 is None else given.c_0[sequences],
        lengths=kept.lengths(run.lengths),
        reverse=given.reverse,
        gates={letter: kept.part(gate) for letter, gate in gates.items()},
        steps=kept.steps,
        ends=tuple(int(length) for length in run.lengths[sequences]),
    )


def _givens(run: Run) -> list[Given]:
    """Return what is known of each layer and direction before its gates are."""
    count = num_directions(run.module)
    halves = run.sequences[1:]
    h = halves if count == 1 else [half for both in halves for half in both.chunk(count, -1)]
    h_0 = run.starts[0].unbind()
    c_0 = run.starts[1].unbind() if len(run.starts) == 2 else [None] * len(h_0)
    return [
        Given(run.sequences[layer], h[row], h_0[row], c_0[row], direction == 1)
        for row, (layer, direction) in enumerate(run.wheres)
    ]


def _replayed(
    run: Run, where: tuple[int, int], given: Given, stacked: Weights
) -> tuple[dict[str, Tensor], Comparison]:
    """Return the gates of one layer in one direction; compare every h with the module's."""
    exact, h = stacked, given.h
    if h.dtype.itemsize < 4:  # gates of half types are computed in float32 and rounded at the end
        stacked = {name: weight.float() for name, weight in stacked.items()}
    blocks: list[Comparison | None] = []
    scales = Scales(h)

    def check(part: slice, rebuilt: Tensor) -> None:
        if run.beyond is not None:
            rebuilt.masked_fill_(run.beyond[part], 0)  # as in the padded output of the module
        module_h = h if rebuilt.shape == h.shape else h[part]
        blocks.append(agree_closely(rebuilt, module_h, scales))

    gates = replay(run.module.mode, stacked, given, run.beyond, check)
    close = [block for block in blocks if block is not None]
    if len(close) < len(blocks):
        close = _within_rounding(run, where, given, exact, stacked)
    found = close[0] if len(close) == 1 else together(close)
    if run.beyond is not None:  # what is beyond an end was not compared
        values = int(run.lengths.sum()) * h.shape[-1]
        found = found._replace(values=values - found.unchecked)
    return gates, found


def _within_rounding(
    run: Run, where: tuple[int, int], given: Given, exact: Weights, stacked: Weights
) -> list[Comparison]:
    """Compare every h of one layer in one direction with what rounding can make of it.

    Both are held to it: what the module gave, and what the gates of the trace give. `exact` are the
    weights in the module's dtype, `stacked` those that `replay` takes.
    """
    from_gates = torch.empty_like(given.h, dtype=torch.float64)
    scales = Scales(given.h)
    blocks: list[Comparison] = []

    def keep(part: slice, h: Tensor) -> None:
        from_gates[part] = h

    def check(part: slice, h: Interval) -> None:
        def locate(index: tuple[int, ...]) -> tuple[str, int, int, int]:
            return "h", *where, part.start + index[0]

        values = from_gates[part]
        if run.beyond is not None:
            h = Interval(*(value.masked_fill(run.beyond[part], 0) for value in h))
            values = values.masked_fill(run.beyond[part], 0)
        agree(h.value, Interval(values, h.radius), given.h.dtype, scales, locate)
        blocks.append(agree(given.h[part].double(), h, given.h.dtype, scales, locate))

    replay(run.module.mode, stacked, given, run.beyond, keep)
    bound_states(run.module.mode, exact, given, run.beyond, check)
    return blocks


def _check_ends(
    run: Run, givens: list[Given], reached: list[tuple[Tensor, ...]]
) -> list[Comparison]:
    """Compare the h and c that each layer ends in, (N, H), with h_n and c_n."""
    comparisons: list[Comparison] = []
    for letter, states, end in zip("hc", zip(*reached, strict=True), run.ends, strict=False):
        rows = torch.stack(states)
        if rows.dtype == end.dtype and torch.equal(rows, end):  # as h_n is, as a rule
            comparisons.append(Comparison(0.0, end.numel()))
            continue
        scales = Scales(end, rows=True)
        if (found := agree_closely(rows, end, scales)) is not None:
            comparisons.append(found)
            continue

        def locate(index: tuple[int, ...], letter: str = letter) -> tuple[str, int, int, int]:
            layer, direction = run.wheres[index[0]]
            step = 0 if direction == 1 else int(run.lengths[index[1]]) - 1
            return letter, layer, direction, step

        bounds = _bounds_of_ends(run, givens, letter)
        agree(bounds.value, Interval(rows.double(), bounds.radius), end.dtype, scales, locate)
        comparisons.append(agree(end.double(), bounds, end.dtype, scales, locate))
    return comparisons


def _bounds_of_ends(run: Run, givens: list[Given], letter: str) -> Interval:
    """Return what rounding can make of the rows of h_n or c_n, (D·num_layers, N, H)."""
    ends: list[Interval] = []
    for (layer, _), given, stacked in zip(run.wheres, givens, run.parameters, strict=True):
        if letter == "h" and layer == run.module.num_layers - 1:
            h = _last(given.h, given.reverse, run).double()
            ends.append(Interval(h, torch.zeros_like(h)))  # output's own h again, as it is
            continue
        states = Interval(*(torch.empty_like(given.h, dtype=torch.float64) for _ in range(2)))

        def keep(part: slice, h: Interval, states: Interval = states) -> None:
            states.value[part], states.radius[part] = h

        c = bound_states(run.module.mode, stacked, given, run.beyond, keep)
        h = Interval(*(_last(part, given.reverse, run) for part in states))
        ends.append(c if letter == "c" and c is not None else h)
    return Interval(*(torch.stack(part) for part in zip(*ends, strict=True)))


def _last(values: Tensor, reverse: bool, run: Run) -> Tensor:
    """Return a state after the last step that its direction computes, (L, N, H) -> (N, H)."""
    if reverse:
        return values[0]
    if run.beyond is None:
        return values[-1]
    return values[run.lengths - 1, torch.arange(len(run.lengths))]
