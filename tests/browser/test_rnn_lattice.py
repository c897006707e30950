"""A whole layer in the reader's hands: every number at every cell, and every row's path."""

import datetime
import itertools
import re

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from torch import nn

from rnn_figures.diagrams.cell.numbers import joins
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import trace
from tests.browser.conftest import served_page
from tests.browser.finger import in_the_middle, phone, swipe
from tests.browser.frames import settle

PAGE = """# Layers

Two of them.

```figure caption="A layer." id="lattice"
lattice_player(nn.LSTM(5, 3, num_layers=2, bidirectional=True), x)
```

```figure caption="Another." id="other"
lattice_player(nn.GRU(5, 3), x)
```
"""

KINDS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN_TANH": nn.RNN, "RNN_RELU": nn.RNN}

WAYS = ("forward", "reverse")

SHAPES = list(itertools.product((1, 2, 3), (1, 2), (2, 3, 4, 5)))

EVERY_CELL = [("LSTM", 2, 2, 4), ("GRU", 3, 1, 5), ("RNN_TANH", 1, 2, 3), ("RNN_RELU", 3, 2, 2)]

HELP = """
  const lattice = document.querySelector("#lattice rnn-lattice");
  const set = (selector, value) => {
    const control = lattice.querySelector(selector);
    control.value = `${value}`;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    lattice.show(); // not in several frames: there are hundreds of settings
  };
  const choose = async (name, value) => {
    lattice.querySelector(`[data-field="${name}"][value="${value}"]`).click();
    while (lattice.hasAttribute("aria-busy")) await new Promise(done => setTimeout(done));
    lattice.show();
  };
  const shape = async (kind, layers, directions, steps) => {
    await choose("kind", kind);
    await choose("layers", layers);
    await choose("directions", directions);
    await choose("steps", steps);
  };
  const drawing = () => [...lattice.querySelectorAll(".rnn-figure__sheet > svg[viewBox]")]
    .find(svg => svg.checkVisibility());
  const nameOf = part => part.id.replace(/^.*-(?:lstm|gru|rnn)-/, "");
  const read = () => Object.fromEntries([...drawing().querySelectorAll("g.node[id]")]
    .map(part => [nameOf(part), [...part.querySelectorAll("text")].map(text => text.textContent)])
    .filter(([name]) => /^([hc]-l|read-|output-)/.test(name) && !/-name$/.test(name)));
"""

NUMBERS = (
    "async cases => {"
    + HELP
    + """
  const found = [];
  for (const [one, stops] of cases) {
    await shape(...one);
    found.push(stops.map(at => { set('[data-field="at"]', at); return read(); }));
  }
  return found;
}"""
)

INSIDE = (
    "async ([one, counts]) => {"
    + HELP
    + """
  await shape(...one);
  const found = [];
  for (const count of counts) {
    lattice.querySelector(`.rnn-lattice__cells button[value="${count}"]`).click();
    lattice.show();
    const dialog = lattice.querySelector("dialog");
    while (!dialog.querySelector("svg")) await new Promise(done => setTimeout(done));
    found.push(Object.fromEntries([...dialog.querySelectorAll(".numbers")].map(part => [
      part.id.replace(/^.*-numbers-/, ""),
      [...part.querySelectorAll("text")].map(text => text.textContent)])));
    dialog.close();
    await new Promise(done => setTimeout(done));
  }
  return found;
}"""
)

PATHS = (
    "async cases => {"
    + HELP
    + """
  const found = [];
  for (const [one, row] of cases) {
    await shape(...one);
    await choose("row", row);
    const parts = [...drawing().querySelectorAll("g[id]")];
    const having = name => parts.filter(part => part.hasAttribute(`data-${name}`)).map(nameOf);
    found.push({ beside: having("beside"), chosen: having("chosen"), all: parts.map(nameOf),
      told: lattice.querySelector(".rnn-lattice__row").textContent,
      palest: Math.min(...parts.map(part => +getComputedStyle(part).opacity)) });
    await choose("row", -1);
  }
  return found;
}"""
)

LOOK = (
    "() => {"
    + HELP
    + """
  const sorted = marks => marks.split(" ").sort().join(" ");
  return [drawing().outerHTML.replace(/(?: data-[a-z]+="")+/g, sorted),
    lattice.querySelector(".rnn-lattice__now").textContent];
}"""
)


