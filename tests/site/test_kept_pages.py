"""What `mkdocs serve` renders anew after a change: what the change reaches, and no more."""

import json
import pathlib
from typing import Any

import mkdocs.commands.build
import pytest
from material.plugins.search.plugin import SearchIndex
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from rnn_figures.site import plugin as site
from rnn_figures.site.kept_pages import KeptSections
from rnn_figures.site.markdown import page_build
from rnn_figures.site.running import digests
from tests.site_build import small_site

PLAIN = "# Plain\n\nTo the [other page](read.md#below).\n"
READING = """# Read

## Below

```run
open("number.txt").read()
```

```figure id="one" caption="One."
Table(["a"], [(1,)], alt="One.")
```
"""


@pytest.fixture
def serving(tmp_path, monkeypatch):
    """Return a folder, and a function that builds it as `mkdocs serve` does: what it rendered."""
    folder = small_site(tmp_path, {"plain.md": PLAIN, "read.md": READING})
    (folder / "number.txt").write_text("41", encoding="utf-8")
    monkeypatch.chdir(folder)
    started = load_config("mkdocs.yml").plugins["rnn-figures"]
    started.on_startup(command="serve", dirty=False)
    rendered = []
    render = Page.render

    def noted(page, config, files):
        rendered.append(page.file.src_uri)
        render(page, config, files)

    monkeypatch.setattr(Page, "render", noted)

    def build() -> list[str]:
        rendered.clear()
        config = load_config("mkdocs.yml")  # as serve does; it keeps plugins
        mkdocs.commands.build.build(config)
        return sorted(rendered)

    yield folder, build
    started.on_shutdown()


def written(folder: pathlib.Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "site").rglob("*"))
        if path.is_file() and path.suffix not in (".gz", ".inv")
    }


