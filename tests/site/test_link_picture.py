"""The picture that a link to the site shows, and the words around it in a page's head."""

import struct

from bs4 import BeautifulSoup

from rnn_figures.site.link_picture import PIXELS, STEPS, link_picture
from tests.site_build import mkdocs_build, share_cache, small_site

PAGE = "---\ntitle: One & two\ndescription: What it says.\n---\n# One & two\n\nText.\n"


def head_of(folder, monkeypatch, site_url: str) -> dict[str, str]:
    """Build a site of one page, and return the names and the contents in its page's head."""
    monkeypatch.setenv("SITE_URL", site_url)
    small_site(folder, {"index.md": "# Start\n", "one.md": PAGE})
    share_cache(folder)
    done = mkdocs_build(folder)
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup((folder / "site" / "one" / "index.html").read_text("utf-8"), "html.parser")
    named = page.select("meta[property], meta[name]")
    return {str(meta.get("property") or meta["name"]): str(meta["content"]) for meta in named}


def test_link_picture_has_the_size_that_is_asked_for_and_the_same_bytes_each_time():
    picture = link_picture().to_png()

    assert struct.unpack(">II", picture[16:24]) == PIXELS
    assert picture == link_picture().to_png()


def test_link_picture_has_a_tile_for_each_quantity_and_step():
    canvas = link_picture()

    assert [row[0] for row in canvas.data.rows[::STEPS]] == list("ifgoch")
    assert canvas.source.count("class=q-") + canvas.source.count('class="q-') == 6 * STEPS


def test_page_names_its_picture_by_its_whole_address(tmp_path, monkeypatch):
    head = head_of(tmp_path, monkeypatch, "https://example.org/rnn/")

    assert head["og:image"] == "https://example.org/rnn/assets/link.png"
    assert head["og:title"] == "One & two"
    assert head["og:description"] == "What it says."
    assert head["og:url"] == "https://example.org/rnn/one/"
    assert head["twitter:card"] == "summary_large_image"
    assert (tmp_path / "site" / "assets" / "link.png").read_bytes()[1:4] == b"PNG"


def test_page_names_no_picture_where_no_address_is_known(tmp_path, monkeypatch):
    head = head_of(tmp_path, monkeypatch, "")

    assert head["og:title"] == "One & two"
    assert "og:image" not in head
    assert head["twitter:card"] == "summary"
    assert not (tmp_path / "site" / "assets" / "link.png").exists()