def look(page):
    """Return the drawing that is shown and what is said below it, when all is shown."""
    settle(page)
    return page.evaluate(LOOK)


@pytest.fixture(scope="module")
def layers_url(once):
    """Address of a page with two layers; making the drawings that can be chosen takes a while."""
    yield from served_page(once, "layers", PAGE)


@pytest.fixture
def lattice(page, layers_url):
    """The first layer of the page: LSTM, two layers, two directions, four steps."""
    page.goto(layers_url)
    return page.locator("#lattice rnn-lattice")


def given(steps):
    """The site's x, as many steps of it, in float64."""
    return torch.randn(8, 1, 5, generator=torch.Generator().manual_seed(0)).double()[:steps]


def module_of(kind, layers, directions):
    """The layer that a page makes with seed 0, in float64."""
    more = {"nonlinearity": kind[4:].lower()} if kind.startswith("RNN") else {}
    torch.manual_seed(0)
    return KINDS[kind](5, 3, num_layers=layers, bidirectional=directions == 2, **more).double()


def cells(layers, directions, steps):
    """Every cell in torch's order: layer, direction, step."""
    rows = itertools.product(range(layers), range(directions))
    return [(*row, t) for row in rows for t in (range(steps)[::-1] if row[1] else range(steps))]


def written(values):
    return [number(value) for value in values.flatten().tolist()]


def texts(run, layers, directions, steps, at):
    """What every box must say when so many cells are computed."""
    found = {}
    for index, (layer, direction, t) in enumerate(cells(layers, directions, steps)):
        way, values = WAYS[direction], run[layer, direction]
        reader = "output" if layer + 1 == layers else f"read-l{layer + 1}"
        half = f"{reader}-{way}-t{t}" if directions == 2 else f"{reader}-t{t}"
        for letter, name in (("h", f"h-l{layer}-{way}-t{t}"), ("h", half)):
            found[name] = written(values[letter][t]) if index < at else [""] * 3
        if "c" in values.quantities:
            found[f"c-l{layer}-{way}-t{t}"] = written(values.c[t]) if index < at else [""] * 3
    return found


def index_of(kind):
    return list(KINDS).index(kind)


def test_every_number_is_torchs_in_every_configuration_and_after_every_cell(lattice, page):
    ends = [(kind, *shape) for kind in KINDS for shape in SHAPES]
    cases = [(case, [case[1] * case[2] * case[3]]) for case in ends]
    cases += [(case, list(range(case[1] * case[2] * case[3] + 1))) for case in EVERY_CELL]

    shown = page.evaluate(NUMBERS, [[[index_of(case[0]), *case[1:]], at] for case, at in cases])

    for ((kind, layers, directions, steps), stops), found in zip(cases, shown, strict=True):
        x = given(steps)
        module = module_of(kind, layers, directions)
        run = trace(module, x)
        output = module(x)[0]
        top = [run[layers - 1, direction].h for direction in range(directions)]
        torch.testing.assert_close(torch.cat(top, -1), output, atol=1e-12, rtol=0)
        for at, read in zip(stops, found, strict=True):
            expected = texts(run, layers, directions, steps, at)
            read = {name: text for name, text in read.items() if text}  # frames have none
            assert read == expected, (kind, layers, directions, steps, at)


@pytest.mark.parametrize("case", EVERY_CELL)
def test_the_inside_of_every_cell_has_torchs_numbers(lattice, page, case):
    kind, layers, directions, steps = case
    every = cells(layers, directions, steps)

    shown = page.evaluate(INSIDE, [[index_of(kind), *case[1:]], list(range(1, len(every) + 1))])

    module = module_of(kind, layers, directions)
    run = trace(module, given(steps))
    for (layer, direction, t), found in zip(every, shown, strict=True):
        suffix = f"_l{layer}{'_reverse' * direction}"
        step = run[layer, direction].step(t)
        weights = {name: weight.detach() for name, weight in module.named_parameters()}
        of_x, of_h = (
            (weights[f"weight_{side}{suffix}"] @ read + weights[f"bias_{side}{suffix}"]).view(-1, 3)
            for side, read in (("ih", step["x"]), ("hh", step["h_prev"]))
        )
        letters = {"LSTM": "ifgo", "GRU": "rz"}.get(kind, "h")
        step = dict(step) | {f"pre_{one}": of_x[row] + of_h[row] for row, one in enumerate(letters)}
        if kind == "GRU":
            step |= {"in": of_x[2], "hn": of_h[2], "pre_n": of_x[2] + step["r"] * of_h[2]}
        expected = {name: written(values) for name, values in joins(kind, step).items()}
        expected["x"] = [f"(H_in={len(step['x'])})"]
        assert found == {name: expected[name] for name in found}
        assert {"x", "h", "h_prev"} <= found.keys()


