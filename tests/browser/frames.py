"""A live part that shows a gesture in several frames."""

SETTLED = """async () => {
  const shown = [...document.querySelectorAll(":defined")].map(one => one.settled);
  const late = new Promise((_, refuse) => setTimeout(refuse, 10000, new Error("not all is shown")));
  await Promise.race([Promise.all(shown), late]);
}"""


def settle(page):
    """Wait until every live part of a page shows all of its newest state."""
    page.evaluate(SETTLED)
