"""The MkDocs plugin: what a page cannot make by itself, namely files beside it.

It gives the Markdown extensions the page's name and the workers of the whole build, writes the
package's style sheets, the downloads of the figures and the notebooks, and makes two builds of one
commit the same bytes. Nothing here draws, and nothing here imports torch.
"""

import contextlib
import os
import pathlib
import re
import runpy
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from rnn_figures.palette import NAMES
from rnn_figures.site.llms import PlainPage, cleaned, index
from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.fences import CACHE, fences_of
from rnn_figures.site.notebooks import as_ipynb, as_page
from rnn_figures.site.reference import listed
from rnn_figures.site.rendered import Rendered
from rnn_figures.site.running.digests import PACKAGE, digest, names_in
from rnn_figures.site.running.pool import PageFences, Pool
from rnn_figures.site.search import completed, questions, words

ATLAS_LINK = re.compile(
    r"\[(?P<text>[^]]+)]\((?:\.\./)?(?:atlas/)?(?:lstm|gru|rnn)-[\w-]+\.md(?:#[\w-]+)?\)"
)
"""A link to a page of the atlas, which `mkdocs serve` has not unless ATLAS is set."""

DOCSTRINGS = re.compile(r"^::: ", re.MULTILINE)
"""What makes mkdocstrings read the package's sources."""

EXTENSIONS = ("rnn_figures.site.markdown.fences", "rnn_figures.site.markdown.mathematics")

NOTEBOOKS = "notebooks/*.py"

QUESTIONS = "answers/questions.md"
"""The page whose lists are questions that lead to their answers."""

TEMPLATES = CACHE.parent / "templates"
"""Where templates are kept as Python has compiled them; each build would compile all anew."""

SAME_DAY = "1980-01-01"
"""MkDocs dates every page by the day of the build; a build must not depend on it."""


class RnnFiguresConfig(Config):
    """Options of the plugin in mkdocs.yml."""

    repository = config_options.Type(str, default="")
    """owner/name of the public repository; with it, notebooks have a link to Colab."""

    atlas = config_options.Type(bool, default=True)
    """False for a site without the atlas, such as a test's."""


