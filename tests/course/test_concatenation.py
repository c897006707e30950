import dataclasses
import itertools
import re

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.configurations import describe
from rnn_figures.course.concatenation import concatenation_diagram
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import ProofError
from rnn_figures.traces.tracing import trace
from tests.drawing import crosses, drawing, overlap, that_overlap, without_room

MODULES = [
    nn.LSTM(3, 4, bidirectional=True),
    nn.LSTM(3, 8, num_layers=2, proj_size=5, bidirectional=True),
    nn.GRU(3, 4, num_layers=3, bidirectional=True, batch_first=True),
]


def sequence(module, steps=5, sequences=3):
    x = torch.randn(steps, sequences, 3, generator=torch.Generator().manual_seed(1))
    return x.transpose(0, 1) if module.batch_first else x


def cells(diagram):
    """Return the node of every number by (direction, step, unit)."""
    found = {}
    for name, node in drawing(diagram)[0].items():
        match = re.fullmatch(r"output-(forward|reverse)-t(\d+)-unit(\d+)", name)
        if match:
            found[match[1], int(match[2]), int(match[3])] = node
    return found


@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_concatenation_diagram_is_the_output_of_the_module(module):
    x = sequence(module)
    output, _ = module(x)
    matrix = (output[1] if module.batch_first else output[:, 1]).detach()

    diagram = concatenation_diagram(trace(module, x), sequence=1)

    drawn = torch.tensor([row[1:] for row in diagram.data.rows])
    torch.testing.assert_close(drawn, matrix, atol=0, rtol=0)
    width = matrix.shape[1] // 2
    assert len(cells(diagram)) == 5 * 2 * width
    for (direction, t, unit), node in cells(diagram).items():
        assert node.text == number(float(matrix[t, unit + width * (direction == "reverse")]))


def test_concatenation_diagram_makes_the_ends_solid_and_names_them():
    gru = nn.GRU(3, 4, num_layers=2, bidirectional=True)

    diagram = concatenation_diagram(trace(gru, sequence(gru)))

    solid = {
        (direction, t)
        for (direction, t, _), node in cells(diagram).items()
        if node.drawn["fillcolor"] == COLOURS["h"]
    }
    nodes, _ = drawing(diagram)
    assert solid == {("forward", 4), ("reverse", 0)}
    assert nodes["output-forward-end"].text == "hn[2]"
    assert nodes["output-reverse-end"].text == "hn[3]"
    assert "which equals h_n[2]" in diagram.alt
    assert "which equals h_n[3]" in diagram.alt


def test_concatenation_diagram_of_a_packed_sequence_ends_where_it_ends():
    lstm = nn.LSTM(3, 4, bidirectional=True)
    packed = pack_padded_sequence(sequence(lstm), torch.tensor([2, 5, 3]), enforce_sorted=False)

    diagram = concatenation_diagram(trace(lstm, packed), sequence=2)

    assert len(diagram.data) == 3
    assert "ending in row 2, which equals h_n[0]" in diagram.alt


def test_concatenation_diagram_is_not_drawn_where_h_n_is_another_row():
    gru = nn.GRU(3, 4, bidirectional=True)
    t = trace(gru, sequence(gru))
    t.h_n[1, 0, 2] += 1

    with pytest.raises(ProofError, match=r"h_n\[1\]\[2\]"):
        concatenation_diagram(t)


def test_concatenation_diagram_is_not_drawn_where_a_half_is_not_the_output():
    gru = nn.GRU(3, 4, bidirectional=True)
    t = trace(gru, sequence(gru))
    output = gru(sequence(gru))[0].detach() + torch.eye(8)[6]

    with pytest.raises(ProofError, match=r"output\[\d, 6\]"):
        concatenation_diagram(dataclasses.replace(t, output=output))


@pytest.mark.parametrize(
    ("module", "steps"),
    [(nn.GRU(3, 4), 5), (nn.GRU(3, 7, bidirectional=True), 5), (MODULES[0], 13)],
)
def test_concatenation_diagram_says_what_it_can_draw(module, steps):
    with pytest.raises(ValueError, match="bidirectional module, at most 12 steps and 6 units"):
        concatenation_diagram(trace(module, sequence(module, steps)))


def test_concatenation_diagram_refuses_a_sequence_that_is_not_there():
    with pytest.raises(IndexError, match=r"sequence in 0\.\.2, got 3"):
        concatenation_diagram(trace(MODULES[0], sequence(MODULES[0])), sequence=3)


@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_concatenation_diagram_lets_nothing_overlap(module):
    nodes, arrows = drawing(concatenation_diagram(trace(module, sequence(module))))
    frame = nodes.pop("output-frame")

    assert not that_overlap(nodes)
    for arrow, (name, node) in itertools.product(arrows, nodes.items()):
        assert not crosses(arrow, node), (arrow.name, name)
    for name, node in nodes.items():
        assert overlap(node, frame) == ("-unit" in name)
    assert not without_room(nodes, 1)


def test_concatenation_diagram_arrows_run_as_the_halves_were_computed():
    gru = nn.GRU(3, 4, bidirectional=True)

    _, arrows = drawing(concatenation_diagram(trace(gru, sequence(gru))))

    down, up = arrows
    assert down.points[0][1] > down.points[-1][1]
    assert up.points[0][1] < up.points[-1][1]
    assert up.points[0][0] > down.points[0][0]


def test_concatenation_diagram_golden(golden):
    rnn = nn.RNN(1, 1, bidirectional=True, nonlinearity="relu", bias=False)
    for weight in rnn.parameters():
        nn.init.ones_(weight)
    t = trace(rnn, torch.tensor([[[0.0]], [[0.0]], [[1.0]], [[1.0]]]))

    golden("concatenation_diagram-counting.dot", concatenation_diagram(t).source)
