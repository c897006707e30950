from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import cells
from rnn_figures.configurations import describe, every_configuration
from rnn_figures.proofs import ProofError
from rnn_figures.tables import (
    configuration_table,
    equation_table,
    final_states as tables,
    h_n_table,
    parameter_table,
    shape_table,
)
from rnn_figures.tables.equations import LINES, run_lines
from rnn_figures.traces.tracing import trace
from tests.cases import few_modules

L, N, H_IN, H_CELL, H_OUT = 7, 4, 3, 8, 5
LENGTHS = torch.tensor([3, 7, 2, 5])
CONFIGURATIONS = few_modules(every_configuration(H_IN, H_CELL, H_OUT))


def zeros(module):
    return torch.zeros(*((N, L) if module.batch_first else (L, N)), H_IN)


def column(table, name) -> list[Any]:
    return [row[name] for row in table]


def rows_by_name(table) -> dict[str, dict[str, Any]]:
    return dict(zip(column(table, "tensor"), table, strict=True))


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_shape_table_lists_every_tensor_with_its_live_shape(module):
    x = zeros(module)
    output, states = module(x)
    h_n, *c_n = states if isinstance(states, tuple) else (states,)
    live = {"input": x, "h_0": h_n, "output": output, "h_n": h_n}
    live |= {"c_0": c_n[0], "c_n": c_n[0]} if c_n else {}
    live |= dict(module.named_parameters())

    table = shape_table(module, x)

    assert {row["tensor"]: row["shape"] for row in table} == {
        name: tuple(tensor.shape) for name, tensor in live.items()
    }
    assert column(table, "numbers") == [live[name].numel() for name in column(table, "tensor")]


def test_shape_table_writes_the_letters_of_torch():
    lstm = nn.LSTM(H_IN, H_CELL, num_layers=3, bidirectional=True, proj_size=H_OUT)

    rows = rows_by_name(shape_table(lstm, zeros(lstm)))

    assert {name: row["letters"] for name, row in rows.items() if "reverse" not in name} == {
        "input": "(L, N, H_in)",
        "h_0": "(D·num_layers, N, H_out)",
        "c_0": "(D·num_layers, N, H_cell)",
        "output": "(L, N, D·H_out)",
        "h_n": "(D·num_layers, N, H_out)",
        "c_n": "(D·num_layers, N, H_cell)",
        "weight_ih_l0": "(4·H_cell, H_in)",
        **{f"weight_ih_l{layer}": "(4·H_cell, D·H_out)" for layer in (1, 2)},
        **{f"weight_hh_l{layer}": "(4·H_cell, H_out)" for layer in range(3)},
        **{f"bias_{of}_l{layer}": "(4·H_cell,)" for of in ("ih", "hh") for layer in range(3)},
        **{f"weight_hr_l{layer}": "(H_out, H_cell)" for layer in range(3)},
    }


def test_shape_table_puts_the_batch_first_in_input_and_output_only():
    gru = nn.GRU(H_IN, H_CELL, batch_first=True)

    rows = rows_by_name(shape_table(gru, zeros(gru)))

    assert rows["input"]["letters"] == "(N, L, H_in)"
    assert rows["output"]["letters"] == "(N, L, D·H_out)"
    assert rows["h_n"]["letters"] == "(D·num_layers, N, H_out)"


def test_shape_table_unbatched_has_no_n():
    gru = nn.GRU(H_IN, H_CELL, num_layers=2)

    rows = rows_by_name(shape_table(gru, torch.zeros(L, H_IN)))

    assert (rows["input"]["letters"], rows["input"]["shape"]) == ("(L, H_in)", (7, 3))
    assert (rows["h_n"]["letters"], rows["h_n"]["shape"]) == ("(D·num_layers, H_out)", (2, 8))


@pytest.mark.parametrize("batch_first", [False, True])
def test_shape_table_packed_has_a_row_for_each_tensor_of_the_packed_sequence(batch_first):
    gru = nn.GRU(H_IN, H_CELL, batch_first=batch_first)
    packed = pack_padded_sequence(torch.zeros(L, N, H_IN), LENGTHS, enforce_sorted=False)

    rows = rows_by_name(shape_table(gru, packed))

    assert rows["input.data"]["shape"] == (3 + 7 + 2 + 5, 3)
    assert rows["output.data"]["shape"] == (3 + 7 + 2 + 5, 8)
    assert rows["input.batch_sizes"]["shape"] == (7,)
    assert rows["output.sorted_indices"]["shape"] == (4,)
    assert rows["h_n"]["letters"] == "(D·num_layers, N, H_out)"


def test_shape_table_packed_in_order_has_no_indices():
    gru = nn.GRU(H_IN, H_CELL)
    packed = pack_padded_sequence(torch.zeros(L, N, H_IN), LENGTHS.sort(descending=True).values)

    names = column(shape_table(gru, packed), "tensor")

    assert "input.batch_sizes" in names
    assert not [name for name in names if "indices" in name]


