"""The form of the sources: imports go down the list in the docstring; what is long is split."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rnn_figures

PACKAGE = Path(__file__).parent.parent / "rnn_figures"

MAP = re.compile(r"^    ((?:\w+/?(?: \| )?)+)  ", re.MULTILINE)
"""A line of the package's docstring: a part of the package, or several of one level, from the
bottom up. A part imports parts above it in the list; those of one line never each other."""

MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_MODULES_AT_THE_TOP = 400, 60, 15
"""With docstrings; more than that is more than one idea."""

LEVELS = [
    [name.strip().removesuffix("/") for name in line.split("|")]
    for line in MAP.findall(rnn_figures.__doc__ or "")
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
LIGHT = (
    *("palette", "options", "course", "site.atlas", "site.llms", "site.search", "site.plugin"),
    "site.reference",
    *("site.markdown.fences", "site.markdown.errors"),
    *("site.running.digests", "site.running.cache", "site.running.runner", "site.running.pool"),
    "site.running.process",
)
"""What a fully cached build imports: nothing of torch."""


def part(path: Path) -> str:
    """Return the part of the package that a file belongs to: its module, or its folder."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return the parts of the package that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            package, _, module = (node.module or "").partition(".")
            names = [module.partition(".")[0]] if module else [alias.name for alias in node.names]
            found |= set(names) if package == "rnn_figures" else set()
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.split(".")[1]
                for alias in node.names
                if alias.name.startswith("rnn_figures.")
            }
    return {name for name in found if name in LEVEL or (PACKAGE / f"{name}.py").exists()}


LISTED = re.compile(r"^ *((?:[a-z_]+/?(?: \| )?)+)  ", re.MULTILINE)
"""A line of a folder's docstring: one of its modules or folders, or several, and what is in it."""

FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def test_every_part_is_in_the_list_once():
    names = [name for level in LEVELS for name in level]

    assert sorted(names) == sorted({part(path) for path in FILES})


def test_the_drawing_families_are_of_one_level():
    assert ["tables", "diagrams", "plots"] in LEVELS


FOLDERS = [
    path
    for path in sorted(PACKAGE.rglob("*/__init__.py"))
    if LISTED.search(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")
]


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.parent.name)
def test_a_folder_that_lists_its_modules_lists_all_of_them(path):
    listed = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    names = [name.strip(" /") for line in LISTED.findall(listed) for name in line.split("|")]

    modules = [each.stem for each in path.parent.glob("*.py") if each.stem[:2] != "__"]
    folders = [each.parent.name for each in path.parent.glob("*/__init__.py")]
    assert sorted(names) == sorted([*modules, *folders])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_down(path):
    own = part(path)

    for other in imports(path) - {own}:
        assert LEVEL[other] < LEVEL[own], f"{own} imports {other}, not above it in the list"


@pytest.mark.parametrize("name", ["rnn_figures", *(f"rnn_figures.{module}" for module in LIGHT)])
def test_light_modules_import_no_torch(name):
    code = f"import sys, {name}; print(*sorted({{'torch', 'matplotlib'}} & set(sys.modules)))"

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == ""


def test_relative_imports_are_not_used():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path


def test_few_modules_lie_at_the_top():
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_MODULES_AT_THE_TOP


def test_modules_and_functions_are_short():
    for path in FILES:
        source = path.read_text(encoding="utf-8")
        assert len(source.splitlines()) <= MOST_LINES, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= MOST_LINES_OF_A_FUNCTION, f"{path}: {node.name}"
