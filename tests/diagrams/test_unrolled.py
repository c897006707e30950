import dataclasses
import functools
import itertools
import re

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnn_figures.configurations import describe, every_configuration
from rnn_figures.diagrams import unrolled_diagram
from rnn_figures.numbers import number
from rnn_figures.proofs import Proof, ProofError
from rnn_figures.traces.tracing import trace
from rnn_figures.weights import DIRECTIONS
from tests.cases import few_modules
from tests.drawing import ROOM_ON_A_PHONE, crosses, drawing, extent, that_overlap, without_room

LENGTHS = torch.tensor([3, 7, 2, 5])

CONFIGURATIONS = few_modules(every_configuration(3, 8, 5))

ARRANGEMENTS = {
    "lstm": (nn.LSTM(5, 3), {}),
    "gru, reverse too": (nn.GRU(5, 3, bidirectional=True), {}),
    "three layers, two directions": (nn.LSTM(5, 3, num_layers=3, bidirectional=True), {}),
    "projected, batch first": (nn.LSTM(5, 4, num_layers=2, proj_size=2, batch_first=True), {}),
    "numbers": (nn.LSTM(2, 3, num_layers=2, bidirectional=True), {"values": True}),
    "left out": (nn.LSTM(5, 3, num_layers=2, bidirectional=True), {"steps": 4}),
    "lit": (nn.LSTM(5, 3, num_layers=2, bidirectional=True), {"lit": ("nowhere",)}),
    "wide": (nn.GRU(700, 1024, bidirectional=True, batch_first=True), {}),
}


def sequence(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1)).to(dtype)


@functools.cache
def run(module, steps=7, sequences=4):
    shape = (steps, sequences, module.input_size)
    x = sequence(*shape)
    return trace(module, x.transpose(0, 1) if module.batch_first else x)


@functools.cache
def drawn(module):
    return drawing(unrolled_diagram(run(module)))


def packed_run(module):
    x = sequence(7, 4, module.input_size)
    return trace(module, pack_padded_sequence(x, LENGTHS, enforce_sorted=False))


def cell_nodes(nodes, part):
    return {name: node for name, node in nodes.items() if f"-{part}-l" in name}


def every_cell(num_layers):
    """Walk layers, directions and steps in the order of the table."""
    return itertools.product(range(num_layers), range(2), range(7))


def is_dim(node):
    return "dim" in node.classes


# What is drawn


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_unrolled_diagram_has_a_state_per_step_layer_and_direction(module):
    t = run(module)

    diagram = unrolled_diagram(t)
    nodes, _ = drawn(module)

    count = 7 * module.num_layers * (2 if module.bidirectional else 1)
    assert len(cell_nodes(nodes, "cell")) == count
    assert len(cell_nodes(nodes, "h")) == count
    assert len(cell_nodes(nodes, "c")) == (count if module.mode == "LSTM" else 0)
    assert len(diagram.data) == count
    assert diagram.checked.startswith(f"{t.proof.words}; every row of h_n and c_n")
    assert isinstance(diagram.proof, Proof)
    assert diagram.proof.values > t.proof.values  # of the rows, too


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_unrolled_diagram_writes_the_shapes_of_the_live_tensors(module):
    t = run(module)

    nodes, _ = drawn(module)

    name = module.mode.partition("_")[0].lower()
    time = 1 if module.batch_first else 0
    assert isinstance(t.output, torch.Tensor)
    assert str((4, 3)) in nodes[f"{name}-row-x"].text
    assert str(tuple(t.output.select(time, 0).shape)) in nodes[f"{name}-row-output"].text
    for layer, direction in itertools.product(
        range(module.num_layers), range(1 + module.bidirectional)
    ):
        text = nodes[f"{name}-row-l{layer}-{DIRECTIONS[direction]}"].text
        assert f"layer {layer}" in text
        assert f"h {tuple(t.h_n[0].shape)}" in text
        if t.c_n is not None:
            assert f"c {tuple(t.c_n[0].shape)}" in text
        if layer:
            read = module.get_parameter(f"weight_ih_l{layer}").shape[1]
            assert str((4, read)) in nodes[f"{name}-row-read-l{layer}"].text


def test_unrolled_diagram_data_holds_the_numbers_of_every_cell():
    t = run(nn.LSTM(3, 4, num_layers=2, proj_size=2, bidirectional=True))

    table = unrolled_diagram(t, sequence=2).data

    for row, (layer, direction, step) in zip(table, every_cell(2), strict=True):
        assert (row["layer"], row["direction"], row["step"]) == (layer, DIRECTIONS[direction], step)
        cell = t[layer, direction]
        assert [row[f"h[{unit}]"] for unit in range(2)] == cell.h[step, 2].tolist()
        assert [row[f"c[{unit}]"] for unit in range(4)] == cell.c[step, 2].tolist()


