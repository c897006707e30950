"""What every run of a module for a figure shares: refusals, precision, and one layout of sequences.

`traces` and `gradients` both run modules and may not import each other.
"""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures.configurations import class_name


def refuse_random(module: nn.RNNBase) -> None:
    """Raise where no second run of a module could agree with the first.

    Raises:
        TypeError: `module` is no recurrent layer.
        ValueError: dropout between layers is active.
    """
    class_name(module)
    if module.training and module.dropout > 0 and module.num_layers > 1:
        raise ValueError(
            f"expected a module without active dropout, got dropout={module.dropout} in training "
            "mode, which draws new masks on each run; call module.eval() first"
        )


@contextlib.contextmanager
def full_precision() -> Iterator[None]:
    """Keep float32 products in float32: TF32 and bfloat16 short cuts off, then as before."""
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    cudnn = torch.backends.cudnn
    try:
        with cudnn.flags(
            cudnn.enabled, cudnn.benchmark, deterministic=cudnn.deterministic, allow_tf32=False
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(precision)


def steps_first(value: Tensor | PackedSequence, batch_first: bool) -> tuple[Tensor, Tensor]:
    """Return a sequence as (L, N, H), N in the caller's order, and the length of each, (N,)."""
    if isinstance(value, PackedSequence):
        return pad_packed_sequence(value)
    if value.dim() == 2:
        value = value.unsqueeze(1)  # (L, H) -> (L, 1, H)
    elif batch_first:
        value = value.transpose(0, 1)  # (N, L, H) -> (L, N, H)
    return value, torch.full((value.shape[1],), value.shape[0])
