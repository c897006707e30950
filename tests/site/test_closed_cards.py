"""Cards of a page, closed until they are asked for."""

from bs4 import BeautifulSoup

from rnn_figures.site.cards import closed

PAGE = """<h1 id="page">Page</h1>
<p>Before.</p>
<h2 id="axes">Axes</h2>
<h3 id="view"><code>view</code> turns<a class="headerlink" href="#view" title="Link">¶</a></h3>
<p>First.</p>
<figure><p>Inside.</p></figure>
<h3 id="flip">Flip</h3>
<p>Second.</p>
<h2 id="more">More</h2>
<p>After.</p>
"""


def test_closed_puts_each_card_into_a_box_up_to_the_next_heading():
    page = BeautifulSoup(closed(PAGE), "html.parser")

    cards = page.select("details.rnn-card")
    assert [card.h3.text for card in cards if card.h3] == ["view turns", "Flip"]
    assert [" ".join(card.div.text.split()) for card in cards if card.div] == [
        "¶ First. Inside.",
        "Second.",
    ]
    assert not any(card.has_attr("open") for card in cards)


def test_closed_has_the_anchor_inside_so_that_a_link_to_it_opens_the_box():
    page = BeautifulSoup(closed(PAGE), "html.parser")

    assert page.select_one("details > .rnn-card__content#view > a.headerlink")
    assert not page.select("summary [id], summary a")
    assert [element["id"] for element in page.select("[id]")] == [
        "page",
        "axes",
        "view",
        "flip",
        "more",
    ]


def test_closed_leaves_all_else_as_it_was():
    page = "<h1>One</h1><p>Text.</p><h2>Two</h2>"

    assert closed(page) == page
    assert closed(PAGE).endswith('<h2 id="more">More</h2>\n<p>After.</p>\n')
