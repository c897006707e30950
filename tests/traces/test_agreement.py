import math
import pickle

import pytest
import torch

from rnn_figures import TraceMismatchError
from rnn_figures.proofs import Comparison
from rnn_figures.traces.agreement import TOLERANCE, agree, rounding

EXPECTED = torch.tensor([[0.5, -0.25, 100.0], [0.0, 1.0, -3.0]], dtype=torch.float64)


def located(index):
    """Return an index as a layer, a direction and a step, to see which was asked for."""
    return "h", index[0], 0, index[1]


def no_slack():
    return 0.0


def unasked():
    raise AssertionError("rounding was asked for")


def changed(index, by):
    actual = EXPECTED.clone()
    actual[index] += by
    return actual


def test_agree_finds_the_same_numbers_the_same():
    assert agree(EXPECTED.clone(), EXPECTED, unasked, located) == Comparison(0.0, 6)


def test_agree_asks_for_no_rounding_within_the_tolerance():
    found = agree(changed((1, 1), 5e-13), EXPECTED, unasked, located)

    assert found.max_difference == pytest.approx(5e-13, rel=1e-3)


def test_agree_allows_a_large_value_as_much_in_proportion():
    assert agree(changed((0, 2), 9e-11), EXPECTED, no_slack, located).values == 6
    with pytest.raises(TraceMismatchError):
        agree(changed((0, 0), 9e-11), EXPECTED, no_slack, located)


def test_agree_allows_what_rounding_adds_up_to():
    actual = changed((0, 0), 1e-9)

    assert agree(actual, EXPECTED, lambda: 2e-9, located).max_difference > 9e-10
    with pytest.raises(TraceMismatchError, match="allowed 5e-10"):
        agree(actual, EXPECTED, lambda: 5e-10, located)


def test_agree_takes_a_bound_for_each_row():
    slack = lambda: torch.tensor([[1e-3], [0.0]])  # noqa: E731 (a bound that is a tensor)

    agree(changed((0, 1), 1e-4), EXPECTED, slack, located)
    with pytest.raises(TraceMismatchError):
        agree(changed((1, 1), 1e-4), EXPECTED, slack, located)


def test_agree_raises_where_the_excess_is_largest():
    actual = changed((0, 2), 1e-5)
    actual[1, 2] += 1e-6  # less, but 100 is allowed more than 3

    with pytest.raises(TraceMismatchError) as caught:
        agree(actual, EXPECTED, no_slack, located)

    error = caught.value
    assert (error.quantity, error.layer, error.direction, error.step) == ("h", 1, 0, 2)
    assert (error.expected, error.actual) == (-3.0, float(actual[1, 2]))
    assert error.allowed == pytest.approx(3e-12)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_agree_takes_what_is_no_number_for_itself_only(value):
    expected = torch.tensor([0.5, value])

    assert agree(expected.clone(), expected, no_slack, lambda _: ("c", 0, 0, 0)) == (0, 2, 0)
    with pytest.raises(TraceMismatchError):
        agree(torch.tensor([0.5, 1.0]), expected, no_slack, lambda _: ("c", 0, 0, 0))
    with pytest.raises(TraceMismatchError):
        agree(expected, torch.tensor([0.5, 1.0]), no_slack, lambda _: ("c", 0, 0, 0))


def test_agree_of_nothing_compares_no_value():
    assert agree(EXPECTED[:0], EXPECTED[:0], unasked, located) == Comparison(0.0, 0)


def test_rounding_grows_with_weights_inputs_and_steps():
    weights = {"weight_ih": torch.ones(4, 3), "weight_hh": torch.full((4, 2), 0.5)}
    x, h = torch.full((9, 1, 3), 2.0), torch.ones(9, 1, 2)

    eps = torch.finfo(torch.float32).eps
    assert rounding(weights, x, h) == pytest.approx((3 * 2.0 + 2 * 0.5 * 1.0) * eps * 3.0)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_rounding_of_what_is_no_number_allows_nothing(value):
    weights = {"weight_ih": torch.ones(4, 3), "weight_hh": torch.ones(4, 2)}

    assert rounding(weights, torch.full((9, 1, 3), value), torch.ones(9, 1, 2)) == 0.0


def test_tolerances_are_those_of_the_contract():
    assert TOLERANCE[torch.float64] == 1e-12
    assert TOLERANCE[torch.float32] == 1e-6


def test_mismatch_error_says_where_and_how_much():
    error = TraceMismatchError("c", 1, 1, 3, expected=0.5, actual=0.62, allowed=1e-6)

    assert str(error).startswith(
        "layer 1 (reverse), step 3, quantity c: largest difference 1.2e-01 (allowed 1e-06)"
    )
    assert str(error).endswith("the trace does not describe this module")
    assert (error.quantity, error.layer, error.direction, error.step) == ("c", 1, 1, 3)
    assert (error.expected, error.actual) == (0.5, 0.62)


def test_mismatch_error_survives_pickle():
    error = TraceMismatchError("h", 0, 1, 2, expected=0.25, actual=0.5, allowed=1e-6)

    again = pickle.loads(pickle.dumps(error))

    assert str(again) == str(error)
    assert vars(again) == vars(error)
