"""Optional libraries, the program that draws diagrams, and files written whole or not at all."""

import contextlib
import importlib
import os
import pathlib
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from typing import Any

from graphviz.backend import dot_command

NO_ENGINE = (
    "No program that draws Graphviz diagrams was found: expected graphviz-pure, pygraphviz or the "
    "system's dot; install one with: pip install graphviz-pure"
)


def imported(name: str) -> Any:
    """Return a library that may not be installed; else ImportError, which names the pip command."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if error.name != name:  # it is there, and one of its own parts is not
            raise
        raise ImportError(
            f"expected {name}, which is not installed; install it with: pip install {name}",
            name=name,
        ) from None


def graphviz_pure() -> str | None:
    """Return the path of graphviz-pure, which gives the same bytes on every platform, if any."""
    return shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))


@contextlib.contextmanager
def graphviz_program() -> Iterator[None]:
    """Let the graphviz package run graphviz-pure, or else the system's dot.

    Raises:
        RuntimeError: there is neither; the message names the pip command.
    """
    program = graphviz_pure() or shutil.which("dot")
    if not program:
        raise RuntimeError(NO_ENGINE)
    before = dot_command.DOT_BINARY
    dot_command.DOT_BINARY = pathlib.Path(program)
    try:
        yield
    finally:
        dot_command.DOT_BINARY = before


def drawn_by_pygraphviz(source: str, format: str, encoding: str | None):
    """Draw with pygraphviz: neato, since it has no program that keeps an arrow's position."""
    import pygraphviz  # pyright: ignore[reportMissingImports] (optional)

    drawn = bytes(pygraphviz.AGraph(source).draw(format=format, prog="neato"))  # pyright: ignore[reportArgumentType] (untyped)
    return drawn.decode(encoding) if encoding else drawn


def replace_file(path: pathlib.Path, data: bytes) -> None:
    """Write a file whole or not at all: beside its place, then moved there.

    What is no file, such as /dev/stdout, is written to. A link stays: what it shows is replaced.

    Args:
        path: Whose folder exists.
        data: All that the file holds.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    if path.is_relative_to("/dev") or (path.exists() and not path.is_file()):
        path.write_bytes(data)
        return
    path = path.resolve() if path.is_symlink() else path
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_mask()
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied", str(path))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    except PermissionError:  # a file that may be written in a folder that may not
        path.write_bytes(data)
        return
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        pathlib.Path(name).chmod(mode)
        pathlib.Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            pathlib.Path(name).unlink()
        raise


def _mask() -> int:
    """Return which permissions a new file is not given."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
