"""The text that a trained network reads in the page, held to torch."""

import re

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from rnn_figures.numbers import number
from rnn_figures.site.typed import strips
from rnn_figures.traces.tracing import trace
from rnn_figures.training import EXPERIMENTS, prose, source_text, trained
from tests.browser.frames import settle

READ = """async ([name, cases]) => {
  const { fetched, reading } = await import("/assets/js/trained.mjs");
  const experiment = await fetched(name);
  return cases.map(([kind, seed, text]) => reading(experiment, kind, seed, text));
}"""

TRUTHS = """async ([name, texts]) => {
  const { TRUTHS } = await import("/assets/js/rnn-typed.mjs");
  return texts.map(text => TRUTHS[name](text).map(({ answers }) => answers));
}"""

INSIDE = """async ([name, texts]) => {
  const { TRUTHS } = await import("/assets/js/rnn-typed.mjs");
  return texts.map(text => TRUTHS[name](text).map(({ inside }) => inside));
}"""

HALF = """async bits => {
  const { half } = await import("/assets/js/trained.mjs");
  return bits.map(half).map(value => `${value}`);
}"""

TEXTS = {
    "counting": "$aaaaabbbbb",
    "brackets": "(()(()))()",
    "recall": "bwxyzzy?",
    "recall-constant": "c------?",
}

INSIDES = {"source-text": (source_text, "brackets"), "prose": (prose, "quotes")}
"""Where the truth is whether a symbol is inside: whose it is, and its name there."""

ASIDES = {
    "source-text": (
        "f(a, 'b)')  # (c)\n",
        'def f(a={}):\n    """Not (this."""\n    return [a[0], (1, "\\")(")]\n',
        "s = r'(' + '''a ' (\n(b''' + \"\"\nt = (s)\n",
    ),
    "prose": (
        'He said "no (more)". Then "yes',
        'One "two\nthree" four\n\nfive "six\n\nseven" eight',
    ),
}

BROKEN = {"counting": "$aabbba$", "brackets": "())(("}


@pytest.fixture
def typed(page, forms_url):
    page.goto(forms_url)
    return page.locator("rnn-typed")


def exact(name, kind, seed, text):
    """Return what torch computes in float64, from the weights as they are shipped."""
    network = trained(name, kind, seed).double()
    run = trace(network.layer, network.inputs(text))[0, 0]
    quantities = {letter: run[letter][:, 0].tolist() for letter in run.quantities}
    return {"quantities": quantities, "chances": network.chances(text).tolist()}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_network_reads_as_in_torch(page, forms_url, name):
    page.goto(forms_url)
    experiment, text = EXPERIMENTS[name], TEXTS[name]
    cases = [(kind, seed, text) for kind in experiment.kinds for seed in range(experiment.seeds)]

    found = page.evaluate(READ, [name, cases])

    for case, reading in zip(cases, found, strict=True):
        expected = exact(name, *case)
        assert reading["quantities"].keys() == expected["quantities"].keys()
        pairs = [(reading["chances"], expected["chances"])]
        pairs += [(reading["quantities"][q], e) for q, e in expected["quantities"].items()]
        for shown, given in pairs:
            shown, given = (torch.tensor(values, dtype=torch.float64) for values in (shown, given))
            torch.testing.assert_close(shown, given, atol=1e-12, rtol=0, msg=str(case))


def test_half_is_torchs_for_every_number(page, forms_url):
    page.goto(forms_url)
    bits = list(range(0, 1 << 16, 7))

    found = page.evaluate(HALF, bits)

    given = torch.tensor(bits, dtype=torch.int32).to(torch.int16).view(torch.float16).double()
    shown = torch.tensor([float(value.replace("Infinity", "inf")) for value in found]).double()
    torch.testing.assert_close(shown, given, atol=0, rtol=0, equal_nan=True)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_the_truth_is_the_packages(page, forms_url, name):
    page.goto(forms_url)
    texts = [TEXTS[name], BROKEN[name]]

    found = page.evaluate(TRUTHS, [name, texts])

    assert found == [[list(right) for right in EXPERIMENTS[name].due(text)] for text in texts]


