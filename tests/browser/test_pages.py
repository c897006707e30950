"""Every page in the browser: both schemes, wide and narrow, with and without scripts.

Fast, each page is laid out on a dark phone and in a light window, without a frame; slow, it is
painted in each view, and axe looks at every element of it.
"""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe

from rnn_figures.palette import DARK, LIGHT
from tests.page import DOCS, address_of, page_names

VIEWS = [("light", 1280), ("light", 375), ("dark", 1280), ("dark", 375)]

WITH_AXE = [("light", 1280), ("dark", 375)]
"""The views in which axe looks at every page: both schemes, both widths."""

NOTEBOOKS = [f"notebooks/{path.stem}/" for path in sorted((DOCS / "notebooks").glob("*.py"))]

ADDRESSES = [*sorted(map(address_of, page_names())), "atlas/", *NOTEBOOKS]
"""Every page but those of the atlas, which all are made by one template."""

HALF = """half => document.querySelectorAll(".rnn-card").forEach((card, index) => {
  card.open = true;
  if (index % 2 !== half) card.remove();
})"""
"""Open every other card and take the others away: each is looked at in one of two views, for axe
takes half a minute where a page has a hundred and seventy."""

NEW_LOOKS = """seen => {
  const looks = new Map();
  const look = element => {
    if (!element) return "";
    if (!looks.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = `${backgroundColor} ${backgroundImage} ${opacity}`;
      const plain = own === "rgba(0, 0, 0, 0) none 1";
      looks.set(element, `${look(element.parentElement)}${plain ? "" : `/${own}`}`);
    }
    return looks.get(element);
  };
  const found = {};
  const written = node => node.nodeType === Node.TEXT_NODE && node.data.trim();
  for (const element of document.body.querySelectorAll("*")) {
    if (![...element.childNodes].some(written) || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight, fill } = getComputedStyle(element);
    const large = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);
    const key = [look(element), color, large, fill].join("|");
    if (!seen.includes(key)) found[key] ??= element;
  }
  for (const element of document.querySelectorAll("[data-new]")) delete element.dataset.new;
  for (const element of Object.values(found)) element.dataset.new = "";
  return Object.keys(found);
}"""
"""Mark an element of each look of text that is not among those seen: its colours, whether axe holds
it to be large, and all that is painted below it. Contrast is a matter of the look alone."""

WITHOUT_NEWS = """() => document.querySelectorAll("article > :not([data-new], :has([data-new]))")
  .forEach(block => block.remove())"""
"""Take away the blocks of which contrast has nothing to judge: axe walks over all the same."""

OF_NEW_LOOKS = f"""{AXE_SCRIPT};
axe.configure({{rules: [
  {{ id: "color-contrast", selector: "[data-new]" }},
  ...axe._audit.rules.filter(rule => !["serious", "critical"].includes(rule.impact))
    .map(({{ id }}) => ({{ id, enabled: false }})),
]}})"""
"""Axe, with an eye for contrast where a look is new, and for nothing that `serious` leaves out."""

SHOWN_AT_FIRST = """() => {
  const closed = "details:not(.rnn-card) > :not(summary)";
  const drawn = ".rnn-figure__sheet > svg > :not(title, desc)";
  document.querySelectorAll(`${closed}, ${drawn}`).forEach(part => part.remove());
}"""
"""Take away what closed boxes hide, and what is in a drawing, which is one image to those who hear
the page, and whose contrast axe does not judge: it takes most of its time to pass over it."""

