from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

from rnn_figures import trace
from rnn_figures.traces.runs import full_precision, refuse_random, steps_first
from tests.cases import H_CELL, H_IN, L, N

BACKENDS: Any = torch.backends  # newer than its stubs

EACH = hasattr(BACKENDS.mkldnn, "rnn")
"""Whether torch has a switch for each operator: since 2.9."""

SWITCHES: tuple[Any, ...] = (
    (
        BACKENDS,
        BACKENDS.mkldnn.matmul,
        BACKENDS.mkldnn.rnn,
        BACKENDS.cuda.matmul,
        BACKENDS.cudnn.conv,
        BACKENDS.cudnn.rnn,
    )
    if EACH
    else ()
)


def precisions():
    if EACH:
        return [switch.fp32_precision for switch in SWITCHES]
    return [torch.get_float32_matmul_precision(), BACKENDS.cudnn.allow_tf32]


def inside_for(device):
    """Return the precisions of the products that a recurrent layer takes on a device."""
    if not EACH:
        return precisions()
    products = SWITCHES[1:3], (SWITCHES[3], SWITCHES[5])  # a recurrent layer has no convolution
    used = {None: products[0] + products[1], "cpu": products[0], "cuda": products[1]}
    return [switch.fp32_precision for switch in used.get(device, ())]


@pytest.fixture
def restored():
    """All switches as they were, whatever a test sets."""
    before = precisions()
    yield
    torch.set_float32_matmul_precision("highest")
    BACKENDS.cudnn.allow_tf32 = True
    for switch, precision in zip(SWITCHES, before if EACH else (), strict=True):
        switch.fp32_precision = precision


WISHES = {
    "as torch starts": lambda: None,
    "high, by the older switch": lambda: torch.set_float32_matmul_precision("high"),
    "medium, by the older switch": lambda: torch.set_float32_matmul_precision("medium"),
    "no TF32 in cuDNN, by the older switch": lambda: setattr(BACKENDS.cudnn, "allow_tf32", False),
}
if EACH:
    WISHES |= {
        "TF32 everywhere": lambda: setattr(BACKENDS, "fp32_precision", "tf32"),
        "TF32 in matrix products": lambda: setattr(BACKENDS.cuda.matmul, "fp32_precision", "tf32"),
        "bfloat16 in oneDNN": lambda: setattr(BACKENDS.mkldnn.matmul, "fp32_precision", "bf16"),
        "no TF32 in cuDNN's RNN": lambda: setattr(BACKENDS.cudnn.rnn, "fp32_precision", "ieee"),
    }


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("device", [None, "cpu", "cuda", "mps"])
@pytest.mark.parametrize("wish", WISHES)
def test_full_precision_is_full_and_then_as_before(wish, device):
    WISHES[wish]()
    before = precisions()

    with full_precision(device and torch.device(device)):
        inside = inside_for(device)

    assert set(inside) <= ({"ieee", "none"} if EACH else {"highest", False})
    assert precisions() == before


@pytest.mark.usefixtures("restored")
def test_full_precision_ends_where_a_run_fails():
    torch.set_float32_matmul_precision("medium")
    before = precisions()

    with pytest.raises(RuntimeError, match="refused"), full_precision():
        raise RuntimeError("refused")

    assert precisions() == before
    assert torch.get_float32_matmul_precision() == "medium"


@pytest.mark.usefixtures("restored")
def test_full_precision_by_the_switches_of_older_torch(monkeypatch):
    monkeypatch.delattr(type(BACKENDS.mkldnn), "rnn", raising=False)
    BACKENDS.cuda.matmul.allow_tf32 = True

    with full_precision():
        inside = BACKENDS.cuda.matmul.allow_tf32, BACKENDS.cudnn.allow_tf32

    assert inside == (False, False)
    assert (BACKENDS.cuda.matmul.allow_tf32, BACKENDS.cudnn.allow_tf32) == (True, True)


def test_refuse_random_lets_dropout_that_draws_nothing():
    refuse_random(nn.LSTM(H_IN, H_CELL, num_layers=2, dropout=0.5).eval())
    refuse_random(nn.LSTM(H_IN, H_CELL, num_layers=2))

    with pytest.raises(ValueError, match=r"call module\.eval\(\) first"):
        refuse_random(nn.LSTM(H_IN, H_CELL, num_layers=2, dropout=0.5))


@pytest.mark.parametrize("batch_first", [False, True])
def test_steps_first_lays_every_form_out_alike(batch_first):
    x = torch.randn(L, N, H_IN)
    given = x.transpose(0, 1) if batch_first else x
    lengths = [3, 7, 2, 5]
    packed = pack_padded_sequence(given, lengths, batch_first=batch_first, enforce_sorted=False)

    batch, all_steps = steps_first(given, batch_first)
    single, _ = steps_first(x[:, 0], batch_first)
    padded, some_steps = steps_first(packed, batch_first)

    assert torch.equal(batch, x)
    assert all_steps.tolist() == [L] * N
    assert torch.equal(single, x[:, :1])
    assert some_steps.tolist() == lengths
    for sequence, length in enumerate(lengths):
        assert torch.equal(padded[:length, sequence], x[:length, sequence])


def notes_of(module, *given):
    with pytest.raises((RuntimeError, ValueError)) as caught:
        trace(module, *given)
    return getattr(caught.value, "__notes__", [])


def test_a_wrong_shape_is_told_as_the_module_reads_it():
    module = nn.LSTM(8, 16, 2, batch_first=True)
    turned, own, zeros = torch.zeros(4, 8, 10), torch.zeros(4, 10, 16), torch.zeros(4, 2, 16)

    assert notes_of(module, torch.zeros(4, 10, 6)) == [
        "The input (4, 10, 6) is read as (N, L, H_in), H_in = 8."
    ]
    assert notes_of(module, turned)[0].endswith("input.transpose(1, -1) has it last.")
    assert notes_of(module, own)[0].endswith("as many features as the module's own output.")
    assert notes_of(module, torch.zeros(4, 10, 8), (zeros, zeros)) == [
        (
            "h_0 is (layers · directions, N, H) = (2, 4, 16), also with batch_first=True, got "
            "(4, 2, 16)."
        )
    ]
    assert trace(module, turned.transpose(1, -1)).lengths.tolist() == [10] * 4


def test_the_data_of_a_packed_input_are_told_as_steps():
    packed = pack_sequence([torch.zeros(4, 6), torch.zeros(2, 6)])

    assert notes_of(nn.GRU(8, 16), packed) == [
        "The input (6, 6) is read as (steps, H_in), H_in = 8."
    ]
