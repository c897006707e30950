import re
from pathlib import Path

import pytest

import rnn_figures
from rnn_figures import course
from rnn_figures.site.reference import listed

PAGE = listed((Path(__file__).parents[2] / "docs/reference/functions.md").read_text("utf-8"))


@pytest.mark.parametrize("name", [*rnn_figures.__all__, *course.__all__])
def test_the_reference_has_every_public_name_once(name):
    assert len(re.findall(rf"^::: rnn_figures(?:\.\w+)+\.{name}$", PAGE, re.M)) == 1


def test_every_line_of_the_reference_gives_names():
    assert not re.findall(r"\n\n\n|^::: rnn_figures\.[a-z_]+$", PAGE, re.M)


def test_a_name_goes_to_the_line_that_says_most_exactly_where_it_lives():
    page = listed("::: rnn_figures.traces\n\n::: rnn_figures.traces.agreement\n")

    general, _, exact = page.rpartition("\n\n")
    assert "::: rnn_figures.traces.tracing.trace\n" in f"{general}\n"
    assert exact == "::: rnn_figures.traces.agreement.TraceMismatchError\n"
