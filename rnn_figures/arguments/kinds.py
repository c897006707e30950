"""What an annotation asks for, in words, and what fits it."""

import collections.abc
import functools
import math
import operator
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from rnn_figures.arguments.hints import hint_for, is_recurrent, is_whole

WORDS = {
    "RNNBase": ("an nn.LSTM, nn.GRU or nn.RNN", "nn.LSTM, nn.GRU or nn.RNN layers"),
    "LSTM": ("an nn.LSTM", "nn.LSTM layers"),
    "GRU": ("an nn.GRU", "nn.GRU layers"),
    "Module": ("an nn.Module", "modules"),
    "Tensor": ("a tensor", "tensors"),
    "PathLike": ("a path", "paths"),
    "Callable": ("a function or a module", "functions"),
    "bool": ("True or False", "True and False"),
    "float": ("a number", "numbers"),
    "int": ("a whole number", "whole numbers"),
    "slice": ("a slice", "slices"),
    "str": ("text", "texts"),
    "dtype": ("a torch.dtype", "dtypes of torch"),
    "ndarray": ("an array", "arrays"),
}
"""What a sentence calls one and many of a class, where its own name does not do."""


class Kind(NamedTuple):
    """What an annotation asks for.

    Attributes:
        name: The class, for its hint.
        one: What a sentence calls one.
        many: What it calls several.
        fits: Whether a value is of this kind, its parts apart.
        read: Returns the value for the function, or raises for a part: (name, value).
    """

    name: str
    one: str
    many: str
    fits: Callable[[Any], bool]
    read: Callable[[str, Any], Any]


def read(kind: Kind, name: str, value: Any) -> Any:
    """Return an argument as the function takes it, or raise TypeError."""
    if not kind.fits(value):
        raise TypeError(_sentence(kind, name, value))
    return kind.read(name, value)


def came(value: Any) -> str:
    """Return in words what a caller gave.

    Examples:
        >>> came(None), came("top"), came([1.0]), came(np.zeros((8, 5))), came(dict)
        ('None', "'top'", 'a list', 'a numpy.ndarray of shape (8, 5)', 'the class dict')
    """
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    if isinstance(value, type):
        return f"the class {value.__name__}"
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"a {name.removeprefix('torch.').lower()} of shape {tuple(value.shape)}"
    return f"a {name}" if kind.__name__.islower() else kind.__name__


def _sentence(kind: Kind, name: str, value: Any) -> str:
    """Return the message: what was expected, what came, what to do."""
    hint = hint_for(kind.name, name, value)
    return f"expected {name} as {kind.one}, got {came(value)}{'; ' if hint else ''}{hint}"


def _as_it_is(name: str, value: Any) -> Any:
    """Return a value that has no parts to look at."""
    return value


@functools.cache
def _simple(annotation: Any) -> Kind:
    """Return the kind of an annotation that is one class."""
    name = annotation.__name__
    article = "an" if name[0] in "AEIO" or name[:2] in ("LS", "RN") else "a"
    one, many = WORDS.get(name, (f"{article} {name}", f"{name}s"))
    fits = FITS.get(name) or (lambda value: isinstance(value, annotation))
    own = PYTHONS_OWN.get(name)
    return Kind(name, one, many, fits, (lambda _, value: own(value)) if own else _as_it_is)


