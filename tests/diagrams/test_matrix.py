"""Rows and columns of boxes."""

import pytest

from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import Canvas, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.figures import Table
from rnn_figures.palette import COLOURS
from tests.drawing import drawing


@pytest.fixture
def matrix():
    canvas = Canvas("test", alt="A test.", data=Table(["n"], [(0,)]))
    shape = (2, 3)  # sequences, steps
    return Matrix(canvas, "n{row}-t{column}", shape, at=(5, 7), cell=(20, 10), gap=(2, 4))


def test_matrix_rows_go_down_and_columns_right(matrix):
    assert matrix[0, 0] == Box("n0-t0", 5, 7, 20, 10)
    assert matrix[1, 2] == Box("n1-t2", 49, -7, 20, 10)
    assert matrix[-1, -1] == matrix[1, 2]


def test_matrix_slices_are_extents(matrix):
    assert matrix[0, :] == Box("n0-t0", 27, 7, 64, 10)
    assert matrix[:, 1] == Box("n0-t1", 27, 0, 20, 24)
    assert matrix[:, :] == Box("n0-t0", 27, 0, 64, 24)


def test_matrix_refuses_a_box_that_is_not_there(matrix):
    with pytest.raises(IndexError):
        matrix[2, 0]


def test_matrix_fill_draws_at_its_index_with_text_in_ink(matrix):
    assert matrix.fill(1, 0, words("0.5"), quantity="h", share=0.5) == matrix[1, 0]
    matrix.fill(0, 0, "pad", name="padding", colour="faint", fontcolor=COLOURS["faint"])
    nodes = drawing(matrix.canvas)[0]

    assert (nodes["test-n1-t0"].x, nodes["test-n1-t0"].y) == (5, -7)
    assert nodes["test-n1-t0"].drawn["fontcolor"] == COLOURS["ink"]
    assert nodes["test-padding"].drawn["fontcolor"] == COLOURS["faint"]


def test_matrix_names_stand_left_of_rows_and_above_columns(matrix):
    matrix.name_rows("name-{row}", [words("a"), words("b")], width=30, gap=1)
    matrix.name_columns("step-{column}", [words(str(t)) for t in range(3)], gap=2)
    nodes = drawing(matrix.canvas)[0]

    assert (nodes["test-name-1"].x, nodes["test-name-1"].y) == (5 - 10 - 1 - 15, -7)
    assert (nodes["test-step-2"].x, nodes["test-step-2"].y) == (49, 7 + 5 + 2 + 7.5)
