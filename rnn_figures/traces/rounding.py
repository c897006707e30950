"""What rounding can do to each state of a layer: intervals, for where a strict comparison fails.

Two correct kernels add the terms of W x + W h in different orders, and a cell state keeps what was
rounded off at each step. How much that makes depends on the numbers: nothing at a saturated gate,
much where large terms cancel. So each state is computed once more in float64, together with how
far from it a correct kernel can end, through the equations of `cells`. Nothing is guessed from the
size of the input. `agreement` says how wide an interval may be to tell right from wrong.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from rnn_figures.traces.replay import Given, blocks, h_prev, start_late

SUM = 2.0
"""Units of rounding, times the square root of their number, by which a sum of terms may be off."""

FUNCTION = 4.0
"""Units of rounding by which a kernel's sigmoid or tanh may be off: some are approximations."""

BLOCK = 1 << 18
"""Pre-activations in a block at most: memory does not grow with the number of steps."""


class Interval(NamedTuple):
    """Values in float64, and how far from each a correct kernel may end.

    Attributes:
        value: Any shape.
        radius: Of the same shape, 0 or more; infinite where a kernel may overflow.
    """

    value: Tensor
    radius: Tensor

    def __add__(self, other: "Interval") -> "Interval":  # pyright: ignore[reportIncompatibleMethodOverride] (a sum, not a longer tuple)
        """Return the sum, not rounded."""
        return Interval(self.value + other.value, self.radius + other.radius)

    def __mul__(self, other: "Interval") -> "Interval":  # pyright: ignore[reportIncompatibleMethodOverride] (a product)
        """Return the product, not rounded."""
        radius = self.radius * (other.value.abs() + other.radius)
        return Interval(self.value * other.value, radius + self.value.abs() * other.radius)

    def rounded(self, unit: float, times: float = 1.0) -> "Interval":
        """Return what it is after `times` roundings."""
        return Interval(self.value, self.radius + times * unit * self.value.abs())

    def chunk(self, parts: int) -> list["Interval"]:
        """Cut the last axis into equal parts."""
        pairs = zip(self.value.chunk(parts, -1), self.radius.chunk(parts, -1), strict=True)
        return [Interval(*pair) for pair in pairs]

    def through(self, function: Callable[[Tensor], Tensor], unit: float) -> "Interval":
        """Return what an increasing function makes of it."""
        value = function(self.value)
        above = function(self.value + self.radius) - value
        below = value - function(self.value - self.radius)
        radius = torch.maximum(above, below).masked_fill_(self.radius.isinf(), math.inf)
        return Interval(value, radius).rounded(unit, FUNCTION)


class Layer(NamedTuple):
    """One layer in one direction in float64, and the unit of rounding of the module's dtype."""

    mode: str
    weights: dict[str, Tensor]
    given: Given
    unit: float
    largest: float


def bound_states(
    mode: str,
    weights: dict[str, Tensor],
    given: Given,
    beyond: Tensor | None,
    check: Callable[[slice, Interval], None],
) -> Interval | None:
    """Go through a layer in the order of its direction; bound every h, and the c in which it ends.

    Return, for an LSTM, the intervals of c after the last step that the direction walks, (N,
    H_cell). `check` is called with some steps and the intervals of their h, (steps, N, H_out); what
    is beyond a sequence's end means nothing.
    """
    numbers = torch.finfo(given.h.dtype)
    wide = {name: weight.double() for name, weight in weights.items()}
    layer = Layer(mode, wide, given, numbers.eps / 2, numbers.max)
    c = None
    if given.c_0 is not None:
        c = Interval(given.c_0.double(), torch.zeros_like(given.c_0, dtype=torch.float64))
    given = start_late(given, beyond)
    for part in blocks(given, len(wide["weight_hh"]), BLOCK):
        reads = given.x[part].double(), h_prev(given, part).double()
        waiting = None if beyond is None else beyond[part]
        if c is None:
            h = (_gru if mode == "GRU" else _rnn)(layer, *reads)
        else:
            h, c = _lstm(layer, *reads, c, waiting)
        check(part, h)
    return c


def _affine(layer: Layer, read: Tensor, side: str) -> Interval:
    """Return W read + b of one side, "ih" or "hh", as a correct kernel may add its terms."""
    weight, bias = layer.weights[f"weight_{side}"], layer.weights.get(f"bias_{side}")
    value = read @ weight.T
    size = read.abs() @ weight.abs().T
    if bias is not None:
        value, size = value + bias, size + bias.abs()
    radius = SUM * math.sqrt(weight.shape[1] + 1) * layer.unit * size
    return Interval(value, radius.masked_fill_(size > layer.largest, math.inf))


def _rnn(layer: Layer, x: Tensor, h_prev: Tensor) -> Interval:
    """Bound h = tanh(W x + W h + b), or relu."""
    function = torch.relu if layer.mode == "RNN_RELU" else torch.tanh
    total = (_affine(layer, x, "ih") + _affine(layer, h_prev, "hh")).rounded(layer.unit)
    return total.through(function, layer.unit)


def _gru(layer: Layer, x: Tensor, h_prev: Tensor) -> Interval:
    """Bound h = n + z ⊙ (h_prev − n); a kernel may compute (1 − z) ⊙ n + z ⊙ h_prev instead."""
    unit = layer.unit
    read, kept = _affine(layer, x, "ih").chunk(3), _affine(layer, h_prev, "hh").chunk(3)
    r, z = (
        (one + other).rounded(unit).through(torch.sigmoid, unit)
        for one, other in zip(read[:2], kept[:2], strict=True)
    )
    n = (read[2] + (r * kept[2]).rounded(unit)).rounded(unit).through(torch.tanh, unit)
    value = torch.lerp(n.value, h_prev, z.value)
    radius = (1 - z.value + z.radius) * n.radius + z.radius * (h_prev - n.value).abs()
    return Interval(value, radius + 4 * unit * torch.maximum(n.value.abs(), h_prev.abs()))


def _lstm(
    layer: Layer, x: Tensor, h_prev: Tensor, c: Interval, waiting: Tensor | None
) -> tuple[Interval, Interval]:
    """Bound c = f ⊙ c_prev + i ⊙ g step by step, and h = o ⊙ tanh(c), projected if it is."""
    unit = layer.unit
    total = (_affine(layer, x, "ih") + _affine(layer, h_prev, "hh")).rounded(unit)
    functions = (torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid)  # torch stacks i, f, g, o
    i, f, g, o = (
        gate.through(function, unit)
        for gate, function in zip(total.chunk(4), functions, strict=True)
    )
    written = (i * g).rounded(unit)
    every_c = Interval(torch.empty_like(f.value), torch.empty_like(f.value))
    steps = range(len(x))
    for t in reversed(steps) if layer.given.reverse else steps:
        kept = (Interval(f.value[t], f.radius[t]) * c).rounded(unit)
        new = (kept + Interval(written.value[t], written.radius[t])).rounded(unit)
        if waiting is not None:  # no step there: c is what it was
            old_and_new = zip(c, new, strict=True)
            new = Interval(*(torch.where(waiting[t], old, now) for old, now in old_and_new))
        c = new
        every_c.value[t], every_c.radius[t] = c
    h = (o * every_c.through(torch.tanh, unit)).rounded(unit)
    if "weight_hr" in layer.weights:
        weight = layer.weights["weight_hr"]
        sums = SUM * math.sqrt(weight.shape[1]) * unit * (h.value.abs() @ weight.abs().T)
        h = Interval(h.value @ weight.T, h.radius @ weight.abs().T + sums)
    return h, c
