"""The cell in the reader's hands: every displayed number, at every stop of every control."""

import datetime
import itertools
import re

import pytest
import torch
from playwright.sync_api import expect

from rnn_figures.course import cell_presets
from rnn_figures.diagrams.cell.numbers import joins
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import trace
from tests.browser.conftest import built
from tests.browser.frames import settle
from tests.browser.serving import served
from tests.browser.test_pages import VIEWS, turn, violations

KINDS = {"LSTM": "lstm", "GRU": "gru", "RNN_TANH": "rnn"}

FIGURES = [
    f'```figure caption="A cell." id="{name}"\ncell_player(cell_presets("{kind}"))\n```\n'
    for kind, name in KINDS.items()
]

PAGES = {
    "index.md": "\n".join(["# Cells\n\nThree of them.\n", *FIGURES]),
    "lstm.md": f"# A cell\n\nAn LSTM.\n\n{FIGURES[0]}",
}

ZEROS = ["0"], ["0.00"]
"""How a number is written that is 0, and one that is not."""

PRESETS = [(kind, at) for kind in KINDS for at in range(len(cell_presets(kind)))]

GATES = {"LSTM": "ifgo", "GRU": "rzn", "RNN_TANH": ""}

STEPS = 8

READ = """
  const read = cell => Object.fromEntries([
    ...[...cell.querySelectorAll("[data-number]")].map((part, index) =>
      [`line-${index}-${part.dataset.number}`, [part.textContent]]),
    ...[...cell.querySelectorAll("svg .numbers")].map(part => [
      (part.closest(".rnn-figure__narrow") ? "phone:" : "")
        + part.id.replace(/^.*?-(?:(?:lstm|gru|rnn)-cell|states-states|gates-gates)-/, ""),
      [...part.querySelectorAll("text")].map(text => text.textContent).filter(text => text),
    ])]);
  // where each dot is in the frame of its curve, from its left and lower edge
  const dots = cell => [...cell.querySelectorAll('svg [id*="-dot-"]')].map(dot => {
    const gives = /-dot-(.*)-0$/.exec(dot.id)[1];
    const frame = dot.closest("svg").querySelector(`[id$="-curve-${gives}"] > polygon`);
    const corners = frame.getAttribute("points").split(" ");
    const points = corners.map(corner => corner.split(",").map(Number));
    const place = (axis, value) => {
      const all = points.map(point => point[axis]);
      return (value - Math.min(...all)) / (Math.max(...all) - Math.min(...all));
    };
    const at = name => +dot.firstElementChild.getAttribute(name);
    return [gives, place(0, at("cx")), 1 - place(1, at("cy"))];
  });
  const shape = cell => JSON.stringify([
    [...cell.querySelectorAll("svg [id]")].map(part => part.id),
    [...cell.querySelectorAll("svg")].map(svg => svg.getAttribute("viewBox")),
    [...cell.querySelectorAll('[id*="-low-"], [id*="-high-"], .track')].map(part => part.innerHTML),
  ]);
  const outside = cell => [...cell.querySelectorAll(".bar")].filter(bar => {
    const letter = bar.id.split("-").at(-2);
    const [inner, outer] = [bar, cell.querySelector(`[id$="-track-${letter}"]`)].map(part =>
      part.firstElementChild.getAttribute("points").split(" ").map(point => +point.split(",")[1]));
    return Math.min(...inner) < Math.min(...outer) - 1
      || Math.max(...inner) > Math.max(...outer) + 1;
  }).map(bar => bar.id);
"""

MOVE = (
    """([id, preset, settings]) => {"""
    + READ
    + """
  const cell = document.querySelector(`#${id} rnn-cell`);
  const set = (selector, value) => {
    const control = cell.querySelector(selector);
    control.value = `${value}`;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  };
  cell.querySelector("details")?.setAttribute("open", ""); // closed, it is not filled
  set("[data-preset]", preset);
  cell.show();
  const before = shape(cell);
  return settings.map(moves => {
    cell.querySelector('[data-action="reset"]').click();
    for (const [field, value] of moves) {
      const number = cell.querySelector(`td [data-field="${field}"]`) ? "td " : "";
      set(`${number}[data-field="${field}"]`, value);
    }
    cell.show(); // not in several frames: there are thousands of settings
    return [read(cell), shape(cell) === before, outside(cell), dots(cell)];
  });
}"""
)


