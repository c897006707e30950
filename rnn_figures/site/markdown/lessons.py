"""The Markdown extension that shows where a lesson ends, and that the rest is looked up.

A lesson is a page with a heading "Look up". Before it stands the door to the next lesson, which
gets a panel; the heading and all that follows get a section of their own, which says what it is.
"""

from xml.etree.ElementTree import Element, SubElement

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

HEADING = "Look up"

END = "End of the lesson"

ABOUT = "Nothing below is needed for the next lesson. It is here for when you have a question."

AFTER_TABLES = 4
"""Below toc (5): the headings have their anchors by then."""


class LessonsExtension(Extension):
    """Marks the end of a lesson."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        """Register it, after everything that looks at headings."""
        md.treeprocessors.register(EndTreeprocessor(md), "rnn-lesson-end", AFTER_TABLES)


def makeExtension(**settings) -> LessonsExtension:  # noqa: N802 (Markdown's name)
    """Return the extension, for a generator that names this module."""
    return LessonsExtension(**settings)


class EndTreeprocessor(Treeprocessor):
    """Puts the door to the next lesson in a panel, and what is looked up in a section."""

    def run(self, root: Element) -> None:
        """Change `root` if it has the heading; a page without one stays as it is."""
        parts = list(root)
        at = next((k for k, part in enumerate(parts) if _is_heading(part)), None)
        if at is None:
            return
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


def _is_heading(part: Element) -> bool:
    """Return whether this is the heading of what is looked up."""
    return part.tag == "h2" and (part.text or "").strip() == HEADING