def test_shape_table_says_whether_the_initial_state_was_given():
    lstm = nn.LSTM(H_IN, H_CELL)
    hx = (torch.ones(1, N, H_CELL), torch.ones(1, N, H_CELL))

    given = rows_by_name(shape_table(lstm, zeros(lstm), hx))
    absent = rows_by_name(shape_table(lstm, zeros(lstm)))

    assert "not given" not in given["c_0"]["meaning"]
    assert "not given: zeros" in absent["c_0"]["meaning"]
    assert given["c_0"]["shape"] == absent["c_0"]["shape"]


def test_shape_table_says_in_words_what_goes_in_and_what_comes_out():
    lstm = nn.LSTM(5, 3, bidirectional=True)

    table = shape_table(lstm, torch.zeros(8, 1, 5))

    assert table.alt == (
        "Table of shapes in one run of nn.LSTM(5, 3, bidirectional=True). In: input (8, 1, 5). "
        "Out: output (8, 1, 6), h_n (2, 1, 3), c_n (2, 1, 3). Its 8 parameters hold 240 numbers."
    )
    assert table.checked.startswith("shapes by torch's rule equal to those of nn.LSTM, torch 2.")


def test_shape_table_refuses_a_module_that_breaks_torchs_rule():
    class Wide(nn.GRU):
        def forward(self, input, hx=None) -> Any:
            output, h_n = super().forward(input, hx)
            return torch.cat((output, output), -1), h_n

    with pytest.raises(ProofError, match=r"D·H_out\) of output: expected \(7, 4, 16\), got"):
        shape_table(Wide(H_IN, H_CELL), torch.zeros(L, N, H_IN))


def test_shape_table_leaves_the_random_state_as_it_was():
    lstm = nn.LSTM(H_IN, H_CELL, num_layers=2, dropout=0.5)
    before = torch.get_rng_state()

    shape_table(lstm, zeros(lstm))

    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_parameter_table_lists_the_state_dict_in_order(module):
    state = module.state_dict()

    *rows, total = parameter_table(module)

    assert [row["parameter"] for row in rows] == list(state)
    assert [row["shape"] for row in rows] == [tuple(value.shape) for value in state.values()]
    assert total["numbers"] == sum(value.numel() for value in state.values())
    for row in rows:
        assert str(row["parameter"]).endswith("_reverse") == (row["direction"] == "reverse")
        assert f"_l{row['layer']}" in str(row["parameter"])


@pytest.mark.parametrize(
    ("module", "blocks", "numbers"),
    [
        (nn.LSTM(5, 3), "i|f|g|o", 120),
        (nn.GRU(5, 3), "r|z|n", 90),
        (nn.RNN(5, 3), "h", 30),
        (nn.LSTM(5, 3, num_layers=2, bidirectional=True), "i|f|g|o", 504),
        (nn.LSTM(5, 3, proj_size=2), "i|f|g|o", 114),
    ],
    ids=lambda value: describe(value) if isinstance(value, nn.RNNBase) else None,
)
def test_parameter_table_counts_what_is_known(module, blocks, numbers):
    table = parameter_table(module)

    assert table.rows[-1][2] == numbers
    assert table.rows[0][3] == blocks
    assert table.alt.endswith(f"= {numbers}.")


def test_parameter_table_writes_the_count_as_a_formula_that_holds():
    lstm = nn.LSTM(3, 8, num_layers=2, bidirectional=True, proj_size=5)

    alt = parameter_table(lstm).alt

    formula = (
        "D·Σ[4·H_cell·(read + H_out) + 2·4·H_cell + H_out·H_cell] over the layers = "
        "2·([4·8·(3 + 5) + 2·4·8 + 5·8] + [4·8·(10 + 5) + 2·4·8 + 5·8]) = 1888"
    )
    assert formula in alt
    numbers = 2 * ((4 * 8 * (3 + 5) + 2 * 4 * 8 + 5 * 8) + (4 * 8 * (10 + 5) + 2 * 4 * 8 + 5 * 8))
    assert numbers == 1888


def test_parameter_table_refuses_a_shape_that_is_not_torchs():
    gru = nn.GRU(H_IN, H_CELL)
    gru.bias_hh_l0 = nn.Parameter(torch.zeros(23))

    with pytest.raises(ProofError, match=r"bias_hh_l0: expected \(23,\), got \[24\]"):
        parameter_table(gru)


def test_parameter_table_refuses_a_count_that_is_not_torchs():
    gru = nn.GRU(H_IN, H_CELL)
    gru.get_parameter("weight_ih_l0").numel = lambda: 0  # pyright: ignore[reportAttributeAccessIssue] # the mistake

    with pytest.raises(ProofError, match=r"all parameters: expected 240, got 312"):
        parameter_table(gru)


def test_parameter_table_refuses_what_is_no_recurrent_layer():
    with pytest.raises(
        TypeError, match=r"expected module as an nn.LSTM, nn.GRU or nn.RNN, got Linear"
    ):
        parameter_table(nn.Linear(3, 8))  # pyright: ignore[reportArgumentType] # the mistake tested


