"""Older words of a message, as the records have them."""

import json

import pytest

from rnn_figures.site.markdown import releases
from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild

SAID = {
    "2.4.1": {"f()": "E: `a`", "g()": "E: g", "h()\nh()": None},
    "2.9.0": {"f()": "E: `a`", "g()": "E: g", "h()\nh()": None},
    "2.10.1": {
        "f()": "E: \x1b[1mb\x1b[0m",
        "g()": "E: g",
        "h()\nh()": None,
        "k()": "E: k",
        "l()": "word " * 99,
    },
    "2.11.0": {"f()": "E: c", "g()": "E: g", "h()\nh()": "E: h", "k()": "E: k", "l()": "E: l"},
}


@pytest.fixture(autouse=True)
def recorded(tmp_path, monkeypatch):
    for release, said in SAID.items():
        (tmp_path / f"{release}.json").write_text(json.dumps(said), encoding="utf-8")
    monkeypatch.setattr(releases, "RECORDS", tmp_path)
    monkeypatch.setattr(releases, "INSTALLED", (2, 11))
    releases.records.cache_clear()
    yield
    releases.records.cache_clear()


def shown(code: str) -> str:
    (line,) = PageBuild().parsed([f"`#!before {code}`"])
    return str(line[0])


def test_older_words_are_those_before_each_change_the_newest_first():
    assert releases.older_words("f()") == [("2.11", "E: \x1b[1mb\x1b[0m"), ("2.10", "E: `a`")]
    assert releases.older_words("h()\nh()") == [("2.11", None)]
    assert releases.older_words("g()") == releases.older_words("k()") == []


def test_older_words_are_shown_as_sentences():
    assert shown("f()") == (
        "Before torch 2.11 it read `E: b`. Before torch 2.10 it read `` E: `a` ``."
    )


def test_words_of_newer_releases_follow_those_of_older_ones(monkeypatch):
    monkeypatch.setattr(releases, "INSTALLED", (2, 10))

    assert releases.older_words("f()") == [("2.10", "E: `a`")]
    assert releases.newer_words("f()") == [("2.11", "E: c")]
    assert shown("f()") == (
        "Before torch 2.10 it read `` E: `a` ``. From torch 2.11 on it reads `E: c`."
    )
    monkeypatch.setattr(releases, "INSTALLED", (2, 4))
    assert releases.older_words("f()") == []
    assert [since for since, _ in releases.newer_words("f()")] == ["2.10", "2.11"]


def test_a_page_asks_for_them_within_a_line():
    parsed = PageBuild().parsed(
        ["It is new: `#!before h()\\nh()` `#!before h()\\nh()` `#!value 1`"]
    )

    words = "before torch 2.11 nothing was said. Before torch 2.11 nothing was said. "
    assert parsed[0][0] == f"It is new: {words}"


@pytest.mark.parametrize("code", ["g()", "none()"])
def test_a_mistake_that_never_read_otherwise_stops_the_build(code):
    with pytest.raises(PageError, match=r"a\.md:4: before failed: expected a mistake"):
        PageBuild(page="a.md", first_line=3).parsed(["", f"`#!before {code}`"])


def test_code_of_a_fence_is_left_as_it_is():
    lines = ["```text", "`#!before h()\\nh()`", "```"]

    assert PageBuild().parsed(lines) == [[line] for line in lines]


def test_a_long_message_is_cut_at_a_word():
    sentence = shown("l()")

    assert sentence.startswith("Before torch 2.11 it read `word word")
    assert sentence.endswith("word …`")
    assert len(sentence) < 260
