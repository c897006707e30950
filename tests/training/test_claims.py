"""Each network trained again, fewer of them and with fewer steps: what the pages claim still holds.

A machine that rounds otherwise trains other weights. What is claimed must not depend on them. A
section for each page, in the order of the site; those that read texts have a file of their own.
"""

import itertools
import math
from statistics import median

import pytest
import torch

from rnn_figures.traces import trace
from rnn_figures.training.brackets import by_hand, measure
from rnn_figures.training.watched import SEEN, WatchedNetwork, loss
from tests.training.anew import STEPS, Anew, anew

pytestmark = pytest.mark.slow

BETWEEN = "xzzywxyywzxxwyzwyx"
"""What stands between the letter and the question on the page of recall."""


def middle(runs: list[Anew], what: str) -> float:
    return median(run.measured[what] for run in runs)


def read(run: Anew, text: str):
    return trace(run.network.layer, run.network.inputs(text))[0, 0]


# counting.md


def test_an_lstm_counts_further_than_it_was_trained_and_the_others_less_far():
    reached = {
        kind: middle(anew("counting", kind), "right up to n") for kind in ("RNN", "GRU", "LSTM")
    }

    assert reached["LSTM"] > 10
    assert reached["LSTM"] > reached["GRU"] > reached["RNN"]


def test_no_rnn_learns_its_ten_strings_and_no_lstm_is_exact():
    assert all(run.measured["right up to n"] < 10 for run in anew("counting", "RNN"))
    assert all(10 < run.measured["right up to n"] < 250 for run in anew("counting", "LSTM"))


def test_the_state_of_a_gru_and_an_rnn_stands_still_where_that_of_an_lstm_goes_on():
    moved = {}
    for kind in ("RNN", "GRU", "LSTM"):
        state = [
            read(run, "$" + "a" * 40)["c" if kind == "LSTM" else "h"][:, 0]
            for run in anew("counting", kind)
        ]
        moved[kind] = [(one[40] - one[39]).abs().max().item() for one in state]

    assert max(*moved["RNN"], *moved["GRU"]) < 0.01
    assert min(moved["LSTM"]) > 0.1


def test_the_loss_does_not_say_where_an_lstm_stops():
    pairs = itertools.combinations(anew("counting"), 2)

    assert any(
        abs(one.loss - other.loss) < 0.002
        and max(one.measured["right up to n"], other.measured["right up to n"])
        > 1.5 * min(one.measured["right up to n"], other.measured["right up to n"])
        for one, other in pairs
    )


def test_the_end_is_said_after_as_many_b_whatever_comes_then():
    for run in anew("counting"):
        assert run.network.best("$aaaabbbbbb")[5:9] == ["b", "b", "b", "$"]


# brackets.md


def test_trained_counters_of_brackets_are_right_in_training_and_wrong_in_long_strings():
    for kind in ("RNN", "GRU", "LSTM", "LSTM, one unit"):
        runs = anew("brackets", kind)
        assert middle(runs, "right at length 200") <= 0.5
        assert middle(runs, "right at length 200") < middle(runs, "right at length 24") - 0.3
        assert all(run.measured["right up to depth"] < 60 for run in runs)
    assert all(run.measured["right at length 24"] > 0.99 for run in anew("brackets", "LSTM"))
    assert measure(by_hand())["right at length 200"] == 1


def test_a_counter_of_one_unit_moves_both_ways_by_steps_that_are_not_one():
    for run in anew("brackets", "LSTM, one unit"):
        moves = read(run, "(" * 10 + ")" * 10).c[:, 0, 0].diff()
        up, down = moves[:9] * moves[0].sign(), moves[9:] * moves[0].sign()

        assert (up > 0).all()
        assert (down < 0).all()
        assert (moves.abs() - 1).abs().max() > 0.01
        assert down.abs().mean() > up.mean()


def test_the_forget_gate_shuts_where_a_bracket_opens_after_all_were_closed():
    for run in anew("brackets", "LSTM, one unit"):
        f = read(run, "(()((()))())(()((())()))").f[:, 0, 0]

        assert f[12] < 0.7 * (f.sum() - f[12]) / 23


