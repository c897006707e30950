import copy
import itertools
import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_figures import TraceMismatchError, gru_step, lstm_step, rnn_step, trace
from rnn_figures.configurations import describe, every_configuration
from rnn_figures.traces import replay
from rnn_figures.traces.agreement import CAP
from rnn_figures.weights import gate_slices, weights
from tests.cases import (
    CONFIGURATIONS,
    FORMS,
    H_CELL,
    H_IN,
    H_OUT,
    LENGTHS,
    L,
    N,
    configured,
    few_fast,
    make_hx,
    make_input,
)
from tests.oracle import captured_gates

BACKENDS: Any = torch.backends  # newer than its stubs

EACH = hasattr(BACKENDS.mkldnn, "rnn")
"""Whether torch has a switch of precision for each operator: since 2.9."""

TOLERANCES = {torch.float64: 1e-12, torch.float32: 1e-6}


@pytest.fixture(scope="module")
def modules():
    """Every configuration by its constructor call; the same weights on every run."""
    torch.manual_seed(0)
    return {describe(m): m.double() for m in every_configuration(H_IN, H_CELL, H_OUT)}


def module_of(modules, call, dtype):
    return copy.deepcopy(modules[call]).to(dtype)


def assert_close(actual, expected, tolerance):
    torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance, equal_nan=True)


OPERATORS = few_fast(
    itertools.product(CONFIGURATIONS, FORMS, ["zeros", "hx"], TOLERANCES), configured
)


@pytest.mark.parametrize(("call", "form", "given", "dtype"), OPERATORS, ids=str)
def test_trace_equals_the_operators_inside_the_module(modules, call, form, given, dtype):
    module = module_of(modules, call, dtype)
    given_input = make_input(module, form, dtype)
    hx = make_hx(module, form, dtype) if given == "hx" else None

    t = trace(module, given_input, hx)

    for place, gates in captured_gates(module, given_input, hx).items():
        assert set(gates) | {"h"} == set(t[place].quantities)
        for letter, expected in gates.items():
            assert_close(t[place][letter], expected, TOLERANCES[dtype])
    assert t.max_difference <= TOLERANCES[dtype]


RETURNED = few_fast(itertools.product(CONFIGURATIONS, FORMS), configured)


@pytest.mark.parametrize(("call", "form"), RETURNED)
def test_trace_returns_what_the_module_returns(modules, call, form):
    module = module_of(modules, call, torch.float64)
    given_input = make_input(module, form, torch.float64)
    hx = make_hx(module, form, torch.float64)

    t = trace(module, given_input, hx)

    output, state = module(given_input, hx)
    h_n, c_n = state if module.mode == "LSTM" else (state, None)
    assert isinstance(t.output, PackedSequence) == form.startswith("packed")
    data = [v.data if isinstance(v, PackedSequence) else v for v in (t.output, output)]
    assert torch.equal(*data)
    assert torch.equal(t.h_n, h_n)
    assert (t.c_n is None) == (c_n is None)
    if t.c_n is not None:
        assert c_n is not None
        assert torch.equal(t.c_n, c_n)
    assert not t.h_n.requires_grad


