"""Imports go one way: the list in the docstring of the package, read from the sources."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "rnn_figures"

LEVELS = (
    ("palette", "options", "numbers", "proofs", "figures"),
    ("configurations", "cells", "weights"),
    ("traces",),
    ("stacks", "models", "gradients"),
    ("dropout", "gate_rows", "verdict"),
    ("tables", "diagrams", "plots"),
    ("course",),
    ("html",),
    ("report",),
    ("site",),
    ("__main__",),
)
"""From the bottom up, as the package's docstring lists them. A part imports parts of lower levels,
or of its own; the drawing families never each other."""

LEVEL = {module: level for level, modules in enumerate(LEVELS) for module in modules}
DRAWING = {"tables", "diagrams", "plots"}
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


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def test_every_module_has_its_level():
    assert {part(path) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_down(path):
    own = part(path)

    for other in imports(path) - {own}:
        assert LEVEL[other] <= LEVEL[own], f"{own} imports {other}, which is above it"
        assert not (own in DRAWING and other in DRAWING), f"{own} imports {other}"


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
