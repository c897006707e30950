"""What a page weighs on its way to a reader: its own HTML, with its drawings, its CSS, its JS."""

import gzip
import pathlib
import re
from functools import cache

MOST = 300_000
"""Bytes, compressed as a server does. Fonts and the search come when they are wanted."""

SCRIPTS = 40_000
"""Bytes of the site's own scripts on a page, compressed, with all that they import."""

OWN = re.compile(r'<script src="([^"]+\.mjs)"')

IMPORTED = re.compile(r'^(?:import|} from|export).*?"(\./[\w-]+\.mjs)";', re.M)

LOADED = re.compile(r'<script [^>]*?src="([^"]+)"|<link rel="stylesheet" href="([^"]+)"')


@cache
def compressed(path: pathlib.Path) -> int:
    return len(gzip.compress(path.read_bytes(), compresslevel=6))


def weight(page: pathlib.Path) -> int:
    files = {page}
    for groups in LOADED.findall(page.read_text("utf-8")):
        address = "".join(groups).partition("?")[0]
        files.add((page.parent / address).resolve())
    return sum(compressed(file) for file in files)


def test_no_page_is_heavier_than_most(built_site):
    pages = [path for path in built_site.rglob("index.html") if "notebooks" not in path.parts]

    weights = {str(page.relative_to(built_site)): weight(page) for page in pages}
    assert {page: size for page, size in weights.items() if size > MOST} == {}
    assert min(weights.values()) > 50_000  # the theme's style sheets and scripts were found


def own_scripts(page: pathlib.Path) -> set[pathlib.Path]:
    """Return the site's own modules that a page loads, with all that those import."""
    found: set[pathlib.Path] = set()
    waiting = {(page.parent / src).resolve() for src in OWN.findall(page.read_text("utf-8"))}
    while waiting:
        module = waiting.pop()
        found.add(module)
        imported = IMPORTED.findall(module.read_text("utf-8"))
        waiting |= {(module.parent / name).resolve() for name in imported} - found
    return found


def test_a_pages_own_scripts_are_light(built_site):
    pages = [path for path in built_site.rglob("index.html") if "notebooks" not in path.parts]

    scripts = {str(page.relative_to(built_site)): own_scripts(page) for page in pages}
    sizes = {page: sum(map(compressed, found)) for page, found in scripts.items()}
    assert {page: size for page, size in sizes.items() if size > SCRIPTS} == {}
    assert max(sizes.values()) > 10_000


def test_a_page_has_the_scripts_of_its_own_elements_alone(built_site):
    page = built_site / "anatomy" / "weights" / "index.html"

    names = {path.name for path in own_scripts(page)}
    assert {"rnn-picker.mjs", "live-drawing.mjs", "address.mjs"} <= names
    assert not {"rnn-cell.mjs", "cells.mjs", "rnn-atlas.mjs"} & names
