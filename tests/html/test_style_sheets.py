"""How a browser finds the rules for an element."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEETS = sorted([*ROOT.glob("docs/assets/*.css"), *ROOT.glob("rnn_figures/html/*.css")])

SELECTORS = re.compile(r"(?:^|[{};])([^{};@]+)(?=\{)")
INSIDE = r"\((?:[^()]|\([^()]*\))*\)"
ENDS_IN_A_CHOICE = re.compile(rf"(?<![\w\])(]):is{INSIDE}(?::not{INSIDE}|::[\w-]+)*\s*(?=,|$)")


def choices(sheet: str) -> list[str]:
    """Return where a style sheet's selectors end in a choice, such as `:is(p, li)`.

    A browser sorts rules by the class or the tag that a selector ends in. A choice has neither, so
    it is tried on every element at each change: 35 of them took a third of the time of each.
    """
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    rules = SELECTORS.findall(bare)
    return [end for rule in rules for end in ENDS_IN_A_CHOICE.findall(rule.strip())]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_selector_ends_in_a_choice(path):
    assert choices(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("selectors", "found"),
    [
        (".a :is(p, li)", [":is(p, li)"]),
        (".a, .b > :is(p, .c:not(.d))::before", [":is(p, .c:not(.d))::before"]),
        (".a, :is(.b p, .c li):not(.d)", [":is(.b p, .c li):not(.d)"]),
        (".a :is(p, li) a, .a:is(.b, .c), .a:not(:is(p, li) > b)", []),
    ],
)
def test_choices_are_found_where_a_selector_ends(selectors, found):
    assert choices(f".z {{ x: y }}\n{selectors} {{ color: red; }}") == found