@pytest.fixture(scope="module")
def cells_url(once):
    """Address of a page with a cell of each kind."""
    with served(built(once, "cells", PAGES)) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser, cells_url):
    """The page of three cells, open for tests that begin with a preset and a reset."""
    page = browser.new_page()
    page.goto(cells_url)
    yield page
    page.close()


@pytest.fixture(scope="module")
def lstm_url(cells_url):
    """Address of a page with an LSTM alone: it takes half as long to load."""
    return f"{cells_url}lstm/"


@pytest.fixture
def lstm(page, lstm_url):
    """A page with an LSTM, opened."""
    page.goto(lstm_url)
    return page.locator("#lstm rnn-cell")


def squashed(mode, letter, value):
    return value.tanh() if letter in "gnh" else value.sigmoid()


def run(kind, preset, *, x=None, weights=None, held=None, starts=None):
    """Run a preset in torch, as the reader has set it, and return the joins of every step."""
    given = preset.module.state_dict() if weights is None else weights
    x = preset.input if x is None else x
    held, starts = held or {}, starts or {}
    letters = GATES[kind] or "h"
    h, c = (torch.tensor([starts.get(state, 0.0)], dtype=torch.float64) for state in "hc")
    steps = []
    for x_t in x:
        of_x = given["weight_ih_l0"] @ x_t + given["bias_ih_l0"]
        of_h = given["weight_hh_l0"] @ h + given["bias_hh_l0"]
        step = {"x": x_t, "h_prev": h} | ({"c_prev": c} if kind == "LSTM" else {})
        for row, letter in enumerate(letters):
            total = of_x[row : row + 1] + of_h[row : row + 1]
            if letter == "n":
                step |= {"in": of_x[2:], "hn": of_h[2:]}
                total = step["in"] + step["r"] * step["hn"]
            step[f"pre_{letter}"] = total
            fixed = torch.tensor([held.get(letter, 0.0)], dtype=torch.float64)
            step[letter] = fixed if letter in held else squashed(kind, letter, total)
        if kind == "LSTM":
            c = step["c"] = step["f"] * c + step["i"] * step["g"]
            step["h"] = step["o"] * c.tanh()
        if kind == "GRU":
            step["h"] = (1 - step["z"]) * step["n"] + step["z"] * h
        h = step["h"]
        steps.append(joins(kind, step))
    return steps


def texts(kind, steps, t):
    """Return what every number of the drawings must say at one step."""
    letters = (*GATES[kind], *("ch" if kind == "LSTM" else "h"))
    shown = {f"numbers-{name}": vector for name, vector in steps[t].items()}
    written = {name: [number(value) for value in vector.tolist()] for name, vector in shown.items()}
    for time, step in enumerate(steps):
        written |= {f"number-{letter}-{time}": [number(float(step[letter]))] for letter in letters}
        for column, value in enumerate(step["x"].tolist()):
            written[f"number-x-{column}-{time}"] = [number(value)]
        written[f"number-step-{time}"] = [f"{time}"]
    return written


def weight_of(name, preset):
    """Return the tensor, the row and the column of a weight that a field names."""
    _, letter, column = name.split("-")
    row = (GATES[preset.module.mode] or "h").index(letter)
    if column.startswith("b"):
        return f"bias_i{'h'}_l0" if column == "bi" else "bias_hh_l0", (row,)
    if column == "h":
        return "weight_hh_l0", (row, 0)
    return "weight_ih_l0", (row, int(column[1:]))


def moved(kind, preset, moves):
    """Return the step and the joins of a preset after some moves of its controls."""
    step, x = preset.step, preset.input.clone()
    weights = {name: weight.clone() for name, weight in preset.module.state_dict().items()}
    held, starts = {}, {}
    for field, value in moves:
        what, _, which = field.partition("-")
        if what == "step":
            step = value
        elif what == "hold":
            held[which] = value
        elif what == "start":
            starts[which] = value
        elif what == "x":
            x[step, int(which)] = value
        else:
            name, index = weight_of(field, preset)
            weights[name][index] = value
    return step, run(kind, preset, x=x, weights=weights, held=held, starts=starts)


