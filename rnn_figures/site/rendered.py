"""What pages were rendered to, while `mkdocs serve` runs: only what changed is rendered anew.

MkDocs renders the whole site whenever one file of it changes. Most of that time goes into Markdown
that is as it was.
"""

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from rnn_figures.site.running.runner import file_digest

Aside = Mapping[str, dict]
"""What rendering puts beside a page: by the name of the Markdown extension's setting."""


class Kept(NamedTuple):
    """One page as it was rendered.

    Attributes:
        version: All that its rendering depends on, but for the files that its code read.
        page: The attributes of the page that rendering set.
        aside: What rendering put aside.
    """

    version: Hashable
    page: dict[str, object]
    aside: dict[str, dict]


class Rendered:
    """Pages as they were rendered."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def take(self, page: Page, version: Hashable, aside: Aside) -> None:
        """Have a page give, when MkDocs renders it, what it gave before; if it is what it was.

        Args:
            page: A page with its Markdown.
            version: All that its rendering depends on, but for the files that its code reads.
            aside: What rendering adds to beside the page. `reads` has the files that the code of
                each page read, with their digests, by the page's name.
        """
        name = page.file.src_uri
        kept = self._kept.get(name)
        render = page.render

        def anew(config: MkDocsConfig, files: Files) -> None:
            before = dict(vars(page))
            there = {setting: set(given) for setting, given in aside.items()}
            render(config, files)
            made = {key: value for key, value in vars(page).items() if before.get(key) is not value}
            added = {
                setting: {key: given[key] for key in given.keys() - there[setting]}
                for setting, given in aside.items()
            }
            self._kept[name] = Kept(version, made, added)

        def again(config: MkDocsConfig, files: Files) -> None:
            assert kept
            vars(page).update(kept.page)
            if page.links_to_anchors:  # they are by file, and a build has files of its own
                page.links_to_anchors = {
                    there: anchors
                    for file, anchors in page.links_to_anchors.items()
                    if (there := files.get_file_from_path(file.src_uri))
                }
            for setting, given in kept.aside.items():
                aside[setting].update(given)

        same = kept and kept.version == version and _unread(kept.aside["reads"].get(name, {}))
        page.render = again if same else anew


def _unread(reads: Mapping[str, str]) -> bool:
    """Tell whether files are still what they were when they were read."""
    return all(file_digest(path) == digest for path, digest in reads.items())
