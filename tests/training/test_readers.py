"""The networks that read source text and prose: what their pages say, from the shipped weights."""

from statistics import median

import pytest
import torch

from rnn_figures import trained, trained_runs
from rnn_figures.training import EXPERIMENTS, prose, source_text
from rnn_figures.training.scores import auc, cell_states, losses, strength

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

    told = [known["truths"][truth] for truth in truths]
    states = cell_states(network, read.symbols)[..., [one["unit"] for one in told]]
    found = auc(states, read.marks).diagonal()
    assert found == pytest.approx([one["AUC"] for one in told], abs=within)
    assert losses(network, read.symbols).mean() == pytest.approx(known["loss"], abs=0.1)


@pytest.mark.parametrize("name", TEXTS)
def test_weights_of_two_seeds_are_kept_as_half_precision(name):
    network = trained(name, seed=1)

    weights = network.layer.get_parameter("weight_hh_l0")
    assert torch.equal(weights, weights.half().float())
    with pytest.raises(ValueError, match=r"expected a seed among 0, 1 of LSTM, got 2"):
        trained(name, seed=2)


def strengths(name, truth):
    aucs = [run.measured["truths"][truth]["AUC"] for run in trained_runs(name)]
    return [max(value, 1 - value) for value in aucs]


def test_brackets_are_told_in_every_network():
    assert min(strengths("source-text", "brackets")) > 0.75
    assert max(strengths("source-text", "brackets")) > 0.9


def test_one_unit_is_the_best_for_comments_and_for_docstrings():
    for run in trained_runs("source-text"):
        truths = run.measured["truths"]
        assert truths["comment"]["unit"] == truths["docstring"]["unit"]


def test_quotes_are_told_in_every_network_and_used_in_some():
    cuts = [run.measured["truths"]["quotes"]["unread"] for run in trained_runs("prose")]

    assert min(strengths("prose", "quotes")) > 0.8
    used = [cut["inside"] > 3 * cut["outside"] for cut in cuts]
    assert sum(used) == 2
    assert cuts[1]["inside"] < 0.01 < cuts[1]["outside"]


def test_sentences_need_no_training():
    read, column = prose.held_out(), list(prose.TRUTHS).index("sentence")
    fresh = EXPERIMENTS["prose"].network("LSTM", 0).eval()

    before = strength(auc(cell_states(fresh, read.symbols), read.marks))[:, column].max()

    assert before > 0.88
    assert median(strengths("prose", "sentence")) - before < 0.06
