import copy

import pytest
import torch
from torch import nn

from rnn_figures import gate_rows
from rnn_figures.configurations import describe, every_configuration
from rnn_figures.gate_rows import moved_gates, prove_rows
from rnn_figures.proofs import ProofError
from rnn_figures.weights import parameter_slices

CONFIGURATIONS = every_configuration(4, 3, 2)[::11]


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_prove_rows_holds_for(module):
    proof = prove_rows(module)

    assert proof.words.startswith("each block of rows moves its own quantity alone, nn.")
    assert proof.values == sum(map(len, parameter_slices(module).values()))


def test_prove_rows_of_one_place_is_of_its_parameters_alone():
    module = nn.LSTM(4, 3, num_layers=2, bidirectional=True)

    assert prove_rows(module, (1, 0)).values == len("ifgo") * len(module.all_weights[2])
    assert prove_rows(module, (1, 0), (1, 1)).values * 2 == prove_rows(module).values


@pytest.mark.parametrize("name", ["weight_ih_l1", "weight_hh_l1_reverse", "bias_hh_l0_reverse"])
@pytest.mark.parametrize(("row", "letter"), list(enumerate("iiifffgggooo")))
def test_moved_gates_each_row_is_one_gates(name, row, letter):
    module = nn.LSTM(4, 3, num_layers=2, bidirectional=True)

    assert moved_gates(module, name, slice(row, row + 1)) == letter


@pytest.mark.parametrize(
    ("module", "name", "rows", "letters"),
    [
        (nn.GRU(4, 3), "weight_hh_l0", slice(2, 7), "rzn"),
        (nn.GRU(4, 3), "bias_hh_l0", slice(6, 9), "n"),
        (nn.LSTM(4, 3, proj_size=2), "weight_hr_l0", slice(0, 2), "h"),
        (nn.RNN(4, 3, nonlinearity="relu"), "weight_ih_l0", slice(1, 2), "h"),
        (nn.LSTM(4, 3), "weight_ih_l0", slice(3, 3), ""),
    ],
    ids=lambda value: describe(value) if isinstance(value, nn.RNNBase) else None,
)
def test_moved_gates_names_every_gate_that_the_rows_touch(module, name, rows, letters):
    assert moved_gates(module, name, rows) == letters


def test_moved_gates_does_not_depend_on_the_modules_numbers():
    module = nn.LSTM(4, 3)
    for parameter in module.parameters():
        nn.init.constant_(parameter, 1000.0)  # every gate saturated

    assert moved_gates(module, "bias_ih_l0", slice(3, 6)) == "f"


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_prove_rows_leaves_the_module_as_it_was(dtype):
    module = nn.GRU(4, 3, num_layers=2, dropout=0.5, dtype=dtype).train()
    before = copy.deepcopy(module.state_dict())
    random_state = torch.get_rng_state()

    prove_rows(module)

    assert all(torch.equal(before[name], now) for name, now in module.state_dict().items())
    assert module.training
    assert {parameter.dtype for parameter in module.parameters()} == {dtype}
    assert torch.equal(torch.get_rng_state(), random_state)


def test_prove_rows_finds_another_order(monkeypatch):
    def in_another_order(module):
        return {
            name: dict(zip("figo", slices.values(), strict=True))
            for name, slices in parameter_slices(module).items()
        }

    monkeypatch.setattr(gate_rows, "parameter_slices", in_another_order)

    message = r"the quantity that weight_ih_l0\[0:3\] moves: expected 'i', got 'f'"
    with pytest.raises(ProofError, match=message):
        prove_rows(nn.LSTM(4, 3))


def test_moved_gates_lists_the_parameters_there_are():
    names = ", ".join(parameter_slices(nn.GRU(4, 3)))

    with pytest.raises(ValueError, match=f"expected a parameter of {names}, got 'weight_hr_l0'"):
        moved_gates(nn.GRU(4, 3), "weight_hr_l0", slice(0, 3))
