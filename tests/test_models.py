"""trace_all: every call of every recurrent layer in a model, and a model that is left as it was."""

import copy
import random
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_figures import Trace, TraceMismatchError, diagnose, gru_step, lstm_step, trace, trace_all
from rnn_figures.models import run_model
from rnn_figures.models.outputs import Outputs
from rnn_figures.models.watchers import watches
from tests.whole_models import Model


def output(found: Trace) -> torch.Tensor:
    assert isinstance(found.output, torch.Tensor)
    return found.output


class Tagger(nn.Module):
    """Two recurrent layers, one of them called twice, among layers that remember and draw."""

    def __init__(self, **options) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(5)
        self.dropout = nn.Dropout(0.5)
        self.encoder = nn.LSTM(5, 3, bidirectional=True, batch_first=True, **options)
        self.decoder = nn.ModuleDict({"rnn": nn.GRU(6, 4), "spare": nn.RNN(2, 2)})

    def forward(self, x, *, twice=True):
        x = self.norm(x.transpose(1, 2)).transpose(1, 2)
        output, (h_n, _) = self.encoder(self.dropout(x))
        first, state = self.decoder["rnn"](output.transpose(0, 1))
        output.zero_()  # a model may write into what it gave a layer
        if twice:
            self.decoder["rnn"](input=torch.ones(2, 7, 6), hx=state)
        random.random()
        np.random.rand()  # noqa: NPY002 (what models use)
        return first, h_n


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(7, 9, 5, generator=torch.Generator().manual_seed(1))


def test_every_call_of_every_layer_is_traced(x):
    model = Tagger().eval()

    traces = trace_all(model, x)

    assert {name: len(found) for name, found in traces.items()} == {
        "encoder": 1,
        "decoder.rnn": 2,
        "decoder.spare": 0,
    }
    first, h_n = model(x)
    assert torch.equal(traces["encoder"][0].h_n, h_n)
    assert torch.equal(output(traces["decoder.rnn"][0]), first)
    again = traces["decoder.rnn"][1]
    assert torch.equal(again[0, 0].h_0, traces["decoder.rnn"][0].h_n[0])
    assert again[0, 0].z.shape == (2, 7, 4)


def test_arguments_reach_the_model(x):
    assert len(trace_all(Tagger().eval(), x, twice=False)["decoder.rnn"]) == 1


def test_a_layer_is_a_model_of_its_own():
    gru = nn.GRU(5, 3)
    packed = pack_padded_sequence(torch.randn(4, 2, 5), [4, 2])
    h_0 = torch.randn(1, 2, 3)

    (found,) = trace_all(gru, packed, h_0)[""]

    expected = trace(gru, packed, h_0)[0, 0].n
    assert torch.allclose(found[0, 0].n, expected, rtol=0, atol=0, equal_nan=True)
    assert found.lengths.tolist() == [4, 2]


def test_the_model_and_all_randomness_are_as_they_were(x):
    model = Tagger().train()
    before = copy.deepcopy(model.state_dict())
    hooks = [len(module._forward_pre_hooks) for module in model.modules()]
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = torch.rand(2), random.random(), np.random.rand()  # noqa: NPY002
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002

    trace_all(model, x)

    assert torch.equal(torch.rand(2), expected[0])
    assert (random.random(), np.random.rand()) == expected[1:]  # noqa: NPY002
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not model.state_dict()["norm.num_batches_tracked"]
    assert all(module.training for module in model.modules())
    assert [len(module._forward_pre_hooks) for module in model.modules()] == hooks
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_mode_that_the_model_changes_is_put_back(x):
    model = Odd(nn.GRU(5, 3), after=lambda odd: odd.eval()).train()

    trace_all(model, x)

    assert all(module.training for module in model.modules())


def test_a_call_keeps_what_it_was_given(x):
    given = x.clone()

    def forward(m, x):
        m.rnn(x)
        x.zero_()

    (call,) = run_model(Model(forward, rnn=nn.GRU(5, 3)), [x.clone()], {}).calls

    assert isinstance(call.input, torch.Tensor)
    assert torch.equal(call.input, given)


