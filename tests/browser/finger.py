"""A finger on a page, as a phone has it."""


def swipe(page, start, by):
    """Draw a finger over the page."""
    touch = page.context.new_cdp_session(page)
    (x, y), (dx, dy) = start, by
    for kind, part in (("touchStart", 0), *(("touchMove", part) for part in range(1, 11))):
        point = {"x": x + dx * part / 10, "y": y + dy * part / 10}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
