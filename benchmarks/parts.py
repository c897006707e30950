"""Where the time of a trace goes: its functions on a clock that runs for one of them at a time."""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from unittest import mock

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from rnn_figures import trace
from rnn_figures.traces import calling, replay, tracing

ROUNDS, SECONDS = 3, 1.0
"""A trace is taken apart at least so often, and again until it has taken so long."""

FUNCTIONS = {
    "below": ((calling, "_run_layer"),),
    "products": ((replay, "affine"), (replay, "add_product")),
    "gates": ((tracing, "replay"),),
    "check": (
        (tracing, "agree_closely"),
        (tracing, "_check_ends"),
        (tracing, "_within_rounding"),
    ),
}
"""The functions of each part; what one of them calls of another part counts there."""


class Parts(NamedTuple):
    """Seconds of a trace by part, and how many operators of torch it calls."""

    forward: float  # the module's own, run once
    below: float  # the layers below the top once more
    products: float  # of all that the steps read with the weights
    gates: float  # sigmoid and tanh, and c step by step
    check: float  # every h rebuilt, h_n and c_n, with what the module gave
    rest: float  # layout, copies, weights by name, records
    operators: int  # that a trace calls, the module's own included
    operators_of_forward: int


def parts(module: nn.RNNBase, input: Tensor) -> Parts:
    """Take the trace of a module apart: the median of each part.

    The clock is read at each border between two parts. That costs a microsecond or two each time,
    which shows only where a forward takes some hundred.
    """
    rounds: list[dict[str, float]] = []
    with torch.no_grad(), _on_the_clock(module) as clock:
        end = time.perf_counter() + SECONDS
        while len(rounds) < ROUNDS or time.perf_counter() < end:
            rounds.append(clock.take(lambda: trace(module, input)))

    def median(part: str) -> float:
        return statistics.median(taken.get(part, 0.0) for taken in rounds)

    return Parts(
        forward=median("forward"),
        below=median("below"),
        products=median("products"),
        gates=median("gates"),
        check=median("check"),
        rest=median("rest"),
        operators=_operators(lambda: trace(module, input)),
        operators_of_forward=_operators(lambda: module(input)),
    )


class _Clock:
    """A clock of this thread that runs for one part at a time."""

    def __init__(self) -> None:
        self._running = ["rest"]
        self._since = 0.0
        self._taken: dict[str, float] = {}

    def take(self, call: Callable[[], object]) -> dict[str, float]:
        """Return the seconds of each part of a call; what it returned is freed afterwards."""
        self._taken, self._since = {}, time.thread_time()
        result = call()
        self._stop()
        del result
        return self._taken

    def on(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that runs on the clock of a part."""

        def timed(*args: Any, **options: Any) -> Any:
            self._stop()
            self._running.append(part)
            try:
                return function(*args, **options)
            finally:
                self._stop()
                self._running.pop()

        return timed

    def _stop(self) -> None:
        """Add the time since the last stop to the part that runs."""
        now, part = time.thread_time(), self._running[-1]
        self._taken[part] = self._taken.get(part, 0.0) + now - self._since
        self._since = now


@contextlib.contextmanager
def _on_the_clock(module: nn.RNNBase) -> Iterator[_Clock]:
    """Put the functions of a trace, and the module's forward, on a clock."""
    clock = _Clock()
    with contextlib.ExitStack() as stack:
        named = [(part, *one) for part, functions in FUNCTIONS.items() for one in functions]
        for part, owner, name in (*named, ("forward", module, "forward")):
            timed = clock.on(part, getattr(owner, name))
            stack.enter_context(mock.patch.object(owner, name, timed))
        yield clock


def _operators(call: Callable[[], object]) -> int:
    """Return how many operators of torch a call runs, those inside others included."""
    with torch.no_grad(), profile(activities=[ProfilerActivity.CPU]) as profiler:
        call()
    return sum(event.name.startswith("aten::") for event in profiler.events() or [])
