import pytest
import torch
from torch import nn

from rnn_figures.course import layout_table, layouts
from rnn_figures.figures import Table
from rnn_figures.proofs import ProofError


@pytest.mark.parametrize(
    "module", [nn.LSTM(3, 8, num_layers=2, proj_size=5), nn.GRU(3, 8), nn.RNN(3, 8, bias=False)]
)
def test_layout_table_lists_what_each_live_sibling_returns(module):
    table = layout_table(module, L=7, N=4)

    assert len(table) == 8
    for batch_first, read_is, directions, read, *shapes in table.rows:
        options = {"proj_size": 5} if module.proj_size else {}
        sibling = type(module)(
            3,
            8,
            module.num_layers,
            batch_first=batch_first,
            bidirectional=directions == 2,
            **options,
        )
        shape = ((4, 7, 3) if batch_first else (7, 4, 3)) if read_is == "batch" else (7, 3)
        output, states = sibling(torch.zeros(shape))
        states = states if isinstance(states, tuple) else (states,)
        assert read == shape
        assert shapes == [tuple(output.shape), *(tuple(state.shape) for state in states)]


def test_layout_table_states_do_not_change_with_batch_first():
    rows = layout_table(nn.LSTM(3, 8), L=7, N=4).rows

    for without, with_flag in zip(rows[:4], rows[4:], strict=True):
        assert without[1:3] == with_flag[1:3]
        assert without[5:] == with_flag[5:]


def test_layout_table_leaves_the_random_state_alone():
    module = nn.GRU(3, 8)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)

    layout_table(module, L=7, N=4)

    assert torch.equal(torch.rand(1), expected)


def test_layout_table_refuses_states_that_change_with_batch_first(monkeypatch):
    true = layouts.shape_table

    def changed(module, input):
        table = true(module, input)
        rows = [
            (name, (1, 7, 8) if name == "h_n" and module.batch_first else shape, *rest)
            for name, shape, *rest in table.rows
        ]
        return Table(table.columns, rows)

    monkeypatch.setattr(layouts, "shape_table", changed)

    with pytest.raises(ProofError, match="h_n with batch_first"):
        layout_table(nn.GRU(3, 8), L=7, N=4)
