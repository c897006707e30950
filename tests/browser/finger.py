"""A finger on a page, as a phone has it."""

FRAME = 16
"""Milliseconds from one place of the finger to the next: as often as a page is drawn."""


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
