"""The site over HTTP, and the Chromium that opens it."""

import pathlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.chromium import FRAMELESS, LAUNCH, MISSING, find
from tests.browser.serving import served
from tests.page import address_of
from tests.site_build import mkdocs_build, share_cache, small_site

QUESTION = """---
title: A question
description: One question with two answers.
---
# A question

<rnn-predict markdown>

What is the shape of `h_n`?

1. (2, 1, 3)
2. (4, 1, 3)

??? question "Answer"

    1. No: that is one direction.
    2. Yes: two layers times two directions.

    And more about `h_n` and `c_n`.

    ```answer
    tuple(nn.LSTM(5, 3, num_layers=2, bidirectional=True)(x)[1][0].shape)
    ```

</rnn-predict>

=== "one tab"

    And its page.

=== "another"

    And its own.
"""

FORMS = """# Forms

All on one page.

<rnn-shapes></rnn-shapes>

<rnn-packing></rnn-packing>

<rnn-typed data-name="counting" data-text="aaabbb" data-start="$" data-trained="12"
  data-counted="a"></rnn-typed>
"""

DESK: ViewportSize = {"width": 1280, "height": 720}
"""The size of a tab that no test has set."""

AS_OPENED = """["setTimeout", "requestAnimationFrame"].every(name =>
  String(window[name]).includes("native")) &&
  (origin !== "null" || location.protocol === "file:")"""
"""Whether a tab has the browser's clock and frames, since what a test put in their place stays, and
a page that was opened: one whose content was set has no way to the storage that is to be cleared.
"""


def pytest_collection_modifyitems(config, items):
    """Mark everything in this folder as needing a browser; with --page, keep that page's alone."""
    here = str(pathlib.Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)
    page = config.getoption("--page")
    if page:
        address = address_of(page)
        others = [item for item in items if _address(item) != address]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _address(item) == address]


def _address(item: pytest.Item) -> str | None:
    """Return the address that a test is for; None if it is for no single page."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("address") if callspec else None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Launch the Chromium of this machine: a missing one fails, and is never a skip."""
    path = find()
    if not path:
        pytest.fail(MISSING, pytrace=False)
    return browser_type_launch_args | {"executable_path": path, "args": LAUNCH}


@pytest.fixture(scope="session")
def frameless(launch_browser) -> Iterator[Browser]:
    """A browser that makes no frame, for half the time: for what scripts can ask of a page.

    There is no click in it, since Playwright waits for frames before one, and no event of a frame.
    """
    browser = launch_browser(args=[*LAUNCH, FRAMELESS])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def kept() -> dict[str, list[Page]]:
    """The tabs that tests hand on, while none has them, by what they were opened with."""
    return {}


@pytest.fixture
def new_tab(browser, kept) -> Iterator[Callable[..., Page]]:
    """Return a function that gives a tab as if it were new, for less than a new one costs.

    It is one of a test before, put back. The scheme, the size and whether less motion is wanted are
    set; a tab with other options of a context, such as a finger or no scripts, is kept by itself.
    """
    given: list[tuple[str, Page]] = []

    def tab(
        color_scheme: str = "light",
        viewport: ViewportSize = DESK,
        reduced_motion: str = "no-preference",
        **options: object,
    ) -> Page:
        name = repr(sorted(options.items()))
        tabs = kept.setdefault(name, [])
        page = tabs.pop() if tabs else browser.new_context(**options).new_page()
        given.append((name, page))
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        page.set_viewport_size(viewport)
        return page

    yield tab
    for name, page in given:
        if put_back(page):
            kept[name].append(page)
        else:
            page.context.close()


@pytest.fixture
def page(new_tab) -> Page:
    """A tab as if it were new."""
    return new_tab()


def put_back(page: Page) -> bool:
    """Make a tab as if it were new, and return whether that can be done."""
    if page.context.pages != [page] or not page.evaluate(AS_OPENED):
        return False
    page.unroute_all(behavior="ignoreErrors")
    page.emulate_media(
        media="null", color_scheme="light", reduced_motion="null", forced_colors="null"
    )
    page.set_viewport_size(DESK)
    page.mouse.move(0, 0)
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto("about:blank")
    return True


@pytest.fixture(scope="session")
def site_url(built_site) -> Iterator[str]:
    """Address of the built site."""
    with served(built_site) as address:
        yield address


def served_page(once, name: str, text: str) -> Iterator[str]:
    """Build a site of one page, once for all workers, and yield its address."""
    with served(built(once, name, {"index.md": text})) as address:
        yield address


def built(once, name: str, pages: dict[str, str]) -> pathlib.Path:
    """Return a small site, built once for all workers with the figures that the cache has."""

    def build(folder: pathlib.Path) -> None:
        small_site(folder, pages)
        share_cache(folder)
        done = mkdocs_build(folder)
        assert done.returncode == 0, done.stderr

    return once(name, build) / "site"


@pytest.fixture(scope="session")
def question_url(once) -> Iterator[str]:
    """Address of a page with one question."""
    yield from served_page(once, "question", QUESTION)


@pytest.fixture(scope="session")
def forms_url(once) -> Iterator[str]:
    """Address of a page with every form that stands by itself."""
    yield from served_page(once, "forms", FORMS)
