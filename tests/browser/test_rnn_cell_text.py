"""The cell that reads what its reader types: brackets, with anything between them."""

import io
import itertools

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from rnn_figures.course import bracket_reader
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import trace
from tests.browser.conftest import served_page
from tests.browser.frames import settle

FIGURE = "cell_player([bracket_reader('(a(b)c)')], simple=True)"

PAGE = f"""# Brackets

Type some, or <a href="?hold-i=1#text">hold i at 1</a>.

```figure caption="A cell." id="text"
{FIGURE}
```
"""

READ = """cell => Object.fromEntries([...cell.querySelectorAll(".rnn-live__beside .numbers")].map(
  part => [part.id.replace(/^.*-number-/, ""), part.querySelector("text").textContent]))"""

TEXTS = ["", "(", ")", "((((((((", "))((", "a(b)c", "no", "( ) (", '<"&(é', "(😀b))"]


@pytest.fixture(scope="module")
def text_url(once):
    """Address of a page with the cell that reads a text."""
    yield from served_page(once, "text", PAGE)


@pytest.fixture
def cell(page, text_url):
    page.goto(text_url)
    return page.locator("rnn-cell")


def test_the_reader_of_brackets_opens_its_gate_at_brackets_alone():
    for text in map("".join, itertools.product("()a ", repeat=4)):
        preset = bracket_reader(text)
        run = trace(preset.module, preset.input.unsqueeze(1))[0, 0]
        brackets = torch.tensor([float(one in "()") for one in preset.text])
        depth = torch.tensor([1.0 * (one == "(") - (one == ")") for one in preset.text]).cumsum(0)
        torch.testing.assert_close(run.i.flatten().float(), brackets, atol=1e-6, rtol=0)
        torch.testing.assert_close(run.c.flatten().float(), depth, atol=1e-6, rtol=0)
    for text in ("", "123456789"):
        with pytest.raises(ValueError, match="expected a text of 1 to 8 characters"):
            bracket_reader(text)


@pytest.mark.parametrize("text", TEXTS)
def test_every_number_is_torchs_for_what_is_typed(cell, text):
    cell.get_by_label("It reads").fill(text)
    settle(cell.page)

    preset = bracket_reader(text or " ")
    run = trace(preset.module, preset.input.unsqueeze(1))[0, 0]
    expected = {f"step-{t}": f"{t}" for t in range(8)}
    for t in range(8):
        expected |= {f"{letter}-{t}": number(float(run[letter][t])) for letter in "ifch"}
        values = enumerate(preset.input[t].tolist())
        expected |= {f"x-{column}-{t}": number(value) for column, value in values}
        expected[f"text-{t}"] = preset.text[t]
    assert cell.evaluate(READ) == expected
    last = max(0, len(text.rstrip()) - 1)
    depth = (text[: last + 1] or " ").count("(") - text[: last + 1].count(")")
    said = f"{-depth} more closed than opened" if depth < 0 else f"{depth} open"
    expect(cell.locator(".rnn-cell__seen")).to_contain_text(f"brackets: {said}.")
    expect(cell.locator(".rnn-live__transport span")).to_have_text(f"step {last} (0 to 7)")


def test_a_play_ends_with_the_text_and_begins_it_again(cell, page):
    page.clock.install()
    cell.get_by_label("It reads").fill("(a")
    step = cell.locator(".rnn-live__transport span")
    expect(step).to_have_text("step 1 (0 to 7)")

    cell.get_by_role("button", name="Play").click()
    expect(step).to_have_text("step 0 (0 to 7)")
    page.clock.run_for(5000)

    expect(step).to_have_text("step 1 (0 to 7)")
    expect(cell.get_by_role("button", name="Play")).to_be_visible()


def test_a_held_gate_loses_count_and_says_so(cell):
    seen = cell.locator(".rnn-cell__seen")
    expect(seen).to_contain_text("c is 0.00; brackets: 0 open.")

    cell.locator('input[type="range"][data-field="hold-i"]').fill("1")

    expect(seen).to_contain_text("c is 3; brackets: 0 open, and c has lost count.")


