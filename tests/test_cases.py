"""The few cases that run fast: whatever meets in a whole product meets in them."""

import itertools

import pytest

from rnn_figures.configurations import every_configuration
from tests.cases import configured, few_modules, options_of
from tests.conftest import fast_cases
from tests.traces import test_lies, test_replay, test_rounding, test_tracing

MODULES = few_modules(every_configuration(3, 8, 5))

PRODUCTS = {
    "modules": (MODULES, lambda case: options_of(*case), 120),
    "operators": (test_tracing.OPERATORS, configured, 1920),
    "returned": (test_tracing.RETURNED, configured, 480),
    "halves": (test_tracing.HALVES, configured, 960),
    "replayed": (test_replay.REPLAYED, configured, 720),
    "rounded": (test_rounding.ROUNDED, configured, 960),
    "lies": (test_lies.LIED, tuple, 2856),
    "honest": (test_lies.HONEST, tuple, 408),
}
"""By name: the parameters of a test, what a case of it consists of, how many there are."""


def met(cases, options):
    """Return each three values of options that stand together in a case."""
    return {
        (places, tuple(options(case)[place] for place in places))
        for case in cases
        for places in itertools.combinations(range(len(options(case))), 3)
    }


@pytest.mark.parametrize("name", PRODUCTS)
def test_each_three_options_meet_in_all_their_values_in_the_fast_tests(name):
    parameters, options, count = PRODUCTS[name]
    everything = [parameter.values for parameter in parameters]
    fast = [parameter.values for parameter in parameters if not parameter.marks]

    assert len(everything) == len(set(everything)) == count
    assert met(fast, options) == met(everything, options)
    assert len(fast) < count / 3


def test_of_a_parametrization_the_fast_cases_are_collected_under_their_names():
    slow = [pytest.param(case, marks=pytest.mark.slow) for case in (2, 4)]
    some = pytest.mark.parametrize("n", [1, slow[0], 3], ids=["one", "two", "three"]).mark
    none = pytest.mark.parametrize("n", slow, ids=str).mark

    assert fast_cases(some).args == ("n", [1, 3])
    assert fast_cases(some).kwargs == {"ids": ["one", "three"]}
    assert fast_cases(none).args == ("n", [slow[1]])
