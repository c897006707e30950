"""Notebooks: the file to download, and the page."""

import base64
import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import jupytext
import nbclient
import nbformat
import pytest
from bs4 import BeautifulSoup

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.notebooks import as_ipynb, as_page

ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.py"))

SCRIPT = """# %% [markdown]
# # Title

# %%
import torch

# %%
1 + 1
"""

PICTURE = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">'
    b'<g id="patch_9"><path id="line-one" d="M0,0" style="stroke: #4964f6"/></g></svg>'
).decode()

CONTENT = f"""
<script>one()</script><style>a{{}}</style>
<div class="jp-Cell jp-MarkdownCell jp-Notebook-cell" id="cell-id=83ac">
<div class="jp-InputArea"><div class="jp-RenderedMarkdown jp-MarkdownOutput">
<h1 id="title">Title<a class="anchor-link" href="#title">¶</a></h1>
</div></div></div>
<div class="jp-Cell jp-CodeCell jp-Notebook-cell"><div class="jp-Cell jp-CodeCell jp-Notebook-cell"
 id="cell-id=77fe"><div class="highlight-ipynb"><pre><span></span><span class="n">x</span> &lt; 1
</pre></div>
<div class="jp-OutputArea-output"><pre>tensor(&lt;1&gt;)
</pre></div>
<div class="jp-OutputArea-output"><img alt="" src="data:image/svg+xml;base64,{PICTURE}"/></div>
<div class="jp-OutputArea-output"><table><tr><td>kept</td></tr></table></div>
</div></div>
"""


def page(repository: str = "") -> Any:  # what a selector finds is there, or the test fails
    return BeautifulSoup(as_page(CONTENT, SCRIPT, "anatomy", repository), "html.parser")


def test_page_without_cells_stops_the_build():
    with pytest.raises(PageError, match=r"notebooks/a\.py:1: notebook failed: expected cells"):
        as_page("<p>Something else.</p>", SCRIPT, "a", "")


def test_as_ipynb_is_a_valid_notebook_of_the_same_cells():
    notebook = nbformat.reads(as_ipynb(SCRIPT, ""), as_version=4)

    nbformat.validate(notebook)
    expected = jupytext.reads(SCRIPT, fmt="py:percent").cells
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in expected]


def test_as_ipynb_gives_the_same_bytes_each_time():
    assert as_ipynb(SCRIPT, "") == as_ipynb(SCRIPT, "")


def test_as_ipynb_installs_the_package_only_where_there_is_a_repository():
    sources = ["".join(cell["source"]) for cell in json.loads(as_ipynb(SCRIPT, "a/b"))["cells"]]

    assert sources[1] == "%pip install --quiet git+https://github.com/a/b"
    assert "pip" not in as_ipynb(SCRIPT, "")


def test_as_page_leaves_scripts_styles_and_changing_ids_behind():
    assert not page().select("script, style, [style], [id^=cell-id]")


def test_as_page_shows_text_code_and_outputs_as_other_pages_do():
    found = page()

    assert found.select_one("h1#title > a.headerlink")
    assert found.select_one(".rnn-run > .highlight > pre > code").text == "x < 1\n"
    assert found.select_one(".rnn-run > pre.rnn-run__output").text == "tensor(<1>)"
    assert found.select_one(".rnn-run > div.rnn-run__output td").text == "kept"


def test_as_page_joins_what_was_printed_in_several_parts():
    said = '<div class="{}"><div class="jp-OutputArea-output"><pre>{}</pre></div></div>'.format
    printed, value = "jp-OutputArea-child", "jp-OutputArea-child jp-OutputArea-executeResult"
    outputs = said(printed, "step 1\nst"), said(printed, "ep 2\n"), said(value, "3")
    before, after = CONTENT.split('<div class="jp-OutputArea-output">', 1)
    content = f'{before}{"".join(outputs)}<div class="jp-OutputArea-output">{after}'

    found = BeautifulSoup(as_page(content, SCRIPT, "anatomy", ""), "html.parser")

    shown = [one.text for one in found.select(".rnn-run > pre.rnn-run__output")]
    assert shown == ["step 1\nstep 2", "3", "tensor(<1>)"]


def test_as_page_themes_drawings_and_names_them():
    drawing = page().select_one(".rnn-figure__sheet > svg")

    assert drawing["role"] == "img"
    assert drawing["aria-label"]
    assert drawing.path["stroke"] == "var(--rnn-h, #4964f6)"
    assert drawing.path["id"] == "cell-1-1-line-one"


def test_as_page_links_to_the_file_and_to_colab_only_with_a_repository():
    assert [link["href"] for link in page().select(".rnn-notebook a")] == ["../anatomy.ipynb"]
    assert [link["href"] for link in page("a/b").select(".rnn-notebook a")] == [
        "../anatomy.ipynb",
        "https://colab.research.google.com/github/a/b/blob/notebooks/anatomy.ipynb",
    ]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder in which the package lies as pip installs it from a wheel of this tree."""
    folder = tmp_path_factory.mktemp("installed")
    tree = folder / "tree"
    shutil.copytree(ROOT / "rnn_figures", tree / "rnn_figures")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    alone = ["--no-deps", "--no-index"]
    wheels = folder / "wheels"
    subprocess.run(
        [*pip, "wheel", *alone, "--no-build-isolation", "--wheel-dir", wheels, tree], check=True
    )
    (wheel,) = wheels.iterdir()
    subprocess.run([*pip, "install", *alone, "--target", folder / "site", wheel], check=True)
    return folder / "site"


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebook_runs_outside_the_repository(path, installed, tmp_path, monkeypatch):
    notebook = nbformat.reads(as_ipynb(path.read_text(encoding="utf-8"), ""), as_version=4)
    notebook.cells.append(
        nbformat.v4.new_code_cell("import rnn_figures\nprint(rnn_figures.__file__)")
    )
    monkeypatch.setenv("PYTHONPATH", str(installed))

    nbclient.execute(notebook, cwd=tmp_path, timeout=300)

    assert notebook.cells[-1].outputs[0].text.startswith(str(installed))
