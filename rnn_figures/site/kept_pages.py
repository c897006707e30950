"""Pages that keep what they were rendered to, while `mkdocs serve` runs.

MkDocs renders the whole site whenever one file of it changes. Most of that time goes into Markdown
that is as it was.
"""

from collections.abc import Hashable, Iterator
from typing import NamedTuple

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
        build: What rendering handed over beside the page.
    """

    version: Hashable
    rendered: dict[str, object]
    build: PageBuild


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
        self.version: Hashable = None
        self.build = PageBuild()

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Set what rendering sets; render only if it is not what it was the last time."""
        kept = self._kept.get(self.file.src_uri)
        if kept and kept.version == self.version and unchanged(kept.build.reads):
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
        self.build.plain = kept.build.plain
        self.build.reads = kept.build.reads
        self.build.downloads = kept.build.downloads
        if self.links_to_anchors:  # they are by file, and a build has files of its own
            self.links_to_anchors = {
                there: anchors
                for file, anchors in self.links_to_anchors.items()
                if (there := files.get_file_from_path(file.src_uri))
            }


def titles(nav: object) -> Iterator[tuple[str, str]]:
    """Walk the titles that the navigation of mkdocs.yml gives to pages, each after its page.

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
