import re

import pytest
from torch import nn

from rnn_figures.configurations import describe
from rnn_figures.course import row_order_diagram, row_orders
from rnn_figures.proofs import ProofError
from rnn_figures.weights import to_keras, to_onnx
from tests.drawing import drawing, that_overlap, without_room


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


@pytest.mark.parametrize(
    "module", [nn.LSTM(128, 640), nn.GRU(5, 3), nn.RNN(1, 1, bias=False)], ids=describe
)
def test_row_order_is_clear(module):
    nodes, _ = drawing(row_order_diagram(module))

    assert not without_room(nodes)
    assert not that_overlap(nodes)


@pytest.mark.parametrize(
    ("module", "rows"),
    [
        (
            nn.LSTM(5, 3),
            [
                ("i", "[0:3]", "[0:3]", "[:, 0:3]"),
                ("f", "[3:6]", "[6:9]", "[:, 3:6]"),
                ("g", "[6:9]", "[9:12]", "[:, 6:9]"),
                ("o", "[9:12]", "[3:6]", "[:, 9:12]"),
            ],
        ),
        (
            nn.GRU(5, 3, bidirectional=True),
            [
                ("r", "[0:3]", "[3:6]", "[:, 3:6]"),
                ("z", "[3:6]", "[0:3]", "[:, 0:3]"),
                ("n", "[6:9]", "[6:9]", "[:, 6:9]"),
            ],
        ),
        (nn.RNN(5, 1, bias=False), [("h", "[0:1]", "[0:1]", "[:, 0:1]")]),
    ],
    ids=["LSTM", "GRU", "RNN"],
)
def test_row_order_table_is_each_formats_order(module, rows):
    diagram = row_order_diagram(module)

    assert diagram.data.columns == ("quantity", "PyTorch", "ONNX", "Keras")
    assert list(diagram.data.rows) == rows


@pytest.mark.parametrize("module", [nn.LSTM(5, 3), nn.GRU(5, 3), nn.RNN(5, 3)], ids=describe)
def test_row_order_slices_read_the_same_numbers(module):
    kernel, recurrent_kernel = to_keras(module)[0][:2]
    onnx = to_onnx(module)[0]

    table = row_order_diagram(module).data

    for _, pytorch, in_onnx, keras in table.rows:
        code = f"weight{pytorch}, W[0]{in_onnx}, kernel{keras}"
        names = {"weight": module.weight_ih_l0.detach(), "W": onnx["W"], "kernel": kernel}
        weight, W, of_kernel = eval(code, names)
        assert (weight.numpy() == W).all()
        assert (W == of_kernel.T).all()
        names = {"weight": module.weight_hh_l0.detach(), "W": onnx["R"], "kernel": recurrent_kernel}
        weight, R, of_kernel = eval(code, names)
        assert (weight.numpy() == R).all()
        assert (R == of_kernel.T).all()


@pytest.mark.parametrize(
    ("module", "orders"),
    [
        (nn.LSTM(5, 3), {"ONNX": "iofc", "PyTorch": "ifgo", "Keras": "ifco"}),
        (nn.GRU(5, 3), {"ONNX": "zrh", "PyTorch": "rzn", "Keras": "zrh"}),
    ],
    ids=["LSTM", "GRU"],
)
def test_row_order_draws_each_format_in_its_own_letters(module, orders):
    nodes, _ = drawing(row_order_diagram(module))

    for layout, order in orders.items():
        blocks = [nodes[key] for key in nodes if re.fullmatch(rf"row-order-\w-{layout}", key)]
        blocks.sort(key=lambda block: -block.y)
        assert "".join(block.text[0] for block in blocks) == order


def test_row_order_ribbons_join_each_block_to_itself():
    nodes, arrows = drawing(row_order_diagram(nn.LSTM(5, 3)))

    for left, right in (("ONNX", "PyTorch"), ("PyTorch", "Keras")):
        for letter in "ifgo":
            (ribbon,) = [one for one in arrows if one.name == f"row-order-{letter}-{left}-on"]
            tail, head = (nodes[f"row-order-{letter}-{layout}"] for layout in (left, right))
            assert ribbon.points[0] == (tail.right, tail.y)
            assert ribbon.points[-1] == (head.left, head.y)
            assert ribbon.classes == (f"q-{letter}",)


@pytest.mark.parametrize(
    ("module", "keras", "onnx"),
    [
        (nn.LSTM(5, 3), "bias (12,)\n(bias_ih + bias_hh)", "B (1, 24)\n(bias_ih, then bias_hh)"),
        (nn.GRU(5, 3), "bias (2, 9)\n(both biases)", "B (1, 18)\n(bias_ih, then bias_hh)"),
        (
            nn.RNN(5, 3, bias=False),
            "recurrent_kernel\n(3, 3)\n(both transposed)",
            "B (1, 6)\n(zeros)",
        ),
    ],
    ids=["LSTM", "GRU", "RNN"],
)
def test_row_order_names_the_arrays_with_their_shapes(module, keras, onnx):
    nodes, _ = drawing(row_order_diagram(module))

    assert nodes["row-order-arrays-Keras"].text.endswith(keras)
    assert nodes["row-order-arrays-ONNX"].text.endswith(onnx)
    for name, parameter in module.named_parameters():
        assert f"{name} {tuple(parameter.shape)}" in nodes["row-order-arrays-PyTorch"].text


def test_row_order_alt_translates_the_letters():
    alt = row_order_diagram(nn.GRU(5, 3)).alt

    assert alt == (
        "Order of the blocks of rows in nn.GRU(5, 3). PyTorch: r, z, n. ONNX: z, r, h; its h is "
        "torch's n, the candidate. Keras: z, r, h; its h is torch's n, the candidate."
    )


def test_row_order_refuses_a_projection():
    with pytest.raises(ValueError, match="got proj_size=2"):
        row_order_diagram(nn.LSTM(5, 3, proj_size=2))
