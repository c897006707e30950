import dataclasses

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnn_figures import trace
from rnn_figures.proofs import ProofError
from rnn_figures.traces.returned import keepers, prove, tags
from tests.cases import FORMS, H_CELL, H_IN, H_OUT, LENGTHS, L, make_input


def lstm(batch_first=False):
    options = {"num_layers": 2, "bidirectional": True, "proj_size": H_OUT}
    return nn.LSTM(H_IN, H_CELL, batch_first=batch_first, **options)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_keepers_code_reads_the_state_from_what_the_module_returned(form, batch_first):
    module = lstm(batch_first)
    t = trace(module, make_input(module, form, torch.float32))
    sequence = 0 if form == "unbatched" else 2
    names = {"output": t.output, "h_n": t.h_n, "c_n": t.c_n}
    if isinstance(t.output, PackedSequence):
        names["padded"] = pad_packed_sequence(t.output, batch_first=batch_first)[0]

    kept = keepers(t, sequence, tags(t, sequence))

    length = LENGTHS[form][sequence] if form in LENGTHS else L
    assert len(kept) == 2 * 4 * length
    for (letter, layer, direction, step), codes in kept.items():
        state = t[layer, direction][letter][step, sequence]
        for code in filter(None, codes.values()):
            value = eval(code, names)
            expected = value if value.dim() == 1 else value[sequence]
            torch.testing.assert_close(expected, state, rtol=0, atol=1e-6)


def test_keepers_keep_the_top_layers_h_every_last_state_and_nothing_else():
    t = trace(lstm(), make_input(lstm(), "batched", torch.float32))

    kept = keepers(t, 0, tags(t, 0))

    assert kept["h", 1, 0, 0] == {"output": "output[0, :, :5]"}
    assert set(kept["h", 1, 0, L - 1]) == {"output", "h_n"}
    assert kept["c", 1, 1, 0] == {"c_n": "c_n[3]"}
    assert kept["h", 0, 1, 0] == {"h_n": "h_n[1]"}
    assert kept["h", 0, 1, 1] == {"nowhere": ""}
    assert kept["c", 1, 0, 0] == {"nowhere": ""}


def test_tags_name_the_sequence_of_a_packed_batch():
    t = trace(lstm(), make_input(lstm(), "packed unsorted", torch.float32))

    found = tags(t, 2)

    assert [tag.name for tag in found] == [f"{q}_n[{row}, 2]" for q in "hc" for row in range(4)]
    assert [tag.step for tag in found[:4]] == [1, 0, 1, 0]
    assert [tag.twin for tag in found[:4]] == [None, None, "padded[1, 2, :5]", "padded[0, 2, 5:]"]


def test_prove_includes_the_trace_every_row_and_every_step_of_output():
    t = trace(lstm(), make_input(lstm(), "batched", torch.float32))

    proof = prove(t)

    rows = t.h_n.numel() + t.h_n[2:].numel() + t.h_n.new_empty(4, 4, H_CELL).numel()
    assert proof.values == t.proof.values + rows + t.output_steps().numel()
    assert proof.words.startswith("equal to nn.LSTM; ")


@pytest.mark.parametrize("form", ["batched", "unbatched"])
def test_prove_refuses_an_output_that_is_not_the_top_layers_h(form):
    t = trace(lstm(), make_input(lstm(), form, torch.float32))
    assert isinstance(t.output, torch.Tensor)
    output = t.output.clone()
    output[3] += 1

    with pytest.raises(ProofError, match=r"output, the h of the top layer\[3, "):
        prove(dataclasses.replace(t, output=output))