@pytest.mark.parametrize("name", sorted(INSIDES))
def test_what_a_symbol_is_inside_of_is_the_packages(page, forms_url, name):
    page.goto(forms_url)
    module, truth = INSIDES[name]

    found = page.evaluate(INSIDE, [name, list(ASIDES[name])])

    column = list(module.TRUTHS).index(truth)
    assert found == [module.truths(text)[:, column].tolist() for text in ASIDES[name]]


def test_the_truth_is_drawn_under_the_text_and_said(page, typed):
    typed.evaluate("""typed => {
      typed.dataset.name = "source-text";
      typed.dataset.start = "";
    }""")
    typed.locator("#rnn-typed-text").fill("f(a) b")

    symbols = typed.locator(".rnn-typed__symbols > span > b")
    expect(symbols).to_have_count(6)
    settle(page)  # the truth may come a frame later
    lines = symbols.evaluate_all("all => all.map(one => getComputedStyle(one).borderBottomColor)")
    heights = symbols.evaluate_all("all => all.map(one => one.offsetHeight)")
    assert [line != lines[0] for line in lines] == [False, True, True, False, False, False]
    assert len(set(heights)) == 1  # a space as high as a letter: else its line is above it
    told = typed.locator("output")
    expect(told).to_contain_text("; outside brackets")
    typed.locator("#rnn-typed-at").fill("2")
    expect(told).to_contain_text("; inside brackets")
    expect(typed.locator(".rnn-typed__told")).to_contain_text("the truth: inside brackets")


def test_the_strips_scroll_to_the_symbol_pointed_at(page, typed):
    page.set_viewport_size({"width": 375, "height": 800})
    typed.locator("#rnn-typed-text").fill("a" * 40 + "b" * 40)
    expect(typed.locator("output")).to_contain_text("step 80")

    for at in (0, 40, 80):
        typed.locator("#rnn-typed-at").fill(str(at))
        settle(page)
        page.evaluate("new Promise(requestAnimationFrame)")  # it scrolls in the last frame

        strips, cursor, letters = (
            typed.locator(f".rnn-typed__{part}").bounding_box()
            for part in ("strips", "cursor", "letters")
        )
        assert abs(letters["x"] - strips["x"]) <= 1
        assert letters["x"] + letters["width"] - 1 <= cursor["x"]
        assert cursor["x"] + cursor["width"] <= strips["x"] + strips["width"] + 1


def test_nothing_is_fetched_before_someone_wants_it(page, forms_url):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(forms_url)
    before = [url for url in asked if "/weights/" in url]

    page.locator("#rnn-typed-text").focus()
    expect(page.locator("rnn-typed meter").first).to_be_visible()

    assert before == []
    assert sum("/weights/counting" in url for url in asked) == 2


def test_the_reader_hears_the_symbol_pointed_at(typed):
    typed.locator("#rnn-typed-text").fill("aaabbb")
    at = typed.locator("#rnn-typed-at")

    at.press("Home")
    at.press("ArrowRight")
    at.press("ArrowRight")

    c = exact("counting", "LSTM", 0, "$aaabbb")["quantities"]["c"][2]
    told = typed.locator("output")
    expect(told).to_contain_text("step 2, “a”: it expects ")
    expect(told).to_contain_text("; c = " + ", ".join(map(number, c)))
    expect(at).to_have_attribute("aria-valuetext", told.inner_text())


def test_bars_are_the_chances_after_the_last_symbol(typed):
    typed.locator("#rnn-typed-text").fill("aaabbb")
    typed.locator("#rnn-typed-at").press("End")

    chances = sorted(exact("counting", "LSTM", 0, "$aaabbb")["chances"][-1], reverse=True)
    rows = typed.locator(".rnn-typed__bars tr")
    expect(rows).to_have_count(3)
    shown = [rows.nth(row).locator("td").last.inner_text() for row in range(3)]
    assert shown == [number(chance) for chance in chances]


