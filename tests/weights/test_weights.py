import copy

import numpy as np
import pytest
import torch
from torch import nn

from rnn_figures.configurations import class_name, describe, every_configuration
from rnn_figures.traces.tracing import trace
from rnn_figures.weights import (
    STACKED,
    from_keras,
    from_onnx,
    gate_slices,
    parameter_slices,
    set_forget_bias,
    to_keras,
    to_onnx,
    weights,
)
from tests.cases import few_modules

L, N = 7, 4
EVERY = every_configuration(input_size=6, hidden_size=8, proj_size=5)
EXPRESSIBLE = [module for module in EVERY if not module.proj_size and not module.batch_first]


def numbered(module):
    """A copy of a module whose parameters hold the numbers of their rows."""
    module = copy.deepcopy(module)
    with torch.no_grad():
        for parameter in module.parameters():
            rows = torch.arange(len(parameter), dtype=parameter.dtype)
            parameter.copy_(rows.reshape(-1, *[1] * (parameter.dim() - 1)))
    return module


def other(module):
    """A module of the same configuration with other weights."""
    torch.manual_seed(1)
    module = copy.deepcopy(module)
    module.reset_parameters()
    return module


@pytest.mark.parametrize("module", few_modules(EVERY), ids=describe)
def test_weights_are_all_parameters_once(module):
    found = [
        weight
        for layer in range(module.num_layers)
        for direction in range(2 if module.bidirectional else 1)
        for weight in weights(module, layer, direction).values()
    ]

    parameters = list(module.parameters())

    assert len(found) == len(parameters)
    assert all(one is another for one, another in zip(found, parameters, strict=True))


@pytest.mark.parametrize(
    ("kind", "letter"), [(nn.LSTM, k) for k in "ifgo"] + [(nn.GRU, k) for k in "rzn"]
)
@pytest.mark.parametrize("bias", ["bias_ih", "bias_hh"])
def test_gate_slices_closing_the_rows_closes_that_gate_only(kind, letter, bias):
    torch.manual_seed(0)
    module = kind(6, 8, num_layers=2, bidirectional=True)
    x = torch.randn(L, N, 6)
    rows = weights(module, 1, 1)[bias]

    with torch.no_grad():
        rows[gate_slices(module)[letter]] -= 1000
    layer_trace = trace(module, x)[1, 1]

    closed = {
        gate
        for gate in STACKED[class_name(module)]
        if bool(((layer_trace[gate] == 0) | (layer_trace[gate] == -1)).all())
    }
    assert closed == {letter}


def test_gate_slices_rnn_has_one_block():
    assert gate_slices(nn.RNN(6, 8)) == {"h": slice(0, 8)}


def test_gate_slices_refuses_another_module():
    with pytest.raises(TypeError, match=r"an nn\.LSTM, nn\.GRU or nn\.RNN, got Linear"):
        gate_slices(nn.Linear(6, 8))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("module", few_modules(EVERY), ids=describe)
def test_parameter_slices_cut_every_parameter_into_its_rows(module):
    parameters = dict(module.named_parameters())

    slices = parameter_slices(module)

    assert list(slices) == list(parameters)
    for name, rows in slices.items():
        pieces = [parameters[name][piece] for piece in rows.values()]
        assert torch.equal(torch.cat(pieces), parameters[name])


def test_parameter_slices_name_the_gates_in_torchs_order():
    module = nn.LSTM(6, 8, num_layers=2, bidirectional=True, proj_size=5)

    slices = parameter_slices(module)

    assert slices["weight_ih_l1_reverse"] == {
        "i": slice(0, 8),
        "f": slice(8, 16),
        "g": slice(16, 24),
        "o": slice(24, 32),
    }
    assert slices["weight_hr_l1_reverse"] == {"h": slice(0, 5)}


