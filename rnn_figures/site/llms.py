"""The site for programs that read: every page in plain Markdown, and llms.txt, which lists them.

Imports nothing that draws.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

QUANTITY = re.compile(r"\\q[xifgochrzn]\{((?:[^{}]|\{[^{}]*\})*)\}")
"""A quantity in TeX: this site's macros mean nothing elsewhere."""

ELEMENT = re.compile(r"^\s*</?(?:rnn-[a-z]+|div)\b[^>]*>(?:</rnn-[a-z]+>)?\s*$", re.M)
"""Lines that only a browser needs."""

ATTRIBUTES = re.compile(r"^(#{1,6} .*?) *\{ *[#.][\w-]+ *\}$", re.M)
"""A heading's id or class."""


class PlainPage(NamedTuple):
    """One page: where it is in the site, and what it says of itself."""

    path: str
    title: str
    description: str
    text: str


def cleaned(text: str) -> str:
    r"""Return a page without what only this site's builder and a browser understand.

    Examples:
        >>> print(cleaned(r"\(\qh{h_{t-1}}\)"), end="")
        \(h_{t-1}\)
    """
    text = ATTRIBUTES.sub(r"\1", ELEMENT.sub("", QUANTITY.sub(r"\1", text)))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def index(name: str, description: str, sections: Mapping[str, list[PlainPage]]) -> str:
    """Return llms.txt: the site's name, what it is, and its pages by section.

    Source:
        The llms.txt proposal, llmstxt.org.
    """
    parts = [f"# {name}", f"> {description}"]
    for section, pages in sections.items():
        links = [f"- [{page.title}]({page.path}): {page.description}" for page in pages]
        parts.append("\n".join([f"## {section}", "", *links]))
    return "\n\n".join(parts) + "\n"
