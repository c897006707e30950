"""diagnose on whole models: each mistake is found, and no healthy model has an alarm."""

import pytest

from tests.whole_models import checks, judged
from tests.whole_models.zoos import SICK, WELL


@pytest.mark.parametrize("name", SICK)
def test_a_mistake_is_found(name):
    assert SICK[name].due
    assert SICK[name].due <= checks(SICK[name])


@pytest.mark.parametrize("name", WELL)
def test_a_healthy_model_has_no_alarm_and_no_note_that_is_not_true(name):
    case = WELL[name]

    verdict = judged(case)

    assert verdict.alarms == ()
    assert {finding.check for finding in verdict.findings} <= case.due | {"fresh layer"}


def test_a_row_that_is_hidden_throughout_is_not_hidden_by_too_little():
    found = checks(SICK["a row that is masked throughout"])

    assert "softmax of nothing" in found
    assert "hidden by too little" not in found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", WELL)
def test_a_healthy_model_has_no_alarm_from_any_seed(name, seed):
    case = WELL[name]

    assert checks(case, seed) <= case.due | {"fresh layer"}
