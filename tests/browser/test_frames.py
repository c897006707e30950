"""Live parts that show a gesture in several frames: what comes then is what comes at once."""

import pytest

from tests.browser.conftest import served_page
from tests.browser.frames import settle
from tests.browser.room import WIDTHS, too_long

PAGE = """# Frames

Three parts.

```figure caption="A cell." id="cell"
cell_player(cell_presets("LSTM"))
```

```figure caption="A layer." id="lattice"
lattice_player(nn.LSTM(5, 3, num_layers=2, bidirectional=True), x)
```

```figure caption="Two GRUs." id="forms"
gru_forms_plot(nn.GRU(5, 3), x, r=(0.2, 0.5, 0.9), step=7)
```
"""

DRAWN = """part => [...part.querySelectorAll(
    "svg :is(text, title, desc, polygon, path, g), p, span")]
  .map(one => [one.localName, one.getAttribute("points"), one.getAttribute("d"),
    one.localName === "g" ? [...one.attributes].map(({ name }) => name).sort().join()
    : one.textContent])"""

MOVES = {
    "cell": [
        ('[data-field="hold-f"]', "0.5"),
        ('[data-field="step"]', "2"),
        ('[data-field="stage"]', "3"),
        ("[data-preset]", "2"),
    ],
    "lattice": [
        ('[data-field="at"]', "5"),
        ('[data-field="row"][value="1"]', ""),
        ('[data-field="kind"][value="1"]', ""),
        ('[data-field="steps"][value="3"]', ""),
    ],
    "forms": [('[data-field="r-0"]', "0.5"), ('[data-field="t"]', "2")],
}

SET = """([part, selector, value]) => {
  const control = part.querySelector(selector);
  if (!value) return control.click();
  control.value = value;
  for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
}"""


@pytest.fixture(scope="module")
def frames_url(once):
    """Address of a page with three parts that show a gesture in several frames."""
    yield from served_page(once, "frames", PAGE)


@pytest.mark.parametrize("name", MOVES)
def test_what_comes_in_several_frames_is_what_comes_at_once(page, frames_url, name):
    page.goto(frames_url)
    part = page.locator(f"#{name} rnn-{name}")
    before = part.evaluate(DRAWN)

    for selector, value in MOVES[name]:
        page.evaluate(SET, [part.element_handle(), selector, value])
        page.wait_for_function("!document.querySelector('[aria-busy=true]')")
        settle(page)
        shown = part.evaluate(DRAWN)
        assert shown != before, selector
        part.evaluate("part => part.show()")
        assert part.evaluate(DRAWN) == shown, selector
        before = shown


@pytest.mark.parametrize(
    "width", [pytest.param(one, marks=[pytest.mark.slow] * (one != 375)) for one in WIDTHS]
)
@pytest.mark.parametrize("name", MOVES)
def test_no_text_is_longer_than_its_room(new_tab, frames_url, name, width):
    page = new_tab(viewport={"width": width, "height": 900})
    page.goto(frames_url)

    assert too_long(page.locator(f"#{name} rnn-{name}")) == []


DRAGGED = """async part => {
  const slider = part.querySelector('input[data-field="hold-f"]');
  const c = part.querySelector('[id$="numbers-c"] text');
  const seen = [];
  for (let at = 0; at < 12; at += 1) {
    slider.value = `${at / 20}`;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
    seen.push(c.textContent);
  }
  await part.settled;
  return [new Set(seen).size, c.textContent];
}"""


def test_who_drags_on_sees_all_of_it_move_and_the_last_of_it_at_the_end(page, frames_url):
    page.goto(frames_url)
    part = page.locator("#cell rnn-cell")

    moved, last = part.evaluate(DRAGGED)

    assert moved > 3  # the cell has its turns, though the strips come first each time
    part.evaluate("part => part.show()")
    assert part.locator('[id$="numbers-c"] text').first.text_content() == last


LEFT_BEHIND = """async part => {
  const control = selector => part.querySelector(selector);
  control('[data-field="at"]').value = "5";
  control('[data-field="at"]').dispatchEvent(new Event("input", { bubbles: true }));
  control('[data-field="layers"][value="3"]').click(); // its drawing is fetched, and frames go on
  for (let at = 0; at < 20; at += 1) await new Promise(requestAnimationFrame);
}"""


def test_frames_of_one_drawing_end_where_another_is_wanted(page, frames_url):
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(frames_url)
    part = page.locator("#lattice rnn-lattice")
    waiting = []
    page.route("**/*.svg*", lambda route: waiting.append(route))

    part.evaluate(LEFT_BEHIND)
    assert waiting
    for route in waiting:
        route.continue_()
    page.unroute_all()
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")
    settle(page)

    shown = part.evaluate(DRAWN)
    part.evaluate("part => part.show()")
    assert part.evaluate(DRAWN) == shown
    assert not errors


FAILING = """async () => {
  const { Frames } = await import("./assets/js/frames.mjs");
  const seen = [];
  let fails = true;
  const frames = new Frames([
    () => void seen.push("first"),
    () => { if (fails) throw new Error("one that fails"); seen.push("second"); },
  ]);
  frames.begin(0, 1);
  const late = new Promise(done => setTimeout(done, 2000));
  await Promise.race([frames.settled, late]).catch(error => seen.push(error.message));
  fails = false;
  frames.begin(0, 1);
  for (let at = 0; at < 5; at += 1) await new Promise(requestAnimationFrame);
  return seen;
}"""


def test_a_part_that_fails_holds_up_no_later_state(page, frames_url):
    page.goto(frames_url)

    assert page.evaluate(FAILING) == ["first", "one that fails", "first", "second"]


HIDDEN = """(() => {
  const [run, cancel] = [requestAnimationFrame, cancelAnimationFrame];
  let waiting = null; // callbacks by id, while the tab is hidden: none of them runs
  window.requestAnimationFrame = call => {
    if (!waiting) return run(call);
    waiting.push(call);
    return -waiting.length;
  };
  window.cancelAnimationFrame = id => id < 0 ? delete waiting?.[-id - 1] : cancel(id);
  window.hide = () => { waiting = []; };
  window.reveal = () => {
    const calls = waiting.filter(Boolean);
    waiting = null;
    calls.forEach(call => run(call));
    return calls.length;
  };
})()"""
"""A tab that can be hidden, as far as scripts see it: a browser without a window shows all tabs."""


@pytest.mark.parametrize("name", MOVES)
def test_what_is_set_in_a_hidden_tab_is_whole_when_it_is_shown(page, frames_url, name):
    page.add_init_script(HIDDEN)
    page.goto(frames_url)
    part = page.locator(f"#{name} rnn-{name}")
    before = part.evaluate(DRAWN)

    page.evaluate("hide()")
    for selector, value in MOVES[name] * 5:
        page.evaluate(SET, [part.element_handle(), selector, value])
        page.wait_for_function("!document.querySelector('[aria-busy=true]')", polling=20)
    assert page.evaluate("reveal()") < 5  # nothing is queued for each gesture
    settle(page)

    shown = part.evaluate(DRAWN)
    assert shown != before
    part.evaluate("part => part.show()")
    assert part.evaluate(DRAWN) == shown
