"""What an interaction costs on a slow machine: the event, and the frame that shows it.

Time is that of the page's own thread, times the slowdown: what other programs take from the
processor does not count. The browser's own slowdown makes its thread wait by the clock; on a busy
machine it would count them too.
"""

import statistics
import sys
from collections.abc import Iterator
from typing import NamedTuple

import click
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.chromium import LAUNCH, MISSING, find
from tests.browser.serving import served
from tests.page import BUILT, build_page

SLOWDOWN = 4
"""How many times slower the processor is taken to be."""

MOST = 16.0
"""Milliseconds that one interaction may take: a frame at 60 Hz."""

TIMES = 40
"""How often each is measured."""


class Interaction(NamedTuple):
    """One control of one page: where it is, and the values that it is moved through."""

    page: str
    control: str  # what it is, in the table
    selector: str
    values: tuple[str, ...]  # of a slider or a list; none for a button


INTERACTIONS = (
    Interaction("anatomy/lstm", "cell: step", '#lstm-cell input[data-field="step"]', ("1", "6")),
    Interaction("anatomy/lstm", "cell: hold f", 'input[data-field="hold-f"]', ("0.2", "0.8")),
    Interaction("anatomy/lstm", "question", "rnn-predict input[type=radio]", ()),
    Interaction("anatomy/gru", "two GRUs: r of unit 0", '[data-field="r-0"]', ("0.1", "0.9")),
    Interaction("anatomy/weights", "picker: term", 'button[data-field="term"]', ()),
    Interaction("inside/gradients", "dial: forget bias", '[data-field="forget-bias"]', ("-1", "3")),
    Interaction("inside/gradients", "dial: scale", '[data-field="scale"]', ("0.5", "2.5")),
)

MOVE = """async ([selector, value, time]) => {
  const controls = [...document.querySelectorAll(selector)];
  const control = controls[time % controls.length];
  if (value) {
    controls[0].value = value;
    controls[0].dispatchEvent(new Event("input", { bubbles: true }));
  } else if (control) control.click();
  const frame = () => new Promise(done => requestAnimationFrame(() => done()));
  await frame();
  await frame();
}"""
"""Move a control, and wait until the frame that shows it is drawn; nothing for no selector."""


@click.command()
def interaction_command() -> None:
    """Measure how long the page's own scripts take to show what a reader has moved."""
    chromium = find() or sys.exit(MISSING)
    click.echo(f"An interaction at {SLOWDOWN}x slowdown: script, style, layout and paint")
    click.echo(f"{'page':18}  {'control':22}  median ms  slowest ms  at most {MOST:g}")
    with sync_playwright() as playwright, served(BUILT) as site:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        for name in dict.fromkeys(one.page for one in INTERACTIONS):
            address = build_page(name)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{site}{address}")
            for interaction, costs in measured(page, name):
                median, slowest = statistics.median(costs), max(costs)
                verdict = "" if median <= MOST else "  too slow"
                click.echo(
                    f"{name:18}  {interaction.control:22}  {median:9.1f}  {slowest:10.1f}{verdict}"
                )
            page.close()
        browser.close()


def measured(page: Page, name: str) -> Iterator[tuple[Interaction, list[float]]]:
    """Walk the interactions of an open page, each with the milliseconds that it took.

    Args:
        page: Open at the page.
        name: The page's, as INTERACTIONS has it.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cost(selector: str, value: str, time: int) -> float:
        before = _busy(session)
        page.evaluate(MOVE, [selector, value, time])
        return (_busy(session) - before) * 1000 * SLOWDOWN

    for interaction in INTERACTIONS:
        if interaction.page != name:
            continue
        page.locator(interaction.selector).first.scroll_into_view_if_needed()
        values = interaction.values or ("",)
        nothing = statistics.median(cost("[data-none]", "", time) for time in range(TIMES))
        costs = [
            cost(interaction.selector, values[time % len(values)], time) - nothing
            for time in range(TIMES)
        ]
        yield interaction, costs


def _busy(session: CDPSession) -> float:
    """Return how many seconds the page's thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "TaskDuration")
