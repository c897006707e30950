"""The built site: complete, self-contained, the same each time; and what stops a build."""

import filecmp
import json
import pathlib
import re
import shutil
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from benchmarks.site import SOURCES
from rnn_figures.palette import DARK, LIGHT, variable
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.plugin import RnnFiguresPlugin
from tests.site_build import ROOT, mkdocs_build, share_cache, small_site

PAGE = """---
title: A page
description: A small page.
---
# A page

The letters \\(\\qh{h_t}\\) and `c_n`.

```figure caption="Look at the first row." id="one"
PROOF = Proof("as h", adds_up("h", [1], 1, within=0))
Table(["step", "h"], [(0, 0.5)], alt="One row.", proof=PROOF)
```
"""

NOTEBOOK = """# %% [markdown]
# # A notebook

# %%
1 + 1
"""


def parsed(path: pathlib.Path) -> Any:  # what a selector finds is there, or the test fails
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def pages(site: pathlib.Path) -> list[pathlib.Path]:
    """Return every page but those of the atlas, which has tests of its own."""
    return sorted(set(site.rglob("*.html")) - set(site.glob("atlas/*/*.html")))


def test_style_sheets_fetch_nothing_from_another_host(built_site):
    for path in built_site.rglob("*.css"):
        urls = re.findall(r"url\(\s*[\"']?([^)\"']+)", path.read_text("utf-8"))
        assert [url for url in urls if re.match(r"(https?:)?//", url)] == [], path


def test_every_page_has_a_description_of_its_own(built_site):
    written = [
        description
        for path in pages(built_site)
        if path.name != "404.html" and "notebooks" not in path.parts
        for description in re.findall(
            r'<meta name="description" content="([^"]+)"', path.read_text("utf-8")
        )
    ]

    assert len(written) == len(set(written)) > 30


def test_search_finds_captions_and_no_numbers_of_figures(built_site):
    index = (built_site / "search" / "search_index.json").read_text("utf-8")

    assert "One column for each step: four of the eight" in index
    assert "var(--rnn" not in index
    assert "rnn-numbers" not in index


def test_palette_of_the_site_is_the_packages(built_site):
    sheet = (built_site / "assets" / "palette.css").read_text("utf-8")

    light, _, rest = sheet.partition('[data-md-color-scheme="slate"]')
    for name in LIGHT:
        assert f"{variable(name)}: {LIGHT[name]};" in light
        assert f"{variable(name)}: {DARK[name]};" in rest.partition("}")[0]


def test_notebooks_can_be_downloaded(built_site):
    notebook = nbformat.read(built_site / "notebooks" / "lstm-gru-anatomy.ipynb", as_version=4)

    nbformat.validate(notebook)
    assert len(notebook.cells) > 20