def test_unrolled_diagram_data_says_how_to_read_each_state():
    t = run(nn.LSTM(3, 4, num_layers=2, proj_size=2, bidirectional=True))
    names = {"output": t.output, "h_n": t.h_n, "c_n": t.c_n}

    table = unrolled_diagram(t).data

    kept = 0
    for row, (layer, direction, step) in zip(table, every_cell(2), strict=True):
        for letter in "hc":
            codes = str(row[f"{letter} is kept in"])
            for code in [] if codes == "nowhere" else codes.replace("], ", "]|").split("|"):
                state = t[layer, direction][letter][step]
                torch.testing.assert_close(eval(code, {}, names), state, atol=1e-6, rtol=0)
                kept += 1
    assert kept == 2 * 7 + 2 * 4  # the top layer's halves of output, the rows of h_n and of c_n


def test_unrolled_diagram_alt_says_where_each_row_is():
    lstm = nn.LSTM(5, 3, num_layers=2, bidirectional=True)

    alt = unrolled_diagram(run(lstm, steps=4, sequences=1)).alt

    assert alt.startswith("nn.LSTM(5, 3, num_layers=2, bidirectional=True) unrolled over 4 steps. ")
    assert "h_n[1] (1, 3) is layer 0 reverse after step 0, nowhere in output" in alt
    assert "h_n[2] (1, 3) is layer 1 forward after step 3, equal to output[-1, :, :3]" in alt
    assert "h_n[3] (1, 3) is layer 1 reverse after step 0, equal to output[0, :, 3:]" in alt


# Where it stands


@pytest.mark.parametrize("module", CONFIGURATIONS, ids=describe)
def test_unrolled_diagram_ends_forward_on_the_right_and_reverse_on_the_left(module):
    t = run(module)

    nodes, arrows = drawn(module)

    name = module.mode.partition("_")[0].lower()
    cells = cell_nodes(nodes, "cell").values()
    first, last = min(cell.left for cell in cells), max(cell.right for cell in cells)
    directions = 1 + module.bidirectional
    for state in "h" if t.c_n is None else "hc":
        for row in range(directions * module.num_layers):
            start, end = nodes[f"{name}-{state}_0-{row}"], nodes[f"{name}-{state}_n-{row}"]
            if row % directions:
                assert end.right < first < last < start.left
            else:
                assert start.right < first < last < end.left
    for arrow in arrows:
        if arrow.name.endswith("-on"):
            ahead = arrow.points[-1][0] - arrow.points[0][0]
            row = int(arrow.tail[-1]) if "_0-" in arrow.tail else None
            is_reverse = row % directions == 1 if row is not None else "-reverse-" in arrow.tail
            assert ahead < 0 if is_reverse else ahead > 0


def test_unrolled_diagram_stands_reverse_cells_right_of_and_above_forward_ones():
    nodes, _ = drawing(unrolled_diagram(run(nn.GRU(5, 3, bidirectional=True))))

    for t in range(7):
        forward, reverse = (nodes[f"gru-cell-l0-{name}-t{t}"] for name in DIRECTIONS)
        halves = [nodes[f"gru-output-{name}-t{t}"] for name in DIRECTIONS]
        assert forward.x < nodes[f"gru-x-t{t}"].x < reverse.x
        assert forward.top < reverse.bottom
        assert [half.x for half in halves] == pytest.approx([forward.x, reverse.x])


def test_unrolled_diagram_keeps_its_columns_whatever_the_module_is():
    columns = set()
    for module, options in ARRANGEMENTS.values():
        nodes, _ = drawing(unrolled_diagram(run(module), **options))
        name = module.mode.lower()
        columns.add(tuple(round(nodes[f"{name}-x-t{t}"].x, 1) for t in (0, 1)))

    assert len(columns) == 1


