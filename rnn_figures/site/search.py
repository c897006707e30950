"""Complete the search index: descriptions of pages, and questions at their answers.

The index of questions leads to the places of their answers, in the words in which people ask. A
reader who searches in such words should see the answer itself, not the index: so its lists are left
out of the search. MkDocs' search plugin, which writes the search index, has no way to add to it; so
this is ours, and docs/assets/js/search-worker.js reads it. That is ours too: MiniSearch, set up in
little time and asked the same, had 67 of 100 questions first where it has 70, 77 for 83 among
three, and 62 of 100 error messages first. Imports nothing that draws.
"""

import html
import json
import re
from collections.abc import Mapping
from urllib.parse import urljoin

ITEM = re.compile(r'<li><a href="([^"]+)">(.+?)</a></li>')
"""An item of a list that is a link and nothing else."""

DRAWN = re.compile(
    r'(<figure class="rnn-figure [^>]*>\n).*?(?=\n<figcaption)'
    r'|<section class="rnn-figure__more" .*?</section>'
    r"|<svg\b(?:[^>]*/>|.*?</svg>)",
    re.DOTALL,
)
"""What figures draw, and what is folded below them."""

LISTS = "answers/questions/#"
"""What the addresses of the lists of questions begin with."""

NOTEBOOK = 0.3
"""How much less a notebook counts than the pages: it is the code of one of them, once more."""

HIGHLIGHTED = re.compile(r'<div class="highlight">.*?</div>', re.DOTALL)

COLOUR = re.compile(r"</?span\b[^>]*>")
"""What gives a word of code its colour."""


def words(content: str) -> str:
    """Return a page without what a search has no use for: its drawings, the colours of its code.

    Examples:
        >>> words('<p>One <svg><path d="M0,0"/></svg></p>')
        '<p>One </p>'
    """
    return HIGHLIGHTED.sub(
        lambda code: COLOUR.sub("", code[0]), DRAWN.sub(lambda part: part[1] or "", content)
    )


def questions(content: str, url: str) -> dict[str, list[str]]:
    """Return the texts of a page's links that are items of lists, by where they lead.

    Examples:
        >>> questions('<ul><li><a href="../gru/#z">Keep or replace?</a></li></ul>', "answers/")
        {'gru/#z': ['Keep or replace?']}
    """
    found: dict[str, list[str]] = {}
    for address, text in ITEM.findall(content):
        place = urljoin(f"https://site/{url}", address).removeprefix("https://site/")
        found.setdefault(place, []).append(text)
    return found


def completed(
    search_index: str, descriptions: Mapping[str, str], asked: Mapping[str, list[str]]
) -> str:
    """Return a search index with each page's description first, and what each section is asked.

    Descriptions are by the page's address, and stand below its title in a list of results;
    questions are by the address of the answer.
    """
    index = json.loads(search_index)
    sections = index["docs"]
    index["docs"] = [section for section in sections if not _only_links(section)]
    for section in index["docs"]:
        place = section["location"]
        if place.startswith("notebooks/"):
            section["boost"] = NOTEBOOK * section.get("boost", 1)
        if place.startswith("reference/"):
            section["title"] = section["title"].rpartition(".")[2]  # as it is imported, and typed
        if first := html.escape(descriptions.get(place, ""), quote=False):
            section["text"] = f"<p>{first}</p> {section['text']}"
        if place in asked:
            section["asked"] = asked[place]
    return json.dumps(index, separators=(",", ":"))


def _only_links(section: Mapping[str, str]) -> bool:
    said = section["text"]
    return section["location"].startswith(LISTS) and "<p>" not in said and "<pre>" not in said
