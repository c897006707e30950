"""The sources of Python's own standard library, and what is true of every character of them.

Every reader has these files: they lie beside the interpreter. The names are fixed; what is in the
files differs a little from one version of Python to the next, so a digest says which were read.
"""

import functools
import io
import sysconfig
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_figures.training.characters import mark_lines, text_experiment
from rnn_figures.training.scores import Passages, measured, passages

TRAINED_ON = (
    *("argparse", "ast", "asyncio/base_events", "asyncio/selector_events", "asyncio/sslproto"),
    *("asyncio/streams", "asyncio/tasks", "asyncio/unix_events", "bdb", "codecs"),
    *("collections/__init__", "configparser", "contextlib", "dataclasses", "difflib", "dis"),
    *("doctest", "email/_header_value_parser", "email/generator", "email/header"),
    *("email/headerregistry", "email/message", "enum", "ftplib", "functools", "gettext", "gzip"),
    *("http/client", "http/cookiejar", "http/server", "imaplib", "inspect", "ipaddress"),
    *("json/decoder", "json/encoder", "locale", "logging/__init__", "logging/config"),
    *("logging/handlers", "modulefinder", "multiprocessing/connection"),
    *("multiprocessing/managers", "multiprocessing/pool", "ntpath", "optparse", "os", "pdb"),
    *("pickle", "pickletools", "pkgutil", "platform", "plistlib", "posixpath", "pprint"),
    *("pstats", "pydoc", "random", "selectors", "shutil", "smtplib", "socket", "socketserver"),
    *("ssl", "subprocess", "tarfile", "threading", "tokenize", "trace", "traceback", "turtle"),
    *("typing", "unittest/case", "unittest/loader", "unittest/mock", "urllib/parse"),
    *("urllib/request", "uuid", "warnings", "weakref", "webbrowser", "wsgiref/handlers"),
    *("xml/dom/minidom", "xml/etree/ElementTree", "xmlrpc/client", "xmlrpc/server"),
)
"""Files that the network is trained on, without their .py."""

CHOSEN_ON = ("calendar", "csv", "fractions", "shlex", "tracemalloc")
"""Files that no network was trained on, by which the best unit for each truth is chosen."""

HELD_OUT = ("cmd", "fileinput", "heapq", "mailbox", "statistics", "tempfile", "timeit")
"""Files that were neither trained on nor chosen by: every number of the page is from these."""

TRUTHS = {
    "comment": "inside a comment",
    "docstring": "inside a docstring",
    "string": "inside another string",
    "brackets": "inside brackets",
    "column": "at column 40 or beyond",
    "indent": "on a line indented by 8 or more",
}
"""What is asked of every character, after it has been read: name and words."""

DEEP = 8
"""Spaces from which on, at its beginning, a line is deep."""

BESIDE_CODE = ("COMMENT", "NL", "INDENT", "DEDENT", "ENDMARKER")
"""Tokens that no line of code is made of."""

PREFIXES = "bBfFrRtTuU"
"""Letters that may stand before the quote of a string."""

BLOCKS = ("def", "class", "async")
"""How the line before a docstring begins; before a file's own there is none."""


@functools.cache
def source(name: str) -> str:
    """Return a file of the standard library, by its name without .py."""
    path = Path(sysconfig.get_path("stdlib")) / f"{name}.py"
    return path.read_text(encoding="utf-8").expandtabs(8)


def truths(text: str) -> np.ndarray:
    r"""Return what is true of each character of Python code, once it has been read: (len(text), 6).

    A string begins with its opening quote and ends before its last character: that one has been
    read, and one is outside. A prefix, such as the f of f"", is not inside yet. An f-string is one
    string from end to end, whatever its braces hold: so Python 3.11 takes it, whose tokenizer does
    not look inside.

    Examples:
        >>> code = "f(')')  # (\n"
        >>> marks = truths(code)[:, list(TRUTHS).index("brackets")]
        >>> "".join("^" if mark else " " for mark in marks)
        ' ^^^^       '
    """
    lines = text.split("\n")  # not splitlines, which also splits at a form feed
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)])
    inside = {name: np.zeros(len(text), dtype=bool) for name in TRUTHS}
    opened: list[int] = []  # positions of the brackets that are open
    for kind, begin, end in _marked(_pieces(text, starts)):
        if kind == "open":
            opened.append(begin)
        elif kind == "close":
            start = opened.pop()
            if not opened:
                inside["brackets"][start:begin] = True
        else:
            inside[kind][begin:end] = True
    mark_lines(text, inside["column"], inside["indent"], deep=DEEP)
    return np.stack([inside[name] for name in TRUTHS], axis=1)


class _Piece(NamedTuple):
    """A token, or the tokens of one whole f-string: its name, its text, where it begins and ends.

    The text of an f-string is the token that opens it.
    """

    name: str
    text: str
    begin: int
    end: int


def _pieces(text: str, starts: np.ndarray) -> Iterator[_Piece]:
    """Yield the tokens, each f-string as one: Python 3.12 and later read it in pieces."""
    opened: list[_Piece] = []  # f-strings that are open, the outermost first
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        begin, end = (int(starts[line - 1]) + column for line, column in (token.start, token.end))
        piece = _Piece(name, token.string, begin, end)
        if name.endswith("STRING_START"):
            opened.append(piece)
        elif name.endswith("STRING_END"):
            whole = opened.pop()
            if not opened:
                yield _Piece("STRING", whole.text, whole.begin, end)
        elif not opened:
            yield piece


def _marked(pieces: Iterable[_Piece]) -> Iterator[tuple[str, int, int]]:
    """Yield kind, beginning and end of comments, strings, docstrings and single brackets."""
    headed = True  # the line of code before opened a block that may have a docstring; or none was
    line: list[_Piece] = []
    for piece in pieces:
        if piece.name == "COMMENT":
            yield "comment", piece.begin, piece.end
        elif piece.name == "OP" and piece.text in "([{":
            yield "open", piece.begin, piece.end
        elif piece.name == "OP" and piece.text in ")]}":
            yield "close", piece.begin, piece.end
        if piece.name == "NEWLINE":
            kind = "docstring" if headed and len(line) == 1 else "string"
            for string in (part for part in line if part.name == "STRING"):
                prefix = len(string.text) - len(string.text.lstrip(PREFIXES))
                yield kind, string.begin + prefix, string.end - 1
            headed = line[0].text in BLOCKS and line[-1].text == ":"
            line = []
        elif piece.name not in BESIDE_CODE:
            line.append(piece)


@functools.cache
def chosen_on() -> Passages:
    """Return the first characters of the files to choose units by."""
    return passages(map(source, CHOSEN_ON), truths)


@functools.cache
def held_out() -> Passages:
    """Return the first characters of the files that every number is from."""
    return passages(map(source, HELD_OUT), truths)


SOURCE_TEXT = text_experiment(
    "source-text",
    "What do single units tell about source text, and is the network worse without them?",
    steps=2000,
    text=lambda: "".join(map(source, TRAINED_ON)),
    measure=lambda network: measured(
        network, tuple(TRUTHS), chosen_on=chosen_on(), held_out=held_out()
    ),
)