NEW_KINDS = """seen => {
  const known = new Set(seen.split(" ").map(Number));
  const mixed = (number, text) => {
    for (let at = 0; at < text.length; at++) {
      number = Math.imul(number ^ text.charCodeAt(at), 2654435761);
      number ^= number >>> 13;
    }
    return number;
  };
  const stands = id => document.getElementById(id) !== null;
  const said = ({ name, value }) => {
    if (["class", "role", "type", "tabindex"].includes(name)) return `${name} ${value}`;
    const leads = value && value.split(" ").every(stands);
    return `${name} ${leads ? "leads" : value.trim() ? "full" : "empty"}`;
  };
  const paths = new Map();
  const kinds = new Map();
  for (const part of document.querySelectorAll("article :not(:is(pre, math) *)")) {
    const own = [part.localName, ...[...part.attributes].map(said)].join("|");
    const path = mixed(paths.get(part.parentElement) ?? 7, own);
    const inside = [...new Set([...part.children].map(child => child.localName))].sort();
    paths.set(part, path);
    kinds.set(part, mixed(path, `${inside} ${part.textContent.trim() ? "full" : ""}`));
  }
  const blocks = document.querySelectorAll(
    ":is(article, section, .rnn-card, .tabbed-block) > :not(summary)");
  const found = [];
  const kept = new Set();
  for (const block of [...blocks].reverse()) { // what is in a block comes before it
    let old = true;
    for (const part of [block, ...block.querySelectorAll("*")]) {
      const kind = kinds.get(part);
      old &&= !kept.has(part) && (kind === undefined || known.has(kind));
      if (kind !== undefined && !known.has(kind)) found.push(kind), known.add(kind);
    }
    if (old) block.remove();
    else kept.add(block);
  }
  return found.join(" ");
}"""
"""Take away the blocks of a page (paragraphs, figures, what is in cards) in which each element is
of a kind that another block has, of this page or of one before: in the same elements, with the same
attributes (with the same role, as full or as empty, and naming elements that are there or not), the
same tags in it, and as full or as empty. What is in code or in a formula is taken as it is. Return
the kinds that are new, each as a number, in one text: of thousands, a list takes longer. The slow
test has axe look at every block."""

LEAST = {1280: 10, 375: 9}
"""CSS pixels of the smallest text in a drawing, by the width of the screen."""

UNREADABLE = """least => {
  const tabs = [...document.querySelectorAll(".tabbed-block")];
  for (const tab of tabs) tab.style.display = "block";
  const drawings = document.querySelectorAll(".rnn-figure__sheet > svg:first-child");
  const found = [...drawings].flatMap(drawing => {
    const box = drawing.closest(".rnn-figure__drawing");
    const name = box.getAttribute("aria-label");
    if (!box.clientWidth) return []; // another variant of it is shown at this width
    const beyond = box.scrollWidth - box.clientWidth > 1;
    const wrong = [...drawing.querySelectorAll("text, tspan")].flatMap(text => {
      const { b, d } = text.getScreenCTM();
      const size = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(b, d);
      return text.textContent.trim() && size < least - 0.05 ? [[text.textContent, size]] : [];
    });
    if (beyond && box.closest(".rnn-figure--plot")) wrong.push("a plot that is not seen whole");
    if (beyond && !box.matches(".rnn-figure__drawing--long")) wrong.push("more, and no word of it");
    const told = getComputedStyle(box, "::after").content.includes("more to the right");
    if (told && !beyond) wrong.push("a word of more, and no more");
    return wrong.length ? [[name, ...wrong.slice(0, 3)]] : [];
  });
  for (const tab of tabs) tab.style.display = "";
  return found;
}"""
"""What cannot be read in the drawings of a page, in every tab and every box."""

OFF_SCREEN = """() => {
  for (const tab of document.querySelectorAll(".tabbed-block")) tab.style.display = "block";
  const boxes = document.querySelectorAll(".rnn-figure .rnn-figure__drawing:has(svg)");
  return [...boxes].flatMap(box => {
    const name = box.closest(".rnn-figure").id;
    const beyond = box.scrollWidth - box.clientWidth;
    return beyond > 1 ? [[name, beyond]] : [];
  });
}"""
"""The drawings of a page that are wider than their box, in every tab and every box, and by how
much: on a phone, what starts off screen is not seen. A notebook's have no frame: they are what its
cells show, in one width."""

CUT = """() => {
  const boxes = [...document.querySelectorAll("article *")].filter(box =>
    box instanceof HTMLElement && box.clientWidth > 20 && box.scrollWidth - box.clientWidth > 1);
  return boxes.flatMap(box => {
    const { backgroundImage, clipPath, overflowX } = getComputedStyle(box);
    if (overflowX === "visible" || clipPath !== "none") return []; // or only heard
    const shadowed = overflowX === "auto" && backgroundImage.split("linear-gradient").length === 5;
    return shadowed ? [] : [[box.closest("[id]")?.id, box.className || box.localName]];
  });
}"""
"""What is wider than its box and cut there, without the shadow that says so."""

