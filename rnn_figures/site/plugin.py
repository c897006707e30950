"""The MkDocs plugin: what a page cannot make by itself, namely files beside it.

It gives the Markdown extensions the page's name and the workers of the whole build, writes the
package's style sheets, the downloads of the figures and the notebooks, and makes two builds of one
commit the same bytes. Nothing here draws, and nothing here imports torch.
"""

import copy
import importlib
import os
import pathlib
import re
from collections.abc import Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from jinja2 import Environment, FileSystemBytecodeCache
from markdown import Markdown
from markdown.preprocessors import NormalizeWhitespace
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from mkdocs.utils.meta import get_data

from rnn_figures import options, palette
from rnn_figures.site import atlas, generated, lattice, typed
from rnn_figures.site.cards import closed
from rnn_figures.site.colours import legend
from rnn_figures.site.kept_pages import Kept, KeptPage, KeptSections, titles
from rnn_figures.site.llms import PlainPage, cleaned, index
from rnn_figures.site.markdown.errors import PageError, failures, raise_all
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.notebooks import as_ipynb, as_page
from rnn_figures.site.reference import listed
from rnn_figures.site.running.cache import CACHE
from rnn_figures.site.running.digests import digest, read_package
from rnn_figures.site.running.names import names_in
from rnn_figures.site.running.pool import PageFences, Pool
from rnn_figures.site.running.records import CONTENT, Downloads, Fence
from rnn_figures.site.search import completed, questions, words
from rnn_figures.site.theme import QuickTheme, spare_drawings

ATLAS_LINK = re.compile(
    r"\[(?P<text>[^]]+)]\((?:\.\./)?(?:atlas/)?(?:lstm|gru|rnn)-[\w-]+\.md(?:#[\w-]+)?\)"
)
"""A link to a page of the atlas, which `mkdocs serve` leaves out unless ATLAS is set."""

DOCSTRINGS = re.compile(r"^::: ", re.MULTILINE)
"""What makes mkdocstrings read the package's sources."""

EXTENSIONS = ("rnn_figures.site.markdown.fences", "rnn_figures.site.markdown.mathematics")

