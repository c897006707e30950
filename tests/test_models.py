"""trace_all: every call of every recurrent layer in a model, and a model that is left as it was."""

import copy
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import Trace, TraceMismatchError, trace, trace_all
from rnn_figures.models import calls


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

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(5, 3)

        def forward(self, x):
            self.rnn(x)
            x.zero_()

    (call,) = calls(Model(), x.clone())

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


def test_active_dropout_between_layers_is_refused_by_name():
    model = Tagger(num_layers=2, dropout=0.5).train()

    with pytest.raises(ValueError, match=r"submodule 'encoder': .*call module.eval\(\) first"):
        trace_all(model, torch.zeros(7, 9, 5))


def test_a_mismatch_says_whose_it_is(x):
    model = Tagger().eval()
    model.decoder["rnn"].register_forward_hook(lambda module, args, out: (out[0] + 1, out[1]))

    with pytest.raises(TraceMismatchError) as caught:
        trace_all(model, x)

    assert caught.value.__notes__ == ["in a call of submodule 'decoder.rnn'"]


class Odd(nn.Module):
    """Does to its layer, before and after the call, what the test says."""

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
    model.rnn.weight_hh_l0.mul_(0.5)


def test_a_call_is_traced_under_the_weights_of_its_moment(x):
    model = Odd(nn.GRU(5, 3), after=halve)

    ((found,),) = trace_all(model, x).values()

    assert torch.equal(output(found), model.outputs[0])


def test_a_layer_that_is_another_at_each_call_is_refused(x):
    model = Odd(nn.GRU(5, 3))
    model.rnn.register_forward_pre_hook(lambda *_: halve(model))

    with pytest.raises(TraceMismatchError, match="quantity h"):
        trace_all(model, x)


def test_dropout_that_is_switched_on_for_a_call_is_refused(x):
    lstm = nn.LSTM(5, 3, num_layers=2, dropout=0.5).eval()

    with pytest.raises(ValueError, match=r"submodule 'rnn': .*dropout=0\.5"):
        trace_all(Odd(lstm, lambda odd: odd.rnn.train(), lambda odd: odd.rnn.eval()), x)


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


def test_a_subclass_that_takes_other_arguments_is_refused(x):
    class Packing(nn.LSTM):
        def forward(self, sequence, lengths):  # pyright: ignore[reportIncompatibleMethodOverride]
            return super().forward(sequence)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = Packing(5, 3)

        def forward(self, x):
            return self.rnn(x, [7])

    message = r"submodule 'rnn' is a Packing whose forward takes \(sequence, lengths\), expected"
    with pytest.raises(ValueError, match=message):
        trace_all(Model(), x)


def test_a_class_is_no_module():
    with pytest.raises(TypeError, match=r"expected an nn\.Module, got <class .*>; make one first"):
        trace_all(nn.LSTM, torch.zeros(1, 1, 5))  # pyright: ignore[reportArgumentType] # the mistake
