import importlib.metadata
import math
import pickle
import re

import numpy as np
import pytest
import torch

from rnn_figures.proofs import Comparison, Proof, ProofError, adds_up, compare, together

TORCH = importlib.metadata.version("torch").partition("+")[0]


@pytest.mark.parametrize(
    ("shown", "given", "values"),
    [
        (1.5, 1.5, 1),
        (torch.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3), 6),
        ([1.0, 2], torch.tensor([1.0, 2.0]), 2),
        (torch.tensor([0.5], dtype=torch.bfloat16), [0.5], 1),
        (torch.tensor([True, False]), torch.tensor([True, False]), 2),
        ("output[-1]", "output[-1]", 1),
        (None, None, 1),
        (True, True, 1),
        (np.True_, True, 1),
        ((8, 1, 3), torch.Size([8, 1, 3]), 1),
        ((), torch.Size([]), 1),
        (["a", (2, 3), 0.5], ("a", (2, 3), 0.5), 3),
        ({"i": [0.5, 1.0], "f": "x"}, {"i": torch.tensor([0.5, 1.0]), "f": "x"}, 3),
        ([[1.0], [2.0, 3.0]], [torch.tensor([1.0]), torch.tensor([2.0, 3.0])], 3),
        (math.nan, torch.tensor(math.nan), 1),
        ([math.inf, -math.inf], torch.tensor([math.inf, -math.inf]), 2),
    ],
)
def test_compare_counts_what_is_the_same(shown, given, values):
    assert compare("it", shown, given) == Comparison(0.0, values, 0)


@pytest.mark.parametrize(
    ("shown", "given", "message"),
    [
        (0.25, 0.5, "it: expected 0.5, got 0.25: a difference of 2.5e-01 (allowed 0e+00)"),
        ([[1, 2], [3, 9]], [[1.0, 2.0], [3.0, 4.0]], "it[1][1]: expected 4, got 9: "),
        (torch.ones(2, 3), torch.ones(3, 2), "shape of it: expected (3, 2), got (2, 3)"),
        (torch.ones(1), 1.0, "shape of it: expected (), got (1,)"),
        ((8, 1), (8, 1, 3), "it: expected (8, 1, 3), got (8, 1)"),
        ("h_n[1]", "h_n[0]", "it: expected 'h_n[0]', got 'h_n[1]'"),
        (0.5, "h", "it: expected 'h', got 0.5"),
        ("h", 0.5, "it: expected 0.5, got 'h'"),
        (False, True, "it: expected True, got False"),
        (0.0, None, "it: expected None, got 0.0"),
        (["a"], ["a", "b"], "it: expected ['a', 'b'], got ['a']"),
        (3, ["a"], "it: expected ['a'], got 3"),
        (["a", "c"], ["a", "b"], "it[1]: expected 'b', got 'c'"),
        ({"i": 1.0, "o": 2.0}, {"i": 1.0, "f": 2.0}, "keys of it: expected ['i', 'f'], got ["),
        ([1.0], {"i": 1.0}, "it: expected {'i': 1.0}, got [1.0]"),
        ({"i": 1.0}, {"i": 1.5}, "it['i']: expected 1.5, got 1"),
        (math.nan, 1.0, "it: expected 1, got nan: a difference of nan"),
        (1.0, math.nan, "it: expected nan, got 1"),
        (math.inf, -math.inf, "it: expected -inf, got inf: a difference of inf"),
        (1e308, -1e308, "a difference of inf"),
    ],
)
def test_compare_refuses_what_differs_and_says_where(shown, given, message):
    with pytest.raises(ProofError, match=re.escape(message)):
        compare("it", shown, given)


def test_compare_names_the_worst_and_counts_the_wrong():
    given = torch.zeros(2, 3, dtype=torch.float64)
    shown = given.clone()
    shown[0, 1], shown[1, 2], shown[1, 0] = 0.2, -0.4, 0.01

    expected = (
        "h[1, 2]: expected 0, got -0.4: a difference of 4.0e-01 (allowed 5e-02); "
        "2 of 6 values differ by more than that"
    )
    with pytest.raises(ProofError, match=f"^{re.escape(expected)}$"):
        compare("h", shown, given, within=0.05)


