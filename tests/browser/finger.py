"""A finger on a page, as a phone has it."""

from playwright.sync_api import FloatRect, Locator, Page

FRAME = 16
"""Milliseconds from one place of the finger to the next: as often as a page is drawn."""


def phone(new_tab) -> Page:
    """Return a page on a phone."""
    view = {"width": 375, "height": 700}
    return new_tab(viewport=view, has_touch=True, is_mobile=True)


def in_the_middle(part: Locator) -> FloatRect:
    """Scroll a part to the middle of the screen, and return where it then is."""
    part.evaluate("part => part.scrollIntoView({ block: 'center' })")
    box = part.bounding_box()
    assert box
    return box


def swipe(page, start, by):
    """Draw a finger over the page."""
    touch = page.context.new_cdp_session(page)
    (x, y), (dx, dy) = start, by
    page.wait_for_timeout(FRAME)
    for kind, part in (("touchStart", 0), *(("touchMove", part) for part in range(1, 11))):
        point = {"x": x + dx * part / 10, "y": y + dy * part / 10}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        page.wait_for_timeout(FRAME)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
