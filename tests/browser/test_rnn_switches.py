"""The bracket counter with its gates at hand, and the cell that it computes with."""

import itertools

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from torch import nn

from rnn_figures.traces.tracing import trace

LSTM = """async ([weights, x]) => {
  const { lstm } = await import("/assets/js/cells.mjs");
  return lstm(weights, x);
}"""

COUNT = """async runs => {
  const { count } = await import("/assets/js/rnn-switches.mjs");
  return runs.map(([brackets, gates]) => count(brackets, gates));
}"""


@pytest.fixture
def counter(page, forms_url):
    page.goto(forms_url)
    return page


def live(lstm: nn.LSTM, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return each quantity of a layer in one direction, (L, H)."""
    run = trace(lstm, x)[0, 0]
    return {letter: run[letter][:, 0] for letter in "ifgoch"}


def told(steps: list[dict]) -> dict[str, torch.Tensor]:
    """Return the same of the script's steps."""
    return {
        letter: torch.tensor([step[letter] for step in steps], dtype=torch.float64)
        for letter in "ifgoch"
    }


@pytest.mark.parametrize(("H_in", "H"), [(1, 1), (5, 3), (2, 8)])
def test_the_scripts_lstm_is_torchs(counter, H_in, H):
    torch.manual_seed(H)
    lstm = nn.LSTM(H_in, H).double()
    x = 3 * torch.randn(12, H_in, dtype=torch.float64)
    weights = {
        name.removesuffix("_l0"): weight.tolist() for name, weight in lstm.named_parameters()
    }

    steps = told(counter.evaluate(LSTM, [weights, x.tolist()]))

    for letter, values in live(lstm, x).items():
        torch.testing.assert_close(steps[letter], values, atol=1e-12, rtol=0)


def test_the_counter_is_a_live_module_with_the_gates_in_its_biases(counter):
    levels = (0.0, 0.05, 0.5, 0.95, 1.0)
    runs = [
        ("(()((())))"[: 4 + place % 7], dict(zip("ifo", gates, strict=True)))
        for place, gates in enumerate(itertools.product(levels, repeat=3))
    ]

    found = counter.evaluate(COUNT, runs)

    lstm = nn.LSTM(1, 1).double()
    for (brackets, gates), steps in zip(runs, found, strict=True):
        bias = torch.tensor([gates["i"], gates["f"], 0.5, gates["o"]], dtype=torch.float64).logit()
        with torch.no_grad():
            for name, weight in lstm.named_parameters():
                rows = {"weight_ih_l0": torch.tensor([[0.0], [0.0], [20.0], [0.0]])}
                weight.copy_(bias if name == "bias_ih_l0" else rows.get(name, 0 * weight))
        x = torch.tensor([[1.0 if each == "(" else -1.0] for each in brackets]).double()
        for letter, values in live(lstm, x).items():
            torch.testing.assert_close(told(steps)[letter], values, atol=1e-12, rtol=0)


def test_counter_starts_as_the_page_does(counter):
    expect(counter.locator("rnn-switches output")).to_have_text("c ends at 0, h at 0")
    expect(counter.locator("rnn-switches circle")).to_have_count(20)


def test_sliders_move_by_keyboard_and_say_their_value(counter):
    slider = counter.get_by_label("forget gate")
    slider.focus()
    for _ in range(10):
        counter.keyboard.press("ArrowLeft")
    counter.get_by_label("brackets").fill("(((")

    assert slider.get_attribute("aria-valuetext") == "forget gate 0.50"
    expect(counter.locator("rnn-switches output")).to_have_text("c ends at 1.7500, h at 0.9414")
    numbers = counter.locator("rnn-switches svg > text:not([class])").all_text_contents()
    assert numbers[:3] == ["1", "1.50", "1.75"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type a bracket, ( or )."),
        ("(x)", 'Expected ( and ) alone, got "x": take it out.'),
        ("() ()", 'Expected ( and ) alone, got " ": take it out.'),
        ("(" * 15, "Expected up to 12 brackets, got 15: take some out."),
    ],
)
def test_counter_says_what_is_wrong_and_draws_nothing_then(counter, typed, said):
    counter.get_by_label("brackets").fill(typed)

    expect(counter.locator("rnn-switches output")).to_have_text(said)
    expect(counter.locator("rnn-switches svg")).to_be_hidden()

    counter.get_by_label("brackets").fill("()")

    expect(counter.locator("rnn-switches svg")).to_be_visible()


def test_what_rounding_leaves_of_zero_is_zero(counter):
    counter.locator("#rnn-switches-i").fill("0.1")

    expect(counter.locator("rnn-switches output")).to_have_text("c ends at 0, h at 0")


def test_counter_keeps_what_was_set_after_the_way_back(counter, forms_url):
    counter.get_by_label("brackets").fill("((")
    counter.locator("#rnn-switches-f").fill("0.5")
    counter.goto(f"{forms_url}404.html")
    counter.go_back()

    expect(counter.locator("rnn-switches output")).to_have_text("c ends at 1.5000, h at 0.9051")


@pytest.mark.parametrize("forget", ["0", "0.5", "1"])
@pytest.mark.parametrize("typed", ["(()((())))", "((((((((((((", "))))", "()()()()()()", "("])
def test_numbers_stay_inside_the_drawing_and_apart(counter, typed, forget):
    counter.get_by_label("brackets").fill(typed)
    counter.locator("#rnn-switches-f").fill(forget)

    boxes = counter.locator("rnn-switches svg text").evaluate_all(
        "texts => texts.map(text => text.getBBox()).map(({x, y, width, height}) => "
        "[x, y, x + width, y + height])"
    )
    width, height = counter.locator("rnn-switches svg").evaluate(
        "svg => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]"
    )
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
    for one, other in itertools.combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_counter_is_accessible_and_fits(new_context, forms_url, scheme, width):
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    page.goto(forms_url)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page, "rnn-switches").response["violations"] == []