def test_set_forget_bias_opens_the_forget_gate_alone():
    torch.manual_seed(0)
    module = nn.LSTM(6, 8, num_layers=2, bidirectional=True, dtype=torch.float64)
    untouched = copy.deepcopy(module)
    x = torch.zeros(1, N, 6, dtype=torch.float64)

    returned = set_forget_bias(module, 3.0)
    opened, before = trace(module, x)[0, 1], trace(untouched, x)[0, 1]

    assert returned is module
    # x and h_0 are zero, so that the biases are all there is
    assert torch.equal(opened.f, torch.sigmoid(torch.full_like(opened.f, 3.0)))
    assert torch.equal(opened.i, before.i)
    assert torch.equal(opened.g, before.g)
    assert torch.equal(opened.o, before.o)


def test_set_forget_bias_sets_every_layer_and_direction():
    module = nn.LSTM(6, 8, num_layers=3, bidirectional=True)

    set_forget_bias(module, 2.0)

    biases = {name: p for name, p in module.named_parameters() if "bias" in name}
    assert len(biases) == 12
    for name, bias in biases.items():
        assert bias[8:16].tolist() == [2.0 if "_ih_" in name else 0.0] * 8
        assert bool((bias[:8].abs() < 1).all())
        assert bool((bias[16:].abs() < 1).all())


def test_set_forget_bias_refuses_what_has_none():
    with pytest.raises(ValueError, match=r"expected an nn\.LSTM with biases, got LSTM\(6, 8"):
        set_forget_bias(nn.LSTM(6, 8, bias=False), 1.0)
    with pytest.raises(TypeError, match=r"expected module as an nn\.LSTM, got GRU"):
        set_forget_bias(nn.GRU(6, 8), 1.0)  # pyright: ignore[reportArgumentType] (on purpose)


@pytest.mark.parametrize(
    ("module", "letters", "rows"),
    [
        (nn.LSTM(2, 2), "i f c o", [0, 1, 2, 3, 4, 5, 6, 7]),
        (nn.GRU(2, 2), "z r h", [2, 3, 0, 1, 4, 5]),
        (nn.RNN(2, 2), "h", [0, 1]),
    ],
    ids=["LSTM", "GRU", "RNN"],
)
def test_to_keras_columns_are_torchs_rows(module, letters, rows):
    kernel, recurrent_kernel, bias = to_keras(numbered(module))[0]

    assert kernel.tolist() == [rows, rows]
    assert recurrent_kernel.tolist() == [rows, rows]
    assert bias.tolist() == ([rows, rows] if letters == "z r h" else [2 * row for row in rows])


@pytest.mark.parametrize(
    ("module", "rows"),
    [
        (nn.LSTM(2, 2), [0, 1, 6, 7, 2, 3, 4, 5]),  # i o f c
        (nn.GRU(2, 2), [2, 3, 0, 1, 4, 5]),  # z r h
        (nn.RNN(2, 2), [0, 1]),
    ],
    ids=["LSTM", "GRU", "RNN"],
)
def test_to_onnx_rows_are_torchs_rows(module, rows):
    tensors = to_onnx(numbered(module))[0]

    assert tensors["W"].tolist() == [[[row, row] for row in rows]]
    assert tensors["R"].tolist() == [[[row, row] for row in rows]]
    assert tensors["B"].tolist() == [rows + rows]


def test_to_onnx_directions_share_the_first_axis_and_layers_are_apart():
    module = nn.LSTM(6, 8, num_layers=2, bidirectional=True)

    first, second = to_onnx(module)

    assert {name: array.shape for name, array in first.items()} == {
        "W": (2, 32, 6),
        "R": (2, 32, 8),
        "B": (2, 64),
    }
    assert second["W"].shape == (2, 32, 16)
    expected = module.get_parameter("weight_ih_l1_reverse")[:8]  # i is first in both
    assert np.array_equal(second["W"][1, :8], expected.detach().numpy())


def test_to_onnx_biases_are_zeros_without_biases():
    tensors = to_onnx(nn.GRU(6, 8, bias=False))[0]

    assert tensors["B"].shape == (1, 48)
    assert not tensors["B"].any()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_to_keras_lists_are_in_the_order_of_h_n(bidirectional):
    module = nn.RNN(6, 8, num_layers=2, bidirectional=bidirectional)
    names = [name for name, _ in module.named_parameters() if name.startswith("weight_ih")]

    lists = to_keras(module)

    assert len(lists) == len(names)
    for name, arrays in zip(names, lists, strict=True):
        assert np.array_equal(arrays[0].T, module.get_parameter(name).detach().numpy())


