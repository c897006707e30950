"""Plots that are off the screen: not painted, and in nobody's way."""

ADD = """() => {
  const plot = `<figure class="rnn-figure rnn-figure--plot"><svg width="400" height="300"></svg>
    </figure>`;
  document.querySelector(".md-content article").insertAdjacentHTML("beforeend",
    `<div style="height: 4000px"></div>${plot.repeat(4)}<h2 id="below">Below</h2>
    <div style="height: 2000px"></div>`);
}"""

PAINTED = """() => [...document.querySelectorAll(".rnn-figure--plot > svg")].map(
  one => one.checkVisibility({ contentVisibilityAuto: true }))"""

FRAMES = "async () => { for (const _ of [0, 1, 2, 3]) await new Promise(requestAnimationFrame); }"


def test_a_plot_is_painted_when_it_comes_to_the_screen_and_on_paper(page, forms_url):
    page.goto(forms_url)
    page.evaluate(ADD)
    page.evaluate(FRAMES)

    assert page.evaluate(PAINTED) == [False] * 4
    page.emulate_media(media="print")
    page.evaluate(FRAMES)
    assert page.evaluate(PAINTED) == [True] * 4
    page.emulate_media(media="screen")
    page.locator("#below").scroll_into_view_if_needed()
    page.evaluate(FRAMES)
    assert page.evaluate(PAINTED)[-1]


def test_a_link_below_plots_that_nobody_has_seen_leads_there(page, forms_url):
    page.goto(forms_url)
    page.evaluate(ADD)

    page.evaluate("location.hash = '#below'")

    page.evaluate(FRAMES)
    top, margin = page.locator("#below").evaluate(
        "one => [one.getBoundingClientRect().top, innerHeight / 4]"
    )
    assert 0 < top < margin