def test_the_address_spells_what_is_typed_and_brings_it_back(cell, page, text_url):
    cell.get_by_label("It reads").fill("((x))")
    expect(page).to_have_url(f"{text_url}?text=%28%28x%29%29&step=4")
    cell.locator('input[type="range"][data-field="x-0"]').fill("0.5")
    expect(page).to_have_url(f"{text_url}?text=%28%28x%29%29&step=4&x-4-0=0.5")
    settle(page)
    read = cell.evaluate(READ)

    page.goto(page.url)
    assert cell.evaluate(READ) == read
    expect(cell.get_by_label("It reads")).to_have_value("((x))")
    cell.get_by_role("button", name="Reset").click()
    expect(cell.get_by_label("It reads")).to_have_value("(a(b)c)")
    expect(page).to_have_url(text_url)


def test_a_link_that_holds_a_gate_leaves_what_is_typed(cell, page, text_url):
    field = cell.get_by_label("It reads")
    field.fill("(ab")

    page.get_by_role("link", name="hold i at 1").click()

    expect(page).to_have_url(f"{text_url}?hold-i=1&text=%28ab#text")
    expect(field).to_have_value("(ab")
    expect(cell.locator(".rnn-cell__seen")).to_contain_text(
        "After “(ab”: c is 3; brackets: 1 open, and c"
    )


@pytest.mark.parametrize("width", [1280, 375])
def test_what_is_typed_is_over_what_comes_of_it_and_keys_play_it(new_tab, text_url, width):
    page = new_tab(viewport={"width": width, "height": 900})
    page.goto(text_url)
    field = page.get_by_label("It reads")
    field.focus()
    page.keyboard.press("End")
    page.keyboard.type("((")
    expect(field).to_have_value("(a(b)c)(")  # it has no more steps
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    page.keyboard.press("Enter")

    parts = [".rnn-cell__presets", ".rnn-live__transport", ".rnn-live__beside"]
    drawn = ".rnn-figure__wide" if width == 1280 else ".rnn-figure__narrow"
    tops = [page.locator(f"rnn-cell {part}").bounding_box()["y"] for part in (*parts, drawn)]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page, "rnn-cell").response["violations"] == []


def test_the_cell_stands_close_below_its_strips_and_clear_of_what_is_said_between(cell):
    cell.locator('input[type="range"][data-field="hold-f"]').fill("0.5")
    said = cell.locator(".rnn-cell__ghosted")
    expect(said).to_be_visible()

    between = cell.evaluate(
        """cell => {
          const box = selector => {
            const texts = [...cell.querySelectorAll(selector)];
            return texts.map(text => text.getBoundingClientRect()).filter(({ width }) => width);
          };
          const range = document.createRange();
          range.selectNodeContents(cell.querySelector(".rnn-cell__ghosted"));
          const said = range.getBoundingClientRect();
          const last = Math.max(...box(".rnn-live__beside text").map(({ bottom }) => bottom));
          const drawn = box(".rnn-figure__wide text");
          const over = drawn.filter(({ left, right, top, bottom }) =>
            left < said.right && right > said.left && top < said.bottom && bottom > said.top);
          return [Math.min(...drawn.map(({ top }) => top)) - last, over.length];
        }"""
    )

    assert between[0] < 55, "pixels from the strips to the first text of the cell"
    assert between[1] == 0


def test_no_edge_of_a_drawing_that_fits_has_the_shadow_of_one_that_does_not(new_tab, text_url):
    viewport = {"width": 640, "height": 900}
    page = new_tab(viewport=viewport, device_scale_factor=2)
    page.goto(text_url)  # the drawing stands on half a pixel

    drawing = page.locator(".rnn-live__beside .rnn-figure__drawing")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box["x"] % 1 == 0.5
    edge = {"x": box["x"] + box["width"] - 2, "y": box["y"] + 20, "width": 4, "height": 200}
    with Image.open(io.BytesIO(page.screenshot(clip=edge))) as picture:
        colours = picture.convert("RGB").getcolors() or []
    assert len(colours) == 1


@pytest.mark.parametrize("width", [768, 800, 840, 860])
def test_nothing_is_cut_on_a_tablet(new_tab, text_url, width):
    page = new_tab(viewport={"width": width, "height": 900})
    page.goto(text_url)

    beyond = page.locator("rnn-cell").evaluate(
        """cell => {
          const edge = cell.getBoundingClientRect().right;
          const parts = [...cell.querySelectorAll("label, button, input, svg[viewBox]")];
          return parts.filter(part => part.getBoundingClientRect().right > edge)
            .map(part => part.outerHTML.slice(0, 80));
        }"""
    )

    assert beyond == []
