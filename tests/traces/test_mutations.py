"""Each known mistake of this field, planted where it would be made: the trace must refuse it."""

import pytest
import torch
from torch import nn

from rnn_figures import TraceMismatchError, trace
from rnn_figures.traces import calling, replay, tracing
from rnn_figures.weights import weights
from tests.cases import H_CELL, H_IN, H_OUT, LENGTHS, L, N, make_hx, make_input


def traced(module, form="batched"):
    """Trace a module on input and initial states in which nothing is zero or alike."""
    torch.manual_seed(0)
    module.reset_parameters()
    return trace(
        module, make_input(module, form, torch.float32), make_hx(module, form, torch.float32)
    )


def reorder(count, order):
    """Return `weights` with the blocks of every stacked tensor in another order."""

    def wrong(module, layer, direction):
        return {
            name: weight
            if name == "weight_hr"
            else torch.cat([weight.chunk(count)[index] for index in order])
            for name, weight in weights(module, layer, direction).items()
        }

    return wrong


def without(*names):
    """Return `weights` that leaves some out."""

    def wrong(module, layer, direction):
        found = weights(module, layer, direction)
        return {name: weight for name, weight in found.items() if name not in names}

    return wrong


def zeroed(name):
    """Return `weights` with one tensor of zeros."""

    def wrong(module, layer, direction):
        found = weights(module, layer, direction)
        return found | {name: torch.zeros_like(found[name])}

    return wrong


@pytest.mark.parametrize(
    ("module", "wrong"),
    [
        pytest.param(nn.LSTM(H_IN, H_CELL), reorder(4, (0, 1, 3, 2)), id="LSTM i f o g"),
        pytest.param(nn.LSTM(H_IN, H_CELL), reorder(4, (1, 0, 2, 3)), id="LSTM i and f swapped"),
        pytest.param(nn.LSTM(H_IN, H_CELL), zeroed("bias_hh"), id="LSTM one bias dropped"),
        pytest.param(
            nn.LSTM(H_IN, H_CELL, bias=False), reorder(4, (1, 0, 2, 3)), id="LSTM without bias"
        ),
        pytest.param(nn.GRU(H_IN, H_CELL), reorder(3, (1, 0, 2)), id="GRU r and z swapped"),
        pytest.param(nn.GRU(H_IN, H_CELL), zeroed("bias_hh"), id="GRU one bias dropped"),
        pytest.param(nn.RNN(H_IN, H_CELL), zeroed("bias_ih"), id="RNN one bias dropped"),
    ],
)
def test_wrong_weights_are_refused(monkeypatch, module, wrong):
    assert traced(module).max_difference <= 1e-6
    monkeypatch.setattr(calling, "weights", wrong)

    with pytest.raises(TraceMismatchError):
        traced(module)


RIGHT_GRU = replay._gru


def gru_with(rebuild):
    """Return the GRU's replay with another way to get h from the gates."""

    def wrong(parameters, bias, block):
        step = RIGHT_GRU(parameters, bias, block)
        read = (rows.unflatten(0, step.n.shape[:2]) for rows in (block.x, block.h_prev))
        return step._replace(h=rebuild(parameters, *read, step))

    return wrong


def right(parameters, x, h_prev, step):
    return (1 - step.z) * step.n + step.z * h_prev


def z_turned(parameters, x, h_prev, step):
    return step.z * step.n + (1 - step.z) * h_prev


def reset_first(parameters, x, h_prev, step):
    """Rebuild h by the paper's form: r multiplies h before the matrix."""
    of_n = {name: weight.chunk(3)[2] for name, weight in parameters.items()}
    linear = nn.functional.linear
    n = linear(x, of_n["weight_ih"], of_n.get("bias_ih"))
    n = n + linear(step.r * h_prev, of_n["weight_hh"], of_n.get("bias_hh"))
    return (1 - step.z) * n.tanh() + step.z * h_prev


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rebuild", [z_turned, reset_first])
def test_wrong_gru_equations_are_refused(monkeypatch, rebuild, bias):
    module = nn.GRU(H_IN, H_CELL, bias=bias)
    monkeypatch.setattr(replay, "_gru", gru_with(right))
    assert traced(module).max_difference <= 1e-6
    monkeypatch.setattr(replay, "_gru", gru_with(rebuild))

    with pytest.raises(TraceMismatchError):
        traced(module)


def test_tanh_in_the_place_of_relu_is_refused(monkeypatch):
    monkeypatch.setattr(replay, "_rnn_relu", replay._rnn_tanh)

    with pytest.raises(TraceMismatchError):
        traced(nn.RNN(H_IN, H_CELL, nonlinearity="relu"))