@pytest.mark.parametrize(
    ("convert", "restore"), [(to_keras, from_keras), (to_onnx, from_onnx)], ids=["keras", "onnx"]
)
class TestBothFormats:
    @pytest.mark.parametrize("module", EXPRESSIBLE, ids=describe)
    def test_round_trip_is_the_same_function(self, convert, restore, module):
        torch.manual_seed(0)
        x = torch.randn(L, N, 6)
        copied = other(module)

        copied.load_state_dict(restore(copied, convert(module)))

        (output, state), (expected, expected_state) = copied(x), module(x)
        assert torch.allclose(output, expected, rtol=0, atol=1e-6)
        for one, another in zip(state, expected_state, strict=True):
            assert torch.allclose(one, another, rtol=0, atol=1e-6)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
    def test_dtype_is_the_modules(self, convert, restore, dtype):
        module = nn.LSTM(6, 8, dtype=dtype)

        state = restore(module, convert(module))

        assert {tensor.dtype for tensor in state.values()} == {dtype}

    def test_arrays_are_copies(self, convert, restore):
        module = nn.RNN(1, 8)  # nothing of it is moved or transposed
        before = copy.deepcopy(module.state_dict())
        layers = convert(module)

        state = restore(module, layers)
        for tensor in state.values():
            tensor.zero_()
        for arrays in layers:
            for array in arrays.values() if isinstance(arrays, dict) else arrays:
                array[:] = 7

        assert all(torch.equal(before[name], now) for name, now in module.state_dict().items())
        assert not any(bool(tensor.any()) for tensor in state.values())

    def test_bfloat16_is_refused(self, convert, restore):
        module = nn.LSTM(6, 8, dtype=torch.bfloat16)

        with pytest.raises(ValueError, match=r"got torch\.bfloat16; call module\.float\(\) first"):
            convert(module)

    def test_projection_is_refused_both_ways(self, convert, restore):
        module = nn.LSTM(6, 8, proj_size=5)
        sentence = (
            r"expected proj_size=0, got proj_size=5: (Keras|ONNX) has no projection in its LSTM"
        )

        with pytest.raises(ValueError, match=sentence):
            convert(module)
        with pytest.raises(ValueError, match=sentence):
            restore(module, [])

    def test_another_module_is_refused(self, convert, restore):
        with pytest.raises(TypeError, match="got Linear"):
            convert(nn.Linear(6, 8))


@pytest.mark.parametrize(
    "module", [m for m in EXPRESSIBLE if m.mode == "GRU" or not m.bias], ids=describe
)
def test_from_keras_round_trip_is_exact_where_both_biases_are_kept(module):
    state = from_keras(module, to_keras(module))

    assert list(state) == list(module.state_dict())
    assert all(torch.equal(state[name], weight) for name, weight in module.state_dict().items())


@pytest.mark.parametrize("kind", [nn.LSTM, nn.RNN])
def test_from_keras_puts_the_sum_of_the_biases_into_bias_ih(kind):
    module = kind(6, 8)

    state = from_keras(module, to_keras(module))

    assert torch.equal(state["bias_ih_l0"], module.bias_ih_l0 + module.bias_hh_l0)
    assert not state["bias_hh_l0"].any()
    assert torch.equal(state["weight_hh_l0"], module.weight_hh_l0)


@pytest.mark.parametrize("module", EXPRESSIBLE, ids=describe)
def test_from_onnx_round_trip_is_exact(module):
    state = from_onnx(module, to_onnx(module))

    assert list(state) == list(module.state_dict())
    assert all(torch.equal(state[name], weight) for name, weight in module.state_dict().items())


def test_from_onnx_takes_a_missing_bias_as_zeros():
    module = nn.LSTM(6, 8)
    tensors = to_onnx(module)[0]
    del tensors["B"]

    state = from_onnx(module, [tensors])

    assert not state["bias_ih_l0"].any()
    assert state["bias_hh_l0"].shape == (32,)


