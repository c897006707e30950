"""Every page in the browser: both schemes, wide and narrow, with and without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from rnn_figures.palette import DARK, LIGHT

VIEWS = [("light", 1280), ("light", 375), ("dark", 1280), ("dark", 375)]
DIAGRAM = "#start-many-layered"


@pytest.fixture
def open_view(new_context, site_url):
    """Return a function that opens a page of the site in one scheme at one width."""

    def open_it(address: str, scheme: str = "light", width: int = 1280, **options):
        context = new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, **options
        )
        page = context.new_page()
        page.goto(f"{site_url}{address}")
        return page

    return open_it


@pytest.mark.parametrize(("scheme", "width"), VIEWS)
def test_pages_open_without_errors_requests_outside_or_overflow(
    open_view, site_url, addresses, scheme, width
):
    page = open_view("404.html", scheme, width)
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

    for address in addresses:
        page.goto(f"{site_url}{address}")
        closed = page.evaluate("document.documentElement.scrollWidth")
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true })")
        opened = page.evaluate("document.documentElement.scrollWidth")
        if max(closed, opened) > width:
            wrong.append(f"{address} is {closed} px wide, {opened} px with its boxes open")

    assert wrong == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_pages_have_no_serious_axe_violation(open_view, site_url, addresses, scheme, width):
    page = open_view("", scheme, width)
    found = []

    for address in addresses:
        page.goto(f"{site_url}{address}")
        found += [
            (address, violation["id"], node["target"], node["failureSummary"])
            for violation in Axe().run(page).response["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"][:3]
        ]

    assert found == []


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_drawings_take_the_colours_of_the_scheme(open_view, scheme, colours):
    page = open_view("start/", scheme)

    strokes = page.locator(f'{DIAGRAM} [stroke^="var(--rnn-h"]')
    stroke = strokes.first.evaluate("element => getComputedStyle(element).stroke")

    red, green, blue = (int(colours["h"][place : place + 2], 16) for place in (1, 3, 5))
    assert stroke == f"rgb({red}, {green}, {blue})"


def test_pages_are_complete_without_scripts(open_view, site_url, addresses):
    page = open_view("", java_script_enabled=False)
    hidden = []

    for address in addresses:
        page.goto(f"{site_url}{address}")
        drawings = page.locator(".rnn-figure__sheet > svg:first-child")
        for place in range(drawings.count()):
            # in a tab or a closed box, a drawing is there for those who open it
            inside = drawings.nth(place).locator("xpath=ancestor::*[self::details or @class]")
            closed = inside.locator("xpath=self::details[not(@open)]").count()
            tab = inside.locator("css=.tabbed-block").count()
            if not closed and not tab and not drawings.nth(place).is_visible():
                hidden.append((address, place))

    assert hidden == []


def test_a_details_box_opens_without_scripts(open_view):
    page = open_view("start/", java_script_enabled=False)

    page.locator(f"{DIAGRAM} summary", has_text="Numbers").click()

    assert page.locator(f"{DIAGRAM} tbody tr").first.is_visible()


def test_a_wide_diagram_scrolls_on_a_phone_by_keyboard(open_view):
    page = open_view("start/", width=375)
    drawing = page.locator(f"{DIAGRAM} .rnn-figure__drawing")
    assert drawing.evaluate("box => box.scrollWidth > 2 * box.clientWidth")

    drawing.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 40", arg=drawing.element_handle())


def test_a_diagram_keeps_its_text_readable_on_a_phone(open_view):
    page = open_view("start/", width=375)

    heights = page.locator(f"{DIAGRAM} svg text").evaluate_all(
        "texts => texts.map(text => text.getBoundingClientRect().height)"
    )

    assert min(heights) > 6


def test_parts_of_a_frame_open_by_keyboard(open_view):
    page = open_view("start/")
    summary = page.locator(f"{DIAGRAM} summary", has_text="Code")

    summary.focus()
    page.keyboard.press("Enter")

    assert page.locator(f"{DIAGRAM} .highlight code").first.is_visible()


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

    page.locator('input[name="query"]').click()
    page.locator('input[name="query"]').fill("column for each step")

    result = page.locator(".md-search-result__link").first
    result.wait_for()
    assert "var(--" not in page.locator(".md-search-result__list").inner_text()


def test_paper_shows_whole_drawings(open_view):
    page = open_view("start/")

    page.emulate_media(media="print")

    drawing = page.locator(f"{DIAGRAM} .rnn-figure__drawing")
    assert drawing.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert not page.locator(f"{DIAGRAM} .rnn-figure__files").is_visible()


def test_a_missing_page_leads_to_the_start(open_view):
    page = open_view("404.html")

    page.locator("article a").click()

    assert page.locator("h1").inner_text().strip().startswith("LSTM & GRU anatomy")
