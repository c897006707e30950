"""Close the cards of a page that is looked up: each opens when a link or a search leads into it.

A card is a heading of the third level and what follows it. Its anchor goes to what is folded: a
browser opens a closed box by itself when the place it is sent to, or the words it is to find, are
inside; no script is needed. Imports nothing that draws.
"""

import functools
import re

CARD = re.compile(
    r'<h3 id="(?P<id>[^"]+)">(?P<title>.*?)(?P<link><a class="headerlink".*?</a>)?</h3>'
    r'(?P<content>.*?)(?=<h[1-3]\b|<div class="footnote">|\Z)',
    re.DOTALL,
)


@functools.lru_cache(maxsize=64)  # while a page is edited, all others stay as they are
def closed(content: str) -> str:
    """Return a page with each of its cards in a closed box.

    Examples:
        >>> print(closed('<h2>Axes</h2><h3 id="view">A view</h3><p>No copy.</p>'))
        <h2>Axes</h2><details class="rnn-card"><summary><h3>A view</h3></summary>
        <div class="rnn-card__content" id="view"><p>No copy.</p></div></details>
    """
    return CARD.sub(_box, content)


def _box(card: re.Match[str]) -> str:
    """Return one card as a box; the link to it stands inside, for a summary is a button."""
    return (
        f'<details class="rnn-card"><summary><h3>{card["title"]}</h3></summary>\n'
        f'<div class="rnn-card__content" id="{card["id"]}">'
        f"{card['link'] or ''}{card['content']}</div></details>"
    )
