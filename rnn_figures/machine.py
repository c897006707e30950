"""Optional libraries, and files written whole or not at all."""

import contextlib
import importlib
import os
import pathlib
import tempfile
from typing import Any


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
