"""trace_all: every call of every recurrent layer in a model, and a model that is left as it was."""

import copy
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import TraceMismatchError, trace, trace_all


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
    assert torch.equal(traces["decoder.rnn"][0].output, first)
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
    assert int(model.norm.num_batches_tracked) == 0
    assert all(module.training for module in model.modules())
    assert [len(module._forward_pre_hooks) for module in model.modules()] == hooks
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_model_that_fails_is_left_as_it_was(x):
    model = Tagger().train()

    with pytest.raises(RuntimeError, match="running_mean"):
        trace_all(model, x[..., :4])
    with pytest.raises(TypeError):
        trace_all(model, x, thrice=True)

    assert int(model.norm.num_batches_tracked) == 0
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

    assert caught.value.__notes__ == [
        "call 1 of the model's recurrent layers, of submodule 'decoder.rnn'"
    ]
