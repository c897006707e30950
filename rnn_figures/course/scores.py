"""Draw how well several networks do several tasks: a box for each pair, the fuller the better."""

import math
from collections.abc import Mapping

from rnn_figures.arguments import checked
from rnn_figures.diagrams.canvas import Canvas, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import decimals

CELL = (84.0, 30.0)
"""Size of a box."""

NAME = 128.0
"""Width of a task's name."""

LEARNED = 0.9
"""From here on a task counts as learned."""


@checked
def score_diagram(scores: Mapping[str, Mapping[str, float]]) -> Diagram:
    """Draw a matrix of scores: a row for each task, a column for each network.

    A box of `LEARNED` or more is ringed. What was measured, and how, is the page's business:
    nothing here can check it.

    Args:
        scores: By task, then by network: 1 is perfect, 0 or less is no better than a constant.

    Returns:
        The Diagram; its table has the scores as given.

    Raises:
        ValueError: there are none, a row has other networks than the first, or a score is no number
            up to 1.

    Examples:
        >>> score_diagram({"add": {"LSTM": 0.9, "mean": 0.1}}).alt
        'How well each network does each task, 1 at best. add: LSTM 0.90, mean 0.10.'
    """
    networks = list(next(iter(scores.values()), {}))
    if not networks or any(list(row) != networks for row in scores.values()):
        got = "; ".join(f"{task}: {', '.join(row) or 'none'}" for task, row in scores.items())
        raise ValueError(
            f"expected scores of the same networks for each task, got {got or 'no task'}"
        )
    every = [score for row in scores.values() for score in row.values()]
    if wrong := [score for score in every if not -math.inf < score <= 1]:
        raise ValueError(f"expected scores up to 1, got {', '.join(map(str, wrong))}")
    told = (
        f"{task}: {', '.join(f'{name} {decimals(score, 2)}' for name, score in row.items())}."
        for task, row in scores.items()
    )
    canvas = Canvas(
        "scores",
        alt=f"How well each network does each task, 1 at best. {' '.join(told)}",
        data=Table(["task", *networks], [(task, *row.values()) for task, row in scores.items()]),
    )
    matrix = Matrix(canvas, "score-{row}-{column}", (len(scores), len(networks)), cell=CELL)
    for row, of_task in enumerate(scores.values()):
        for column, score in enumerate(of_task.values()):
            matrix.fill(
                row,
                column,
                words(decimals(score, 2)),
                colour="h",
                look="ringed" if score >= LEARNED else "card",
                share=max(score, 0.0),
            )
    matrix.name_rows("task-{row}", [words(task) for task in scores], width=NAME)
    matrix.name_columns("network-{column}", [words(name) for name in networks])
    return canvas
