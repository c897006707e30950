import re
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


@pytest.mark.parametrize("source", COURSE, ids=name)
def test_every_course_page_asks_and_answers(source):
    text = source.read_text(encoding="utf-8")

    assert '??? question "' in text
    assert "## Check yourself" in text
    assert "In the literature" in text
    assert re.search(r"^In the atlas: \[.+]\(\.\./atlas/index\.md\)\.\n\nNext: \[", text, re.M)
    assert text.index("```run") < text.index("```figure")  # the module first, then its figure


@pytest.mark.parametrize("source", PAGES, ids=name)
def test_no_page_has_filler(source):
    text = re.sub(r"```.*?```", "", source.read_text(encoding="utf-8"), flags=re.S)

    assert not re.findall(r"\b(?:simply|obviously|of course)\b", text, re.I)


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
