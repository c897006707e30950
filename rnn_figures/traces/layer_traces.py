"""What one layer computed in one direction: every quantity of every step.

`traces` collects these; `replay` fills their gates. This file imports nothing of the package.
"""

from dataclasses import dataclass

from torch import Tensor


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
            IndexError: the batch has no such sequence, or the sequence no such step.
        """
        if not -len(self.lengths) <= sequence < len(self.lengths):
            raise IndexError(f"expected a sequence in 0..{len(self.lengths) - 1}, got {sequence}")
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
