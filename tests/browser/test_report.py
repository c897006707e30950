"""A report in the browser: opened as a file, chosen from by mouse and keys, complete without."""

import re
import time

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from torch import nn

from rnn_figures import explain, trace

X = torch.randn(30, 2, 5, generator=torch.Generator().manual_seed(0))


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = nn.LSTM(5, 8, bidirectional=True), nn.GRU(16, 4)

    def forward(self, x):
        return self.second(self.first(x)[0])


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "model.html"
    symbols = [f"w{step}" for step in range(30)]
    explain(Model(), X, path=path, symbols=symbols, loss=lambda out: out[0][-1].sum())
    return path.as_uri()


@pytest.fixture
def report(page: Page, address: str) -> Page:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    expect(page.locator(".chooser__told")).not_to_be_empty()
    assert said == []
    return page


def choose(report: Page, name: str, label: str) -> None:
    report.locator(f'[data-choice="{name}"]').select_option(label=label)


def test_numbers_that_are_told_are_those_of_the_trace(report):
    model = Model()
    f = trace(model.first, X)[0, 1].f

    choose(report, "part", "layer 0, reverse")
    choose(report, "sequence", "1 (30 steps)")
    report.locator('[data-choice="unit"]').fill("3")
    report.locator("canvas").press("Home")
    for _ in range(7):
        report.locator("canvas").press("ArrowRight")

    told = report.locator(".chooser__told")
    expect(told).to_contain_text("unit 3, step 7 “w7”")
    shown = told.inner_text().partition("f ")[2].partition(",")[0]
    assert float(shown) == pytest.approx(float(f[7, 1, 3]), abs=6e-4)


def test_keys_walk_units_in_their_order(report):
    choose(report, "order", "number")
    canvas = report.locator("canvas")
    canvas.focus()

    canvas.press("ArrowDown")
    canvas.press("ArrowDown")
    canvas.press("End")

    expect(report.locator(".chooser__told")).to_contain_text("unit 2, step 29")
    canvas.press("ArrowUp")
    expect(report.locator('[data-choice="unit"]')).to_have_value("1")


def test_the_pointer_tells_and_a_click_chooses(report):
    choose(report, "order", "number")
    canvas = report.locator("canvas")
    box = canvas.bounding_box()
    assert box
    last = {"x": box["width"] - 2, "y": box["height"] - 2}

    canvas.hover(position=last)
    expect(report.locator(".chooser__told")).to_contain_text("unit 7, step 29")
    assert report.locator('[data-choice="unit"]').input_value() == "0"

    canvas.click(position=last)
    assert report.locator('[data-choice="unit"]').input_value() == "7"
    expect(report.locator(".chooser__strip svg").first).to_have_attribute(
        "aria-label", re.compile("^input gate i of unit 7")
    )


@pytest.mark.parametrize(("width", "first"), [(1280, ["w0", "w1", "w2"]), (375, ["0", "5", "10"])])
def test_rows_and_columns_are_named_where_they_are(report, width, first):
    report.set_viewport_size({"width": width, "height": 900})
    choose(report, "order", "number")
    report.locator(".chooser__chart").scroll_into_view_if_needed()
    box = report.locator("canvas").bounding_box()
    assert box

    units = report.locator(".chooser__units span")
    assert units.all_inner_texts() == [str(unit) for unit in range(8)]
    steps = report.locator(".chooser__steps span")
    expect(steps.first).to_have_text(first[0])
    assert steps.all_inner_texts()[:3] == first
    for word in [*units.all()[::7], *steps.all()[:3]]:
        own = word.bounding_box()
        assert own
        across = word.evaluate("word => word.parentElement.className") == "chooser__steps"
        middle = own["x"] + own["width"] / 2 if across else box["x"] + 2
        level = box["y"] + box["height"] - 2 if across else own["y"] + own["height"] / 2
        report.mouse.move(middle, level)
        where = (
            f", step {word.inner_text().strip('w')} " if across else f"unit {word.inner_text()},"
        )
        expect(report.locator(".chooser__told")).to_contain_text(where)


def test_names_have_their_room_where_the_box_was_closed_meanwhile(report):
    box, steps = report.locator("#choose > summary"), report.locator(".chooser__steps span")
    box.click()
    report.set_viewport_size({"width": 375, "height": 900})
    box.click()

    expect(steps).to_have_text(["0", "5", "10", "15", "20", "25"])


def test_another_call_has_its_own_quantities(report):
    choose(report, "call", "second: nn.GRU(16, 4)")

    expect(report.locator(".chooser__strip")).to_have_count(4)
    expect(report.locator(".chooser__told")).to_contain_text("z ")
    expect(report.locator('[data-choice="part"] option')).to_have_count(1)


def test_without_scripts_the_rest_is_there(new_tab, address):
    page = new_tab(java_script_enabled=False)
    page.goto(address)

    expect(page.locator(".verdict__headline")).to_be_visible()
    expect(page.locator("#choose noscript p")).to_be_visible()
    expect(page.locator(".chooser__live")).to_be_hidden()
    assert page.locator("figure svg[role=img]").count() > 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_the_chooser_is_accessible_and_fits(scheme, width, new_tab, address):
    view = {"width": width, "height": 900}
    page = new_tab(color_scheme=scheme, viewport=view, bypass_csp=True)
    page.goto(address)
    expect(page.locator(".chooser__told")).not_to_be_empty()

    found = Axe().run(page, "#choose")

    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_a_large_report_opens_at_once(page: Page, tmp_path):
    path = explain(nn.LSTM(64, 1024), torch.randn(2000, 1, 64), path=tmp_path / "large.html")
    start = time.perf_counter()

    page.goto(path.as_uri())
    expect(page.locator(".chooser__told")).not_to_be_empty()

    assert time.perf_counter() - start < 5  # 2 s on a machine of its own
    assert path.stat().st_size < 5e6
    heap = page.evaluate("performance.memory.usedJSHeapSize")
    assert heap < 300e6