def influences(layers, directions, steps, k):
    """Return the cells whose h reaches h_n[k], by its gradient."""
    module = module_of("RNN_TANH", layers, directions)
    read, states, last = list(given(steps)[:, 0]), {}, []
    for layer in range(layers):
        for direction in range(directions):
            w_ih, w_hh, b_ih, b_hh = module.all_weights[layer * directions + direction]
            h = torch.zeros(3, dtype=torch.float64)
            for t in range(steps)[::-1] if direction else range(steps):
                h = torch.tanh(w_ih @ read[t] + b_ih + w_hh @ h + b_hh)
                states[layer, direction, t] = h
            last.append(h)
        read = [
            torch.cat([states[layer, direction, t] for direction in range(directions)])
            for t in range(steps)
        ]
    torch.testing.assert_close(torch.stack(last), module(given(steps))[1][:, 0])
    grads = torch.autograd.grad(last[k].sum(), list(states.values()), allow_unused=True)
    return {
        cell
        for cell, grad in zip(states, grads, strict=True)
        if grad is not None and bool(grad.any())
    }


def test_a_row_lights_what_made_it_and_its_equal_and_hides_nothing(lattice, page):
    shapes = [(2, 2, 4), (3, 1, 3), (1, 2, 2), (3, 2, 3)]
    cases = [(shape, k) for shape in shapes for k in range(shape[0] * shape[1])]

    shown = page.evaluate(PATHS, [[[0, *shape], k] for shape, k in cases])

    for ((layers, directions, steps), k), found in zip(cases, shown, strict=True):
        made = influences(layers, directions, steps, k)
        bright = set(found["all"]) - set(found["beside"])
        for layer, direction, t in cells(layers, directions, steps):
            name = f"l{layer}-{WAYS[direction]}-t{t}"
            on_path = (layer, direction, t) in made
            assert ({f"cell-{name}", f"h-{name}", f"c-{name}", f"in-{name}"} <= bright) == on_path
        layer, direction = divmod(k, directions)
        end = 0 if direction else steps - 1
        is_top = layer == layers - 1
        half = f"output-{WAYS[direction]}-t{end}" if directions == 2 else f"output-t{end}"
        cell = f"cell-l{layer}-{WAYS[direction]}-t{end}"
        assert set(found["chosen"]) == {cell, f"h_n-{k}", *([half] if is_top else [])}
        outputs = {name for name in bright if name.startswith("output") and "-t" in name}
        whole = {f"output-t{end}", f"output-t{end}-name", half}
        assert outputs <= whole
        assert (half in outputs) == is_top
        assert {name for name in bright if name.startswith(("h_n", "c_n"))} <= {
            f"h_n-{k}",
            f"h_n-{k}-twin",
        }
        assert {f"x-t{t}" for t in range(steps)} <= bright
        assert found["palest"] >= 0.3
        assert f"h_n[{k}] is layer {layer}" in found["told"]
        assert ("nowhere in output" in found["told"]) != is_top


def test_every_row_is_where_a_live_module_has_it_and_its_code_reads_it(page, layers_url):
    page.goto(layers_url)
    found = page.evaluate(
        """async cases => {
          const { rows } = await import("/assets/js/lattice-run.mjs");
          return cases.map(one => rows(...one));
        }""",
        SHAPES,
    )

    for (layers, directions, steps), rows in zip(SHAPES, found, strict=True):
        module = module_of("LSTM", layers, directions)
        x = given(steps)
        output, (h_n, _) = module(x)
        run = trace(module, x)
        assert [row["k"] for row in rows] == list(range(len(h_n)))
        for row in rows:
            own = h_n[row["k"]]
            torch.testing.assert_close(own, run[row["layer"], row["direction"]].h[row["step"]])
            assert torch.equal(eval(row["view"], {"h_n": h_n}), own)
            equal = [
                (t, half)
                for t, half in itertools.product(range(steps), range(directions))
                if torch.equal(output[t, :, 3 * half : 3 * half + 3], own)
            ]
            assert equal == ([(row["step"], row["direction"])] if row["twin"] else [])
            if row["twin"]:
                assert torch.equal(eval(row["twin"], {"output": output}), own)