class RnnFiguresPlugin(BasePlugin[RnnFiguresConfig]):
    """Adds generated files to the site, and names pages to the Markdown extensions."""

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Keep one worker for all builds of `mkdocs serve`, which leaves the atlas out.

        The environment may say otherwise: ATLAS=1 has it, ATLAS=0 has it not.
        """
        self.runner = Pool(CACHE, linked=True)
        self.writers = ThreadPoolExecutor(1)
        self.written: list[Future[None]] = []
        self.rendered = Rendered() if command == "serve" else None
        self.with_atlas = os.environ.get("ATLAS", "0" if command == "serve" else "1") not in (
            "",
            "0",
        )

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Let the extensions share the workers, and the notebooks' cache follow the package."""
        for name in EXTENSIONS:
            config.mdx_configs.setdefault(name, {})
        config.mdx_configs["rnn_figures.site.markdown.fences"]["runner"] = self.runner
        notebooks = config.plugins.get("mkdocs-jupyter")
        if notebooks:
            notebooks.config["cache_dir"] = str(CACHE.parent / "notebooks" / digest()[:16])
        docstrings = config.plugins.get("mkdocstrings")
        if docstrings:
            _keep_compiled(docstrings.get_handler("python").env)
        if self.config.repository and not config.site_url:
            owner, _, name = self.config.repository.partition("/")
            config.site_url = f"https://{owner.lower()}.github.io/{name}/"
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Forget the downloads of the build before, which may have failed while writing them."""
        wait(self.written)
        self.written = []
        self.downloads: dict[str, str] = {}
        self.plain: dict[str, str] = {}
        self.reads: dict[str, dict[str, str]] = {}
        self.pages: list[Page] = []
        self.questions: dict[str, list[str]] = {}

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the style sheets of the package, the atlas, and the notebooks as .ipynb."""
        palette = runpy.run_path(str(PACKAGE / "palette.py"))  # as it is now, also under `serve`
        look = (PACKAGE / "html" / "figure.css").read_text("utf-8")
        for name, sheet in (("palette", style_sheet(palette)), ("figure", look)):
            files.append(File.generated(config, f"assets/{name}.css", content=sheet))
        atlas = runpy.run_path(str(PACKAGE / "site" / "atlas.py"))
        entries = atlas["entries"]() if self.config.atlas and self.with_atlas else []
        pages = {"index": atlas["index_page"]()} if self.config.atlas else {}
        pages |= {entry.slug: atlas["page"](entry) for entry in entries}
        for slug, content in pages.items():
            files.append(File.generated(config, f"atlas/{slug}.md", content=content))
        for path, content in atlas["redirects"]().items():
            files.append(File.generated(config, path, content=content))
        for source in list(files):
            if pathlib.PurePosixPath(source.src_uri).match(NOTEBOOKS):
                name = source.src_uri.removesuffix(".py") + ".ipynb"
                text = as_ipynb(source.content_string, self.config.repository)
                files.append(File.generated(config, name, content=text))
        sharing = {f"atlas/{entry.slug}.md": entry.plain for entry in entries}
        self.runner.ahead(_groups(files, sharing))
        return files

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Tell the extensions which page they work on, and where its downloads will be."""
        source = page.file.content_string
        settings = {
            "page": page.file.src_uri,
            # MkDocs has taken the front matter away.
            "first_line": 1 + source.count("\n") - markdown.count("\n"),
        }
        for name in EXTENSIONS:
            config.mdx_configs[name] |= settings
        folder = f"figures/{page.file.src_uri.removesuffix('.md')}/"
        aside = {"downloads": self.downloads, "plain": self.plain, "reads": self.reads}
        config.mdx_configs["rnn_figures.site.markdown.fences"] |= aside | {
            "files": get_relative_url(folder, page.url),
            "folder": folder,
        }
        self.pages.append(page)
        if self.rendered:
            settings = pathlib.Path(config.config_file_path).read_bytes()
            version = (source, _reached(source, page.file.src_uri), settings, *files.src_uris)
            self.rendered.take(page, version, aside)
        markdown = listed(markdown)
        return markdown if self.with_atlas else ATLAS_LINK.sub(r"\g<text>", markdown)

    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str | None:
        """Add the letters of a page; make a notebook's page fit for both schemes.

        The page's downloads are written meanwhile: to make thousands of files takes a while.
        """
        while self.downloads:
            name, content = self.downloads.popitem()
            path = pathlib.Path(config.site_dir, name)
            self.written.append(self.writers.submit(_write, path, content))
        path = pathlib.PurePosixPath(page.file.src_uri)
        if path.match(NOTEBOOKS):
            return as_page(html, path.stem, self.config.repository)
        if page.file.src_uri == QUESTIONS:
            self.questions = questions(html, page.url)
        if page.file.src_uri != "index.md":  # the first page is to be a picture, not a list
            html = html.replace("</h1>", f"</h1>\n{legend(html)}", 1)
        return html

    @event_priority(100)
    def _before_search(self, context, *, page: Page, config: MkDocsConfig, nav) -> None:
        """Give the search plugin, which reads tag by tag, the words of a page alone."""
        self.content = page.content
        if not (page.meta.get("search") or {}).get("exclude"):
            page.content = words(page.content or "")

    @event_priority(-100)
    def _after_search(self, context, *, page: Page, config: MkDocsConfig, nav) -> None:
        """Give the theme the whole page."""
        page.content = self.content

    on_page_context = CombinedEvent(_before_search, _after_search)

    def on_env(self, env, *, config: MkDocsConfig, files: Files) -> None:
        """Date every page alike: MkDocs writes the day of the build into compressed files."""
        _keep_compiled(env)
        for file in files.documentation_pages():
            if file.page:
                file.page.update_date = SAME_DAY

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the pages as plain text, and see that the downloads are written."""
        sections: dict[str, list[PlainPage]] = {}
        for page in self.pages:
            if page.file.src_uri in self.plain:
                ancestors = list(page.ancestors)  # nearest first
                section = str(ancestors[-1].title) if ancestors else "Atlas"
                sections.setdefault(section, []).append(self._plain_page(page))
        texts = {page.path: page.text for pages in sections.values() for page in pages}
        llms = index(config.site_name, config.site_description or "", sections)
        for name, content in (texts | {"llms.txt": llms}).items():
            _write(pathlib.Path(config.site_dir, name), content)
        for written in self.written:
            written.result()  # raises what writing it raised
        descriptions = {page.url: page.meta.get("description", "") for page in self.pages}
        search = pathlib.Path(config.site_dir, "search", "search_index.json")
        if search.exists():
            found = completed(search.read_text("utf-8"), descriptions, self.questions)
            search.write_text(found, encoding="utf-8")

    def _plain_page(self, page: Page) -> PlainPage:
        """Return a page as a program reads it; beside the others, so that its links hold."""
        return PlainPage(
            path=page.file.src_uri,
            title=str(page.title or page.file.name),
            description=page.meta.get("description", ""),
            text=cleaned(self.plain[page.file.src_uri]),
        )

    def on_serve(self, server, *, config: MkDocsConfig, builder) -> None:
        """Have a worker ready before the first page is edited."""
        self.runner.warm()

    def on_shutdown(self) -> None:
        """End the workers."""
        self.writers.shutdown()
        self.runner.close()