# recall.md


def test_the_forget_bias_decides_whether_the_first_letter_is_recalled():
    default, opened = anew("recall"), anew("recall", "LSTM, forget bias 3")

    assert all(run.steps == STEPS["recall"] for run in default)
    assert all(run.measured["right after 18"] < 0.5 for run in default)
    assert all(abs(run.loss - math.log(4)) < 0.05 for run in default)
    assert all(run.steps < STEPS["recall"] for run in opened)
    assert all(run.measured["right after 18"] > 0.95 for run in opened)
    assert middle(opened, "right after 240") > 0.9


def test_a_forget_bias_of_one_comes_between_and_every_gru_learns_it():
    shares = {
        kind: middle(anew("recall", kind), "right after 18")
        for kind in ("LSTM", "LSTM, forget bias 1")
    }

    assert shares["LSTM"] < 0.4 < shares["LSTM, forget bias 1"]
    assert all(run.steps < STEPS["recall"] for run in anew("recall", "GRU"))


def test_an_rnn_that_recalls_does_so_after_its_own_length_alone():
    learned = [run for run in anew("recall", "RNN") if run.steps < STEPS["recall"]]

    assert learned
    assert all(run.measured["right after 18"] > 0.95 for run in learned)
    assert all(run.measured["right after 30"] < 0.3 for run in learned)


def test_who_is_right_half_of_the_time_tells_groups_of_letters_apart():
    for kind in ("RNN", "LSTM, forget bias 1"):
        for run in anew("recall", kind):
            said = {run.network.best(f"{letter}{BETWEEN}?")[-1] for letter in "abcd"}
            assert len(said) >= 2
            assert (len(said) == 4) == (run.measured["right after 18"] > 0.95)


def test_who_keeps_the_letter_has_a_gate_that_stays_open_and_four_states():
    for kind, keeps in (("LSTM", False), ("LSTM, forget bias 3", True)):
        for run in anew("recall", kind):
            kept = read(run, f"b{BETWEEN}?").f[1:19, 0].prod(dim=0).max().item()
            states = torch.stack([read(run, f"{one}{BETWEEN}?").c[-1, 0] for one in "abcd"])
            apart = torch.pdist(states).min().item()

            assert (kept > 0.5) == keeps
            assert (apart > 1) == keeps
            assert (apart < 1e-4) == (not keeps)


def test_with_a_constant_filler_the_default_start_is_slow_too():
    default, opened = anew("recall-constant"), anew("recall-constant", "LSTM, forget bias 3")

    assert all(run.steps == STEPS["recall-constant"] for run in default)
    assert median(run.steps for run in opened) < STEPS["recall-constant"]


# training-watched.md


def watched(bias: int) -> list[WatchedNetwork]:
    networks = [run.network for run in anew("watched", f"LSTM, forget bias {bias}")]
    return [network for network in networks if isinstance(network, WatchedNetwork)]


def test_a_gate_that_starts_half_shut_is_opened_by_training():
    opened = []
    for run in anew("watched", "LSTM, forget bias 0"):
        part = read(run, "$" + "a" * 8 + "b" * 8)
        c, f = part.c[:, 0], part.f[:, 0]
        counts = (c.amax(dim=0) - c.amin(dim=0)).argmax()
        opened.append(f[:, counts].mean().item())

    assert median(opened) > 0.9


def test_the_loss_begins_at_guessing_among_three_and_comes_to_its_floor():
    for network in (*watched(0), *watched(3)):
        assert loss(network) < 0.25
        assert abs(loss(network.after(0)) - math.log(3)) < 0.4


def test_an_open_gate_at_the_start_brings_little_where_every_b_is_asked_for():
    first = {
        bias: median(
            next(steps for steps in SEEN if loss(network.after(steps)) < 0.25)
            for network in watched(bias)
        )
        for bias in (0, 3)
    }
    reached = {
        bias: middle(anew("watched", f"LSTM, forget bias {bias}"), "right up to n")
        for bias in (0, 3)
    }

    assert 0.5 < first[3] / first[0] < 2
    assert reached[3] < 2 * reached[0]