COLLIDING = """() => {
  const found = [];
  for (const drawing of document.querySelectorAll("article .rnn-figure__drawing svg")) {
    const name = drawing.closest("[id]")?.id;
    const whole = drawing.getBoundingClientRect();
    if (!whole.width) continue; // another variant of it is shown at this width
    const texts = [...drawing.querySelectorAll("text")].flatMap(text => {
      if (!text.textContent.trim() || !text.checkVisibility({ opacityProperty: true })) return [];
      const { left, right, top, height } = text.getBoundingClientRect();
      const of = { left, right, top: top + 0.22 * height, bottom: top + 0.78 * height };
      return [{ ...of, text, words: text.textContent, node: text.closest(".node") ?? text }];
    });
    texts.forEach((one, index) => {
      const { left, right, words, node } = one;
      if (Math.max(whole.left - left, right - whole.right) > 1.5)
        found.push([name, "outside", words]);
      const outline = node.querySelector("polygon, ellipse, path")?.getBoundingClientRect();
      if (outline && Math.max(outline.left - left, right - outline.right) > 1)
        found.push([name, "wider than its box", words]);
      for (const other of texts.slice(index + 1)) {
        const twice = other.words === words && Math.abs(other.left - left) < 1;
        if (other.node === node || twice) continue;
        const across = Math.min(right, other.right) - Math.max(left, other.left);
        const along = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (Math.min(across, along) > 2) found.push([name, words, other.words]);
      }
    });
  }
  return found;
}"""
"""Texts of drawings that lie on each other, or stick out of their box or of the drawing. What is
no ink, above and below small letters, is no part of a text; the parts of one label are together."""

ARRIVED = """() => {
  for (const move of document.getAnimations()) if (move instanceof CSSTransition) move.finish();
  return document.documentElement.scrollWidth;
}"""
"""How wide a page is once nothing moves: the theme slides its search out of a narrowed page."""

FOCUSABLE = """part => [...document.querySelectorAll(`${part} pre > code`)]
  .every(code => code.scrollWidth <= code.clientWidth || code.tabIndex === 0)"""
"""Whether keys reach all code that scrolls: the theme sees to it a frame after a change."""

OPEN = "document.querySelectorAll('details').forEach(box => { box.open = true })"
"""Open every box of a page."""

DIAGRAM = "#start-many-layered"


@pytest.fixture
def open_view(new_tab, site_url):
    """Return a function that opens a page of the site in one scheme at one width."""

    def open_it(address: str, scheme: str = "light", width: int = 1280, **options):
        view = {"width": width, "height": 900}
        page = new_tab(color_scheme=scheme, viewport=view, **options)
        page.goto(f"{site_url}{address}")
        return page

    return open_it


def faults(page, site_url) -> list[str]:
    """Return a list that takes down what goes wrong on a page: errors, and requests outside."""
    wrong: list[str] = []
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda got: got.status >= 400 and wrong.append(got.url))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((site_url, "data:", "blob:")) or wrong.append(request.url)
        ),
    )
    return wrong


@pytest.fixture(scope="module")
def phone_and_desk(frameless, site_url):
    """A page on a dark phone, one in a light window, and what has gone wrong on each so far.

    Two pages, since no event tells one of another view, and each turn lays an old page out anew.
    """
    phone = frameless.new_page(color_scheme="dark", viewport={"width": 375, "height": 900})
    desk = frameless.new_page(color_scheme="light", viewport={"width": 1280, "height": 900})
    yield phone, desk, [faults(phone, site_url), faults(desk, site_url)]
    phone.close()
    desk.close()


@pytest.fixture(scope="module")
def looks() -> list[str]:
    """The looks of text that the pages so far have had."""
    return []


@pytest.fixture(scope="module")
def kinds() -> list[str]:
    """The kinds of elements that the pages so far have had."""
    return []


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def view(request, browser, site_url):
    """A scheme and a width, a page open in them, and what has gone wrong there so far."""
    scheme, width = request.param
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    yield scheme, width, page, faults(page, site_url)
    page.close()


