"""What a wrong use of a command says, in one sentence and with one exit code."""

import contextlib
from collections.abc import Iterator

import click


class WrongUse(click.ClickException):
    """What was expected, what came, and what to do: without a traceback, and with exit code 2.

    1 is left for what a command found: alarms, differences.
    """

    exit_code = 2


@contextlib.contextmanager
def as_one_sentence(*kinds: type[Exception], before: str = "") -> Iterator[None]:
    """Turn exceptions of some kinds into a WrongUse: `before`, then their first line."""
    try:
        yield
    except WrongUse:
        raise
    except kinds as error:
        raise WrongUse(f"{before}{first_line(error)}") from None


def first_line(error: BaseException) -> str:
    r"""Return what an error says, on one line; its class where it says nothing.

    Examples:
        >>> first_line(ValueError("expected 5\n\tgot 4"))
        'expected 5 got 4'
    """
    return " ".join(str(error).split()) or type(error).__name__
