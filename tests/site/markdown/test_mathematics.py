"""TeX through a real Markdown instance into MathML."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown

from rnn_figures.palette import NAMES
from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild


def render(text: str, **settings) -> str:
    markdown = Markdown(
        extensions=[
            "pymdownx.arithmatex",
            "rnn_figures.site.markdown.mathematics",
            "attr_list",
            "tables",
        ],
        extension_configs={
            "pymdownx.arithmatex": {"generic": True},
            "rnn_figures.site.markdown.mathematics": {
                "build": PageBuild(page="notation.md", **settings)
            },
        },
    )
    return markdown.convert(text)


def parsed(text: str) -> Any:  # what a selector finds is there, or the test fails
    return BeautifulSoup(render(text), "html.parser")


@pytest.mark.parametrize("letter", NAMES)
def test_every_quantity_has_a_macro_that_gives_its_class(letter):
    page = parsed(rf"\(\q{letter}{{{letter}_t}} = 1\)")

    marked = page.select(f"math .q-{letter}")
    assert [element.text for element in marked] == [f"{letter}t"]
    assert len(page.select("math [class]")) == 1


def test_inline_and_display_formulas_keep_their_places():
    page = parsed("Text \\(a\\) text.\n\n\\[ b \\]\n")

    assert page.select_one("p > span.rnn-math > math").get("display") is None
    assert page.select_one("div.rnn-math > math")["display"] == "block"


def test_punctuation_stays_on_the_line_of_its_formula():
    page = parsed(r"Of \(h\), \(c\) and \(f\).")

    assert [whole.get_text()[-1] for whole in page.select(".rnn-whole:has(math)")] == [",", "."]
    assert len(page.select(".rnn-math")) == 3


def test_formulas_have_no_style_attribute():
    page = parsed("\\[ \\begin{aligned} \\qc{c} &= b \\\\ d &= e \\end{aligned} \\]\n")

    assert not page.select("[style]")
    assert len(page.select("td.x, mtd.rnn-to-the-right")) == 2


def test_less_than_and_ampersand_come_through():
    page = parsed("\\(a < b\\)\n\n\\[ \\begin{aligned} a &< b \\end{aligned} \\]\n")

    assert [element.text for element in page.select("mo")] == ["<", "<"]


def test_formulas_stay_out_of_the_search_index():
    assert parsed("\\(a\\)").select_one(".rnn-math").has_attr("data-search-exclude")


def test_a_long_equation_takes_the_focus_so_that_keys_can_scroll_it():
    long = parsed("\\[ " + "a + " * 20 + "b \\]\n").select_one("div.rnn-math")
    short = parsed("\\[ a \\]\n").select_one("div.rnn-math")

    assert long["tabindex"] == "0"
    assert not short.has_attr("tabindex")


def test_a_formula_in_a_table_is_written_too():
    assert parsed("| a |\n| --- |\n| \\(\\qh{h}\\) |\n").select_one("td math .q-h")


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        (r"\foo{x}", r'Unknown command "\foo" at character 0: \foo{x}'),
        (r"\frac{1}{2", r'Expected closing token "}", but reached end of input'),
        (r"{\color{red} x}", "expected TeX without colours or styles of its own"),
    ],
)
def test_bad_tex_stops_the_build_with_page_and_line(tex, message):
    with pytest.raises(PageError) as failure:
        render(f"# Title\n\nGood \\(a\\).\n\nBad \\({tex}\\).\n", first_line=7)

    assert str(failure.value).startswith(f"notation.md:11: mathematics failed: {message}")