def test_scripts_change_no_number_at_first_and_the_extremes_leave_the_drawing_as_it_was(
    lattice, page, new_tab, layers_url
):
    still = new_tab(java_script_enabled=False)
    still.goto(layers_url)
    drawing = "#lattice .rnn-figure__wide svg[viewBox]"
    read = """svg => [svg.getAttribute("viewBox"),
      [...svg.querySelectorAll("[id], text, title, desc")].map(part =>
        [part.id, part.localName === "g" ? "" : part.textContent])]"""
    first = still.locator(drawing).evaluate(read)
    assert page.locator(drawing).evaluate(read) == first
    before = look(page)

    for name, ends in {"kind": (3, 0), "layers": (1, 3, 2), "directions": (1, 2)}.items():
        for end in ends:
            lattice.locator(f'[data-field="{name}"][value="{end}"]').check(force=True)
            expect(lattice).not_to_have_attribute("aria-busy", "true")
    for end in ("0", "16"):
        lattice.locator('input[data-field="at"]').fill(end)
    lattice.get_by_role("radio", name="h_n[2]", exact=True).check(force=True)
    assert look(page) != before
    lattice.get_by_role("button", name="Reset").click()

    settle(page)
    assert page.locator(drawing).evaluate(read) == first
    assert look(page) == before


def test_a_cell_is_the_same_wherever_one_comes_from(lattice, page):
    slider = lattice.locator('input[data-field="at"]')
    slider.fill("3")
    fresh = look(page)

    slider.fill("7")
    assert look(page) != fresh
    slider.fill("3")

    assert look(page) == fresh


def test_the_address_brings_the_state_back_and_back_undoes_it(lattice, page, layers_url):
    lattice.get_by_role("radio", name="GRU", exact=True).check(force=True)
    lattice.locator('[data-field="steps"][value="3"]').check(force=True)
    lattice.locator('input[data-field="at"]').fill("8")
    expect(lattice).not_to_have_attribute("aria-busy", "true")
    settle(page)  # a drawing of another height moves what is below it
    lattice.get_by_role("radio", name="h_n[1]", exact=True).check(force=True)
    expect(lattice).not_to_have_attribute("aria-busy", "true")
    expect(page).to_have_url(f"{layers_url}?kind=gru&steps=3&at=8&row=1")
    state = look(page)
    address = page.url

    page.go_back()
    expect(lattice.get_by_role("radio", name="none", exact=True)).to_be_checked()
    page.go_back()
    expect(lattice.locator('[data-field="steps"][value="4"]')).to_be_checked()
    page.go_back()
    expect(lattice.get_by_role("radio", name="LSTM", exact=True)).to_be_checked()
    page.goto(address)
    expect(lattice).not_to_have_attribute("aria-busy", "true")
    expect(lattice.locator(".rnn-lattice__now > p").first).to_contain_text(
        "layer 1, forward, step 1"
    )

    assert look(page) == state
    expect(page.locator("#other").get_by_role("radio", name="none", exact=True)).to_be_checked()


@pytest.mark.parametrize("bad", ["kind=f&steps=6", "at=999&row=4&open=17", "layers=0&at=-1&row=x"])
def test_bad_values_in_the_address_give_what_the_page_has(lattice, page, layers_url, bad):
    before = look(page)

    page.goto(f"{layers_url}?{bad}")

    assert look(page) == before
    expect(lattice.locator("dialog")).to_be_hidden()


def test_keys_alone_choose_step_open_and_close(lattice, page):
    said = lattice.locator(".rnn-lattice__now > p").first
    lattice.get_by_role("radio", name="LSTM", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(lattice.get_by_role("radio", name="GRU", exact=True)).to_be_checked()
    page.keyboard.press("ArrowLeft")

    lattice.locator('input[data-field="at"]').focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "End", "ArrowLeft"):
        page.keyboard.press(key)
    expect(said).to_have_text(
        "layer 1, reverse, step 1: h = 0.35, 0.24, −0.29; c = 0.62, 0.43, −0.49"
    )
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("layer 1, reverse, step 2")

    first = lattice.get_by_role("button", name="Open layer 0, forward, step 0")
    first.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    there = lattice.get_by_role("button", name="Open layer 0, reverse, step 0")
    expect(there).to_be_focused()
    page.keyboard.press("Enter")
    dialog = lattice.get_by_role("dialog")
    expect(dialog).to_contain_text("LSTM, layer 0, reverse, step 0 (cell 8 of 16)")
    dialog.get_by_label("The cell after it").press("Enter")
    expect(dialog).to_contain_text("LSTM, layer 1, forward, step 0 (cell 9 of 16)")
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(there).to_be_focused()


