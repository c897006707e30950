import re

import pytest
import torch
from torch import nn

from rnn_figures.configurations import describe, every_configuration
from rnn_figures.diagrams import weight_sheet_diagram
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS
from rnn_figures.weights import gate_slices
from tests.drawing import drawing, text_size, that_overlap, without_room

SMALL = every_configuration(4, 3, 2)[::13]
SHEETS = [
    (nn.LSTM(5, 3), 0, 0),
    (nn.GRU(5, 3, num_layers=2, bidirectional=True), 1, 1),
    (nn.RNN(1, 1), 0, 0),
    (nn.LSTM(5, 4, proj_size=2), 0, 0),
    (nn.LSTM(1, 1, num_layers=2, bidirectional=True), 1, 1),
    (nn.LSTM(128, 640, proj_size=7), 0, 0),
]


def readable(value):
    return describe(value) if isinstance(value, nn.RNNBase) else str(value)


@pytest.mark.parametrize(("module", "layer", "direction"), SHEETS, ids=readable)
def test_weight_sheet_is_clear(module, layer, direction):
    nodes, _ = drawing(weight_sheet_diagram(module, layer=layer, direction=direction))

    assert not without_room(nodes)
    assert not that_overlap(nodes)


@pytest.mark.parametrize(
    "module", [nn.LSTM(16, 24), nn.LSTM(12, 100, proj_size=30), nn.GRU(300, 512)], ids=describe
)
def test_labels_of_bands_have_air_within_and_around(module):
    nodes, _ = drawing(weight_sheet_diagram(module))
    labels = {name: node for name, node in nodes.items() if "-label-" in name}

    for name, label in labels.items():
        assert text_size(label)[0] + 6 <= label.width, name
        others = [node for other, node in nodes.items() if other != name and node.y == label.y]
        gaps = [abs(node.x - label.x) - (node.width + label.width) / 2 for node in others]
        assert min(gaps) >= 4, name


def test_weight_sheet_shows_every_number_where_it_is():
    torch.manual_seed(0)
    module = nn.LSTM(5, 3)

    nodes, _ = drawing(weight_sheet_diagram(module))

    cells = {key: n for key, n in nodes.items() if re.fullmatch(r"weights-\w-\w+-\d+-\d+", key)}
    assert len(cells) == 120
    for letter, rows in gate_slices(module).items():
        for name, parameter in module.named_parameters():
            for row in range(rows.start, rows.stop):
                for column, value in enumerate(parameter[row].reshape(-1).tolist()):
                    cell = cells.pop(f"weights-{letter}-{name}-{row}-{column}")
                    assert cell.text == number(value)
    assert not cells


def test_weight_sheet_places_rows_below_and_columns_beside_each_other():
    nodes, _ = drawing(weight_sheet_diagram(nn.GRU(5, 3)))

    rows = [nodes[f"weights-{'rzn'[k // 3]}-weight_hh_l0-{k}-1"] for k in range(9)]
    columns = [nodes[f"weights-z-weight_ih_l0-4-{k}"] for k in range(5)]

    assert [node.y for node in rows] == sorted({node.y for node in rows}, reverse=True)
    assert len({node.x for node in rows}) == 1
    assert [node.x for node in columns] == sorted({node.x for node in columns})
    assert nodes["weights-z-weight_hh_l0-4-1"].y == columns[0].y
    assert nodes["weights-z-bias_hh_l0-4-0"].y == columns[0].y


def test_weight_sheet_tints_by_size():
    module = nn.RNN(2, 2, bias=False)
    weights = {"weight_ih_l0": torch.tensor([[1, -2], [0, 0.5]]), "weight_hh_l0": torch.zeros(2, 2)}
    module.load_state_dict(weights)

    nodes, _ = drawing(weight_sheet_diagram(module))

    cells = [nodes[f"weights-h-weight_ih_l0-{place}"] for place in ("0-0", "0-1", "1-0", "1-1")]
    assert {cell.drawn["fillcolor"][:7] for cell in cells} == {COLOURS["h"]}
    opacities = [int(cell.drawn["fillcolor"][7:], 16) / 255 for cell in cells]
    assert opacities[1] > 0.3
    assert opacities[2] == 0
    assert opacities[0] == pytest.approx(opacities[1] / 2, abs=0.01)
    assert opacities[3] == pytest.approx(opacities[1] / 4, abs=0.01)


@pytest.mark.parametrize("module", SMALL, ids=describe)
def test_weight_sheet_table_has_every_number_of_every_layer(module):
    directions = 2 if module.bidirectional else 1
    sheets = [
        weight_sheet_diagram(module, layer=layer, direction=direction).data
        for layer in range(module.num_layers)
        for direction in range(directions)
    ]

    rows = [row for sheet in sheets for row in sheet.rows]

    assert len(rows) == sum(parameter.numel() for parameter in module.parameters())
    parameters = dict(module.named_parameters())
    for name, row, column, letter, value in rows:
        parameter = parameters[str(name)].double()
        place = row if column is None else (row, column)
        assert value == parameter[place].item()
        if not str(name).startswith("weight_hr"):
            rows_of = gate_slices(module)[str(letter)]
            assert rows_of.start <= int(str(row)) < rows_of.stop


