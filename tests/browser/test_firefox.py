"""Firefox shows what Chromium shows: no errors, the same numbers."""

import pytest

from tests.browser import firefox

PAGES = (
    "",
    "anatomy/rnn/",
    "anatomy/lstm/",
    "anatomy/gru/",
    "anatomy/weights/",
    "anatomy/h-n/",
    "configurations/stacked/",
    "configurations/bidirectional/",
    "inside/gradients/",
    "inside/brackets/",
    "inside/counting/",
    "inside/source-text/",
    "inside/prose/",
    "inside/training-watched/",
)

LATTICE = [
    ("[data-field=kind][value='1']", "1"),  # its drawing and its weights are fetched
    ("[data-field=steps][value='3']", "3"),
    ("[data-field=at]", "2"),
    ("[data-field=row][value='0']", "0"),
]

MOVES = {
    "": [("[data-text]", "((x)"), ("[data-field=hold-f]", "0.5")],
    "anatomy/rnn/": [("[data-field=step]", "3"), ("[data-field=w-h-h]", "0.75")],
    "anatomy/lstm/": [("[data-field=step]", "6"), ("[data-field=hold-f]", "0.5")],
    "anatomy/gru/": [("[data-field=r-1]", "0.9"), ("[data-field=t]", "3")],
    "anatomy/weights/": [("[data-field=layout]", "1")],
    "anatomy/h-n/": LATTICE,
    "configurations/stacked/": LATTICE,
    "configurations/bidirectional/": LATTICE,
    "inside/brackets/": [("[name=text]", "(()")],
    "inside/counting/": [("[name=text]", "aabb"), ("[name=kind]", "GRU"), ("[name=at]", "2")],
    "inside/source-text/": [("[name=text]", "f(a, é)"), ("[name=at]", "3")],
    "inside/prose/": [("[name=text]", 'He said "no')],
    "inside/training-watched/": [("[type=range]", "2")],
    "inside/gradients/": [("[data-field=forget-bias]", "2"), ("[data-field=scale]", "1.5")],
}
"""Controls to move, by page."""

SHOWN = """(() => {
  const live = "output, .rnn-live__said, .rnn-lattice__now, .rnn-cell__seen";
  const texts = document.querySelectorAll(`article svg text, [data-number], .rnn-value, ${live}`);
  return [...texts].map(text => text.textContent);
})()"""

MOVE = """(async () => {
  const rest = () => new Promise(done => setTimeout(done, 50));
  for (const [selector, value] of %s) {
    const control = document.querySelector(`:is(input, select, textarea)${selector}`);
    if (control.type === "radio") control.click();
    else {
      control.value = value;
      control.dispatchEvent(new Event("input", { bubbles: true }));
      control.dispatchEvent(new Event("change", { bubbles: true }));
    }
    do await rest(); while (document.querySelector("[aria-busy=true]"));
    await Promise.all([...document.querySelectorAll(":defined")].map(one => one.settled));
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
