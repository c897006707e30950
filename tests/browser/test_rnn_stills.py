"""Figures of one thing at different moments, of which a slider chooses one."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

ADD = """async values => {
  await import("/assets/js/rnn-stills.mjs");
  const figures = ["a", "b", "c"].map(name => `<figure id="still-${name}"><div
    class="rnn-figure__drawing" role="region" aria-label="${name}" tabindex="0">${name}</div>
    <figcaption><a href="?">${name}</a></figcaption></figure>`);
  document.querySelector(".md-content article").insertAdjacentHTML("beforeend",
    `<rnn-stills data-words="training steps"
      data-values="${values}">${figures.join("")}</rnn-stills>`);
}"""


FRAMES = "async () => { for (const _ of [0, 1, 2, 3]) await new Promise(requestAnimationFrame); }"


@pytest.fixture
def stills(page, forms_url):
    page.goto(forms_url)
    page.evaluate(ADD, "0 10 100")
    return page.locator("rnn-stills")


def shown(stills):
    """Return the figures that are seen."""
    opacities = (
        "figures => figures.map(one => [one.id.at(-1), Number(getComputedStyle(one).opacity)])"
    )
    found = stills.locator("figure").evaluate_all(opacities)
    assert {opacity > 0.99 or opacity == 0 for _, opacity in found} == {True}
    return [name for name, opacity in found if opacity]


def press(stills, key):
    """Press a key on the slider, and wait for the frames that show what it chose."""
    stills.get_by_role("slider").press(key)
    stills.page.evaluate(FRAMES)


def heard(stills):
    """Return the figures that are read aloud, and what the Tab key comes to after the slider."""
    regions = [name for name in "abc" if stills.get_by_role("region", name=name).count()]
    focused = """() => { const part = document.activeElement;
      return part.closest("rnn-stills") && `${part.localName} ${part.innerText.trim()}`; }"""
    stills.get_by_role("slider").focus()
    reached = []
    while len(reached) < 20:
        stills.page.keyboard.press("Tab")
        part = stills.page.evaluate(focused)
        if not part:
            return regions, reached
        reached.append(part)
    return regions, reached


def test_one_figure_is_shown_and_the_slider_chooses_it(stills):
    slider = stills.get_by_role("slider", name="training steps")

    assert shown(stills) == ["a"]
    slider.focus()
    press(stills, "ArrowRight")
    assert shown(stills) == ["b"]
    press(stills, "End")
    assert shown(stills) == ["c"]
    expect(slider).to_have_attribute("aria-valuetext", "100 training steps")
    expect(stills.locator("output")).to_have_text("100")


def test_what_is_not_shown_is_not_heard_and_has_no_focus(stills):
    assert heard(stills) == (["a"], ["div a", "a a"])
    press(stills, "End")

    assert heard(stills) == (["c"], ["div c", "a c"])


def test_what_is_below_stays_and_the_pointer_meets_what_is_shown(page, stills):
    height = stills.bounding_box()["height"]
    for key, name in (("ArrowRight", "b"), ("End", "c"), ("Home", "a")):
        press(stills, key)

        assert stills.bounding_box()["height"] == height
        under = "([x, y]) => document.elementFromPoint(x, y).closest('figure').id"
        page.locator(f"#still-{name}").scroll_into_view_if_needed()
        box = stills.locator(f"#still-{name} [role=region]").bounding_box()
        assert page.evaluate(under, [box["x"] + 5, box["y"] + 5]) == f"still-{name}"


def test_a_link_to_a_figure_shows_it(page, stills):
    page.evaluate("location.hash = '#still-b'")

    expect(stills.locator("#still-b")).not_to_have_css("opacity", "0")
    assert shown(stills) == ["b"]


def test_an_element_that_was_moved_has_one_slider(page, stills):
    page.evaluate(
        "document.querySelector('rnn-stills').parentElement.prepend(document.querySelector('rnn-stills'))"
    )

    assert stills.locator("input").count() == 1
    press(stills, "End")
    assert shown(stills) == ["c"]


def test_figures_without_their_moments_stay_as_they_are(page, forms_url):
    page.goto(forms_url)
    page.evaluate(ADD, "0 10")

    assert shown(page.locator("rnn-stills")) == ["a", "b", "c"]


def test_all_figures_are_printed(page, stills):
    page.emulate_media(media="print")

    assert shown(stills) == ["a", "b", "c"]


def test_slider_has_no_accessibility_violation(page, stills):
    found = Axe().run(page, "rnn-stills")

    assert found.violations_count == 0, found.generate_report()
