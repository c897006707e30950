"""Firefox shows what Chromium shows: no errors, the same numbers."""

import pytest

from tests.browser import firefox

PAGES = ("", "anatomy/lstm/", "anatomy/gru/", "anatomy/weights/", "inside/gradients/")

MOVES = {
    "anatomy/lstm/": [("[data-field=step]", "6"), ("[data-field=hold-f]", "0.5")],
    "anatomy/gru/": [("[data-field=r-1]", "0.9"), ("[data-field=t]", "3")],
    "anatomy/weights/": [("[data-field=layout]", "1")],
    "inside/gradients/": [("[data-field=forget-bias]", "2"), ("[data-field=scale]", "1.5")],
}
"""Controls to move, by page."""

SHOWN = """(() => {
  const texts = [...document.querySelectorAll("article svg text, [data-number], .rnn-value")];
  return texts.map(text => text.textContent);
})()"""

MOVE = """(() => {
  for (const [selector, value] of %s) {
    const control = document.querySelector(`:is(input, select)${selector}`);
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return true;
})()"""


@pytest.fixture(scope="module")
def fox():
    """A running Firefox; a missing one fails, and is never a skip."""
    path = firefox.find()
    if not path:
        pytest.fail(firefox.MISSING, pytrace=False)
    with firefox.running(path) as one:
        yield one


@pytest.mark.slow
@pytest.mark.parametrize("address", PAGES)
def test_firefox_shows_the_numbers_of_chromium_and_no_error(fox, page, site_url, address):
    page.goto(f"{site_url}{address}")
    fox.open(f"{site_url}{address}")

    first = page.evaluate(SHOWN)
    assert fox.evaluate(SHOWN) == first
    assert len(first) > 20
    moves = [list(move) for move in MOVES.get(address, [])]
    page.evaluate(MOVE % moves)
    fox.evaluate(MOVE % moves)

    after = page.evaluate(SHOWN)
    assert fox.evaluate(SHOWN) == after
    assert (after != first) == bool(moves)
    assert fox.errors == []
