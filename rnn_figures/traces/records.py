"""What a traced run is: a Trace of the whole module, a LayerTrace of each layer and direction.

`tracing` builds them, each once and complete; nothing writes to them afterwards.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.arguments import checked
from rnn_figures.proofs import Proof
from rnn_figures.traces.frames import to_pandas, to_xarray
from rnn_figures.traces.keeping import Kept
from rnn_figures.traces.runs import data_of, steps_first
from rnn_figures.weights import num_directions


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
        c_0: LSTM: cell state before the first step, (N, H_cell); else None.
        lengths: Steps of each sequence, (N,), int64.
        reverse: True if this direction reads the last step first.
        gates: The other quantities by letter, each (L, N, H_cell): LSTM i, f, o in (0, 1), g in
            (-1, 1), c; GRU r, z in (0, 1), n in (-1, 1). `layer_trace.f` is `gates["f"]`.
        steps: Which steps are kept, from 0 in the input's order; None for all.
        ends: Steps that each kept sequence had, where not all are kept; else None.
    """

    x: Tensor
    h: Tensor
    h_0: Tensor
    c_0: Tensor | None
    lengths: Tensor
    reverse: bool
    gates: dict[str, Tensor]
    steps: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

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

    @checked
    def step(self, t: int, *, sequence: int = 0) -> dict[str, Tensor]:
        """Return all numbers of one step of one sequence: what came in, every gate, both states.

        Args:
            t: Time step, from 0 in the input's order; negative counts from the sequence's end.
            sequence: Which sequence of the batch, of those that are kept.

        Returns:
            Vectors by letter: x, h_prev, c_prev (LSTM), the gates, c (LSTM), h. h_prev and c_prev
            are the states that this step read: h_0 and c_0 where the direction starts.

        Raises:
            IndexError: the batch has no such sequence, or the sequence no such step; or that step,
                or the one whose states it read, was not kept.
        """
        if not -len(self.lengths) <= sequence < len(self.lengths):
            raise IndexError(f"expected a sequence in 0..{len(self.lengths) - 1}, got {sequence}")
        length = int(self.lengths[sequence]) if self.ends is None else self.ends[sequence]
        if not -length <= t < length:
            raise IndexError(f"expected a step in 0..{length - 1} of sequence {sequence}, got {t}")
        t %= length
        before = t + 1 if self.reverse else t - 1
        first = not 0 <= before < length
        at, last = self._index(t), 0 if first else self._index(before)
        values = {"x": self.x[at, sequence]}
        values["h_prev"] = self.h_0[sequence] if first else self.h[last, sequence]
        if self.c_0 is not None:
            values["c_prev"] = self.c_0[sequence] if first else self.c[last, sequence]
        return values | {letter: self[letter][at, sequence] for letter in self.quantities}

    def _index(self, t: int) -> int:
        """Return where step t is among those that are kept; raise IndexError if it is not."""
        if self.steps is None:
            return t
        if t not in self.steps:
            raise IndexError(
                "expected a step that was kept, as the one whose states it read, got a trace "
                f"without step {t}; trace again with it in steps="
            )
        return self.steps.index(t)

    def __repr__(self) -> str:
        """Return the shapes, one a line."""
        shapes = [f"  {letter}: {tuple(self[letter].shape)}" for letter in ("x", *self.quantities)]
        direction = "reverse" if self.reverse else "forward"
        return "\n".join([f"LayerTrace, {direction}:", *shapes])

    def _repr_markdown_(self) -> str:
        rows = [f"| `{name}` | {tuple(self[name].shape)} |" for name in ("x", *self.quantities)]
        return "\n".join(["| quantity | shape |", "| --- | --- |", *rows])


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
        kept: Which layers, steps and sequences the trace has; all as a rule.
        proof: What was compared, also of what is not kept: every h of every layer, h_n and c_n,
            each as the gates give it with what the module returned.
    """

    module: nn.RNNBase
    output: Tensor | PackedSequence
    h_n: Tensor
    c_n: Tensor | None
    lengths: Tensor
    batched: bool
    packed: bool
    kept: Kept
    proof: Proof
    _layers: dict[tuple[int, int], LayerTrace] = field(repr=False)

    def __getitem__(self, index: tuple[int, int]) -> LayerTrace:
        """Return the LayerTrace of (layer, direction); negative numbers count from the last."""
        layers, directions = self.module.num_layers, self.num_directions
        try:
            layer, direction = index
            where = range(layers)[layer], range(directions)[direction]
        except (TypeError, ValueError, IndexError):
            letter = f"; trace[0, 0][{index!r}] is a quantity" if isinstance(index, str) else ""
            if isinstance(index, int) and -layers <= index < layers:
                letter = f"; trace[{index}, 0] is its forward direction"
            raise IndexError(
                f"expected trace[layer, direction] with layer in 0..{layers - 1} and "
                f"direction in 0..{directions - 1}, got {index!r}{letter}"
            ) from None
        if where not in self._layers:
            kept = ", ".join(map(str, self.kept.layers))
            raise IndexError(f"expected a layer that was kept, {kept}, got layer {where[0]}")
        return self._layers[where]

    @property
    def num_directions(self) -> int:
        """D: 2 if the module is bidirectional, else 1."""
        return num_directions(self.module)

    @property
    def max_difference(self) -> float:
        """Largest |difference| between what the gates give and what the module returned."""
        return self.proof.max_difference

    @property
    def unchecked(self) -> int:
        """How many values of h and c could not be checked; 0 as a rule."""
        return self.proof.unchecked

    @property
    def checked(self) -> str:
        """What the trace was compared with, in one sentence."""
        return str(self.proof)

    def output_steps(self) -> Tensor:
        """Return output as (L, N, D·H_out) in the order of steps, whatever the module's layout.

        N is in the caller's order, and 1 if unbatched. Beyond the end of a packed sequence it is
        NaN, as in a LayerTrace.
        """
        return steps_first(self.output, self.module.batch_first, beyond=math.nan)[0]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of everything in the trace, by the expression that reads it."""
        name = "output.data" if self.packed else "output"
        shapes = {name: tuple(data_of(self.output).shape)}
        shapes["h_n"] = tuple(self.h_n.shape)
        if self.c_n is not None:
            shapes["c_n"] = tuple(self.c_n.shape)
        for (layer, direction), layer_trace in self._layers.items():
            for letter in ("x", *layer_trace.quantities):
                shapes[f"[{layer}, {direction}].{letter}"] = tuple(layer_trace[letter].shape)
        return shapes

    def to_pandas(self) -> Any:
        """Return all numbers as a pandas DataFrame: a row for each unit of each step.

        Its index is layer, direction, sequence, step, unit; its columns are the letters. What a
        unit does not have, as the further units of an LSTM whose h is projected, is NaN. Steps
        beyond a sequence's end are left out.

        Raises:
            ImportError: pandas is not installed; the message names the pip command.
        """
        return to_pandas(self)

    def to_xarray(self) -> Any:
        """Return all numbers as an xarray Dataset: a variable for each letter.

        The dimensions are layer, direction, step, sequence, unit (of a projected h "h_unit"); NaN
        stands beyond a sequence's end.

        Raises:
            ImportError: xarray is not installed; the message names the pip command.
        """
        return to_xarray(self)

    def __repr__(self) -> str:
        """Return the shapes, one a line, below the module and the check."""
        lines = [f"Trace of {self.module}: {self.checked}"]
        lines += [f"  {name:<14} {shape}" for name, shape in self.shapes().items()]
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        rows = [f"| `{name}` | {shape} |" for name, shape in self.shapes().items()]
        return "\n".join([f"Trace: {self.checked}", "", "| part | shape |", "| --- | --- |", *rows])
