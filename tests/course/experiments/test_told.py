import dataclasses

import numpy as np
import pytest

from rnn_figures import trained_runs
from rnn_figures.course import told_table
from rnn_figures.course.experiments import told
from rnn_figures.proofs import ProofError
from rnn_figures.training.prose import TRUTHS, held_out


@pytest.fixture(scope="module")
def table():
    return told_table("prose", held_out(), TRUTHS)


def test_told_table_has_the_median_and_the_range_of_the_record(table):
    for row, truth in zip(table, TRUTHS, strict=True):
        aucs = [run.measured["truths"][truth]["AUC"] for run in trained_runs("prose")]
        tells = [max(value, 1 - value) for value in aucs]

        assert row["truth"] == truth
        assert row["best unit"] == (f"{np.median(tells):.2f} ({min(tells):.2f}–{max(tells):.2f})")


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
