import dataclasses

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnn_figures.configurations import describe, every_configuration
from rnn_figures.proofs import ProofError
from rnn_figures.traces.final_states import final_states
from rnn_figures.traces.tracing import trace
from tests.cases import few_modules

LENGTHS = torch.tensor([3, 7, 2, 5])


def sequence(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def lookup(state, **names):
    """Run the code that a state gives for its slice of output."""
    return eval(state.in_output, {"torch": torch, **names})


@pytest.mark.parametrize("module", few_modules(every_configuration(3, 8, 5)), ids=describe)
def test_final_states_code_reads_the_row_from_output(module):
    x = sequence(4, 7, 3) if module.batch_first else sequence(7, 4, 3)

    t = trace(module, x)
    states = final_states(t)

    directions = 1 + module.bidirectional
    rows = directions * module.num_layers
    assert len(states) == rows * (2 if module.mode == "LSTM" else 1)
    for state in states:
        assert state.proved
        assert state.row == directions * state.layer + state.direction
        assert (state.in_output is not None) == (
            state.quantity == "h" and state.layer == module.num_layers - 1
        )
        if state.in_output:
            assert torch.equal(lookup(state, output=t.output), t.h_n[state.row])


@pytest.mark.parametrize("enforce_sorted", [True, False])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_final_states_packed_reads_each_sequence_at_its_own_end(
    enforce_sorted, batch_first, bidirectional
):
    options = {"batch_first": batch_first, "bidirectional": bidirectional}
    lstm = nn.LSTM(3, 8, num_layers=2, proj_size=5, **options)
    lengths = LENGTHS.sort(descending=True).values if enforce_sorted else LENGTHS
    packed = pack_padded_sequence(sequence(7, 4, 3), lengths, enforce_sorted=enforce_sorted)

    t = trace(lstm, packed)
    found = [state for state in final_states(t) if state.in_output]

    assert isinstance(t.output, PackedSequence)
    padded, lengths = pad_packed_sequence(t.output, batch_first=batch_first)
    assert [state.row for state in found] == ([2, 3] if bidirectional else [1])
    for state in found:
        assert state.proved
        assert torch.equal(lookup(state, padded=padded, lengths=lengths), t.h_n[state.row])
    assert found[0].steps == tuple((lengths - 1).tolist())


@pytest.mark.parametrize("bidirectional", [False, True])
def test_final_states_unbatched_has_no_batch_axis(bidirectional):
    gru = nn.GRU(3, 8, bidirectional=bidirectional, batch_first=True)
    x = sequence(7, 3)

    t = trace(gru, x)

    for state in final_states(t):
        assert state.proved
        assert torch.equal(lookup(state, output=t.output), t.h_n[state.row])


def test_final_states_of_the_start_page_read_as_one_would_type_them():
    lstm = nn.LSTM(5, 3, num_layers=2, bidirectional=True)

    states = final_states(trace(lstm, sequence(4, 1, 5)))

    assert [(state.name, state.direction_name, state.in_output) for state in states[:4]] == [
        ("h_n[0]", "forward", None),
        ("h_n[1]", "reverse", None),
        ("h_n[2]", "forward", "output[-1, :, :3]"),
        ("h_n[3]", "reverse", "output[0, :, 3:]"),
    ]
    assert [state.name for state in states[4:]] == ["c_n[0]", "c_n[1]", "c_n[2]", "c_n[3]"]
    assert states[2].steps == (3,)
    assert states[3].steps == (0,)


def test_final_states_proves_every_number():
    states = final_states(trace(nn.LSTM(3, 8, num_layers=2), sequence(7, 4, 3)))

    # a row is compared with the last state of its layer, the top layer's h with output too
    assert [state.proof.values for state in states] == [4 * 8, 2 * 4 * 8, 4 * 8, 4 * 8]


def test_final_states_refuse_a_row_that_output_does_not_hold():
    t = trace(nn.GRU(3, 8), sequence(7, 4, 3))
    output = t.output_steps().clone()
    output[-1, 2, 5] += 1

    message = r"layer 0 \(forward\), h_n\[0\], output\[-1\]\[2, 5\]: expected"
    with pytest.raises(ProofError, match=message):
        final_states(dataclasses.replace(t, output=output))


def test_final_states_refuse_a_row_that_its_layer_did_not_compute():
    t = trace(nn.LSTM(3, 8), sequence(7, 4, 3))
    assert t.c_n is not None
    t.c_n[0, 2, 5] += 1

    with pytest.raises(ProofError, match=r"layer 0 \(forward\), c_n\[0\]\[2, 5\]: expected"):
        final_states(t)
