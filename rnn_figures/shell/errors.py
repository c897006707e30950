"""What a wrong use of a command says, in one sentence and with one exit code."""

import contextlib
import pathlib
from collections.abc import Iterator

import click

from rnn_figures.machine import replace_file


class WrongUse(click.ClickException):
    """What was expected, what came, and what to do: without a traceback, and with exit code 2.

    1 is left for what a command found: alarms, differences.
    """

    exit_code = 2


@contextlib.contextmanager
def as_one_sentence(*kinds: type[BaseException], before: str = "") -> Iterator[None]:
    """Turn exceptions of some kinds into a WrongUse with their first line.

    Args:
        *kinds: Which exceptions; ImportError, for example.
        before: What the sentence begins with.
    """
    try:
        yield
    except WrongUse:
        raise
    except kinds as error:
        raise WrongUse(f"{before}{first_line(error)}") from None


def writing(path: pathlib.Path, *, what: str = "file") -> contextlib.AbstractContextManager[None]:
    """Turn what a system says of a file or a folder that it cannot write into a WrongUse."""
    return as_one_sentence(OSError, before=f"expected a {what} that can be written, got {path}: ")


def write(path: pathlib.Path, data: bytes) -> None:
    """Write a file whole or not at all: what was there before stays until all is written.

    Raises:
        WrongUse: it cannot be written.
    """
    with writing(path):
        replace_file(path, data)


def first_line(error: BaseException) -> str:
    r"""Return what an error says, on one line; its class where it says nothing.

    Examples:
        >>> first_line(ValueError("expected 5\n\tgot 4"))
        'expected 5 got 4'
    """
    text = " ".join(str(error).split())
    named = any(letter.isalpha() for letter in text)
    return text if named else f"{type(error).__name__} {text}".strip()