def stops(kind, preset):
    """Return moves that take every control to its stops, one control at a time."""
    gates = [round(0.05 * stop, 2) for stop in range(21)]
    found: list[list[tuple[str, float]]] = [[("step", step)] for step in range(STEPS)]
    for gate in GATES[kind]:
        low = [-0.75, -0.3] if gate in "gn" else []
        found += [[(f"hold-{gate}", value), ("step", 5)] for value in [*low, *gates]]
    inputs = range(preset.module.input_size)
    for column, step, value in itertools.product(inputs, (0, 3, 7), (-2, -0.5, -0.1, 0, 0.7, 2)):
        found.append([("step", step), (f"x-{column}", value)])
    for state in "hc" if kind == "LSTM" else "h":
        ends = (-4, -1, 0.5, 4) if state == "c" else (-1, -0.3, 0.5, 1)
        found += [[(f"start-{state}", value)] for value in ends]
    columns = [*(f"x{column}" for column in inputs), "h", "bi", "bh"]
    for letter, column in itertools.product(GATES[kind] or "h", columns):
        most = 40 if GATES[kind] else 4
        found += [[(f"w-{letter}-{column}", value)] for value in (-most, -0.5, 0, 1.25, most)]
    together = [("hold-f", 1), ("hold-i", 1), ("start-c", 4), ("step", 7)]
    return [*found, *([together] if kind == "LSTM" else [])]


def share(kind, at):
    """Return a preset's share of the stops: those of each control, shared out in turn."""
    presets = cell_presets(kind)
    return stops(kind, presets[at])[at :: len(presets)]


@pytest.mark.parametrize(("kind", "at"), PRESETS)
def test_every_number_is_torchs_at_a_share_of_the_stops_of_every_control(opened, kind, at):
    numbers_are_torchs_at(share(kind, at), opened, kind, at)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "at"), PRESETS)
def test_every_number_is_torchs_at_every_stop_of_every_control(opened, kind, at):
    numbers_are_torchs_at(stops(kind, cell_presets(kind)[at]), opened, kind, at)


def numbers_are_torchs_at(settings, page, kind, at):
    """Fail at the first number, dot or bar that is not what the module gives after some moves."""
    preset = cell_presets(kind)[at]

    shown = page.evaluate(MOVE, [KINDS[kind], at, settings])

    for moves, (read, same_shape, outside, dots) in zip(settings, shown, strict=True):
        step, steps = moved(kind, preset, moves)
        expected = texts(kind, steps, step)
        read = {name: text for name, text in read.items() if text}
        lines = {name: text for name, text in read.items() if name.startswith("line-")}
        for name, text in lines.items():
            assert text == expected[f"numbers-{name.split('-', 2)[2]}"], (name, moves)
        assert len(lines) >= 2
        read = {name: text for name, text in read.items() if name not in lines}
        phone = {name for name in read if name.startswith("phone:")}
        assert phone == {
            f"phone:{name}" for name in read if name.startswith("numbers-") and kind != "RNN_TANH"
        }
        expected |= {f"phone:{name}": text for name, text in expected.items()}
        assert read.keys() <= expected.keys(), moves
        # a sum that is 0 in torch to the last bit need not be in another order
        nearly = {name: ["0.00"] for name in read if (expected[name], read[name]) == ZEROS}
        assert read == {name: expected[name] for name in read} | nearly, moves
        assert {f"numbers-{name}" for name in ("x", "h", "h_prev")} <= read.keys()
        assert {f"number-h-{time}" for time in range(STEPS)} <= read.keys()
        assert same_shape, moves
        assert outside == [], moves
        assert len(dots) == {"LSTM": 2 * 5, "GRU": 2 * 3, "RNN_TANH": 1}[kind]
        for gives, x, y in dots:
            assert (x, y) == pytest.approx(on_curve(gives, steps[step]), abs=0.001), (gives, moves)


