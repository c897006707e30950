import math
import pickle

import pytest
import torch

from rnn_figures import TraceMismatchError
from rnn_figures.proofs import Comparison
from rnn_figures.traces.agreement import (
    CAP,
    TOLERANCE,
    Scales,
    agree,
    agree_closely,
    tolerance,
)
from rnn_figures.traces.rounding import Interval

EXPECTED = torch.tensor([[0.5, -0.25, 100.0], [0.0, 1.0, -3.0]], dtype=torch.float64)

LARGE = Scales(EXPECTED)
LARGE.largest = torch.tensor([[math.inf]])  # of units that are not small


def located(index):
    """Return an index as a layer, a direction and a step, to see which was asked for."""
    return "h", index[0], 0, index[1]


def changed(index, by):
    actual = EXPECTED.clone()
    actual[index] += by
    return actual


def within(radius: float) -> Interval:
    return Interval(EXPECTED, torch.full_like(EXPECTED, radius))


def test_agree_closely_finds_the_same_numbers_the_same():
    assert agree_closely(EXPECTED.clone(), EXPECTED, LARGE) == Comparison(0.0, 6)


def test_agree_closely_allows_a_large_value_as_much_in_proportion():
    assert agree_closely(changed((0, 2), 9e-11), EXPECTED, LARGE) is not None
    assert agree_closely(changed((0, 0), 9e-11), EXPECTED, LARGE) is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_agree_closely_takes_what_is_no_number_for_itself_only(value):
    odd = torch.tensor([value, 1.0])

    assert agree_closely(odd.clone(), odd, LARGE) == Comparison(0.0, 2)
    assert agree_closely(torch.tensor([0.5, 1.0]), odd, LARGE) is None


def test_agree_closely_of_nothing_compares_no_value():
    assert agree_closely(EXPECTED[:0], EXPECTED[:0], LARGE) == Comparison(0.0, 0)


def test_a_small_unit_is_held_to_a_small_scale():
    h = torch.tensor([[[1.0, 1e-9]], [[-0.5, 2e-9]]], dtype=torch.float64)

    assert agree_closely(2 * h, h, Scales(h)) is None
    assert agree_closely(h + 4e-13, h, Scales(h)) is not None  # beside a unit of 1
    h[..., 0] = 0
    assert agree_closely(h + 4e-13, h, Scales(h)) is None
    assert agree_closely(h * (1 + 1e-12), h, Scales(h)) is not None


@pytest.mark.parametrize("size", [0.0, 1e-9, 0.5, 100.0, math.nan, math.inf])
@pytest.mark.parametrize("shape", [(4, 2, 3), (1, 1, 1), (3, 1, 5)])
def test_no_scale_is_below_the_least(size, shape):
    torch.manual_seed(0)
    h = torch.randn(shape, dtype=torch.float64)
    h[..., :1] *= size

    for known in (Scales(h), Scales(h[:1]), Scales(h[0][None], rows=True)):
        assert known.least <= min(1.0, float(known.largest.min()))


def test_a_row_of_h_n_has_a_scale_of_its_own():
    h_n = torch.tensor([[[1.0, 0.5]], [[1e-6, 2e-6]]])

    assert Scales(h_n, rows=True).largest.flatten().tolist() == pytest.approx([4, 8e-6])
    assert Scales(h_n, rows=True).least == pytest.approx(1e-6)


def test_agree_closely_takes_one_look_where_no_scale_is_smaller_than_the_difference():
    h = torch.tensor([[[1.0, 1e-9]], [[-0.5, 2e-9]]], dtype=torch.float64)

    found = agree_closely(h + 1e-13, h, Scales(h))

    assert found is not None
    assert found.max_difference == pytest.approx(1e-13)
    assert agree_closely(h.clone(), h, Scales(h)) == Comparison(0.0, 4)
    assert agree_closely(h * math.nan, h, Scales(h)) is None


def test_what_is_no_number_gives_no_scale():
    h = torch.tensor([[[math.nan, 0.5]], [[0.125, math.inf]]])

    assert Scales(h).largest.flatten().tolist() == [0.5, 2.0]
    assert Scales(h).least == 0


