"""What an interaction costs on a slow machine: the event, and the frame that shows it.

A slider is moved as a key moves it: with the gesture's end, which is told to who hears the page.

Time is that of the page's own thread, times the slowdown: what other programs take from the
processor does not count. The browser's own slowdown makes its thread wait by the clock; on a busy
machine it would count them too.
"""

import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import click
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

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


PHASES = {
    "script": ("EventDispatch", "FunctionCall"),
    "style": ("UpdateLayoutTree",),
    "layout": ("Layout",),
    "prepaint": ("PrePaint",),
    "paint": ("Paint",),
    "layers": ("Layerize",),
    "commit": ("Commit",),
}
"""What the page's thread does for a frame, by the names that Chromium's own tools have for it."""

INTERACTIONS = (
    Interaction("index", "small cell: step", 'rnn-cell input[data-field="step"]', ("1", "6")),
    Interaction("index", "small cell: hold f", 'input[data-field="hold-f"]', ("0.2", "0.8")),
    Interaction("index", "small cell: text", "input[data-text]", ("(()", "(((")),
    Interaction("anatomy/lstm", "cell: step", '#lstm-cell input[data-field="step"]', ("1", "6")),
    Interaction("anatomy/lstm", "cell: hold f", 'input[data-field="hold-f"]', ("0.2", "0.8")),
    Interaction("anatomy/lstm", "cell: stage", '[data-field="stage"]', ("1", "2")),
    Interaction("anatomy/lstm", "cell: another layer", "[data-preset]", ("1", "0")),
    Interaction("anatomy/lstm", "question", "rnn-predict input[type=radio]", ()),
    Interaction("anatomy/gru", "two GRUs: r of unit 0", '[data-field="r-0"]', ("0.1", "0.9")),
    Interaction("anatomy/weights", "picker: term", 'button[data-field="term"]', ()),
    Interaction("inside/gradients", "dial: forget bias", '[data-field="forget-bias"]', ("-1", "3")),
    Interaction("inside/gradients", "dial: scale", '[data-field="scale"]', ("0.5", "2.5")),
    Interaction("anatomy/h-n", "lattice: cell", 'rnn-lattice [data-field="at"]', ("3", "9")),
    Interaction("anatomy/h-n", "lattice: row", 'rnn-lattice [data-field="row"]', ()),
    Interaction("anatomy/h-n", "lattice: kind", 'rnn-lattice [data-field="kind"]', ()),
    Interaction("inside/training-watched", "stills", "rnn-stills input", ("1", "3")),
)

MOVE = """async ([selector, value, time]) => {
  const controls = [...document.querySelectorAll(selector)];
  const control = controls[time % controls.length];
  if (value) {
    controls[0].value = value;
    for (const kind of ["input", "change"])
      controls[0].dispatchEvent(new Event(kind, { bubbles: true }));
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
    click.echo(f"{'page':23}  {'control':22}  median ms  slowest ms  at most {MOST:g}")
    click.echo(f"{'':49}of it, traced: {', '.join(PHASES)}")
    with sync_playwright() as playwright, served(BUILT) as site:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        for name in dict.fromkeys(one.page for one in INTERACTIONS):
            address = build_page(name)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{site}{address}")
            for interaction, costs, parts in measured(page, browser, name):
                median, slowest = statistics.median(costs), max(costs)
                verdict = "" if median <= MOST else "  too slow"
                click.echo(
                    f"{name:23}  {interaction.control:22}  {median:9.1f}  {slowest:10.1f}{verdict}"
                )
                click.echo(" " * 49 + ", ".join(f"{parts[one]:.1f}" for one in PHASES))
            page.close()
        browser.close()


def measured(
    page: Page, browser: Browser, name: str
) -> Iterator[tuple[Interaction, list[float], Counter[str]]]:
    """Walk the interactions of an open page, each with the milliseconds that it took.

    Args:
        page: Open at the page.
        browser: The page's.
        name: The page's, as INTERACTIONS has it.

    Yields:
        An interaction, what it took each time, and the mean of each phase. A trace costs time
        itself: its phases are more than the whole without one.
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
        browser.start_tracing(page=page, categories=["devtools.timeline"])
        for time in range(TIMES):
            page.evaluate(MOVE, [interaction.selector, values[time % len(values)], time])
        yield interaction, costs, phases(json.loads(browser.stop_tracing())["traceEvents"])


def phases(events: list[dict]) -> Counter[str]:
    """Return the milliseconds that each phase of TIMES interactions took of a thread, a mean.

    An event within another one of its own phase is counted with that one.

    Args:
        events: Of a trace, as Chromium writes it: of many threads, times in microseconds.
    """
    found: Counter[str] = Counter()
    for phase, names in PHASES.items():
        end: dict[tuple[int, int], float] = {}
        mine = (one for one in events if one["name"] in names and "tdur" in one)
        for one in sorted(mine, key=lambda event: event["ts"]):
            thread = one["pid"], one["tid"]
            if one["ts"] < end.get(thread, 0):
                continue
            end[thread] = one["ts"] + one["dur"]
            found[phase] += one["tdur"] / 1000 / TIMES * SLOWDOWN
    return found


def _busy(session: CDPSession) -> float:
    """Return how many seconds the page's thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "TaskDuration")
