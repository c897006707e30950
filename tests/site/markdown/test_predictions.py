"""Questions whose right choice the run marks."""

import re

import markdown
import pytest

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.markdown.predictions import marked
from rnn_figures.site.running.records import Result

BOX = """Before.

<rnn-predict markdown>

Which shape?

1. `(2, 1, 3)`
2. `(4, 1, 3)`

??? question "Answer"

    1. {first}: one.
    2. {second}: two.

{answer}
</rnn-predict>
"""


ANSWER = "    ```answer\n    tuple(shape)\n    ```\n"


def box(answer=ANSWER, first="No", second="Yes"):
    return BOX.format(first=first, second=second, answer=answer)


def marks(text, *values):
    """Return a page marked, its answers of these values."""
    build, lines = PageBuild(page="page.md"), text.split("\n")
    build.parsed(lines)
    return marked(text, text, lines, build, [Result(plain=value) for value in values])


@pytest.mark.parametrize("value", ['"(4, 1, 3)"', "[false, true]"])
def test_the_choice_that_the_code_gives_is_marked(value):
    found = marks(box(), value)

    assert '1. <strong class="rnn-predict__wrong">No</strong>: one.' in found
    assert '2. <strong class="rnn-predict__right">Yes</strong>: two.' in found


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        (box(), '"(2, 1, 3)"', r"choice 1 is right, \(2, 1, 3\)"),
        (box(), "[true, false]", "choice 1 is right"),
        (box(), '"(1, 1, 3)"', "expected an answer that is one of"),
        (box(), "[true, true]", "expected an answer that is one of"),
        (box(), "[true]", "expected an answer that is one of"),
        (box(second="No"), "[false, true]", "the sentences say No, No"),
        (box(second="Maybe"), "[false, true]", "2 choices and 1 sentences"),
        (box(answer=""), None, "expected an answer fence"),
        (box().replace("???", "!!!"), "[false, true]", "expected, in each box"),
    ],
)
def test_a_question_that_says_otherwise_stops_the_build_at_its_line(text, value, message):
    with pytest.raises(PageError, match=message) as caught:
        marks(text, *([value] if value else []))

    assert (caught.value.page, caught.value.line) == ("page.md", 3)


def test_each_question_is_answered_by_the_code_in_its_box():
    two = box(first="Yes", second="No") + box()

    found = marks(two, "[true, false]", "[false, true]")

    assert re.findall(r"predict__(\w+)", found) == ["right", "wrong", "wrong", "right"]


def test_a_page_runs_its_answers_and_shows_nothing_of_them():
    lines = box().replace("Before.", "```run\nshape = torch.zeros(4, 1, 3).shape\n```")
    extensions = ["rnn_figures.site.markdown.fences", "pymdownx.details", "md_in_html"]

    html = markdown.markdown(lines, extensions=extensions)

    assert '<strong class="rnn-predict__right">Yes</strong>: two.' in html
    assert "tuple(shape)" not in html