@pytest.mark.parametrize("form", ["batched", "packed unsorted"])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_trace_stays_as_it_was_when_what_was_returned_is_written_into(kind, form):
    kept: list[Any] = []
    module = kind(H_IN, 4)
    module.register_forward_hook(lambda module, given, returned: kept.append(returned))
    t = trace(module, make_input(module, form, torch.float32))
    before = copy.deepcopy(t)

    output, states = kept[0]
    for tensor in (getattr(output, "data", output), *states):
        tensor.detach().zero_()

    returned = [v.data if isinstance(v, PackedSequence) else v for v in (t.output, before.output)]
    assert torch.equal(*returned)
    assert torch.equal(t.h_n, before.h_n)
    for letter in t[0, 0].quantities:  # NaN beyond the end of a sequence
        same = t[0, 0][letter], before[0, 0][letter]
        torch.testing.assert_close(*same, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("call", few_fast(zip(CONFIGURATIONS, strict=True), configured))
def test_trace_equals_the_cells_step_by_step(modules, call):
    module = module_of(modules, call, torch.float64)
    given_input = make_input(module, "packed unsorted", torch.float64)

    t = trace(module, given_input, make_hx(module, "packed unsorted", torch.float64))

    for layer in range(module.num_layers):
        for direction in range(t.num_directions):
            layer_trace = t[layer, direction]
            parameters = {k: w.detach() for k, w in weights(module, layer, direction).items()}
            for sequence, length in enumerate(LENGTHS["packed unsorted"]):
                for step in range(length):
                    values = layer_trace.step(step, sequence=sequence)
                    made = one_step(module.mode, values, parameters)
                    for letter in layer_trace.quantities:
                        assert_close(values[letter], getattr(made, letter), 1e-12)


def one_step(mode, values, parameters):
    """Run the step function of a mode on the numbers that a step read."""
    x, h = values["x"], values["h_prev"]
    if mode == "LSTM":
        return lstm_step(x, h, values["c_prev"], **parameters)
    if mode == "GRU":
        return gru_step(x, h, **parameters)
    return rnn_step(x, h, nonlinearity=mode.removeprefix("RNN_").lower(), **parameters)


def test_trace_reads_the_layer_below_in_both_halves():
    module = nn.LSTM(H_IN, H_CELL, num_layers=3, bidirectional=True, proj_size=H_OUT)

    t = trace(module, torch.randn(L, N, H_IN))

    below = torch.cat([t[0, 0].h, t[0, 1].h], dim=-1)
    assert torch.equal(t[1, 0].x, below)
    assert torch.equal(t[1, 1].x, below)
    assert t[1, 0].x.shape == (L, N, 2 * H_OUT)


@pytest.mark.parametrize(("steps", "count"), [(1, N), (L, 1), (1, 1), (1000, 2)])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_trace_short_single_and_long(kind, steps, count):
    module = kind(H_IN, H_CELL, num_layers=2, bidirectional=True)

    t = trace(module, torch.randn(steps, count, H_IN))

    assert t.max_difference <= 1e-6
    assert t[1, 1].h.shape == (steps, count, H_CELL)


def test_packed_sequences_of_one_length_have_no_end_to_mark():
    module = nn.LSTM(H_IN, H_CELL, bidirectional=True)
    x = torch.randn(L, N, H_IN)

    t = trace(module, pack_padded_sequence(x, [L] * N))

    # another kernel may run: packed input has no oneDNN
    assert_close(t[0, 1].h, trace(module, x)[0, 1].h, 1e-6)
    assert torch.equal(t[0, 0].x, x)


def test_trace_of_an_empty_batch_is_empty():
    t = trace(nn.LSTM(H_IN, H_CELL), torch.randn(L, 0, H_IN))

    assert t[0, 0].f.shape == (L, 0, H_CELL)


HALVES = few_fast(
    itertools.product(CONFIGURATIONS, FORMS, [torch.float16, torch.bfloat16]), configured
)


@pytest.mark.parametrize(("call", "form", "dtype"), HALVES, ids=str)
def test_trace_of_half_types_keeps_the_type(modules, call, form, dtype):
    module = module_of(modules, call, dtype)

    t = trace(module, make_input(module, form, dtype), make_hx(module, form, dtype))

    assert {t[0, 0][letter].dtype for letter in t[0, 0].quantities} == {dtype}
    # A small unit that is further off than its scale allows is held to what rounding explains.
    assert t.max_difference <= CAP[dtype]


def test_trace_on_another_default_dtype():
    torch.set_default_dtype(torch.float64)
    try:
        t = trace(nn.LSTM(H_IN, H_CELL), torch.randn(L, N, H_IN))
    finally:
        torch.set_default_dtype(torch.float32)

    assert t[0, 0].f.dtype == torch.float64
    assert t.max_difference <= 1e-12


class Noisy(nn.LSTM):
    """A subclass that changes what the layer returns."""

    def forward(self, input, hx=None):
        output, state = super().forward(input, hx)
        return output + 0.001, state


class Named(nn.GRU):
    """A subclass with a constructor of its own."""

    def __init__(self, size):
        super().__init__(size, 2 * size, num_layers=2)


def test_trace_of_a_subclass():
    t = trace(Named(H_IN), torch.randn(L, N, H_IN))

    assert t[1, 0].z.shape == (L, N, 2 * H_IN)


def test_trace_refuses_a_subclass_that_computes_something_else():
    with pytest.raises(TraceMismatchError, match="the trace does not describe this module"):
        trace(Noisy(H_IN, H_CELL), torch.randn(L, N, H_IN))


def test_trace_of_parametrized_weights():
    module = nn.GRU(H_IN, H_CELL)
    nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")

    t = trace(module, torch.randn(L, N, H_IN))

    assert t.max_difference <= 1e-6


def test_trace_accepts_large_weights_whose_sums_round_differently():
    torch.manual_seed(0)
    module = nn.LSTM(64, 128, num_layers=2, bidirectional=True)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(40)

    t = trace(module, 5 * torch.randn(50, N, 64))

    assert t.max_difference < 1e-3


def test_trace_refuses_an_error_of_a_thousandth():
    module = nn.GRU(H_IN, H_CELL)
    module.register_forward_hook(lambda module, args, out: (out[0] + 1e-3, out[1] + 1e-3))

    with pytest.raises(TraceMismatchError):
        trace(module, torch.randn(L, N, H_IN))


def spoiled(module, change):
    """Let a module return something else: `change` writes into output, h_n, c_n in place."""

    def hook(module, args, out):
        change(out[0], *out[1])

    module.register_forward_hook(hook)
    return module


def test_max_difference_is_the_largest_of_all():
    module = spoiled(nn.LSTM(H_IN, H_CELL).double(), lambda output, h_n, c_n: c_n.add_(5e-13))

    t = trace(module, torch.randn(L, N, H_IN).double())

    assert t.max_difference == pytest.approx(5e-13, abs=1e-15)
    assert t.checked.endswith(", to 5e-13")


@pytest.mark.parametrize("block", [1, 1 << 19], ids=["one step a block", "one block"])
@pytest.mark.parametrize("direction", [0, 1])
def test_mismatch_error_names_the_step_of_h(monkeypatch, direction, block):
    monkeypatch.setattr(replay, "BLOCK", block)
    column = direction * H_CELL + 2
    module = spoiled(
        nn.LSTM(H_IN, H_CELL, bidirectional=True),
        lambda output, h_n, c_n: output[4, 1, column].add_(0.1),
    )

    with pytest.raises(TraceMismatchError) as caught:
        trace(module, torch.randn(L, N, H_IN))

    error = caught.value
    # Besides the spoiled h, the step that read it differs, by less.
    assert (error.quantity, error.layer, error.direction) == ("h", 0, direction)
    assert error.step in ((4, 5) if direction == 0 else (4, 3))
    if block > 1:
        assert error.step == 4
        assert abs(error.expected - error.actual) == pytest.approx(0.1, abs=1e-6)
        assert error.allowed < 1e-4


@pytest.mark.parametrize("form", ["batched", "packed unsorted"])
@pytest.mark.parametrize("place", range(4))
def test_mismatch_error_names_the_place_and_step_of_c_n(form, place):
    module = spoiled(
        nn.LSTM(H_IN, H_CELL, num_layers=2, bidirectional=True),
        lambda output, h_n, c_n: c_n[place, 3, 5].sub_(0.25),
    )

    with pytest.raises(TraceMismatchError) as caught:
        trace(module, make_input(module, form, torch.float32))

    error = caught.value
    last = (LENGTHS[form][3] if form in LENGTHS else L) - 1
    assert (error.quantity, error.layer, error.direction) == ("c", *divmod(place, 2))
    assert error.step == (0 if place % 2 else last)
    assert error.actual - error.expected == pytest.approx(0.25, abs=1e-6)


def test_trace_shows_the_nan_of_a_module():
    module = nn.LSTM(H_IN, H_CELL)
    with torch.no_grad():
        next(module.parameters())[0, 0] = math.nan

    t = trace(module, torch.randn(L, N, H_IN))

    assert t[0, 0].i[0, :, 0].isnan().all()
    assert not t[0, 0].i[0, :, 1].isnan().any()


def spoiled_inputs(kind):
    """Runs that hold NaN or infinity, each from another cause: module, input, state."""
    x, packed = torch.randn(L, N, H_IN), torch.randn(L, N, H_IN)
    x[3, 1, 0] = math.nan
    packed[3:, 1] = math.nan  # beyond the end of sequence 1
    h_0 = torch.zeros(1, N, H_CELL)
    h_0[0, 0, 1] = math.nan
    weights_of = {name: kind(H_IN, H_CELL) for name in ("weight_hh_l0", "bias_ih_l0")}
    with torch.no_grad():
        for name, module in weights_of.items():
            module.get_parameter(name)[1] = math.inf if name.startswith("weight") else -math.inf
    plain, deep = kind(H_IN, H_CELL), kind(H_IN, H_CELL, num_layers=2, bidirectional=True)
    finite = torch.randn(L, N, H_IN)
    state = (h_0, torch.zeros_like(h_0)) if kind is nn.LSTM else h_0
    ended = pack_padded_sequence(packed, [7, 3, 2, 1][:N], enforce_sorted=False)
    return {
        "NaN in the input": (plain, x, None),
        "NaN in two layers, both ways": (deep, x, None),
        "infinity in the input": (plain, x.nan_to_num(nan=math.inf), None),
        "an infinite weight": (weights_of["weight_hh_l0"], finite, None),
        "an infinite bias": (weights_of["bias_ih_l0"], finite, None),
        "half precision overflows": (kind(H_IN, H_CELL).half(), (finite * 6e4).half(), None),
        "bfloat16 overflows": (kind(H_IN, H_CELL).bfloat16(), (finite * 3e38).bfloat16(), None),
        "NaN in the padding": (plain, packed, None),
        "NaN beyond the end": (plain, ended, None),
        "NaN in h_0": (plain, finite, state),
        "nothing but NaN": (plain, finite * math.nan, None),
    }


@pytest.mark.parametrize("case", spoiled_inputs(nn.RNN))
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_what_is_not_finite_is_traced_and_never_called_a_mismatch(kind, case):
    torch.manual_seed(0)
    module, x, hx = spoiled_inputs(kind)[case]

    t = trace(module, x, hx)

    assert t.unchecked == 0
    ended = case == "NaN beyond the end"
    seen = [t[0, 0].h[: t.lengths[n], n].isfinite().all().item() for n in range(N)]
    assert all(seen) if ended else torch.equal(t[-1, 0].h.isfinite(), halves(t).isfinite())


def halves(t):
    return t.output_steps()[..., :H_CELL]


def test_trace_refuses_active_dropout():
    module = nn.LSTM(H_IN, H_CELL, num_layers=2, dropout=0.5)
    x = torch.randn(L, N, H_IN)

    with pytest.raises(
        ValueError, match=r"got dropout=0\.5 in training mode.*call module\.eval\(\)"
    ):
        trace(module, x)
    assert trace(module.eval(), x).max_difference <= 1e-6


def test_trace_refuses_what_is_no_recurrent_layer():
    model: Any = nn.Sequential(nn.LSTM(H_IN, H_CELL))

    with pytest.raises(TypeError, match=r"got Sequential; pass the recurrent layer itself"):
        trace(model, torch.randn(L, N, H_IN))


def test_trace_lets_torchs_own_errors_through():
    module = nn.LSTM(H_IN, H_CELL)
    zeros = torch.zeros(1, 1, H_CELL)

    with pytest.raises(RuntimeError, match=r"input\.size\(-1\) must be equal to input_size"):
        trace(module, torch.randn(L, N, H_IN + 1))
    with pytest.raises(RuntimeError, match=r"Expected hidden\[0\] size"):
        trace(module, torch.randn(L, N, H_IN), (zeros, zeros))


@pytest.fixture
def half_precision():
    """The caller's own wish for fast products, in both of torch's ways to say it."""
    places = (BACKENDS.mkldnn.matmul, BACKENDS.cuda.matmul) if EACH else ()
    before = [place.fp32_precision for place in places]
    torch.set_float32_matmul_precision("medium")
    yield
    torch.set_float32_matmul_precision("highest")
    for place, precision in zip(places, before, strict=True):
        place.fp32_precision = precision


def precision_of_products():
    matmul = BACKENDS.mkldnn.matmul if EACH else None
    return matmul.fp32_precision if matmul else torch.get_float32_matmul_precision()


@pytest.mark.usefixtures("half_precision")
def test_trace_multiplies_in_full_precision_and_leaves_the_callers_wish():
    module = nn.GRU(H_IN, H_CELL)
    seen = []
    module.register_forward_hook(lambda *_: seen.append(precision_of_products()))
    before = precision_of_products()

    trace(module, torch.randn(L, N, H_IN))

    assert seen == ["ieee" if EACH else "highest"]
    assert torch.get_float32_matmul_precision() == "medium"
    assert precision_of_products() == before == ("bf16" if EACH else "medium")


def test_trace_under_autocast_refuses_or_agrees():
    module = nn.LSTM(H_IN, H_CELL, num_layers=2)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        t = trace(module, torch.randn(L, N, H_IN))

    assert t.max_difference <= 2 * torch.finfo(torch.bfloat16).eps


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_gru_under_autocast_is_refused_for_what_it_is_and_no_mismatch(dtype):
    torch.manual_seed(0)
    module, x = nn.GRU(H_IN, H_CELL), torch.randn(40, 8, H_IN)

    with torch.autocast("cpu", dtype=dtype):
        assert module(x)[0].dtype == torch.float32
        with pytest.raises(ValueError, match=r"expected nn\.GRU.* outside autocast, got it inside"):
            trace(module, x)

    assert trace(module, x).proof


def test_trace_in_inference_mode():
    module = nn.LSTM(64, 32, bidirectional=True)

    with torch.inference_mode():
        t = trace(module, torch.randn(L, 32, 64))

    assert t.max_difference <= 1e-6


def test_trace_of_infinite_cell_states_warns_of_nothing():
    """NumPy scans the cell state, and would warn of 0 · inf where torch does not."""
    module = nn.LSTM(H_IN, H_CELL)
    with torch.no_grad():
        weights(module, 0, 0)["bias_ih"][gate_slices(module)["f"]] = -1000  # shut
    h_0, c_0 = make_hx(module, "batched", torch.float32)

    t = trace(module, torch.randn(L, N, H_IN), (h_0, c_0 * math.inf))

    assert t[0, 0].c.isnan().all()


def test_trace_changes_nothing_of_the_callers():
    torch.manual_seed(3)
    module = nn.LSTM(H_IN, H_CELL, num_layers=2, bidirectional=True)
    x = torch.randn(L, N, H_IN, requires_grad=True)
    hx = make_hx(module, "batched", torch.float32)
    module(x, hx)[0].sum().backward()
    kept = {
        "parameters": [p.detach().clone() for p in module.parameters()],
        "grads": [p.grad.clone() for p in module.parameters() if p.grad is not None],
        "input": x.detach().clone(),
        "hx": [state.clone() for state in hx],
    }
    pointers = [p.data_ptr() for p in module.parameters()]
    random_state = torch.get_rng_state()
    precision = torch.get_float32_matmul_precision()

    trace(module, x, hx)

    assert all(map(torch.equal, module.parameters(), kept["parameters"]))
    grads = [p.grad for p in module.parameters() if p.grad is not None]
    assert all(map(torch.equal, grads, kept["grads"]))
    assert [p.data_ptr() for p in module.parameters()] == pointers
    assert torch.equal(x, kept["input"])
    assert all(map(torch.equal, hx, kept["hx"]))
    assert module.training
    assert all(p.requires_grad for p in module.parameters())
    assert torch.equal(torch.get_rng_state(), random_state)
    assert torch.get_float32_matmul_precision() == precision
    assert torch.is_grad_enabled()


def test_trace_does_not_follow_what_the_caller_overwrites():
    module = nn.GRU(H_IN, H_CELL)
    x, h_0 = torch.randn(L, N, H_IN), torch.randn(1, N, H_CELL)
    before = x.clone(), h_0.clone()
    t = trace(module, x, h_0)

    x.zero_()
    h_0.zero_()

    assert torch.equal(t[0, 0].x, before[0])
    assert torch.equal(t[0, 0].h_0, before[1][0])


def test_trace_runs_the_module_once():
    module = nn.LSTM(H_IN, H_CELL, num_layers=3)
    calls = []
    module.register_forward_hook(lambda module, args, out: calls.append(args))

    trace(module, torch.randn(L, N, H_IN))

    assert len(calls) == 1


@pytest.mark.parametrize(
    ("kind", "x", "hx", "said"),
    [
        (nn.LSTM, torch.ones(7, 2, 5).long(), None, r"int64 of shape \(7, 2, 5\); token ids"),
        (nn.LSTM, torch.ones(7, 2, 5).to_sparse(), None, "dense tensor, got torch.sparse_coo"),
        (nn.LSTM, torch.ones(7, 2, 5), torch.zeros(1, 2, 3), r"as a tuple, \(h_0, c_0\)"),
        (nn.GRU, torch.ones(7, 2, 5), (torch.zeros(1, 2, 3),) * 2, "as one tensor, h_0, got 2"),
    ],
)
def test_what_no_layer_takes_is_refused_in_a_sentence(kind, x, hx, said):
    with pytest.raises(TypeError, match=said):
        trace(kind(5, 3), x, hx)
