"""The frame around a figure, read as HTML."""

import math
import re
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from rnn_figures.figures import Diagram, Plot, Table
from rnn_figures.html.frame import ROWS_SHOWN, drawing, framed, table_html, to_html
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Comparison, Proof

CODE = "import torch\n\ntrace(lstm, x)  # <all of it>\n"


def a_table(rows: int = 2) -> Table:
    return Table(
        ["step", "h", "name"],
        [(step, 0.123456, "h_n[0]") for step in range(rows)],
        alt="Rows & columns. A second sentence.",
        proof=Proof("equal to nn.LSTM", Comparison(6e-8, 3)),
    )


def a_diagram() -> Diagram:
    diagram = Diagram(
        "demo",
        alt="A box & an arrow. It leads on.",
        data=a_table(),
        proof=Proof("equal to nn.GRU", Comparison(0.0, 3)),
        graph_attr={"layout": "nop"},
        node_attr={"fontname": "Arial", "shape": "box"},
    )
    diagram.node("a", "x[0] < y", pos="50,50", id="demo-x-t0", color=COLOURS["x"])
    diagram.node("b", "h[0]", pos="250,50", color=COLOURS["h"], **{"class": "q-h"})
    diagram.edge("a", "b", color=COLOURS["c"])
    return diagram


def a_plot() -> Plot:
    plot = Plot(figsize=(6, 3))
    axes = plot.subplots()
    axes.plot([0, 1], [0, 1], color=COLOURS["h"], gid="q-h")
    plot.alt, plot.data, plot.proof = (
        "A line.",
        a_table(),
        Proof("equal to nn.RNN", Comparison(0.0, 3)),
    )
    return plot


FIGURES = {"table": a_table, "diagram": a_diagram, "plot": a_plot}


@pytest.fixture(params=FIGURES)
def figure(request):
    return FIGURES[request.param]()


def parsed(markup: str) -> Any:  # what a selector finds is there, or the test fails
    return BeautifulSoup(markup, "html.parser")


def test_to_html_has_caption_words_code_check_and_anchor(figure):
    frame = parsed(to_html(figure, id="one", caption="Look <b>here</b>.", code=CODE))

    found = frame.select_one("figure#one.rnn-figure")
    assert found
    assert found.select_one("figcaption").decode_contents() == "Look <b>here</b>."
    menu = found.select_one("details.rnn-figure__menu")
    parts = {part.summary.text: part.div.text for part in menu.select("details")}
    assert parts["In words"] == figure.alt
    assert parts["Code"].strip() == CODE.strip()
    assert menu.select_one('a[href="#one"]')


def test_to_html_has_a_tick_and_behind_it_what_was_checked(figure):
    frame = parsed(to_html(figure, id="one"))

    check = frame.select_one("details.rnn-figure__checked")
    sentence = f"Checked when this figure was made: {figure.checked}."
    assert check.summary.text == "✓"
    assert check.summary["title"] == check.p.text == sentence


def test_to_html_shows_nothing_of_a_frame_but_caption_tick_and_menu(figure):
    frame = parsed(to_html(figure, id="one", caption="Look.", code=CODE)).figure

    for closed in frame.select("section > details"):
        assert not closed.has_attr("open")
        for part in closed.select(":scope > :not(summary)"):
            part.decompose()
    frame.select_one(".rnn-figure__drawing").decompose()
    assert frame.text.split() == ["Look.", "✓", "⋯"]


def test_to_html_has_no_tick_for_what_could_not_be_checked():
    part = Proof("equal to nn.GRU", Comparison(0.0, 3, 2))

    frame = parsed(to_html(Table(["a"], [(1,)], proof=part), id="one"))

    assert not frame.select(".rnn-figure__checked")
    assert frame.select_one(".rnn-figure__proof").text == f"Not checked in full: {part}."


def test_to_html_says_nothing_of_a_check_that_was_not_made():
    frame = parsed(to_html(Table(["a"], [(1,)]), id="one"))

    assert not frame.select(".rnn-figure__proof")


