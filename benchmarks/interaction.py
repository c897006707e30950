"""What an interaction costs on a slow machine: the event, and each frame that shows of it.

A part of a page may show what the eye looks at in one frame and the rest in the next ones. So both
are measured: the longest frame, which must not be late, and all of them. A slider is moved as a key
moves it: with the gesture's end, which is told to who hears the page.

Time is that of the page's own thread, times the slowdown: what other programs take from the
processor does not count. The browser's own slowdown makes its thread wait by the clock; on a busy
machine it would count them too.
"""

import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import click
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import LAUNCH, MISSING, find
from tests.browser.serving import served
from tests.page import BUILT, build_page

SLOWDOWN = 4
"""How many times slower the processor is taken to be."""

MOST = 16.0
"""Milliseconds that a frame may take, the event before it included: one at 60 Hz."""

FRAMES = 14
"""Frames that are waited for after each: the address is written after some of rest, in the last."""

TIMES = 24
"""How often each is measured, and once more for each of WARM_UP."""

WARM_UP = 4
"""How often each is done before: what is fetched or made once is there then."""


class Interaction(NamedTuple):
    """One control of one page: where it is, and the values that it is moved through."""

    page: str
    control: str  # what it is, in the table
    selector: str
    values: tuple[str, ...]  # of a slider, a list or a text; none for a button


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

TASK = "ThreadControllerImpl::RunTask"
"""One of the tasks that the thread does one after the other, by the name in a trace."""

LINES = "def f(a, b=(1, 2)):\n    return min(a * b[0], 'four')  # or (less)"
"""What a network of source text reads."""

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
    Interaction("anatomy/lstm", "a letter lit", "rnn-quantities button", ()),
    Interaction("inside/counting", "typed: text", "#rnn-typed-text", ("aaabb", "aaabbb")),
    Interaction("inside/counting", "typed: symbol", "#rnn-typed-at", ("1", "4")),
    Interaction("inside/source-text", "typed: text", "#rnn-typed-text", (LINES, f"{LINES}(")),
    Interaction("inside/source-text", "typed: symbol", "#rnn-typed-at", ("1", "40")),
)

MOVE = """async ([selector, value, time, frames]) => {
  const controls = [...document.querySelectorAll(selector)];
  const control = controls[time % controls.length];
  performance.mark("move");
  if (value) {
    controls[0].value = value;
    for (const kind of ["input", "change"])
      controls[0].dispatchEvent(new Event(kind, { bubbles: true }));
  } else if (control) control.click();
  for (let frame = 0; frame < frames; frame += 1)
    await new Promise(done => requestAnimationFrame(() => done()));
  await new Promise(done => setTimeout(done));
}"""
"""Move a control, and wait until the frames that show it are drawn; nothing for no selector."""

NOTHING = Interaction("", "nothing", "[data-none]", ())


@click.command()
@click.option("--page", "only", default="", help="Of this page alone, such as anatomy/lstm.")
def interaction_command(only: str) -> None:
    """Measure how long the page's own scripts take to show what a reader has moved."""
    chromium = find() or sys.exit(MISSING)
    click.echo(f"An interaction at {SLOWDOWN}x slowdown: script, style, layout and paint, in ms")
    click.echo(f"{'page':19}  {'control':22}  longest frame  slowest  all frames  at most {MOST:g}")
    click.echo(f"{'':45}of all: {', '.join(PHASES)}")
    with sync_playwright() as playwright, served(BUILT) as site:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        for name in dict.fromkeys(one.page for one in INTERACTIONS if only in (one.page, "")):
            address = build_page(name)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{site}{address}")
            for interaction, costs, parts in measured(page, browser, name):
                # of each frame its median first: the largest of many is what disturbed it
                longest = max(statistics.median(frame) for frame in zip(*costs, strict=True))
                slowest = max(max(one) for one in costs)
                whole = statistics.median(sum(one) for one in costs)
                verdict = "" if longest <= MOST else "  too slow"
                click.echo(
                    f"{name:19}  {interaction.control:22}  {longest:13.1f}  {slowest:7.1f}  "
                    f"{whole:10.1f}{verdict}"
                )
                click.echo(" " * 45 + ", ".join(f"{parts[one]:.1f}" for one in PHASES))
            page.close()
        browser.close()


def measured(
    page: Page, browser: Browser, name: str
) -> Iterator[tuple[Interaction, list[list[float]], Counter[str]]]:
    """Walk the interactions of an open page, each with the milliseconds that its frames took.

    Args:
        page: Open at the page.
        browser: The page's.
        name: The page's, as INTERACTIONS has it.

    Yields:
        An interaction, what each frame took each time, beyond what it takes where nothing is moved,
        and the mean of each phase. A trace costs time itself: all is a little less without one.
    """
    for interaction in INTERACTIONS:
        if interaction.page != name:
            continue
        page.locator(interaction.selector).first.evaluate("one => one.scrollIntoView()")
        _move(page, interaction, WARM_UP)
        page.wait_for_function("!document.querySelector('[aria-busy=true]')")
        nothing = [
            statistics.median(frame)
            for frame in zip(*frames(_traced(page, browser, NOTHING)), strict=True)
        ]
        events = _traced(page, browser, interaction)
        costs = [
            [cost - least for cost, least in zip(one, nothing, strict=True)]
            for one in frames(events)
        ]
        yield interaction, costs, phases(events)


def _move(page: Page, interaction: Interaction, times: int) -> None:
    """Move a control so often, through its values."""
    values = interaction.values or ("",)
    for time in range(times):
        value = values[time % len(values)]
        page.evaluate(MOVE, [interaction.selector, value, time, FRAMES])


def _traced(page: Page, browser: Browser, interaction: Interaction) -> list[dict]:
    """Return the events of TIMES moves, as Chromium traces them."""
    categories = ["devtools.timeline", "toplevel", "blink.user_timing"]
    browser.start_tracing(page=page, categories=categories)
    _move(page, interaction, TIMES)
    return json.loads(browser.stop_tracing())["traceEvents"]


def frames(events: Sequence[dict]) -> list[list[float]]:
    """Return the milliseconds of the page's thread for each frame of each move.

    A frame is the task that draws it and all tasks since the last one: the event is in the first.

    Args:
        events: Of a trace, as Chromium writes it: of many threads, times in microseconds.
    """
    marks = [one for one in events if one["name"] == "move" and one["ph"] in "IRi"]
    thread = marks[0]["pid"], marks[0]["tid"]
    mine = [one for one in events if (one["pid"], one["tid"]) == thread]
    drawn = sorted(one["ts"] for one in mine if one["name"] == "FireAnimationFrame")
    tasks = sorted(
        (one for one in mine if one["name"] == TASK and "tdur" in one), key=lambda one: one["ts"]
    )
    starts = sorted(one["ts"] for one in marks)
    moves: list[list[float]] = []
    cost = 0.0
    for task in tasks:
        end = task["ts"] + task["dur"]
        if starts and starts[0] < end:
            starts.pop(0)
            moves.append([])
            cost = 0.0
        if not moves or len(moves[-1]) == FRAMES:
            continue
        cost += task["tdur"] / 1000 * SLOWDOWN
        if any(task["ts"] <= one < end for one in drawn):
            moves[-1].append(cost)
            cost = 0.0
    return moves


def phases(events: Sequence[dict]) -> Counter[str]:
    """Return the milliseconds that each phase of TIMES interactions took of a thread, a mean.

    An event within another one of its own phase is counted with that one.

    Args:
        events: As `frames` has them.
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