def test_a_mark_stands_where_training_ended(typed):
    typed.locator("#rnn-typed-text").fill("a" * 14)

    symbols = typed.locator(".rnn-typed__symbols > span")
    expect(symbols).to_have_count(15)
    marks = symbols.evaluate_all("all => all.map(one => Object.keys(one.dataset))")
    assert [t for t in range(15) if "beyond" in marks[t]] == [13, 14]
    assert [t for t in range(15) if "end" in marks[t]] == [13]


AT_EACH_FRAME = """async part => {
  const [text, kind] = ["text", "kind"].map(name => part.querySelector(`#rnn-typed-${name}`));
  const set = (control, value) => {
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const found = [];
  for (let frames = 0; frames < 14; frames += 1) {
    set(kind, "LSTM");
    await part.settled;
    set(text, frames % 2 ? "aab" : "aabb");
    for (let frame = 0; frame < frames; frame += 1) await new Promise(requestAnimationFrame);
    set(kind, "GRU");
    await part.settled.catch(() => {});
    const letters = part.querySelectorAll(".rnn-typed__letters text:not(.rnn-typed__end)");
    found.push([...letters].map(letter => letter.textContent).join(""));
  }
  return found;
}"""
"""Choose another network so many frames after a text was typed, and read whose strips are there."""


def test_a_network_chosen_while_a_text_is_still_being_shown_is_shown(typed):
    typed.locator("#rnn-typed-text").fill("aab")
    expect(typed.locator("#rnn-typed-kind")).to_have_value("LSTM")

    assert set(typed.evaluate(AT_EACH_FRAME)) == {"rznh"}


def test_another_network_has_other_strips(typed):
    typed.locator("#rnn-typed-text").fill("aab")

    typed.locator("#rnn-typed-kind").select_option("GRU")

    letters = typed.locator(".rnn-typed__letters text:not(.rnn-typed__end)")
    expect(letters).to_have_text(["r", "z", "n", "h"])
    expect(typed.locator("#rnn-typed-unit option")).to_have_text(["0", "1"])
    expect(typed.locator("output")).to_contain_text("; h ")


def test_another_unit_has_its_own_numbers(typed):
    typed.locator("#rnn-typed-text").fill("aab")

    typed.locator("#rnn-typed-unit").select_option("1")

    numbers = exact("counting", "LSTM", 0, "$aab")["quantities"]
    shown = [f"{letter} {number(numbers[letter][-1][1])}" for letter in "ifgoch"]
    expect(typed.locator(".rnn-typed__numbers code")).to_have_text(shown)


def test_who_types_sees_the_end(typed):
    typed.locator("#rnn-typed-text").fill("aab")
    expect(typed.locator("output")).to_contain_text("step 3, “b”")

    typed.locator("#rnn-typed-text").fill("aabbb")

    expect(typed.locator("output")).to_contain_text("step 5, “b”")


def test_what_the_network_does_not_know_is_left_out_and_said(typed):
    field, told = typed.locator("#rnn-typed-text"), typed.locator("output")
    field.fill("é😀")
    expect(told).to_contain_text("Left out: é 😀. It knows only $ a b. step 0, “$”: it expects ")
    expect(typed.locator("#rnn-typed-unit")).to_have_value("0")

    field.fill("aéab")

    expect(told).to_contain_text("Left out: é. It knows only $ a b. step 3, “b”: it expects ")
    expect(typed.locator(".rnn-typed__symbols b")).to_have_text(["$", "a", "a", "b"])
    shown = exact("counting", "LSTM", 0, "$aab")["quantities"]["c"][3]
    expect(told).to_contain_text("; c = " + ", ".join(map(number, shown)))


