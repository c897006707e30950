"""The search of the built site, asked in its own field."""

import re
import traceback
import warnings

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.browser.searches import (
    AMONG_THREE,
    CARDS,
    MESSAGES,
    MISSPELT,
    MISTAKES,
    NAMES,
    PLACES,
    QUESTIONS,
    older_messages,
)

ASK = """async (query) => {
  const field = document.querySelector(".md-search__input");
  const result = document.querySelector(".md-search-result");
  const answered = new Promise((resolve) => {
    const watch = new MutationObserver(() => resolve(watch.disconnect()));
    watch.observe(result, { childList: true, subtree: true });
  });
  field.value = query;
  field.dispatchEvent(new KeyboardEvent("keyup"));
  await answered;
  return [...result.querySelectorAll(".md-search-result__item")].slice(0, 3).map((item) => {
    const links = [...item.querySelectorAll("a")].map((link) => {
      const { pathname, hash } = new URL(link.href);
      const score = Number(link.querySelector("[data-md-score]").dataset.mdScore);
      return { address: (pathname + hash).slice(1), score };
    });
    return links.sort((a, b) => b.score - a.score)[0].address;
  });
}"""
"""Type a query; return the best place on each of the first three pages that are found."""


@pytest.fixture(scope="module")
def opened(frameless, site_url):
    """A page of the site with the search field in use and the index read."""
    page = frameless.new_page()
    page.goto(site_url)
    page.locator(".md-search__input").focus()
    page.get_by_text("Type to start searching").wait_for()
    yield page
    page.close()


@pytest.fixture
def ask(opened):
    """Return a function that searches, and returns the best place on each of three pages."""

    def ask(query: str) -> list[str]:
        opened.evaluate("document.querySelector('.md-search__input').value = ''")
        return opened.evaluate(ASK, " ".join(query.split()))

    return ask


