r"""How a message reads in other releases of torch, where a card asks for it.

On a page, `#!before nn.LSTM(5, 3)(x.double())` in a line stands for what that mistake said before
it said what it says now: "Before torch 2.12 it read …", and for what it says in releases that are
newer than the one that builds the page: "From torch 2.15 on it reads …". The mistakes and their
words are those of the records, one file a release, which `python -m tests.mistakes` writes. A
mistake of several lines has `\n` between them, as its record has.
"""

import functools
import importlib.metadata
import json
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.running.names import PACKAGE
from rnn_figures.site.running.records import ESCAPE

RECORDS = PACKAGE.parent / "tests" / "mistakes" / "records"

BEFORE = re.compile(r"(?<!`)(?P<ticks>`+)#!before (?P<code>.+?)(?P=ticks)(?!`)")

INSTALLED = tuple(map(int, importlib.metadata.version("torch").split(".")[:2]))
"""The release that builds the pages, without its patch."""

LONGEST = 220
"""Characters of a message that a card shows: enough to know it by."""


def with_other_words(line: str, page: str, number: int) -> str:
    """Return a line of a page with older messages in the place of what asks for them."""

    def words(found: re.Match) -> str:
        code = _code(found)
        older = [(f"Before torch {since}", "read", said) for since, said in older_words(code)]
        newer = [(f"From torch {since} on", "reads", said) for since, said in newer_words(code)]
        text = " ".join(_sentence(*one) for one in older + newer)
        if not text:
            message = f"expected a mistake whose records differ, got {code!r}"
            raise PageError(page, number, "before", message)
        within = found.string[: found.start()].endswith((": ", ", "))
        return text[0].lower() + text[1:] if within else text

    return BEFORE.sub(words, line)


def older_words(code: str) -> list[tuple[str, str | None]]:
    """Return a mistake's older wordings, each after the release that ended it, newest first."""
    older = [(since, before) for since, before, _ in _changes(code) if since <= INSTALLED]
    return [(_release(since), before) for since, before in reversed(older)]


def newer_words(code: str) -> list[tuple[str, str | None]]:
    """Return a mistake's newer wordings, each after the release that began it, oldest first."""
    return [(_release(since), now) for since, _, now in _changes(code) if since > INSTALLED]


def other_words(text: str) -> list[str | None]:
    """Return what the mistakes that a text asks for say in all releases but the installed one."""
    asked = [_code(found) for found in BEFORE.finditer(text)]
    return [said for code in asked for _, said in older_words(code) + newer_words(code)]


def _changes(code: str) -> Iterator[tuple[tuple[int, ...], str | None, str | None]]:
    """Yield each release in which a mistake says something else, what it said before, and says."""
    said = [(release[:2], by_code[code]) for release, by_code in records() if code in by_code]
    for (_, before), (since, now) in pairwise(said):
        if now != before:
            yield since, before, now


def _release(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


@functools.cache
def records() -> list[tuple[tuple[int, ...], dict[str, str | None]]]:
    """Return what mistakes say, by release, the oldest first; None where one says nothing."""
    found = [
        (tuple(map(int, path.stem.split("."))), json.loads(path.read_text(encoding="utf-8")))
        for path in RECORDS.glob("*.json")
    ]
    return sorted(found, key=lambda record: record[0])


def _code(found: re.Match) -> str:
    return found["code"].strip().replace("\\n", "\n")


def _sentence(when: str, reads: str, message: str | None) -> str:
    if message is None:
        return f"{when} nothing {'is' if reads == 'reads' else 'was'} said."
    shown = textwrap.shorten(ESCAPE.sub("", message).rstrip(": "), LONGEST, placeholder=" …")
    span = f"`` {shown} ``" if "`" in shown else f"`{shown}`"
    return f"{when} it {reads} {span}{'' if shown[-1] in '.…' else '.'}"
