"""The code that a reader sees runs as it is shown: a page's cells in one session, from the top."""

import ast
from pathlib import Path

import pytest
import torch
from torch import Tensor

from rnn_figures.site.markdown.parsing import fences_of, parse
from rnn_figures.site.running.executing import Chain, execute
from rnn_figures.site.running.records import Fence

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
X_SHAPE = (8, 1, 5)
"""Shape of the site's one x, which every cell of every page may read."""


def visible(text: str) -> list[Fence]:
    """Return the cells of a page whose code is shown: a figure's is folded."""
    fences = fences_of(parse(text.splitlines(), "page", 1))
    return [fence for fence in fences if fence.kind in ("run", "raises")]


def complaints(text: str, page: str) -> list[str]:
    """Run a page's visible cells in one session; return what went wrong, by line."""
    found, session = [], Chain()
    torch.manual_seed(0)
    for fence in visible(text):
        try:
            outcome = execute(fence, session, page)
        except Exception as error:
            found.append(f"line {fence.line}: {type(error).__name__}: {error}")
            continue
        came = [type(came).__name__ for came in (outcome.error, *outcome.warned)]
        if fence.kind == "raises" and set(fence.type.split("|")).isdisjoint(came):
            found.append(f"line {fence.line}: expected {fence.type}, got {came}")
        x = session.namespace.get("x")
        if x is not None and not (isinstance(x, Tensor) and x.shape == X_SHAPE):
            found.append(f"line {fence.line}: x is no longer the site's x")
            del session.namespace["x"]
    return found


def bound(code: str) -> set[str]:
    """Return the names that a cell binds, in its functions too."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


def folded_names(text: str) -> list[str]:
    """Return the names that a page's visible cells read, and that only a folded figure binds."""
    shown, folded, found = set(), set(), []
    for fence in fences_of(parse(text.splitlines(), "page", 1)):
        if fence.kind == "figure":
            folded |= bound(fence.code)
        elif fence.kind in ("run", "raises"):
            shown |= bound(fence.code)
            read = {
                node.id for node in ast.walk(ast.parse(fence.code)) if isinstance(node, ast.Name)
            }
            found += [f"line {fence.line}: {name}" for name in sorted(read & (folded - shown))]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_visible_code_reads_nothing_that_only_a_folded_figure_has(page):
    assert folded_names(page.read_text(encoding="utf-8")) == []


def test_a_name_of_a_folded_figure_is_told():
    text = '```figure caption="c"\ndef runs(): return 1\n```\n\n```run continues\nruns()\n```'
    assert folded_names(text) == ["line 6: runs"]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_visible_code_runs_in_one_session(page):
    torch.set_warn_always(True)  # some warnings come once in a process: each card shows its own
    try:
        assert complaints(page.read_text(encoding="utf-8"), str(page)) == []
    finally:
        torch.set_warn_always(False)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("```run\ny = x.sum()\n```\n\n```run\ny.item()\n```", None),
        ("```run\nx = torch.ones(4, 1, 1)\n```", "line 2: x is no longer the site's x"),
        (
            '```figure caption="c"\ndef runs(): return 1\n```\n\n```run continues\nruns()\n```',
            "line 6: NameError: name 'runs' is not defined",
        ),
        (
            "```raises type=ValueError\nx.sum()\n```",
            "line 2: expected ValueError, got ['NoneType']",
        ),
        ("```raises type=ValueError\nint('a')\n```", None),
        ("```raises type=TypeError|ValueError\nint('a')\n```", None),
    ],
)
def test_complaints_are_of_code_that_a_reader_cannot_run(cells, expected):
    assert complaints(cells, "page") == ([expected] if expected else [])
