"""What a page weighs on its way to a reader: its own HTML, with its drawings, its CSS, its JS."""

import gzip
import pathlib
import re
from functools import cache

MOST = 300_000
"""Bytes, compressed as a server does. Fonts and the search come when they are wanted."""

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
