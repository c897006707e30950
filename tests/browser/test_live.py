"""Drawings in the reader's hands: gradient dial, two GRUs, weight picker, at every stop."""

import itertools
import re

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from torch import nn

from rnn_figures import gradient_by_lag, set_forget_bias
from rnn_figures.course.gru_forms import both_forms
from rnn_figures.numbers import digits, number
from tests.browser.conftest import served_page
from tests.browser.finger import in_the_middle, phone, swipe
from tests.browser.frames import settle
from tests.browser.room import WIDTHS, too_long

STOPS = [k / 4 for k in range(-8, 17)]

RUNS = """
def runs(bias):
    found = []
    for seed in range(3):
        torch.manual_seed(seed)
        lstm = nn.LSTM(2, 3, dtype=torch.float64)
        found.append((set_forget_bias(lstm, bias), torch.randn(60, 1, 2, dtype=torch.float64)))
    return found
"""

PAGE = f"""# Live

Three of them. [Bias 2](?forget-bias=2#dial), [all open](?r-0=1&r-1=1&r-2=1#forms),
[b_hg](?term=b_hg&layout=Keras#picker).

```figure caption="A dial." id="dial"
{RUNS}
stops = [k / 4 for k in range(-8, 17)]
gradient_dial(
    {{bias: runs(bias) for bias in stops}}, name="forget bias", start=0, labelled=(-2, 0, 1, 2, 4)
)
```

```figure caption="Two GRUs." id="forms"
gru_forms_plot(nn.GRU(5, 3), x, r=(0.2, 0.5, 0.9), step=7)
```

```figure caption="A sheet." id="picker"
weight_picker(nn.LSTM(5, 3))
```
"""

SET = """([id, settings]) => {
  const root = document.querySelector(`#${id} > *:first-child`);
  const shape = () => JSON.stringify([
    [...root.querySelectorAll("svg [id]")].map(part => part.id),
    root.querySelector("svg").getAttribute("viewBox"),
    [...root.querySelectorAll("svg > text")].map(text => text.textContent),
  ]);
  const before = shape();
  return settings.map(moves => {
    root.querySelector('[data-action="reset"]').click();
    for (const [field, value] of moves) {
      const control = root.querySelector(`:is(input, select)[data-field="${field}"]`);
      if (control.type === "checkbox") control.checked = value;
      else control.value = `${value}`;
      control.dispatchEvent(new Event("input", { bubbles: true }));
      control.dispatchEvent(new Event("change", { bubbles: true }));
    }
    root.show(); // at once what a gesture shows in several frames
    return {
      texts: Object.fromEntries([...root.querySelectorAll("[data-number]")].map(part =>
        [part.dataset.number, part.textContent])),
      paths: Object.fromEntries([...root.querySelectorAll("svg g[id] > path:first-child")].map(
        path => [path.parentElement.id, path.getAttribute("d")])),
      said: root.querySelector(".rnn-live__said").textContent,
      same: shape() === before,
    };
  });
}"""


@pytest.fixture(scope="module")
def live_url(once):
    """Address of a page with all three."""
    yield from served_page(once, "live", PAGE)


@pytest.fixture
def live(page, live_url):
    page.goto(live_url)
    return page


def heights(path):
    """Return the heights of the points of a path."""
    return [float(y) for _, y in re.findall(r"([-\d.]+),([-\d.]+)", path)]


def medians():
    """Return the median gradient by lag of every stop, from the live modules."""
    found = {}
    for bias in STOPS:
        each = []
        for seed in range(3):
            torch.manual_seed(seed)
            lstm = set_forget_bias(nn.LSTM(2, 3, dtype=torch.float64), bias)
            each.append(gradient_by_lag(lstm, torch.randn(60, 1, 2, dtype=torch.float64))[:, 0])
        found[bias] = torch.stack(each).median(dim=0).values
    return found


