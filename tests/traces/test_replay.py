import itertools

import pytest
import torch
from torch import nn

from rnn_figures import trace
from rnn_figures.traces import replay
from rnn_figures.traces.replay import Given, beyond_the_end
from rnn_figures.weights import weights
from tests.cases import (
    CONFIGURATIONS,
    H_CELL,
    H_IN,
    L,
    N,
    configured,
    few_fast,
    make_hx,
    make_input,
)

WAYS = {
    "one step a block": ("BLOCK", 1),
    "a few steps a block": ("BLOCK", 700),
    "torch alone": ("_in_numpys_reach", lambda value: False),
}
"""How to have a trace computed in another way: a name of the module `replay`, and its value."""


def built(call):
    torch.manual_seed(0)
    return eval(call, {"nn": nn})


REPLAYED = few_fast(
    itertools.product(CONFIGURATIONS, ["batched", "packed unsorted"], WAYS), configured
)


@pytest.mark.parametrize(("call", "form", "way"), REPLAYED)
def test_trace_is_the_same_on_every_way_to_compute_it(monkeypatch, call, form, way):
    module = built(call)
    given_input = make_input(module, form, torch.float32)
    hx = make_hx(module, form, torch.float32)
    expected = trace(module, given_input, hx)

    monkeypatch.setattr(replay, *WAYS[way])
    t = trace(module, given_input, hx)

    for where in itertools.product(range(module.num_layers), range(t.num_directions)):
        for letter in t[where].quantities:
            torch.testing.assert_close(
                t[where][letter], expected[where][letter], rtol=0, atol=1e-6, equal_nan=True
            )


def of_the_module(module, reverse):
    """Run one layer in one direction; return what it read and gave."""
    x, (h_0, c_0) = torch.randn(L, N, H_IN), make_hx(module, "batched", torch.float32)
    with torch.no_grad():
        output, _ = module(x, (h_0, c_0))
    h = output.chunk(1 + module.bidirectional, -1)[reverse]
    return Given(x, h, h_0[int(reverse)], c_0[int(reverse)], reverse)


@pytest.mark.parametrize("reverse", [False, True])
def test_replay_hands_out_every_step_once_in_the_order_of_its_direction(monkeypatch, reverse):
    module = nn.LSTM(H_IN, H_CELL, bidirectional=True)
    given = of_the_module(module, reverse)
    before = [given.x.clone(), given.h.clone(), given.h_0.clone()]
    parameters = {k: w.detach() for k, w in weights(module, 0, int(reverse)).items()}
    monkeypatch.setattr(replay, "BLOCK", 2 * N * 4 * H_CELL)
    seen = []

    gates = replay.replay(
        "LSTM", parameters, given, None, lambda part, h: seen.append((part, h.clone()))
    )

    parts = [(0, 2), (2, 4), (4, 6), (6, 7)]
    assert [(part.start, part.stop) for part, _ in seen] == (parts[::-1] if reverse else parts)
    for part, rebuilt in seen:
        torch.testing.assert_close(rebuilt, given.h[part], rtol=0, atol=1e-6)
    assert {letter: gate.shape for letter, gate in gates.items()} == dict.fromkeys(
        "ifgoc", (L, N, H_CELL)
    )
    assert all(map(torch.equal, before, (given.x, given.h, given.h_0)))


def test_beyond_the_end_marks_the_steps_that_a_sequence_does_not_have():
    beyond = beyond_the_end(torch.tensor([1, 3, 2]), 3, torch.device("cpu"))

    assert beyond is not None
    assert beyond[..., 0].tolist() == [
        [False, False, False],
        [True, False, False],
        [True, False, True],
    ]


def test_beyond_the_end_is_none_where_all_sequences_have_all_steps():
    assert beyond_the_end(torch.tensor([3, 3]), 3, torch.device("cpu")) is None
