import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import trace
from tests.drawing import drawing
from tests.examples.diagram_example import chain_diagram

L, N, H_IN, H = 7, 2, 5, 3


def test_chain_diagram_writes_the_modules_output_from_left_to_right():
    x = torch.randn(L, N, H_IN)
    lstm = nn.LSTM(H_IN, H)

    nodes, _ = drawing(chain_diagram(trace(lstm, x), unit=2))

    output, _ = lstm(x)
    boxes = [nodes[f"chain-h-t{t}"] for t in range(L)]
    assert [box.text for box in boxes] == [f"{h:.2f}" for h in output[:, 0, 2].tolist()]
    assert sorted(boxes, key=lambda box: box.x) == boxes
    assert all(nodes[f"chain-x-t{t}"].top < box.bottom for t, box in enumerate(boxes))


def test_chain_diagram_carries_each_h_to_the_next_step():
    diagram = chain_diagram(trace(nn.RNN(H_IN, H), torch.randn(L, N, H_IN)))

    _, arrows = drawing(diagram)
    carried = [(arrow.tail, arrow.head) for arrow in arrows if "q-h" in arrow.classes]
    assert carried == [(f"chain-h-t{t}", f"chain-h-t{t + 1}") for t in range(L - 1)]


def test_chain_diagram_refuses_a_packed_batch():
    packed = pack_padded_sequence(torch.randn(L, N, H_IN), [7, 4])

    with pytest.raises(ValueError, match="padded batch"):
        chain_diagram(trace(nn.RNN(H_IN, H), packed))
