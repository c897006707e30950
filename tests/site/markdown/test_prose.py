"""What becomes of code, tables and the end of a lesson."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown

LESSON = """# One number

First this.

Next: [two numbers](two.md), which are more.

## Look up

### Shapes

Three.
"""


def parsed(text: str) -> Any:  # what a selector finds is there, or the test fails
    markdown = Markdown(
        extensions=["rnn_figures.site.markdown.prose", "attr_list", "tables", "admonition"]
    )
    return BeautifulSoup(markdown.convert(text), "html.parser")


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        ("h", ["q-h", "rnn-letter"]),
        ("h_n[2]", ["q-h"]),
        ("output[7]", ["q-h"]),
        ("c_0", ["q-c"]),
        ("z", ["q-z", "rnn-letter"]),
    ],
)
def test_code_that_names_a_quantity_has_its_class(code, classes):
    assert parsed(f"Read `{code}` here.").code["class"] == classes


@pytest.mark.parametrize("code", ["weight_ih_l0", "lstm(x)", "hidden", "x.shape"])
def test_code_that_names_no_quantity_has_no_class(code):
    assert not parsed(f"Read `{code}` here.").code.has_attr("class")


def test_an_author_can_keep_code_plain():
    assert parsed("The count `n`{.plain}.").code["class"] == ["plain"]


@pytest.mark.parametrize(
    "text",
    ["| a | b |\n| --- | ---: |\n| 1 | 2 |\n", "!!! note\n\n    | a |\n    | --- |\n    | 1 |\n"],
)
def test_a_table_scrolls_in_a_box_that_keys_can_reach(text):
    page = parsed(f"Before.\n\n{text}\nAfter.")

    box = page.select_one("div.rnn-table")
    assert box["tabindex"] == "0"
    assert box.select_one("table.rnn-numbers td").text == "1"
    assert len(page.select("table")) == len(page.select(".rnn-table > table")) == 1


def test_the_door_to_the_next_lesson_says_that_this_one_ends():
    page = parsed(LESSON)

    panel = page.select_one(".rnn-end")
    assert [line.text for line in panel.select("p")] == [
        "End of the lesson",
        "Next: two numbers, which are more.",
    ]
    assert panel.find_next_sibling().name == "section"


def test_what_is_looked_up_is_a_section_that_says_so():
    page = parsed(LESSON)

    section = page.select_one("section.rnn-reference")
    assert [part.name for part in section.find_all(recursive=False)] == ["h2", "p", "h3", "p"]
    assert "when you have a question" in section.p.text
    assert "First this." not in section.text


def test_headings_keep_their_anchors_and_their_lines_in_the_contents():
    markdown: Any = Markdown(extensions=["toc", "rnn_figures.site.markdown.prose"])
    page: Any = BeautifulSoup(markdown.convert(LESSON), "html.parser")

    assert page.h2["id"] == "look-up"
    (top,) = markdown.toc_tokens
    assert [one["id"] for one in top["children"]] == ["look-up"]


def test_a_page_that_is_no_lesson_stays_as_it_is():
    text = "# Recipes\n\nNext: [one](one.md).\n\n## Look it up\n\nYes."

    page = parsed(text)

    assert not page.select("section, .rnn-end")