def test_agree_counts_as_checked_what_rounding_explains():
    found = agree(changed((0, 1), 9e-10), within(1e-9), torch.float64, LARGE, located)

    assert found.max_difference == pytest.approx(9e-10)
    assert found[1:] == (6, 0)


def test_agree_counts_as_unchecked_where_rounding_could_hide_a_mistake():
    unclear = Interval(EXPECTED, torch.tensor([[2 * CAP[torch.float64], 0, 0], [0, 0, 0]]))

    found = agree(changed((0, 0), 1.5e-6), unclear, torch.float64, LARGE, located)

    assert found == Comparison(0.0, 5, 1)


def test_agree_refuses_what_rounding_does_not_explain_and_says_where_most():
    value = changed((0, 0), 1e-4)
    value[1, 1] += 1e-3

    with pytest.raises(TraceMismatchError) as caught:
        agree(value, within(1e-5), torch.float64, LARGE, located)

    error = caught.value
    assert (error.quantity, error.layer, error.step) == ("h", 1, 1)
    assert (error.expected, error.actual, error.allowed) == (value[1, 1], 1.0, 1e-5)


def test_agree_refuses_a_value_that_is_no_number_where_there_is_one():
    with pytest.raises(TraceMismatchError):
        agree(changed((0, 0), math.nan), within(1e-5), torch.float64, LARGE, located)


def test_agree_knows_that_a_number_format_ends_somewhere():
    beyond = Interval(torch.tensor([[7e4]]).double(), torch.tensor([[1.0]]).double())
    infinite = torch.tensor([[math.inf]]).double()

    assert agree(infinite, beyond, torch.float16, LARGE, located) == Comparison(0.0, 0, 1)
    with pytest.raises(TraceMismatchError):
        agree(infinite, beyond, torch.float32, LARGE, located)


def test_agree_knows_that_a_number_format_underflows():
    tiny = Interval(torch.tensor([[1e-39]]).double(), torch.tensor([[1e-40]]).double())
    none, small = torch.tensor([[0.0]]).double(), Scales(EXPECTED)
    small.largest = torch.tensor([[0.0]])

    assert agree(none, tiny, torch.float16, small, located).unchecked == 0
    with pytest.raises(TraceMismatchError):
        agree(none, tiny, torch.float64, small, located)


def test_tolerances_are_below_what_may_be_allowed():
    assert all(TOLERANCE[dtype] < CAP[dtype] for dtype in TOLERANCE)


def test_mismatch_error_says_where_and_how_much():
    error = TraceMismatchError("c", 1, 1, 3, expected=0.5, actual=0.62, allowed=1e-6)

    assert str(error).startswith(
        "layer 1 (reverse), step 3, quantity c: largest difference 1.2e-01 (allowed 1.0e-06)"
    )
    assert str(error).endswith("the trace does not describe this module")
    assert (error.quantity, error.layer, error.direction, error.step) == ("c", 1, 1, 3)
    assert (error.expected, error.actual) == (0.5, 0.62)


@pytest.mark.parametrize(
    ("expected", "actual", "told"),
    [(math.nan, 0.5, True), (math.inf, 0.5, True), (0.5, math.nan, False), (0.5, 0.25, False)],
)
def test_error_leads_to_the_input_where_only_the_module_is_not_finite(expected, actual, told):
    error = TraceMismatchError("h", 0, 0, 2, expected=expected, actual=actual)

    assert ("where its input has a NaN" in str(error)) is told


def test_mismatch_error_survives_pickle():
    error = TraceMismatchError("h", 0, 1, 2, expected=0.25, actual=0.5, allowed=1e-6)

    again = pickle.loads(pickle.dumps(error))

    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_tolerance_of_numbers_with_a_gradient_warns_of_nothing():
    numbers = torch.tensor([3.0], requires_grad=True)
    torch.set_warn_always(True)  # else torch warns once a process, and perhaps has
    try:
        assert tolerance(numbers) == tolerance(numbers.detach())
    finally:
        torch.set_warn_always(False)


def test_what_is_not_finite_does_not_loosen_the_tolerance():
    assert tolerance(torch.tensor([2.0, torch.inf, torch.nan])) == 2 * TOLERANCE[torch.float32]
    assert tolerance(torch.zeros(0)) == TOLERANCE[torch.float32]
