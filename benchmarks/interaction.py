"""What an interaction costs on a slow machine: the event, and each frame that shows of it.

A part of a page may show what the eye looks at in one frame and the rest in the next ones. So both
are measured: the longest frame, which must not be late, and all of them. A slider is moved as a key
moves it: with the gesture's end, which is told to who hears the page.

Time is that of the page's own thread, times the slowdown: what other programs take from the
processor does not count. The browser's own slowdown makes its thread wait by the clock; on a busy
machine it would count them too. But a busy machine is slower, by half and more, for each thread.
So a page of the bench's own, the yardstick, is measured beside each: two runs are compared by how
many times its milliseconds an interaction took.
"""

import json
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import click
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

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

TIMES_EACH = 6
"""How often each of its values is at least, or each button: one may draw anew, another hardly."""

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

YARDSTICK = Interaction("", "yardstick", "input", ("0", "1"))
"""What is moved in YARDSTICK_PAGE."""

YARDSTICK_PAGE = """<!doctype html><meta charset="utf-8"><title>Yardstick</title>
<style>svg, p { contain: layout paint } .on { opacity: 0.5 }</style><input type="range" max="1">
<svg width="900" height="500"></svg><script>
const [input, svg] = document.querySelectorAll("input, svg");
svg.innerHTML = Array.from({ length: 240 }, (_, at) => `<g transform="translate(${at % 20 * 44},
  ${10 + Math.floor(at / 20) * 40})"><path d="M0,0h40v30h-40z" fill="none" stroke="#888"/><text
  x="4" y="20" font-size="13">0.00</text></g>`).join("");
svg.insertAdjacentHTML("afterend", "<p>0.00 of a line of words</p>".repeat(20));
const [parts, lines] = [[...svg.children], [...document.querySelectorAll("p")]];
input.addEventListener("input", () => {
  let sum = Number(input.value);
  for (let at = 0; at < 30000; at += 1) sum = (sum + Math.tanh(at * sum)) % 10;
  const number = at => (sum * (at + 1) % 10).toFixed(2);
  parts.slice(0, 40).forEach((part, at) => {
    part.lastChild.firstChild.data = number(at);
    part.firstChild.setAttribute("d", `M0,0h40v${20 + number(at)}h-40z`);
    part.classList.toggle("on", input.value === "1");
  });
  lines.forEach((line, at) => { line.firstChild.data = `${number(at)} of a line of words`; });
});
</script>"""
"""A page that never changes; its control has script, style, layout and paint done in one frame."""


class Cost(NamedTuple):
    """Milliseconds of an interaction, beyond what frames take where nothing is moved.

    Each of its values is measured by itself, and the dearest told.
    """

    longest: (
        float  # of its frames; of each the median first: the largest of many is a disturbed one
    )
    slowest: float  # of all frames of all times
    whole: float  # all of its frames, the median of the times
    phases: Counter[str]  # a mean of all


@click.command()
@click.option("--page", "only", default="", help="Of this page alone, such as anatomy/lstm.")
def interaction_command(only: str) -> None:
    """Measure how long the page's own scripts take to show what a reader has moved."""
    chromium = find() or sys.exit(MISSING)
    click.echo(f"An interaction at {SLOWDOWN}x slowdown: script, style, layout and paint, in ms")
    click.echo(
        f"{'page':23}  {'control':22}  longest frame  slowest  all frames  yardstick  "
        f"longest, all / yardstick  at most {MOST:g}"
    )
    click.echo(f"{'':49}of all: {', '.join(PHASES)}")
    window = ViewportSize(width=1280, height=900)
    with sync_playwright() as playwright, served(BUILT) as site:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        yardstick = browser.new_page(viewport=window)
        yardstick.set_content(YARDSTICK_PAGE)
        before = measure(yardstick, browser, YARDSTICK).whole
        for name in dict.fromkeys(one.page for one in INTERACTIONS if only in (one.page, "")):
            address = build_page(name)
            page = browser.new_page(viewport=window)
            page.goto(f"{site}{address}")
            for interaction in (one for one in INTERACTIONS if one.page == name):
                cost = measure(page, browser, interaction)
                after = measure(yardstick, browser, YARDSTICK).whole
                before, unit = after, (before + after) / 2
                verdict = "" if cost.longest <= MOST else "  too slow"
                click.echo(
                    f"{name:23}  {interaction.control:22}  {cost.longest:13.1f}  "
                    f"{cost.slowest:7.1f}  {cost.whole:10.1f}  {unit:9.1f}  "
                    f"{cost.longest / unit:13.2f}  {cost.whole / unit:9.2f}{verdict}"
                )
                click.echo(" " * 49 + ", ".join(f"{cost.phases[one]:.1f}" for one in PHASES))
            page.close()
        browser.close()


def measure(page: Page, browser: Browser, interaction: Interaction) -> Cost:
    """Measure what an interaction costs. A trace costs time itself: all is a little less without.

    Args:
        page: Open at the interaction's page.
        browser: The page's.
        interaction: What is moved, and through which values.
    """
    page.locator(interaction.selector).first.evaluate("one => one.scrollIntoView()")
    kinds = len(interaction.values) or page.locator(interaction.selector).count()
    _move(page, interaction, max(WARM_UP, kinds))
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")
    still = zip(*frames(_traced(page, browser, NOTHING, TIMES)), strict=True)
    nothing = [statistics.median(frame) for frame in still]
    times = max(TIMES, TIMES_EACH * kinds)
    events = _traced(page, browser, interaction, times)
    costs = [
        [cost - least for cost, least in zip(one, nothing, strict=True)] for one in frames(events)
    ]
    by_kind = [costs[kind::kinds] for kind in range(kinds)]
    return Cost(
        longest=max(
            statistics.median(frame) for own in by_kind for frame in zip(*own, strict=True)
        ),
        slowest=max(map(max, costs)),
        whole=max(statistics.median(map(sum, own)) for own in by_kind),
        phases=phases(events, times),
    )


def _move(page: Page, interaction: Interaction, times: int) -> None:
    """Move a control so often, through its values."""
    values = interaction.values or ("",)
    for time in range(times):
        value = values[time % len(values)]
        page.evaluate(MOVE, [interaction.selector, value, time, FRAMES])


def _traced(page: Page, browser: Browser, interaction: Interaction, times: int) -> list[dict]:
    """Return the events of so many moves, as Chromium traces them."""
    categories = ["devtools.timeline", "toplevel", "blink.user_timing"]
    browser.start_tracing(page=page, categories=categories)
    _move(page, interaction, times)
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


def phases(events: Sequence[dict], times: int) -> Counter[str]:
    """Return the milliseconds that each phase of so many interactions took of a thread, a mean.

    An event within another one of its own phase is counted with that one.

    Args:
        events: As `frames` has them.
        times: How many interactions these are of.
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
            found[phase] += one["tdur"] / 1000 / times * SLOWDOWN
    return found
