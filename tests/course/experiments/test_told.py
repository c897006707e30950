import dataclasses

import numpy as np
import pytest

from rnn_figures import trained_runs
from rnn_figures.course import told_table
from rnn_figures.course.experiments import told
from rnn_figures.proofs import ProofError
from rnn_figures.training import EXPERIMENTS
from rnn_figures.training.prose import TRUTHS, held_out


@pytest.fixture(scope="module", autouse=True)
def fresh():
    """What fresh networks give, without reading the text with each: the site's build does that."""
    strengths = [0.11 + seed / 10 for seed in range(EXPERIMENTS["prose"].seeds)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            told, "_highest", lambda name, seed, read: np.full(len(TRUTHS), strengths[seed])
        )
        yield strengths


@pytest.fixture(scope="module")
def table(fresh):
    return told_table("prose", held_out(), TRUTHS)


def test_told_table_has_the_median_and_the_range_of_the_record(table, fresh):
    for row, truth in zip(table, TRUTHS, strict=True):
        aucs = [run.measured["truths"][truth]["AUC"] for run in trained_runs("prose")]
        tells = [max(value, 1 - value) for value in aucs]

        assert row["truth"] == truth
        assert row["best unit"] == (f"{np.median(tells):.2f} ({min(tells):.2f}–{max(tells):.2f})")
        assert row["fresh"] == f"{np.median(fresh):.2f} ({min(fresh):.2f}–{max(fresh):.2f})"


@pytest.mark.skipif(
    trained_runs("prose")[0].measured["text"] != held_out().digest,
    reason="this Python has other texts than the one that the networks were recorded with",
)
def test_kept_networks_are_measured_again(table, monkeypatch):
    assert table.checked.startswith("the seeds whose weights are kept, measured again: equal")

    right = told.auc
    monkeypatch.setattr(told, "auc", lambda *a: right(*a) * 0.99)
    with pytest.raises(ProofError, match="AUC of seed 0"):
        told_table("prose", held_out(), TRUTHS)


def test_another_text_than_the_record_s_has_no_tick(monkeypatch):
    def of_another_text(name):
        return [
            dataclasses.replace(run, measured={**run.measured, "text": "other"})
            for run in trained_runs(name)
        ]

    monkeypatch.setattr(told, "trained_runs", of_another_text)
    table = told_table("prose", held_out(), TRUTHS)

    assert table.proof is None
    assert table.alt.endswith("This Python's files are others than those of the record.")
