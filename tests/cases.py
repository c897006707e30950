"""Inputs for the tests of traces: all sizes differ, so that no axis can stand in for another."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

L, N, H_IN, H_CELL, H_OUT = 7, 4, 3, 8, 5

LENGTHS = {"packed sorted": [7, 5, 3, 2], "packed unsorted": [3, 7, 2, 5]}

FORMS = ("batched", "unbatched", *LENGTHS)


def make_input(module: nn.RNNBase, form: str, dtype: torch.dtype) -> Tensor | PackedSequence:
    """Return random input of one form for a module."""
    generator = torch.Generator().manual_seed(1)
    steps_first = torch.randn(L, N, H_IN, generator=generator, dtype=torch.float64).to(dtype)
    if form == "unbatched":
        return steps_first[:, 0]
    batch = steps_first.transpose(0, 1) if module.batch_first else steps_first
    if form == "batched":
        return batch
    return pack_padded_sequence(
        batch, LENGTHS[form], batch_first=module.batch_first, enforce_sorted=form == "packed sorted"
    )


def make_hx(module: nn.RNNBase, form: str, dtype: torch.dtype) -> Tensor | tuple[Tensor, Tensor]:
    """Return a random initial state that is not zero."""
    generator = torch.Generator().manual_seed(2)
    rows = module.num_layers * (2 if module.bidirectional else 1)
    h_0 = torch.randn(rows, N, module.proj_size or module.hidden_size, generator=generator)
    c_0 = torch.randn(rows, N, module.hidden_size, generator=generator)
    h_0, c_0 = ((state[:, 0] if form == "unbatched" else state).to(dtype) for state in (h_0, c_0))
    return (h_0, c_0) if module.mode == "LSTM" else h_0
