"""The tab that tests hand on: nothing of one reaches the next."""

import pytest

from tests.browser.conftest import put_back

STATE = """() => ({
  stored: localStorage.length + sessionStorage.length,
  size: [innerWidth, innerHeight],
  media: ["print", "(prefers-color-scheme: dark)", "(prefers-reduced-motion)"].map(query =>
    matchMedia(query).matches),
  over: [...document.querySelectorAll(":hover")].map(part => part.localName),
  focused: document.activeElement.localName,
  asked: location.search + location.hash,
})"""


@pytest.fixture
def tab(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_a_tab_that_is_put_back_is_as_a_new_one(tab, forms_url):
    tab.goto(forms_url)
    first = tab.evaluate(STATE)
    tab.route("**/*", lambda route: route.abort())
    tab.emulate_media(media="print", color_scheme="dark", reduced_motion="reduce")
    tab.set_viewport_size({"width": 375, "height": 900})
    tab.evaluate("localStorage.one = sessionStorage.one = 1; location.hash = 'there'")
    tab.locator("input:visible").first.focus()
    tab.mouse.move(100, 300)
    left = tab.evaluate(STATE)
    assert all(left[part] != first[part] for part in first)

    assert put_back(tab)

    tab.goto(forms_url)
    now = tab.evaluate(STATE)
    assert now.pop("over") in (first.pop("over"), ["html", "body"])  # the pointer is in a corner
    assert now == first


def test_a_tab_with_a_clock_of_a_test_or_with_others_beside_it_is_not_put_back(tab, forms_url):
    tab.goto(forms_url)
    other = tab.context.new_page()
    assert not put_back(tab)
    other.close()
    assert put_back(tab)

    tab.clock.install()
    assert not put_back(tab)


def test_a_tab_whose_content_was_set_is_not_put_back(tab):
    tab.set_content("<p>One</p>")

    assert not put_back(tab)
