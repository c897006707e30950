"""The Markdown extension for what authors write between figures: code in a line, and tables.

Code that names a quantity, such as `h_n[2]`, gets that quantity's class; a table gets a box of its
own, which scrolls where the page is narrow and which keys can reach.
"""

from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

from rnn_figures.html.quantities import quantity_class

AFTER_ATTRIBUTES = 7
"""Below attr_list (8), so that an author's own class is there."""


class ProseExtension(Extension):
    """Marks quantities in code and puts tables in boxes."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        """Register both, after the attributes that authors give."""
        md.treeprocessors.register(CodeTreeprocessor(md), "rnn-code", AFTER_ATTRIBUTES)
        md.treeprocessors.register(TableTreeprocessor(md), "rnn-table", AFTER_ATTRIBUTES - 1)


def makeExtension(**settings) -> ProseExtension:  # noqa: N802 (Markdown's name)
    """Return the extension, for a generator that names this module."""
    return ProseExtension(**settings)


class CodeTreeprocessor(Treeprocessor):
    """Gives code that names a quantity that quantity's class, unless it has a class."""

    def run(self, root: Element) -> None:
        """Mark the code elements below `root`."""
        for element in root.iter("code"):
            classes = quantity_class(element.text or "")
            if classes and "class" not in element.attrib and len(element) == 0:
                element.set("class", classes)


class TableTreeprocessor(Treeprocessor):
    """Puts every table into a box that scrolls."""

    def run(self, root: Element) -> None:
        """Wrap the tables below `root`."""
        for parent in list(root.iter()):
            for index, child in enumerate(list(parent)):
                if child.tag == "table" and parent.get("class") != "rnn-table":
                    box = Element(
                        "div",
                        {
                            "class": "rnn-table",
                            "tabindex": "0",
                            "role": "group",
                            "aria-label": "Table",
                        },
                    )
                    box.tail, child.tail = child.tail, None
                    child.set("class", f"{child.get('class', '')} rnn-numbers rnn-prose".strip())
                    box.append(child)
                    parent[index] = box
