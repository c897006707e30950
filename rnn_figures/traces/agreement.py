"""Whether two computations of the same numbers agree; where they do not, an error says so.

A difference up to TOLERANCE · scale passes; the scale is max(1, |value|), and less in a unit that
stays small: `Scales`. Only where one is larger does `rounding` say how far from the value a correct
kernel can end there, and that much passes too, up to CAP. Beyond CAP right and wrong look alike:
such a value counts as unchecked, and no frame shows a tick then.
"""

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from rnn_figures.proofs import Comparison
from rnn_figures.traces.rounding import Interval
from rnn_figures.weights import DIRECTIONS

TOLERANCE = {
    torch.float64: 1e-12,
    torch.float32: 1e-6,
    torch.float16: 2 * torch.finfo(torch.float16).eps,
    torch.bfloat16: 2 * torch.finfo(torch.bfloat16).eps,
}
"""Largest difference allowed by the module's dtype, times the scale of the value."""


CAP = {torch.float64: 1e-6, torch.float32: 1e-2, torch.float16: 2e-2, torch.bfloat16: 6e-2}
"""The most that rounding may be allowed by the module's dtype, times the scale of the value."""

OF_UNIT = 4.0
"""A scale is at most this many times the largest |value| of its unit: small units have small ones,
and twice 1e-9 is not 1e-9."""

OF_LAYER = 0.5
"""But at least this part of the layer's largest |value|, below 1: units share their roundings."""

UNDERFLOW = 16.0
"""How many of the smallest numbers of its dtype a value may always be off."""

SPREAD = (
    "; where its input has a NaN or an infinity, begin there: in bfloat16 a matrix product can "
    "carry one to other steps (oneDNN on CPUs with AMX does)"
)
"""What may be behind a number that is finite by the equations, and is not in the module."""


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
            f"layer {layer} ({DIRECTIONS[direction]}), step {step}, quantity {quantity}: "
            f"largest difference {abs(expected - actual):.1e} (allowed {allowed:.1e}), "
            f"expected {expected:.6g}, got {actual:.6g}; the trace does not describe this module"
            + (SPREAD if math.isfinite(actual) and not math.isfinite(expected) else "")
        )

    def __reduce__(self) -> tuple[type["TraceMismatchError"], tuple[object, ...]]:
        """Let pickle build the error again from its data: a worker hands it to its parent."""
        found = (self.quantity, self.layer, self.direction, self.step)
        return type(self), (*found, self.expected, self.actual, self.allowed)


class Scales:
    """The scales of what the module returned, looked up when they are asked for, and once.

    Args:
        expected: What the module returned: (L, N, H) of one layer and direction, or h_n or c_n.
        rows: True if it is h_n or c_n: each row has scales of its own.
    """

    def __init__(self, expected: Tensor, *, rows: bool = False) -> None:
        self._expected, self._rows = expected, rows

    @functools.cached_property
    def least(self) -> float:
        """What no scale of all units is below, at less cost than `largest`; 0 if unknown."""
        expected = self._expected
        if not expected.numel():
            return 1.0
        low, high = expected.flatten(1).aminmax(dim=1) if self._rows else expected.aminmax()
        least = OF_LAYER * float(torch.maximum(-low, high).min())
        return min(1.0, least) if math.isfinite(least) else 0.0

    @functools.cached_property
    def largest(self) -> Tensor:
        """The largest scale of each unit, (1, 1, H); of each row of h_n or c_n; 1 of nothing."""
        expected = self._expected.detach()
        if not expected.numel():
            return expected.new_ones(())
        if self._rows:  # one step shows no unit's own
            return _largest(expected[:, None]).amax(-1, keepdim=True)[:, 0]
        return _largest(expected)