def test_h_n_table_of_the_start_page():
    lstm = nn.LSTM(5, 3, num_layers=2, bidirectional=True)

    t = trace(lstm, torch.ones(4, 1, 5))
    table = h_n_table(t)

    assert table.rows[:4] == (
        ("h_n[0]", "nowhere in output", 0, "forward", 3, True),
        ("h_n[1]", "nowhere in output", 0, "reverse", 0, True),
        ("h_n[2]", "output[-1, :, :3]", 1, "forward", 3, True),
        ("h_n[3]", "output[0, :, 3:]", 1, "reverse", 0, True),
    )
    assert set(column(table, "equals")[4:]) == {"nowhere in output"}
    assert table.alt == (
        "Final states of nn.LSTM(5, 3, num_layers=2, bidirectional=True): h_n[2] equals "
        "output[-1, :, :3]; h_n[3] equals output[0, :, 3:]. Nowhere in output: h_n[0], h_n[1], "
        "c_n[0], c_n[1], c_n[2], c_n[3]."
    )
    assert table.checked == t.checked


def test_h_n_table_refuses_a_code_that_reads_another_row(monkeypatch):
    found = tables.final_states(t := trace(nn.GRU(5, 3), torch.ones(4, 1, 5)))
    wrong = [state._replace(in_output="output[0]") for state in found]
    monkeypatch.setattr(tables, "final_states", lambda _: wrong)

    with pytest.raises(ProofError, match=r"h_n\[0\]\["):
        h_n_table(t)


def test_h_n_table_packed_gives_the_last_step_of_each_sequence():
    gru = nn.GRU(H_IN, H_CELL)
    packed = pack_padded_sequence(torch.ones(L, N, H_IN), LENGTHS, enforce_sorted=False)

    (row,) = h_n_table(trace(gru, packed))

    assert row["step"] == (2, 6, 1, 4)
    assert row["equals"] == "padded[lengths - 1, torch.arange(4)]"


def test_configuration_table_has_a_row_for_each_module():
    modules = every_configuration(5, 3, 2)

    table = configuration_table(modules, L=8, N=1)
    assert table.checked.startswith("shapes by torch's rule equal to those of 120 runs, torch ")

    assert column(table, "module") == [describe(module) for module in modules]
    for module, row in zip(modules, table, strict=True):
        output, _ = module(torch.zeros(*((1, 8) if module.batch_first else (8, 1)), 5))
        assert row["output"] == tuple(output.shape)
        assert (row["c_n"] is None) == (module.mode != "LSTM")
        assert row["numbers"] == sum(weight.numel() for weight in module.parameters())


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_run_lines_equals_the_step_of_cells(kind):
    draw = torch.Generator().manual_seed(2)
    blocks = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    shapes = {
        "weight_ih": (blocks * H_CELL, H_IN),
        "weight_hh": (blocks * H_CELL, H_CELL),
        "bias_ih": (blocks * H_CELL,),
        "bias_hh": (blocks * H_CELL,),
    }
    weights = {
        name: torch.randn(shape, generator=draw, dtype=torch.float64)
        for name, shape in shapes.items()
    }
    x, h, c = (torch.randn(k, generator=draw, dtype=torch.float64) for k in (H_IN, H_CELL, H_CELL))
    state = (h[None], c[None]) if kind == "LSTM" else (h[None],)

    lines = {letter: code for letter, (code, _) in LINES[kind].items()}
    values = run_lines(kind, lines, weights, x, h, c)
    step = getattr(cells, f"{kind.lower()}_step")(x[None], *state, **weights)

    assert tuple(values) == step._fields
    for letter, value in values.items():
        torch.testing.assert_close(value, getattr(step, letter)[0], rtol=0, atol=1e-12)


def test_equation_table_lists_the_cells_in_the_order_asked():
    table = equation_table("RNN", "LSTM")

    assert column(table, "cell") == ["RNN", *["LSTM"] * 6]
    assert column(table, "code")[0] == "h = torch.tanh(W_ih @ x + b_ih + W_hh @ h + b_hh)"
    assert column(table, "quantity")[2] == "f, forget gate"
    assert "Number of lines: RNN 1, LSTM 6." in table.alt
    assert table.checked.startswith("each line run: equal to nn.RNNCell, nn.LSTMCell, torch 2.")


def test_equation_table_refuses_lines_that_are_not_torchs(monkeypatch):
    paper = ("torch.tanh(W_in @ x + b_in + W_hn @ (r * h) + b_hn)", "the paper's form")
    monkeypatch.setitem(LINES["GRU"], "n", paper)

    with pytest.raises(ProofError, match=r"states by the lines of nn.GRUCell.*allowed 1e-12"):
        equation_table()


def test_equation_table_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match=r"expected kinds of LSTM, GRU, RNN, got LSTMP"):
        equation_table("LSTM", "LSTMP")


def test_equation_table_leaves_the_random_state_as_it_was():
    before = torch.get_rng_state()

    equation_table()

    assert torch.equal(torch.get_rng_state(), before)


def test_a_kind_that_is_named_twice_is_one_of_the_table():
    assert equation_table("LSTM", "GRU", "LSTM").rows == equation_table("LSTM", "GRU").rows
