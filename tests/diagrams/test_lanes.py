"""A state carried along a row of boxes."""

import pytest

from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import Canvas
from rnn_figures.diagrams.lanes import Lane, heights
from rnn_figures.figures import Table
from tests.drawing import drawing

BOXES = [Box(f"c-t{t}", 60.0 * t, 0.0, 30.0, 20.0) for t in range(3)]


@pytest.fixture
def canvas():
    return Canvas("test", alt="A test.", data=Table(["n"], [(0,)]))


def test_lane_goes_from_each_box_to_the_next(canvas):
    Lane(canvas, "c", BOXES, up=4.0).draw()
    arrows = drawing(canvas)[1]

    assert [(arrow.tail, arrow.head) for arrow in arrows] == [
        ("test-c-t0", "test-c-t1"),
        ("test-c-t1", "test-c-t2"),
    ]
    assert (arrows[0].points[0], arrows[0].points[-1]) == ((15.0, 4.0), (45.0, 4.0))
    assert {arrow.classes for arrow in arrows} == {("q-c",)}


def test_lane_of_a_reverse_state_runs_left(canvas):
    Lane(canvas, "c", BOXES[::-1]).draw()
    first = drawing(canvas)[1][0]

    assert (first.points[0], first.points[-1]) == ((105.0, 0.0), (75.0, 0.0))


def test_lane_takes_a_look_for_each_arrow_and_a_pattern_of_names(canvas):
    Lane(canvas, "c", BOXES).draw(["dashed", "dim"], name="{tail}-c-on")
    one, other = drawing(canvas)[1]

    assert "style=dashed" in canvas.source
    assert other.classes == ("q-c", "dim")
    assert (one.name, other.name) == ("test-c-t0-c-on", "test-c-t1-c-on")


def test_heights_put_the_first_state_uppermost():
    assert heights(("c", "h"), 24.0) == {"c": 12.0, "h": -12.0}
