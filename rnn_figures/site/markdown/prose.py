"""The Markdown extension for what authors write between figures: code, tables, a lesson's end.

Code that names a quantity, such as `h_n[2]`, gets that quantity's class; a table gets a box of its
own, which scrolls where the page is narrow and which keys can reach. A lesson is a page with a
heading "Look up". Before it stands the door to the next lesson, which gets a panel; the heading and
all that follows get a section of their own, which says what it is.
"""

from xml.etree.ElementTree import Element, SubElement

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

from rnn_figures.html.quantities import quantity_class

AFTER_ATTRIBUTES = 7
"""Below attr_list (8), so that an author's own class is there."""

AFTER_TABLES = 4
"""Below toc (5): the headings have their anchors by then."""

BOX = {"class": "rnn-table", "tabindex": "0", "role": "group", "aria-label": "Table"}

HEADING = "Look up"

END = "End of the lesson"

ABOUT = "Nothing below is needed for the next lesson. It is here for when you have a question."


class ProseExtension(Extension):
    """Marks quantities in code, puts tables in boxes, and shows where a lesson ends."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        """Register all, after the attributes that authors give."""
        md.treeprocessors.register(CodeTreeprocessor(md), "rnn-code", AFTER_ATTRIBUTES)
        md.treeprocessors.register(TableTreeprocessor(md), "rnn-table", AFTER_ATTRIBUTES - 1)
        md.treeprocessors.register(EndTreeprocessor(md), "rnn-lesson-end", AFTER_TABLES)


makeExtension = ProseExtension  # noqa: N816 (what Markdown asks the module for)


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
                    box = Element("div", BOX)
                    box.tail, child.tail = child.tail, None
                    child.set("class", f"{child.get('class', '')} rnn-numbers rnn-prose".strip())
                    box.append(child)
                    parent[index] = box


class EndTreeprocessor(Treeprocessor):
    """Puts the door to the next lesson in a panel, and what is looked up in a section."""

    def run(self, root: Element) -> None:
        """Change `root` if it has the heading; a page without one stays as it is."""
        parts = list(root)
        texts = [(part.tag, (part.text or "").strip()) for part in parts]
        if ("h2", HEADING) not in texts:
            return
        at = texts.index(("h2", HEADING))
        section = Element("section", {"class": "rnn-reference"})
        for part in parts[at:]:
            root.remove(part)
            section.append(part)
        about = Element("p", {"class": "rnn-reference__about"})
        about.text = ABOUT
        section.insert(1, about)
        if at and (parts[at - 1].text or "").startswith("Next: "):
            root.remove(parts[at - 1])
            panel = SubElement(root, "div", {"class": "rnn-end"})
            SubElement(panel, "p", {"class": "rnn-end__mark"}).text = END
            panel.append(parts[at - 1])
        root.append(section)
