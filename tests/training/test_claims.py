"""Each network trained again, fewer of them and with fewer steps: what the pages claim still holds.

A machine that rounds otherwise trains other weights. What is claimed must not depend on them.
"""

import statistics

import pytest

from rnn_figures.training import EXPERIMENTS

SEEDS = (10, 11, 12)
"""None of the seeds that are shipped."""


def measured(name: str, kind: str, steps: int) -> list[dict[str, float]]:
    """Train a kind from each seed; return what each can do, and its steps."""
    experiment = EXPERIMENTS[name]
    found = []
    for seed in SEEDS:
        network = experiment.network(kind, seed)
        losses = list(experiment.train(network, seed, steps=steps))
        found.append(experiment.measure(network) | {"steps": len(losses)})
    return found


def median(runs: list[dict[str, float]], measure: str) -> float:
    return statistics.median(run[measure] for run in runs)


@pytest.mark.slow
def test_an_lstm_counts_further_than_it_was_trained_and_the_others_less_far():
    reached = {
        kind: median(measured("counting", kind, 1000), "right up to n")
        for kind in ("RNN", "GRU", "LSTM")
    }

    assert reached["LSTM"] > 10
    assert reached["LSTM"] > reached["GRU"] > reached["RNN"]
    assert reached["RNN"] < 10


@pytest.mark.slow
def test_trained_counters_of_brackets_are_right_in_training_and_wrong_in_long_strings():
    runs = measured("brackets", "LSTM, one unit", 700)

    assert median(runs, "right at length 24") > 0.9
    assert median(runs, "right at length 200") < median(runs, "right at length 24") - 0.3
    assert all(run["right up to depth"] < 60 for run in runs)


@pytest.mark.slow
def test_the_forget_bias_decides_whether_the_first_letter_is_recalled():
    default = measured("recall", "LSTM", 400)
    opened = measured("recall", "LSTM, forget bias 3", 400)

    assert all(run["steps"] == 400 for run in default)
    assert all(run["right after 18"] < 0.5 for run in default)
    assert all(run["steps"] < 400 for run in opened)
    assert all(run["right after 18"] > 0.95 for run in opened)
    assert median(opened, "right after 240") > 0.9


@pytest.mark.slow
def test_with_a_constant_filler_the_default_start_is_slow_too():
    default = measured("recall-constant", "LSTM", 400)
    opened = measured("recall-constant", "LSTM, forget bias 3", 400)

    assert median(default, "steps") == 400
    assert median(opened, "steps") < 400