def test_compare_within_returns_the_largest_difference_of_all_parts():
    found = compare("it", [[1.0, "a"], [2.25, 3.125]], [[1.0, "a"], [2.0, 3.0]], within=0.25)

    assert found == Comparison(0.25, 4)


@pytest.mark.parametrize("nothing", [[], {}, torch.ones(0, 3), [[], []]])
def test_compare_refuses_to_compare_nothing(nothing):
    with pytest.raises(ValueError, match="to compare"):
        compare("it", nothing, nothing)


def test_adds_up_compares_the_sum_with_the_total():
    parts = torch.tensor([[1.0, 2.0], [0.5, 0.25]])

    assert adds_up("c", parts, [1.5, 2.25], within=0.0) == Comparison(0.0, 2)
    assert adds_up("c", iter(parts), [1.5, 2.5], within=0.25) == Comparison(0.25, 2)


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ([[1.0, 2.0], [0.5, 0.5]], ProofError, "sum of the parts of c[1]: expected 2.25, got 2.5"),
        ([[1.0, 2.0], 0.25], ProofError, "shape of part 1 of c: expected (2,), got ()"),
        ([], ValueError, "c: expected parts to add up, got none"),
    ],
)
def test_adds_up_refuses_parts_that_do_not(parts, error, message):
    with pytest.raises(error, match=re.escape(message)):
        adds_up("c", parts, [1.5, 2.25], within=0.0)


def test_together_takes_the_largest_difference_and_adds_the_counts():
    assert together([Comparison(0.5, 3), Comparison(0.25, 4, 2)]) == Comparison(0.5, 7, 2)


def test_proof_cannot_exist_without_a_comparison():
    with pytest.raises(ValueError, match="expected something to compare, got nothing"):
        Proof("equal to nn.LSTM")


@pytest.mark.parametrize("claim", ["equal", True, 0.0, None, (0.0, 1)])
def test_proof_takes_no_claim_for_a_comparison(claim):
    with pytest.raises(TypeError, match="expected what `compare` returned, or a Proof"):
        Proof("equal to nn.LSTM", claim)


@pytest.mark.parametrize(("difference", "size"), [(0.0, "exactly"), (6.1e-8, "to 6e-08")])
def test_proof_says_what_on_which_torch_and_how_far_apart(difference, size):
    proof = Proof("equal to nn.LSTM", compare("h", difference, 0.0, within=1e-6))

    assert str(proof) == f"equal to nn.LSTM, torch {TORCH}, {size}"
    assert repr(proof) == f"Proof('{proof}')"
    assert proof.holds


def test_proof_includes_other_proofs():
    first = Proof("equal to nn.LSTM", Comparison(0.5, 3), Comparison(0.0, 1))

    both = Proof("equal to nn.LSTM; the ends equal h_n", first, Comparison(0.25, 2))

    assert (both.max_difference, both.values, both.unchecked) == (0.5, 6, 0)


def test_proof_that_leaves_something_unchecked_does_not_hold():
    part = Proof("equal to nn.GRU", Comparison(0.0, 3, 2))

    whole = Proof("equal to nn.GRU", Comparison(0.0, 5), part)

    assert not whole.holds
    assert str(whole).endswith(
        ", exactly; 2 more values could not be checked: rounding there is larger than a mistake "
        "would be"
    )


def test_proof_of_no_values_does_not_hold():
    proof = Proof("equal to nn.GRU", Comparison(0.0, 0))

    assert not proof.holds
    assert str(proof).endswith(", but there was no value to compare")


def test_proof_survives_pickle():
    proof = Proof("equal to nn.GRU", Comparison(0.5, 3, 1))

    assert str(pickle.loads(pickle.dumps(proof))) == str(proof)
