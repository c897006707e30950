import functools

import pytest
import torch

from rnn_figures.configurations import describe, every_configuration
from rnn_figures.course import cheat_sheet
from rnn_figures.course.cheat_sheet import cheat_sheet_table
from rnn_figures.figures import Table
from rnn_figures.proofs import ProofError
from rnn_figures.tables.configurations import configuration_table
from tests.cases import few_modules


@functools.cache  # not when tests are collected, which each worker does
def sheet() -> Table:
    return cheat_sheet_table(3, 8, 5, L=7, N=4)


def row_of(module):
    """Find a module's row by what its constructor was given."""
    name = f"{type(module).__name__}(3, 8{', proj_size=5' if module.proj_size else ''})"
    (row,) = [
        dict(zip(sheet().columns, row, strict=True))
        for row in sheet().rows
        if row[:3] == (name, module.num_layers, 1 + module.bidirectional)
    ]
    return row


@pytest.mark.parametrize("module", few_modules(every_configuration(3, 8, 5)), ids=describe)
def test_cheat_sheet_table_says_what_the_module_gives(module):
    output, states = module(torch.zeros(4, 7, 3) if module.batch_first else torch.zeros(7, 4, 3))
    h_n, c_n = states if isinstance(states, tuple) else (states, None)
    if module.batch_first:
        output = output.transpose(0, 1)

    row = row_of(module)

    shapes = {name: tuple(p.shape) for name, p in module.named_parameters()}
    assert row["output"] == tuple(output.shape)
    assert row["h_n"] == tuple(h_n.shape)
    assert row["c_n"] == (None if c_n is None else tuple(c_n.shape))
    assert row["weight_ih_l0"] == shapes["weight_ih_l0"]
    assert row["weight_ih_l1"] == shapes.get(f"weight_ih_l{module.num_layers - 1}") or (
        module.num_layers == 1 and row["weight_ih_l1"] is None
    )
    assert row["weight_hh"] == shapes["weight_hh_l0"]
    assert row["weight_hr"] == shapes.get("weight_hr_l0")
    count = sum(p.numel() for p in module.parameters())
    assert row["parameters" if module.bias else "no biases"] == count


def test_cheat_sheet_table_has_24_rows_in_the_order_of_the_site():
    assert len(sheet()) == 24
    assert [row[0] for row in sheet().rows[::6]] == [
        "LSTM(3, 8)",
        "LSTM(3, 8, proj_size=5)",
        "GRU(3, 8)",
        "RNN(3, 8)",
    ]
    assert [row[1:3] for row in sheet().rows[:6]] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
        (3, 1),
        (3, 2),
    ]
    assert "120 modules in 24 rows" in sheet().alt
    assert sheet().checked.startswith("120 modules run")


def test_cheat_sheet_table_of_the_start_page_has_the_known_counts():
    counts = {row[:3]: row[-2] for row in cheat_sheet_table().rows}

    assert counts["LSTM(5, 3)", 1, 1] == 120
    assert counts["LSTM(5, 3)", 2, 2] == 504
    assert counts["GRU(5, 3)", 1, 1] == 90
    assert counts["RNN(5, 3)", 1, 1] == 30
    assert counts["LSTM(5, 3, proj_size=2)", 1, 1] == 114


def test_cheat_sheet_table_refuses_to_merge_what_differs(monkeypatch):
    def changed(modules, **sizes):
        table = configuration_table(modules, **sizes)
        rows = [list(row) for row in table.rows]
        rows[3][3] = (9, 4, 8)  # h_n of one of the four plain LSTMs of one layer and one direction
        return Table(table.columns, rows)

    monkeypatch.setattr(cheat_sheet, "configuration_table", changed)

    with pytest.raises(ProofError, match=r"LSTM\(3, 8.* layers and .* directions.*'h_n'"):
        cheat_sheet_table(3, 8, 5)