def test_missing_page_leads_back(built_site):
    page = parsed(built_site / "404.html")

    assert page.article.h1.text == "No such page"
    assert page.article.select_one("a[href]")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small site that builds, and its output; the tests below break it."""
    folder = small_site(tmp_path_factory.mktemp("small"), {"index.md": PAGE, "two.md": PAGE})
    done = mkdocs_build(folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_figures_have_addresses_by_page_and_id(small):
    assert (small / "site" / "figures" / "two" / "one.csv").read_text() == "step,h\n0,0.5\n"
    links = [link["href"] for link in parsed(small / "site/two/index.html").select("a[download]")]
    assert links == ["../figures/two/one.csv", "../figures/two/one.py"]


def test_pages_list_their_letters(small):
    letters = parsed(small / "site/two/index.html").select("rnn-quantities li")

    assert [item.text for item in letters] == ["c cell state", "h hidden state"]


def test_second_build_is_the_same_to_the_byte(small, tmp_path):
    assert mkdocs_build(small, "--site-dir", str(tmp_path)).returncode == 0

    compare(small / "site", tmp_path)


def test_search_index_holds_the_captions(small):
    index = json.loads((small / "site/search/search_index.json").read_text())

    texts = " ".join(document["text"] for document in index["docs"])
    assert "Look at the first row." in texts
    assert "0.5" not in texts


BROKEN = {
    "fence": (
        {"two.md": f"{PAGE}\n```run\n1 / 0\n```\n"},
        ["two.md:15: run failed: ZeroDivisionError"],
    ),
    "mathematics": (
        {"two.md": f"{PAGE}\n\\(\\foo\\)\n"},
        ["two.md:14: mathematics failed: Unknown"],
    ),
    "link, anchor, or page that no tab shows": (
        {"two.md": f"{PAGE}\n[there](none.md)\n[here](index.md#none)\n", "three.md": PAGE},
        [
            "WARNING -  Doc file 'two.md' contains a link 'none.md'",
            "WARNING -  Doc file 'two.md' contains a link 'index.md#none'",
            "WARNING -  The following pages exist in the docs directory, but are not included",
            "Aborted with 3 warnings in strict mode!",
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_build_stops_at_a_broken(small, tmp_path, name):
    texts, messages = BROKEN[name]
    folder = tmp_path / "site"
    shutil.copytree(small, folder, ignore=shutil.ignore_patterns("site"))
    for page, text in texts.items():
        (folder / "docs" / page).write_text(text, encoding="utf-8")

    done = mkdocs_build(folder)

    assert done.returncode == 1
    for message in messages:
        assert message in done.stderr + done.stdout


QUESTION = """<rnn-predict markdown>
Which?

1. One
2. Two

??? question "See"
    ```answer
    "Two"
    ```

    1. Yes: one.
    2. No: two.
</rnn-predict>
"""


def failures(folder: pathlib.Path) -> list[tuple[str, str, str]]:
    """Return the list with which the build of a folder ends: where, and what it says."""
    done = mkdocs_build(folder)
    assert done.returncode == 1
    told = re.split(r"\d+ parts of the site failed:", done.stderr)[-1]
    failed = [line.partition(" failed: ") for line in told.splitlines() if " failed: " in line]
    assert f"{len(failed)} parts of the site failed:" in done.stderr
    return failed


def test_build_goes_on_to_list_formulas_and_questions_of_every_page(tmp_path):
    formulas = "\\(\\foo\\), \\(\\bar\\)\n"
    stopped = f"```run\n1 / 0\n```\n\n{QUESTION}"  # which gives no answer to be wrong
    wrong = "\n".join([formulas, QUESTION, QUESTION, stopped])
    unread = f"{formulas}\n```run x=1\n```\n"
    pages = {"index.md": wrong, "b.md": wrong, "c.md": unread}
    folder = small_site(tmp_path, pages)

    failed = failures(folder)

    assert sorted(where for where, _, _ in failed) == [
        *("b.md:18: question", "b.md:1: mathematics", "b.md:1: mathematics"),
        *("b.md:34: run", "b.md:3: question"),
        "c.md:3: run",
        *("index.md:18: question", "index.md:1: mathematics", "index.md:1: mathematics"),
        *("index.md:34: run", "index.md:3: question"),
    ]


def test_build_ends_with_a_list_of_all_that_failed(tmp_path):
    page = "```run\na = 3\nassert a == 4\nassert a == 5\n```\n\n`#!value 1 / 0`\n"
    folder = small_site(tmp_path, {"index.md": page, "a.md": "```run x=1\n```\n", "b.md": page})

    failed = failures(folder)

    assert sorted(line for line, _, _ in failed) == [
        "a.md:1: run",
        *(
            f"{page}.md:{part}"
            for page in ("b", "index")
            for part in ("3: run", "4: run", "7: value")
        ),
    ]
    assert {message for _, _, message in failed} >= {
        "AssertionError: a == 4: expected 4, got 3",
        "AssertionError: a == 5: expected 5, got 3",
        "ZeroDivisionError: division by zero",
    }


NOTEBOOK_OF_THREE = f"""{NOTEBOOK}
# %%
a = 3
assert a == 4, "expected 4"