@pytest.mark.parametrize(
    ("module", "lists", "message"),
    [
        (
            nn.LSTM(6, 8, num_layers=2, bidirectional=True),
            to_keras(nn.LSTM(6, 8, num_layers=2)),
            "expected 4 lists of weights, .* in the order of h_n, got 2",
        ),
        (
            nn.LSTM(6, 8),
            to_keras(nn.LSTM(6, 8, bias=False)),
            r"layer 0 \(forward\): expected 3 arrays .* for a module with bias=True, got 2",
        ),
        (
            nn.LSTM(6, 8),
            to_keras(nn.LSTM(5, 8)),
            r"layer 0 \(forward\), kernel: expected shape \(6, 32\), got \(5, 32\)$",
        ),
        (
            nn.LSTM(6, 8, bidirectional=True),
            [to_keras(nn.LSTM(6, 8))[0], to_keras(nn.GRU(6, 8))[0]],
            r"layer 0 \(reverse\), kernel: expected shape \(6, 32\), got \(6, 24\)$",
        ),
        (
            nn.RNN(6, 8),
            [[np.zeros((6, 8)), np.zeros((6, 8)), np.zeros(8)]],
            r"recurrent_kernel: expected shape \(8, 8\), got \(6, 8\)$",
        ),
        (
            nn.RNN(6, 8),
            [[np.zeros((6, 8)), np.zeros((8, 8)), np.zeros(6)]],
            r"bias: expected shape \(8,\), got \(6,\)$",
        ),
        (
            nn.GRU(6, 8),
            [[np.zeros((6, 24)), np.zeros((8, 24)), np.zeros(24)]],
            r"bias: expected shape \(2, 24\), got \(24,\); Keras' GRU\(reset_after=False\)",
        ),
    ],
)
def test_from_keras_says_what_does_not_fit(module, lists, message):
    with pytest.raises(ValueError, match=message):
        from_keras(module, lists)


@pytest.mark.parametrize(
    ("module", "layers", "message"),
    [
        (
            nn.GRU(6, 8, num_layers=3),
            to_onnx(nn.GRU(6, 8, num_layers=2)),
            "expected 3 dicts of W, R and B, one for each layer, got 2",
        ),
        (
            nn.LSTM(6, 8),
            [to_onnx(nn.LSTM(6, 8))[0] | {"P": np.zeros((1, 24))}],
            "layer 0: expected the tensors W, R and B, got B, P, R, W; torch has no peepholes",
        ),
        (
            nn.LSTM(6, 8, num_layers=2),
            [to_onnx(nn.LSTM(6, 8))[0]] * 2,
            r"layer 1, W: expected shape \(1, 32, 8\), got \(1, 32, 6\)$",
        ),
        (
            nn.GRU(6, 8, bidirectional=True),
            to_onnx(nn.GRU(6, 8)),
            r"layer 0, W: expected shape \(2, 24, 6\), got \(1, 24, 6\)$",
        ),
        (
            nn.RNN(6, 8),
            [{"W": np.zeros((1, 8, 6)), "R": np.zeros((1, 8, 6))}],
            r"layer 0, R: expected shape \(1, 8, 8\), got \(1, 8, 6\)$",
        ),
        (
            nn.RNN(6, 8),
            [{"W": np.zeros((1, 8, 6)), "R": np.zeros((1, 8, 8)), "B": np.zeros((1, 8))}],
            r"layer 0, B: expected shape \(1, 16\), got \(1, 8\)$",
        ),
        (
            nn.GRU(6, 8, bias=False),
            [to_onnx(nn.GRU(6, 8, bias=False))[0] | {"B": np.ones((1, 48))}],
            "layer 0, B: expected zeros for a module with bias=False, got 48 other numbers",
        ),
    ],
)
def test_from_onnx_says_what_does_not_fit(module, layers, message):
    with pytest.raises(ValueError, match=message):
        from_onnx(module, layers)
