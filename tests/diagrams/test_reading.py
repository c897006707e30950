"""What stands in the boxes of a drawing is a part of its proof: lies on the way there are found."""

import re
from collections.abc import Callable

import pytest

from rnn_figures import Diagram, ProofError
from rnn_figures.diagrams import canvas as canvases
from rnn_figures.diagrams.bars import compare_bars
from rnn_figures.diagrams.canvas import Canvas
from rnn_figures.diagrams.reading import compare_texts, texts
from rnn_figures.figures import Table
from tests.drawing import drawing
from tests.right import RIGHT, call, layer, numbers, public_functions, rf

NUMBER = re.compile(r'(?<![\w."])−?\d+\.\d+(?![\w."])')
"""A number with decimals, as a label has it; a font's size stands in quotes."""

OF_NUMBERS = {
    "backward_diagram": {},
    "calls_diagram": {"module": layer("LSTM", 1, 1), "input": numbers(8, 1, 1), "carried": False},
    "cell_diagram": {},
    "chain_rule_diagram": {},
    "concatenation_diagram": {},
    "last_step_diagram": {},
    "leak_diagram": {},
    "preactivation_diagram": {},
    "stack_diagram": {},
    "unrolled_diagram": {
        "trace": rf.trace(layer("LSTM", 2, 3, num_layers=2, bidirectional=True), numbers(8, 2, 2))
    },
    "weight_sheet_diagram": {},
}
"""Diagrams with numbers of a module in their boxes, and arguments that write all of them."""


def drawn(name: str) -> Diagram:
    """Return a diagram of the right arguments."""
    return call(public_functions()[name], RIGHT[name]() | OF_NUMBERS[name])


def without_sign(labels: list[str]) -> list[str]:
    """Lose the sign of every number."""
    return [NUMBER.sub(lambda found: found[0].lstrip("−"), label) for label in labels]


def of_the_neighbour(labels: list[str]) -> list[str]:
    """Write into each box with numbers what belongs to the one before."""
    with_numbers = [index for index, label in enumerate(labels) if NUMBER.search(label)]
    moved = list(labels)
    for index, before in zip(with_numbers, [with_numbers[-1], *with_numbers], strict=False):
        moved[index] = NUMBER.sub(NUMBER.findall(labels[before])[0], labels[index])
    return moved


def one_more(labels: list[str]) -> list[str]:
    """Change the last digit of the last number alone."""
    index = max(index for index, label in enumerate(labels) if NUMBER.search(label))
    changed = NUMBER.sub(
        lambda found: f"{found[0][:-1]}{(int(found[0][-1]) + 1) % 10}", labels[index]
    )
    return [*labels[:index], changed, *labels[index + 1 :]]


def lying(monkeypatch, name: str, lie: Callable[[list[str]], list[str]]) -> bool:
    """Let a diagram's labels lie as they are drawn; return whether one changed."""
    said: list[str] = []
    original = Canvas.node
    with monkeypatch.context() as listening:

        def listen(self, name, label=None, **attributes):
            said.append(label or "")
            original(self, name, label, **attributes)

        listening.setattr(Canvas, "node", listen)
        drawn(name)
    lies = iter(lie(said))
    monkeypatch.setattr(
        Canvas,
        "node",
        lambda self, name, label=None, **attributes: original(self, name, next(lies), **attributes),
    )
    return lie(said) != said


@pytest.mark.parametrize("lie", [without_sign, of_the_neighbour, one_more])
@pytest.mark.parametrize("name", OF_NUMBERS)
def test_no_number_lies_on_its_way_into_a_box(name, lie, monkeypatch):
    if not lying(monkeypatch, name, lie):
        assert lie is without_sign  # norms have none to lose
        return

    with pytest.raises(ProofError, match="the texts"):
        drawn(name)


@pytest.mark.parametrize("name", ["backward_diagram", "calls_diagram", "chain_rule_diagram"])
def test_no_bar_lies(name, monkeypatch):
    original = Canvas.box

    def box(self, name, text="", *, at, size, **options):
        longer = 1.2 if name == "bar-t1" else 1.0
        return original(self, name, text, at=at, size=(size[0], size[1] * longer), **options)

    monkeypatch.setattr(Canvas, "box", box)

    with pytest.raises(ProofError, match="the bars"):
        drawn(name)


@pytest.mark.parametrize("name", [*OF_NUMBERS])
def test_texts_are_those_of_the_source(name):
    diagram = drawn(name)

    nodes, _ = drawing(diagram)
    assert texts(diagram) == {
        node.removeprefix(f"{diagram.name}-"): drawn.text for node, drawn in nodes.items()
    }


def two_bars(*heights: float) -> Diagram:
    """Return a drawing of bars of these heights, with a text beside each."""
    canvas = Canvas("bars", alt="Two bars.", data=Table(["n"], [(0,)]))
    for index, height in enumerate(heights):
        canvas.box(f"bar-{index}", at=(50 * index, 0), size=(20, height), colour="ink")
        text = canvases.words(f"{height:g}")
        canvas.write(f"name-{index}", text, at=(50 * index, -40), width=20)
    return canvas


def test_bars_are_compared_as_shares_of_the_largest():
    bars = two_bars(40.0, 10.0)

    assert compare_bars(bars, {"bar-0": -2.0, "bar-1": 0.5}).values == 2
    with pytest.raises(ProofError, match="the bars"):
        compare_bars(bars, {"bar-0": 2.0, "bar-1": 0.6})


def test_a_box_that_is_not_there_is_no_proof():
    bars = two_bars(40.0)

    assert compare_texts(bars, {"name-0": "40"}).values == 1
    with pytest.raises(ProofError, match="no such box"):
        compare_texts(bars, {"name-1": "40"})
