import math
import re

import pytest
import torch
from torch import nn

from rnn_figures.cells import LSTMStep
from rnn_figures.diagrams import STAGES, cell_diagram
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import trace
from tests.drawing import crosses, drawing, that_overlap, without_room

MODULES = {
    "LSTM": nn.LSTM(2, 3),
    "GRU": nn.GRU(2, 3),
    "RNN_TANH": nn.RNN(2, 3),
    "RNN_RELU": nn.RNN(2, 3, nonlinearity="relu"),
}


def run(module):
    x = torch.randn(7, 4, module.input_size, generator=torch.Generator().manual_seed(1))
    return trace(module, x)


def is_dim(node):
    return "dim" in node.classes


def step_of(kind, t=4):
    return run(MODULES[kind])[0, 0].step(t, sequence=1)


def sums(kind):
    """Compute the weighted sums of a step from the module's own weights."""
    module, step = MODULES[kind], step_of(kind)
    with torch.no_grad():
        of_x = module.weight_ih_l0 @ step["x"] + module.bias_ih_l0
        of_h = module.weight_hh_l0 @ step["h_prev"] + module.bias_hh_l0
    return of_x, of_h


@pytest.mark.parametrize("kind", STAGES)
@pytest.mark.parametrize("with_numbers", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
def test_cell_diagram_lets_nothing_overlap_and_no_wire_run_through_a_part(
    kind, with_numbers, narrow
):
    step = step_of(kind) if with_numbers else None
    nodes, arrows = drawing(cell_diagram(kind, step, narrow=narrow))

    framed = {"cell", "value"}  # the frame, and the dots of a curve
    parts = {name: node for name, node in nodes.items() if not framed & {*node.classes}}
    assert not that_overlap(parts)
    for arrow in arrows:
        for name, node in parts.items():
            if name not in (arrow.tail, arrow.head) and "dot" not in node.classes:
                assert not crosses(arrow, node), (arrow.name, name)


@pytest.mark.parametrize("kind", STAGES)
@pytest.mark.parametrize("narrow", [False, True])
def test_cell_diagram_has_room_for_its_text(kind, narrow):
    nodes, _ = drawing(cell_diagram(kind, step_of(kind), narrow=narrow))

    assert not without_room(nodes)


@pytest.mark.parametrize(
    ("kind", "numbers", "left", "right"),
    [
        ("LSTM", "f", "f", "i"),
        ("LSTM", "i", "i", "g"),
        ("LSTM", "g", "g", "o"),
        ("LSTM", "tanh-c", "o-times-tanh", "h-branch"),
        ("GRU", "z", "z", "r"),
        ("GRU", "one-minus-z", "z-branch", "n"),
    ],
)
def test_numbers_of_a_narrow_cell_touch_nothing_beside_them(kind, numbers, left, right):
    nodes, _ = drawing(cell_diagram(kind, step_of(kind), narrow=True))
    name = f"{kind.lower()}-cell-"

    numbers, left, right = (nodes[name + part] for part in (f"numbers-{numbers}", left, right))
    start = left.x if "circle" in left.classes else left.x + left.width / 2  # a wire leaves it
    assert numbers.x - numbers.width / 2 - start >= 1.5
    assert right.x - right.width / 2 - numbers.x - numbers.width / 2 >= 1.5


@pytest.mark.parametrize("kind", STAGES)
def test_cell_diagram_keeps_every_part_in_its_place(kind):
    plain, _ = drawing(cell_diagram(kind))

    for lit in STAGES[kind]:
        nodes, _ = drawing(cell_diagram(kind, step_of(kind), lit=(lit,)))
        for name, node in plain.items():
            assert nodes[name].x - plain[name].x == pytest.approx(
                nodes[f"{name.partition('-cell-')[0]}-cell-cell"].x
                - plain[f"{name.partition('-cell-')[0]}-cell-cell"].x
            )
            assert (node.width, node.height) == (nodes[name].width, nodes[name].height)


@pytest.mark.parametrize("kind", STAGES)
def test_cell_diagram_stages_together_light_everything(kind):
    nodes, _ = drawing(cell_diagram(kind, step_of(kind), lit=STAGES[kind]))

    assert not any(is_dim(node) for node in nodes.values())


def test_cell_diagram_lights_one_stage_and_dims_the_rest():
    nodes, _ = drawing(cell_diagram("LSTM", lit="c"))

    bright = {
        name.removeprefix("lstm-cell-")
        for name, node in nodes.items()
        if not is_dim(node) and "cell" not in node.classes
    }
    assert bright == {
        *("c-before", "c-after", "c-branch", "f", "i", "g"),
        *("f-times-c", "i-times-g", "new-c"),
    }


def test_cell_diagram_lstm_writes_the_numbers_of_the_live_module():
    step, (of_x, of_h) = step_of("LSTM"), sums("LSTM")
    i, f, g, o = (of_x + of_h).chunk(4)  # torch stacks i, f, g, o

    nodes, _ = drawing(cell_diagram("LSTM", step))

    expected = {
        "x": step["x"],
        "h_prev": step["h_prev"],
        "c_prev": step["c_prev"],
        "pre_i": i,
        "pre_f": f,
        "pre_g": g,
        "pre_o": o,
        "i": i.sigmoid(),
        "f": f.sigmoid(),
        "g": g.tanh(),
        "o": o.sigmoid(),
        "f-times-c": f.sigmoid() * step["c_prev"],
        "i-times-g": i.sigmoid() * g.tanh(),
        "tanh-c": step["c"].tanh(),
        "c": step["c"],
        "h": step["h"],
    }
    written = {
        name.removeprefix("lstm-cell-numbers-"): node.text
        for name, node in nodes.items()
        if "numbers" in node.classes
    }
    assert written.keys() == expected.keys()
    for name, value in expected.items():
        numbers = [float(line.replace("−", "-")) for line in written[name].splitlines()]
        assert numbers == pytest.approx(value.tolist(), abs=0.00501)


def test_cell_diagram_gru_resets_after_the_matrix_and_its_bias():
    step, (of_x, of_h) = step_of("GRU"), sums("GRU")
    step |= {"in": of_x[6:], "hn": of_h[6:]}  # torch stacks r, z, n

    nodes, arrows = drawing(cell_diagram("GRU", step))

    ways = {(arrow.tail[9:], arrow.head[9:]) for arrow in arrows}
    assert {
        ("sum-hn", "r-times-hn"),
        ("r", "r-times-hn"),
        ("r-times-hn", "inside-n"),
        ("sum-in", "inside-n"),
        ("inside-n", "tanh-n"),
        ("tanh-n", "n"),
    } <= ways
    assert nodes["gru-cell-sum-hn"].text == "Whn h + bhn"
    product = (step["r"] * of_h[6:]).tolist()
    assert nodes["gru-cell-numbers-r-times-hn"].text.splitlines() == [number(v) for v in product]


def test_cell_diagram_gru_mixes_the_candidate_with_the_old_state():
    step = step_of("GRU")

    nodes, _ = drawing(cell_diagram("GRU", step))

    def numbers(name):
        lines = nodes[f"gru-cell-numbers-{name}"].text.splitlines()
        return torch.tensor([float(line.replace("−", "-")) for line in lines])

    total = numbers("share-of-n") + numbers("share-of-h")
    torch.testing.assert_close(total, step["h"], atol=0.0101, rtol=0)


def test_cell_diagram_shows_a_projection():
    t = run(nn.LSTM(2, 3, proj_size=1))

    projected = cell_diagram("LSTM", t[0, 0].step(4))
    with_projection, _ = drawing(projected)
    without, _ = drawing(cell_diagram("LSTM", step_of("LSTM")))

    assert with_projection["lstm-cell-W_hr"].text == "Whr"
    assert "lstm-cell-W_hr" not in without
    assert "h[t] = W_hr (o ⊙ tanh(c[t])). " in projected.alt
    assert with_projection["lstm-cell-numbers-h"].text == number(float(t[0, 0].h[4, 0]))


def test_cell_diagram_counts_the_units_of_large_vectors():
    t = run(nn.LSTM(5, 8))

    nodes, _ = drawing(cell_diagram("LSTM", t[0, 0].step(4)))

    assert nodes["lstm-cell-numbers-x"].text == "(H_in=5)"
    assert nodes["lstm-cell-numbers-f"].text == "(H=8)"


def test_cell_diagram_takes_a_step_tuple_and_leaves_out_what_it_lacks():
    step = step_of("LSTM")
    alone = LSTMStep(*(step[letter] for letter in LSTMStep._fields))

    nodes, _ = drawing(cell_diagram("LSTM", alone))

    assert "lstm-cell-numbers-f-times-c" not in nodes
    assert "lstm-cell-numbers-x" not in nodes
    assert nodes["lstm-cell-numbers-i-times-g"].text.splitlines() == [
        number(value) for value in (step["i"] * step["g"]).tolist()
    ]


def test_cell_diagram_does_not_invent_the_sum_behind_a_saturated_gate():
    lstm = nn.LSTM(1, 1)
    with torch.no_grad():
        lstm.get_parameter("bias_ih_l0")[:2] = torch.tensor([30.0, -200.0])  # rows: i, f, g, o

    step = trace(lstm, torch.zeros(3, 1, 1))[0, 0].step(1)
    found, _ = drawing(cell_diagram("LSTM", step))
    given, _ = drawing(cell_diagram("LSTM", step | {"pre_i": torch.tensor([30.0])}))

    assert found["lstm-cell-numbers-pre_i"].text == ">5"
    assert found["lstm-cell-numbers-pre_f"].text == "<−5"
    assert given["lstm-cell-numbers-pre_i"].text == "30"


@pytest.mark.parametrize(("kind", "letter"), [("LSTM", "c"), ("LSTM", "h"), ("GRU", "h")])
def test_cell_diagram_refuses_states_that_its_gates_do_not_give(kind, letter):
    step = step_of(kind)
    step[letter] = step[letter] + torch.tensor([0.0, 0.01, 0.0])

    with pytest.raises(ValueError, match=rf"^{letter} of this step is not .* 1\.0e-02; pass what"):
        cell_diagram(kind, step)


@pytest.mark.parametrize(
    ("kind", "name"), [("LSTM", "pre_g"), ("GRU", "pre_z"), ("RNN_TANH", "pre_h"), ("GRU", "in")]
)
def test_cell_diagram_refuses_sums_that_do_not_give_the_gates(kind, name):
    step = step_of(kind) | {name: torch.ones(3)}
    step |= {"hn": torch.zeros(3)} if name == "in" else {}

    with pytest.raises(ValueError, match="of this step is not"):
        cell_diagram(kind, step)


@pytest.mark.parametrize("kind", STAGES)
def test_cell_diagram_takes_the_sums_of_the_live_module(kind):
    step, (of_x, of_h) = step_of(kind), sums(kind)
    letters = {"LSTM": "ifgo", "GRU": "rz"}.get(kind, "h")
    step |= {
        f"pre_{letter}": (of_x + of_h)[3 * row : 3 * row + 3] for row, letter in enumerate(letters)
    }

    diagram = cell_diagram(kind, step)

    assert f"W_h{letters[0]} h" in diagram.checked
    assert (
        float(diagram.checked.rpartition("to ")[2] or 0) < 1e-6
        if "to " in diagram.checked
        else True
    )


def test_cell_diagram_checks_what_it_draws():
    diagram = cell_diagram("LSTM", step_of("LSTM"))

    assert diagram.checked.startswith("c[t] = f ⊙ c[t-1] + i ⊙ g and h[t] = o ⊙ tanh(c[t]), ")
    assert cell_diagram("LSTM").checked == ""


def test_cell_diagram_data_holds_every_join():
    step = step_of("LSTM")

    rows = {row["quantity"]: row for row in cell_diagram("LSTM", step).data}

    assert [rows["i ⊙ g"][f"[{unit}]"] for unit in range(3)] == pytest.approx(
        (step["i"] * step["g"]).tolist()
    )
    assert rows["x[t]"]["[2]"] is None
    assert {row["quantity"] for row in cell_diagram("GRU").data} == {"r", "z", "n", "h[t]"}


def test_cell_diagram_alt_has_equations_numbers_and_what_is_lit():
    step = step_of("GRU")

    alt = cell_diagram("GRU", step, lit=("reset",)).alt

    assert alt.startswith("One step of a GRU cell. r = σ(W_ir x + b_ir + W_hr h + b_hr); ")
    assert "n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))" in alt
    assert f"z = {', '.join(number(value) for value in step['z'].tolist())}" in alt
    assert alt.endswith("Bright: reset; the rest is dimmed.")


def test_cell_diagram_refuses_in_one_sentence():
    with pytest.raises(ValueError, match=r"expected a kind of cell among LSTM, GRU, .* got 'lstm'"):
        cell_diagram("lstm")
    with pytest.raises(ValueError, match="expected lit to name any of r, z, reset, n, h, x, got o"):
        cell_diagram("GRU", lit=("o",))
    with pytest.raises(ValueError, match="expected the numbers of one step of GRU, got also c"):
        cell_diagram("GRU", {"h": torch.zeros(3), "c": torch.zeros(3)})
    with pytest.raises(ValueError, match=r"one sequence, got h of shape \(4, 3\); choose a row"):
        cell_diagram("GRU", {"h": torch.zeros(4, 3)})


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN_TANH"])
def test_cell_diagram_puts_a_dot_on_the_curve_for_every_unit(kind, narrow):
    step = step_of(kind)
    nodes, _ = drawing(cell_diagram(kind, step, narrow=narrow))

    curves = [name for name in nodes if "-curve-" in name]
    assert len(curves) == {"LSTM": 5, "GRU": 3, "RNN_TANH": 1}[kind]
    for name in curves:
        letter = name.partition("-curve-")[2]
        given = step["c"].tanh() if letter == "tanh-c" else step[letter]
        symmetric = letter in ("g", "n", "h", "tanh-c")
        frame = nodes[name]
        for unit, value in enumerate(given.tolist()):
            # where the function gives this value, in parts of the frame
            read = math.atanh(value) / 3 if symmetric else math.log(value / (1 - value)) / 6
            high = (value + 1) / 2 if symmetric else value
            dot = nodes[name.replace("-curve-", "-dot-") + f"-{unit}"]
            x = frame.x + max(-1.0, min(1.0, read)) * frame.width / 2
            y = frame.y + (high - 0.5) * frame.height
            assert (dot.x, dot.y) == pytest.approx((x, y), abs=0.02)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_cell_diagram_fits_on_a_phone(kind):
    svg = cell_diagram(kind, step_of(kind), narrow=True).to_svg()
    width = float(re.findall(r'<svg width="([\d.]+)', svg)[0])
    least = min(float(size) for size in re.findall(r'font-size="([\d.]+)', svg))

    assert least * 369 / width >= 9  # what a screen 375 pixels wide has for a drawing


def test_cell_diagram_golden_gru(golden):
    golden("cell_diagram-gru-reset.dot", cell_diagram("GRU", lit=("reset",)).source)
