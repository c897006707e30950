"""Take pictures of a page, or of one thing on it, as readers see it: light, dark, on a phone.

    python -m tests.browser.look docs/anatomy/lstm.md lstm-counter

builds that page alone, and writes a PNG for each view. Without an id, it takes the whole page.
"""

import pathlib

import click
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import LAUNCH, MISSING, find
from tests.browser.serving import served
from tests.page import BUILT, ROOT, build_page

PICTURES = ROOT / ".cache" / "look"

VIEWS = {"light": ("light", 1280), "dark": ("dark", 1280), "375px": ("light", 375)}
"""Scheme and width by the name of a view."""


def look(name: str, wanted: str | None = None) -> list[pathlib.Path]:
    """Build a page, and return the pictures of it, or of one thing on it, one for each view.

    Args:
        name: The page, as `build_page` takes it.
        wanted: The id of a figure, or of anything else on the page; None for the whole page.

    Raises:
        ClickException: there is no such page, no such id, or no Chromium; it says what there is.
    """
    chromium = find()
    if not chromium:
        raise click.ClickException(MISSING)
    address = build_page(name)
    PICTURES.mkdir(parents=True, exist_ok=True)
    stem = "-".join(filter(None, [*address.split("/"), wanted])) or "index"
    with sync_playwright() as playwright, served(BUILT) as site:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        pictures = []
        for view, (scheme, width) in VIEWS.items():
            page = opened(browser, f"{site}{address}", scheme, width)
            pictures.append(PICTURES / f"{stem}-{view}.png")
            if wanted:
                reveal(page, wanted)
                page.locator(f'[id="{wanted}"]').screenshot(path=pictures[-1])
            else:
                page.screenshot(path=pictures[-1], full_page=True)
        browser.close()
    return pictures


def opened(browser: Browser, url: str, scheme, width: int) -> Page:
    """Return an address opened in one scheme at one width, its fonts loaded."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, device_scale_factor=2
    )
    page = context.new_page()
    page.goto(url)
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


def reveal(page: Page, wanted: str) -> None:
    """Open the boxes and the tab that something on a page is in.

    Raises:
        ClickException: it is not on the page; it says which ids its figures have.
    """
    if page.locator(f'[id="{wanted}"]').count() == 0:
        ids = page.locator(".rnn-figure[id]").evaluate_all("all => all.map(one => one.id)")
        there = f"its figures are {', '.join(ids)}" if ids else "it has no figure"
        raise click.ClickException(f"expected an id of the page, got {wanted}; {there}")
    page.locator(f'[id="{wanted}"]').evaluate(
        """element => {
          for (let box = element; box; box = box.parentElement) {
            if (box.localName === "details") box.open = true;
            if (!box.matches(".tabbed-block")) continue;
            const tabs = box.closest(".tabbed-set").querySelectorAll(":scope > input");
            tabs[[...box.parentElement.children].indexOf(box)].click();
          }
        }"""
    )


@click.command()
@click.argument("page")
@click.argument("wanted", metavar="[ID]", required=False)
def main(page: str, wanted: str | None) -> None:
    """Take pictures of PAGE, such as docs/anatomy/lstm.md, or of what has an ID on it."""
    for picture in look(page, wanted):
        click.echo(picture.relative_to(ROOT))


if __name__ == "__main__":
    main()
