"""Write every figure of the site as files, and compare two such folders.

A figure is one fence of a page. It becomes SVG, PNG, CSV, JSON, its words and its code; a manifest
names them all, with their checksums and the versions that made them. What is written depends on
the pages, the package and the versions alone: two runs give the same bytes.
"""

import csv
import hashlib
import io
import json
import math
import pathlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from rnn_figures.machine import replace_file
from rnn_figures.site import atlas
from rnn_figures.site.markdown.errors import failures, raise_all
from rnn_figures.site.markdown.parsing import fences_of, parse
from rnn_figures.site.running.cache import CACHE, versions
from rnn_figures.site.running.pool import PageFences, Pool
from rnn_figures.site.running.records import Downloads, Fence

MANIFEST = "manifest.json"

FORMATS = ("svg", "png", "csv", "json", "txt", "py")
"""What a figure can become; a table has no svg and no png."""


class SourcePage(NamedTuple):
    """A page with fences.

    Attributes:
        name: As the site knows it.
        text: Its Markdown.
        sharing: What it has in common with others of the same value, which draw the same figures.
    """

    name: str
    text: str
    sharing: str = ""


class Change(NamedTuple):
    """What became of one figure between two exports.

    Attributes:
        figure: Page and id, "anatomy/lstm.md#lstm-counter".
        kind: "new", "gone", "numbers", "looks" or "words".
        size: For numbers: the largest absolute change of a number; inf where rows, columns or
            texts changed.
    """

    figure: str
    kind: str
    size: float


def source_pages(docs: pathlib.Path, *, with_atlas: bool = True) -> Iterator[SourcePage]:
    """Yield the pages that have fences, those of the atlas last, in a fixed order."""
    for path in sorted(docs.rglob("*.md")):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"expected UTF-8 in {path}, got {error}; save it as UTF-8") from None
        yield SourcePage(path.relative_to(docs).as_posix(), text)
    if with_atlas:
        for entry in atlas.entries():
            yield SourcePage(f"atlas/{entry.slug}.md", atlas.page(entry), entry.plain)


def export(
    pages: list[SourcePage],
    folder: pathlib.Path,
    *,
    jobs: int = 2,
    cache: pathlib.Path = CACHE,
    done: Callable[[str], object] = lambda page: None,
) -> int:
    """Write the figures of some pages and the manifest; return how many figures there are.

    Files of an earlier export that are no longer figures are deleted.

    Args:
        pages: The pages.
        folder: Where the figures go.
        jobs: How many worker processes draw at once.
        cache: Where results are kept, so that an export that was cut off goes on.
        done: Is called with a page's name when its figures are written; where a fence fails, those
            written so far stay.
    """
    coming = [PageFences(page.name, _fences(page), page.sharing) for page in pages]
    pool = Pool(cache, jobs=jobs, downloads=Downloads.EXPORTED)
    figures = []
    try:
        pool.ahead(coming)
        for name, fences, _ in coming:
            results = pool.results(name, fences)
            raise_all(failures(name, fences, results))
            figures += [
                _figure(folder, name, fence, result.files)
                for fence, result in zip(fences, results, strict=True)
                if fence.kind == "figure"
            ]
            done(name)
    finally:
        pool.close()
    before = _written(folder)
    _write(folder / MANIFEST, _json({"versions": versions(), "figures": figures}).encode())
    for path in before - _written(folder):
        (folder / path).unlink(missing_ok=True)
    return len(figures)


def _fences(page: SourcePage) -> list[Fence]:
    """Return what has to run of a page; nothing where it has no figure."""
    fences = fences_of(parse(page.text.split("\n"), page.name, 1))
    there = any(fence.kind == "figure" for fence in fences)
    return [fence for fence in fences if there and not fence.leaves_no_mark]


def _figure(folder: pathlib.Path, page: str, fence: Fence, files: dict[str, str]) -> dict:
    """Write the files of one figure; return its entry of the manifest."""
    stem = f"{page.removesuffix('.md')}/{fence.id}"
    sums = {}
    for suffix, content in files.items():
        data = bytes.fromhex(content) if suffix == "png" else content.encode()
        _write(folder / f"{stem}.{suffix}", data)
        sums[f"{stem}.{suffix}"] = hashlib.sha256(data).hexdigest()
    return {
        "page": page,
        "id": fence.id,
        "line": fence.opening_line,
        "caption": fence.caption,
        "fence": fence.code,
        "files": sums,
    }


def _written(folder: pathlib.Path) -> set[str]:
    """Return the files that the manifest of a folder names; none if it has no manifest."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return set()
    figures = json.loads(manifest.read_text(encoding="utf-8"))["figures"]
    return {path for entry in figures for path in entry["files"]}


def changes(old: pathlib.Path, new: pathlib.Path) -> list[Change]:
    """Compare two exports, figure by figure.

    In the order of the later export, then what is gone. A figure whose numbers changed is said to
    have changed in numbers, whatever its looks.
    """
    before, after = _figures(old), _figures(new)
    found = []
    for name, files in after.items():
        if name not in before:
            found.append(Change(name, "new", 0.0))
            continue
        was = before[name]
        changed = {suffix for suffix in FORMATS if was.get(suffix) != files.get(suffix)}
        size = _numbers(old / was["csv"][0], new / files["csv"][0]) if "csv" in changed else 0.0
        if size:
            found.append(Change(name, "numbers", size))
        elif changed & {"svg", "png"}:
            found.append(Change(name, "looks", 0.0))
        elif changed - {"csv"}:
            found.append(Change(name, "words", 0.0))
    found += [Change(name, "gone", 0.0) for name in before if name not in after]
    return found


def _figures(folder: pathlib.Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Return path and checksum of each file of each figure, by suffix."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise FileNotFoundError(
            f"expected an export with a {MANIFEST} in {folder}; make one: rnn-figures export DIR"
        )
    try:
        figures = json.loads(manifest.read_text(encoding="utf-8"))["figures"]
    except ValueError:
        raise ValueError(
            f"expected JSON in {manifest}, got something else; make the export again: "
            f"rnn-figures export {folder}"
        ) from None
    return {
        f"{entry['page']}#{entry['id']}": {
            path.rpartition(".")[2]: (path, checksum) for path, checksum in entry["files"].items()
        }
        for entry in figures
    }


def _numbers(old: pathlib.Path, new: pathlib.Path) -> float:
    """Return the largest change of a number between two tables; inf where rows or texts changed."""
    before, after = (list(csv.reader(io.StringIO(path.read_text("utf-8")))) for path in (old, new))
    if [len(row) for row in before] != [len(row) for row in after]:
        return math.inf
    cells = zip(chain(*before), chain(*after), strict=True)
    return max((_change(a, b) for a, b in cells if a != b), default=0.0)


def _change(before: str, after: str) -> float:
    """Return the size of a change of one cell; inf where one of them is not a number."""
    try:
        size = abs(float(before) - float(after))
    except ValueError:
        return math.inf
    return math.inf if math.isnan(size) else size


def _write(path: pathlib.Path, data: bytes) -> None:
    """Write a file if it is not there with these bytes already."""
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, data)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
