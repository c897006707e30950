"""The field that finds the card of a message."""

import collections
import functools
import re

import pytest
from playwright.sync_api import expect

from tests.browser.searches import MESSAGES, MISTAKES
from tests.browser.test_pages import VIEWS, turn, violations
from tests.browser.test_search import raised

PAGE = "answers/error-messages/"

CARDS = """cards => cards.map(card => {
  const messages = [...card.querySelectorAll(".rnn-run__error")].map(box => box.textContent);
  return [card.querySelector(".rnn-card__content").id, messages];
})"""

ASK = """text => {
  const field = document.querySelector("rnn-messages textarea");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return [...document.querySelectorAll("rnn-messages a")].map(link => link.hash.slice(1));
}"""
"""Fill the field, as a reader does, but without waiting until the long page is laid out again."""

OLDER = {
    "Expected 3D or 2D": "input-dimensions",
    "Input and hidden tensors are not at the same device": "device",
}
"""Wordings of older versions, which the cards quote."""


@pytest.fixture(scope="module")
def opened(frameless, site_url):
    page = frameless.new_page()
    page.goto(f"{site_url}{PAGE}")
    yield page
    page.close()


@pytest.fixture
def ask(opened):
    """Return a function that fills the field and returns the ids of the cards that are found."""
    return functools.partial(opened.evaluate, ASK)


def plain(message: str) -> str:
    return re.sub(r"-?\d+", "0", message)


def with_other_numbers(message: str) -> str:
    """Change numbers that stand alone: not the 0 of weight_ih_l0, not the 2 of 2-D."""
    return re.sub(r"(?<![\w.-])\d+(?![\w-])", lambda number: f"{7 * int(number[0]) + 11}", message)


def test_every_message_of_the_page_finds_its_card_whatever_the_numbers(ask, opened):
    cards = dict(opened.locator(".rnn-card").evaluate_all(CARDS))
    holders = collections.defaultdict(set)
    for card, messages in cards.items():
        for message in messages:
            holders[plain(message)].add(card)
    assert len(holders) > 70

    wrong = {
        message: found
        for message in {message for messages in cards.values() for message in messages}
        for found in [ask(with_other_numbers(message))[:1]]
        if not set(found) & holders[plain(message)]
    }

    assert wrong == {}


@pytest.mark.parametrize(("code", "card"), MISTAKES.items())
def test_field_finds_the_card_of_a_raised_message(ask, code, card):
    assert ask(raised(code))[0] == card


@pytest.mark.parametrize(("message", "card"), (MESSAGES | OLDER).items())
def test_field_finds_the_card_of_a_quoted_message(ask, message, card):
    assert ask(message)[0] == card


def test_field_takes_a_message_out_of_a_traceback(ask):
    message = "RuntimeError: Expected hidden[0] size (1, 64, 128), got [1, 32, 128]"
    traceback = f"""Traceback (most recent call last):
  File "train.py", line 41, in forward
    output, (h, c) = self.lstm(embedded, state)
{message}
"""

    assert ask(traceback) == ask(message)
    assert ask(message)[0] == "hidden-size"


def test_field_says_how_many_cards_fit(ask, opened):
    said = opened.locator("rnn-messages [aria-live=polite]")

    ask("return_sequences")
    assert said.inner_text() == "One card fits. Enter goes to the first."
    ask("Expected hidden size")
    assert re.match(r"\d cards fit, the best first", said.inner_text())
    assert ask("my dog ate it") == []
    assert said.inner_text().startswith("No card fits.")
    ask("")
    assert said.inner_text() == ""


def test_field_shows_the_message_that_fits_best(ask, opened):
    ask("missing 1 required positional argument: 'hidden_size'")

    first = opened.locator("rnn-messages li").first
    assert "__init__() missing 1 required positional argument" in first.inner_text()


def test_enter_goes_to_the_first_card(page, site_url):
    page.goto(f"{site_url}{PAGE}")
    page.get_by_label("Your message").focus()
    page.keyboard.type("index out of range in self")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{site_url}{PAGE}#embedding-range")
    expect(page.locator("#embedding-range")).to_be_in_viewport()


def test_cards_are_reached_by_tab(page, site_url):
    page.goto(f"{site_url}{PAGE}")
    page.get_by_label("Your message").fill("index out of range in self")
    page.keyboard.press("Tab")

    expect(page.locator("rnn-messages a").first).to_be_focused()


def test_cards_are_there_without_scripts_and_the_field_is_not(new_tab, site_url):
    page = new_tab(java_script_enabled=False)
    page.goto(f"{site_url}{PAGE}")

    assert page.locator("rnn-messages *").count() == 0
    assert page.locator("#hidden-size").is_hidden()
    page.locator("summary", has_text=re.compile(r"^Expected hidden\[0\] size$")).click()
    assert page.get_by_text("RuntimeError: Expected hidden[0] size (1, 1, 3)").is_visible()


def test_field_has_no_serious_axe_violation_and_fits(page, site_url):
    page.goto(f"{site_url}{PAGE}")
    page.get_by_label("Your message").fill("size mismatch for weight_ih_l0: copying a param")
    # axe walks the whole page for each rule; the cards are looked at with all other pages
    page.evaluate("document.querySelectorAll('.rnn-card').forEach(card => card.remove())")

    for scheme, width in VIEWS:
        wide = turn(page, scheme, width)
        assert page.locator("rnn-messages li").count()
        assert violations(page, "rnn-messages") == [], (scheme, width)
        assert wide == width
