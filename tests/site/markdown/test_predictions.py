"""Questions whose right choice the run marks."""

import markdown
import pytest

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.markdown.predictions import answer_line, marked, without_answers

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


def box(answer, first="No", second="Yes"):
    return BOX.format(first=first, second=second, answer=answer)


def marks(text):
    return marked(text, text, text.split("\n"), PageBuild(page="page.md"))


@pytest.mark.parametrize("value", ['"(4, 1, 3)"', "[false, true]"])
def test_the_choice_that_the_code_gives_is_marked(value):
    found = marks(box(answer_line(value)))

    assert '1. <strong class="rnn-predict__wrong">No</strong>: one.' in found
    assert '2. <strong class="rnn-predict__right">Yes</strong>: two.' in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (box(answer_line('"(2, 1, 3)"')), r"choice 1 is right, \(2, 1, 3\)"),
        (box(answer_line("[true, false]")), "choice 1 is right"),
        (box(answer_line('"(1, 1, 3)"')), "expected an answer that is one of"),
        (box(answer_line("[true, true]")), "expected an answer that is one of"),
        (box(answer_line("[true]")), "expected an answer that is one of"),
        (box(answer_line("[false, true]"), second="No"), "the sentences say No, No"),
        (box(answer_line("[false, true]"), second="Maybe"), "2 choices and 1 sentences"),
        (box(""), "expected an answer fence"),
        (box(answer_line("[false, true]")).replace("???", "!!!"), "expected, in each box"),
    ],
)
def test_a_question_that_says_otherwise_stops_the_build_at_its_line(text, message):
    with pytest.raises(PageError, match=message) as caught:
        marks(text)

    assert (caught.value.page, caught.value.line) == ("page.md", 3)


def test_a_page_runs_its_answers_and_shows_nothing_of_them():
    lines = box("    ```answer\n    tuple(shape)\n    ```\n").replace(
        "Before.", "```run\nshape = torch.zeros(4, 1, 3).shape\n```"
    )
    extensions = ["rnn_figures.site.markdown.fences", "pymdownx.details", "md_in_html"]

    html = markdown.markdown(lines, extensions=extensions)

    assert '<strong class="rnn-predict__right">Yes</strong>: two.' in html
    assert "tuple(shape)" not in html


def test_plain_markdown_has_no_answers():
    assert without_answers(f"a\n{answer_line('[true]')}\nb") == "a\nb"