# %%
1 +

# %%
1 / 0
"""


def test_build_stops_with_every_notebook_cell_that_failed(tmp_path):
    folder = small_site(tmp_path, {"index.md": PAGE, "notebooks/a.py": NOTEBOOK_OF_THREE})
    share_cache(folder)

    done = mkdocs_build(folder)

    assert done.returncode == 1
    first = NOTEBOOK_OF_THREE.split("\n").index('assert a == 4, "expected 4"') + 1
    syntax = NOTEBOOK_OF_THREE.split("\n").index("1 +") + 1
    last = NOTEBOOK_OF_THREE.split("\n").index("1 / 0") + 1
    assert done.stderr.partition("3 parts of the site failed:")[2].split("\n")[1:4] == [
        f"notebooks/a.py:{first}: cell failed: AssertionError: expected 4",
        f"notebooks/a.py:{syntax}: cell failed: SyntaxError: invalid syntax",
        f"notebooks/a.py:{last}: cell failed: ZeroDivisionError: division by zero",
    ]


def test_build_that_a_page_stopped_lists_cells_of_notebooks_too(tmp_path):
    pages = {"index.md": f"{PAGE}\n```run\nassert 1 == 2\n```\n"}
    folder = small_site(tmp_path, pages | {"notebooks/a.py": NOTEBOOK_OF_THREE})

    done = mkdocs_build(folder)

    assert done.returncode == 1
    told = done.stderr.partition("4 parts of the site failed:")[2]
    assert told.count("run failed") == 1
    assert told.count("cell failed") == 3


def test_colab_is_offered_once_a_repository_is_set(tmp_path, monkeypatch):
    monkeypatch.setenv("REPOSITORY", "Owner/name")
    folder = small_site(tmp_path, {"index.md": PAGE, "notebooks/a.py": NOTEBOOK})
    share_cache(folder)

    assert mkdocs_build(folder).returncode == 0

    page = parsed(folder / "site/notebooks/a/index.html")
    assert page.select_one('a[href^="https://colab.research.google.com/github/Owner/name/"]')
    assert page.select_one('link[rel="canonical"]')["href"].startswith(
        "https://owner.github.io/name/"
    )


def compare(one: pathlib.Path, two: pathlib.Path) -> None:
    """Fail with the first file that is in one folder only, or differs."""
    names = [sorted(str(path.relative_to(site)) for path in site.rglob("*")) for site in (one, two)]
    assert names[0] == names[1]
    files = [name for name in names[0] if (one / name).is_file()]
    _, different, errors = filecmp.cmpfiles(one, two, files, shallow=False)
    assert different + errors == []


@pytest.mark.slow
def test_two_cold_builds_in_two_places_are_the_same_to_the_byte(tmp_path):
    for name in ("one", "two-which-is-longer"):
        folder = tmp_path / name
        folder.mkdir()
        for part in SOURCES:
            shutil.copytree(ROOT / part, folder / part)
        shutil.copy(ROOT / "mkdocs.yml", folder)
        done = mkdocs_build(folder)
        assert done.returncode == 0, done.stderr

    compare(tmp_path / "one" / "site", tmp_path / "two-which-is-longer" / "site")


def test_a_download_that_cannot_be_written_stops_the_build(tmp_path):
    (tmp_path / "figures").write_text("a file where a folder must be")
    config: Any = MkDocsConfig()
    config.site_name, config.site_dir = "site", str(tmp_path)
    page = Page("Page", File("page.md", "", "", use_directory_urls=True), config)
    plugin = RnnFiguresPlugin()
    plugin.on_startup(command="build", dirty=False)
    plugin.on_pre_build(config=config)
    plugin.builds["page.md"] = PageBuild(downloads={"one.csv": "step,h\n"})

    plugin.on_page_content("<h1>Page</h1>", page=page, config=config, files=Files([]))

    with pytest.raises(OSError, match="figures"):
        plugin.on_post_build(config=config)
    plugin.on_shutdown()
