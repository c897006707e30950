"""The networks that read source text and prose, trained again: what their pages claim still holds.

Three networks of 800 and 600 steps take about three minutes of one core.
"""

from statistics import median

import pytest

from rnn_figures.training import EXPERIMENTS, prose, source_text
from rnn_figures.training.scores import auc, cell_states, losses, strength
from tests.training.anew import SEEDS, Anew, anew

pytestmark = pytest.mark.slow

TEXTS = {"source-text": source_text, "prose": prose}


def told(name: str, truth: str) -> list[float]:
    aucs = [run.measured["truths"][truth]["AUC"] for run in anew(name)]
    return [max(value, 1 - value) for value in aucs]


def fresh(name: str, truth: str) -> list[float]:
    """Return what the best unit tells before training, chosen on the very text it is tried on."""
    read, column = TEXTS[name].held_out(), list(TEXTS[name].TRUTHS).index(truth)
    networks = [EXPERIMENTS[name].network("LSTM", seed).eval() for seed in SEEDS]
    marks = read.marks[..., [column]]
    return [strength(auc(cell_states(one, read.symbols), marks)).max() for one in networks]


def added(runs: list[Anew], truth: str, cut: str) -> list[tuple[float, float, float]]:
    """Return what a cut adds inside, outside, and inside without the worst of the other units."""
    cuts = [run.measured["truths"][truth][cut] for run in runs]
    return [(one["inside"], one["outside"], max(one["others inside"])) for one in cuts]


# source-text.md


def test_some_unit_tells_brackets_in_every_network():
    pairs = zip(told("source-text", "brackets"), fresh("source-text", "brackets"), strict=True)

    assert all(trained > before + 0.05 for trained, before in pairs)
    assert median(told("source-text", "brackets")) > 0.7


@pytest.mark.parametrize("truth", ["comment", "docstring"])
def test_what_training_adds_for_comments_and_docstrings_is_more_than_nothing(truth):
    assert median(told("source-text", truth)) > median(fresh("source-text", truth)) + 0.03


def test_one_unit_is_the_best_for_comments_and_docstrings_in_most_networks():
    truths = [run.measured["truths"] for run in anew("source-text")]

    same = [one["comment"]["unit"] == one["docstring"]["unit"] for one in truths]
    assert sum(same) >= 2


def test_in_some_networks_no_unit_tells_strings_or_indentation_better_than_a_fresh_one():
    for truth in ("string", "indent"):
        pairs = zip(told("source-text", truth), fresh("source-text", truth), strict=True)
        assert any(trained < before for trained, before in pairs)


def test_marks_of_elsewhere_are_harder_to_beat_than_shuffled_ones():
    for run in anew("source-text"):
        one = run.measured["truths"]["string"]
        assert one["elsewhere"] > one["shuffled"]


def test_the_loss_is_no_higher_far_beyond_the_length_of_training():
    for run in anew("source-text"):
        by_step = losses(run.network, source_text.held_out().symbols).mean(axis=1)
        assert by_step[3000:].mean() < by_step[:240].mean()


def test_a_unit_that_tells_brackets_is_seldom_what_the_network_rests_on():
    cuts = added(anew("source-text"), "brackets", "held at zero")

    rests = [inside > 2 * max(outside, 0.0) and inside > others for inside, outside, others in cuts]
    assert sum(rests) <= 1
    assert any(outside > inside for inside, outside, _ in cuts)


# prose.md


def test_some_unit_tells_quotes_in_every_network_and_training_adds_most_there():
    assert min(told("prose", "quotes")) > 0.8
    gained = {
        truth: median(told("prose", truth)) - median(fresh("prose", truth))
        for truth in ("quotes", "parentheses", "sentence", "indent")
    }

    assert max(gained, key=gained.__getitem__) == "quotes"
    assert gained["quotes"] > 2 * max(gained["sentence"], gained["indent"])


def test_sentences_need_little_training():
    assert min(fresh("prose", "sentence")) > 0.85
    assert median(told("prose", "sentence")) - median(fresh("prose", "sentence")) < 0.1


def test_some_network_goes_by_its_unit_for_quotes():
    cuts = added(anew("prose"), "quotes", "unread")

    assert any(
        inside > 4 * max(outside, 0.0) and inside > others for inside, outside, others in cuts
    )


def test_the_prose_is_partly_learned_by_heart():
    assert all(run.measured["loss"] > run.loss + 0.1 for run in anew("prose"))