def on_curve(gives, step):
    """Return where the dot of a function is in its frame: what it reads, and what it gives."""
    read = float(step["c" if gives == "tanh-c" else f"pre_{gives}"])
    given = float(step[gives])
    if gives in ("g", "n", "h", "tanh-c"):
        return min(1, max(0, read / 6 + 0.5)), (given + 1) / 2
    return min(1, max(0, read / 12 + 0.5)), given


@pytest.mark.parametrize(("kind", "at"), PRESETS)
def test_the_oracle_of_these_tests_is_the_module(kind, at):
    preset = cell_presets(kind)[at]

    steps = run(kind, preset)

    live = trace(preset.module, preset.input.unsqueeze(1))[0, 0]
    for letter in live.quantities:
        found = torch.stack([step[letter] for step in steps])
        torch.testing.assert_close(found, live[letter][:, 0], atol=1e-14, rtol=0)


def drawn(page, kind):
    """Return the texts, the bars and the words of a cell's drawings, when all is shown."""
    settle(page)
    return page.locator(f"#{kind} rnn-cell svg").evaluate_all(
        """drawings => drawings.map(drawing => [
          [...drawing.querySelectorAll("text, title, desc")].map(text => text.textContent),
          [...drawing.querySelectorAll(":is(.bar, .now) > polygon")].map(bar =>
            bar.getAttribute("points").split(/[ ,]/).map(Number)),
          [...drawing.querySelectorAll("g")].map(part => part.getAttribute("class")),
        ])"""
    )


@pytest.mark.parametrize("kind", KINDS.values())
def test_scripts_change_nothing_at_first_and_reset_brings_all_of_it_back(
    page, new_tab, cells_url, kind
):
    still = new_tab(java_script_enabled=False)
    still.goto(cells_url)
    page.goto(cells_url)
    first = drawn(page, kind)

    told = still.locator(f"#{kind} .rnn-live__still")
    assert told.is_visible()
    assert "scripts" in (told.text_content() or "")
    assert still.locator(f"#{kind} rnn-cell :is(button, input, select)").count() == 0
    for (texts_, bars, classes), (old_texts, old_bars, old_classes) in zip(
        first, drawn(still, kind), strict=True
    ):
        assert texts_ == old_texts
        assert classes == old_classes
        for bar, old in zip(bars, old_bars, strict=True):
            assert bar == pytest.approx(old, abs=0.02)

    cell = page.locator(f"#{kind} rnn-cell")
    cell.locator('[data-field="step"]').fill("1")
    cell.locator('input[type="range"][data-field^="start-h"]').fill("0.5")
    assert drawn(page, kind) != first
    cell.get_by_role("button", name="Reset").click()
    assert drawn(page, kind) == first


def test_a_step_is_the_same_wherever_one_comes_from(lstm, page):
    slider = lstm.locator('[data-field="step"]')
    slider.fill("3")
    fresh = drawn(page, "lstm")

    slider.fill("7")
    slider.fill("3")

    assert drawn(page, "lstm") == fresh


def open_with_a_still_clock(page, url):
    """Open a page on which time passes only when a test says so, however slow the machine is."""
    page.clock.install(time=datetime.datetime(2030, 1, 1))
    page.goto(url)
    page.clock.pause_at(datetime.datetime(2030, 1, 2))


def test_it_plays_from_the_start_and_ends(page, lstm_url):
    open_with_a_still_clock(page, lstm_url)
    lstm = page.locator("#lstm rnn-cell")
    play = lstm.locator('[data-action="play"]')
    lstm.locator('[data-field="step"]').fill("7")

    play.click()
    expect(lstm.locator(".rnn-live__transport span")).to_have_text("step 0 (0 to 7)")
    expect(play).to_have_text("❚❚ Pause")
    page.clock.run_for(2000)
    expect(lstm.locator(".rnn-live__transport span")).to_have_text("step 2 (0 to 7)")
    page.clock.run_for(20000)

    expect(lstm.locator(".rnn-live__transport span")).to_have_text("step 7 (0 to 7)")
    expect(play).to_have_text("▶ Play")