def test_the_dial_is_torchs_at_every_stop(live):
    shown = live.evaluate(SET, ["dial", [[("forget-bias", bias)] for bias in STOPS]])

    lines = []
    for one, (bias, median) in zip(shown, medians().items(), strict=True):
        assert one["same"], bias
        assert one["texts"]["setting"] == number(bias)
        for lag in (0, 20, 40, 59):
            assert one["texts"][f"lag-{lag}"] == digits(median[lag].item(), 2), (bias, lag)
        lost = (median < 2**-24 * median[0]).nonzero().flatten().tolist()
        assert one["texts"]["reach"] == (f"{lost[0] - 1}" if lost else "59 or more")
        curve = heights(one["paths"]["dial-dial-median"])
        lines += list(zip(median.log10().tolist(), curve, strict=True))
    (low, bottom), (high, top) = min(lines), max(lines)
    for power, y in lines:  # one axis for all stops
        assert y == pytest.approx(bottom + (power - low) / (high - low) * (top - bottom), abs=0.02)


def test_the_dial_says_its_values_to_those_who_hear_it(live):
    slider = live.get_by_role("slider", name="forget bias")

    slider.focus()
    live.keyboard.press("End")
    settle(live)
    assert slider.get_attribute("aria-valuetext").startswith("4: lag 0 ")
    live.keyboard.press("Home")
    assert slider.input_value() == "-2"
    live.keyboard.press("ArrowRight")
    assert slider.input_value() == "-1.75"
    live.keyboard.press("PageUp")
    assert float(slider.input_value()) > -1.75
    settle(live)
    assert live.locator("#dial .rnn-live__said").text_content().startswith("forget bias ")


def drawn(page, figure):
    return page.locator(f"#{figure} svg").evaluate_all("all => all.map(one => one.outerHTML)")


@pytest.mark.parametrize(
    ("figure", "moves"),
    [
        ("dial", [("forget-bias", 2)]),
        ("forms", [("r-1", 0.95), ("b-hn", False), ("t", 3)]),
        ("picker", [("layout", 1)]),
    ],
)
def test_reset_brings_the_first_state_back(live, figure, moves):
    live.evaluate(SET, [figure, [[]]])
    first, words = drawn(live, figure), live.locator(f"#{figure}").inner_text()

    live.evaluate(SET, [figure, [moves]])
    assert live.locator(f"#{figure}").inner_text() != words
    live.locator(f"#{figure}").get_by_role("button", name="Reset").click()
    settle(live)

    assert drawn(live, figure) == first
    assert live.locator(f"#{figure}").inner_text() == words


@pytest.mark.parametrize("figure", ["dial", "forms"])
def test_a_script_changes_no_curve_and_no_number_at_first(live, new_tab, live_url, figure):
    still = new_tab(java_script_enabled=False)
    still.goto(live_url)

    told = f"#{figure} .rnn-live__still"
    assert still.locator(told).is_visible()
    assert not live.locator(told).is_visible()
    numbers = f"#{figure} [data-number]"
    texts = still.locator(numbers).all_text_contents()
    assert texts == live.locator(numbers).all_text_contents()
    assert len(texts) > 5
    paths = f"#{figure} svg g[id*='-dial-m'] > path, #{figure} svg g[id*='-forms-t'] > path"
    points = "all => all.map(one => one.getBBox()).flatMap(box => [box.y, box.width, box.height])"
    old, new = (page.locator(paths).evaluate_all(points) for page in (still, live))
    assert old == pytest.approx(new, abs=0.1)
    assert len(old) >= 3


def test_one_ghost_shows_the_state_before(live):
    slider = live.get_by_role("slider", name="forget bias")
    first = live.locator("[id='dial-dial-median'] > path").first.get_attribute("d")

    slider.fill("1")
    slider.fill("2")
    settle(live)

    ghost = live.locator("#dial .rnn-live__ghost")
    assert ghost.count() == 1
    assert live.locator("#dial").get_by_text("Dashed: the setting before").is_visible()
    assert ghost.get_attribute("d") != first  # of bias 1, which was released
    assert heights(ghost.get_attribute("d"))[-1] < heights(first)[-1]


