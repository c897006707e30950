"""What stops a build: each failure with its page, line and traceback, all of them in a list."""

import pytest

from rnn_figures.site.markdown.errors import PageError, failures, raise_all
from rnn_figures.site.running.records import Failure, Result
from tests.site.running import run


def test_all_failures_are_told_with_a_list_at_the_end():
    results = [
        Result(failed=[Failure(line=3, message="A", traceback="Traceback of A")]),
        Result(failed=[Failure(line=7, message="B"), Failure(line=8, message="C")]),
        Result(html="c"),
    ]

    with pytest.raises(PageError) as caught:
        raise_all(failures("a.md", [run("a"), run("b"), run("c")], results))

    parts = str(caught.value).split("\n\n")
    assert parts[:2] == ["a.md:3: run failed: A", "Traceback of A"]
    assert parts[-1].splitlines() == [
        "3 parts of the site failed:",
        "a.md:3: run failed: A",
        "a.md:7: run failed: B",
        "a.md:8: run failed: C",
    ]
