"""One page while it is built."""

import copy

import pytest

from rnn_figures.site.markdown import page_build
from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild


def test_the_same_lines_are_parsed_once(monkeypatch):
    count = []
    real = page_build.parse

    def counted(*arguments):
        count.append(1)
        return real(*arguments)

    monkeypatch.setattr(page_build, "parse", counted)
    build = PageBuild()

    first = build.parsed(["`#!value 1`"])

    assert build.parsed(["`#!value 1`"]) is first
    assert len(count) == 1
    assert [fence.code for fence in build.fences] == ["1"]
    build.parsed(["`#!value 2`"])
    assert [fence.code for fence in build.fences] == ["2"]


def test_a_copy_of_a_build_is_parsed(monkeypatch):
    before = PageBuild(first_line=4)
    lines = ["`#!value 1`"]
    parsed = before.parsed(lines)
    monkeypatch.setattr(page_build, "parse", None)

    build = copy.copy(before)

    assert build.is_parsed
    assert not PageBuild().is_parsed
    assert build.parsed(lines) is parsed


def test_lines_that_are_written_wrongly_are_refused_each_time():
    build = PageBuild(page="a.md", first_line=3)

    for _ in range(2):
        with pytest.raises(PageError, match=r"a\.md:3: run failed: unknown option"):
            build.parsed(["```run no=1", "```"])
