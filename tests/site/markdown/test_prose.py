"""What becomes of code and tables between figures."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown


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