def test_only_what_a_change_reaches_is_rendered_anew(serving, monkeypatch):
    folder, build = serving
    assert build() == ["plain.md", "read.md"]
    first = written(folder)
    assert b"41" in first["site/read/index.html"]
    assert "site/figures/read/one.csv" in first

    assert build() == []
    assert written(folder) == first

    (folder / "docs" / "plain.md").write_text(f"{PLAIN}\nMore.\n", encoding="utf-8")
    assert build() == ["plain.md"]
    assert b"More." in written(folder)["site/plain/index.html"]

    (folder / "number.txt").write_text("42", encoding="utf-8")
    assert build() == ["read.md"]
    assert b"42" in written(folder)["site/read/index.html"]

    def digest(names, package):
        return versions["Table" in (names or ())]

    monkeypatch.setattr(site, "digest", digest)
    versions = {True: "one", False: "one"}
    assert build() == ["plain.md", "read.md"]
    versions[True] = "another"
    assert build() == ["read.md"]  # whose code uses what changed

    with (folder / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("# another line\n")
    assert build() == ["plain.md", "read.md"]


def test_a_search_is_asked_about_the_pages_alone_that_changed(serving, monkeypatch):
    folder, build = serving
    asked = []
    monkeypatch.setattr(site, "words", lambda content: asked.append(content[:30]) or content)
    build()
    assert len(asked) == 2
    found = folder / "site" / "search" / "search_index.json"
    first = json.loads(found.read_text("utf-8"))["docs"]

    (folder / "docs" / "read.md").write_text(f"{READING}\nMore.\n", encoding="utf-8")
    build()

    assert len(asked) == 3
    now = json.loads(found.read_text("utf-8"))["docs"]
    assert [section["location"] for section in now] == [section["location"] for section in first]
    assert now[0] == first[0]
    assert "More." in now[-1]["text"]


def test_the_search_reads_nothing_of_a_page_that_is_as_it_was(serving, monkeypatch):
    folder, build = serving
    given: dict[str, str] = {}
    real = SearchIndex.add_entry_from_context

    def noted(index, page):
        given[page.file.src_uri] = page.content
        real(index, page)

    monkeypatch.setattr(SearchIndex, "add_entry_from_context", noted)
    build()
    assert all(given.values())

    (folder / "docs" / "read.md").write_text(f"{READING}\nMore.\n", encoding="utf-8")
    build()

    assert given["plain.md"] == ""
    assert "More." in given["read.md"]
    assert b"other page" in written(folder)["site/plain/index.html"]


def test_sections_of_a_page_that_went_are_no_longer_found(tmp_path):
    kept = KeptSections()
    pages = {url: page_saying(url, "words", tmp_path) for url in ("one/", "two/")}
    index = json.dumps({"docs": [{"location": f"{url}#here"} for url in pages]})
    assert not any(map(kept.has, pages.values()))
    kept.completed(index)

    kept.begin()
    assert kept.has(pages["two/"])
    kept.begin()  # that build failed
    assert kept.has(pages["one/"])

    assert kept.completed('{"docs": []}') == '{"docs":[{"location":"one/#here"}]}'
    kept.has(pages["two/"])
    kept.completed(index)
    pages["one/"].meta = {"search": {"boost": 2}}
    assert not kept.has(pages["one/"])
    assert not kept.has(page_saying("two/", "words", tmp_path, title="Another"))


def page_saying(url: str, content: str, folder: pathlib.Path, title: str = "A page") -> Page:
    config: Any = MkDocsConfig()
    file = File(f"{url.strip('/')}.md", str(folder), str(folder / "site"), True)
    page = Page(title, file, config)
    page.content = content
    return page


def test_only_pages_that_changed_run_ahead(serving):
    _, build = serving
    plugin: Any = load_config("mkdocs.yml").plugins["rnn-figures"]
    ahead = []
    real = plugin.pool.ahead
    plugin.pool.ahead = lambda pages, package: real(ahead.append([*pages]) or ahead[-1], package)
    build()
    build()

    names = [[page.name for page in pages] for pages in ahead]
    assert names == [["plain.md", "read.md", "assets/lattice"], ["assets/lattice"]]


def test_a_page_is_parsed_once_and_again_when_it_has_changed(serving, monkeypatch):
    folder, build = serving
    parsed = []
    real = page_build.parse

    def noted(lines, page, first_line):
        parsed.append(page)
        return real(lines, page, first_line)

    monkeypatch.setattr(page_build, "parse", noted)

    assert build() == ["plain.md", "read.md"]
    assert sorted(parsed) == ["plain.md", "read.md"]
    parsed.clear()
    (folder / "docs" / "read.md").write_text(f"\n{READING}\n`#!value 2 + 3`\n", encoding="utf-8")
    (folder / "number.txt").write_text("42", encoding="utf-8")
    build()
    assert parsed == ["read.md"]
    assert b">5<" in written(folder)["site/read/index.html"]


def test_the_package_is_read_once_in_a_build(serving, monkeypatch):
    _, build = serving
    build()
    reads = []
    real = digests.public_names
    monkeypatch.setattr(digests, "public_names", lambda folder: reads.append(1) or real(folder))

    build()

    assert len(reads) == 1


def test_titles_of_the_navigation_stay(tmp_path, monkeypatch):
    folder = small_site(tmp_path, {"plain.md": PLAIN, "read.md": "# Read\n\n## Below\n"})
    settings = (folder / "mkdocs.yml").read_text("utf-8")
    titled = settings.replace("- plain.md", "- Named here: plain.md")
    (folder / "mkdocs.yml").write_text(titled, encoding="utf-8")
    monkeypatch.chdir(folder)
    plugin = load_config("mkdocs.yml").plugins["rnn-figures"]
    plugin.on_startup(command="serve", dirty=False)

    mkdocs.commands.build.build(load_config("mkdocs.yml"))
    plugin.on_shutdown()

    assert "Named here" in (folder / "site" / "read" / "index.html").read_text("utf-8")


def test_a_link_to_an_anchor_that_went_is_told_though_its_page_is_not_rendered(serving, caplog):
    folder, build = serving
    build()
    caplog.clear()

    (folder / "docs" / "read.md").write_text(READING.replace("Below", "Above"), encoding="utf-8")

    with pytest.raises(SystemExit):  # strict: one warning ends it
        assert build() == ["read.md"]
    assert "read.md#below" in caplog.text


def test_every_page_is_rendered_anew_when_a_page_goes(serving, caplog):
    folder, build = serving
    build()
    caplog.clear()

    (folder / "docs" / "read.md").unlink()

    with pytest.raises(SystemExit):
        build()
    assert "read.md" in caplog.text
