"""The palette on a page: its style sheet, and the list of the letters that the page marks."""

import functools
import re

from rnn_figures import palette
from rnn_figures.html.quantities import marked


def style_sheet() -> str:
    """Return the CSS of the palette: its variables, and a rule for each quantity."""
    variables = palette.style_sheet()
    light = variables.partition("\n}")[0].replace(":root", "", 1)
    parts = [
        variables,
        # Paper is white, whatever the screen was.
        f'@media print {{\n[data-md-color-scheme="slate"]{light}\n}}\n}}',
    ]
    for letter in palette.NAMES:
        colour = f"var({palette.variable(letter)})"
        parts.append(f".md-typeset .q-{letter} {{ color: {colour}; }}")
    return "\n".join(parts) + "\n"


@functools.lru_cache(maxsize=64)  # while a page is edited, all others stay as they are
def legend(content: str) -> str:
    """Return the list of the letters that a page's content marks; "" if there are fewer than two.

    A lesson's list has the letters of the lesson, not of what is looked up below it.

    Examples:
        >>> legend('<code class="q-h">h</code>')
        ''
    """
    lesson = content.partition('<h2 id="look-up"')[0]
    there = set(re.findall(r'class="[^"]*\bq-([a-z])\b', lesson))
    if len(there) < 2:
        return ""
    items = "\n".join(
        f"<li>{marked(letter)} {name}</li>"
        for letter, name in palette.NAMES.items()
        if letter in there
    )
    return (
        "<rnn-quantities data-search-exclude>\n"
        f'<ul class="rnn-legend" aria-label="Letters on this page">\n{items}\n</ul>\n'
        "</rnn-quantities>\n"
    )
