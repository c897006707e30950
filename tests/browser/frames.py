"""A live part that shows a gesture in several frames."""

SETTLED = """async () => {
  const shown = () => [...document.querySelectorAll(":defined")].map(one => one.settled);
  await Promise.all(shown());
}"""


def settle(page):
    """Wait until every live part of a page shows all of its newest state."""
    page.evaluate(SETTLED)