def _largest(expected: Tensor) -> Tensor:
    """Return the largest scale of each unit of (…, L, N, H), (…, 1, 1, H)."""
    sizes = expected.abs()
    of_units = sizes.amax((-3, -2), keepdim=True)
    if not bool(of_units.isfinite().all()):
        of_units = sizes.nan_to_num(0.0, 0.0).amax((-3, -2), keepdim=True)
    of_layer = of_units.amax(-1, keepdim=True)
    return torch.maximum(of_units * OF_UNIT, of_layer * OF_LAYER)


def tolerance(values: Tensor) -> float:
    """Return how far two runs of these numbers may be apart: TOLERANCE · max(1, |value|).

    What is infinite or NaN has no say in it: the others would be allowed anything. One large value
    loosens it for all, so it is for what one run rounds together.
    """
    finite = values.detach()[values.isfinite()].abs()
    largest = float(finite.max()) if finite.numel() else 0.0
    return TOLERANCE[values.dtype] * max(1.0, largest)


def agree_closely(actual: Tensor, expected: Tensor, scales: Scales) -> Comparison | None:
    """Compare two tensors; None where a value differs by more than TOLERANCE · scale.

    Two NaN, or two equal infinities, are no difference: the module computed the same.
    """
    if not actual.numel():
        return Comparison(0.0, 0)
    difference, allowed = (actual - expected).abs_(), TOLERANCE[expected.dtype]
    worst = float(difference.max())
    if worst == 0 or worst <= allowed * scales.least:  # one look at all values, as a rule
        return Comparison(worst, actual.numel())
    difference.masked_fill_(_same(actual, expected), 0)
    if bool((difference <= allowed * _scale(expected, scales)).all()):
        return Comparison(float(difference.max()), actual.numel())
    return None


def agree(
    value: Tensor,
    bounds: Interval,
    dtype: torch.dtype,
    scales: Scales,
    locate: Callable[[tuple[int, ...]], tuple[str, int, int, int]],
) -> Comparison:
    """Compare values with what rounding can make of the gates; raise for the one furthest off.

    `bounds` say how far from what the gates give a correct kernel can end; `dtype` is the module's;
    `locate` gives quantity, layer, direction and step of an index, for the error.
    """
    same = _same(value, bounds.value)
    difference = (value - bounds.value).abs().masked_fill(same, 0)
    scale = _scale(bounds.value, scales)
    numbers = torch.finfo(dtype)
    # Below its normal numbers a type has no relative precision: what underflows is lost whole.
    close = (TOLERANCE[dtype] * scale).clamp(min=UNDERFLOW * numbers.smallest_normal * numbers.eps)
    radius = bounds.radius.nan_to_num(nan=math.inf, posinf=math.inf)
    radius.masked_fill_(bounds.value.abs() + radius > numbers.max, math.inf)
    allowed = torch.maximum(radius, close)
    # Where a kernel may overflow, even a difference that is not a number is none.
    wrong = ~(same | (difference <= allowed) | radius.isinf())
    if bool(wrong.any()):
        excess = (difference / allowed).nan_to_num(nan=math.inf).masked_fill(~wrong, -1)
        index = torch.unravel_index(excess.argmax(), excess.shape)
        raise TraceMismatchError(
            *locate(tuple(int(number) for number in index)),
            *(float(part[index]) for part in (value, bounds.value, allowed)),
        )
    unclear = ~(same | (difference <= close)) & (radius > CAP[dtype] * scale)
    unchecked = int(unclear.sum())
    most = float(difference.masked_fill(unclear, 0).max())
    return Comparison(most, value.numel() - unchecked, unchecked)


def _same(actual: Tensor, expected: Tensor) -> Tensor:
    """Return where two tensors hold the same value, or both NaN."""
    return (actual == expected) | (actual.isnan() & expected.isnan())


def _scale(value: Tensor, scales: Scales) -> Tensor:
    """Return the scale of each value, by which a tolerance is multiplied."""
    scale = value.abs().clamp(min=1).nan_to_num(nan=1.0, posinf=1.0)
    return torch.minimum(scale, scales.largest.to(scale.dtype))
