import math
import pathlib
import sys

import pytest

from rnn_figures import Diagram, Plot, Table
from rnn_figures.figures import format_value
from rnn_figures.machine import NO_ENGINE

TABLE = Table(["name", "value"], [("a", 1 / 3), ("b|c", (8, 1))])


def test_table_freezes_its_rows():
    rows = [["a", 1]]
    table = Table(["name", "value"], rows)

    rows[0][1] = 2

    assert table.rows == (("a", 1),)
    assert table.data is table
    assert len(table) == 1
    assert list(table) == [{"name": "a", "value": 1}]


def test_table_csv_has_full_precision():
    assert TABLE.to_csv() == f'name,value\na,{1 / 3!r}\nb|c,"(8, 1)"\n'


def test_table_markdown_rounds_and_escapes():
    expected = "| name | value |\n| --- | --- |\n| a | 0.3333 |\n| b\\|c | (8, 1) |"

    assert TABLE.to_markdown() == expected
    assert TABLE._repr_markdown_() == expected


def test_table_without_words_tells_its_columns():
    assert TABLE.alt == "Table of 2 rows. Columns: name, value."


def test_table_refuses_a_row_of_another_length():
    with pytest.raises(ValueError, match="row 1 has 1 values for 2 columns; give one value"):
        Table(["a", "b"], [(1, 2), (3,)])


def test_table_refuses_two_columns_of_one_name():
    with pytest.raises(ValueError, match="columns with different names, got a, a"):
        Table(["a", "a"], [])


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "yes"), (0.0, "0"), (1e-9, "1e-09"), (math.inf, "inf"), ((3,), "(3,)")],
)
def test_format_value(value, text):
    assert format_value(value) == text


def diagram():
    drawn = Diagram("d", alt="Two.", data=TABLE, proof=None, graph_attr={"layout": "nop"})
    drawn.node("a", pos="0,0")
    drawn.node("b", pos="90,45")
    drawn.edge("a", "b")
    return drawn


def a_plot():
    plot = Plot(figsize=(2, 2))
    plot.subplots().set_xlabel("step")
    plot.alt, plot.data = "An axis.", TABLE
    return plot


def plot_with(proof):
    Plot().proof = proof


@pytest.mark.parametrize(
    "figure_with",
    [
        lambda proof: Table(["a"], [], proof=proof),
        lambda proof: Diagram("d", alt="", data=TABLE, proof=proof),
        plot_with,
    ],
    ids=["table", "diagram", "plot"],
)
@pytest.mark.parametrize("claim", ["equal to nn.LSTM", "", True])
def test_figure_takes_no_sentence_for_a_proof(figure_with, claim):
    with pytest.raises(TypeError, match=r"expected a Proof, or None .*, got .*; make one with"):
        figure_with(claim)


def test_diagram_draws_where_it_says_and_the_same_each_time():
    svg = diagram().to_svg()

    assert svg == diagram().to_svg()
    assert 'cx="27" cy="-18"' in svg
    assert 'cx="117" cy="-63"' in svg
    assert diagram()._repr_mimebundle_()["image/svg+xml"] == svg


def test_diagram_png_is_on_white_and_leaves_the_diagram_as_it_was():
    drawn = diagram()

    png = drawn.to_png()

    assert png.startswith(b"\x89PNG")
    assert png == drawn.to_png()
    assert "bgcolor" not in drawn.graph_attr


def program(path, says):
    """Write a program that draws every diagram alike."""
    path.write_text(f"#!/bin/sh\ncat > /dev/null\necho '<svg>{says}</svg>'\n")
    path.chmod(0o755)


def test_diagram_is_drawn_by_graphviz_pure_though_all_engines_are_there(monkeypatch, tmp_path):
    for folder, name in (("scripts", "graphviz-pure"), ("system", "dot")):
        (tmp_path / folder).mkdir()
        program(tmp_path / folder / name, name)
    monkeypatch.setattr("rnn_figures.machine.sysconfig.get_path", lambda name: str(tmp_path / name))
    monkeypatch.setenv("PATH", str(tmp_path / "system"), prepend=":")
    monkeypatch.setitem(sys.modules, "pygraphviz", type(sys)("pygraphviz"))

    assert diagram().to_svg() == "<svg>graphviz-pure</svg>\n"