def test_where_nothing_is_left_it_says_so_and_keeps_the_room(typed):
    typed.evaluate("typed => { typed.dataset.start = '' }")
    field, told = typed.locator("#rnn-typed-text"), typed.locator("output")
    field.fill("xyz")
    expect(told).to_have_text("Left out: x y z. It knows only $ a b. Type something that it knows.")
    expect(typed.locator("#rnn-typed-unit option")).to_have_text(["0", "1"])
    field.fill("aab")
    expect(typed.locator(".rnn-typed__found")).to_be_visible()

    field.fill("")

    expect(told).to_have_text("Type something.")
    expect(typed.locator(".rnn-typed__found")).to_have_class(
        "rnn-typed__found rnn-form__found rnn-form__gone"
    )


BARS = """typed => Object.fromEntries(
  [...typed.querySelectorAll("[id^=rnn-typed-bars-]")].map(bars => [
  bars.id.at(-1),
  [bars.getAttribute("d").matchAll(/M[\\d.]+ ([\\d.]+)h10v([\\d.]+)h-10z/g)].flatMap(all => [...all]
    .map(([, y, size]) => [+y, +size, +bars.dataset.zero]))]))"""

SHAPE = """typed => [...typed.querySelectorAll(".rnn-typed__strips svg")].map(svg => [
  svg.getAttribute("viewBox"), [...svg.querySelectorAll("[id]")].map(part => part.id)])"""


def test_each_symbol_stands_under_its_bars(page, typed):
    typed.locator("#rnn-typed-text").fill("aab")
    expect(typed.locator("#rnn-typed-symbols")).to_have_text("$aab")
    settle(page)

    middles = typed.evaluate(
        """typed => {
          const symbols = typed.querySelector("#rnn-typed-symbols");
          const starts = typed.querySelector("#rnn-typed-bars-h").getAttribute("d");
          return [...starts.matchAll(/M([\\d.]+) /g)].map(([, left], at) => {
            const { x, width } = symbols.getExtentOfChar(at);
            return [x + width / 2, Number(left) + 5];
          });
        }"""
    )

    assert len(middles) == 4
    assert all(symbol == pytest.approx(bar, abs=0.5) for symbol, bar in middles)


def test_the_strips_are_pythons_and_every_bar_is_torchs(page, typed):
    field, at = typed.locator("#rnn-typed-text"), typed.locator("#rnn-typed-at")
    shapes = []

    for text in ("a" * 30 + "b" * 29, "ab", "aabbb"):
        field.fill(text)
        expect(at).to_have_attribute("max", str(len(text)))
        settle(page)
        shapes.append(typed.evaluate(SHAPE))
        run = exact("counting", "LSTM", 0, f"${text}")["quantities"]
        for letter, bars in typed.evaluate(BARS).items():
            values = [units[0] for units in run[letter]]
            top = 1 if letter in "ifo" else max(1, *map(abs, values))
            scale = (30 if letter in "ifo" else 15) / top
            assert len(bars) == len(values) == len(text) + 1
            for value, (y, size, zero) in zip(values, bars, strict=True):
                assert size == pytest.approx(abs(value) * scale, abs=0.006)
                assert y == pytest.approx(zero if value < 0 else zero - size, abs=0.011)
        end = max(1, *(abs(units[0]) for units in run["c"]))
        shown = typed.locator("#rnn-typed-end-c").text_content()
        assert shown == f"±{number(end)}"  # the axis of c is this text's, and says so
    drawn = strips("LSTM")
    assert all(shape == shapes[0] for shape in shapes)
    assert [one for _, ids in shapes[0] for one in ids] == re.findall(r'id="([^"]+)"', drawn)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_element_is_accessible(page, typed, scheme):
    page.emulate_media(color_scheme=scheme)
    typed.locator("#rnn-typed-text").fill("aaaabbbbb")
    expect(typed.locator("meter").first).to_be_visible()

    found = Axe().run(page, context="rnn-typed")

    assert found.response["violations"] == []
