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


def test_a_tab_with_a_file_is_put_back(tab, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<p>One</p>", encoding="utf-8")
    tab.goto(page.as_uri())
    tab.evaluate("localStorage.one = 1")

    assert put_back(tab)

    tab.goto(page.as_uri())
    assert tab.evaluate("localStorage.length") == 0


def test_a_tab_with_frames_of_a_test_is_not_put_back(tab, forms_url):
    tab.add_init_script("window.requestAnimationFrame = call => 1")
    tab.goto(forms_url)

    assert not put_back(tab)


@pytest.mark.parametrize("finger", [True, False])
def test_a_tab_is_handed_on_to_who_wants_one_with_the_same_options(new_tab, forms_url, finger):
    phone = {"width": 375, "height": 700}
    dark = new_tab(color_scheme="dark", viewport=phone, reduced_motion="reduce", has_touch=finger)
    other = new_tab(has_touch=finger)
    for tab in (dark, other):
        tab.goto(forms_url)

    assert dark.evaluate(STATE)["size"] == [375, 700]
    assert dark.evaluate(STATE)["media"] == [False, True, True]
    assert other.evaluate(STATE)["size"] == [1280, 720]
    assert other.evaluate(STATE)["media"] == [False, False, False]
    assert [tab.evaluate("navigator.maxTouchPoints > 0") for tab in (dark, other)] == [finger] * 2
