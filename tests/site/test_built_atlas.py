"""A walk over the atlas as it is built: every shape against a live module, every page reachable.

Fast, it is built with the few pages in which each two options meet; slow, whole. What is on a page
comes of one template, and of figures whose own tests have each three meet.
"""

import pathlib
import re
import shutil
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import pytest
import torch
from bs4 import BeautifulSoup
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.site import atlas
from tests.cases import covering
from tests.site.test_atlas import run
from tests.site_build import ROOT, mkdocs_build, share_cache, small_site
from tests.test_docs import COURSE, name

ENTRIES = atlas.entries()

FEW = sorted(covering(ENTRIES, tuple, meeting=2), key=lambda entry: f"{entry.slug}.md")
"""The few entries, in the order of their files."""


class Built(NamedTuple):
    """The atlas of a built site: the tab of its pages, its entries in their order, its pages."""

    tab: str
    entries: list[atlas.Entry]
    pages: dict[str, str]  # the HTML of every page, by its address below atlas/; "" is the index


@pytest.fixture(scope="session", params=["few", pytest.param("all", marks=pytest.mark.slow)])
def built(request, once) -> Built:
    """The atlas, with few or with all of its pages."""
    if request.param == "few":
        site, tab, entries = once("few-of-the-atlas", build_few) / "site", "Start", FEW
    else:
        site, tab, entries = request.getfixturevalue("site_with_atlas"), "Look up", ENTRIES
    paths = {path.parent.name: path for path in (site / "atlas").glob("*/index.html")}
    paths[""] = site / "atlas" / "index.html"
    pages = {address: path.read_text("utf-8") for address, path in paths.items()}
    return Built(tab, entries, pages)


def build_few(folder: pathlib.Path) -> None:
    """Build a site of the atlas's index and few of its pages, which its `nav` does not list."""
    small_site(folder, {"index.md": "# Start\n", "atlas/index.md": atlas.index_page()})
    for entry in FEW:
        path = folder / "docs" / "atlas" / f"{entry.slug}.md"
        path.write_text(atlas.page(entry), encoding="utf-8")
    share_cache(folder)
    done = mkdocs_build(folder, "--no-strict")  # most links lead to pages that are not there
    assert done.returncode == 0, done.stderr


def links(page: str, html: str) -> set[str]:
    """Return the addresses in the site that a page's article links to."""
    article = html.partition("<article")[2].partition("</article>")[0]
    found = re.findall(r'<a [^>]*?href="([^"]+)"', article)
    urls = {urldefrag(urljoin(f"https://site/{page}/", link)).url for link in found}
    return {url.removeprefix("https://site/") for url in urls if url.startswith("https://site/")}


def shapes_shown(html: str) -> dict[str, tuple[str, str]]:
    """Return shape and count by tensor, as the page's shape table has them."""
    (figure,) = re.findall(r'<figure [^>]*id="shapes">.*?</table>', html, re.DOTALL)
    rows = BeautifulSoup(figure, "html.parser").select("tbody tr")
    cells = [[cell.text for cell in row.select("td")] for row in rows]
    return {name: (shape, numbers) for name, shape, _, numbers, _ in cells}


def live_shapes(entry: atlas.Entry) -> dict[str, tuple[str, str]]:
    """Return shape and count by tensor, read from the module of the page's first fence."""
    names = run(entry)
    module: nn.RNNBase = names[entry.layer]
    tensors: dict[str, torch.Tensor] = dict(module.named_parameters())
    for part, given in (("input", names[entry.input]), ("output", names["output"])):
        if isinstance(given, PackedSequence):
            tensors |= {f"{part}.data": given.data, f"{part}.batch_sizes": given.batch_sizes}
        else:
            tensors[part] = given
    for state in ("h", "c") if entry.kind == "LSTM" else ("h",):
        # a state that is not given has the shape of the one that comes back
        tensors |= {f"{state}_0": names[f"{state}_n"], f"{state}_n": names[f"{state}_n"]}
    return {
        name: (str(tuple(tensor.shape)), str(tensor.numel())) for name, tensor in tensors.items()
    }


def test_built_addresses_are_those_of_the_entries(built):
    assert sorted(built.pages) == sorted(["", *(entry.slug for entry in built.entries)])


def test_every_shape_is_the_live_modules(built):
    for entry in built.entries:
        assert shapes_shown(built.pages[entry.slug]) == live_shapes(entry), entry.slug


def test_every_row_of_every_final_state_is_proved(built):
    unproved = []
    for entry in built.entries:
        (table,) = re.findall(
            r'<figure [^>]*id="final-states">.*?</table>', built.pages[entry.slug], re.DOTALL
        )
        rows = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2], re.DOTALL)
        count = entry.rows * (2 if entry.kind == "LSTM" else 1)
        proved = [row for row in rows if row.endswith("<td>yes</td>")]
        unproved += [] if len(rows) == len(proved) == count else [entry.slug]

    assert unproved == []


def test_every_page_is_reached_from_the_index(built):
    index = links("atlas", built.pages[""])

    assert {f"atlas/{entry.slug}/" for entry in built.entries} <= index


def test_every_page_leads_to_its_neighbours_and_back_to_the_index(built):
    for entry in built.entries:
        others = {other for _, other in atlas.neighbours(entry)} & {*built.entries}
        expected = {f"atlas/{other.slug}/" for other in others}
        found = links(f"atlas/{entry.slug}", built.pages[entry.slug])
        assert {*expected, "atlas/"} <= found, entry.slug


def test_every_page_has_its_place_in_the_navigation(built):
    order = ["", *(entry.slug for entry in built.entries)]

    for before, slug, after in zip(order[:-1], order[1:], [*order[2:], None], strict=True):
        head, _, rest = built.pages[slug].partition("<article")
        page = BeautifulSoup(head + rest.partition("</article>")[2], "html.parser")
        ways = {
            link["rel"][0]: link["href"] for link in page.select("link[rel=prev], link[rel=next]")
        }
        assert ways == {"prev": f"../{before}/" if before else "../"} | (
            {"next": f"../{after}/"} if after else {}
        )
        tabs = page.select(".md-tabs__item--active")
        assert [tab.text.strip() for tab in tabs] == [built.tab]
        assert page.select('.md-sidebar--primary a[href="../"]')


@pytest.mark.slow
@pytest.mark.parametrize("source", COURSE, ids=name)
def test_course_leads_to_the_atlas(site_with_atlas, source):
    page = name(source).removesuffix(".md")
    html = (site_with_atlas / page / "index.html").read_text("utf-8")

    assert {link for link in links(page, html) if link.startswith("atlas/")} > {"atlas/"}


def test_page_that_has_moved_leads_to_its_new_address(tmp_path):
    folder = small_site(tmp_path, {"index.md": "---\ntitle: A\ndescription: A page.\n---\n# A\n"})
    shutil.copytree(ROOT / "rnn_figures", folder / "rnn_figures")
    source = folder / "rnn_figures" / "site" / "atlas.py"
    none, one = "REDIRECTS: dict[str, str] = {}", 'REDIRECTS = {"lstm-old": "lstm-1-layer"}'
    source.write_text(source.read_text("utf-8").replace(none, one), encoding="utf-8")

    done = mkdocs_build(folder, atlas=False)

    assert done.returncode == 0, done.stderr
    page = (folder / "site" / "atlas" / "lstm-old" / "index.html").read_text("utf-8")
    assert 'content="0; url=../lstm-1-layer/"' in page