def test_the_state_is_in_the_address_and_back_brings_it(live, live_url):
    live.get_by_role("slider", name="forget bias").fill("1.5")
    live.get_by_role("slider", name="r of unit 0").fill("0.75")
    expect(live).to_have_url(re.compile(r"\?forget-bias=1\.5&r-0=0\.75$"))
    settle(live)

    copied = live.context.new_page()
    copied.goto(live.url)
    numbers = "#dial [data-number], #forms [data-number]"
    texts = copied.locator(numbers).all_text_contents()
    assert texts == live.locator(numbers).all_text_contents()
    assert "1.50" in texts

    live.go_back()
    expect(live.get_by_role("slider", name="r of unit 0")).to_have_value("0.2")
    expect(live.get_by_role("slider", name="forget bias")).to_have_value("1.5")
    live.go_back()
    expect(live.get_by_role("slider", name="forget bias")).to_have_value("0")


@pytest.mark.parametrize("search", ["forget-bias=99", "forget-bias=0.1", "forget-bias=x", "r-0=-1"])
def test_a_bad_address_gives_what_is_given_at_first(page, live, live_url, search):
    first = live.locator("article").inner_text()

    page.goto(f"{live_url}?{search}")

    assert page.locator("article").inner_text() == first


def test_links_in_the_text_drive_the_figures(live):
    live.get_by_role("link", name="Bias 2").click()
    settle(live)
    assert live.get_by_role("slider", name="forget bias").input_value() == "2"
    assert "forget-bias=2" in live.url

    live.get_by_role("link", name="all open").click()
    settle(live)
    assert live.locator('#forms [data-number="gap"]').text_content() == "0"
    live.get_by_role("link", name="b_hg").click()
    settle(live)
    assert live.locator('#picker [data-number="slice"]').text_content() == "bias[6:9]"
    live.go_back()
    expect(live.locator('#picker [data-number="slice"]')).to_have_text("lstm.weight_ih_l0[3:6]")


FORMS = """async ([weights, input, r]) => {
  const { bothForms } = await import("/assets/js/gru-forms.mjs");
  return bothForms(weights, input, r ? { r } : undefined);
}"""


@pytest.mark.parametrize("held", [None, [0.25, 0.5, 1.0, 0.0], [0.3, 0.3, 0.3, 0.3]])
def test_both_forms_are_torchs(live, held):
    torch.manual_seed(1)
    gru, sequence = nn.GRU(3, 4).double(), torch.randn(6, 3, dtype=torch.float64)
    weights = {name.removesuffix("_l0"): one.detach() for name, one in gru.named_parameters()}
    plain = {name: weight.tolist() for name, weight in weights.items()}

    shown = live.evaluate(FORMS, [plain, sequence.tolist(), held])

    w_r, u_r = weights["weight_ih"][:4], weights["weight_hh"][:4]
    b_r = (weights["bias_ih"] + weights["bias_hh"])[:4]
    for name, run in shown.items():
        h = torch.zeros(4, dtype=torch.float64)
        for x_t, given in zip(sequence, run, strict=True):
            r = torch.sigmoid(w_r @ x_t + u_r @ h + b_r)
            r = r if held is None else torch.tensor(held, dtype=torch.float64)
            h = one_step(weights, x_t, h, r, name)
            given = torch.tensor(given, dtype=torch.float64)
            torch.testing.assert_close(given, h, atol=1e-12, rtol=0)
    if held is None:
        expected = gru(sequence.unsqueeze(1))[0][:, 0]
        found = torch.tensor(shown["torch"], dtype=torch.float64)
        torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)


def one_step(weights, x, h, r, name):
    """Return the next h of a form, its reset gate given."""
    _, z_x, n_x = (weights["weight_ih"] @ x + weights["bias_ih"]).chunk(3)
    _, z_h, n_h = (weights["weight_hh"] @ h + weights["bias_hh"]).chunk(3)
    z = torch.sigmoid(z_x + z_h)
    matrix, bias = weights["weight_hh"][8:], weights["bias_hh"][8:]
    inside = r * n_h if name == "torch" else matrix @ (r * h) + bias
    return (1 - z) * torch.tanh(n_x + inside) + z * h


def settings_of(page, figure):
    return page.locator(f"#{figure} > *").first.evaluate("one => JSON.parse(one.dataset.settings)")


