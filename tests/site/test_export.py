import hashlib
import json
import math
import pathlib
import struct

import pytest
from click.testing import CliRunner

from rnn_figures.__main__ import main
from rnn_figures.site.export import (
    Change,
    SourcePage,
    changes,
    export as export_pages,
    source_pages,
)

PAGE = """# A page

```figure caption="Shapes." id="shapes"
shape_table(nn.GRU(5, 3), x)
```

```run
value = 0.5
```

```figure continues caption="A line." id="line"
comparison_plot({"a": torch.tensor([0.0, value]), "b": torch.tensor([0.0, 1.0])})
```

```figure caption="Unrolled." id="unrolled"
unrolled_diagram(trace(nn.GRU(5, 3), x[:2]))
```
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def export(folder, cache, text=PAGE):
    export_pages([SourcePage("a.md", text)], folder, jobs=1, cache=cache)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def old(tmp_path_factory, cache):
    folder = tmp_path_factory.mktemp("old")
    return folder, export(folder, cache)


def test_export_that_is_cut_off_leaves_each_file_whole(tmp_path, cache, monkeypatch):
    export(tmp_path, cache)
    (tmp_path / "a/line.txt").write_bytes(b"before")

    def cut_off(*others):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pathlib.Path, "replace", cut_off)
    with pytest.raises(OSError, match="No space"):
        export(tmp_path, cache)

    assert (tmp_path / "a/line.txt").read_bytes() == b"before"


def test_export_writes_every_figure_in_every_format(old):
    _, files = old

    drawn = [f"a/{name}.{suffix}" for name in ("line", "unrolled") for suffix in ("svg", "png")]
    words = [
        f"a/{name}.{suffix}"
        for name in ("shapes", "line", "unrolled")
        for suffix in ("csv", "json", "txt", "py")
    ]
    assert sorted(files) == sorted([*drawn, *words, "manifest.json"])


def test_export_pictures_are_pictures(old):
    _, files = old

    assert files["a/line.svg"].startswith(b"<svg")
    width, height = struct.unpack(">II", files["a/unrolled.png"][16:24])
    assert files["a/unrolled.png"].startswith(b"\x89PNG")
    assert width > height > 100


def test_export_manifest_names_every_file_with_its_checksum(old):
    _, files = old

    manifest = json.loads(files["manifest.json"])
    listed = {
        path: checksum for entry in manifest["figures"] for path, checksum in entry["files"].items()
    }
    actual = {
        path: hashlib.sha256(data).hexdigest()
        for path, data in files.items()
        if path != "manifest.json"
    }
    assert listed == actual
    assert [entry["id"] for entry in manifest["figures"]] == ["shapes", "line", "unrolled"]
    assert [entry["line"] for entry in manifest["figures"]] == [3, 11, 15]
    assert any(version.startswith("torch ") for version in manifest["versions"])


def test_export_twice_gives_the_same_bytes(old, tmp_path):
    _, files = old

    again = export(tmp_path / "out", tmp_path / "another-cache")

    assert again == files


def test_export_deletes_what_is_no_figure_any_more_and_nothing_else(tmp_path, cache):
    export(tmp_path, cache)
    (tmp_path / "a" / "notes.txt").write_text("mine", encoding="utf-8")

    files = export(tmp_path, cache, PAGE.replace('id="unrolled"', 'id="grid"'))

    assert "a/grid.svg" in files
    assert not [path for path in files if "unrolled" in path]
    assert files["a/notes.txt"] == b"mine"


def test_export_draws_what_pages_share_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = 'open("drawn.txt", "a").write("x")\nTable(["a"], [(1,)])'
    text = f'```figure caption="One." id="one"\n{code}\n```\n'
    pages = [SourcePage(f"{number}.md", text, "the same") for number in range(3)]

    export_pages(pages, tmp_path / "out", cache=tmp_path / "cache")

    assert (tmp_path / "drawn.txt").read_text() == "x"


def test_changes_of_nothing_are_none(old):
    folder, _ = old

    assert changes(folder, folder) == []


def test_changes_in_numbers_have_their_size(old, tmp_path, cache):
    folder, _ = old
    export(tmp_path, cache, PAGE.replace("value = 0.5", "value = 0.75"))

    assert changes(folder, tmp_path) == [Change("a.md#line", "numbers", 0.25)]


def test_changes_in_looks_are_told_from_changes_in_numbers(old, tmp_path, cache):
    folder, _ = old
    drawn = "comparison_plot({"
    recoloured = f"plot = {drawn}"
    text = PAGE.replace(drawn, recoloured).replace(
        '"b": torch.tensor([0.0, 1.0])})',
        '"b": torch.tensor([0.0, 1.0])})\nplot.axes[0].lines[0].set_linewidth(9)\nplot',
    )
    export(tmp_path, cache, text)

    assert changes(folder, tmp_path) == [Change("a.md#line", "looks", 0.0)]


def test_changes_name_what_is_new_and_what_is_gone(old, tmp_path, cache):
    folder, _ = old
    export(tmp_path, cache, PAGE.replace('id="unrolled"', 'id="grid"'))

    found = changes(folder, tmp_path)

    assert found == [Change("a.md#grid", "new", 0.0), Change("a.md#unrolled", "gone", 0.0)]


def test_changes_of_rows_have_no_size(old, tmp_path, cache):
    folder, _ = old
    export(tmp_path, cache, PAGE.replace("shape_table(nn.GRU(5, 3)", "shape_table(nn.LSTM(5, 3)"))

    (change,) = changes(folder, tmp_path)

    assert change.figure == "a.md#shapes"
    assert change.kind == "numbers"
    assert math.isinf(change.size)


def test_source_pages_are_all_pages_and_the_atlas(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.md").write_text("# C", encoding="utf-8")

    names = [page.name for page in source_pages(tmp_path)]

    assert names[0] == "b/c.md"
    assert len(names) == 181
    assert [page.name for page in source_pages(tmp_path, with_atlas=False)] == ["b/c.md"]


def test_diff_command_says_what_changed(old, tmp_path, cache):
    folder, _ = old
    export(tmp_path, cache, PAGE.replace("value = 0.5", "value = 0.75"))

    result = CliRunner().invoke(main, ["diff", str(folder), str(tmp_path)])

    assert result.exit_code == 1
    assert "1 changed in numbers:\n  a.md#line (by up to 2.5e-01)" in result.output


def test_diff_command_refuses_a_folder_without_a_manifest(old, tmp_path):
    folder, _ = old

    result = CliRunner().invoke(main, ["diff", str(folder), str(tmp_path)])

    assert result.exit_code == 2
    assert "expected an export with a manifest.json" in result.output


def test_export_command_names_page_and_line_of_a_fence_that_fails(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    broken = '# B\n\n```figure caption="No." id="no"\n1 / 0\n```\n'
    (docs / "b.md").write_text(broken, encoding="utf-8")

    result = CliRunner().invoke(main, ["export", "out", "--no-atlas", "--jobs", "1"])

    assert result.exit_code == 1
    assert "b.md:4: figure failed: ZeroDivisionError: division by zero" in result.output


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ({}, "expected Markdown pages in docs, found none"),
        ({"a.md": "café".encode("latin-1")}, "expected UTF-8 in docs/a.md, got "),
    ],
    ids=["no page", "another encoding"],
)
def test_export_command_refuses_pages_that_it_cannot_read(tmp_path, monkeypatch, pages, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name, content in pages.items():
        (tmp_path / "docs" / name).write_bytes(content)

    result = CliRunner().invoke(main, ["export", "out", "--no-atlas"])

    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out").exists()


def test_diff_command_refuses_a_damaged_manifest(old, tmp_path):
    folder, _ = old
    (tmp_path / "manifest.json").write_text('{"figures": [', encoding="utf-8")

    result = CliRunner().invoke(main, ["diff", str(folder), str(tmp_path)])

    assert result.exit_code == 2
    assert f"expected JSON in {tmp_path / 'manifest.json'}" in result.output.replace("\n", "")
