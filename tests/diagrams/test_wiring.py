from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.diagrams.wiring.diagram import wiring_diagram
from rnn_figures.diagrams.wiring.lines import shape_of, wiring
from rnn_figures.diagrams.wiring.positions import arrange

N, L, H_in, H_cell, WORDS = 4, 7, 3, 8, 11


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, H_in)
        self.lstm = nn.LSTM(H_in, H_cell, batch_first=True)
        self.head = nn.Linear(H_cell, 2)

    def forward(self, ids, lengths):
        """Classify the last valid step."""
        embedded = self.embedding(ids)
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        output, (h_n, c_n) = self.lstm(packed)  # noqa: RUF059 (unread on purpose)
        return self.head(h_n[-1])


class Bridge(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(H_in, H_cell, bidirectional=True)
        self.bridge = nn.Linear(2 * H_cell, 5)
        self.decoder = nn.GRU(H_in, 5)

    def forward(self, source, target):
        h_0 = self.bridge(torch.cat(tuple(self.encoder(source)[1][0]), dim=1))
        decoded, _ = self.decoder(target, h_0[None])
        return decoded


class KeepsLastState(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(H_in, H_cell)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return h_n[-1]


class CallsItselfMe(KeepsLastState):
    def forward(me, x):  # noqa: N805  # pyright: ignore[reportSelfClsParameterName]
        _, (h_n, _) = me.lstm(x)
        return h_n[-1]


class KeepsNothing(KeepsLastState):
    def forward(self, x):
        _, _ = self.lstm(x)
        return x


def classifier_run():
    ids = torch.randint(WORDS, (N, L))
    return Classifier(), ids, torch.tensor([3, 7, 2, 5])


def test_wiring_diagram_lists_every_wire_with_its_live_shape():
    model, ids, lengths = classifier_run()

    rows = wiring_diagram(model, ids, lengths).data.rows

    pack = "pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)"
    lstm, head = "lstm nn.LSTM(3, 8, batch_first=True)", "head nn.Linear(8, 2)"
    assert rows == (
        ("ids", "ids", "(4, 7)", "embedding nn.Embedding(11, 3)"),
        ("embedding nn.Embedding(11, 3)", "embedded", "(4, 7, 3)", pack),
        ("lengths", "lengths", "(4,)", pack),
        (pack, "packed", "packed (17, 3)", lstm),
        (lstm, "h_n[-1]", "(4, 8)", head),
        (head, "", "(4, 2)", "returns"),
    )


def test_wiring_tells_what_nobody_reads():
    boxes = wiring(*classifier_run()[:1], classifier_run()[1:]).boxes

    unused = {box.title: box.unused for box in boxes if box.unused}

    assert unused == {"lstm": ("output packed (17, 8)", "c_n (1, 4, 8)")}


def test_wiring_calls_an_unread_state_by_its_name():
    model = Bridge()

    boxes = wiring(model, (torch.randn(L, N, H_in), torch.randn(2, N, H_in))).boxes

    assert next(box.unused for box in boxes if box.title == "decoder") == ("h_n (1, 4, 5)",)


@pytest.mark.parametrize(
    ("model", "unused"),
    [
        (KeepsLastState(), ("output (7, 4, 8)", "c_n (1, 4, 8)")),
        (KeepsNothing(), ("output (7, 4, 8)", "h_n (1, 4, 8)", "c_n (1, 4, 8)")),
    ],
)
def test_wiring_calls_whatever_an_underscore_drops_by_its_name(model, unused):
    boxes = wiring(model, (torch.randn(L, N, H_in),)).boxes

    assert next(box.unused for box in boxes if box.title == "lstm") == unused


def test_wiring_reads_a_forward_whose_first_argument_has_another_name():
    x = torch.randn(L, N, H_in)

    usual, other = (wiring(model(), (x,)) for model in (KeepsLastState, CallsItselfMe))

    assert (usual.boxes, usual.wires) == (other.boxes, other.wires)


def test_wiring_gives_nested_calls_boxes_of_their_own():
    wired = wiring(Bridge(), (torch.randn(L, N, H_in), torch.randn(2, N, H_in)))

    titles = [box.title for box in wired.boxes]
    assert titles == [
        "source",
        "target",
        "encoder",
        "torch.cat(tuple(encoder(…)[1][0]), dim=1)",
        "bridge",
        "decoder",
        "decoded",
    ]


def test_wiring_gives_each_wire_the_colour_of_its_quantity():
    wires = wiring(*classifier_run()[:1], classifier_run()[1:]).wires

    assert {wire.text: wire.colour for wire in wires} == {
        "ids": "ink",
        "embedded": "ink",
        "lengths": "ink",
        "packed": "x",
        "h_n[-1]": "h",
        "": "ink",
    }


def test_wiring_of_a_sequential_has_a_box_for_each_module():
    model = nn.Sequential(nn.Embedding(WORDS, H_in), nn.Linear(H_in, 2))

    boxes = wiring(model, (torch.zeros(N, L, dtype=torch.long),)).boxes

    assert [(box.title, box.detail) for box in boxes] == [
        ("input", "(4, 7)"),
        ("[0]", "nn.Embedding(11, 3)"),
        ("[1]", "nn.Linear(3, 2)"),
        ("", "(4, 7, 2)"),
    ]


def test_wiring_of_a_function_sees_the_names_around_it():
    offset = torch.ones(N, 1)

    def pooled(output, lengths):
        total = output.sum(dim=1) + offset
        return total / lengths[:, None]

    wired = wiring(pooled, (torch.randn(N, L, H_cell), torch.tensor([3, 7, 2, 5])))

    assert wired.name == "pooled"
    assert [box.title for box in wired.boxes] == [
        "output",
        "lengths",
        "output.sum(dim=1) + offset",
        "total / lengths[:, None]",
        "",
    ]


def test_wiring_draws_a_wire_for_each_part_of_a_pair():
    cell = nn.LSTMCell(H_in, H_cell)

    def call(x_t, h, c):
        h, c = cell(x_t, (h, c))
        return h, c

    wires = wiring(call, (torch.zeros(N, H_in), *torch.zeros(2, N, H_cell))).wires

    assert [(wire.text, wire.shape, wire.colour) for wire in wires] == [
        ("x_t", "(4, 3)", "ink"),
        ("h", "(4, 8)", "ink"),
        ("c", "(4, 8)", "ink"),
        ("h", "(4, 8)", "h"),
        ("c", "(4, 8)", "c"),
    ]


def test_wiring_draws_the_same_dropout_twice():
    class Dropped(nn.Module):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.5)

        def forward(self, x):
            return self.dropout(x)

    assert len(wiring(Dropped().train(), (torch.ones(N, L),)).boxes) == 3


def test_wiring_refuses_a_model_that_depends_on_more_than_its_inputs():
    class Counting(nn.Module):
        count = 0

        def forward(self, x):
            count = self.added()
            return x + count

        def added(self):
            Counting.count += 1
            return Counting.count

    with pytest.raises(ValueError, match="whose result depends on its inputs only"):
        wiring(Counting(), (torch.zeros(N),))


def test_wiring_refuses_a_loop_in_forward():
    class Looping(nn.Module):
        def forward(self, x):
            for _ in range(3):
                x = x + 1
            return x

    with pytest.raises(ValueError, match=r"got 'for _ in range\(3\):'; move that line"):
        wiring(Looping(), (torch.zeros(N),))


def test_wiring_refuses_a_model_without_source():
    names = {}
    exec("def model(x):\n    return x", names)

    with pytest.raises(TypeError, match="expected a model whose source Python can read"):
        wiring(names["model"], (torch.zeros(N),))


def test_wiring_refuses_a_model_that_returns_nothing():
    def model(x):
        y = x + 1  # noqa: F841 (this line is what the test is about)

    with pytest.raises(ValueError, match="expected model to return something"):
        wiring(model, (torch.zeros(N),))


def test_shape_of_writes_each_kind_of_value():
    packed = pack_padded_sequence(torch.zeros(L, 2, H_in), [7, 2])

    written = [shape_of(value) for value in (packed, torch.tensor(1.0), (torch.zeros(2, 1), 3))]

    assert written == ["packed (9, 3)", "one number", "(2, 1) and 3"]


def masked_mean(output, lengths):
    mask = torch.arange(output.shape[1]) < lengths[:, None]
    total = (output * mask[:, :, None]).sum(dim=1)
    return total / lengths[:, None] + output.mean() + lengths.sum()


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (Bridge(), (torch.randn(L, N, H_in), torch.randn(2, N, H_in))),
        (masked_mean, (torch.randn(N, L, H_cell), torch.tensor([3, 7, 2, 5]))),
    ],
)
def test_arrange_puts_every_box_above_what_it_reads_and_no_wire_through_a_box(model, inputs):
    wired = wiring(model, inputs)
    sizes = [(120.0, 30.0)] * len(wired.boxes)

    labels = {(wire.tail, wire.text): (60.0, 30.0) for wire in wired.wires}
    boxes, routes = arrange(wired, sizes, labels)

    crossed = [
        (wire, number)
        for wire, route in zip(wired.wires, routes, strict=True)
        for number, box in enumerate(boxes)
        if number not in (wire.tail, wire.head)
        for (x, y, *_), (to_x, to_y, *_) in pairwise([route.start, *route.via, route.end])
        if min(x, to_x) < box.right.x and max(x, to_x) > box.left.x
        if min(y, to_y) < box.top.y and max(y, to_y) > box.bottom.y
    ]
    assert crossed == []
    assert all(boxes[wire.tail].top.y < boxes[wire.head].bottom.y for wire in wired.wires)


def test_wiring_diagram_says_what_it_was_checked_against():
    diagram = wiring_diagram(*classifier_run())

    assert diagram.checked.startswith("run line by line, equal to Classifier itself, torch ")
    assert diagram.alt.startswith("Wiring of Classifier, from ids (4, 7) and lengths (4,).")
    assert "lstm nn.LSTM(3, 8, batch_first=True) reads packed packed (17, 3)." in diagram.alt


def test_wiring_diagram_leaves_the_random_state_and_the_model_alone():
    model, *inputs = classifier_run()
    before = torch.get_rng_state()

    wiring_diagram(model, *inputs)

    assert torch.equal(torch.get_rng_state(), before)
    assert model.training
    assert all(weight.grad is None for weight in model.parameters())


def test_wiring_diagram_is_drawn_alike_twice():
    model, *inputs = classifier_run()

    assert wiring_diagram(model, *inputs).to_svg() == wiring_diagram(model, *inputs).to_svg()
