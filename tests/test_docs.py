import ast
import itertools
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
COURSE = [
    page
    for page in PAGES
    if page.parent.name in ("anatomy", "sequences", "configurations", "inside")
]


def name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_every_page_has_a_title_and_a_description(source):
    _, front, text = source.read_text(encoding="utf-8").split("---\n", 2)

    settings = yaml.safe_load(front)
    assert settings["title"]
    assert 50 <= len(settings["description"]) <= 300
    assert re.search(r"^# ", text, re.M)


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_a_page_is_headed_by_what_the_navigation_calls_it(source):
    _, front, text = source.read_text(encoding="utf-8").split("---\n", 2)

    heading = re.findall(r"^# (.*)", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)[0]
    assert heading.replace("\\", "").startswith(yaml.safe_load(front)["title"])


def without_boxes(text):
    return re.sub(r"^<rnn-predict markdown>.*?^</rnn-predict>", "", text, flags=re.M | re.S)


@pytest.mark.parametrize("source", COURSE, ids=name)
def test_every_course_page_asks_and_answers(source):
    text = source.read_text(encoding="utf-8")

    assert "\n??? question " not in without_boxes(text)  # each has choices
    assert "<rnn-predict markdown>" in text
    assert "## Check yourself" in text
    assert "In the literature" in text
    assert re.search(r"^In the atlas: \[.+]\(\.\./atlas/index\.md\)\.$", text, re.M)


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_an_answer_computes_whether_each_choice_is_right(source):
    text = source.read_text(encoding="utf-8")

    answers = re.findall(r"^([ \t]*)```answer[^\n]*\n(.*?)^\1```", text, re.M | re.S)
    lasts = [ast.parse(textwrap.dedent(code)).body[-1] for _, code in answers]
    truths = [last.value for last in lasts if isinstance(last, ast.Expr)]
    assert len(truths) == len(lasts)
    typed = [
        ast.unparse(truth)
        for truth in truths
        for part in [truth, *getattr(truth, "elts", [])]
        if isinstance(part, ast.Constant)
    ]
    assert typed == []


def tabs():
    # tags such as !ENV say nothing of the navigation
    nav = "nav:" + (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    tabs = yaml.safe_load(nav)["nav"]
    return {title: [*flat(pages)] for tab in tabs for title, pages in tab.items()}


def flat(pages: list) -> Iterator[str]:
    """Walk the pages of a tab in their order, its sections opened, without titles."""
    for page in pages:
        inside = next(iter(page.values())) if isinstance(page, dict) else page
        if isinstance(inside, list):
            yield from flat(inside)
        else:
            yield inside


LESSONS = [
    *(page for page in tabs()["Learn"] if page.startswith(("anatomy/", "configurations/"))),
    "sequences/step-by-step.md",
    "sequences/initial-state.md",
    *(page for page in tabs()["Learn"] if page.startswith("inside/") and "when-not" not in page),
]
END = ["## What you can now do", "## Check yourself", "\nNext: [", "## Look up", "In the atlas:"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_opens_with_its_picture_and_ends_with_what_was_learned(lesson):
    text = (DOCS / lesson).read_text(encoding="utf-8")

    positions = [text.index(part) for part in END]
    assert text.index("```figure") < min(text.index("```run"), text.index("\n## "))
    assert positions == sorted(positions)
    learned = text[positions[0] : positions[1]].splitlines()[1:]
    assert 3 <= sum(line.startswith("- ") for line in learned) <= 5


def test_tabs_are_what_readers_come_for():
    assert list(tabs()) == ["Learn", "Use", "Look up", "Your own module", "Reference"]


def test_what_is_next_is_what_the_navigation_has_next():
    following = dict(itertools.pairwise(itertools.chain.from_iterable(tabs().values())))
    texts = {name(page): page.read_text(encoding="utf-8") for page in PAGES}
    says = {page: re.findall(r"^Next: .*", text, re.M) for page, text in texts.items()}

    # a lesson ends above what is looked up; elsewhere the footer says it, where the page ends
    assert [page for page, lines in says.items() if lines] == [
        page for page, text in texts.items() if "\n## Look up\n" in text
    ]
    for page, lines in says.items():
        assert all(f"{Path(following[page]).name})" in line for line in lines), page
        assert len(lines) <= 1, page


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_no_heading_holds_a_tag(source):
    text = re.sub(r"^ *```.*?^ *```", "", source.read_text(encoding="utf-8"), flags=re.M | re.S)

    # the search takes what follows an open tag, all sections of a page, for the title
    assert not re.findall(r"^#+ [^`\n]*<\w.*", text, re.M)


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_every_column_of_a_table_has_a_head(source):
    heads = re.findall(r"^ *(\|.*)\n *\|[-| :]+\|$", source.read_text(encoding="utf-8"), re.M)

    assert [head for head in heads if re.search(r"\|\s*\|", head)] == []


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_no_page_has_filler(source):
    text = re.sub(r"```.*?```", "", source.read_text(encoding="utf-8"), flags=re.S)

    assert not re.findall(r"\b(?:simply|obviously|of course)\b", text, re.I)


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_what_is_learned_is_found_by_who_searches_for_learn(source):
    text = source.read_text(encoding="utf-8")

    assert "learnt" not in text  # no stem of it is "learn"; British as well is "learned"


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_code_fits_the_column(source):
    fences = re.findall(
        r"^( *)```(?:run|raises)[^\n]*\n(.*?)^\1```",
        source.read_text(encoding="utf-8"),
        re.M | re.S,
    )

    long = [
        line
        for indent, code in fences
        for line in code.splitlines()
        if len(line.removeprefix(indent)) > 80
    ]
    assert not long
