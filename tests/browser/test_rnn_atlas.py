"""The form of the atlas, and its table."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from rnn_figures.site.atlas import NAMES, Entry, entries, index_page, page
from tests.browser.conftest import built
from tests.browser.serving import served
from tests.browser.test_pages import VIEWS, turn, violations


@pytest.fixture(scope="module")
def atlas_site(once) -> Iterator[str]:
    """Address of a site of the atlas's index and its pages' headings; figures take long."""
    headings = {
        f"atlas/{entry.slug}.md": re.split(r"(?<=\n)(# .*\n)", page(entry), maxsplit=1)
        for entry in entries()
    }
    start = "# Start\n\nnn.LSTM, bidirectional, proj_size, packed."
    pages = {"index.md": start, "atlas/index.md": index_page()}
    pages |= {name: front + heading for name, (front, heading, _) in headings.items()}
    with served(built(once, "atlas", pages)) as address:
        yield address


@pytest.fixture
def atlas(page, atlas_site):
    page.goto(f"{atlas_site}atlas/")
    return page


def choices(entry: Entry) -> dict[str, str]:
    """Return what the form shows for an entry, by the names of its fields."""
    return {
        "Layer": NAMES[entry.kind],
        "num_layers": str(entry.num_layers),
        "bidirectional": str(entry.bidirectional),
        "proj_size": "2" if entry.projected else "0, none",
        "batch_first": str(entry.batch_first),
        "Input": entry.form,
    }


CHOOSE = """every => {
  const form = document.querySelector("rnn-atlas form");
  const labels = [...form.querySelectorAll("label")];
  let led;
  navigation.addEventListener("navigate", event => {
    led = event.destination.url;
    event.preventDefault(); // stay here
  });
  return every.map(choices => {
    for (const [name, text] of Object.entries(choices)) {
      const label = labels.find(one => one.firstChild.textContent.trim() === name);
      const options = [...label.control.options];
      label.control.selectedIndex = options.findIndex(one => one.text === text);
      label.control.dispatchEvent(new Event("input", { bubbles: true }));
      label.control.dispatchEvent(new Event("change", { bubbles: true }));
    }
    led = null;
    form.querySelector("button").click();
    return [form.querySelector("output").textContent, led];
  });
}"""
"""Choose and press, for each entry; return the constructor that is shown, and where it leads."""


def test_every_choice_shows_its_constructor_and_leads_to_its_page(atlas, atlas_site):
    led = atlas.evaluate(CHOOSE, [choices(entry) for entry in entries()])

    assert led == [[entry.constructor, f"{atlas_site}atlas/{entry.slug}/"] for entry in entries()]


def test_form_says_what_is_chosen_after_the_way_back(atlas):
    atlas.get_by_label("Layer", exact=True).select_option(label="GRU")
    atlas.get_by_role("button", name="Open its page").click()
    atlas.wait_for_url("**/atlas/gru-1-layer/")

    atlas.go_back()

    shown = atlas.get_by_label("Layer", exact=True).locator("option:checked").inner_text()
    constructor = {"LSTM": "nn.LSTM(5, 3)", "GRU": "nn.GRU(5, 3)"}[shown]
    expect(atlas.locator("rnn-atlas output")).to_have_text(constructor)


def test_form_leads_to_a_page_by_keyboard(atlas):
    atlas.get_by_label("Layer", exact=True).focus()
    atlas.keyboard.type("GRU")
    atlas.keyboard.press("Tab")
    atlas.keyboard.press("ArrowDown")
    for _ in range(5):
        atlas.keyboard.press("Tab")
    expect(atlas.get_by_role("button", name="Open its page")).to_be_focused()
    atlas.keyboard.press("Enter")

    expect(atlas.get_by_role("heading", level=1)).to_contain_text("GRU, 2 layers")


def test_an_impossible_choice_says_why_and_stays(atlas, atlas_site):
    atlas.get_by_label("proj_size").select_option(label="2")
    atlas.get_by_label("Layer", exact=True).select_option(label="GRU")
    atlas.get_by_role("button", name="Open its page").click()

    assert "Only an LSTM takes proj_size" in atlas.get_by_role("status").inner_text()
    assert atlas.url == f"{atlas_site}atlas/"


def test_the_table_is_there_without_scripts(new_tab, atlas_site):
    page = new_tab(java_script_enabled=False)
    page.goto(f"{atlas_site}atlas/")

    assert page.locator("rnn-atlas *").count() == 0
    assert page.locator("tbody a").count() == len(entries())
    page.get_by_role("link", name="packed").first.click()
    assert "LSTM, 1 layer, packed" in page.get_by_role("heading", level=1).inner_text()


def test_form_has_no_serious_axe_violation_and_fits(atlas):
    atlas.get_by_label("proj_size").select_option(label="2")
    atlas.get_by_label("Layer", exact=True).select_option(label="GRU")

    for scheme, width in VIEWS:
        assert turn(atlas, scheme, width) == width
        assert violations(atlas, "rnn-atlas") == [], (scheme, width)


def test_search_leads_to_the_index_but_lists_no_page_of_the_atlas(atlas):
    atlas.locator(".md-search__input").focus()
    atlas.get_by_text("Type to start searching").wait_for()
    atlas.keyboard.insert_text("bidirectional proj_size packed")
    atlas.keyboard.press("End")  # the theme asks when a key is released
    links = atlas.locator(".md-search-result__link")
    links.first.wait_for()

    addresses = {link.get_attribute("href").partition("?")[0] for link in links.all()}
    assert {address.partition("/atlas/")[2] for address in addresses if "/atlas/" in address} == {
        ""
    }
