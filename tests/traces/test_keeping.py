"""trace(layers=, steps=, sequences=): what is kept, nothing else is held, all is checked."""

import dataclasses

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnn_figures import Trace, TraceMismatchError, gate_plot, h_n_table, trace, unrolled_diagram

X = torch.randn(9, 4, 5, generator=torch.Generator().manual_seed(0))
LSTM = nn.LSTM(5, 3, num_layers=3, bidirectional=True)
PACKED = pack_padded_sequence(X, [9, 2, 6, 4], enforce_sorted=False)


def tensors(value: object) -> list[Tensor]:
    """Return every tensor that a trace reaches, its module's left out."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, PackedSequence | tuple | list):
        return [found for part in value for found in tensors(part)]
    if isinstance(value, dict):
        return [found for part in value.values() for found in tensors(part)]
    if dataclasses.is_dataclass(value):
        return [
            t for field in dataclasses.fields(value) for t in tensors(getattr(value, field.name))
        ]
    return []


def held(found: Trace) -> int:
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage() for t in tensors(found)}
    return sum(storage.nbytes() for storage in storages.values())


def asked_for(found: Trace) -> int:
    """Return the bytes of all numbers in a trace, each tensor's own; output is the top h again."""
    return sum(t.numel() * t.element_size() for t in tensors(found))


@pytest.mark.parametrize("input", [X, PACKED, X[:, 0]], ids=["tensor", "packed", "unbatched"])
@pytest.mark.parametrize("layers", [None, 1, slice(1, None), (2, 0)], ids=str)
@pytest.mark.parametrize("steps", [None, slice(1, None, 2), [0, 1], 1], ids=str)
def test_what_is_kept_is_that_of_the_whole_trace(input, layers, steps):
    count = 1 if isinstance(input, Tensor) and input.dim() == 2 else 4
    sequences = [count - 1, 0]
    whole = trace(LSTM, input)

    part = trace(LSTM, input, layers=layers, steps=steps, sequences=sequences)

    own = list(part.kept.steps)
    chosen = list(part.kept.sequences)
    assert chosen == list(dict.fromkeys(sequences))
    for layer in part.kept.layers:
        for direction in (0, 1):
            kept, all_of_it = part[layer, direction], whole[layer, direction]
            for letter in ("x", *kept.quantities):
                given = all_of_it[letter][own][:, chosen]
                assert torch.equal(kept[letter].nan_to_num(9), given.nan_to_num(9))
            assert torch.equal(kept.h_0, all_of_it.h_0[chosen])
            assert kept.lengths.tolist() == [sum(t < n for t in own) for n in kept.ends or ()]
    assert (part.proof.values, part.max_difference) == (whole.proof.values, whole.max_difference)


@pytest.mark.parametrize("batch_first", [False, True])
def test_output_and_final_states_are_of_what_is_kept(batch_first):
    gru = nn.GRU(5, 3, batch_first=batch_first)
    x = X.transpose(0, 1) if batch_first else X
    whole, part = trace(gru, x), trace(gru, x, steps=slice(2, 5), sequences=(3, 1))

    assert isinstance(part.output, Tensor)
    assert torch.equal(part.output_steps(), whole.output_steps()[2:5][:, [3, 1]])
    assert part.output.shape == ((2, 3, 3) if batch_first else (3, 2, 3))
    assert torch.equal(part.h_n, whole.h_n[:, [3, 1]])


def test_a_packed_output_is_packed_again():
    part = trace(LSTM, PACKED, steps=slice(3, None), sequences=[3, 0])

    output, lengths = pad_packed_sequence(part.output)
    assert lengths.tolist() == part.lengths.tolist() == [1, 6]
    assert torch.equal(output[:, 1], trace(LSTM, PACKED).output_steps()[3:, 0])
    with pytest.raises(ValueError, match="got none of sequence 1, which has 2"):
        trace(LSTM, PACKED, steps=slice(3, None))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"layers": 1},
        {"steps": slice(0, 20)},
        {"sequences": 0},
        {"steps": [7, 90], "layers": -1},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_trace_holds_no_more_than_it_returns(kind, options):
    module = kind(16, 32, num_layers=2, bidirectional=True)

    found = trace(module, torch.randn(100, 8, 16), **options)

    assert held(found) <= 1.2 * asked_for(found)


def test_the_check_covers_what_is_not_kept():
    gru = nn.GRU(5, 3, num_layers=2)
    gru.register_forward_hook(
        lambda module, args, given: (
            given[0].index_add(0, torch.tensor([8]), torch.ones(1, 4, 3)),
            given[1],
        )
    )

    with pytest.raises(TraceMismatchError, match="step 8"):
        trace(gru, X, layers=0, steps=slice(0, 2), sequences=0)


def test_a_step_is_known_by_its_number():
    whole, part = trace(LSTM, X), trace(LSTM, X, steps=[3, 4, 8])

    for letter, value in part[1, 0].step(4, sequence=2).items():
        assert torch.equal(value, whole[1, 0].step(4, sequence=2)[letter])
    assert torch.equal(part[1, 1].step(-1)["h_prev"], whole[1, 1].h_0[0])
    with pytest.raises(IndexError, match="without step 7"):
        part[1, 0].step(8)
    with pytest.raises(IndexError, match="without step 5"):
        part[1, 0].step(5)


def test_plots_name_the_sequence_that_is_kept():
    plot = gate_plot(trace(LSTM, X, sequences=[2], layers=1), layer=1)

    assert "layer 1, forward, sequence 2" in plot.axes[0].get_title(loc="left")


@pytest.mark.parametrize("figure", [unrolled_diagram, h_n_table, gate_plot])
def test_figures_of_the_whole_run_refuse_a_part(figure):
    with pytest.raises(ValueError, match="expected a trace of the whole run"):
        figure(trace(LSTM, X, steps=slice(2, 4)))


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"layers": 3}, IndexError, r"expected layers in 0..2, got 3"),
        ({"steps": [0, 9]}, IndexError, r"expected steps in 0..8, got 9"),
        ({"sequences": -5}, IndexError, r"expected sequences in 0..3, got -5"),
        ({"steps": slice(9, 12)}, ValueError, "expected steps to keep, got none"),
        ({"layers": ()}, ValueError, "expected layers to keep, got none"),
    ],
    ids=str,
)
def test_what_there_is_not_cannot_be_kept(options, kind, said):
    with pytest.raises(kind, match=said):
        trace(LSTM, X, **options)


def test_a_layer_that_was_not_kept_is_named():
    with pytest.raises(IndexError, match="expected a layer that was kept, 1, got layer 2"):
        trace(LSTM, X, layers=1)[-1, 0]