@pytest.fixture
def without_pure(monkeypatch):
    """No graphviz-pure beside this Python."""
    monkeypatch.setattr("rnn_figures.machine.shutil.which", lambda name, path=None: None)


@pytest.mark.usefixtures("without_pure")
def test_diagram_falls_back_to_pygraphviz(monkeypatch):
    calls = []

    class AGraph:
        def __init__(self, source):
            calls.append(source)

        def draw(self, format, prog):
            return f"<svg>{format} {prog}</svg>".encode()

    module = type(sys)("pygraphviz")
    module.AGraph = AGraph
    monkeypatch.setitem(sys.modules, "pygraphviz", module)

    assert diagram().to_svg() == "<svg>svg neato</svg>"
    assert calls == [diagram().source]


def test_diagram_falls_back_to_the_systems_dot(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    dot = tmp_path / "dot"
    program(dot, "the system")
    monkeypatch.setattr(
        "rnn_figures.machine.shutil.which",
        lambda name, path=None: str(dot) if name == "dot" else None,
    )

    assert diagram().to_svg() == "<svg>the system</svg>\n"


KEPT = {".svg": b"<svg", ".PNG": b"\x89PNG", ".pdf": b"%PDF"}
"""Endings of files, and what must be in such a file."""


@pytest.mark.parametrize("ending", KEPT)
@pytest.mark.parametrize("make", [diagram, a_plot])
def test_a_picture_is_saved_by_the_ending_of_its_name(make, ending, tmp_path):
    path = tmp_path / f"figure{ending}"

    assert make().save(path) == str(path)

    assert KEPT[ending] in path.read_bytes()[:1000]


@pytest.mark.parametrize("make", [diagram, a_plot])
def test_a_picture_is_saved_as_no_other_file(make, tmp_path):
    path = tmp_path / "figure.gif"

    with pytest.raises(
        ValueError, match=r"expected a file ending in \.svg, \.png, \.pdf, got"
    ) as caught:
        make().save(path)
    assert str(path) in str(caught.value)
    assert not path.exists()


def test_a_table_is_saved_as_text(tmp_path):
    assert pathlib.Path(TABLE.save(tmp_path / "a.csv")).read_text("utf-8") == TABLE.to_csv()
    assert pathlib.Path(TABLE.save(tmp_path / "a.md")).read_text("utf-8") == TABLE.to_markdown()
    with pytest.raises(ValueError, match=r"expected a file ending in \.csv, \.md, got '.*a\.xls'"):
        TABLE.save(tmp_path / "a.xls")


def test_a_diagram_is_saved_and_rendered_as_graphviz_does(tmp_path):
    dot = diagram().save(filename="figure.gv", directory=tmp_path)
    picture = diagram().render(directory=tmp_path, filename="other", format="svg")

    assert pathlib.Path(dot).read_text("utf-8") == diagram().source
    assert "<svg" in pathlib.Path(picture).read_text("utf-8")


@pytest.mark.usefixtures("without_pure")
def test_diagram_without_an_engine_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)

    with pytest.raises(RuntimeError) as caught:
        diagram().to_svg()
    assert str(caught.value) == NO_ENGINE
    assert "pip install graphviz-pure" in NO_ENGINE


def test_plot_svg_is_the_same_each_time_and_keeps_text():
    def svg():
        plot = Plot(figsize=(2, 2))
        plot.subplots().set_xlabel("step")
        return plot.to_svg()

    assert svg() == svg()
    assert ">step</text>" in svg()
    assert "dc:date" not in svg()


def test_plot_shows_itself_in_a_notebook():
    plot = Plot(figsize=(2, 2))

    assert plot._repr_mimebundle_()["image/svg+xml"] == plot.to_svg()
    assert plot.to_png().startswith(b"\x89PNG")
