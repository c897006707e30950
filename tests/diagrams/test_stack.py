import re
import xml.etree.ElementTree as ET

import pytest
import torch
from torch import nn

from rnn_figures.configurations import describe
from rnn_figures.diagrams.stack import stack_diagram
from rnn_figures.numbers import number
from rnn_figures.proofs import ProofError
from tests.drawing import ROOM_ON_A_PHONE, crosses, drawing, extent, that_overlap, without_room

MODULES = [
    nn.LSTM(3, 2, num_layers=2),
    nn.LSTM(3, 8, num_layers=3, proj_size=5),
    nn.GRU(3, 2, num_layers=3, bidirectional=True),
    nn.RNN(3, 1, num_layers=2, batch_first=True),
    nn.LSTM(3, 2),
]


def sequence(module, steps=5, sequences=4):
    x = torch.randn(steps, sequences, 3, generator=torch.Generator().manual_seed(1))
    return x.transpose(0, 1) if module.batch_first else x


def names(nodes, pattern):
    return [name for name in nodes if re.fullmatch(pattern, name)]


@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_stack_diagram_has_a_module_per_layer_and_a_tick_per_arrow(module):
    diagram = stack_diagram(module, sequence(module))

    nodes, _ = drawing(diagram)
    directions = 1 + module.bidirectional
    ticks = names(nodes, r"stack-h-l\d-\w+-t\d-tick")
    assert len(names(nodes, r"stack-layer-l\d")) == module.num_layers
    assert len(ticks) == module.num_layers * directions * 5
    assert len(names(nodes, r"stack-h_n-\d")) == module.num_layers * directions
    assert len(names(nodes, r"stack-c_n-\d")) == (module.num_layers if module.mode == "LSTM" else 0)
    assert len(diagram.data) == len(ticks)


@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_stack_diagram_names_the_one_layer_modules(module):
    nodes, _ = drawing(stack_diagram(module, sequence(module)))

    for layer in range(module.num_layers):
        read = module.get_parameter(f"weight_ih_l{layer}").shape[1]
        assert f"({read}, {module.hidden_size}" in nodes[f"stack-layer-l{layer}"].text


def test_stack_diagram_writes_the_numbers_of_output_and_h_n():
    lstm = nn.LSTM(3, 2, num_layers=2)
    x = sequence(lstm)
    output, (h_n, _) = lstm(x)

    nodes, _ = drawing(stack_diagram(lstm, x, sequence=2))

    for name, vector in (
        ("stack-h-l1-forward-t3", output[3, 2]),
        ("stack-h-l0-forward-t4", h_n[0, 2]),
    ):
        assert nodes[name].text.split() == [number(value) for value in vector.tolist()]


@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_stack_diagram_lets_nothing_overlap_and_no_arrow_cross_a_box(module):
    nodes, arrows = drawing(stack_diagram(module, sequence(module)))

    assert not that_overlap(nodes)
    for arrow in arrows:
        for name, node in nodes.items():
            if name not in (arrow.tail, arrow.head):
                assert not crosses(arrow, node), (arrow.name, name)


@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_stack_diagram_has_room_for_every_text(module):
    nodes, _ = drawing(stack_diagram(module, sequence(module)))

    assert not without_room(nodes, 1)


def test_stack_diagram_golden(golden):
    rnn = nn.RNN(1, 1, num_layers=2, bidirectional=True, nonlinearity="relu", bias=False)
    for weight in rnn.parameters():
        nn.init.ones_(weight)

    diagram = stack_diagram(rnn, torch.tensor([[[0.0]], [[0.0]], [[1.0]], [[1.0]]]))

    golden("stack_diagram-counting.dot", diagram.source)


def test_stack_diagram_lists_the_difference_at_each_arrow():
    gru = nn.GRU(3, 2, num_layers=2, bidirectional=True)

    data = stack_diagram(gru, sequence(gru)).data

    assert data.columns == ("layer", "direction", "step", "largest difference")
    assert data.rows[0][:3] == (0, "forward", 0)
    assert data.rows[-1][:3] == (1, "reverse", 4)
    assert max(float(str(row[3])) for row in data.rows) <= 1e-6


def test_stack_diagram_draws_no_tick_where_a_layer_differs():
    class Doubled(nn.GRU):
        def forward(self, input, hx=None):
            output, h_n = super().forward(input, hx)
            return 2 * output, h_n

    with pytest.raises(ProofError, match=r"^h of layer 1 alone.* does more than torch's own"):
        stack_diagram(Doubled(3, 2, num_layers=2), torch.ones(5, 4, 3))


def test_stack_diagram_is_well_formed_and_the_same_twice():
    lstm = nn.LSTM(3, 2, num_layers=2, bidirectional=True)

    first, second = (stack_diagram(lstm, sequence(lstm)) for _ in range(2))

    root = ET.fromstring(first.to_svg())
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert first.source == second.source
    assert len(ids) == len(set(ids))


def test_stack_diagram_refuses_more_than_8_steps():
    with pytest.raises(ValueError, match="at most 8 steps, got 9"):
        stack_diagram(nn.GRU(3, 2), torch.ones(9, 4, 3))


def test_stack_diagram_refuses_a_sequence_that_is_not_there():
    with pytest.raises(IndexError, match=r"sequence in 0\.\.3, got 4"):
        stack_diagram(nn.GRU(3, 2), torch.ones(5, 4, 3), sequence=4)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 4, 5, 8])
def test_a_wide_stack_brings_one_that_fits_on_a_phone(bidirectional, steps):
    lstm = nn.LSTM(3, 2, num_layers=2, bidirectional=bidirectional)

    narrow = stack_diagram(lstm, sequence(lstm, steps)).narrow

    assert narrow
    nodes, _ = drawing(narrow)
    assert extent(nodes) < ROOM_ON_A_PHONE
    drawn = len(names(nodes, r"stack-x-t\d"))
    assert drawn == min(steps, 2 if bidirectional else 4)
    assert ("stack-hidden-x" in nodes) == (drawn < steps)
    assert f"stack-x-t{steps - 1}" in nodes
    assert not that_overlap({name: node for name, node in nodes.items() if node.text})
    assert narrow.narrow is None
