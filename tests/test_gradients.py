import copy

import pytest
import torch
from torch import nn
from torch.autograd.functional import jacobian
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import gradients
from rnn_figures.configurations import describe, every_configuration
from rnn_figures.gradients import (
    compare_with_jacobian,
    gradient_by_lag,
    gradient_by_step,
)
from rnn_figures.proofs import ProofError
from rnn_figures.weights import set_forget_bias

L, N, H_in = 7, 4, 3
LENGTHS = torch.tensor([3, 7, 2, 5])
CONFIGURATIONS = [module.double() for module in every_configuration(H_in, 8, 5) if module.bias]
MEDIANS = {  # medians over ten seeds of the norm at these lags, T = 100
    "RNN tanh": {0: 2.079, 5: 0.08092, 50: 9.728e-14, 100: 7.366e-27},
    "RNN relu": {0: 1.598, 5: 0.01782, 50: 1.862e-20, 100: 3.902e-40},
    "GRU": {0: 1.062, 5: 0.066, 50: 8.33e-11, 100: 7.437e-21},
    "LSTM": {0: 0.5504, 5: 0.03235, 50: 3.692e-11, 100: 7.328e-21},
    "LSTM, forget bias 0": {0: 0.5502, 5: 0.03147, 50: 2.198e-11, 100: 2.087e-21},
    "LSTM, forget bias 1": {0: 0.5442, 5: 0.1469, 50: 7.479e-05, 100: 2.47e-08},
    "LSTM, forget bias 3": {0: 0.5209, 5: 0.2093, 50: 0.1504, 100: 0.4961},
}
DOUBLE = {"dtype": torch.float64}
MAKERS = {
    "RNN tanh": lambda: nn.RNN(16, 64, **DOUBLE),
    "RNN relu": lambda: nn.RNN(16, 64, nonlinearity="relu", **DOUBLE),
    "GRU": lambda: nn.GRU(16, 64, **DOUBLE),
    "LSTM": lambda: nn.LSTM(16, 64, **DOUBLE),
    "LSTM, forget bias 0": lambda: set_forget_bias(nn.LSTM(16, 64, **DOUBLE), 0.0),
    "LSTM, forget bias 1": lambda: set_forget_bias(nn.LSTM(16, 64, **DOUBLE), 1.0),
    "LSTM, forget bias 3": lambda: set_forget_bias(nn.LSTM(16, 64, **DOUBLE), 3.0),
}


def random_input(dtype=torch.float64):
    torch.manual_seed(0)
    return torch.randn(L, N, H_in, dtype=dtype)


def expected_by_lag(module, x):
    """Norms of d output[-1] / d x of one sequence alone, the last input first, (L,)."""
    last = jacobian(lambda x: module(x)[0][-1], x)  # (D·H_out, L, H_in)
    assert isinstance(last, torch.Tensor)
    return last.square().sum((0, 2)).sqrt().flip(0)


def expected_by_step(module, x):
    """Norms of d output / d x of one sequence alone, (L, D, L)."""
    whole = jacobian(lambda x: module(x)[0], x)  # (L, D·H_out, L, H_in)
    assert isinstance(whole, torch.Tensor)
    halves = whole.unflatten(1, (2 if module.bidirectional else 1, -1))
    return halves.square().sum((2, 4)).sqrt()


def set_weights(module, **values):
    """Set one layer's weights by hand, its biases to zero."""
    zeros = torch.zeros(module.hidden_size)
    values |= {"bias_ih": zeros, "bias_hh": zeros}
    module.load_state_dict({f"{name}_l0": value for name, value in values.items()})


def assert_close(actual, expected, tolerance=1e-12):
    torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance, equal_nan=True)


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_gradient_by_lag_is_the_jacobians_norm(module):
    x = random_input()

    by_lag = gradient_by_lag(module, x.transpose(0, 1) if module.batch_first else x)

    expected = torch.stack([expected_by_lag(module, x[:, n]) for n in range(N)], dim=1)
    assert_close(by_lag, expected)


@pytest.mark.parametrize("module", CONFIGURATIONS[::3], ids=describe)
def test_gradient_by_lag_packed_starts_at_each_sequences_end(module):
    x = random_input()
    packed = pack_padded_sequence(x, LENGTHS, enforce_sorted=False)

    by_lag = gradient_by_lag(module, packed)

    expected = torch.full((L, N), torch.nan, dtype=torch.float64)
    for n, length in enumerate(LENGTHS):
        expected[:length, n] = expected_by_lag(module, x[:length, n])
    assert_close(by_lag, expected)


def test_gradient_by_lag_packed_sorted_keeps_the_order():
    module = nn.GRU(H_in, 8, bidirectional=True, dtype=torch.float64)
    x = random_input()
    lengths = torch.tensor([6, 5, 5, 1])  # none has all the steps

    by_lag = gradient_by_lag(module, pack_padded_sequence(x, lengths))

    assert by_lag.shape == (6, N)
    for n, length in enumerate(lengths):
        assert_close(by_lag[:length, n], expected_by_lag(module, x[:length, n]))
        assert bool(by_lag[length:, n].isnan().all())


