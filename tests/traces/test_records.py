import copy
import dataclasses
import pickle
import re

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_figures import trace
from tests.cases import H_CELL, H_IN, H_OUT, LENGTHS, L, N, make_hx, make_input


def test_layer_trace_shapes_do_not_follow_the_modules_layout():
    module = nn.LSTM(H_IN, H_CELL, proj_size=H_OUT, batch_first=True)

    t = trace(module, torch.randn(N, L, H_IN))

    assert t[0, 0].f.shape == t[0, 0].c.shape == (L, N, H_CELL)
    assert t[0, 0].h.shape == (L, N, H_OUT)
    assert t[0, 0].x.shape == (L, N, H_IN)
    assert t[0, 0].h_0.shape == (N, H_OUT)
    c_0 = t[0, 0].c_0
    assert c_0 is not None
    assert c_0.shape == (N, H_CELL)
    assert t.shapes()["output"] == (N, L, H_OUT)


def test_layer_trace_is_nan_beyond_the_end():
    module = nn.GRU(H_IN, H_CELL, num_layers=2, bidirectional=True)
    lengths = LENGTHS["packed unsorted"]

    t = trace(module, make_input(module, "packed unsorted", torch.float32))

    assert t.lengths.tolist() == lengths
    beyond = torch.arange(L)[:, None] >= torch.tensor(lengths)
    for quantity in ("x", "r", "z", "n", "h"):
        for place in ((0, 0), (0, 1), (1, 0), (1, 1)):
            assert torch.equal(t[place][quantity].isnan().all(-1), beyond)
            assert torch.equal(t[place][quantity].isnan().any(-1), beyond)


def test_step_of_the_reverse_direction_reads_the_step_after():
    module = nn.LSTM(H_IN, H_CELL, bidirectional=True)
    hx = make_hx(module, "packed unsorted", torch.float32)
    t = trace(module, make_input(module, "packed unsorted", torch.float32), hx)
    last = LENGTHS["packed unsorted"][2] - 1

    first_read = t[0, 1].step(last, sequence=2)
    then_read = t[0, 1].step(last - 1, sequence=2)

    assert torch.equal(first_read["h_prev"], hx[0][1, 2])
    assert torch.equal(first_read["c_prev"], hx[1][1, 2])
    assert torch.equal(then_read["h_prev"], first_read["h"])
    assert torch.equal(then_read["c_prev"], first_read["c"])


def test_step_counts_from_the_end_and_refuses_what_is_not_there():
    module = nn.GRU(H_IN, H_CELL)
    layer_trace = trace(module, make_input(module, "packed unsorted", torch.float32))[0, 0]

    assert torch.equal(layer_trace.step(-1)["h"], layer_trace.h[2, 0])
    with pytest.raises(IndexError, match=re.escape("expected a step in 0..2 of sequence 0, got 3")):
        layer_trace.step(3)
    with pytest.raises(IndexError, match=re.escape("expected a sequence in 0..3, got 4")):
        layer_trace.step(0, sequence=4)


def test_layer_trace_has_only_the_quantities_of_its_cell():
    layer_trace = trace(nn.GRU(H_IN, H_CELL), torch.randn(L, N, H_IN))[0, 0]

    assert layer_trace.quantities == ("r", "z", "n", "h")
    assert layer_trace.c_0 is None
    with pytest.raises(AttributeError, match="no quantity 'f'; it has r, z, n, h"):
        _ = layer_trace.f
    with pytest.raises(KeyError, match="no quantity 'c'"):
        _ = layer_trace["c"]


def test_trace_index_says_what_exists():
    t = trace(nn.GRU(H_IN, H_CELL, num_layers=2), torch.randn(L, N, H_IN))

    assert t[-1, 0] is t[1, 0]
    expected = (
        "expected trace[layer, direction] with layer in 0..1 and direction in 0..0, got (0, 1)"
    )
    with pytest.raises(IndexError, match=re.escape(expected)):
        _ = t[0, 1]
    with pytest.raises(IndexError, match=re.escape("got 1; trace[1, 0] is its forward direction")):
        _ = t[1]  # pyright: ignore[reportArgumentType] (the mistake meant)


def test_trace_survives_pickle_and_copy():
    module = nn.LSTM(H_IN, H_CELL)
    t = trace(module, torch.randn(L, N, H_IN))

    again = pickle.loads(pickle.dumps(t))

    assert torch.equal(again[0, 0].f, t[0, 0].f)
    assert torch.equal(copy.deepcopy(t)[0, 0].c, t[0, 0].c)


def test_shapes_name_only_what_there_is():
    t = trace(nn.GRU(H_IN, H_CELL), torch.randn(L, H_IN))

    assert list(t.shapes()) == ["output", "h_n", *(f"[0, 0].{letter}" for letter in "xrznh")]
    assert t.shapes()["h_n"] == (1, H_CELL)
    assert not t.batched


def test_trace_shows_its_shapes():
    module = nn.LSTM(H_IN, H_CELL)
    t = trace(module, pack_padded_sequence(torch.randn(L, N, H_IN), [7, 5, 3, 2]))

    assert "[0, 0].f       (7, 4, 8)" in repr(t)
    assert "output.data    (17, 8)" in repr(t)
    assert "equal to nn.LSTM, torch " in repr(t)
    assert "| `[0, 0].c` | (7, 4, 8) |" in t._repr_markdown_()


@pytest.mark.parametrize("batch_first", [False, True])
def test_output_steps_are_in_one_layout_whatever_the_modules(batch_first):
    module = nn.GRU(H_IN, H_CELL, bidirectional=True, batch_first=batch_first)
    x = torch.randn(L, N, H_IN)

    t = trace(module, x.transpose(0, 1) if batch_first else x)
    alone = trace(module, x[:, 2])

    halves = [t[0, direction].h for direction in (0, 1)]
    assert torch.equal(t.output_steps(), torch.cat(halves, -1))
    assert alone.output_steps().shape == (L, 1, 2 * H_CELL)
    assert isinstance(alone.output, torch.Tensor)
    assert torch.equal(alone.output_steps()[:, 0], alone.output)


@pytest.mark.parametrize("form", LENGTHS)
def test_output_steps_are_nan_beyond_the_end_of_a_packed_sequence(form):
    module = nn.GRU(H_IN, H_CELL)
    x = make_input(module, form, torch.float32)

    steps = trace(module, x).output_steps()

    padded, lengths = pad_packed_sequence(module(x)[0])
    beyond = torch.arange(L)[:, None] >= lengths
    assert torch.equal(steps.nan_to_num(), padded)
    assert torch.equal(steps.isnan().all(-1), beyond)


def test_trace_says_how_many_values_were_compared():
    module = nn.LSTM(H_IN, H_CELL, num_layers=2, bidirectional=True, proj_size=H_OUT)

    batched = trace(module, torch.randn(L, N, H_IN))
    packed = trace(module, make_input(module, "packed unsorted", torch.float32))

    ends = 4 * N * (H_OUT + H_CELL)  # h_n and c_n
    assert batched.proof.values == 4 * L * N * H_OUT + ends
    assert packed.proof.values == 4 * sum(LENGTHS["packed unsorted"]) * H_OUT + ends
    assert batched.unchecked == packed.unchecked == 0
    assert batched.checked == str(batched.proof)


@pytest.mark.parametrize("name", ["h", "gates", "x"])
def test_layer_trace_cannot_be_given_another_field(name):
    layer_trace = trace(nn.GRU(H_IN, H_CELL), torch.randn(L, N, H_IN))[0, 0]

    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(layer_trace, name, None)
