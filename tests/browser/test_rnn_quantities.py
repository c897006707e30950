"""Pointing at a quantity lights it everywhere."""

import datetime

import pytest

from tests.browser.frames import settle

REST = 120
"""Milliseconds that a pointer must rest on a letter."""


@pytest.fixture
def lstm_page(page, site_url):
    page.goto(f"{site_url}anatomy/lstm/")
    return page


def lit(page) -> str:
    return page.evaluate("document.body.dataset.rnnLit ?? ''")


def wait_until_lit(page, letter):
    page.wait_for_function(
        "letter => (document.body.dataset.rnnLit ?? '') === letter", arg=letter, timeout=5000
    )


def test_pointing_at_a_symbol_in_text_lights_its_quantity(lstm_page):
    lstm_page.locator("p math .q-h").first.hover()
    wait_until_lit(lstm_page, "h")

    lstm_page.locator("h1").hover()
    wait_until_lit(lstm_page, "")


def test_a_pointer_that_passes_lights_nothing(page, site_url):
    page.clock.install(time=datetime.datetime(2030, 1, 1))
    page.goto(f"{site_url}anatomy/lstm/")
    page.clock.pause_at(datetime.datetime(2030, 1, 2))

    page.locator("p math .q-h").first.hover()
    page.clock.run_for(REST - 1)
    assert lit(page) == ""
    page.locator("h1").hover()
    page.clock.run_for(10 * REST)
    assert lit(page) == ""

    page.locator("p math .q-h").first.hover()
    page.clock.run_for(REST)
    assert lit(page) == "h"


def test_letters_show_that_they_can_be_pointed_at(lstm_page):
    letter = lstm_page.locator("p math .q-h").first

    style = letter.evaluate(
        "one => [getComputedStyle(one).borderBottomStyle, getComputedStyle(one).cursor]"
    )
    assert style == ["dotted", "pointer"]


def test_a_tap_on_a_letter_keeps_it_and_one_elsewhere_lets_go(new_tab, site_url):
    page = new_tab(has_touch=True, viewport={"width": 375, "height": 900})
    page.goto(f"{site_url}anatomy/lstm/")

    page.locator("p math .q-h").first.tap()
    wait_until_lit(page, "h")
    page.locator("h1").tap()
    wait_until_lit(page, "")


def test_pointing_at_a_part_of_a_drawing_lights_its_quantity(lstm_page):
    part = lstm_page.locator(".rnn-figure--plot svg .q-c").first

    part.dispatch_event("pointerover", {"bubbles": True})

    wait_until_lit(lstm_page, "c")


def test_a_lit_quantity_glows_in_the_text_and_no_other_does(lstm_page):
    glowing = """() => [...new Set([...document.querySelectorAll("p :is(code, mrow)[class*='q-']")]
      .filter(one => getComputedStyle(one).boxShadow !== "none")
      .map(one => /q-([a-z])/.exec(one.getAttribute("class"))[1]))]"""
    for letter in "hc":
        lstm_page.locator(f"rnn-quantities button.q-{letter}").focus()
        settle(lstm_page)
        assert lstm_page.evaluate(glowing) == [letter]
    lstm_page.keyboard.press("Escape")
    settle(lstm_page)
    assert lstm_page.evaluate(glowing) == []


def test_other_quantities_of_a_drawing_fade(lstm_page):
    lstm_page.locator("rnn-quantities button.q-h").focus()

    other = lstm_page.locator("svg .q-c:visible:not([fill-opacity])").first
    other.scroll_into_view_if_needed()
    lstm_page.wait_for_function(
        "part => Number(getComputedStyle(part).fillOpacity) < 0.5", arg=other.element_handle()
    )


def test_a_drawing_fades_when_it_comes_and_is_whole_again_when_one_comes_back(lstm_page):
    faded = "one => one.querySelectorAll('[data-faded]').length"
    first, last = (
        lstm_page.locator("svg:visible", has=lstm_page.locator(".q-c")).nth(at) for at in (0, -1)
    )

    lstm_page.locator("rnn-quantities button.q-h").focus()
    settle(lstm_page)
    assert last.evaluate(faded) == 0  # nobody sees it
    for drawing in (last, first):
        drawing.scroll_into_view_if_needed()
        lstm_page.wait_for_function(f"one => ({faded})(one) > 0", arg=drawing.element_handle())
    lstm_page.keyboard.press("Escape")
    settle(lstm_page)
    assert first.evaluate(faded) == 0
    last.scroll_into_view_if_needed()
    lstm_page.wait_for_function(f"one => ({faded})(one) === 0", arg=last.element_handle())


def test_what_fades_is_paler_and_never_gone(lstm_page):
    lstm_page.set_viewport_size({"width": 1280, "height": 2000})  # sees the cell
    painted = """() => [...document.querySelectorAll("svg [class*='q-'], svg [class*='q-'] *")]
      .map(part => getComputedStyle(part))
      .flatMap(({ fillOpacity, strokeOpacity }) => [Number(fillOpacity), Number(strokeOpacity)])"""
    before = lstm_page.evaluate(painted)
    for letter in "ifgoch":
        lstm_page.locator(f"rnn-quantities button.q-{letter}").focus()
        settle(lstm_page)
        pairs = list(zip(before, lstm_page.evaluate(painted), strict=True))
        assert all(min(own, 0.4) <= pale <= own for own, pale in pairs), letter
        assert any(pale < own for own, pale in pairs), letter


def test_letters_are_reached_by_keyboard_and_kept_by_a_press(lstm_page):
    letter = lstm_page.get_by_role("button", name="c cell state")

    letter.focus()
    assert lit(lstm_page) == "c"
    lstm_page.keyboard.press("Enter")
    lstm_page.locator("h1").hover()
    assert letter.get_attribute("aria-pressed") == "true"
    assert lit(lstm_page) == "c"

    lstm_page.keyboard.press("Escape")
    assert letter.get_attribute("aria-pressed") == "false"
    assert lit(lstm_page) == ""


def test_letters_are_a_plain_list_without_scripts(new_tab, site_url):
    page = new_tab(java_script_enabled=False)

    page.goto(f"{site_url}anatomy/lstm/")

    assert page.locator("rnn-quantities li", has_text="forget gate").is_visible()
    assert page.locator("rnn-quantities button").count() == 0