def test_a_first_play_begins_at_the_start_and_goes_on_from_a_chosen_step(page, lstm_url):
    open_with_a_still_clock(page, lstm_url)
    lstm = page.locator("#lstm rnn-cell")
    play, told = lstm.locator('[data-action="play"]'), lstm.locator(".rnn-live__transport span")
    expect(told).to_have_text("step 6 (0 to 7)")  # nobody chose it

    play.click()
    expect(told).to_have_text("step 0 (0 to 7)")
    play.click()
    lstm.locator('[data-field="step"]').fill("4")
    play.click()

    expect(told).to_have_text("step 5 (0 to 7)")


def test_play_stops_at_the_first_touch_and_at_pause(page, lstm_url):
    open_with_a_still_clock(page, lstm_url)
    lstm = page.locator("#lstm rnn-cell")
    play = lstm.locator('[data-action="play"]')

    for touch in (
        lambda: lstm.locator('[data-field="start-c"]').first.fill("1"),
        lambda: play.click(),
        lambda: lstm.get_by_label("One step back").click(),
    ):
        lstm.locator('[data-field="step"]').fill("0")
        play.click()
        expect(play).to_have_text("❚❚ Pause")
        touch()
        expect(play).to_have_text("▶ Play")
        page.clock.run_for(100)  # the frames of the touch
        before = lstm.locator(".rnn-live__transport span").text_content()
        page.clock.run_for(5000)
        expect(lstm.locator(".rnn-live__transport span")).to_have_text(before or "")


def test_play_stops_off_screen(page, cells_url):
    page.goto(cells_url)
    play = page.locator("#lstm rnn-cell").locator('[data-action="play"]')
    play.click()
    expect(play).to_have_text("❚❚ Pause")

    page.locator("#rnn").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")

    expect(play).to_have_text("▶ Play")


def test_paper_has_the_drawings_and_no_control(lstm, page):
    page.emulate_media(media="print")

    shown = lstm.locator(":is(input, select, button, svg[role])").evaluate_all(
        "parts => [...new Set(parts.filter(part => part.checkVisibility()).map(p => p.localName))]"
    )
    assert shown == ["svg"]


def test_keys_alone_step_hold_and_choose(lstm, page):
    lstm.locator('[data-field="step"]').focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(lstm.locator(".rnn-live__said")).to_have_text("step 2, cell state 0.92")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(lstm.locator(".rnn-live__said")).to_have_text("step 3, cell state 0.92")

    forget = lstm.get_by_label("f, forget gate", exact=True)
    forget.focus()
    page.keyboard.press("Home")
    expect(lstm.locator(".rnn-live__said")).to_have_text("step 3, cell state 0.00")
    assert lstm.locator('[data-hold="f"]').is_checked()
    page.keyboard.press("PageUp")
    expect(forget).to_have_attribute("aria-valuetext", re.compile("[1-9]"))

    lstm.locator('[data-hold="f"]').focus()
    page.keyboard.press("Space")
    expect(lstm.locator(".rnn-live__said")).to_have_text("step 3, cell state 0.92")


def test_the_slider_below_the_weights_moves_the_one_that_has_the_focus(lstm, page):
    lstm.locator("summary", has_text="Weights").click()
    lstm.get_by_label("g: weight of value").focus()

    slider = lstm.locator('input[type="range"][data-field="w"]')
    expect(slider).to_have_attribute("aria-label", "g: weight of value")
    slider.focus()
    page.keyboard.press("ArrowRight")

    assert lstm.locator('td [data-field="w-g-x0"]').input_value() == "2.5"
    expect(lstm.locator('[id$="numbers-pre_g"] text').first).to_have_text("0.25")


def test_the_last_run_stays_as_one_labelled_ghost(lstm, page):
    label = lstm.locator(".rnn-cell__ghosted")
    expect(label).to_be_hidden()

    lstm.locator('input[type="range"][data-field="hold-f"]').fill("0.5")

    settle(page)
    expect(label).to_be_visible()
    assert lstm.locator(".rnn-cell__ghost").count() == 6
    first = lstm.locator(".rnn-cell__ghost.q-c").first.get_attribute("d")
    lstm.locator('input[type="range"][data-field="hold-f"]').fill("0.25")
    settle(page)
    assert lstm.locator(".rnn-cell__ghost").count() == 6
    assert lstm.locator(".rnn-cell__ghost.q-c").first.get_attribute("d") != first
    lstm.get_by_role("button", name="Reset").click()
    expect(label).to_be_hidden()


