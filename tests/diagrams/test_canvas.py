"""Boxes with anchors, text beside them, arrows between them."""

import pytest

from rnn_figures.diagrams.boxes import Anchor, Box
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.figures import Table
from rnn_figures.palette import COLOURS
from tests.drawing import drawing


@pytest.fixture
def canvas():
    return Canvas("test", alt="A test.", data=Table(["n"], [(0,)]))


def test_box_anchors_lie_on_its_edges():
    box = Box("x", 10.0, 20.0, 40.0, 10.0)

    assert box.left == Anchor(-10.0, 20.0, "x", "left")
    assert box.right == Anchor(30.0, 20.0, "x", "right")
    assert box.top == Anchor(10.0, 25.0, "x", "top")
    assert box.bottom == Anchor(10.0, 15.0, "x", "bottom")
    assert box.at(0.25, 1) == Anchor(0.0, 25.0, "x")
    assert box.top.moved(right=1, up=2)[:2] == (11.0, 27.0)


def test_box_to_is_the_extent_of_both_and_grown_adds_a_margin():
    extent = Box("x", 0.0, 0.0, 10.0, 10.0).to(Box("h", 20.0, -5.0, 10.0, 4.0))

    assert extent == Box("x", 10.0, -1.0, 30.0, 12.0)
    assert extent.grown(2) == Box("x", 10.0, -1.0, 34.0, 16.0)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((50.0, 0.0), (20.0, 0.0, "right")),
        ((50.0, 4.0), (20.0, 4.0, "right")),
        ((50.0, 30.0), (20.0, 0.0, "right")),
        ((-50.0, 0.0), (-20.0, 0.0, "left")),
        ((15.0, 90.0), (15.0, 5.0, "top")),
        ((-15.0, -90.0), (-15.0, -5.0, "bottom")),
    ],
)
def test_box_towards_meets_the_edge_that_faces_a_point(point, expected):
    x, y, _, side = Box("x", 0.0, 0.0, 40.0, 10.0).towards(point)

    assert (x, y, side) == expected


def test_canvas_box_takes_colour_and_class_from_the_quantity(canvas):
    box = canvas.box("h", symbol("h"), at=(0, 0), size=(40, 20), quantity="h", classes="final")
    node = drawing(canvas)[0]["test-h"]

    assert box == Box("h", 0, 0, 40, 20)
    assert node.classes == ("q-h", "final")
    assert node.drawn["color"] == COLOURS["h"]
    assert node.drawn["id"] == "test-h"


def test_canvas_box_of_a_colour_alone_stands_for_no_quantity(canvas):
    canvas.box("frame", at=(0, 0), size=(40, 20), colour="faint", look="dim")

    assert drawing(canvas)[0]["test-frame"].classes == ("dim",)


def test_canvas_box_share_sets_the_opacity_of_its_tint(canvas):
    canvas.box("h", "", at=(0, 0), size=(40, 20), quantity="h", share=1.0)

    assert drawing(canvas)[0]["test-h"].drawn["fillcolor"] == COLOURS["h"] + "66"


def test_canvas_box_writes_a_list_one_below_the_other_and_plain_text_as_it_is(canvas):
    canvas.box("two", [words("a"), words("b")], at=(0, 0), size=(9, 9), colour="ink")
    canvas.box("plain", "pad", at=(0, 0), size=(9, 9), colour="ink")
    nodes = drawing(canvas)[0]

    assert nodes["test-two"].text == "a\nb"
    assert nodes["test-plain"].label == "pad"


def test_canvas_write_stands_outside_the_side_of_its_anchor(canvas):
    box = Box("x", 0.0, 0.0, 40.0, 20.0)
    beside = canvas.write("right", words("a"), at=box.right, gap=5, width=30)
    above = canvas.write("top", [words("a"), words("b")], at=box.top, gap=5, width=30)

    assert (beside.left.x, beside.y) == (25.0, 0.0)
    assert (above.x, above.bottom.y) == (0.0, 15.0)
    assert 'align="left"' in drawing(canvas)[0]["test-right"].label
    assert 'align="center"' in drawing(canvas)[0]["test-top"].label


def test_canvas_frame_surrounds_an_extent_with_a_margin(canvas):
    frame = canvas.frame("first", Box("x", 0.0, 0.0, 40.0, 20.0), margin=5)

    assert frame == Box("first", 0.0, 0.0, 50.0, 30.0)
    assert drawing(canvas)[0]["test-first"].drawn["color"] == COLOURS["ink"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("other", "points"),
    [
        (Box("h", 15.0, 60.0, 10.0, 20.0), ((15.0, 10.0), (15.0, 50.0))),  # up, at the narrower
        (Box("h", 90.0, 5.0, 20.0, 6.0), ((20.0, 5.0), (80.0, 5.0))),  # level, at the lower
    ],
)
def test_canvas_arrow_between_two_boxes_is_level_or_upright(canvas, other, points, swapped):
    boxes = (Box("x", 0.0, 0.0, 40.0, 20.0), other)
    canvas.arrow(*boxes[:: -1 if swapped else 1], quantity="h")
    (arrow,) = drawing(canvas)[1]

    assert (arrow.points[0], arrow.points[-1]) == points[:: -1 if swapped else 1]
    assert (arrow.tail, arrow.head) == (("test-h", "test-x") if swapped else ("test-x", "test-h"))
    assert arrow.classes == ("q-h",)
    assert arrow.name == f"{arrow.tail}-on"


def test_canvas_arrow_goes_from_anchor_to_anchor_and_bends_on_its_way(canvas):
    tail, head = Box("x", 0.0, 0.0, 40.0, 20.0), Box("h", 100.0, 50.0, 40.0, 20.0)
    canvas.arrow(tail.top.moved(up=2), head.left, colour="ink", name="slanting")
    canvas.arrow(tail, head, via=[(100.0, 0.0)], colour="ink", name="bent")
    slanting, bent = drawing(canvas)[1]

    assert (slanting.points[0], slanting.points[-1]) == ((0.0, 12.0), (80.0, 50.0))
    assert (bent.points[0], bent.points[-1]) == ((20.0, 0.0), (100.0, 40.0))
    assert (100.0, 0.0) in bent.points