@pytest.fixture(scope="module")
def scriptless(frameless):
    """A page that runs no script."""
    page = frameless.new_page(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def test_every_page_is_opened(built_site):
    built = [path.parent.relative_to(built_site) for path in built_site.rglob("index.html")]
    addresses = [f"{page.as_posix()}/".removeprefix("./") for page in built]

    of_the_atlas = re.compile(r"atlas/.+")
    assert sorted(ADDRESSES) == sorted(a for a in addresses if not of_the_atlas.match(a))


def serious(found) -> list[tuple]:
    """Return the serious and critical violations among what axe has found."""
    return [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]


def faint(page, looks: list[str]) -> list[tuple]:
    """Return the violations of contrast among the looks of a page that are new, now seen."""
    new = page.evaluate(NEW_LOOKS, looks)
    looks += new
    if not new:
        return []
    page.evaluate(WITHOUT_NEWS)
    page.evaluate(OF_NEW_LOOKS)
    return serious(page.evaluate("axe.run({runOnly: ['color-contrast']})"))


def turn(page, scheme: str, width: int) -> int:
    """Show a page in another view; return how wide it is."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    return page.evaluate(ARRIVED)


def violations(page, part: str) -> list:
    """Return what axe finds in a part of a page, once the theme has seen what scrolls there."""
    page.wait_for_function(FOCUSABLE, arg=part)
    return Axe().run(page, part).response["violations"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_in_two_views_has_no_errors_overflow_violations_or_small_text(
    phone_and_desk, looks, kinds, site_url, address
):
    phone, desk, wrong = phone_and_desk
    wide = {}
    for page, width in ((phone, 375), (desk, 1280)):
        page.goto(f"{site_url}{address}")
        wide[f"closed, {width}"] = page.evaluate(ARRIVED)
        page.evaluate(OPEN)
        wide[f"open, {width}"] = page.evaluate(ARRIVED)
    off_screen = phone.evaluate(OFF_SCREEN)
    cut = phone.evaluate(CUT)
    unreadable = phone.evaluate(UNREADABLE, LEAST[375])
    unreadable += desk.evaluate(UNREADABLE, LEAST[1280])
    phone.evaluate(SHOWN_AT_FIRST)
    violations = faint(phone, looks)
    kinds.append(desk.evaluate(NEW_KINDS, " ".join(kinds)))
    desk.evaluate(SHOWN_AT_FIRST)
    looks += desk.evaluate(NEW_LOOKS, looks)
    desk.evaluate(OF_NEW_LOOKS)
    violations += serious(desk.evaluate("axe.run({resultTypes: ['violations']})"))

    so_far = [fault for found in wrong for fault in found]
    for found in wrong:
        found.clear()  # else the pages after this one fail too
    assert violations == []
    assert so_far == []
    assert {view: width for view, width in wide.items() if width > int(view[-4:])} == {}
    assert off_screen == []
    assert cut == []
    assert unreadable == []


@pytest.mark.slow
@pytest.mark.parametrize("address", ADDRESSES)
def test_page_opens_without_errors_requests_outside_overflow_violations_or_small_text(
    view, site_url, address
):
    scheme, width, page, wrong = view

    page.goto(f"{site_url}{address}")
    closed = page.evaluate("document.documentElement.scrollWidth")
    page.evaluate(OPEN)
    opened = page.evaluate("document.documentElement.scrollWidth")
    unreadable = page.evaluate(UNREADABLE, LEAST[width]) if scheme == "light" else []
    colliding = page.evaluate(COLLIDING) if scheme == "light" else []
    violations = []
    if (scheme, width) in WITH_AXE:
        page.goto(f"{site_url}{address}")
        page.evaluate(HALF, WITH_AXE.index((scheme, width)))
        violations = serious(Axe().run(page).response)

    so_far = [*wrong]
    wrong.clear()  # else the pages after this one fail too
    assert violations == []
    assert so_far == []
    assert max(closed, opened) <= width
    assert unreadable == []
    assert colliding == []


@pytest.mark.parametrize("width", [375, 640, 1280])
def test_of_a_wide_and_a_narrow_drawing_one_is_shown(open_view, width):
    page = open_view("start/", width=width)

    shown = page.locator(f"{DIAGRAM} :is(.rnn-figure__wide, .rnn-figure__narrow)").evaluate_all(
        "boxes => boxes.filter(box => box.clientWidth).map(box => box.className)"
    )

    assert shown == ["rnn-figure__wide" if width == 1280 else "rnn-figure__narrow"]


@pytest.mark.parametrize("address", ["start/", "anatomy/h-n/", "anatomy/cells/", "anatomy/gru/"])
def test_no_drawing_scrolls_between_a_phone_and_a_tablet(open_view, address):
    page = open_view(address, width=481)

    found = {}
    for width in (481, 640, 752, 768):  # 640: half of a desk, or a desk at 200 %
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(OPEN)
        found[width] = page.evaluate(OFF_SCREEN)

    assert found == {481: [], 640: [], 752: [], 768: []}


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_drawings_take_the_colours_of_the_scheme(open_view, scheme, colours):
    page = open_view("start/", scheme)

    strokes = page.locator(f'{DIAGRAM} [stroke^="var(--rnn-h"]')
    stroke = strokes.first.evaluate("element => getComputedStyle(element).stroke")

    red, green, blue = (int(colours["h"][place : place + 2], 16) for place in (1, 3, 5))
    assert stroke == f"rgb({red}, {green}, {blue})"


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_is_complete_without_scripts(scriptless, site_url, address):
    scriptless.goto(f"{site_url}{address}")

    # in a tab or a closed box, a drawing is there for those who open it
    hidden = scriptless.locator(".rnn-figure__sheet > svg:first-child").evaluate_all(
        """drawings => drawings.flatMap((drawing, index) => {
          if (drawing.closest("details:not([open]), .tabbed-block, .rnn-figure__narrow")) return [];
          const { width, height } = drawing.getBoundingClientRect();
          const shown = getComputedStyle(drawing).visibility === "visible";
          return width && height && shown ? [] : [index];
        })"""
    )

    assert hidden == []


def test_a_details_box_opens_without_scripts(open_view):
    page = open_view("start/", java_script_enabled=False)

    page.locator(f"{DIAGRAM} .rnn-figure__menu > summary").click()
    page.locator(f"{DIAGRAM} summary", has_text="Numbers").click()

    assert page.locator(f"{DIAGRAM} tbody tr").first.is_visible()


def test_a_diagram_scrolls_by_keyboard_where_it_has_no_room(open_view):
    page = open_view("start/", width=240)  # a phone at 150 %
    drawing = page.locator(f"{DIAGRAM} .rnn-figure__narrow .rnn-figure__drawing")
    assert drawing.evaluate("box => box.scrollWidth > 1.2 * box.clientWidth")

    drawing.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 40", arg=drawing.element_handle())


def test_parts_of_a_frame_open_by_keyboard(open_view):
    page = open_view("start/")

    page.locator(f"{DIAGRAM} .rnn-figure__menu > summary").focus()
    page.keyboard.press("Enter")
    page.locator(f"{DIAGRAM} summary", has_text="Code").focus()
    page.keyboard.press("Enter")

    assert page.locator(f"{DIAGRAM} .highlight code").first.is_visible()


def test_tick_and_menu_stay_where_they_are_while_they_are_opened(open_view):
    page = open_view("start/")
    buttons = page.locator(f"{DIAGRAM} .rnn-figure__more > details > summary")
    assert buttons.count() == 2

    for button in buttons.all():
        button.scroll_into_view_if_needed()
        before = button.bounding_box()
        button.click()
        assert button.bounding_box() == before
    figure = page.locator(DIAGRAM)
    assert figure.get_by_text("Checked when this figure was made").first.is_visible()


def test_copying_takes_the_whole_program(open_view):
    page = open_view("start/", permissions=["clipboard-read", "clipboard-write"])
    block = page.locator(".rnn-run", has_text="output[-1] == hidden").first

    page.locator("details.question summary").first.click()
    block.hover()
    block.locator("button.md-code__button, button.md-clipboard").first.click()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("import torch\n")
    assert "lstm = nn.LSTM(5, 3)" in copied
    assert copied.endswith("output[-1] == hidden")


def test_search_finds_a_caption(open_view):
    page = open_view("")

    field = page.locator('input[name="query"]')
    field.click()
    # Material asks at each key: a field that is filled without keys is asked only by luck.
    field.press_sequentially("column for each step")

    result = page.locator(".md-search-result__link").first
    result.wait_for()
    assert "var(--" not in page.locator(".md-search-result__list").inner_text()


def test_paper_shows_whole_drawings(open_view):
    page = open_view("start/")

    page.emulate_media(media="print")

    drawing = page.locator(f"{DIAGRAM} .rnn-figure__wide .rnn-figure__drawing")
    assert drawing.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert not page.locator(f"{DIAGRAM} .rnn-figure__files").is_visible()


@pytest.mark.parametrize("address", [""])
def test_the_third_way_in_has_its_line_to_itself_where_two_fill_one(open_view, address):
    page = open_view(address, width=640)

    ways = page.locator(".rnn-ways > ul")
    whole = ways.bounding_box()["width"]
    widths = [way.bounding_box()["width"] for way in ways.locator("> li").all()]

    assert widths[0] == widths[1] < whole / 2
    assert widths[2] == whole


def test_a_missing_page_leads_to_the_start(open_view):
    page = open_view("404.html")

    page.locator("article a").click()

    assert page.locator("h1").inner_text().strip().startswith("LSTM & GRU anatomy")
