"""What watchers have in common: each looks at some of torch's functions while a model runs.

A watcher marks by `watches` which functions a method of its own looks at. When the model has
returned it is asked what it has seen, and then what is read, which takes gradients.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from rnn_figures.models.recording import Recorder

ANYONE = None
"""Who calls a function: the model, or for it a module or function of torch's."""


class Seen(NamedTuple):
    """Something done to tensors on the way to a layer, or behind it.

    Attributes:
        check: What is odd in it: the subject of a note.
        where: File and line that did it.
        shapes: What its words have room for, such as the shapes before and after.
        name: The layer that it is about; None of a watcher's for the last that was called.
    """

    check: str
    where: str
    shapes: tuple[Any, ...] = ()
    name: str | None = None


class Operation(NamedTuple):
    """What one function of torch's was given and returned, and the model's line that called it."""

    where: str
    args: Sequence[Any]
    named: Mapping[str, Any]
    returned: Any

    def given(self, place: int, *names: str, default: Any = None) -> Any:
        """Return an argument, whether it came by its place or by one of its names."""
        if len(self.args) > place:
            return self.args[place]
        return next((self.named[name] for name in names if name in self.named), default)


class Watcher:
    """Looks at what a run does.

    Attributes:
        recorder: The calls of layers, until now.
        odd: What is odd in it whatever comes after.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.odd: list[Seen] = []

    def tell(self, check: str, operation: Operation, *shapes: Any) -> None:
        """Keep that an operation is odd."""
        self.odd.append(Seen(check, operation.where, shapes))

    def seen(self, returned: Any) -> Iterable[Seen]:
        """Return what is odd in what was done, given what the model returned."""
        return self.odd

    def read(self, returned: Any) -> Iterable[Seen]:
        """Return what is odd in what the result or a loss reads; it takes gradients."""
        return ()


def watches(*functions: Callable[..., Any], by: str | None = "") -> Callable[[Any], Any]:
    """Mark a method of a watcher's as one that looks at functions of torch's.

    Args:
        *functions: Which; a method of a tensor is one too.
        by: The function of torch's that calls them; "" for the model itself, or ANYONE.
    """

    def marked(look: Any) -> Any:
        look.watched = (*getattr(look, "watched", ()), *((each, by) for each in functions))
        return look

    return marked


def looks_of(watcher: Watcher) -> Iterator[tuple[Any, str | None, Callable[[Operation], None]]]:
    """Yield the functions that a watcher looks at, who calls them, and the method that looks."""
    for name, look in vars(type(watcher)).items():
        for function, by in getattr(look, "watched", ()):
            yield function, by, getattr(watcher, name)


def both(*names: str) -> tuple[Callable[..., Any], ...]:
    """Return methods of a tensor, and the functions of torch's by the same names."""
    return tuple(getattr(of, name) for name in names for of in (Tensor, torch))


VIEWS = (Tensor.view, *both("reshape"))

CATS = (torch.cat, torch.concat, torch.concatenate)

PRODUCTS = both("mul")

DIFFERENCES = (*both("sub"), Tensor.__rsub__)

LOSSES = (
    functional.mse_loss,
    functional.l1_loss,
    functional.smooth_l1_loss,
    functional.huber_loss,
)

SOFTMAXES = (functional.softmax, functional.log_softmax, *both("softmax", "log_softmax"))
