"""Pages that keep what they were rendered to, while `mkdocs serve` runs.

MkDocs renders the whole site whenever one file of it changes. Most of that time goes into Markdown
that is as it was, and into reading it for the search.
"""

import json
from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.running.digests import unchanged


class Kept(NamedTuple):
    """One page as it was rendered.

    Attributes:
        version: All that its rendering depends on, but for the files that its code read.
        rendered: The attributes of the page that rendering set.
        build: What rendering handed over beside the page; later builds start as copies of it.
    """

    version: tuple[Hashable, ...]
    rendered: dict[str, object]
    build: PageBuild

    @property
    def reads_unchanged(self) -> bool:
        """Return whether the files that its code read are as they were."""
        return unchanged(self.build.reads)


class KeptPage(Page):
    """A page that renders only when something that it depends on has changed.

    MkDocs takes the page that a plugin has given a file (`File.page`), and renders it.

    Args:
        title: Its title in the navigation, if it has one there.
        file: Its file.
        config: The configuration of the build.
        kept: The pages of the builds before, by their names; this one is added.
    """

    def __init__(
        self, title: str | None, file: File, config: MkDocsConfig, kept: dict[str, Kept]
    ) -> None:
        super().__init__(title, file, config)
        self._kept = kept
        self.version: tuple[Hashable, ...] = ()
        self.build = PageBuild()

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Set what rendering sets; render only if it is not what it was the last time."""
        kept = self._kept.get(self.file.src_uri)
        if kept and kept.version == self.version and kept.reads_unchanged:
            self._take(kept, files)
            return
        before = dict(vars(self))
        super().render(config, files)
        made = {key: value for key, value in vars(self).items() if before.get(key) is not value}
        if self.build.failed:
            return
        self._kept[self.file.src_uri] = Kept(self.version, made, self.build)

    def _take(self, kept: Kept, files: Files) -> None:
        vars(self).update(kept.rendered)
        if self.links_to_anchors:  # they are by file, and a build has files of its own
            self.links_to_anchors = {
                there: anchors
                for file, anchors in self.links_to_anchors.items()
                if (there := files.get_file_from_path(file.src_uri))
            }


class KeptSections:
    """What a search finds on each page, kept for as long as the page says the same.

    The search plugin, which reads pages tag by tag, is asked about the other pages alone.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Hashable, list[dict[str, Any]]]] = {}
        self._pages: dict[str, Hashable] = {}

    def begin(self) -> None:
        """Forget which pages the build before had; it may have failed on the way."""
        self._pages = {}

    def has(self, page: Page) -> bool:
        """Return whether the sections of a page are kept; it is a page of this build from now."""
        said = (page.content, str(page.title), repr(page.meta.get("search")))
        self._pages[page.url] = said
        return page.url in self._kept and self._kept[page.url][0] == said

    def completed(self, search_index: str) -> str:
        """Return a search index with the sections that are kept, in the order of the build."""
        index = json.loads(search_index)
        read: dict[str, list[dict[str, Any]]] = {}
        for section in index["docs"]:
            read.setdefault(section["location"].partition("#")[0], []).append(section)
        kept = {url: self._kept.get(url, (None, [])) for url in self._pages}
        self._kept = {
            url: (said, kept[url][1] if kept[url][0] == said else read.get(url, []))
            for url, said in self._pages.items()
        }
        index["docs"] = [section for _, sections in self._kept.values() for section in sections]
        return json.dumps(index, separators=(",", ":"))


def titles(nav: object) -> Iterator[tuple[str, str]]:
    """Yield the titles that the navigation of mkdocs.yml gives to pages, each after its page.

    Examples:
        >>> list(titles([{"Start": ["index.md", {"Atlas": "atlas/index.md"}]}]))
        [('atlas/index.md', 'Atlas')]
    """
    for item in nav if isinstance(nav, list) else []:
        for title, inside in item.items() if isinstance(item, dict) else ():
            if isinstance(inside, str):
                yield inside, title
            else:
                yield from titles(inside)
