import hashlib
import json

import pytest
import safetensors.torch
import torch

from rnn_figures import trained, trained_runs
from rnn_figures.training import EXPERIMENTS
from rnn_figures.training.stored import SHIPPED, record

NAMES = sorted(path.stem for path in SHIPPED.glob("*.json"))


def test_every_experiment_is_shipped():
    assert sorted(EXPERIMENTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_of_these_weights_and_this_experiment(name):
    known, experiment = record(name), EXPERIMENTS[name]
    weights = (SHIPPED / f"{name}.safetensors").read_bytes()

    assert known["weights"] == hashlib.sha256(weights).hexdigest()
    assert known["question"] == experiment.question
    assert known["command"].startswith(f"rnn-figures train {name} ")
    assert {"python", "torch"} <= known["versions"].keys()
    assert [(run["kind"], run["seed"]) for run in known["runs"]] == [
        (kind, seed) for kind in experiment.kinds for seed in range(experiment.seeds)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_shipped_weights_are_small(name):
    assert (SHIPPED / f"{name}.safetensors").stat().st_size < 250_000


def test_trained_is_a_live_module_with_the_weights_of_the_file():
    network = trained("counting", "GRU", 1)

    tensors = safetensors.torch.load((SHIPPED / "counting.safetensors").read_bytes())
    assert isinstance(network.layer, torch.nn.GRU)
    for name, value in network.state_dict().items():
        assert torch.equal(value, tensors[f"GRU/1/{name}"].float())
    assert trained("counting", "GRU", 1) is not network  # a caller's own


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("juggling",), r"expected an experiment among counting, .*, got 'juggling'"),
        (("counting", "LSTN"), "expected a kind among RNN; GRU; LSTM, got 'LSTN'"),
        (("counting", "LSTM", 99), r"expected a seed among 0, 1, .* of LSTM, got 99"),
    ],
)
def test_trained_names_what_there_is(arguments, message):
    with pytest.raises(ValueError, match=message):
        trained(*arguments)


def test_trained_runs_are_those_of_a_kind():
    runs = trained_runs("counting", "RNN")

    assert {run.kind for run in runs} == {"RNN"}
    assert len(trained_runs("counting")) == 3 * len(runs)


def test_records_are_read_as_they_are_written():
    text = (SHIPPED / "counting.json").read_text(encoding="utf-8")

    assert text == json.dumps(record("counting"), indent=1, ensure_ascii=False) + "\n"