def replayed_with(change):
    """Return `replay` that reads something else than it was given."""
    right_replay = replay.replay

    def wrong(mode, stacked, given, beyond, check):
        return right_replay(mode, stacked, change(given), beyond, check)

    return wrong


@pytest.mark.parametrize("form", ["batched", "packed unsorted"])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_reverse_direction_read_forward_is_refused(monkeypatch, kind, form):
    wrong = replayed_with(lambda given: given._replace(reverse=False))
    monkeypatch.setattr(tracing, "replay", wrong)

    with pytest.raises(TraceMismatchError) as caught:
        traced(kind(H_IN, H_CELL, bidirectional=True), form)
    assert caught.value.direction == 1


def test_a_next_layer_fed_one_direction_is_refused(monkeypatch):
    def one_half(given):
        x = given.x.clone()
        x[..., H_CELL:] = 0
        return given._replace(x=x)

    monkeypatch.setattr(tracing, "replay", replayed_with(one_half))

    with pytest.raises(TraceMismatchError) as caught:
        traced(nn.GRU(H_IN, H_CELL, num_layers=2, bidirectional=True))
    assert caught.value.layer == 1


def test_a_projection_left_out_is_refused(monkeypatch):
    identity = torch.eye(H_OUT, H_CELL)
    monkeypatch.setattr(
        calling, "weights", lambda *where: weights(*where) | {"weight_hr": identity}
    )

    with pytest.raises(TraceMismatchError):
        traced(nn.LSTM(H_IN, H_CELL, proj_size=H_OUT))


def test_final_states_of_another_row_are_refused():
    class Shuffled(nn.GRU):
        def forward(self, input, hx=None):
            output, h_n = super().forward(input, hx)
            return output, h_n.flip(0)

    with pytest.raises(TraceMismatchError, match="quantity h"):
        traced(Shuffled(H_IN, H_CELL, num_layers=2))


@pytest.mark.parametrize(
    ("options", "form"),
    [({"bidirectional": True}, "batched"), ({}, "packed unsorted")],
    ids=["reverse", "packed"],
)
def test_final_states_read_at_the_last_step_of_output_are_refused(monkeypatch, options, form):
    """output[-1] is h_n only forward, and only where no sequence is shorter."""
    monkeypatch.setattr(tracing, "_last", lambda values, reverse, run: values[-1])

    with pytest.raises(TraceMismatchError):
        traced(nn.GRU(H_IN, H_CELL, **options), form)


def test_the_last_row_of_h_n_read_as_forward_is_refused():
    class Confused(nn.LSTM):
        def forward(self, input, hx=None):
            output, (h_n, c_n) = super().forward(input, hx)
            return output, (h_n[[1, 1]], c_n)

    with pytest.raises(TraceMismatchError) as caught:
        traced(Confused(H_IN, H_CELL, bidirectional=True))
    assert (caught.value.quantity, caught.value.direction) == ("h", 0)


def test_a_wrong_final_cell_state_is_refused():
    class Forgetful(nn.LSTM):
        def forward(self, input, hx=None):
            output, (h_n, c_n) = super().forward(input, hx)
            return output, (h_n, c_n * 0.99)

    with pytest.raises(TraceMismatchError, match="quantity c"):
        traced(Forgetful(H_IN, H_CELL))


def test_a_packed_tail_that_is_not_cut_is_refused(monkeypatch):
    monkeypatch.setattr(calling, "beyond_the_end", lambda *_: None)

    with pytest.raises(TraceMismatchError) as caught:
        traced(nn.LSTM(H_IN, H_CELL, bidirectional=True), "packed unsorted")
    assert caught.value.step >= min(LENGTHS["packed unsorted"])


def test_initial_states_with_the_batch_first_are_refused(monkeypatch):
    right_states = calling._initial_states

    def wrong(*parts):
        (h_0,) = right_states(*parts)
        return [h_0.flatten(0, 1).view(N, -1, H_CELL).transpose(0, 1).contiguous()]

    monkeypatch.setattr(calling, "_initial_states", wrong)

    with pytest.raises(TraceMismatchError):
        traced(nn.GRU(H_IN, H_CELL, num_layers=2, batch_first=True))


def test_one_unit_without_bias_cannot_tell_the_two_grus_apart(monkeypatch):
    """Why the tests above have many units: here the paper's form is the same function."""
    monkeypatch.setattr(replay, "_gru", gru_with(reset_first))
    torch.manual_seed(0)

    t = trace(nn.GRU(1, 1, bias=False), torch.randn(L, N, 1))

    assert t.max_difference <= 1e-6
