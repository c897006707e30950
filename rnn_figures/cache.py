"""Keep what the worker made, by content: a key in, the same bytes out, or nothing.

An entry that is cut short, altered, moved or of another version is no entry. Two builds may write
at once: each writes a file of its own and renames it.
"""

import hashlib
import json
import os
import pathlib
import platform
import shutil
import tempfile
from functools import cache
from importlib import metadata

PACKAGES = (
    *("torch", "numpy", "graphviz", "graphviz-pure", "pygraphviz", "matplotlib", "pygments"),
)
"""Packages whose version may show in a figure; read without importing them."""


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


def read(folder: pathlib.Path, key: str) -> dict | None:
    """Return the entry of a key, or None if there is none that is whole and its own."""
    try:
        digest, _, text = _path(folder, key).read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if digest != _digest(text):
        return None
    entry = json.loads(text)
    return entry["value"] if entry["key"] == key else None


def write(folder: pathlib.Path, key: str, value: dict) -> None:
    """Store an entry, whole or not at all."""
    text = json.dumps({"key": key, "value": value}, ensure_ascii=False)
    path = _path(folder, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(f"{_digest(text)}\n{text}")
    pathlib.Path(temporary).replace(path)


def _path(folder: pathlib.Path, key: str) -> pathlib.Path:
    return folder / key[:2] / f"{key[2:]}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