def _write(path: pathlib.Path, content: str) -> None:
    """Write a file of the site, with the same line ends on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")


def _keep_compiled(env: Environment) -> None:
    """Have templates compiled once for many builds, not once for each."""
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(TEMPLATES))


def _reached(source: str, name: str) -> str:
    """Return the digest of what a page shows of the package: all of it, or what its code uses.

    Args:
        source: The page's Markdown.
        name: The page's name.
    """
    if pathlib.PurePosixPath(name).match(NOTEBOOKS) or DOCSTRINGS.search(source):
        return digest()
    with contextlib.suppress(PageError):  # the page itself will tell it
        return digest(frozenset().union(*(names_in(f.code) for f in fences_of(source, name))))
    return digest()


def _groups(files: Files, sharing: Mapping[str, str]) -> list[list[PageFences]]:
    """Return the pages that have fences, in the order of the build, by the figures they share.

    Args:
        files: All files of the site.
        sharing: What pages have in common, by their names; other pages have nothing.
    """
    groups: dict[str, list[PageFences]] = {}
    for file in files.documentation_pages():
        if file.src_uri.endswith(".md"):
            with contextlib.suppress(PageError):  # the page itself will tell it
                fences = fences_of(file.content_string, file.src_uri)
                group = sharing.get(file.src_uri, file.src_uri)
                groups.setdefault(group, []).append((file.src_uri, fences))
    return list(groups.values())


def style_sheet(palette: dict) -> str:
    """Return the CSS of the palette: its variables, and a rule for each quantity.

    Args:
        palette: The names of rnn_figures/palette.py.
    """
    light = palette["style_sheet"]().partition("\n}")[0].replace(":root", "", 1)
    parts = [
        palette["style_sheet"](),
        # Paper is white, whatever the screen was.
        f'@media print {{\n[data-md-color-scheme="slate"]{light}\n}}\n}}',
    ]
    for letter in palette["NAMES"]:
        colour = f"var({palette['variable'](letter)})"
        others = f'[data-rnn-lit="{letter}"] svg [class*="q-"]:not(.q-{letter}, :has(.q-{letter}))'
        parts += [
            f".md-typeset .q-{letter} {{ color: {colour}; }}",
            f'[data-rnn-lit="{letter}"] .q-{letter} {{ --rnn-glow: {colour}; }}',
            f"{others} {{ opacity: 0.25; }}",
        ]
    return "\n".join(parts) + "\n"


def legend(content: str) -> str:
    """Return the list of the letters that a page's content marks; "" if there are fewer than two.

    Examples:
        >>> legend('<code class="q-h">h</code>')
        ''
    """
    there = set(re.findall(r'class="[^"]*\bq-([a-z])\b', content))
    if len(there) < 2:
        return ""
    items = "\n".join(
        f'<li><code class="q-{letter}">{letter}</code> {name}</li>'
        for letter, name in NAMES.items()
        if letter in there
    )
    return (
        "<rnn-quantities data-search-exclude>\n"
        f'<ul class="rnn-legend" aria-label="Letters on this page">\n{items}\n</ul>\n'
        "</rnn-quantities>\n"
    )