def test_an_opened_cell_names_the_step_that_it_comes_from_and_the_page_behind_it_stays(
    lattice, page
):
    dialog = lattice.get_by_role("dialog")
    for way, before in (("forward", "[t-1]"), ("reverse", "[t+1]"), ("forward", "[t-1]")):
        lattice.get_by_role("button", name=f"Open layer 0, {way}, step 1").click()
        for state in "hc":
            chip = dialog.locator(f"svg g[id$='-cell-{state}-before']")
            expect(chip).to_have_text(f"{state}{before}")
        scrolled = page.evaluate("scrollY")
        page.mouse.move(5, 5)
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(100)
        assert page.evaluate("scrollY") == scrolled
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrolled => scrollY !== scrolled", arg=scrolled)


def test_back_closes_a_cell_and_opening_one_computes_it(lattice, page):
    lattice.locator('input[data-field="at"]').fill("2")
    lattice.get_by_role("button", name="Open layer 0, reverse, step 3").click()
    expect(lattice.get_by_role("dialog")).to_contain_text("cell 5 of 16")
    expect(lattice.locator(".rnn-live__transport span")).to_have_text("cell 5 of 16")
    expect(page).to_have_url(re.compile("open=5"))

    page.go_back()

    expect(lattice.get_by_role("dialog")).to_be_hidden()


def test_a_row_is_followed_by_a_click_in_the_drawing(lattice):
    tag = lattice.locator(".rnn-figure__wide g[id$='-h_n-3']")
    tag.click()
    expect(lattice.get_by_role("radio", name="h_n[3]", exact=True)).to_be_checked()
    expect(lattice.locator(".rnn-lattice__row")).to_contain_text("It equals output[0, :, 3:].")

    tag.click()

    expect(lattice.get_by_role("radio", name="none", exact=True)).to_be_checked()


def test_it_plays_in_torchs_order_ends_and_stops_at_a_touch(page, layers_url):
    page.clock.install(time=datetime.datetime(2030, 1, 1))
    page.goto(layers_url)
    page.clock.pause_at(datetime.datetime(2030, 1, 2))
    lattice = page.locator("#lattice rnn-lattice")
    play, said = lattice.locator('[data-action="play"]'), lattice.locator(".rnn-lattice__now > p")

    play.click()
    for layer, direction, t in cells(2, 2, 4)[:6]:
        page.clock.run_for(300)  # its frames
        expect(said.first).to_contain_text(f"layer {layer}, {WAYS[direction]}, step {t}: h = ")
        page.clock.run_for(400)
    expect(play).to_have_text("❚❚ Pause")
    page.clock.run_for(20000)
    expect(said.first).to_contain_text("All computed")
    expect(play).to_have_text("▶ Play")

    play.click()
    lattice.get_by_role("radio", name="h_n[0]", exact=True).check(force=True)
    expect(play).to_have_text("▶ Play")
    page.clock.run_for(5000)
    expect(lattice.locator(".rnn-live__transport span")).to_have_text("cell 1 of 16")


def test_a_drawing_that_does_not_come_is_said(lattice, page):
    page.route("**/assets/lattice/*", lambda route: route.abort())

    lattice.get_by_role("radio", name="GRU", exact=True).check(force=True)

    expect(lattice.locator(".rnn-lattice__now")).to_contain_text("The drawing did not come.")


def test_what_is_below_is_as_high_as_it_was_and_painted_where_it_is_seen(new_tab, layers_url):
    page = new_tab(viewport={"width": 1280, "height": 300})
    page.goto(layers_url)
    page.locator("#lattice").evaluate("one => one.scrollIntoView()")
    seen = page.locator("#lattice.rnn-figure--seen")
    expect(seen).to_have_count(1)
    painted = "one => one.checkVisibility({ contentVisibilityAuto: true })"
    below = page.locator("#other svg:visible").first
    high = "document.documentElement.scrollHeight"

    expect(page.locator("#other.rnn-figure--seen")).to_have_count(0)
    assert not below.evaluate(painted)
    left_out = page.evaluate(high)
    seen.evaluate("figure => figure.classList.remove('rnn-figure--seen')")
    assert left_out == page.evaluate(high)

    page.locator("#lattice").evaluate("one => one.classList.add('rnn-figure--seen')")
    page.locator("#other").scroll_into_view_if_needed()
    page.wait_for_function(painted, arg=below.element_handle())  # a frame later


