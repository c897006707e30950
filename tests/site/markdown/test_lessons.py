"""Where a lesson ends, for a reader who scrolls."""

from typing import Any

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
    markdown: Any = Markdown(extensions=["toc", "rnn_figures.site.markdown.lessons"])
    return BeautifulSoup(markdown.convert(text), "html.parser"), markdown


def test_the_door_to_the_next_lesson_says_that_this_one_ends():
    page, _ = parsed(LESSON)

    panel = page.select_one(".rnn-end")
    assert [line.text for line in panel.select("p")] == [
        "End of the lesson",
        "Next: two numbers, which are more.",
    ]
    assert panel.find_next_sibling().name == "section"


def test_what_is_looked_up_is_a_section_that_says_so():
    page, _ = parsed(LESSON)

    section = page.select_one("section.rnn-reference")
    assert [part.name for part in section.find_all(recursive=False)] == ["h2", "p", "h3", "p"]
    assert "when you have a question" in section.p.text
    assert "First this." not in section.text


def test_headings_keep_their_anchors_and_their_lines_in_the_contents():
    page, markdown = parsed(LESSON)

    assert page.h2["id"] == "look-up"
    (top,) = markdown.toc_tokens
    assert [one["id"] for one in top["children"]] == ["look-up"]


def test_a_page_that_is_no_lesson_stays_as_it_is():
    text = "# Recipes\n\nNext: [one](one.md).\n\n## Look it up\n\nYes."

    page, _ = parsed(text)

    assert not page.select("section, .rnn-end")
