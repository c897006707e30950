"""The networks that read source text and prose: what their pages say, from the shipped weights."""

import dataclasses
from statistics import median

import pytest
import torch

from rnn_figures import trained, trained_runs
from rnn_figures.training import EXPERIMENTS, prose, source_text
from rnn_figures.training.scores import auc, cell_states, losses, strength
from rnn_figures.training.watched import SEEN, WatchedNetwork, loss

TEXTS = {"source-text": source_text, "prose": prose}


def same_text(name):
    """Return whether this Python has the text that the record is of."""
    return trained_runs(name)[0].measured["text"] == TEXTS[name].held_out().digest


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_shipped_weights_tell_what_the_record_says(name, seed):
    truths, read = list(TEXTS[name].TRUTHS), TEXTS[name].held_out()
    known = trained_runs(name)[seed].measured
    # Another version of Python has a little different files.
    within = 2e-3 if same_text(name) else 0.05

    network = trained(name, seed=seed)

    found = auc(cell_states(network, read.symbols), read.marks)
    for column, truth in enumerate(truths):
        one = known["truths"][truth]
        assert found[one["unit"], column] == pytest.approx(one["AUC"], abs=within)
    assert losses(network, read.symbols).mean() == pytest.approx(known["loss"], abs=0.1)


@pytest.mark.parametrize("name", TEXTS)
def test_weights_of_two_seeds_are_kept_as_half_precision(name):
    network = trained(name, seed=1)

    weights = network.layer.get_parameter("weight_hh_l0")
    assert torch.equal(weights, weights.half().float())
    with pytest.raises(ValueError, match=r"expected a seed among 0, 1 of LSTM, got 2"):
        trained(name, seed=2)


def told(name, truth):
    aucs = [run.measured["truths"][truth]["AUC"] for run in trained_runs(name)]
    return [max(value, 1 - value) for value in aucs]


def test_brackets_are_told_in_every_network():
    assert min(told("source-text", "brackets")) > 0.75
    assert max(told("source-text", "brackets")) > 0.9


def test_one_unit_is_the_best_for_comments_and_for_docstrings():
    for run in trained_runs("source-text"):
        truths = run.measured["truths"]
        assert truths["comment"]["unit"] == truths["docstring"]["unit"]


def test_quotes_are_told_in_every_network_and_used_in_some():
    cuts = [run.measured["truths"]["quotes"]["unread"] for run in trained_runs("prose")]

    assert min(told("prose", "quotes")) > 0.8
    used = [cut["inside"] > 3 * cut["outside"] for cut in cuts]
    assert sum(used) == 2
    assert cuts[1]["inside"] < 0.01 < cuts[1]["outside"]


def test_sentences_need_no_training():
    read, column = prose.held_out(), list(prose.TRUTHS).index("sentence")
    fresh = EXPERIMENTS["prose"].network("LSTM", 0).eval()

    before = strength(auc(cell_states(fresh, read.symbols), read.marks))[:, column].max()

    assert before > 0.88
    assert median(told("prose", "sentence")) - before < 0.06


@pytest.mark.slow
@pytest.mark.parametrize(("name", "truth", "steps"), [
    ("source-text", "brackets", 700), ("prose", "quotes", 500)
])  # fmt: skip
def test_training_anew_finds_such_units(name, truth, steps):
    experiment, text = EXPERIMENTS[name], TEXTS[name]
    column, read, chosen = list(text.TRUTHS).index(truth), text.held_out(), text.chosen_on()
    best, before = [], []
    for seed in (10, 11, 12):
        network = experiment.network("LSTM", seed)
        for measured in (before, best):
            states = strength(auc(cell_states(network, chosen.symbols), chosen.marks))
            unit = states[:, column].argmax()
            found = strength(auc(cell_states(network, read.symbols), read.marks))
            measured.append(found[unit, column])
            if measured is before:
                list(experiment.train(network, seed, steps=steps))

    assert median(best) > 0.7
    assert all(after > fresh + 0.05 for after, fresh in zip(best, before, strict=True))


@pytest.mark.slow
def test_a_gate_that_starts_half_shut_is_opened_by_training():
    experiment = dataclasses.replace(EXPERIMENTS["watched"])
    opened = []
    for seed in (10, 11, 12):
        network = experiment.network("LSTM, forget bias 0", seed)
        list(experiment.train(network, seed))
        network.eval()
        assert isinstance(network, WatchedNetwork)
        with torch.no_grad():
            first, second = (network.layer.get_parameter(f"bias_{of}_l0") for of in ("ih", "hh"))
            bias = first + second
        opened.append(float(bias[2:4].max().sigmoid()))
        assert loss(network) < 0.22 < loss(network.after(SEEN[0]))

    assert median(opened) > 0.6
