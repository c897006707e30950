"""The stages of a step in the cell, links in the text that show a state, and a finger on it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from rnn_figures.course import cell_presets
from rnn_figures.course.cell_player import stages_of, step_with_sums
from rnn_figures.diagrams.cell import kinds
from rnn_figures.diagrams.cell.diagram import cell_diagram
from rnn_figures.html.frame import svg_text
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import trace
from tests.browser.conftest import served_page
from tests.browser.finger import in_the_middle, phone, swipe
from tests.browser.frames import settle

KINDS = {"LSTM": "lstm", "GRU": "gru", "RNN_TANH": "rnn"}

LINK = '<a href="?step=4&amp;stage=2#lstm">step 4</a>'

PAGE = f"# Cells\n\nAt {LINK} f shuts.\n" + "".join(
    f'\n```figure caption="A cell." id="{name}"\ncell_player(cell_presets("{kind}"))\n```\n'
    for kind, name in KINDS.items()
)


@pytest.fixture(scope="module")
def cells_url(once):
    """Address of a page with a cell of each kind."""
    yield from served_page(once, "stages", PAGE)


def dimmed(kind, stage, numbers):
    """The parts that Python dims when it lights a stage."""
    drawn = svg_text(cell_diagram(kind, numbers, lit=(stage,)), id="a")
    parts = re.findall(r'<g class="([^"]*)" id="a-\w+-cell-([^"]*)"', drawn)
    return {name for classes, name in parts if "dim" in classes.split()}


@pytest.mark.parametrize("kind", KINDS)
def test_each_stage_lights_what_python_lights_and_shows_its_line(page, cells_url, kind):
    preset = cell_presets(kind)[0]
    run = trace(preset.module, preset.input.unsqueeze(1))[0, 0]
    numbers = step_with_sums(preset.module, run, preset.step)
    page.goto(cells_url)
    cell = page.locator(f"#{KINDS[kind]} rnn-cell")
    read = """cell => [...cell.querySelectorAll("svg [data-aside]")].map(part =>
      part.id.replace(/^.*-cell-/, ""))"""

    assert cell.evaluate(read) == []
    for at, (stage, _, code, shown) in enumerate(stages_of(kind), start=1):
        cell.get_by_label("Stage of the step").select_option(str(at))
        settle(page)
        assert set(cell.evaluate(read)) == dimmed(kind, stage, numbers) != set()
        value = f" = {number(float(numbers[shown]))}" if shown in numbers else ""
        expect(cell.locator(".rnn-cell__stage code")).to_contain_text(code + value)
        lit = cell.locator(".rnn-live__lines > [data-lit]").all_text_contents()
        assert all(line.startswith(stage) for line in lit)
        assert bool(lit) == (stage in "chn")
    assert [stage for stage, *_ in stages_of(kind)] == list(kinds.STAGES[kind])


def test_up_and_down_go_through_the_stages_and_back_undoes_it(page, cells_url):
    page.goto(cells_url)
    lstm = page.locator("#lstm rnn-cell")
    select, said = lstm.get_by_label("Stage of the step"), lstm.locator(".rnn-live__said")
    lstm.get_by_label("One step on").focus()

    page.keyboard.press("ArrowUp")
    expect(select).to_have_value("0")
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    expect(select).to_have_value("7")
    expect(said).to_have_text("step 6, stage 7, hidden state, cell state −0.95")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("step 7, stage 7")
    expect(page).to_have_url(f"{cells_url}?stage=7&step=7")

    page.go_back()

    expect(select).to_have_value("0")


def test_a_link_in_the_text_shows_its_state_without_a_new_page(page, cells_url):
    page.goto(cells_url)
    page.evaluate("window.same = true")

    page.get_by_role("link", name="step 4", exact=True).click()

    lstm = page.locator("#lstm rnn-cell")
    expect(lstm.locator(".rnn-live__transport span")).to_have_text("step 4 (0 to 7)")
    expect(lstm.get_by_label("Stage of the step")).to_have_value("2")
    expect(page).to_have_url(f"{cells_url}?step=4&stage=2#lstm")
    assert page.evaluate("window.same")
    page.go_back()
    expect(lstm.locator(".rnn-live__transport span")).to_have_text("step 6 (0 to 7)")


def test_a_finger_on_a_handle_moves_it_and_beside_it_scrolls(new_tab, cells_url):
    page = phone(new_tab)
    page.goto(cells_url)
    slider = page.locator('#lstm input[type="range"][data-field="hold-f"]')
    box = in_the_middle(slider)
    before = page.evaluate("scrollY")
    middle = box["y"] + box["height"] / 2

    swipe(page, (box["x"] + box["width"] - 8, middle), (-0.6 * box["width"], 0))
    assert 0 < float(slider.input_value()) < 0.6
    assert page.evaluate("scrollY") == before
    assert slider.bounding_box() == box  # it stays under the finger
    held = slider.input_value()

    swipe(page, (40, middle), (0, -200))  # on its name

    page.wait_for_function("before => scrollY > before + 50", arg=before)
    assert slider.input_value() == held


def test_a_swipe_that_begins_on_a_slider_and_scrolls_leaves_it(new_tab, cells_url):
    page = phone(new_tab)
    page.goto(cells_url)
    slider = page.locator('#lstm input[type="range"][data-field="step"]')
    box = in_the_middle(slider)
    before, step = page.evaluate("scrollY"), slider.input_value()
    told = page.locator("#lstm .rnn-live__transport span").text_content() or ""

    swipe(page, (box["x"] + 20, box["y"] + box["height"] / 2), (0, -200))

    page.wait_for_function("before => scrollY > before + 50", arg=before)
    expect(page.locator("#lstm .rnn-live__transport span")).to_have_text(told)
    assert slider.input_value() == step


@pytest.mark.parametrize("width", [1280, 375])
def test_a_stage_fits_and_is_accessible(new_tab, cells_url, width):
    page = new_tab(viewport={"width": width, "height": 900})
    page.goto(f"{cells_url}?stage=2")

    expect(page.locator("#lstm .rnn-cell__stage code")).to_contain_text("torch.sigmoid")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page, "#lstm rnn-cell").response["violations"] == []
    palest = page.locator("#lstm svg [data-aside]").evaluate_all(
        "parts => Math.min(...parts.map(part => +getComputedStyle(part).fillOpacity))"
    )
    assert 0.3 <= palest < 1


@pytest.mark.parametrize("kind", KINDS.values())
def test_a_phone_shows_all_of_a_cell(new_tab, cells_url, kind):
    page = new_tab(viewport={"width": 375, "height": 900})
    page.goto(cells_url)

    narrow = "" if kind == "rnn" else ".rnn-figure__narrow"
    box = page.locator(f"#{kind} {narrow} .rnn-figure__drawing").first
    assert box.is_visible()
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    sizes = box.locator("svg[viewBox]").evaluate(
        """svg => { const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
          return [...svg.querySelectorAll("text")].filter(text => text.textContent)
            .map(text => scale * parseFloat(getComputedStyle(text).fontSize)); }"""
    )
    assert min(sizes) >= 9
    expect(page.locator(f"#{kind}").get_by_role("button", name="Play")).to_be_visible()