ELEMENT = re.compile(r"<(rnn-[a-z]+)[\s>]")
"""The tag of an element with a script of its own: assets/js has it, under the element's name."""

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
        """Keep one pool of workers for all builds of `mkdocs serve`, which leaves the atlas out.

        The environment may say otherwise: ATLAS=1 adds it, ATLAS=0 leaves it out.
        """
        self.pool = Pool(CACHE, downloads=Downloads.BESIDE)
        self.writers = ThreadPoolExecutor(1)
        self.written: list[Future[None]] = []
        self.serving = command == "serve"
        self.kept: dict[str, Kept] = {}
        self.sections = KeptSections()
        self.with_atlas = os.environ.get("ATLAS", "0" if self.serving else "1") not in ("", "0")

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Let the notebooks' cache follow the package, and the site's address the repository.

        The theme is one whose templates are listed sooner.
        """
        self.package = read_package()
        config.theme = QuickTheme(config.theme)
        notebooks = config.plugins.get("mkdocs-jupyter")
        if notebooks:
            version = digest(None, self.package)[:16]
            notebooks.config["cache_dir"] = str(CACHE.parent / "notebooks" / version)
        docstrings = config.plugins.get("mkdocstrings")
        if docstrings:
            _keep_compiled(docstrings.get_handler("python").env)
        if self.config.repository and not config.site_url:
            owner, _, name = self.config.repository.partition("/")
            config.site_url = f"https://{owner.lower()}.github.io/{name}/"
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Forget the pages of the build before, which may have failed while writing them."""
        wait(self.written)
        self.written = []
        self.builds: dict[str, PageBuild] = {}
        self.pages: list[Page] = []
        self.sections.begin()
        self.questions: dict[str, list[str]] = {}
        self.lattice: dict[str, Fence] = {}

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the files that are generated; start to run the fences of all pages."""
        # As they are now, also under `serve`. To ask a worker would have each build import torch.
        for module in (palette, options, atlas, typed):
            importlib.reload(module)
        spare_drawings(files)
        entries = atlas.entries() if self.config.atlas and self.with_atlas else []
        made = generated.assets() | atlas.redirects()
        if self.config.atlas:
            made |= atlas.files(entries)
        for source in files:
            if pathlib.PurePosixPath(source.src_uri).match(NOTEBOOKS):
                name = source.src_uri.removesuffix(".py") + ".ipynb"
                made[name] = as_ipynb(source.content_string, self.config.repository)
        for name, content in made.items():
            files.append(File.generated(config, name, content=content))
        self._start(files, config, {f"atlas/{entry.slug}.md": entry.plain for entry in entries})
        return files

    def _start(self, files: Files, config: MkDocsConfig, sharing: Mapping[str, str]) -> None:
        """Parse every page and have the pool run its fences, in the order of the build.

        `sharing` is what pages have in common, by their names; other pages have nothing.
        """
        self.settings = pathlib.Path(config.config_file_path).read_bytes()
        coming: list[PageFences] = []
        nav_titles = dict(titles(config.nav))
        for file in files.documentation_pages():
            name = file.src_uri
            # MkDocs reads the file each time that it is asked
            build = self.builds[name] = self._build(name, file.content_string)
            if not name.endswith(".md"):
                continue
            if self.serving:
                KeptPage(nav_titles.get(name), file, config, self.kept)
            try:
                self._parse(build)
            except PageError:
                continue  # it is raised again when the page is rendered
            if self.serving and self._as_it_was(build):
                continue  # nothing of it will be asked for
            coming.append(PageFences(name, build.fences, sharing.get(name, "")))
        fences = [fence for build in self.builds.values() for fence in build.fences]
        used = any(lattice.USES in names_in(fence.code) for fence in fences)
        self.lattice = lattice.files() if used else {}
        coming.append(PageFences(lattice.FOLDER, list(self.lattice.values())))
        self.pool.ahead(coming, self.package)

    def _build(self, name: str, source: str) -> PageBuild:
        """Return the build of a page: what it was before, if its source is as it was."""
        kept = self.kept.get(name)
        if kept and kept.build.source == source:
            build = copy.copy(kept.build)
            build.failed = []
            return build
        return PageBuild(page=name, source=source, runner=self.pool, failed=[])

    def _parse(self, build: PageBuild) -> None:
        """Parse a page as it will come to the fences' preprocessor, unless it was parsed before."""
        if not build.is_parsed:
            markdown, _ = get_data(build.source)
            build.first_line += build.source.count("\n") - markdown.count("\n")  # front matter
            build.parsed(NormalizeWhitespace(Markdown()).run(self._shown(markdown).split("\n")))

    def _shown(self, markdown: str) -> str:
        """Return a page's Markdown with its listed names, without links to pages left out."""
        markdown = listed(markdown)
        return markdown if self.with_atlas else ATLAS_LINK.sub(r"\g<text>", markdown)

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:
        """Give the pages of the atlas, which `nav` does not list, a place beside their index."""
        listed = [file for file in files.documentation_pages() if file.src_uri.startswith("atlas/")]
        pages = [file.page for file in listed if file.page]
        for before, page, after in zip(pages, pages[1:], [*pages[2:], None], strict=False):
            page.parent, page.previous_page, page.next_page = pages[0].parent, before, after

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Hand the extensions the page that they work on."""
        name = page.file.src_uri
        build = self.builds[name]
        build.files = get_relative_url(_folder(name), page.url)
        for extension in EXTENSIONS:
            config.mdx_configs[extension] = {"build": build}
        self.pages.append(page)
        if isinstance(page, KeptPage):
            page.version = (self._version(build), *files.src_uris)
            page.build = build
        return self._shown(markdown)

    def _version(self, build: PageBuild) -> Hashable:
        """Return what the rendering of a page depends on, but for what files there are."""
        names = frozenset().union(*(names_in(fence.code) for fence in build.fences))
        reads_all = DOCSTRINGS.search(build.source)
        return build.source, digest(None if reads_all else names, self.package), self.settings

    def _as_it_was(self, build: PageBuild) -> bool:
        """Return whether a page, where all files are there still, will not be rendered anew."""
        kept = self.kept.get(build.page)
        return bool(kept) and kept.version[0] == self._version(build) and kept.reads_unchanged

    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str | None:
        """Add the letters of a page; make a notebook's page fit for both schemes.

        The page's downloads are written meanwhile: to make thousands of files takes a while.
        """
        build = self.builds[page.file.src_uri]
        folder = pathlib.Path(config.site_dir, _folder(page.file.src_uri))
        for name, content in build.downloads.items():
            self._write_meanwhile(folder / name, content)
        # MkDocs has not seen what fences put in: a link to a figure is no fault
        figures = {fence.id for fence in build.fences if fence.id}
        page.present_anchor_ids = (page.present_anchor_ids or set()) | figures
        path = pathlib.PurePosixPath(page.file.src_uri)
        if path.match(NOTEBOOKS):
            try:
                return as_page(html, build.source, path.stem, self.config.repository)
            except PageError as error:
                build.fail(error)
                return None
        if page.file.src_uri == QUESTIONS:
            self.questions = questions(html, page.url)
        if page.file.src_uri != "index.md":  # the first page is to be a picture, not a list
            html = html.replace("</h1>", f"</h1>\n{legend(html)}", 1)
        return html

    @event_priority(100)
    def _before_search(self, context, *, page: Page, config: MkDocsConfig, nav) -> None:
        """Give the search plugin, which reads tag by tag, the words alone of a page that is new."""
        self.content, self.meta = page.content, page.meta
        if self.serving and self.sections.has(page):
            page.meta = {**page.meta, "search": {"exclude": True}}
            page.content = ""  # it would search the whole of what it leaves out
        elif not (page.meta.get("search") or {}).get("exclude"):
            page.content = words(page.content or "")

    @event_priority(-100)
    def _after_search(self, context, *, page: Page, config: MkDocsConfig, nav) -> None:
        """Give the theme the whole page, its cards closed if it is one of cards."""
        page.meta = self.meta
        page.content = closed(self.content or "") if page.meta.get("cards") else self.content

    on_page_context = CombinedEvent(_before_search, _after_search)

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Load the scripts of the elements that a page has, and no others."""
        names = sorted({*ELEMENT.findall(output)})
        addresses = [get_relative_url(f"assets/js/{name}.mjs", page.url) for name in names]
        scripts = [f'<script type="module" src="{address}"></script>' for address in addresses]
        return output.replace("</body>", "\n".join([*scripts, "</body>"]), 1)

    @event_priority(100)
    def on_env(self, env, *, config: MkDocsConfig, files: Files) -> None:
        """Date every page alike: MkDocs writes the day of the build into compressed files.

        What failed on any page is raised here, all at once: one build shows what a new torch
        changes.
        """
        failed = [error for build in self.builds.values() for error in build.failed or ()]
        drawings = list(self.lattice.values())
        results = self.pool.results(lattice.FOLDER, drawings)
        raise_all([*failed, *failures(lattice.FOLDER, drawings, results)])
        for name, result in zip(self.lattice, results, strict=True):
            path = pathlib.Path(config.site_dir, lattice.FOLDER, name)
            self._write_meanwhile(path, result.files[CONTENT])
        _keep_compiled(env)
        for file in files.documentation_pages():
            if file.page:
                file.page.update_date = SAME_DAY

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the pages as plain text and the picture for links; see that downloads are there."""
        if config.site_url:  # a link must name the picture's whole address
            picture = pathlib.Path(config.site_dir, generated.LINK_PICTURE)
            picture.write_bytes(generated.link_picture())
        sections: dict[str, list[PlainPage]] = {}
        for page in self.pages:
            if page.file.src_uri.endswith(".md"):
                ancestors = list(page.ancestors)  # nearest first
                of_the_atlas = page.file.inclusion.is_not_in_nav()
                tab = str(ancestors[-1].title) if ancestors else config.site_name  # in no tab
                section = "Atlas" if of_the_atlas else tab
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
            found = search.read_text("utf-8")
            found = self.sections.completed(found) if self.serving else found
            search.write_text(completed(found, descriptions, self.questions), encoding="utf-8")

    def _write_meanwhile(self, path: pathlib.Path, content: str) -> None:
        """Have a file of the site written while the build goes on."""
        self.written.append(self.writers.submit(_write, path, content))

    def _plain_page(self, page: Page) -> PlainPage:
        """Return a page as a program reads it; beside the others, so that its links hold."""
        return PlainPage(
            path=page.file.src_uri,
            title=str(page.title or page.file.name),
            description=page.meta.get("description", ""),
            text=cleaned(self.builds[page.file.src_uri].plain),
        )

    def on_serve(self, server, *, config: MkDocsConfig, builder) -> None:
        """Have a worker ready before the first page is edited."""
        self.pool.warm()

    def on_shutdown(self) -> None:
        """End the workers."""
        self.writers.shutdown()
        self.pool.close()


def _write(path: pathlib.Path, content: str) -> None:
    """Write a file of the site, with the same line ends on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")


def _keep_compiled(env: Environment) -> None:
    """Have templates compiled once for many builds, not once for each."""
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(TEMPLATES))


def _folder(page: str) -> str:
    """Return the place of a page's downloads in the site."""
    return f"figures/{page.removesuffix('.md')}/"
