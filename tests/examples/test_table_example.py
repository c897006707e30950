import pytest
import torch
from torch import nn

from rnn_figures import trace
from rnn_figures.proofs import ProofError
from tests.examples.table_example import last_h_table

L, N, H_IN, H = 7, 2, 5, 3  # all different: no axis can stand in for another


def test_last_h_table_has_the_modules_numbers():
    x = torch.randn(L, N, H_IN)
    gru = nn.GRU(H_IN, H)

    table = last_h_table(trace(gru, x))

    output, h_n = gru(x)  # the live module is the oracle, never a stored array
    units = range(H)
    assert table.rows == tuple((u, output[-1, 0, u].item(), h_n[0, 0, u].item()) for u in units)
    assert table.checked.startswith("the last h is h_n[0], torch ")


def test_last_h_table_refuses_to_show_what_is_not_so():
    two_layers = trace(nn.GRU(H_IN, H, num_layers=2), torch.randn(L, N, H_IN))

    with pytest.raises(ProofError, match=r"h\[-1\]"):
        last_h_table(two_layers)  # h_n[0] is of the lower layer