def test_the_two_grus_are_torchs_at_every_stop(live):
    given = settings_of(live, "forms")
    weights = {name: torch.tensor(w, dtype=torch.float64) for name, w in given["weights"].items()}
    sequence = torch.tensor(given["input"], dtype=torch.float64)
    r_stops = [round(0.05 * stop, 2) for stop in range(21)]
    settings = [[("r-" + unit, r)] for unit in "012" for r in r_stops]
    settings += [
        [("r-0", r), ("r-1", r), ("r-2", r), ("b-hn", b)] for r in (0, 0.5, 1) for b in (0, 1)
    ]
    settings += [[("t", t)] for t in range(8)]

    shown = live.evaluate(SET, ["forms", settings])

    tops = set()
    for moves, one in zip(settings, shown, strict=True):
        state = {"r-0": 0.2, "r-1": 0.5, "r-2": 0.9, "b-hn": 1, "t": 7} | dict(moves)
        t = int(state["t"])
        own = dict(weights)
        if not state["b-hn"]:
            own["bias_hh"] = torch.cat([own["bias_hh"][:6], torch.zeros(3).double()])
        r = torch.tensor([[state[f"r-{unit}"] for unit in range(3)]], dtype=torch.float64)
        runs = {name: run[:, 0] for name, run in both_forms(own, sequence, r).items()}
        gap = (runs["torch"] - runs["paper"]).abs().amax(dim=1)
        gap = torch.where(gap < 1e-12, 0.0, gap)
        for name, unit in itertools.product(runs, range(3)):
            value = runs[name][t, unit].item()
            assert one["texts"][f"{name}-{unit}"] == number(value), moves
        assert one["texts"]["gap"] == number(gap[t].item()), moves
        assert one["texts"]["why"] == given["why"][why(state, gap)], moves
        assert one["same"], moves
        zero, full = given["gaps"]
        for step, value in enumerate(gap.tolist()):
            top = heights(one["paths"][f"forms-forms-gap-{step}"])[2]
            assert top == pytest.approx(zero + value * (full - zero), abs=0.01)
            tops.add(top)
    axis = live.locator("#forms svg").first.evaluate("svg => svg.viewBox.baseVal.height")
    assert min(tops) > axis / 2  # no bar leaves its strip


def why(state, gap):
    """Return the case that a state of the two GRUs is."""
    r = {state[f"r-{unit}"] for unit in range(3)}
    if len(r) > 1:
        return "apart"
    if r == {1}:
        return "open"
    return "bias" if gap.max() > 0 else "none"


def test_every_term_lights_its_rows_and_shows_its_slice(live):
    terms = settings_of(live, "picker")["terms"]
    assert len(terms) == 16

    for term in terms:
        live.get_by_role("button", name=term["symbol"], exact=True).click()
        for layout, code in term["slices"].items():
            live.get_by_label("Slice in").select_option(layout)
            settle(live)
            assert live.locator('#picker [data-number="slice"]').text_content() == code
        lit = live.locator("#picker svg g.node:not([data-off])[id]").evaluate_all(
            r"all => all.map(one => one.id).filter(id => /-[ifgo]-\w+-\d+-\d+$/.test(id))"
        )
        letter, _, name = term["part"].rstrip("-").partition("-")
        columns = {"weight_ih_l0": 5, "weight_hh_l0": 3}.get(name, 1)
        assert len(lit) == 3 * columns
        assert all(f"-{letter}-{name}-" in one for one in lit)
    pressed = live.locator("#picker button[aria-pressed=true]").all_inner_texts()
    assert pressed == [terms[-1]["symbol"]]


def test_a_press_on_the_sheet_picks_the_term(live):
    live.locator("[id$='-o-weight_hh_l0-10-1']").click()
    settle(live)

    assert live.locator("#picker button[aria-pressed=true]").inner_text() == "W_ho"
    expect(live).to_have_url(re.compile("term=W_ho"))
    assert "output gate" in live.locator("#picker .rnn-live__said").text_content()