def kind_of(annotation: Any) -> Kind:
    """Return what an annotation asks for."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in (Any, object) or isinstance(annotation, TypeVar):
        return Kind("", "anything", "anything", lambda value: True, _as_it_is)
    if annotation in (None, types.NoneType):
        return Kind("None", "None", "None", lambda value: value is None, _as_it_is)
    if origin in (typing.Union, types.UnionType):
        return _one_of([kind_of(part) for part in parts])
    if origin is collections.abc.Callable:
        return _simple(origin)
    if origin is tuple and parts[-1] is not ...:
        return _tuple_of([kind_of(part) for part in parts])
    if origin is not None and issubclass(origin, Mapping):
        return _by_name(kind_of(parts[0]), kind_of(parts[1]))
    if origin is not None and issubclass(origin, Iterable):
        return _many_of(kind_of(parts[0]), ordered=origin is not Iterable)
    return _simple(origin or annotation)


def _one_of(kinds: list[Kind]) -> Kind:
    """Return the kind of a union: the first part that a value fits reads it."""
    told = [kind for kind in kinds if kind.name not in ("None", "PathLike")]
    if any(kind.name == "PathLike" for kind in kinds):
        told = [kind for kind in kinds if kind.name == "PathLike"]
    *others, last = [kind.one for kind in told]
    many = " or ".join(kind.many for kind in told)
    return Kind(
        told[0].name,
        f"{', '.join(others)} or {last}" if others else last,
        many,
        lambda value: any(kind.fits(value) for kind in kinds),
        lambda name, value: next(kind for kind in kinds if kind.fits(value)).read(name, value),
    )


def _many_of(part: Kind, *, ordered: bool) -> Kind:
    """Return the kind of a list: also a tuple, a range, a generator, or an array of numbers.

    A set will do where the order does not count.
    """
    without = (bytes, Mapping, collections.abc.Set) if ordered else (bytes, Mapping)

    def fits(value: Any) -> bool:
        if isinstance(value, str):
            return part.name in ("str", "")
        if hasattr(value, "dtype"):
            return part.name in ("int", "float", "bool", "") and bool(value.shape)
        return isinstance(value, Iterable) and not isinstance(value, without)

    def read_all(name: str, value: Any) -> Any:
        if isinstance(value, str):
            return value
        given = list(value)
        items = [read(part, f"{name}[{index}]", item) for index, item in enumerate(given)]
        same = all(item is before for item, before in zip(items, given, strict=True))
        return value if same and isinstance(value, list | tuple) else tuple(items)

    return Kind("Sequence", f"a list of {part.many}", f"lists of {part.many}", fits, read_all)


def _tuple_of(parts: list[Kind]) -> Kind:
    """Return the kind of a tuple of these parts."""

    def fits(value: Any) -> bool:
        return isinstance(value, tuple | list) and len(value) == len(parts)

    def read_all(name: str, value: Any) -> tuple:
        pairs = enumerate(zip(parts, value, strict=True))
        return tuple(read(part, f"{name}[{index}]", item) for index, (part, item) in pairs)

    words = f"({', '.join(part.one for part in parts)})"
    return Kind("tuple", f"a tuple {words}", f"tuples {words}", fits, read_all)


def _by_name(key: Kind, part: Kind) -> Kind:
    """Return the kind of a dict."""

    def read_all(name: str, value: Mapping) -> Mapping:
        for own in value:
            read(key, f"a key of {name}", own)
        items = {own: read(part, f"{name}[{own!r}]", item) for own, item in value.items()}
        same = all(items[own] is value[own] for own in items)
        return value if same else items

    return Kind(
        "Mapping",
        f"a dict of {part.many}",
        f"dicts of {part.many}",
        lambda value: isinstance(value, Mapping),
        read_all,
    )


def _is_truth(value: Any) -> bool:
    """Return whether a value is True or False."""
    return isinstance(value, bool | np.bool_) or (
        "bool" in str(getattr(value, "dtype", "")) and not value.shape
    )


def _is_number(value: Any) -> bool:
    """Return whether a value is one real number, and not NaN."""
    if _is_truth(value) or isinstance(value, str | bytes) or getattr(value, "shape", ()) != ():
        return False
    try:
        return not math.isnan(float(value))
    except (TypeError, ValueError):
        return False


def _is_array(value: Any) -> bool:
    """Return whether a value is an array of numbers, or what NumPy makes one of."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return False
    return array.dtype.kind in "fiu" and array.ndim > 0


def _is_function(value: Any) -> bool:
    """Return whether a value can be called: a class of modules would only be made."""
    return callable(value) and not isinstance(value, type)


def _is_slice(value: Any) -> bool:
    """Return whether a value is a slice of whole numbers."""
    if not isinstance(value, slice):
        return False
    return all(part is None or is_whole(part) for part in (value.start, value.stop, value.step))


FITS: dict[str, Callable[[Any], bool]] = {
    "RNNBase": is_recurrent,
    "Callable": _is_function,
    "bool": _is_truth,
    "float": _is_number,
    "int": is_whole,
    "ndarray": _is_array,
    "slice": _is_slice,
}
"""Whether a value is of a class, where isinstance does not tell."""

PYTHONS_OWN: dict[str, Callable[[Any], Any]] = {"bool": bool, "float": float, "int": operator.index}
"""What makes a number of another library one of Python's own."""