@pytest.mark.parametrize("batch_first", [False, True])
def test_gradient_by_lag_unbatched_is_one_sequence(batch_first):
    module = nn.LSTM(H_in, 8, batch_first=batch_first, dtype=torch.float64)
    x = random_input()[:, 0]

    by_lag = gradient_by_lag(module, x)

    assert by_lag.shape == (L, 1)
    assert_close(by_lag[:, 0], expected_by_lag(module, x))


@pytest.mark.parametrize("limit", [1, 5000])
def test_gradient_by_lag_in_chunks_is_the_same(limit, monkeypatch):
    module = nn.LSTM(H_in, 8, bidirectional=True, dtype=torch.float64)
    x = random_input()
    expected = gradient_by_lag(module, x)

    monkeypatch.setattr(gradients, "NUMBERS_AT_ONCE", limit)
    by_lag = gradient_by_lag(module, x)

    assert_close(by_lag, expected)


def test_gradient_by_lag_reads_what_a_chunk_may_keep(monkeypatch):
    sizes = []
    module = nn.LSTM(H_in, 8, dtype=torch.float64)
    module.register_forward_hook(lambda _, args, __: sizes.append(args[0].shape[1]))

    # a copy of a sequence keeps about L·N·(H_in + 6·H_cell) numbers
    monkeypatch.setattr(gradients, "NUMBERS_AT_ONCE", 3 * L * N * (H_in + 6 * 8))
    gradient_by_lag(module, random_input())

    assert sizes == [N, 3 * N, 3 * N, 2 * N]  # the caller's own run, then 8 features


def test_gradient_by_lag_float32_sees_gradients_whose_square_is_zero():
    module = nn.RNN(1, 2, nonlinearity="relu")
    set_weights(module, weight_ih=torch.ones(2, 1), weight_hh=1e-5 * torch.eye(2))

    by_lag = gradient_by_lag(module, torch.ones(7, 1, 1))

    lags = torch.arange(7, dtype=torch.float64)
    expected = 2**0.5 * 10 ** (-5 * lags)
    assert by_lag.dtype == torch.float32
    torch.testing.assert_close(by_lag[:, 0].double(), expected, rtol=1e-5, atol=0)


def test_gradient_by_lag_that_overflows_is_infinite():
    module = nn.RNN(1, 1, nonlinearity="relu")
    set_weights(module, weight_ih=torch.ones(1, 1), weight_hh=torch.full((1, 1), 1e10))

    by_lag = gradient_by_lag(module, torch.full((7, 1, 1), 1e-35))

    assert torch.isinf(by_lag[4:]).all()
    assert torch.isfinite(by_lag[:4]).all()


def test_gradient_by_lag_of_zero_weights_is_zero():
    module = nn.GRU(H_in, 8)
    for parameter in module.parameters():
        nn.init.zeros_(parameter)

    by_lag = gradient_by_lag(module, random_input(torch.float32))

    assert torch.equal(by_lag, torch.zeros(L, N))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_gradient_by_lag_leaves_everything_as_it_was(training, packed):
    module = nn.LSTM(H_in, 8, num_layers=2, bidirectional=True).train(training)
    x = random_input(torch.float32).requires_grad_()
    given = pack_padded_sequence(x, LENGTHS, enforce_sorted=False) if packed else x
    for parameter in module.parameters():
        parameter.grad = torch.ones_like(parameter)
    module.get_parameter("weight_hh_l1").requires_grad_(False)
    before = copy.deepcopy(module.state_dict())
    requires = [parameter.requires_grad for parameter in module.parameters()]
    random_state = torch.get_rng_state()

    gradient_by_lag(module, given)

    assert all(torch.equal(before[name], now) for name, now in module.state_dict().items())
    assert all(bool((p.grad == 1).all()) for p in module.parameters() if p.grad is not None)
    assert all(p.grad is not None for p in module.parameters())
    assert [parameter.requires_grad for parameter in module.parameters()] == requires
    assert module.training == training
    assert x.grad is None
    assert x.requires_grad
    assert torch.equal(torch.get_rng_state(), random_state)
    assert torch.equal(x, random_input(torch.float32))
    assert torch.backends.cudnn.enabled


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_gradient_by_lag_in_any_mode_is_the_same(mode):
    module = nn.LSTM(H_in, 8, dtype=torch.float64).requires_grad_(False)
    expected = gradient_by_lag(module, random_input())

    with mode():
        by_lag = gradient_by_lag(module, random_input())

    assert not by_lag.requires_grad
    assert torch.equal(by_lag, expected)


def test_gradient_by_lag_refuses_random_dropout():
    module = nn.LSTM(H_in, 8, num_layers=2, dropout=0.5)

    with pytest.raises(ValueError, match=r"got dropout=0\.5 in training .* call module\.eval\(\)"):
        gradient_by_lag(module, random_input(torch.float32))
    by_lag = gradient_by_lag(module.eval(), random_input(torch.float32))

    assert by_lag.shape == (L, N)


