import pytest
import torch
from torch import nn

from rnn_figures.configurations import describe, every_configuration
from rnn_figures.tables import slice_table

CONFIGURATIONS = every_configuration(4, 3, 2)[::13]


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_slice_table_code_reads_the_block(module):
    table = slice_table(module)

    pieces: dict[str, list[torch.Tensor]] = {}
    for name, _, _, _, code, shape in table.rows:
        piece = eval(str(code), {"lstm": module, "gru": module, "rnn": module})
        assert tuple(piece.shape) == shape
        pieces.setdefault(str(name), []).append(piece)
    assert list(pieces) == [name for name, _ in module.named_parameters()]
    for name, parameter in module.named_parameters():
        assert torch.equal(torch.cat(pieces[name]), parameter)


def test_slice_table_names_the_symbols_of_torchs_documentation():
    table = slice_table(nn.LSTM(4, 3, proj_size=2))

    symbols = [str(row[3]) for row in table.rows]

    for symbol in symbols[:-1]:
        tex = f"{symbol[0]}_{{{symbol[2:]}}}"  # W_{ii}, b_{hf}
        assert tex in str(nn.LSTM.__doc__)
    assert len(set(symbols)) == len(symbols) == 17
    assert symbols[-1] == "W_hr"


def test_slice_table_says_order_and_check():
    table = slice_table(nn.GRU(4, 3))

    assert "torch stacks r, z, n, 3 rows each" in table.alt
    assert table.checked.startswith("each block of rows moves its own quantity alone, nn.GRU")
    assert [row[2] for row in table.rows[:3]] == ["reset gate", "update gate", "candidate"]


def test_slice_table_refuses_another_module():
    with pytest.raises(TypeError, match="got Linear"):
        slice_table(nn.Linear(4, 3))  # pyright: ignore[reportArgumentType]
