"""Whether two computations of the same numbers agree; where they do not, an error says so.

A difference up to TOLERANCE · max(1, |value|) passes. Only where one is larger is `rounding` asked
how much the order of the additions may change in this layer, and that much passes too. So the
bound is strict for weights of ordinary size, and a network trained to large ones is not refused.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from rnn_figures.proofs import Comparison
from rnn_figures.weights import DIRECTIONS

TOLERANCE = {
    torch.float64: 1e-12,
    torch.float32: 1e-6,
    torch.float16: 2 * torch.finfo(torch.float16).eps,
    torch.bfloat16: 2 * torch.finfo(torch.bfloat16).eps,
}
"""Largest difference allowed by the module's dtype, times max(1, |value|)."""


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
            f"largest difference {abs(expected - actual):.1e} (allowed {allowed:.0e}), "
            f"expected {expected:.6g}, got {actual:.6g}; the trace does not describe this module"
        )

    def __reduce__(self) -> tuple[type["TraceMismatchError"], tuple[object, ...]]:
        """Let pickle build the error again from its data: a worker hands it to its parent."""
        found = (self.quantity, self.layer, self.direction, self.step)
        return type(self), (*found, self.expected, self.actual, self.allowed)


def agree(
    actual: Tensor,
    expected: Tensor,
    slack: Callable[[], float | Tensor],
    locate: Callable[[tuple[int, ...]], tuple[str, int, int, int]],
) -> Comparison:
    """Compare two tensors, and raise where they differ by more than rounding explains.

    Args:
        actual: What was rebuilt, of any shape.
        expected: What the module returned, of the same shape.
        slack: Gives what rounding may add up to; asked only where TOLERANCE is exceeded.
        locate: Gives quantity, layer, direction and step of an index into the two, for the error.

    Raises:
        TraceMismatchError: of the value that exceeds what is allowed the most. Two NaN, or two
            equal infinities, are no difference: the module computed the same.
    """
    if not actual.numel():
        return Comparison(0.0, 0)
    difference = (actual - expected).abs_()
    worst = float(difference.max())
    tolerance = TOLERANCE[expected.dtype]
    if worst <= tolerance:
        return Comparison(worst, actual.numel())
    same = (actual == expected) | (actual.isnan() & expected.isnan())
    difference.masked_fill_(same, 0)
    allowed = (tolerance * expected.abs().clamp(min=1)).clamp(min=slack())
    excess = (difference / allowed).masked_fill_(same, 0).nan_to_num_(nan=math.inf)
    if bool((excess <= 1).all()):
        return Comparison(float(difference.max()), actual.numel())
    index = torch.unravel_index(excess.argmax(), excess.shape)
    raise TraceMismatchError(
        *locate(tuple(int(number) for number in index)),
        *(float(value[index]) for value in (expected, actual, allowed)),
    )


def rounding(weights: dict[str, Tensor], x: Tensor, h: Tensor) -> float:
    """Bound what rounding may change in a pre-activation: eps · Σ|terms| · √L.

    Two correct kernels add the terms of W x + W h in different orders. With weights of ordinary
    size that stays below the tolerance; a trained network with large ones passes it honestly.

    Args:
        weights: As `rnn_figures.weights.weights` returns them.
        x: What the layer read, (L, N, H_in).
        h: What it gave, (L, N, H_out), in the module's dtype.
    """
    reach = {"weight_ih": x, "weight_hh": h}
    terms = sum(
        float(weights[name].abs().sum(1).amax()) * float(value.abs().amax())
        for name, value in reach.items()
    )
    bound = terms * torch.finfo(h.dtype).eps * math.sqrt(len(x))
    return bound if math.isfinite(bound) else 0.0
