"""Pointing at a quantity lights it everywhere."""

import pytest


@pytest.fixture
def lstm_page(page, site_url):
    page.goto(f"{site_url}anatomy/lstm/")
    return page


def lit(page) -> str:
    return page.evaluate("document.body.dataset.rnnLit ?? ''")


def test_pointing_at_a_symbol_in_text_lights_its_quantity(lstm_page):
    lstm_page.locator("p math .q-h").first.hover()
    assert lit(lstm_page) == "h"

    lstm_page.locator("h1").hover()
    assert lit(lstm_page) == ""


def test_pointing_at_a_part_of_a_drawing_lights_its_quantity(lstm_page):
    part = lstm_page.locator(".rnn-figure--plot svg .q-c").first

    part.dispatch_event("pointerover", {"bubbles": True})

    assert lit(lstm_page) == "c"


def test_other_quantities_of_a_drawing_fade(lstm_page):
    lstm_page.locator("p math .q-h").first.hover()

    other = lstm_page.locator(".rnn-figure--plot svg .q-c").first
    lstm_page.wait_for_function(
        "part => getComputedStyle(part).opacity === '0.25'", arg=other.element_handle()
    )


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


def test_letters_are_a_plain_list_without_scripts(new_context, site_url):
    page = new_context(java_script_enabled=False).new_page()

    page.goto(f"{site_url}anatomy/lstm/")

    assert page.locator("rnn-quantities li", has_text="forget gate").is_visible()
    assert page.locator("rnn-quantities button").count() == 0