def test_weight_sheet_labels_each_band_with_its_rows():
    nodes, _ = drawing(weight_sheet_diagram(nn.LSTM(5, 3)))

    labels = [nodes[f"weights-{letter}-label-weight_ih_l0"].text for letter in "ifgo"]

    assert [label.split() for label in labels] == [
        ["i", "[0:3]"],
        ["f", "[3:6]"],
        ["g", "[6:9]"],
        ["o", "[9:12]"],
    ]
    for letter in "ifgo":
        box = nodes[f"weights-{letter}-label-weight_ih_l0"]
        rows = gate_slices(nn.LSTM(5, 3))[letter]
        first = nodes[f"weights-{letter}-weight_ih_l0-{rows.start}-0"].y
        last = nodes[f"weights-{letter}-weight_ih_l0-{rows.stop - 1}-0"].y
        assert box.top > first > last > box.bottom


@pytest.mark.parametrize(
    ("layer", "direction", "uses"),
    [
        (0, 0, ["× x[t]", "× h[t−1]", "added", "added"]),
        (0, 1, ["× x[t]", "× h[t+1]", "added", "added"]),
        (1, 0, ["× h[t]\nof layer 0\n(both halves)", "× h[t−1]", "added", "added"]),
        (-1, 1, ["× h[t]\nof layer 0\n(both halves)", "× h[t+1]", "added", "added"]),
    ],
)
def test_weight_sheet_says_what_is_multiplied(layer, direction, uses):
    module = nn.GRU(5, 3, num_layers=2, bidirectional=True)

    nodes, _ = drawing(weight_sheet_diagram(module, layer=layer, direction=direction))

    end = f"_l{layer % 2}{'_reverse' * direction}"
    names = [name + end for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    assert [nodes[f"weights-use-{name}"].text for name in names] == uses
    for name in names:
        shape = tuple(module.get_parameter(name).shape)
        assert nodes[f"weights-name-{name}"].text.replace("\n", "") == f"{name}{shape}"


def test_weight_sheet_projection_has_rows_of_its_own():
    module = nn.LSTM(5, 4, proj_size=2)

    diagram = weight_sheet_diagram(module)

    nodes, _ = drawing(diagram)
    assert nodes["weights-h-label-weight_hr_l0"].text.split() == ["h", "[0:2]"]
    assert nodes["weights-use-weight_hr_l0"].text == "× o ⊙ tanh c[t]"
    assert nodes["weights-h-weight_hr_l0-1-3"].text == number(
        module.get_parameter("weight_hr_l0")[1, 3].item()
    )
    assert "In each of them but weight_hr rows 0 to 3 are i" in diagram.alt


def test_weight_sheet_of_a_large_layer_is_bands():
    module = nn.GRU(16, 64)

    diagram = weight_sheet_diagram(module)

    nodes, _ = drawing(diagram)
    assert nodes["weights-z-weight_ih_l0"].text == "(64, 16)"
    assert nodes["weights-z-bias_hh_l0"].text == "(64,)"
    assert diagram.data.rows[1] == ("weight_ih_l0", "z", "[64:128]", (64, 16))
    assert len(diagram.data.rows) == 12


def test_weight_sheet_alt_counts_and_names_the_rows():
    one = weight_sheet_diagram(nn.LSTM(1, 1)).alt
    many = weight_sheet_diagram(nn.RNN(5, 3, num_layers=2), layer=1).alt

    assert one.startswith("The 16 numbers of nn.LSTM(1, 1): layer 0, forward: weight_ih_l0 (4, 1),")
    assert "row 1 is f, the forget gate" in one
    assert many.startswith("24 of the 54 numbers of nn.RNN(5, 3, num_layers=2): layer 1, forward:")
    assert many.endswith("In each of them rows 0 to 2 are h, the hidden state.")


def test_weight_sheet_is_proved_and_the_same_twice():
    module = nn.LSTM(5, 3)

    first, second = weight_sheet_diagram(module), weight_sheet_diagram(module)

    assert first.checked.startswith("each block of rows moves its own quantity alone, nn.LSTM")
    assert first.source == second.source


@pytest.mark.parametrize(("layer", "direction"), [(2, 0), (-3, 0), (0, 1), (0, -1)])
def test_weight_sheet_refuses_what_is_not_there(layer, direction):
    with pytest.raises(IndexError, match=r"a layer in 0\.\.1 and a direction in 0\.\.0, got layer"):
        weight_sheet_diagram(nn.GRU(5, 3, num_layers=2), layer=layer, direction=direction)
