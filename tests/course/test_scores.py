import pytest

from rnn_figures.course import score_diagram
from tests.drawing import drawing

SCORES = {
    "add": {"LSTM": 0.5, "window": 1.0, "mean": -2.0},
    "keep": {"LSTM": 0.95, "window": 0.89, "mean": 0.9},
}


def test_score_diagram_has_a_box_for_each_task_and_network():
    diagram = score_diagram(SCORES)

    nodes, _ = drawing(diagram)
    texts = [[nodes[f"scores-score-{row}-{column}"].text for column in range(3)] for row in (0, 1)]
    assert texts == [["0.50", "1", "−2"], ["0.95", "0.89", "0.90"]]
    assert [nodes[f"scores-task-{row}"].text for row in (0, 1)] == ["add", "keep"]
    assert [nodes[f"scores-network-{c}"].text for c in range(3)] == ["LSTM", "window", "mean"]
    assert diagram.data.rows == (("add", 0.5, 1.0, -2.0), ("keep", 0.95, 0.89, 0.9))


def test_score_diagram_rings_what_was_learned():
    nodes, _ = drawing(score_diagram(SCORES))

    ringed = {name for name, node in nodes.items() if node.drawn.get("penwidth") == "2.4"}
    assert ringed == {"scores-score-0-1", "scores-score-1-0", "scores-score-1-2"}


def test_score_diagram_has_no_tick():
    assert score_diagram(SCORES).proof is None


@pytest.mark.parametrize(
    "scores",
    [{}, {"add": {}}, {"add": {"LSTM": 1.0}, "keep": {"mean": 1.0}}, {"add": {"LSTM": 1.5}}],
)
def test_score_diagram_refuses_what_is_no_matrix_of_scores(scores):
    with pytest.raises(ValueError, match="expected scores"):
        score_diagram(scores)
