"""A walk over the atlas as it is built: every shape against a live module, every page reachable."""

import pathlib
import re
import shutil
from urllib.parse import urldefrag, urljoin

import pytest
import torch
from bs4 import BeautifulSoup
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.site import atlas
from tests.site.test_atlas import ADDRESSES, run
from tests.site_build import ROOT, mkdocs_build, small_site
from tests.test_docs import COURSE, name

ENTRIES = atlas.entries()


@pytest.fixture(scope="session")
def pages(built_site) -> dict[str, str]:
    """The HTML of every page of the atlas, by its address below atlas/; "" is the index."""
    folder = built_site / "atlas"
    return {
        path.parent.relative_to(folder).as_posix().removeprefix("."): path.read_text("utf-8")
        for path in folder.rglob("index.html")
    }


def links(site: pathlib.Path, page: str, html: str) -> set[str]:
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


def test_built_addresses_are_those_of_the_list(pages):
    assert sorted(pages) == sorted(["", *ADDRESSES])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.slug)
def test_every_shape_is_the_live_modules(pages, entry):
    assert shapes_shown(pages[entry.slug]) == live_shapes(entry)


def test_every_row_of_every_final_state_is_proved(pages):
    unproved = []
    for entry in ENTRIES:
        (table,) = re.findall(
            r'<figure [^>]*id="final-states">.*?</table>', pages[entry.slug], re.DOTALL
        )
        rows = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2], re.DOTALL)
        count = entry.rows * (2 if entry.kind == "LSTM" else 1)
        proved = [row for row in rows if row.endswith("<td>yes</td>")]
        unproved += [] if len(rows) == len(proved) == count else [entry.slug]

    assert unproved == []


def test_every_page_is_reached_from_the_index(built_site, pages):
    index = links(built_site, "atlas", pages[""])

    assert {f"atlas/{entry.slug}/" for entry in ENTRIES} <= index


def test_every_page_leads_to_its_neighbours_and_back_to_the_index(built_site, pages):
    for entry in ENTRIES:
        expected = {f"atlas/{other.slug}/" for _, other in atlas.neighbours(entry)}
        assert {*expected, "atlas/"} <= links(built_site, f"atlas/{entry.slug}", pages[entry.slug])


def test_every_page_has_its_place_in_the_navigation(pages):
    order = ["", *(entry.slug for entry in ENTRIES)]

    for before, slug, after in zip(order[:-1], order[1:], [*order[2:], None], strict=True):
        head, _, rest = pages[slug].partition("<article")
        page = BeautifulSoup(head + rest.partition("</article>")[2], "html.parser")
        ways = {
            link["rel"][0]: link["href"] for link in page.select("link[rel=prev], link[rel=next]")
        }
        assert ways == {"prev": f"../{before}/" if before else "../"} | (
            {"next": f"../{after}/"} if after else {}
        )
        assert [tab.text.strip() for tab in page.select(".md-tabs__item--active")] == ["Look up"]
        assert page.select('.md-sidebar--primary a[href="../"]')


@pytest.mark.parametrize("source", COURSE, ids=name)
def test_course_leads_to_the_atlas(built_site, source):
    page = name(source).removesuffix(".md")
    html = (built_site / page / "index.html").read_text("utf-8")

    assert {link for link in links(built_site, page, html) if link.startswith("atlas/")} > {
        "atlas/"
    }


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
