"""Functions that check their arguments by their annotations."""

import difflib
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from rnn_figures.arguments.kinds import Kind, kind_of, read

P = ParamSpec("P")
R = TypeVar("R")


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that checks its arguments by its annotations, then runs as before.

    Raises:
        TypeError: an argument is of another kind; the message says what was expected, what came and
            what to do. Raised when the function is called.

    Examples:
        >>> import numpy as np
        >>> @checked
        ... def twice(number: int) -> int:
        ...     return 2 * number
        >>> twice(np.int64(3)), twice("3")
        Traceback (most recent call last):
        TypeError: expected number as a whole number, got '3'
    """
    parameters = inspect.signature(function).parameters.values()
    positional = [
        one.name
        for one in parameters
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]
    rest = next((one.name for one in parameters if one.kind == one.VAR_POSITIONAL), None)
    named = [one.name for one in parameters if one.kind == one.KEYWORD_ONLY]
    any_name = any(one.kind == one.VAR_KEYWORD for one in parameters)
    kinds: dict[str, Kind] = {}

    def taken(name: str | None, value: Any, where: str) -> Any:
        return read(kinds[name], where, value) if name in kinds else value

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not kinds:  # read at the first call, when all that they name is there
            for name, annotation in typing.get_type_hints(function).items():
                kinds[name] = kind_of(annotation)
        given = [taken(name, value, name) for name, value in zip(positional, args, strict=False)]
        if len(args) > len(positional) and rest is None:
            raise TypeError(_too_many(function.__name__, positional, named, len(args)))
        unknown = [name for name in kwargs if name not in (*positional, *named)]
        if unknown and not any_name:
            raise TypeError(_unknown(function.__name__, [*positional, *named], unknown))
        for index, value in enumerate(args[len(positional) :]):
            given.append(taken(rest, value, f"{rest}[{index}]"))
        named_too = {name: taken(name, value, name) for name, value in kwargs.items()}
        return function(*given, **named_too)  # pyright: ignore[reportCallIssue] (the same ones)

    return call


def _too_many(function: str, positional: list[str], named: list[str], given: int) -> str:
    """Return the message on too many values without a name."""
    by_name = ", ".join(f"{name}=" for name in named[: given - len(positional)])
    hint = f"; write the others by name: {by_name}" if named else ", which takes no more"
    return f"expected {function}({', '.join(positional)}), got {given} values without a name{hint}"


def _unknown(function: str, known: list[str], given: list[str]) -> str:
    """Return the message on names that a function does not take."""
    near = [difflib.get_close_matches(name, known, 1, 0.4) for name in given]
    meant = ", ".join(f"{names[0]}=" for names in near if names)
    hint = f"; did you mean {meant}?" if meant else ""
    got = ", ".join(f"{name}=" for name in given)
    return f"expected {function}({', '.join(known)}), got {got}{hint}"


def argument(name: str, value: Any, annotation: Any) -> Any:
    """Return one argument as a function with this annotation takes it.

    Raises:
        TypeError: it is of another kind.

    Examples:
        >>> import numpy as np
        >>> argument("step", np.int64(3), int)
        3
    """
    return read(kind_of(annotation), name, value)


def at_least(least: int, **sizes: int) -> None:
    """Raise ValueError unless each size, by its argument's name, is `least` or more.

    Examples:
        >>> at_least(1, L=8, N=0)
        Traceback (most recent call last):
        ValueError: expected N to be 1 or more, got 0
    """
    for name, size in sizes.items():
        if size < least:
            raise ValueError(f"expected {name} to be {least} or more, got {size}")