@pytest.mark.parametrize(("module", "options"), ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_unrolled_diagram_lets_no_boxes_overlap(module, options):
    nodes, _ = drawing(unrolled_diagram(run(module), **options))

    frames = {name for name in nodes if "-cell-" in name} | {
        name
        for name, node in nodes.items()
        if module.bidirectional and not node.label and "-cell-" not in name
    }
    assert not that_overlap({name: nodes[name] for name in frames})
    assert not that_overlap({name: nodes[name] for name in nodes.keys() - frames})


@pytest.mark.parametrize(("module", "options"), ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_unrolled_diagram_draws_arrows_straight_and_through_no_box(module, options):
    nodes, arrows = drawing(unrolled_diagram(run(module), **options))

    for arrow in arrows:
        xs, ys = zip(*arrow.points, strict=True)
        upright = arrow.name.split("-")[1] in ("in", "up")
        assert len({round(value, 1) for value in (xs if upright else ys)}) == 1
        ends = {arrow.tail, arrow.head}
        cells = {name.replace("-h-l", "-cell-l").replace("-c-l", "-cell-l") for name in ends}
        frames = {name.replace("-forward-t", "-t").replace("-reverse-t", "-t") for name in ends}
        for name, node in nodes.items():
            if name not in ends | cells | frames and not (upright and "read" in name):
                assert not crosses(arrow, node), (arrow.name, name)


@pytest.mark.parametrize(("module", "options"), ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_unrolled_diagram_has_room_for_its_text(module, options):
    nodes, _ = drawing(unrolled_diagram(run(module), **options))

    assert not without_room(nodes)
    assert all(node.font_size >= 11 for node in nodes.values() if node.text)


@pytest.mark.parametrize(("module", "options"), ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_unrolled_diagram_gives_every_part_an_id_and_its_quantity(module, options):
    diagram = unrolled_diagram(run(module), **options)

    nodes, arrows = drawing(diagram)

    assert all(node.drawn["id"] == name for name, node in nodes.items())
    ids = [*nodes, *(arrow.name for arrow in arrows)]
    assert len(set(ids)) == len(ids)
    assert all(node.classes for node in nodes.values())
    assert all(arrow.classes[0] in ("q-x", "q-h", "q-c") for arrow in arrows)
    for letter in "hc":
        parts = cell_nodes(nodes, letter).values()
        assert all(f"q-{letter}" in node.classes for node in parts)
        lanes = [arrow for arrow in arrows if f"-{letter}-l" in arrow.tail]
        assert all(f"q-{letter}" in arrow.classes for arrow in lanes)


# Which rows of h_n and c_n


def test_unrolled_diagram_rings_the_cells_that_the_module_returns():
    diagram = unrolled_diagram(run(nn.LSTM(5, 3, num_layers=2, bidirectional=True), steps=4))

    nodes, _ = drawing(diagram)

    ringed = {name for name, node in nodes.items() if "-cell-" in name and "final" in node.classes}
    assert ringed == {
        f"lstm-cell-l{layer}-{end}" for layer in (0, 1) for end in ("forward-t3", "reverse-t0")
    }
    assert nodes["lstm-h_n-2-twin"].text == "= output[-1, :, :3]"
    assert nodes["lstm-h_n-3-twin"].text == "= output[0, :, 3:]"
    assert nodes["lstm-h_n-1-twin"].text == "not in output"
    assert nodes["lstm-h_n-1"].text == "hn[1]"


@pytest.mark.parametrize("quantity", ["h_n", "c_n"])
def test_unrolled_diagram_refuses_rows_in_another_order(quantity):
    t = run(nn.LSTM(5, 3, num_layers=2, bidirectional=True))
    swapped = dataclasses.replace(t, **{quantity: getattr(t, quantity)[[1, 0, 2, 3]]})

    with pytest.raises(ProofError, match=rf"layer 0 \(forward\), {quantity}\[0\]\[., .\]: "):
        unrolled_diagram(swapped)


def test_unrolled_diagram_refuses_an_output_that_is_not_the_top_layer():
    t = run(nn.LSTM(5, 3, bidirectional=True))
    assert isinstance(t.output, torch.Tensor)
    changed = t.output.clone()
    changed[3, 1, 2] += 1  # no row of h_n is there

    with pytest.raises(ProofError, match=r"output, the h of the top layer\[3, 1, 2\]: expected"):
        unrolled_diagram(dataclasses.replace(t, output=changed), sequence=1)


def test_unrolled_diagram_does_not_call_a_row_absent_that_output_holds_by_chance():
    rnn = nn.RNN(5, 3, num_layers=2, nonlinearity="relu")
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.zero_()  # every h is 0 then

    nodes, _ = drawing(unrolled_diagram(run(rnn)))

    assert "rnn-h_n-0-twin" not in nodes
    assert "rnn-h_n-1-twin" in nodes


@pytest.mark.parametrize("chosen", range(4))
@pytest.mark.parametrize("batch_first", [False, True])
def test_unrolled_diagram_packed_ends_where_the_sequence_ends(chosen, batch_first):
    t = packed_run(nn.LSTM(5, 3, bidirectional=True, batch_first=batch_first))
    assert isinstance(t.output, PackedSequence)
    names = {"padded": pad_packed_sequence(t.output, batch_first)[0], "h_n": t.h_n}
    last = int(LENGTHS[chosen]) - 1

    nodes, arrows = drawing(unrolled_diagram(t, sequence=chosen))

    assert len(cell_nodes(nodes, "cell")) == 2 * (last + 1)
    assert sum("absent" in node.classes for node in nodes.values()) == 2 * (6 - last)
    (start,) = [arrow for arrow in arrows if arrow.tail == "lstm-h_0-1"]
    assert start.head == f"lstm-h-l0-reverse-t{last}"
    for row in range(2):
        code = nodes[f"lstm-h_n-{row}-twin"].text.removeprefix("= ")
        state = nodes[f"lstm-h_n-{row}"].text.replace("hn", "h_n")
        assert torch.equal(eval(code, {}, names), eval(state, {}, names))


def test_unrolled_diagram_packed_counts_many_absent_steps():
    x = pack_padded_sequence(sequence(20, 2, 5), torch.tensor([20, 3]))

    nodes, _ = drawing(unrolled_diagram(trace(nn.GRU(5, 3), x), sequence=1, steps=4))

    absent = [node.text for node in nodes.values() if "absent" in node.classes]
    assert absent == ["17 steps absent"] * 2


def test_unrolled_diagram_packed_has_room_for_large_indices():
    x = pack_padded_sequence(sequence(120, 150, 5), torch.full((150,), 120))

    nodes, _ = drawing(unrolled_diagram(trace(nn.LSTM(5, 3, bidirectional=True), x), sequence=149))

    assert not without_room(nodes)


@pytest.mark.parametrize(
    ("module", "first"),
    [
        (nn.GRU(5, 3), ("x[0]", "output[0]")),
        (nn.GRU(5, 3, batch_first=True), ("x[:, 0]", "output[:, 0]")),
    ],
)
def test_unrolled_diagram_writes_the_code_that_reads_a_step(module, first):
    nodes, _ = drawing(unrolled_diagram(run(module)))

    assert (nodes["gru-x-t0"].text, nodes["gru-output-t0"].text) == first


def test_unrolled_diagram_unbatched_has_vectors():
    t = trace(nn.GRU(5, 3, bidirectional=True, batch_first=True), sequence(7, 5))

    nodes, _ = drawing(unrolled_diagram(t))

    assert "(5,)" in nodes["gru-row-x"].text
    assert "(6,)" in nodes["gru-row-output"].text
    assert nodes["gru-h_n-1-twin"].text == "= output[0, 3:]"


# Options


def test_unrolled_diagram_leaves_out_the_middle_of_a_long_sequence():
    t = run(nn.LSTM(5, 3, bidirectional=True), steps=100, sequences=1)

    diagram = unrolled_diagram(t)
    nodes, arrows = drawing(diagram)

    drawn = [name for name in nodes if name.startswith("lstm-x-t")]
    assert drawn == [f"lstm-x-t{t}" for t in (0, 1, 2, 3, 96, 97, 98, 99)]
    assert nodes["lstm-hidden-x"].text == "… 92 steps …"
    assert nodes["lstm-x-t3"].right < nodes["lstm-hidden-x"].left
    assert nodes["lstm-hidden-x"].right < nodes["lstm-x-t96"].left
    assert "lstm-cell-l0-forward-t99" in nodes
    across = [arrow for arrow in arrows if arrow.head == "lstm-h-l0-forward-t96"]
    assert [arrow.tail for arrow in across] == ["lstm-h-l0-forward-t3"]
    assert "The middle 92 steps are counted, not drawn" in diagram.alt


def test_unrolled_diagram_writes_the_numbers_of_small_states():
    t = run(nn.LSTM(2, 3, num_layers=2, bidirectional=True))

    nodes, _ = drawing(unrolled_diagram(t, values=True, sequence=1))

    for name in ("h", "c"):
        for layer, direction, step in itertools.product(range(2), range(2), range(7)):
            text = nodes[f"lstm-{name}-l{layer}-{DIRECTIONS[direction]}-t{step}"].text
            values = t[layer, direction][name][step, 1].tolist()
            assert text == "\n".join(number(value) for value in values)


@pytest.mark.parametrize("keeper", ["output", "h_n", "c_n", "nowhere"])
def test_unrolled_diagram_lights_what_each_part_of_the_answer_keeps(keeper):
    t = run(nn.LSTM(5, 3, num_layers=2, bidirectional=True))
    assert isinstance(t.output, torch.Tensor)
    assert t.c_n is not None
    halves = [half for step in t.output for half in step.chunk(2, -1)]
    kept = {"output": halves, "h_n": list(t.h_n), "c_n": list(t.c_n)}

    nodes, _ = drawing(unrolled_diagram(t, lit=keeper))

    for letter, layer, direction, step in itertools.product("hc", range(2), range(2), range(7)):
        state = t[layer, direction][letter][step]
        found = {
            name
            for name, tensors in kept.items()
            for tensor in tensors
            if torch.allclose(tensor, state, atol=1e-6, rtol=0)
        }
        node = nodes[f"lstm-{letter}-l{layer}-{DIRECTIONS[direction]}-t{step}"]
        assert is_dim(node) != (keeper in (found or {"nowhere"}))
    outputs = [node for name, node in nodes.items() if name.startswith("lstm-output-")]
    assert {is_dim(node) for node in outputs if "text" not in node.classes} == {keeper != "output"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sequence": 4}, r"expected a sequence in 0\.\.3, got 4"),
        ({"steps": 1}, "expected at least 2 steps, the first and the last, got 1"),
        (
            {"values": True},
            "expected at most 3 units to write their values, got a hidden_size of 8",
        ),
        ({"lit": ("gates",)}, "expected lit to name any of output, h_n, c_n, nowhere, got gates"),
    ],
)
def test_unrolled_diagram_refuses_in_one_sentence(options, message):
    t = run(nn.GRU(5, 8))

    with pytest.raises(ValueError, match=message):
        unrolled_diagram(t, **options)


def test_unrolled_diagram_is_the_same_twice_and_grows_with_the_steps_only():
    t = run(nn.LSTM(5, 3, bidirectional=True), steps=200)

    small, large = (unrolled_diagram(t, steps=steps).source for steps in (50, 100))

    assert unrolled_diagram(t).to_svg() == unrolled_diagram(t).to_svg()
    assert 1.8 < len(large) / len(small) < 2.1


# Goldens: one for each idea


def test_unrolled_diagram_golden_two_directions(golden):
    t = run(nn.LSTM(5, 3, num_layers=2, bidirectional=True), steps=2)

    golden("unrolled_diagram-two-directions.dot", unrolled_diagram(t).source)


def test_unrolled_diagram_golden_packed_and_left_out(golden):
    x = pack_padded_sequence(sequence(9, 2, 5), torch.tensor([9, 8]))

    diagram = unrolled_diagram(trace(nn.GRU(5, 3), x), sequence=1, steps=2)

    golden("unrolled_diagram-packed-left-out.dot", diagram.source)


def test_unrolled_diagram_golden_narrow(golden):
    t = run(nn.GRU(5, 3, num_layers=2, bidirectional=True), steps=2)

    golden("unrolled_diagram-narrow.dot", unrolled_diagram(t, narrow=True).source)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 40])
def test_a_wide_diagram_brings_one_that_fits_on_a_phone(kind, bidirectional, steps):
    found = run(kind(5, 3, num_layers=2, bidirectional=bidirectional), steps, 1)

    narrow = unrolled_diagram(found, values=True, lit=("h_n",)).narrow

    assert narrow
    nodes, _ = drawing(narrow)
    assert extent(nodes) < ROOM_ON_A_PHONE
    drawn = {row["step"] for row in narrow.data}
    assert {0, steps - 1} <= drawn
    assert any("hidden" in name for name in nodes) == (len(drawn) < steps)
    assert narrow.narrow is None


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize(("bidirectional", "steps"), [(False, 5), (True, 4)])
def test_narrow_diagram_fits_on_a_phone_and_nothing_overlaps(kind, bidirectional, steps):
    found = run(kind(5, 3, num_layers=3, bidirectional=bidirectional), steps, 1)
    wide = unrolled_diagram(found, values=True)
    narrow = unrolled_diagram(found, values=True, narrow=True)

    nodes, _ = drawing(narrow)
    assert extent(nodes) < ROOM_ON_A_PHONE
    inside = r"-[hc]-l|-(read-l\d|output)-(forward|reverse)"
    assert not that_overlap({k: node for k, node in nodes.items() if not re.search(inside, k)})
    kept = {name for name in drawing(wide)[0] if not name.endswith("twin")}
    dropped = {name for name in kept - nodes.keys() if "-row-" not in name}
    assert dropped == set()
