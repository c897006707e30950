"""The table of rules for live parts names tests that there are."""

import ast
import pathlib

from tests.browser.rules import PARTS, RULES

FOLDER = pathlib.Path(__file__).parent / "browser"


def defined():
    """Return every test of the browser."""
    trees = [ast.parse(path.read_text("utf-8")) for path in FOLDER.glob("test_*.py")]
    functions = [node for tree in trees for node in ast.walk(tree)]
    return {node.name for node in functions if isinstance(node, ast.FunctionDef)}


def test_each_part_has_for_each_rule_tests_that_there_are_or_a_reason():
    tests = defined()
    scripts = FOLDER.parents[1] / "docs" / "assets" / "js"

    assert tuple(RULES) == PARTS
    for part, rules in RULES.items():
        assert (scripts / f"{part}.mjs").is_file()
        assert list(rules) == list(range(1, 11)), part
        for rule, held in rules.items():
            assert held, (part, rule)
            if not isinstance(held, str):
                assert set(held) <= tests, (part, rule)