@pytest.mark.parametrize("width", [1280, 375])
def test_page_is_complete_without_scripts(new_tab, layers_url, width):
    page = new_tab(java_script_enabled=False, viewport={"width": width, "height": 900})
    page.goto(layers_url)

    wide, narrow = (page.locator(f"#lattice .rnn-figure__{size}") for size in ("wide", "narrow"))
    assert wide.is_visible() == (width == 1280)
    assert narrow.is_visible() == (width == 375)
    shown = wide if width == 1280 else narrow
    assert "" not in shown.locator("svg text").all_text_contents()
    assert shown.locator("svg g[id*='-h_n-']").count() >= 4


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_lattice_is_accessible_fits_and_can_be_touched(new_tab, layers_url, scheme, width):
    view = {"width": width, "height": 900}
    page = new_tab(color_scheme=scheme, viewport=view, reduced_motion="reduce")
    page.goto(f"{layers_url}?row=2&steps=4")
    expect(page.locator("#lattice rnn-lattice")).not_to_have_attribute("aria-busy", "true")
    lattice = page.locator("#lattice rnn-lattice")

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page, "rnn-lattice").response["violations"] == []
    small = lattice.locator(":is(button, input):visible").evaluate_all(
        """controls => controls.filter(control => {
          const { width, height } = control.getBoundingClientRect();
          return width < 24 || height < 24;
        }).map(control => control.outerHTML)"""
    )
    assert small == []
    drawn = lattice.locator("svg[viewBox]:visible").first.bounding_box()
    assert drawn
    assert drawn["x"] >= 0
    assert drawn["x"] + drawn["width"] <= width
    lattice.get_by_role("button", name="Open layer 1, reverse, step 1").click()
    expect(lattice.get_by_role("dialog").locator("svg")).to_be_visible()
    assert Axe().run(page, "rnn-lattice dialog").response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.getAnimations().length") == 0
    box = lattice.locator(".rnn-lattice__drawing")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_five_steps_of_two_directions_fit_on_a_phone(new_tab, layers_url):
    page = new_tab(viewport={"width": 375, "height": 900})
    page.goto(f"{layers_url}?kind=lstm&layers=2&directions=2&steps=5")

    box = page.locator("#lattice .rnn-figure__narrow .rnn-figure__drawing")
    expect(box.get_by_text("output[4]")).to_be_visible()
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    sizes = box.locator("svg[viewBox]").evaluate(
        """svg => { const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
          return [...svg.querySelectorAll("text")].filter(text => text.textContent)
            .map(text => scale * parseFloat(getComputedStyle(text).fontSize)); }"""
    )
    assert min(sizes) >= 9
    expect(box).not_to_have_class(re.compile("long"))  # no word of more to the right


def test_four_steps_of_two_directions_stand_whole_on_a_tablet(new_tab, layers_url):
    page = new_tab(viewport={"width": 768, "height": 900})
    page.goto(f"{layers_url}?kind=lstm&layers=2&directions=2&steps=4")

    box = page.locator("#lattice .rnn-figure__wide .rnn-figure__drawing")
    expect(box.get_by_text("output[3]")).to_be_visible()
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_a_swipe_over_the_lattice_scrolls_the_page_and_sets_nothing(new_tab, layers_url):
    page = phone(new_tab)
    page.goto(layers_url)
    lattice = page.locator("#lattice rnn-lattice")
    told = lattice.locator(".rnn-live__transport span").text_content() or ""

    for part in (".rnn-lattice__cells button", '[data-field="at"]'):
        box = in_the_middle(lattice.locator(part).first)
        before = page.evaluate("scrollY")
        swipe(page, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), (0, -200))
        page.wait_for_function("before => scrollY > before + 50", arg=before)
        expect(lattice.locator(".rnn-live__transport span")).to_have_text(told)
        assert page.locator("dialog[open]").count() == 0