def test_the_address_has_the_state(page, lstm_url):
    address = "?preset=only-the-first-counts&step=2&hold-f=0.5&x-0-0=1"
    page.goto(f"{lstm_url}{address}")
    lstm = page.locator("#lstm rnn-cell")

    assert lstm.locator("[data-preset]").input_value() == "1"
    expect(lstm.locator(".rnn-live__transport span")).to_have_text("step 2 (0 to 7)")
    assert lstm.locator('[data-hold="f"]').is_checked()
    preset = cell_presets("LSTM")[1]
    moves = [("step", 0), ("x-0", 1), ("step", 2), ("hold-f", 0.5)]
    _, steps = moved("LSTM", preset, moves)
    expect(lstm.locator('[id$="numbers-c"] text').first).to_have_text(number(float(steps[2]["c"])))

    lstm.locator('input[type="range"][data-field="hold-o"]').fill("0.25")
    expect(page).to_have_url(re.compile(r"hold-o=0\.25"))
    copied = page.url
    after = drawn(page, "lstm")
    page.go_back()
    expect(page).to_have_url(f"{lstm_url}{address}")
    expect(lstm.locator('[data-hold="o"]')).not_to_be_checked()
    page.goto(copied)
    assert drawn(page, "lstm") == after


def test_a_gate_held_where_it_is_fits_its_field(lstm, page):
    lstm.locator('[data-hold="i"]').check()  # shut at this step, but not wholly
    settle(page)

    assert lstm.locator('input[type="number"][data-field="hold-i"]').input_value() == "0"


WRONG = ("hold-f=999", "step=2.5", "step=-1", "hold-f=", "hold-f=x", "preset=no", "w-f-b=1")
"""What an address may not say."""


def test_what_the_address_says_badly_is_as_given(page, lstm_url):
    page.goto(lstm_url)
    first = drawn(page, "lstm")

    for wrong in WRONG:
        page.goto(f"{lstm_url}?{wrong}")
        assert drawn(page, "lstm") == first, wrong
    page.goto(f"{lstm_url}?hold-f=0.5")
    assert drawn(page, "lstm") != first


def test_strips_take_a_press_as_a_step(lstm):
    track = lstm.locator(".rnn-live__beside svg .track").first
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    assert box

    track.page.mouse.click(box["x"] + box["width"] * 1.5 / 8, box["y"] + 5)

    expect(lstm.locator(".rnn-live__transport span")).to_have_text("step 1 (0 to 7)")


def test_nothing_moves_where_less_motion_is_wanted(new_tab, lstm_url):
    page = new_tab(reduced_motion="reduce")
    page.goto(lstm_url)
    page.locator('#lstm input[type="range"][data-field="hold-f"]').fill("0.5")

    assert page.evaluate("document.getAnimations().length") == 0


def test_cell_is_accessible_fits_and_can_be_touched(page, cells_url):
    page.goto(cells_url)
    page.locator("details.rnn-cell__weights").evaluate_all(
        "all => all.forEach(box => { box.open = true })"
    )

    for scheme, width in VIEWS:
        assert turn(page, scheme, width) == width
        assert violations(page, "rnn-cell") == [], (scheme, width)
        small = page.locator("rnn-cell :is(button, select, input, summary)").evaluate_all(
            """controls => controls.filter(control => {
              const shown = control.closest("label") ?? control;
              const { width, height } = shown.getBoundingClientRect();
              return width && (width < 24 || height < 24);
            }).map(control => control.outerHTML)"""
        )
        assert small == [], (scheme, width)
        too_long = page.locator(".rnn-cell__why").evaluate_all(
            """all => all.flatMap(why => {
              const said = why.querySelector("p");
              const { textContent } = said;
              const texts = [...why.querySelectorAll("span")].map(span => span.textContent);
              const beyond = texts.filter(text => {
                said.textContent = text;
                return said.scrollHeight > said.clientHeight;
              });
              said.textContent = textContent;
              return beyond;
            })"""
        )
        assert too_long == [], (scheme, width)
