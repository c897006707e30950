"""Keep what the worker made, by content: a key in, the same bytes out, or nothing.

An entry that is cut short, altered, moved or of another version is no entry. Two builds may write
at once. One file has all entries: thousands of small ones take seconds to make. Ours, since caches
such as diskcache give back what is in the file, whole or not.
"""

import contextlib
import hashlib
import json
import pathlib
import platform
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata

PACKAGES = (
    *("torch", "numpy", "graphviz", "graphviz-pure", "pygraphviz", "matplotlib", "pygments"),
)
"""Packages whose version may show in a figure; read without importing them."""

CACHE = pathlib.Path(".cache", "rnn_figures")
"""Where a site keeps what fences gave, below the folder of its mkdocs.yml."""

NAME = "entries.sqlite"
"""The file, in its folder."""

PATIENCE = 60.0
"""Seconds that a build waits for another one that is writing."""

DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR_SHORT_READ)
"""SQLite's codes for a file that is not what SQLite wrote."""

CREATE = "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, digest TEXT, value TEXT)"

FIND = "SELECT key, digest, value FROM entries WHERE key = ?"


@cache
def versions() -> tuple[str, ...]:
    """Return what a figure depends on besides the package: Python, machine, libraries."""
    found = [f"python {platform.python_version()} {platform.system()} {platform.machine()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    if "graphviz-pure absent" in found:  # then another program draws, perhaps the system's
        found.append(f"dot {shutil.which('dot')}")
    return tuple(found)


def key(*parts: object) -> str:
    """Return the key of what is made from `parts`, which JSON can write, by these versions.

    Examples:
        >>> key("a", 1) == key("a", 1), key("a", 1) == key("a", 2)
        (True, False)
    """
    return _digest(json.dumps([parts, versions()], sort_keys=True))


def read(folder: pathlib.Path, keys: Iterable[str]) -> dict[str, dict]:
    """Return the entries of those keys that have one that is whole and its own."""
    try:
        with _opened(folder) as entries:
            rows = [entries.execute(FIND, (key,)).fetchone() for key in keys]
    except sqlite3.DatabaseError as error:
        _refuse_unless_damaged(error, folder)
        return {}
    whole = (row for row in rows if row and row[1] == _digest(row[0] + row[2]))
    return {key: json.loads(text) for key, _, text in whole}


def write(folder: pathlib.Path, entries: Mapping[str, dict]) -> None:
    """Store entries by their keys: all of them, or, if it is interrupted, none."""
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in entries.items()}
    rows = [(key, _digest(key + text), text) for key, text in texts.items()]
    try:
        _store(folder, rows)
    except sqlite3.DatabaseError as error:
        _refuse_unless_damaged(error, folder)
        (folder / NAME).unlink(missing_ok=True)
        _store(folder, rows)


def _store(folder: pathlib.Path, rows: list[tuple[str, str, str]]) -> None:
    with _opened(folder) as entries:
        entries.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)


@contextlib.contextmanager
def _opened(folder: pathlib.Path) -> Iterator[sqlite3.Connection]:
    """Open the file, make it if it is not there, and commit at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(folder / NAME, timeout=PATIENCE)) as connection:
        # What a crash of the whole system leaves half written is damaged, and so made anew.
        connection.execute("PRAGMA synchronous = OFF")
        with connection:
            connection.execute(CREATE)
            yield connection


def _refuse_unless_damaged(error: sqlite3.DatabaseError, folder: pathlib.Path) -> None:
    """Raise an error again, unless it says that the file is not a database, or a broken one."""
    if error.sqlite_errorcode & 0xFF not in DAMAGED and error.sqlite_errorcode not in DAMAGED:
        error.add_note(f"The cache is {folder / NAME}: end other builds that use it, or delete it.")
        raise error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