def raised(code: str) -> str:
    """Run code and return the error that it raises, as the last line of a traceback has it."""
    names = {
        "torch": torch,
        "nn": nn,
        "pack_padded_sequence": pack_padded_sequence,
        "pad_packed_sequence": pad_packed_sequence,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            exec(code, names)
        except Exception as error:
            return "".join(traceback.format_exception_only(error)).strip()
    raise AssertionError(f"expected an error or a warning of: {code}")


def pages(places: list[str]) -> list[str]:
    return [place.partition("#")[0] for place in places]


@pytest.mark.parametrize(("code", "card"), MISTAKES.items())
def test_search_finds_the_card_of_a_raised_message(ask, code, card):
    assert ask(raised(code))[0] == f"{CARDS}#{card}"


@pytest.mark.parametrize(("message", "card"), MESSAGES.items())
def test_search_finds_the_card_of_a_quoted_message(ask, message, card):
    assert ask(message)[0] == f"{CARDS}#{card}"


@pytest.mark.parametrize(("message", "card"), older_messages())
def test_search_finds_the_card_of_a_message_of_an_older_torch(ask, message, card):
    assert ask(message)[0] == f"{CARDS}#{card}"


@pytest.mark.parametrize(("query", "page"), (NAMES | QUESTIONS).items())
def test_search_finds_the_page_first(ask, query, page):
    assert pages(ask(query))[0] == page


@pytest.mark.parametrize(("query", "page"), AMONG_THREE.items())
def test_search_finds_the_page_among_three(ask, query, page):
    assert page in pages(ask(query))


@pytest.mark.parametrize(("query", "place"), PLACES.items())
def test_search_finds_the_place_among_three(ask, query, place):
    assert place in ask(query)


@pytest.mark.parametrize(("query", "place"), MISSPELT.items())
def test_search_reads_over_slips_of_the_pen(ask, query, place):
    assert ask(query)[0] == place


def test_search_takes_a_misspelt_word_for_the_nearest(ask):
    assert ask("lenght of padded sequnces") == ask("length of padded sequences") != []
    assert ask("zxqvwkjh") == []


def test_search_takes_a_message_out_of_a_traceback(ask):
    message = "RuntimeError: Expected hidden[0] size (1, 64, 128), got [1, 32, 128]"

    found = ask(
        f"""Traceback (most recent call last):
          File "/home/someone/train.py", line 88, in <module>
            loss = step(model, batch.transpose(0, 1), optimizer)
          File "/usr/lib/python3/site-packages/torch/nn/modules/rnn.py", line 917, in forward
            self.check_forward_args(input, hx, batch_sizes)
        {message}"""
    )

    assert found == ask(message)
    assert found[0] == f"{CARDS}#hidden-size"


def test_search_takes_no_notice_of_numbers(ask):
    message = "Expected hidden[0] size (1, 32, 12), got [32, 1, 12], 28x16"

    found = ask(message)

    assert found == ask(re.sub(r"\d+", "937", message)) == ask("expected hidden size got")


@pytest.mark.parametrize(
    "query",
    [
        "detach: state:",
        "title:detach state",
        "+detach -state",
        "-detach* state*",
        "detach~2 state^9",
        '"detach" "state"',
        "[detach] (state) {}",
        "'detach', <state> = *?!",
    ],
)
def test_search_takes_signs_for_no_operators(ask, query):
    plain = "title detach state" if "title" in query else "detach state"

    assert ask(query) == ask(plain) != []


def test_search_finds_what_is_not_yet_typed_to_its_end(ask):
    assert pages(ask("bidirect"))[0] == "configurations/bidirectional/"
    assert ask("embeddi") == ask("embedding")


def test_search_says_so_when_there_is_nothing(ask, opened):
    assert ask("zxqv") == []
    assert opened.get_by_text("No matching documents").is_visible()


def test_search_tells_what_a_page_is_about(ask, opened):
    ask("dropout")

    first = opened.locator(".md-search-result__item").first
    assert "the masks themselves recovered from live runs" in first.inner_text()


def test_search_leaves_a_second_section_open_that_fits_better_than_the_next_page(ask, opened):
    ask("truncated bptt k1 k2 how far does the gradient go")

    first = opened.locator(".md-search-result__item").first
    assert first.locator("> a").count() == 3  # the page, and two of its sections
    assert first.locator("> details a").count() > 0  # the others are folded away


def test_search_shows_the_lines_of_a_section_that_answer(ask, opened):
    ask("expected hidden size got")

    card = opened.locator(".md-search-result__item").first.locator("article").nth(1)
    assert card.locator("pre").inner_text().startswith("RuntimeError: Expected hidden[0] size")
    assert card.inner_text().count("A state has the shape") == 1  # the answer, behind the message
    assert {"Expected", "hidden", "size", "got"} <= set(card.locator("mark").all_inner_texts())
    articles = opened.locator("article.md-search-result__article")
    assert max(len(text) for text in articles.all_inner_texts()) < 700


def test_search_is_used_by_keyboard_and_reads_its_index_no_sooner(page, site_url):
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(site_url)
    assert [url for url in requested if "search_index" in url] == []
    page.keyboard.press("/")
    page.keyboard.insert_text("retain_graph=True")
    page.keyboard.press("End")  # the theme asks when a key is released: once, so that nothing moves
    page.locator(".md-search-result__link").first.wait_for()
    page.keyboard.press("Enter")

    page.wait_for_url("**/sequences/step-by-step/**")
    assert len([url for url in requested if "search_index" in url]) in (1, 2)  # 2: to mark "?h="
    page.locator("article mark", has_text="retain").first.wait_for(state="attached")
    page.keyboard.press("/")
    page.keyboard.insert_text("dropout")
    page.keyboard.press("End")
    page.locator(".md-search-result__link", has_text="Dropout").first.wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".md-search-result__link").first).to_be_focused()
    page.keyboard.press("Escape")
    assert not page.locator("#__search").is_checked()


def test_an_address_can_ask(page, site_url):
    page.goto(f"{site_url}start/?q=dropout")

    page.locator(".md-search-result__link", has_text="Dropout").first.wait_for()


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        *[("light", 1280), ("dark", 375)],
        *(pytest.param(*view, marks=pytest.mark.slow) for view in [("light", 375), ("dark", 1280)]),
    ],
)
def test_search_dialog_has_a_name_and_no_serious_axe_violation(new_tab, site_url, scheme, width):
    page = new_tab(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page.goto(site_url)
    if width == 375:
        page.locator(".md-header__button[for=__search]").click()
    else:
        page.keyboard.press("s")
    page.keyboard.insert_text("lengths must be sorted")
    page.keyboard.press("End")
    page.locator(".md-search-result__link").first.wait_for()
    page.wait_for_function("document.getAnimations().length === 0")  # it opens by and by

    found = Axe().run(page, ".md-search")

    assert page.get_by_role("dialog", name="Search").count() == 1
    assert [
        (violation["id"], node["target"])
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ] == []
