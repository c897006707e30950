"""diagnose on whole models: each mistake is found, and no healthy model has an alarm."""

import pytest
import torch

from rnn_figures import Verdict, diagnose
from tests.whole_models import Case
from tests.whole_models.healthy import HEALTHY
from tests.whole_models.published import PUBLISHED
from tests.whole_models.wrongly_read import READ
from tests.whole_models.wrongly_run import RUN

SICK = READ | RUN
UNSEEN = {"pieces without the state between them", "view for a transpose of (N, C, L)"}
"""Mistakes that one run does not show: nothing due, and nothing found."""


def judged(case: Case, seed: int = 0) -> Verdict:
    torch.manual_seed(seed)
    return diagnose(case.make().eval(), *case.given())


@pytest.mark.parametrize("name", SICK)
def test_a_mistake_is_found(name):
    found = {finding.check for finding in judged(SICK[name]).findings}

    assert SICK[name].due <= found
    assert bool(SICK[name].due) == (name not in UNSEEN)


@pytest.mark.parametrize("name", HEALTHY | PUBLISHED)
def test_a_healthy_model_has_no_alarm_and_no_note_that_is_not_true(name):
    case = (HEALTHY | PUBLISHED)[name]

    verdict = judged(case)

    assert verdict.alarms == ()
    assert {finding.check for finding in verdict.findings} <= case.due | {"fresh layer"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", HEALTHY | PUBLISHED)
def test_a_healthy_model_has_no_alarm_from_any_seed(name, seed):
    case = (HEALTHY | PUBLISHED)[name]

    found = {finding.check for finding in judged(case, seed).findings}

    assert found <= case.due | {"fresh layer"}