def test_gradient_by_lag_refuses_another_module():
    with pytest.raises(
        TypeError, match=r"expected module as an nn\.LSTM, nn\.GRU or nn\.RNN, got Linear"
    ):
        gradient_by_lag(nn.Linear(H_in, 8), random_input())  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("shape", "message"), [((L, N, 4), "Expected 3, got 4"), ((L,), "2D or 3D, got 1D")]
)
def test_gradient_by_lag_keeps_torchs_own_error(shape, message):
    with pytest.raises((RuntimeError, ValueError), match=message):
        gradient_by_lag(nn.LSTM(H_in, 8), torch.zeros(shape))


def test_gradient_by_lag_runs_a_thousand_steps():
    torch.manual_seed(0)
    module = nn.LSTM(H_in, 8)

    by_lag = gradient_by_lag(module, torch.randn(1000, 1, H_in))

    assert by_lag.shape == (1000, 1)
    assert bool(by_lag[0] > 0)


@pytest.mark.parametrize("module", CONFIGURATIONS[::7], ids=describe)
def test_gradient_by_step_is_the_jacobians_norm(module):
    x = random_input()[:6, :2]
    num_directions = 2 if module.bidirectional else 1

    by_step = gradient_by_step(module, x.transpose(0, 1) if module.batch_first else x)

    assert by_step.shape == (6, num_directions, 6, 2)
    for n in range(2):
        assert_close(by_step[..., n], expected_by_step(module, x[:, n]))


def test_gradient_by_step_packed_is_nan_where_there_is_no_step():
    module = nn.LSTM(H_in, 8, bidirectional=True, proj_size=5, dtype=torch.float64)
    x = random_input()

    by_step = gradient_by_step(module, pack_padded_sequence(x, LENGTHS, enforce_sorted=False))

    for n, length in enumerate(LENGTHS):
        assert_close(by_step[:length, :, :length, n], expected_by_step(module, x[:length, n]))
        assert bool(by_step[length:, :, :, n].isnan().all())
        assert bool(by_step[:, :, length:, n].isnan().all())


def test_gradient_by_step_reaches_two_triangles_then_everything():
    torch.manual_seed(0)
    x = torch.randn(L, 1, H_in)
    before = torch.arange(L) <= torch.arange(L)[:, None]

    one_layer = gradient_by_step(nn.RNN(H_in, 8, bidirectional=True), x)[..., 0] > 0
    two_layers = gradient_by_step(nn.RNN(H_in, 8, num_layers=2, bidirectional=True), x)[..., 0] > 0

    assert torch.equal(one_layer[:, 0], before)
    assert torch.equal(one_layer[:, 1], before.T)
    assert bool(two_layers.all())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("module", CONFIGURATIONS[::7], ids=describe)
def test_compare_with_jacobian_is_rounding(module, dtype):
    module = copy.deepcopy(module).to(dtype)
    x = random_input(dtype)
    packed = pack_padded_sequence(x, LENGTHS, enforce_sorted=False)

    difference = compare_with_jacobian(
        module, packed, gradient_by_lag(module, packed)
    ).max_difference

    assert difference < 100 * torch.finfo(dtype).eps


@pytest.mark.parametrize(("lag", "factor"), [(0, 1.001), (6, 1.001), (3, 0.0), (2, float("nan"))])
def test_compare_with_jacobian_finds_a_wrong_entry(lag, factor):
    torch.manual_seed(0)
    module = nn.LSTM(H_in, 8, dtype=torch.float64)
    by_lag = gradient_by_lag(module, random_input())

    by_lag[lag, 0] *= factor

    with pytest.raises(ProofError, match=rf"own Jacobian,\[{lag}\]: expected 1, got {factor:g}"):
        compare_with_jacobian(module, random_input(), by_lag)


def test_compare_with_jacobian_lets_rounding_grow_as_the_gradient_does():
    torch.manual_seed(0)
    module = nn.RNN(16, 64, dtype=torch.float64)
    weight = nn.init.orthogonal_(module.get_parameter("weight_hh_l0"))
    with torch.no_grad():
        weight *= 3
    x = torch.randn(101, 1, 16, dtype=torch.float64)

    difference = compare_with_jacobian(module, x, gradient_by_lag(module, x)).max_difference

    assert 1e-8 < difference < 1


def test_compare_with_jacobian_of_zeros_is_zero():
    module = nn.GRU(H_in, 8)
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    x = random_input(torch.float32)

    assert compare_with_jacobian(module, x, gradient_by_lag(module, x)).max_difference == 0.0


@pytest.mark.parametrize("name", MEDIANS)
def test_gradient_by_lag_reproduces_the_published_medians(name):
    curves = []
    for seed in range(10):
        torch.manual_seed(seed)
        module = MAKERS[name]()
        x = torch.randn(101, 1, 16, dtype=torch.float64)
        curves.append(gradient_by_lag(module, x)[:, 0])

    # torch's own median of ten numbers would be the fifth, not between the fifth and the sixth
    medians = torch.stack(curves).quantile(0.5, dim=0)

    found = {lag: float(medians[lag]) for lag in MEDIANS[name]}
    assert found == pytest.approx(MEDIANS[name], rel=5e-4, abs=0)
