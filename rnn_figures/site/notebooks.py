"""A percent script as a notebook to download, and as a page in the look of the other pages.

mkdocs-jupyter runs the notebook and writes JupyterLab's HTML: 600 kB of style sheets, scripts, ids
that change, figures for one scheme. What the cells say and gave is taken out of it here, and put
as a page would put it. That relies on the classes of JupyterLab's template (`jp-…`), which
nbconvert does not promise: a page without them stops the build.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import jupytext
from bs4 import BeautifulSoup, Tag
from nbformat.v4 import new_code_cell

from rnn_figures.html.svg import PIXELS, clean, sheet
from rnn_figures.notebook import drawings
from rnn_figures.site.markdown.errors import PageError, raise_all

BRANCH = "notebooks"
"""Branch to which a release pushes the notebooks as .ipynb: Colab opens files of a repository."""

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

MARKER = "# %%"
"""What a cell of a percent script starts with."""

LINE = re.compile(r"^\s*Cell In\[\d+], line (\d+)", re.MULTILINE)
"""What IPython writes of an error: the line in the cell."""

TABLE_BOX = '<div class="rnn-table" tabindex="0" role="group" aria-label="Table"></div>'

CELL = ".jp-Notebook-cell[id]"

STDERR = '[data-mime-type="application/vnd.jupyter.stderr"]'

SVG = "data:image/svg+xml;base64,"
"""A drawing as an image, which keeps the case of its attributes, as our parser of HTML does not."""


def as_ipynb(source: str, repository: str) -> str:
    """Return a percent script as the text of an .ipynb file: the same bytes each time, no outputs.

    From the public repository owner/name, if there is one, a first cell then installs the package.
    """
    notebook = jupytext.reads(source, fmt="py:percent")
    notebook.metadata = {"kernelspec": KERNEL}
    if repository:
        install = f"%pip install --quiet git+https://github.com/{repository}"
        notebook.cells.insert(1, new_code_cell(install))
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = {}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@lru_cache(maxsize=8)
def as_page(content: str, source: str, name: str, repository: str) -> str:
    """Return a notebook's page from mkdocs-jupyter's: its cells in order, and links to the file."""
    for drawing, svg in drawings(content):
        image = base64.b64encode(svg.encode()).decode()
        content = content.replace(drawing, f'<img src="{SVG}{image}">')
    soup = BeautifulSoup(content, "html.parser")
    raise_all(_failures(soup, source, name))
    parts = list(_cells(soup))
    if not parts:
        message = "expected cells in JupyterLab's HTML, found none; has nbconvert changed?"
        raise PageError(f"notebooks/{name}.py", 1, "notebook", message)
    links = [f'<a href="../{name}.ipynb" download>Download this notebook</a>']
    if repository:
        path = f"{repository}/blob/{BRANCH}/{name}.ipynb"
        links.append(f'<a href="https://colab.research.google.com/github/{path}">Open in Colab</a>')
    parts.insert(1, f'<p class="rnn-notebook">{" ".join(links)}</p>')
    return "\n".join(parts)


def _failures(soup: BeautifulSoup, source: str, name: str) -> list[PageError]:
    """Return what failed in a notebook: an error for each cell that wrote to stderr.

    JupyterLab's HTML does not tell an error from a warning, and IPython writes each kind of error
    in a form of its own: no page shows either.
    """
    lines = source.split("\n")
    starts = [line for line, text in enumerate(lines, 1) if text.startswith(MARKER)]
    found = []
    for number, cell in enumerate(soup.select(CELL)):
        told = [output.get_text().strip() for output in cell.select(STDERR)]
        if told:
            text = "\n".join(told)
            within = LINE.search(text)
            line = starts[number] + (int(within[1]) if within else 0)
            message = text.rpartition("\n")[2].strip()
            found.append(PageError(f"notebooks/{name}.py", line, "cell", message, text))
    return found


def _cells(soup: BeautifulSoup) -> Iterator[str]:
    """Yield the cells as HTML: text as it is, code with what it gave."""
    for number, cell in enumerate(soup.select(CELL)):
        text = cell.select_one(".jp-InputArea .jp-MarkdownOutput")
        if text:
            for link in text.select("a.anchor-link"):
                link["class"] = "headerlink"
                link["title"] = "Link to this section"
            yield text.decode_contents().strip()
            continue
        code = cell.select_one(".highlight-ipynb pre")
        if code:
            outputs = _joined(cell.select(".jp-OutputArea-output"))
            below = "\n".join(
                _output(output, f"cell-{number}-{index}-") for index, output in enumerate(outputs)
            )
            yield (
                '<div class="rnn-run"><div class="highlight"><pre><span></span><code>'
                f"{code.decode_contents().removeprefix('<span></span>')}</code></pre></div>\n"
                f"{below}</div>"
            )


def _joined(outputs: Iterable[Tag]) -> list[Tag]:
    """Return outputs, what was printed in a row as one: the kernel cuts it by the clock."""
    found: list[Tag] = []
    for output in outputs:
        before, more = _printed(found[-1]) if found else None, _printed(output)
        if before and more:
            before.string = before.get_text() + more.get_text()
        else:
            found.append(output)
    return found


def _printed(output: Tag) -> Tag | None:
    """Return what was printed; None for the value of a cell, and for what is not text."""
    is_value = output.find_parent(class_="jp-OutputArea-executeResult") is not None
    return None if is_value else output.select_one("pre")


def _output(output: Tag, prefix: str) -> str:
    """Return what a cell gave: text in our box, a drawing for both schemes, else as it is."""
    image = output.select_one("img")
    source = str(image.get("src")) if image else ""
    if source.startswith(SVG):
        text = base64.b64decode(source.removeprefix(SVG)).decode()
        graph = 'class="graph"' in text
        root = clean(text, prefix=prefix, pixels=PIXELS["diagram" if graph else "plot"])
        root.set("role", "img")
        root.set("aria-label", "The figure that this cell draws")
        return sheet(root, label=f"Drawing of {prefix.rstrip('-')}")
    text = output.select_one("pre")
    if text:
        words = html.escape(text.get_text().rstrip("\n"))
        return f'<pre class="rnn-run__output" tabindex="0" data-search-exclude>{words}</pre>'
    for table in output.select("table"):  # in a box that scrolls, by keys too
        box = BeautifulSoup(TABLE_BOX, "html.parser").div
        assert box is not None
        table.wrap(box)
        table["class"] = "rnn-numbers"
    return f'<div class="rnn-run__output">{output.decode_contents()}</div>'
