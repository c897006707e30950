"""Ordinary mistakes with recurrent layers, some fifteen hundred, as programs of a line or a few.

Each is run as it stands, behind PRELUDE. What it says is its message; `stable` takes out of a
message what differs between readers. tests/site/test_cards.py looks every message up on its page.
"""

import collections
import contextlib
import functools
import io
import itertools
import re
import warnings

import torch

from tests.mistakes.calls import CALLS, WEIGHTS
from tests.mistakes.given import (
    ARGUMENTS,
    CELL_ARGUMENTS,
    CELL_INPUTS,
    CELL_STATES,
    INPUTS,
    LSTM_STATES,
    OTHER_STATES,
    PACKED_INPUTS,
    STATES,
)
from tests.mistakes.results import AFTER, LSTM_AFTER, OTHER_AFTER
from tests.mistakes.sequences import PACKING
from tests.mistakes.training import TRAINING

LAYERS = ("LSTM", "GRU", "RNN")

CELLS = ("LSTMCell", "GRUCell", "RNNCell")

PRELUDE = """
import copy, io
import numpy as np
import torch
from torch import nn
from torch.nn.utils import prune
from torch.nn.utils.rnn import (
    PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence,
    unpad_sequence,
)
from torch.utils.data import DataLoader

torch.manual_seed(0)
x = torch.randn(7, 4, 5)
lengths = [7, 5, 2, 1]
packed = pack_padded_sequence(x, lengths)
sequences = [torch.randn(n, 5) for n in lengths]
zero = torch.zeros

def state(layer, *shape, **options):
    h = torch.zeros(*shape, **options)
    return (h, h.clone()) if layer.startswith("LSTM") else h
"""
"""(L, N, H_in) = (7, 4, 5) for layers of nn.LSTM(5, 3)."""

OPTIONS = ("", ", num_layers=2", ", bidirectional=True", ", batch_first=True")


def mistakes() -> list[str]:
    """Return every mistake."""
    made = [
        f"nn.{layer}(5, 3{option})({given})"
        for layer, option, given in itertools.product(LAYERS, OPTIONS, INPUTS)
    ]
    for layer in LAYERS:
        kind = LSTM_STATES if layer == "LSTM" else OTHER_STATES
        states = [given.format(layer=layer) for given in (*STATES, *kind)]
        after = LSTM_AFTER if layer == "LSTM" else OTHER_AFTER
        called = f"result = nn.{layer}(5, 3)(x); output, hidden = result\n"
        made += [f"nn.{layer}(5, 3)({given})" for given in PACKED_INPUTS]
        made += [f"nn.{layer}(5, 3)(x, {given})" for given in states]
        made += [f"nn.{layer}({given})" for given in ARGUMENTS]
        made += [call.format(layer=layer) for call in (*CALLS, *WEIGHTS)]
        made += [called + use for use in (*AFTER, *after)]
    for cell in CELLS:
        states = [given.format(cell=cell) for given in CELL_STATES]
        made += [f"nn.{cell}(5, 3)({given})" for given in CELL_INPUTS]
        made += [f"nn.{cell}(5, 3)(x[0], {given})" for given in states]
        made += [f"nn.{cell}({given})" for given in CELL_ARGUMENTS]
    return list(dict.fromkeys([*made, *PACKING, *TRAINING]))


GUESS = re.compile(r"(keyword argument '\w+')\. Did you mean '\w+'\?")
"""What Python itself adds, from 3.13 on: a message of torch's is the same with any Python."""


def message(code: str) -> str | None:
    """Return what a mistake says: its error, or else its first warning, or else None."""
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        torch.random.fork_rng(devices=[]),
    ):
        warnings.simplefilter("always")
        try:
            exec(PRELUDE + code, {"__name__": "__main__"})
        except Exception as error:
            return GUESS.sub(r"\1", f"{type(error).__name__}: {error}")
    return f"{caught[0].category.__name__}: {caught[0].message}" if caught else None


@functools.cache
def messages() -> dict[str, str | None]:
    """Return what every mistake says."""
    return {code: message(code) for code in mistakes()}


def mistakes_by_message() -> dict[str, list[str]]:
    """Return the mistakes that say something, by what of it is stable."""
    made = collections.defaultdict(list)
    for code, said in messages().items():
        if said is not None:
            made[stable(said)].append(code)
    return dict(made)


SAME = (
    (r"\b(?:LSTM|GRU|RNN(?:Relu|Tanh)?|RNNBase)(?:Cell)?\b", "Layer"),
    (r"\b(lstm|gru|rnn_tanh)\(\) received .*", "layer() received other arguments"),
    (r"\b\w+\(\) received .*", "f() received other arguments"),
    (r"aten::\w+\.input", "aten::layer.input"),
    (r"attribute '\w+'|keyword argument '\w+'|arguments?: '\w+'(?: and '\w+')?", "name"),
    (r"\b\w+\(\): argument '\w+' \(position \d+\)", "f(): argument"),
    (r"instances of '\w+' and '\w+'|for \S+: '\w+' and '\w+'", "these"),
    (r"not '?<?[\w.]+'?>?$|got:? <?(?:class )?'?[\w.]+'?>?\.?$", "not Kind"),
    (r"Unknown nonlinearity '[^']*'", "Unknown nonlinearity"),
    (r",? which is output \d+ of \w+,?", ""),
    (r"\w+ should be of type", "name should be of type"),
    (r"found <class '\w+'>", "found Kind"),
    (r"\btorch\.\w*(?:float|int|complex|bool)\w*|\b(?:Double|Float|Half|Long|Int|Bool)\b", "dtype"),
    (r"[\[(][\d\s,x-]*[\])]", "[size]"),
    (r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", "0"),
)
"""What differs between readers, and what stands for it."""


def stable(said: str) -> str:
    """Return the first line of a message without numbers, sizes and names of the reader's own."""
    line = GUESS.sub(r"\1", re.sub(r"\x1b\[\d*m", "", said.splitlines()[0]))
    for pattern, same in SAME:
        line = re.sub(pattern, same, line)
    return line
