"""Cases for the tests of traces: configurations, inputs, and which of all products run fast.

All sizes differ, so that no axis can stand in for another.
"""

import heapq
import itertools
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_figures.configurations import describe, every_configuration

L, N, H_IN, H_CELL, H_OUT = 7, 4, 3, 8, 5

LENGTHS = {"packed sorted": [7, 5, 3, 2], "packed unsorted": [3, 7, 2, 5]}

FORMS = ("batched", "unbatched", *LENGTHS)


def options_of(module: nn.RNNBase) -> tuple[Hashable, ...]:
    """Return the options of a configuration."""
    return (
        module.mode,
        module.num_layers,
        module.bidirectional,
        module.bias,
        module.batch_first,
        module.proj_size,
    )


CONFIGURATIONS = {
    describe(module): options_of(module) for module in every_configuration(H_IN, H_CELL, H_OUT)
}
"""The options of every configuration, by the call that makes it."""

MEETING = 3
"""How many options meet in the fast tests in all their values. A mistake that takes four values at
once is left to the slow tests, which run the rest of each product."""

Options = Callable[[tuple], tuple[Hashable, ...]]

Case = TypeVar("Case", bound=tuple)


def configured(case: tuple) -> tuple[Hashable, ...]:
    """Return the options of a case that begins with the call of a configuration."""
    call, *others = case
    return (*CONFIGURATIONS[call], *others)


def meetings(values: Iterable[Hashable], meeting: int = MEETING) -> set[tuple]:
    """Return what meets in one case: each three values, every one with its position."""
    return set(itertools.combinations(enumerate(values), meeting))


def covering(cases: Iterable[Case], options: Options, meeting: int = MEETING) -> list[Case]:
    """Return few of the cases, in which whatever meets in any of them still meets."""
    cases = list(cases)
    left = [meetings(options(case), meeting) for case in cases]
    first = [(-len(own), index) for index, own in enumerate(left)]
    heapq.heapify(first)
    chosen, met = [], set()
    while first:
        count, index = first[0]
        left[index] -= met  # what a case still brings only shrinks: most are not counted again
        if not left[index]:
            heapq.heappop(first)
        elif -count > len(left[index]):
            heapq.heapreplace(first, (-len(left[index]), index))
        else:
            chosen.append(cases[index])
            met |= left[index]
    return chosen


def few_fast(cases: Iterable[tuple], options: Options = tuple) -> list:
    """Return the parameters of a test: few cases that cover all, and the rest, marked slow."""
    cases = list(cases)
    fast = set(covering(cases, options))
    return [pytest.param(*case, marks=[] if case in fast else [pytest.mark.slow]) for case in cases]


def few_modules(modules: Iterable[nn.RNNBase]) -> list:
    """Return modules as the parameters of a test: few that cover all options, the rest slow."""
    return few_fast([(module,) for module in modules], lambda case: options_of(*case))


def make_input(module: nn.RNNBase, form: str, dtype: torch.dtype) -> Tensor | PackedSequence:
    """Return random input of one form for a module."""
    generator = torch.Generator().manual_seed(1)
    steps_first = torch.randn(L, N, H_IN, generator=generator, dtype=torch.float64).to(dtype)
    if form == "unbatched":
        return steps_first[:, 0]
    batch = steps_first.transpose(0, 1) if module.batch_first else steps_first
    if form == "batched":
        return batch
    return pack_padded_sequence(
        batch, LENGTHS[form], batch_first=module.batch_first, enforce_sorted=form == "packed sorted"
    )


def make_hx(module: nn.RNNBase, form: str, dtype: torch.dtype) -> Tensor | tuple[Tensor, Tensor]:
    """Return a random initial state that is not zero."""
    generator = torch.Generator().manual_seed(2)
    rows = module.num_layers * (2 if module.bidirectional else 1)
    h_0 = torch.randn(rows, N, module.proj_size or module.hidden_size, generator=generator)
    c_0 = torch.randn(rows, N, module.hidden_size, generator=generator)
    h_0, c_0 = ((state[:, 0] if form == "unbatched" else state).to(dtype) for state in (h_0, c_0))
    return (h_0, c_0) if module.mode == "LSTM" else h_0