def test_terms_are_reached_by_keyboard(live):
    live.get_by_role("button", name="W_ii", exact=True).focus()
    live.keyboard.press("Tab")
    live.keyboard.press("Enter")
    settle(live)

    assert live.locator('#picker [data-number="slice"]').text_content() == "lstm.bias_ih_l0[0:3]"


def test_the_slice_can_be_copied(new_tab, live_url):
    page = new_tab(permissions=["clipboard-read", "clipboard-write"])
    page.goto(live_url)

    page.get_by_role("button", name="Copy the slice").click()

    expect(page.locator("#picker .rnn-live__said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "lstm.weight_ih_l0[3:6]"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_nothing_stands_in_the_way_of_anybody(new_tab, live_url, scheme, width):
    page = new_tab(color_scheme=scheme, viewport={"width": width, "height": 900})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(live_url)

    found = Axe().run(page, context="article").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert wrong == []
    sizes = page.locator("figure > *:first-child :is(button, input, select)").evaluate_all(
        "all => all.map(one => [one.outerHTML.slice(0, 60), one.getBoundingClientRect()])"
        ".filter(([, box]) => box.width).map(([html, box]) => [html, box.width, box.height])"
    )
    assert [one for one in sizes if "checkbox" not in one[0] and min(one[1:]) < 24] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(sizes) > 20


@pytest.mark.parametrize(
    ("figure", "parts"),
    [
        ("dial", ("svg:visible", 'input[type="range"]:visible')),
        ("forms", ("svg:visible", 'input[type="range"]:visible')),
        ("picker", ("[id$='-o-weight_hh_l0-10-1']",)),
    ],
)
def test_a_swipe_scrolls_the_page_and_sets_nothing(new_tab, live_url, figure, parts):
    page = phone(new_tab)
    page.goto(live_url)
    numbers = page.locator(f"#{figure} [data-number]")
    texts = numbers.all_text_contents()
    way = 200 if figure == "picker" else -200  # the page ends below it

    for part in parts:
        box = in_the_middle(page.locator(f"#{figure} {part}").first)
        before = page.evaluate("scrollY")
        from_right = min(20, box["width"] / 2)
        start = (box["x"] + box["width"] - from_right, box["y"] + box["height"] / 2)
        swipe(page, start, (0, way))
        page.wait_for_function("before => Math.abs(scrollY - before) > 50", arg=before)
        settle(page)
        assert numbers.all_text_contents() == texts, part
    if figure == "picker":  # where it began, a tap does set something
        page.locator(f"#{figure} {parts[0]}").tap()
        settle(page)
        assert numbers.all_text_contents() != texts


WRITE = """async ([first, other]) => {
  const { write } = await import("/assets/js/writing.mjs");
  const part = document.createElement("p");
  write(part, first);
  part.innerHTML = other;
  write(part, first);
  return part.textContent;
}"""


@pytest.mark.parametrize("other", ["", "two", "<b>two</b>", "one<b> more</b>"])
def test_what_others_wrote_is_written_over(live, other):
    assert live.evaluate(WRITE, ["one", other]) == "one"


def test_the_gap_before_the_last_change_stays_as_a_ghost(live):
    ghost = live.locator("#forms .rnn-live__ghost")
    heights = live.locator("#forms .rnn-live__ghosted")
    assert ghost.count() == 0

    live.get_by_role("slider", name="r of unit 0").fill("1")
    settle(live)
    assert (ghost.get_attribute("d") or "").count("M") == 8  # a top for each step
    assert heights.is_visible()

    live.locator("#forms").get_by_role("button", name="Reset").click()
    settle(live)
    assert ghost.count() == 0
    assert not heights.is_visible()


@pytest.mark.parametrize(
    "width", [pytest.param(one, marks=[pytest.mark.slow] * (one != 375)) for one in WIDTHS]
)
def test_no_text_is_longer_than_its_room(new_tab, live_url, width):
    page = new_tab(viewport={"width": width, "height": 900})
    page.goto(live_url)

    for figure in ("dial", "forms", "picker"):
        assert too_long(page.locator(f"#{figure} > *").first) == [], figure
