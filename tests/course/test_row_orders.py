import pytest
from torch import nn

from rnn_figures.course import row_order_diagram, row_orders
from rnn_figures.proofs import ProofError


@pytest.mark.parametrize("layout", row_orders.LAYOUTS)
@pytest.mark.parametrize("module", [nn.LSTM(5, 3), nn.GRU(5, 3, num_layers=2)])
def test_row_order_diagram_refuses_blocks_drawn_where_they_are_not(module, layout, monkeypatch):
    true = row_orders._starts

    def swapped(orders, blocks):
        starts = true(orders, blocks)
        first, second, *_ = starts[layout]
        pair = {first: starts[layout][second], second: starts[layout][first]}
        return starts | {layout: starts[layout] | pair}

    monkeypatch.setattr(row_orders, "_starts", swapped)

    with pytest.raises(ProofError, match=rf"rows of . in {layout}"):
        row_order_diagram(module)


def test_row_order_diagram_refuses_a_layout_that_tears_a_block_apart(monkeypatch):
    true = row_orders._orders

    def torn(module):
        orders = true(module)
        orders["Keras"][1][[1, 4]] = orders["Keras"][1][[4, 1]]
        return orders

    monkeypatch.setattr(row_orders, "_orders", torn)

    with pytest.raises(ProofError, match=r"rows of . in Keras"):
        row_order_diagram(nn.LSTM(5, 3))
