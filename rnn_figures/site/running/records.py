"""What passes between a page, the build and its workers: a fence, and what it gave."""

import contextlib
import enum
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

TIME_LIMIT = 60.0
"""Seconds that one fence may take, unless it says otherwise."""

ID_SLOT = "rnn-id-slot"
CAPTION_SLOT = "rnn-caption-slot"
FILES_SLOT = "rnn-files-slot"
"""What a result has where a page puts its own, so that equal figures are drawn once."""

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
"""A terminal's escape, which some of torch's messages have in them."""

CONTENT = "content"
"""Where the result of a fence of kind "file" has what the file holds."""


class Downloads(enum.StrEnum):
    """Where the files of a figure are: its numbers, its code, its drawing."""

    INSIDE = "inside"  # links in the page hold them
    BESIDE = "beside"  # files beside the page, which its links name
    EXPORTED = "exported"  # as BESIDE, with all that an export writes


@dataclass(frozen=True, kw_only=True)
class Fence:
    """A fence or an inline value of a page: what is to run, and where its result goes.

    Attributes:
        kind: "figure", "run", "raises", "answer" or "value"; "file" for a file of the site, on no
            page.
        code: Its Python, without the page's indentation.
        line: Line of the page's file on which the code starts, from 1.
        starts: True if its namespace is fresh, False if it runs on from the fence above.
        timeout: Seconds that it may take.
        type: For "raises": name of the error or warning.
        id: Anchor, and name of its downloads.
        caption: Markdown, for a figure.
        indent: White space (and `>`) before it.
    """

    kind: str
    code: str
    line: int
    starts: bool = True
    timeout: float = TIME_LIMIT
    type: str = ""
    id: str = ""
    caption: str = ""
    indent: str = ""

    @property
    def leaves_no_mark(self) -> bool:
        """Return whether the fences that follow see nothing of it."""
        return self.kind in ("value", "answer")

    @property
    def opening_line(self) -> int:
        """The line to look at when the fence as a whole is wrong."""
        return self.line - (self.kind != "value")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What stopped a fence.

    Attributes:
        line: Line of the page.
        message: What was expected and what came, in one line.
        traceback: Python's, of the author's own code; empty for none.
    """

    line: int
    message: str
    traceback: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a fence gave; nothing at all for one that was not run, or only for another.

    Attributes:
        html: Its HTML, slots still in it.
        plain: The same as plain Markdown.
        files: Content of its downloads, by suffix.
        reads: Digests of the files that it read, by path from the working directory.
        failed: What failed in it; then there is nothing else.
    """

    html: str = ""
    plain: str = ""
    files: dict[str, str] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Request:
    """The fences of a page that a worker is to run, in order.

    Attributes:
        page: The page's name, for tracebacks.
        fences: What is to run.
        wanted: For each, False if it runs only for those that run on from it.
        downloads: What their `files` are to hold.
    """

    page: str
    fences: list[Fence]
    wanted: list[bool]
    downloads: Downloads


def send(stream: IO[bytes], record: object) -> None:
    """Write a record into a pipe."""
    pickle.dump(record, stream)
    stream.flush()


def received(stream: IO[bytes]) -> Iterator:
    """Yield the records that come through a pipe, until its other end is closed."""
    with contextlib.suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
        while True:
            yield pickle.load(stream)