@pytest.mark.parametrize("make", [a_diagram, a_plot])
def test_to_html_shows_the_numbers_behind_a_drawing(make):
    frame = parsed(to_html(make(), id="one"))

    rows = frame.select("details table tbody tr")
    assert [cell.text for cell in rows[1].select("td")] == ["1", "0.1235", "h_n[0]"]


@pytest.mark.parametrize("make", [a_diagram, a_plot])
def test_to_html_names_and_describes_the_svg(make):
    figure = make()

    svg = parsed(to_html(figure, id="one")).select_one("svg")

    assert svg["role"] == "img"
    title, description = (svg.find(id=name).text for name in svg["aria-labelledby"].split())
    assert title == re.split(r"(?<=\.) ", figure.alt)[0]
    assert description == figure.alt


def test_to_html_has_no_style_attribute_and_no_script(figure):
    frame = parsed(to_html(figure, id="one", code=CODE))

    assert not frame.select("[style], script, style")


def test_to_html_names_no_colour_outside_a_variable(figure):
    box = drawing(figure, id="one")

    assert not re.search(r"#[0-9a-f]{6}", re.sub(r"var\(--rnn-[a-z]+, #[0-9a-f]{6}\)", "", box))


@pytest.mark.parametrize("make", [a_diagram, a_plot])
def test_to_html_gives_two_figures_on_a_page_different_ids(make):
    page = parsed(to_html(make(), id="one") + to_html(make(), id="two"))

    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(("one", "two")) for name in ids)


def test_to_html_is_the_same_each_time(figure):
    again = FIGURES[type(figure).__name__.lower()]()

    assert to_html(figure, id="one", code=CODE) == to_html(again, id="one", code=CODE)


def test_to_html_keeps_drawing_numbers_and_code_out_of_the_search_index(figure):
    frame = parsed(to_html(figure, id="one", caption="Look.", code=CODE))

    for element in frame.select("[data-search-exclude]"):
        element.decompose()
    assert frame.text.split() == ["Look."]


def test_to_html_holds_the_files_where_no_address_is_given(figure):
    frame = parsed(to_html(figure, id="one", code=CODE))

    links = {link["download"]: link["href"] for link in frame.select("a[download]")}
    assert links["one.csv"].startswith("data:text/csv")
    assert links["one.py"].startswith("data:text/x-python,import%20torch")
    assert ("one.svg" in links) != isinstance(figure, Table)


def test_framed_links_to_files_and_returns_them(figure):
    content, files = framed(figure, id="one", caption="", code=CODE, files="../f/one")

    links = [link["href"] for link in parsed(content).select("a[download]")]
    assert links == [f"../f/one.{suffix}" for suffix in files]
    assert files["csv"] == figure.data.to_csv()
    assert files["py"] == CODE


@pytest.mark.parametrize("make", [a_diagram, a_plot])
def test_framed_gives_a_file_of_svg_that_stands_alone(make):
    figure = make()

    _, files = framed(figure, id="one", caption="", code="", files="one")

    root = ElementTree.fromstring(files["svg"])
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.findtext("{http://www.w3.org/2000/svg}desc") == figure.alt
    assert COLOURS["h"] in files["svg"]
    assert "var(" not in files["svg"]


def test_to_html_gives_a_wide_diagram_the_whole_page():
    diagram = a_diagram()
    diagram.node("c", "output", pos="1250,50")

    frame = parsed(to_html(diagram, id="one")).figure

    assert "rnn-figure--wide" in frame["class"]
    assert int(frame.svg["width"]) > 1200


def test_to_html_lets_a_drawing_shrink_while_its_smallest_text_can_be_read():
    diagram = a_diagram()
    diagram.node("c", "output", pos="650,50", fontsize="12")

    frame = parsed(to_html(diagram, id="one")).figure

    width = int(frame.svg["width"])
    desk, phone = (int(svg["width"]) for svg in frame.select("svg.rnn-figure__least"))
    assert (desk, phone) == (math.ceil(width * 10 / 12), math.ceil(width * 9 / 12))
    assert "rnn-figure__drawing--long" in frame.select_one(".rnn-figure__drawing")["class"]


