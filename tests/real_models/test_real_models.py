"""Models of other people, as they are: every recurrent layer traced and checked, no false alarm."""

import pytest
import torch

from rnn_figures import explain, trace_all
from rnn_figures.models import run_model
from rnn_figures.verdict import judge
from tests.real_models.zoo import MODELS, one

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of those packages
    pytest.mark.parametrize("name", MODELS),
]


def test_every_layer_is_traced_and_checked(name):
    _, layers, calls = MODELS[name]
    real = one(name)

    traces = trace_all(real.model, *real.args, **real.kwargs)

    assert len(traces) == layers
    assert sum(map(len, traces.values())) == calls
    assert traces.refused == {}
    for found in traces.values():
        for each in found:
            assert each.proof.values > 0
            assert each.unchecked == 0


def test_a_model_that_was_made_well_raises_no_alarm(name):
    real = one(name)

    verdict = judge(run_model(real.model, real.args, real.kwargs, readers=True))

    assert verdict.alarms == ()


def test_the_model_is_as_it_was(name):
    real = one(name)
    before = {key: value.clone() for key, value in real.model.state_dict().items()}

    trace_all(real.model, *real.args, **real.kwargs)

    after = real.model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[key], value) for key, value in before.items())


def test_a_report_is_written(name, tmp_path):
    real = one(name)

    path = explain(real.model, *real.args, path=tmp_path / "a.html", **real.kwargs)

    assert "nothing found" in path.read_text("utf-8")
    assert path.stat().st_size < 5e6
