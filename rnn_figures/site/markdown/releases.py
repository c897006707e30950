r"""How a message read in older releases of torch, where a card asks for it.

On a page, `#!before nn.LSTM(5, 3)(x.double())` in a line stands for what that mistake said before
it said what it says now: "Before torch 2.12 it read …". The mistakes and their words are those of
the records, one file a release, which `python -m tests.mistakes` writes. A mistake of several lines
has `\n` between them, as its record has.
"""

import functools
import json
import re
import textwrap
from itertools import pairwise

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.running.names import PACKAGE

RECORDS = PACKAGE.parent / "tests" / "mistakes" / "records"

BEFORE = re.compile(r"(?<!`)(?P<ticks>`+)#!before (?P<code>.+?)(?P=ticks)(?!`)")

STYLED = re.compile(r"\x1b\[\d*m")
"""What makes a part of a message bold in a terminal."""

LONGEST = 220
"""Characters of a message that a card shows: enough to know it by."""


def with_older_words(line: str, page: str, number: int) -> str:
    """Return a line of a page with older messages in the place of what asks for them.

    Args:
        line: The line.
        page: The page's name, for messages.
        number: The line's number in its file.

    Raises:
        PageError: no record has the mistake, or it never read otherwise.
    """

    def words(found: re.Match) -> str:
        code = _code(found)
        text = " ".join(_sentence(*words) for words in older_words(code))
        if not text:
            message = f"expected a mistake whose records differ, got {code!r}"
            raise PageError(page, number, "before", message)
        within = found.string[: found.start()].endswith((": ", ", "))
        return text[0].lower() + text[1:] if within else text

    return BEFORE.sub(words, line)


def asked_for(text: str) -> list[str]:
    """Return the mistakes whose older words a text asks for."""
    return [_code(found) for found in BEFORE.finditer(text)]


def older_words(code: str) -> list[tuple[str, str | None]]:
    """Return what a mistake said in older releases, the newest wording first.

    Args:
        code: The mistake.

    Returns:
        For each wording the release that ended it, such as "2.12", and the message; None for none.
    """
    said = [(release, by_code[code]) for release, by_code in records() if code in by_code]
    return [
        (f"{since[0]}.{since[1]}", message)
        for (since, now), (_, message) in pairwise(reversed(said))
        if message != now
    ]


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


def _sentence(since: str, message: str | None) -> str:
    """Return what was said before a release."""
    if message is None:
        return f"Before torch {since} nothing was said."
    shown = textwrap.shorten(STYLED.sub("", message).rstrip(": "), LONGEST, placeholder=" …")
    span = f"`` {shown} ``" if "`" in shown else f"`{shown}`"
    return f"Before torch {since} it read {span}{'' if shown[-1] in '.…' else '.'}"
