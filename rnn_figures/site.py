"""The MkDocs plugin: what a page cannot make by itself, namely files beside it.

It gives the Markdown extensions the page's name and one worker for the whole build, writes the
palette's style sheet, the downloads of the figures and the notebooks, and makes two builds of one
commit the same bytes. Nothing here draws, and nothing here imports torch.
"""

import json
import pathlib
import re
import runpy

import jupytext
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from rnn_figures.fences import CACHE
from rnn_figures.palette import NAMES
from rnn_figures.runner import Runner
from rnn_figures.sources import PACKAGE, digest
from rnn_figures.svg import clean, to_text

EXTENSIONS = ("rnn_figures.fences", "rnn_figures.mathematics")

NOTEBOOKS = "notebooks/*.py"

NOTEBOOKS_BRANCH = "notebooks"
"""Branch to which a release pushes the notebooks as .ipynb: Colab opens files of a repository."""

SAME_DAY = "1980-01-01"
"""MkDocs dates every page by the day of the build; a build must not depend on it."""

CELL_ID = re.compile(r'(id="cell-id=|href="#cell-id=)([\w-]+)"')
OUTPUT_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


class RnnFiguresConfig(Config):
    """Options of the plugin in mkdocs.yml."""

    repository = config_options.Type(str, default="")
    """owner/name of the public repository; with it, notebooks have a link to Colab."""


class RnnFiguresPlugin(BasePlugin[RnnFiguresConfig]):
    """Adds generated files to the site, and names pages to the Markdown extensions."""

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Keep one worker for all builds of `mkdocs serve`."""
        self.runner = Runner(CACHE, linked=True)

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Let the extensions share the worker, and the notebooks' cache follow the package."""
        for name in EXTENSIONS:
            config.mdx_configs.setdefault(name, {})
        config.mdx_configs["rnn_figures.fences"]["runner"] = self.runner
        notebooks = config.plugins.get("mkdocs-jupyter")
        if notebooks:
            notebooks.config["cache_dir"] = str(CACHE.parent / "notebooks" / digest()[:16])
        if self.config.repository and not config.site_url:
            owner, _, name = self.config.repository.partition("/")
            config.site_url = f"https://{owner.lower()}.github.io/{name}/"
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Forget the downloads of the build before."""
        self.downloads: dict[str, str] = {}

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the palette's style sheet and the notebooks as .ipynb."""
        palette = runpy.run_path(str(PACKAGE / "palette.py"))  # as it is now, also under `serve`
        sheet = File.generated(config, "assets/palette.css", content=style_sheet(palette))
        files.append(sheet)
        for source in list(files):
            if pathlib.PurePosixPath(source.src_uri).match(NOTEBOOKS):
                name = source.src_uri.removesuffix(".py") + ".ipynb"
                text = notebook(source.content_string, self.config.repository)
                files.append(File.generated(config, name, content=text))
        return files

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> None:
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
        config.mdx_configs["rnn_figures.fences"] |= {
            "files": get_relative_url(folder, page.url),
            "folder": folder,
            "downloads": self.downloads,
        }

    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str | None:
        """Add the letters of a page; make a notebook's page fit for both schemes."""
        path = pathlib.PurePosixPath(page.file.src_uri)
        if path.match(NOTEBOOKS):
            return notebook_page(html, path, self.config.repository)
        return html if page.is_homepage else html.replace("</h1>", f"</h1>\n{legend(html)}", 1)

    def on_env(self, env, *, config: MkDocsConfig, files: Files) -> None:
        """Date every page alike: MkDocs writes the day of the build into compressed files."""
        for file in files.documentation_pages():
            if file.page:
                file.page.update_date = SAME_DAY

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write what the figures of all pages offer for download."""
        for name, content in self.downloads.items():
            path = pathlib.Path(config.site_dir, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")

    def on_shutdown(self) -> None:
        """End the worker."""
        self.runner.close()


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


def notebook(source: str, repository: str) -> str:
    """Return a percent script as .ipynb text: the same bytes each time, no outputs."""
    found = jupytext.reads(source, fmt="py:percent")
    found.metadata = {"kernelspec": dict(found.metadata.get("kernelspec", {}))}
    if repository:
        from nbformat.v4 import new_code_cell

        install = f"%pip install --quiet git+https://github.com/{repository}"
        found.cells.insert(1, new_code_cell(install))
    for number, cell in enumerate(found.cells):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = {}
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def notebook_page(content: str, path: pathlib.PurePosixPath, repository: str) -> str:
    """Return a notebook's page with ids that every build gives, and links to the file.

    Args:
        content: The page as mkdocs-jupyter wrote it.
        path: The notebook's path below docs.
        repository: owner/name, or "" for no link to Colab.
    """
    numbers: dict[str, str] = {}
    for _, name in CELL_ID.findall(content):
        numbers.setdefault(name, f"cell-{len(numbers)}")
    content = CELL_ID.sub(lambda found: f'{found[1]}{numbers[found[2]]}"', content)
    drawn = iter(range(len(content)))
    content = OUTPUT_SVG.sub(lambda svg: _themed(svg[0], f"output-{next(drawn)}-"), content)
    links = [f'<a href="../{path.stem}.ipynb" download>Download this notebook</a>']
    if repository:
        place = f"{repository}/blob/{NOTEBOOKS_BRANCH}/{path.stem}.ipynb"
        links.append(
            f'<a href="https://colab.research.google.com/github/{place}">Open in Colab</a>'
        )
    return f'<p class="rnn-notebook">{" ".join(links)}</p>\n{content}'


def _themed(svg: str, prefix: str) -> str:
    root = clean(svg, prefix=prefix)
    root.set("class", "rnn-output")
    return to_text(root)
