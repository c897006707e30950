"""The table that says where each row of h_n is."""

import itertools

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from torch import nn

from rnn_figures.traces.tracing import trace

CASES = list(itertools.product((1, 2, 3), (1, 2), (2, 3, 4, 5)))

ROWS = """async cases => {
  const { rows } = await import("/assets/js/rnn-rows.mjs");
  return cases.map(one => rows(...one));
}"""


@pytest.fixture
def table(page, forms_url):
    page.goto(forms_url)
    return page


def told(page):
    return page.locator("rnn-rows output")


def test_every_row_is_where_a_live_module_has_it(table):
    found = table.evaluate(ROWS, CASES)

    for (layers, directions, steps), rows in zip(CASES, found, strict=True):
        torch.manual_seed(0)
        lstm = nn.LSTM(5, 3, num_layers=layers, bidirectional=directions == 2)
        x = torch.randn(steps, 1, 5)
        output, (h_n, _) = lstm(x)
        run = trace(lstm, x)
        assert [row["k"] for row in rows] == list(range(len(h_n)))
        for row in rows:
            end = run[row["layer"], row["direction"]].h[row["step"]]
            torch.testing.assert_close(h_n[row["k"]], end)
            equal = [
                (t, half)
                for t in range(steps)
                for half in range(directions)
                if torch.equal(output[t, :, 3 * half : 3 * half + 3], h_n[row["k"]])
            ]
            if row["twin"]:
                assert torch.equal(eval(row["twin"], {"output": output}), h_n[row["k"]])
                assert equal == [(row["step"], row["direction"])]
            else:
                assert equal == []


def test_table_starts_with_the_case_of_the_page(table):
    buttons = table.locator("rnn-rows button").all_inner_texts()

    assert buttons == ["h_n[3]", "h_n[2]", "h_n[1]", "h_n[0]"]
    expect(told(table)).to_have_text(
        "h_n[3] is layer 1, reverse, after step 0. It equals output[0, :, 3:]."
    )


def test_a_row_is_pressed_by_keyboard_and_its_twin_is_marked(table):
    cells = table.locator("rnn-rows table")
    place = "cells => cells.offsetTop - cells.closest('rnn-rows').offsetTop"
    before = cells.evaluate(place)
    table.get_by_role("button", name="h_n[0]").click()
    expect(told(table)).to_have_text(
        "h_n[0] is layer 0, forward, after step 3. "
        "It is nowhere in output, which has the top layer alone."
    )
    assert cells.evaluate(place) == before  # it stays under the pointer
    row = table.get_by_role("button", name="h_n[3]")
    row.focus()
    table.keyboard.press("Enter")

    expect(told(table)).to_have_text(
        "h_n[3] is layer 1, reverse, after step 0. It equals output[0, :, 3:]."
    )
    expect(row).to_be_focused()
    assert row.get_attribute("aria-pressed") == "true"
    marked = table.locator("rnn-rows .rnn-rows__twin")
    assert marked.all_inner_texts() == ["3:"]
    assert marked.evaluate("code => code.closest('td').cellIndex") == 1  # step 0


@pytest.mark.parametrize(("layers", "directions", "steps"), [(1, 1, 2), (3, 2, 5), (2, 1, 3)])
def test_table_has_a_column_for_each_step_and_a_cell_for_each_row(table, layers, directions, steps):
    table.locator("rnn-rows").get_by_label("num_layers").select_option(str(layers))
    table.locator("rnn-rows").get_by_label("directions").select_option(str(directions))
    table.locator("rnn-rows").get_by_label("L, steps").select_option(str(steps))

    expect(table.locator("rnn-rows thead th")).to_have_count(steps)
    cells = table.locator("rnn-rows button").evaluate_all(
        "all => all.map(one => [one.value, one.closest('tr').querySelector('th').textContent, "
        "one.closest('td').cellIndex - 1])"
    )
    assert [int(value) for value, _, _ in cells] == [*reversed(range(layers * directions))]
    for value, heading, step in cells:
        layer, direction = divmod(int(value), directions)
        assert f"layer {layer}, {('forward', 'reverse')[direction]}" in heading
        assert step == (0 if direction else steps - 1)


def test_a_row_that_is_gone_gives_way_to_the_last(table):
    table.get_by_role("button", name="h_n[3]").click()
    table.locator("rnn-rows").get_by_label("num_layers").select_option("1")
    table.locator("rnn-rows").get_by_label("directions").select_option("1")

    expect(told(table)).to_have_text(
        "h_n[0] is layer 0, forward, after step 3. It equals output[-1]."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_table_is_accessible_and_fits(new_context, forms_url, scheme, width):
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    page.goto(forms_url)
    page.get_by_role("button", name="h_n[2]").click()

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page, "rnn-rows").response["violations"] == []
