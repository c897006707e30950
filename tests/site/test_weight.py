"""What a page weighs on its way to a reader: its own HTML, with its drawings, its CSS, its JS."""

import gzip
import pathlib
import re
from functools import cache

MOST_SCRIPTS = 40_000
"""Bytes of the site's own scripts on a page, compressed: all that they import, too."""

MOST = 300_000
"""Bytes, compressed as a server does. Fonts and the search come when they are wanted."""

OWN = re.compile(r'<script type="module" src="([^"]+)"')
IMPORTED = re.compile(r'from "(\./[^"]+)"')

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
    """The modules of a page, and all that they import."""
    found: set[pathlib.Path] = set()
    waiting = [(page.parent / address).resolve() for address in OWN.findall(page.read_text())]
    while waiting:
        script = waiting.pop()
        if script not in found:
            found.add(script)
            imports = IMPORTED.findall(script.read_text("utf-8"))
            waiting += [(script.parent / address).resolve() for address in imports]
    return found


def test_no_page_loads_more_scripts_than_most_and_each_has_those_of_its_elements(built_site):
    sizes = {}
    for page in built_site.rglob("index.html"):
        scripts = own_scripts(page)
        sizes[str(page.relative_to(built_site))] = sum(compressed(script) for script in scripts)
        elements = set(re.findall(r"<(rnn-[a-z]+)[\s>]", page.read_text("utf-8")))
        assert elements <= {script.stem for script in scripts}, page

    assert {page: size for page, size in sizes.items() if size > MOST_SCRIPTS} == {}
    assert max(sizes.values()) > 20_000  # a page with a live part
    assert min(sizes.values()) < 5_000  # and one without