def test_to_html_frames_a_diagram_with_a_narrow_one_twice():
    diagram, narrow = a_diagram(), a_diagram()
    narrow.alt = "A narrow box."
    diagram.narrow = narrow

    frame = parsed(to_html(diagram, id="one")).figure

    wide_box, narrow_box = (frame.select(f".rnn-figure__{size}") for size in ("wide", "narrow"))
    assert [len(wide_box), len(narrow_box)] == [1, 1]
    assert wide_box[0].select_one("desc").text == diagram.alt
    assert narrow_box[0].select_one("desc").text == narrow.alt
    ids = [element["id"] for element in frame.select("[id]")]
    assert len(ids) == len(set(ids))
    assert frame.select_one("#one-demo-x-t0")
    assert frame.select_one("#one-narrow-demo-x-t0")


def test_the_longest_of_wide_drawings_gives_way_to_the_narrow_one_sooner():
    found = {}
    for right in (250, 900):
        diagram = a_diagram()
        diagram.node("c", "h[1]", pos=f"{right},50", fontsize="10")
        diagram.narrow = a_diagram()
        found[right] = parsed(to_html(diagram, id="one")).select_one(".rnn-figure__wide")["class"]

    assert found[250] == ["rnn-figure__wide"]
    assert found[900] == ["rnn-figure__wide", "rnn-figure__wide--longest"]


@pytest.mark.parametrize("narrow", [False, True])
def test_style_sheet_shows_one_of_two_drawings(narrow):
    css = (files("rnn_figures.html") / "figure.css").read_text(encoding="utf-8")
    before, where_narrow = css.split("@media screen and (max-width: 47rem)")
    always, _ = before.split("@media screen and (max-width: 50rem)")

    shown = {
        size: re.findall(rf"\.rnn-figure__{size} {{\s*display: (\w+);", rules)
        for size, rules in (("wide", where_narrow), ("narrow", where_narrow if narrow else always))
    }

    assert shown == {"wide": ["none"], "narrow": ["block" if narrow else "none"]}


def test_to_html_never_enlarges_a_drawing_whose_text_is_small():
    diagram = a_diagram()
    diagram.node("c", "small", pos="50,80", fontsize="6")

    drawn, *least = (int(svg["width"]) for svg in parsed(drawing(diagram, id="one")).select("svg"))

    assert least == [drawn, drawn]


def test_to_html_refuses_what_is_no_figure():
    with pytest.raises(TypeError, match=r"as a Table, a Diagram or a Plot, got 'figure'"):
        to_html("figure", id="one")  # pyright: ignore[reportArgumentType] (the mistake meant)


def test_table_html_marks_quantities_and_aligns_numbers():
    table = parsed(table_html(a_table()))

    assert table.select_one("th code.q-h").text == "h"
    assert table.select_one("td code.q-h").text == "h_n[0]"
    assert [cell.text for cell in table.select("th.rnn-numbers__number")] == ["step", "h"]
    assert [cell.text for cell in table.select("tr:nth-of-type(1) td.rnn-numbers__number")] == [
        "0",
        "0.1235",
    ]


def test_table_html_tells_long_cells_which_take_lines_from_short_ones():
    row = ("(D·N, H)", "(D·num_layers, N)", "state before the first step, one row")
    table = parsed(table_html(Table(["shape", "letters", "meaning"], [row], alt="One row.")))

    assert [cell.get("class") for cell in table.select("td")] == [
        None,
        ["rnn-numbers__phrase"],
        ["rnn-numbers__words"],
    ]


def test_table_html_keeps_the_lines_of_code():
    table = Table(["code"], [("a = 1\na < 2",)], alt="Two lines of code.")

    assert parsed(table_html(table)).select_one("td pre").text == "a = 1\na < 2"


def test_table_html_says_how_many_rows_it_leaves_out():
    shown = parsed(table_html(a_table(ROWS_SHOWN + 5), rows=ROWS_SHOWN))

    assert len(shown.select("tbody tr")) == ROWS_SHOWN
    assert shown.select_one("p").text == ("The first 120 of 125 rows; the CSV file has them all.")