def test_a_model_that_fails_is_left_as_it_was(x):
    model = Tagger().train()

    with pytest.raises(RuntimeError, match="running_mean"):
        trace_all(model, x[..., :4])
    with pytest.raises(TypeError):
        trace_all(model, x, thrice=True)

    assert not model.state_dict()["norm.num_batches_tracked"]
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_a_model_without_a_recurrent_layer_is_refused():
    with pytest.raises(ValueError, match=r"expected a model with an nn\.LSTM.* got Linear without"):
        trace_all(nn.Linear(5, 3), torch.zeros(1, 5))


def test_a_refused_layer_does_not_cost_the_others():
    model = Tagger(num_layers=2, dropout=0.5).train()

    traces = trace_all(model, torch.zeros(7, 9, 5))

    assert traces["encoder"] == []
    assert len(traces["decoder.rnn"]) == 2
    assert list(traces.refused) == ["encoder"]
    with pytest.raises(ValueError, match=r"submodule 'encoder': .*call module.eval\(\) first"):
        raise traces.refused["encoder"]


def test_what_a_hook_makes_of_the_output_is_refused_with_its_name(x):
    model = Tagger().eval()
    model.decoder["rnn"].register_forward_hook(lambda module, args, out: (out[0] + 1, out[1]))

    traces = trace_all(model, x)

    assert len(traces["encoder"]) == 1
    error = traces.refused["decoder.rnn"]
    assert isinstance(error, TraceMismatchError)
    assert error.expected == pytest.approx(error.actual + 1)
    assert error.__notes__ == ["in a call of submodule 'decoder.rnn'"]


class Odd(nn.Module):
    """Does to its layer, before and after the call, what the test says."""

    rnn: Any

    def __init__(self, rnn, before=lambda odd: None, after=lambda odd: None) -> None:
        super().__init__()
        self.rnn, self.before, self.after = rnn, before, after
        self.outputs: list[torch.Tensor] = []

    def forward(self, x):
        self.before(self)
        self.outputs.append(self.rnn(x)[0])
        self.after(self)
        return self.outputs[-1]


def halve(model):
    model.rnn.get_parameter("weight_hh_l0").mul_(0.5)


def test_a_call_is_traced_under_the_weights_of_its_moment(x):
    model = Odd(nn.GRU(5, 3), after=halve)

    ((found,),) = trace_all(model, x).values()

    assert torch.equal(output(found), model.outputs[0])


def test_a_layer_that_is_another_at_each_call_is_traced_as_it_was(x):
    model = Odd(nn.GRU(5, 3))
    before = model.rnn.get_parameter("weight_hh_l0").detach().clone()
    model.rnn.register_forward_pre_hook(lambda *_: halve(model))

    ((found,),) = trace_all(model, x).values()

    assert torch.equal(output(found), model.outputs[0])
    assert torch.equal(found.module.get_parameter("weight_hh_l0"), before / 2)
    assert torch.equal(model.rnn.get_parameter("weight_hh_l0"), before)  # put back


def test_dropout_that_is_switched_on_for_a_call_is_refused(x):
    lstm = nn.LSTM(5, 3, num_layers=2, dropout=0.5).eval()

    found = trace_all(Odd(lstm, lambda odd: odd.rnn.train(), lambda odd: odd.rnn.eval()), x)

    with pytest.raises(ValueError, match=r"submodule 'rnn': .*dropout=0\.5"):
        raise found.refused["rnn"]


def test_dropout_of_a_layer_that_is_not_called_is_no_matter(x):
    model = Tagger().eval()
    model.decoder["spare"] = nn.LSTM(5, 3, num_layers=2, dropout=0.5).train()

    assert trace_all(model, x)["decoder.spare"] == []


def test_autocast_of_a_call_is_kept(x):
    class Cast(Odd):
        def forward(self, x):
            with torch.autocast("cpu", torch.bfloat16):
                return super().forward(x)

    model = Cast(nn.LSTM(5, 3))

    ((found,),) = trace_all(model, x).values()

    assert output(found).dtype == model.outputs[0].dtype
    assert torch.equal(output(found), model.outputs[0])


class Counting(nn.LSTM):
    """Counts its calls, in a buffer and with every generator."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.register_buffer("count", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1).expand(5))

    def forward(self, input, hx=None):
        self.count += 1
        random.random()
        torch.rand(1)
        return super().forward(input, hx)


def test_what_a_layer_counts_is_put_back(x):
    model = nn.Sequential(Counting(5, 3))
    torch.manual_seed(3)
    random.seed(3)
    before = torch.random.get_rng_state(), random.getstate()

    trace_all(model, x)

    assert model.state_dict()["0.count"].item() == 0
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert random.getstate() == before[1]


def test_buffers_that_are_made_or_change_shape_are_put_back(x):
    def grow(odd):
        odd.rnn.count.resize_(7)
        odd.register_buffer("made", torch.ones(2), persistent=False)

    model = Odd(Counting(5, 3), after=grow)

    trace_all(model, x)

    assert dict(model.named_buffers()).keys() == {"rnn.count", "rnn.spread"}
    assert model.state_dict()["rnn.count"].tolist() == [0]
    assert not model._non_persistent_buffers_set


def test_the_error_of_a_model_stays_its_own(x):
    model = nn.Sequential(nn.LazyBatchNorm1d(), nn.GRU(5, 3), nn.Linear(3, 2))

    with pytest.raises((TypeError, AttributeError, RuntimeError), match="linear"):
        trace_all(model, x[0])


class Packing(nn.LSTM):
    """Takes its own arguments, and returns a padded output."""

    def forward(self, sequence, state=None, lengths=()):  # pyright: ignore[reportIncompatibleMethodOverride]
        packed = pack_padded_sequence(sequence, lengths, enforce_sorted=False)
        output, (h_n, _) = super().forward(packed, state)
        return pad_packed_sequence(output)[0], h_n


def test_a_subclass_may_take_what_it_likes(x):
    model = nn.ModuleDict({"rnn": Packing(5, 3)})
    lengths = [7, 4, 5, 1, 2, 3, 6, 7, 7]
    model.forward = lambda x: model["rnn"](sequence=x, lengths=lengths)

    ((found,),) = trace_all(model, x).values()

    assert found.lengths.tolist() == lengths
    assert torch.equal(found.h_n, model(x)[1])


class ByHand(nn.GRU):
    """Runs its formula itself, in steps of Python; `keep` is what it makes of z."""

    keep: Any = staticmethod(lambda z: z)

    def forward(self, input, hx=None):  # pyright: ignore[reportIncompatibleMethodOverride]
        h, outputs = torch.zeros(input.shape[1], self.hidden_size), []
        w_ih, w_hh, b_ih, b_hh = (weight.unflatten(0, (3, -1)) for weight in self.parameters())
        for x in input:
            of_x = [x @ w.T + b for w, b in zip(w_ih, b_ih, strict=True)]
            of_h = [h @ w.T + b for w, b in zip(w_hh, b_hh, strict=True)]
            r, z = ((a + b).sigmoid() for a, b in zip(of_x[:2], of_h[:2], strict=True))
            z = self.keep(z)
            h = (1 - z) * (of_x[2] + r * of_h[2]).tanh() + z * h
            outputs.append(h)
        return torch.stack(outputs), h[None]


def test_a_layer_that_runs_its_formula_by_hand_is_traced(x):
    model = nn.ModuleDict({"rnn": ByHand(5, 3)})
    model.forward = lambda x: model["rnn"](x)[0]

    ((found,),) = trace_all(model, x).values()

    assert torch.equal(output(found), model(x))
    assert found.max_difference < 1e-6


def test_a_layer_that_runs_another_formula_by_hand_is_refused(x):
    model = ByHand(5, 3)
    model.keep = lambda z: 0.9 * z

    found = trace_all(model, x)

    assert isinstance(found.refused[""], TraceMismatchError)
    assert "not traced" in repr(found)


class Shuffled(nn.LSTM):
    """Reads its rows in another order, and puts what it found back."""

    def forward(self, input, hx=None):
        order = torch.arange(input.shape[1]).flip(0)
        output, (h, c) = super().forward(input[:, order], hx)
        return output[:, order], (h[:, order], c[:, order])


def test_a_layer_that_changes_the_order_inside_is_traced_as_its_caller_sees_it(x):
    model = Shuffled(5, 3)

    ((found,),) = trace_all(model, x).values()

    assert torch.equal(output(found), model(x)[0])
    assert torch.equal(found[0, 0].x, x)


@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell])
@pytest.mark.parametrize("batch", [(4,), ()], ids=["batched", "unbatched"])
def test_a_loop_over_a_cell_is_one_trace(kind, batch):
    def loop(m, x):
        state = None
        for step in x:
            state = m.cell(step, state)
        return state

    cell, x = kind(5, 3), torch.randn(6, *batch, 5)

    (found,) = trace_all(Model(loop, cell=cell), x)["cell"]

    steps = x if batch else x[:, None]
    parameters = dict(cell.named_parameters())
    state = [torch.zeros(steps.shape[1], 3)] * (2 if kind is nn.LSTMCell else 1)
    for t, step in enumerate(steps):
        if kind is nn.LSTMCell:
            expected = lstm_step(step, *state, **parameters)
            state = [expected.h, expected.c]
        else:
            expected = gru_step(step, *state, **parameters)
            state = [expected.h]
        for letter, value in expected._asdict().items():
            assert torch.allclose(found[0, 0][letter][t], value, rtol=0, atol=1e-6)
    assert found.lengths.tolist() == [6] * steps.shape[1]


class Stepper(nn.Module):
    """Feeds its layer one step at a time; forgets the state at the steps of `resets`."""

    def __init__(self, *, resets=(), **options) -> None:
        super().__init__()
        self.rnn, self.resets = nn.LSTM(5, 3, num_layers=2, **options), resets

    def forward(self, x):
        state = None
        steps = x.unbind(1 if self.rnn.batch_first else 0)
        for t, step in enumerate(steps):
            state = None if t in self.resets else state
            _, state = self.rnn(step.unsqueeze(1 if self.rnn.batch_first else 0), state)
        return state


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_layer_that_is_fed_step_by_step_is_one_trace(batch_first, x):
    model = Stepper(batch_first=batch_first)

    (found,) = trace_all(model, x)["rnn"]

    whole = trace(model.rnn, x)
    assert torch.allclose(found[1, 0].c, whole[1, 0].c, rtol=0, atol=1e-6)
    assert output(found).shape == output(whole).shape


def test_a_state_that_starts_anew_starts_a_new_trace(x):
    found = trace_all(Stepper(resets=(0, 3)), x)["rnn"]

    assert [len(run[0, 0].h) for run in found] == [3, 4]


def test_a_state_that_is_changed_in_the_loop_starts_a_new_trace(x):
    model = Odd(nn.GRU(5, 3))

    def loop(x):
        state: Any = None
        for t, step in enumerate(x):
            _, state = model.rnn(step[None], state if t != 2 else state * 0.5)
        return state

    model.forward = loop

    assert [len(run[0, 0].h) for run in trace_all(model, x)["rnn"]] == [2, 5]


def test_weights_that_change_in_the_loop_start_a_new_trace(x):
    model = Odd(nn.GRU(5, 3))

    def loop(x):
        state: Any = None
        for t, step in enumerate(x):
            if t == 2:
                halve(model)
            _, state = model.rnn(step[None], state)
        return state

    model.forward = loop

    assert [len(run[0, 0].h) for run in trace_all(model, x)["rnn"]] == [2, 5]


def test_a_layer_called_by_its_forward_is_traced(x):
    model = Odd(nn.GRU(5, 3))
    layer = model.rnn
    model.forward = lambda x: layer.forward(x)

    assert len(trace_all(model, x)["rnn"]) == 1


def test_a_list_of_states_is_taken(x):
    state = [torch.randn(1, 9, 3), torch.randn(1, 9, 3)]

    ((found,),) = trace_all(nn.LSTM(5, 3), x, state).values()

    c_0 = found[0, 0].c_0
    assert c_0 is not None
    assert torch.equal(c_0, state[1][0])


def test_a_functional_call_is_traced_with_its_weights(x):
    model = Odd(nn.GRU(5, 3))
    zeros = {name: torch.zeros_like(value) for name, value in model.rnn.named_parameters()}
    model.forward = lambda x: torch.func.functional_call(model.rnn, zeros, (x,))

    ((found,),) = trace_all(model, x).values()

    assert not found.module.get_parameter("weight_hh_l0").any()
    assert (found[0, 0].z == 0.5).all()


def test_hooks_of_the_user_run_once(x):
    model, runs = nn.Sequential(nn.LSTM(5, 3)), []
    model[0].register_forward_hook(lambda *_: runs.append("after"))
    model[0].register_forward_pre_hook(lambda *_: runs.append("before"))

    trace_all(model, x)

    assert runs == ["before", "after"]


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
def test_a_parametrized_layer_in_training_is_traced(name, x):
    lstm = nn.LSTM(5, 3)
    getattr(nn.utils.parametrizations, name)(lstm, "weight_hh_l0")

    traces = trace_all(nn.Sequential(lstm.train()), x)

    assert len(traces["0"]) == 1
    assert not traces.refused


def test_a_scripted_part_is_named_and_left_as_it_was(x):
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                self.norm = torch.jit.script(nn.BatchNorm1d(9))
                self.scripted = torch.jit.script(nn.Sequential(nn.LSTM(5, 3)))
            self.rnn = nn.GRU(5, 3)

        def forward(self, x):
            self.rnn(self.norm(x))
            return self.scripted(x)

    model = Model().train()
    before = copy.deepcopy(model.norm.state_dict())

    traces = trace_all(model, x)

    assert len(traces["rnn"]) == 1
    assert traces.untraceable["scripted.0"].startswith("is a scripted LSTM; trace the model as it")
    assert all(torch.equal(v, before[name]) for name, v in model.norm.state_dict().items())
    assert model.norm.training
    with pytest.raises(ValueError, match="without one; submodule '0' is a scripted LSTM"):
        trace_all(model.scripted, x)


def test_a_class_that_only_looks_recurrent_is_named(x):
    class SlowLSTM(nn.Module):
        def forward(self, x):
            return x

    model = nn.Sequential(SlowLSTM(), nn.GRU(5, 3))

    assert list(trace_all(model, x).untraceable) == ["0"]
    with pytest.raises(ValueError, match=r"'0' is a SlowLSTM of its own, none of torch's"):
        trace_all(nn.Sequential(SlowLSTM()), x)


def test_inference_mode_around_is_no_matter(x):
    with torch.inference_mode():
        ((found,),) = trace_all(nn.LSTM(5, 3), x + 0).values()

    assert not found[0, 0].f.is_inference()


def test_one_model_in_four_threads(x):
    model = Tagger().eval()
    expected = trace_all(model, x)["decoder.rnn"][0].h_n

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: trace_all(model, x), range(16)))

    for traces in found:
        assert [len(traces[name]) for name in ("encoder", "decoder.rnn")] == [1, 2]
        assert torch.equal(traces["decoder.rnn"][0].h_n, expected)
    assert nn.GRU.forward.__module__ == "torch.nn.modules.rnn"
    assert "__call__" not in vars(nn.RNNBase)
    assert not hasattr(nn.GRU.forward, "__wrapped__")


@pytest.mark.filterwarnings("ignore:.*script_method.*deprecated:DeprecationWarning")
def test_a_compiled_model_runs_as_it_is_written(x):
    model = Odd(nn.GRU(5, 3))
    compiled: Any = torch.compile(model)

    traces = trace_all(compiled, x)

    assert {name: len(found) for name, found in traces.items()} == {"rnn": 1}
    assert traces.notes == (
        "torch.compile was left out for this run: the model ran as it is written.",
    )


def test_an_empty_batch_is_refused_in_a_sentence():
    refused = trace_all(nn.LSTM(5, 3), torch.zeros(8, 0, 5)).refused

    assert "expected a batch with a sequence in it, got the shape (8, 0, 5)" in str(refused[""])


def test_meta_tensors_are_refused_in_a_sentence():
    refused = trace_all(nn.LSTM(5, 3, device="meta"), torch.zeros(8, 2, 5, device="meta")).refused

    assert "expected tensors with values, got the device meta" in str(refused[""])


@pytest.mark.parametrize("value", [np.zeros((8, 2, 5), "float32"), [[1.0]]], ids=["numpy", "list"])
def test_what_is_no_tensor_is_refused_in_a_sentence(value):
    message = "expected the input of the model itself as a tensor or a PackedSequence, got a "
    with pytest.raises(TypeError, match=message):
        trace_all(nn.LSTM(5, 3), value)


def test_a_class_is_no_module():
    with pytest.raises(
        TypeError, match=r"expected model as an nn\.Module, got the class LSTM; make one first"
    ):
        trace_all(nn.LSTM, torch.zeros(1, 1, 5))  # pyright: ignore[reportArgumentType] # the mistake


def test_chains_that_run_in_turns_are_a_trace_each(x):
    def twice(m, x):
        lower, upper = torch.zeros(2, x.shape[1], 5)
        for step in x:
            lower = m.cell(step, lower)
            upper = m.cell(lower, upper)
        return upper

    lower, upper = trace_all(Model(twice, cell=nn.GRUCell(5, 5)), x)["cell"]

    assert len(lower[0, 0].h) == len(upper[0, 0].h) == len(x)
    assert torch.equal(upper[0, 0].x, lower[0, 0].h)


def test_a_generator_is_run_to_its_end(x):
    cell = nn.GRUCell(5, 3)
    model = nn.ModuleDict({"cell": cell})

    def steps(x):
        state = None
        for step in x:
            state = cell(step, state)
            yield state

    model.forward = steps

    (found,) = trace_all(model, x)["cell"]

    assert len(found[0, 0].h) == len(x)


def test_layers_that_are_no_submodules_are_traced_and_named(x):
    class Hidden(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.GRU(5, 4), nn.GRU(4, 3)]

        def forward(self, x):
            return self.layers[1](self.layers[0](x)[0])

    found = trace_all(Hidden(), x)

    assert list(found) == ["GRU outside the model", "GRU outside the model, 2"]
    assert [len(calls) for calls in found.values()] == [1, 1]
    notes = [note.check for note in diagnose(Hidden(), x).findings]
    assert notes.count("layer not registered") == 2


def test_a_model_that_calls_no_recurrent_layer_is_refused_as_one_without(x):
    with pytest.raises(ValueError, match=r"expected a model with an nn\.LSTM"):
        trace_all(nn.Linear(5, 3), x)


def test_what_cannot_be_watched_stops_no_run_and_is_said(monkeypatch):
    def fails(*_):
        raise LookupError("no such axis")

    monkeypatch.setattr(Outputs, "view", watches(torch.Tensor.view)(fails))
    model = Turned()

    verdict = diagnose(model, torch.randn(4, 6, 5))

    (skipped,) = (one for one in verdict.skipped if one.check == "what is done around the layers")
    assert "test_models.py, line" in skipped.reason
    assert "no such axis" in verdict.unsaid.replace("\n", " ")
    assert verdict.checks  # the others ran


class Turned(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(5, 3)

    def forward(self, x):
        return self.rnn(x.view(6, 4, 5))[0]


def test_a_dict_for_what_a_model_takes_by_name_is_told():
    model = nn.ModuleDict({"rnn": nn.GRU(5, 3)})
    model.forward = lambda x, scale=1: model["rnn"](x * scale)

    with pytest.raises(TypeError) as caught:
        trace_all(model, {"x": torch.zeros(8, 1, 5)})

    assert caught.value.__notes__ == ["It was given one dict; (model, **dict) gives what is in it."]
    assert len(trace_all(model, x=torch.zeros(8, 1, 5))["rnn"]) == 1


class Handed(nn.GRU):
    """A layer that lets another one answer, and makes something of it."""

    def __init__(self, *sizes: int, by: float) -> None:
        super().__init__(*sizes)
        self.other, self.by = nn.GRU(*sizes), by
        self.other.load_state_dict(self.state_dict(), strict=False)

    def forward(self, input, hx=None):
        output, h_n = self.other(input, hx)
        return output * self.by, h_n


@pytest.mark.parametrize(("by", "believed"), [(1.0, True), (1.001, False)])
def test_a_layer_that_lets_another_answer_is_held_to_its_own_weights(by, believed):
    traces = trace_all(nn.ModuleDict({"rnn": Handed(5, 3, by=by)})["rnn"], torch.randn(8, 2, 5))

    assert len(traces["other"]) == 1
    assert len(traces[""]) == believed
    assert isinstance(traces.refused.get(""), TraceMismatchError) is not believed
