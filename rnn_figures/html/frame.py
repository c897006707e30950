"""Put a figure in its frame, as HTML: drawing, caption, a tick, and one menu for the rest.

Behind the tick is what the figure was checked against; in the menu its words, its numbers, its code
and its files. The frame is complete without scripts and without style attributes. It names no
colour: the drawing's come from the CSS variables of `palette`, everything else from the page's
style sheet.
"""

import base64
import html
import json
import re
import zlib
from urllib.parse import quote
from xml.etree.ElementTree import Element

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from rnn_figures.arguments import checked
from rnn_figures.figures import Diagram, FigureLike, Live, Plot, Table, Value, format_value
from rnn_figures.html.quantities import marked
from rnn_figures.html.svg import (
    NAMESPACE,
    PIXELS,
    READABLE,
    fitted,
    least_width,
    neutral,
    sheet,
    to_text,
)

ROWS_SHOWN = 120
"""Rows of numbers that a page shows behind a drawing; the CSV file has them all."""

WIDE = 700
"""CSS pixels from which on a drawing is given the page's whole width, not that of its text."""

TABLET = 713
"""CSS pixels that the narrowest page has for the wider of two drawings; figure.css says where."""

WORDS = 28
"""Characters from which on a cell of a table is a sentence, which may take several lines."""

PHRASE = 14
"""Characters from which on it is a phrase, which may take several lines on a phone."""

NUMBER = ' class="rnn-numbers__number"'
"""Of a number in a table, and of the name above numbers: at the right of its column."""

LETTER = 9
"""CSS pixels that a letter of a table takes, space between columns included."""

MIME = {"svg": "image/svg+xml", "csv": "text/csv;charset=utf-8", "py": "text/x-python"}

LABELS = {"svg": "SVG", "csv": "CSV", "py": "Python"}

MENU = "Words, numbers, code and files of this figure"

LEXER = PythonLexer()

FORMATTER = HtmlFormatter(cssclass="highlight", wrapcode=True)


@checked
def to_html(
    figure: FigureLike,
    *,
    id: str,
    caption: str = "",
    code: str = "",
    files: str | None = None,
) -> str:
    r"""Return a figure in its frame.

    Args:
        figure: A Table, a Diagram or a Plot.
        id: Anchor of the frame, and prefix of every id in it; not used twice on a page.
        caption: What to look at, then what to try; HTML.
        code: The Python that made the figure, whole, so that a copy of it runs.
        files: Address of the downloads up to their suffix, such as `../figures/lstm-counter`;
            None puts each file's content into its link; "" leaves that to a script of the page,
            which has the drawing already, and finds the numbers packed.

    Returns:
        HTML of one `figure` element, without scripts or styles.

    Raises:
        ValueError: `id` is none that HTML takes.

    Examples:
        >>> html = to_html(Table(["a"], [(1,)], alt="One."), id="one", caption="A number.")
        >>> html.partition("\n")[0]
        '<figure class="rnn-figure rnn-figure--table" id="one">'
    """
    if not id or any(character.isspace() or character in "\"'<>&" for character in id):
        raise ValueError(f"expected an id of one word, without quotes, <, > and &, got {id!r}")
    return framed(figure, id=id, caption=caption, code=code, files=files)[0]


def framed(
    figure: FigureLike, *, id: str, caption: str, code: str, files: str | None
) -> tuple[str, dict[str, str]]:
    """Return what `to_html` returns, and the content of every download by its suffix."""
    kind = next(kind for kind in (Table, Diagram, Plot) if isinstance(figure, kind))
    root = None if isinstance(figure, Table) else neutral(figure.to_svg())
    contents = {} if files == "" else _contents(figure, root, code)
    drawn, width = _drawing(figure, id, root)
    classes = f"rnn-figure rnn-figure--{kind.__name__.lower()}"
    classes += " rnn-figure--wide" if width > WIDE else ""
    live = None if isinstance(figure, Table) else figure.live
    classes += f" {live.element.replace('rnn-', 'rnn-figure--')}" if live else ""
    parts = [
        f'<figure class="{classes}" id="{id}">',
        drawn,
        f'<figcaption class="rnn-figure__caption">{caption}</figcaption>',
        '<section class="rnn-figure__more" data-search-exclude>',
        _proof(figure),
        '<details class="rnn-figure__menu">',
        f'<summary aria-label="{MENU}" title="{MENU}">⋯</summary>',
        _part("In words", f"<p>{html.escape(figure.alt)}</p>"),
        "" if root is None else _part("Numbers", table_html(figure.data, rows=ROWS_SHOWN)),
        _part("Code", code_html(code)) if code else "",
        _scripted_links(figure, id) if files == "" else _links(contents, id, files),
        "</details>",
        "</section>",  # not a div: the search index would end what it leaves out at the first div
        "</figure>",
    ]
    return "\n".join(part for part in parts if part), contents


def drawing(figure: FigureLike, *, id: str) -> str:
    """Return a figure without a frame as HTML, in a box that scrolls where the page is narrow."""
    return _drawing(figure, id)[0]


def svg_text(figure: Diagram, *, id: str) -> str:
    """Return a drawing as a page has it, alone: titled, its colours CSS variables."""
    return to_text(_themed(figure, id))


def _themed(figure: Diagram | Plot, id: str, root: Element | None = None) -> Element:
    """Return a drawing with the ids and colours of a page, its name and its description.

    `root` is its neutral SVG, if that is there already.
    """
    root = neutral(figure.to_svg()) if root is None else root
    kind = "diagram" if isinstance(figure, Diagram) else "plot"
    drawn = fitted(root, themed=True, prefix=f"{id}-", pixels=PIXELS[kind])
    _describe(drawn, figure, id)
    return drawn


def _drawing(figure: FigureLike, id: str, root: Element | None = None) -> tuple[str, int]:
    """Return what `drawing` returns, and its natural width in CSS pixels, about."""
    if isinstance(figure, Table):
        box = f'<div class="rnn-figure__drawing" data-search-exclude>{table_html(figure)}</div>'
        rows = [figure.columns, *figure.rows]
        return box, LETTER * max(sum(len(format_value(cell)) for cell in row) for row in rows)
    drawn = _themed(figure, id, root)
    box = sheet(drawn, label=f"Drawing of {id}")
    width = int(drawn.get("width", 0))
    if isinstance(figure, Diagram) and figure.narrow:
        narrow = _drawing(figure.narrow, f"{id}-narrow")[0]
        longest = " rnn-figure__wide--longest" * (least_width(drawn, READABLE["phone"]) > TABLET)
        box = (
            f'<div class="rnn-figure__wide{longest}">{box}</div>'
            f'<div class="rnn-figure__narrow">{narrow}</div>'
        )
    if figure.live:
        return _live(figure.live, box, width, id)
    return box, width


STILL = (
    '<noscript><p class="rnn-live__still" data-search-exclude>A still picture: what can be played, '
    "chosen or turned in it needs scripts, and they are off.</p></noscript>"
)
"""What stands before a live drawing where no script runs: its caption speaks of playing it."""


def _live(live: Live, box: str, width: int, id: str) -> tuple[str, int]:
    """Return a drawing and what belongs to it, in the element whose script writes into them."""
    drawn = [_drawing(one, f"{id}-{one.name}") for one in live.beside]
    beside = "".join(one for one, _ in drawn)
    if beside:
        beside = f'<div class="rnn-live__beside">{beside}</div>'
    settings = json.dumps(live.settings, ensure_ascii=False, separators=(",", ":"))
    settings = settings.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#x27;")
    content = (
        f"<{live.element} data-settings='{settings}'>"
        f"{STILL}{box}{beside}{_lines(live)}</{live.element}>"
    )
    return content, max(width, sum(one for _, one in drawn))


def _lines(live: Live) -> str:
    """Return the sentences below live drawings, each quantity and each number marked."""
    if not live.lines:
        return ""
    lines = []
    for line in live.lines:
        pieces = []
        for text, letter, name, *above in line:
            colour = f"q-{letter}" if letter else ""
            number = f' data-number="{name}"' if name else ""
            words = html.escape(text)
            if above:
                symbol = f"<span>{html.escape(above[0])}</span>"
                words = f"{symbol} <span{number}>{words}</span>"
                colour, number = f"rnn-live__term {colour}", ""
            marks = (f' class="{colour}"' if colour else "") + number
            pieces.append(f"<span{marks}>{words}</span>" if marks else words)
        lines.append(f"<p>{''.join(pieces)}</p>")
    return f'<div class="rnn-live__lines" data-search-exclude>{"".join(lines)}</div>'


def table_html(table: Table, *, rows: int | None = None) -> str:
    """Return a table as HTML, its quantities marked; a line says how many rows are left out."""
    shown = table.rows[:rows]
    first = table.rows[0] if table.rows else table.columns
    head = "".join(
        f'<th scope="col"{NUMBER * _is_number(value)}>{marked(column)}</th>'
        for column, value in zip(table.columns, first, strict=True)
    )
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in shown)
    more = (
        f"<p>The first {len(shown)} of {len(table)} rows; the CSV file has them all.</p>"
        if len(shown) < len(table)
        else ""
    )
    return (
        '<div class="rnn-table" tabindex="0" role="group" aria-label="Table">'
        '<table class="rnn-numbers">\n'
        f"<caption>{html.escape(table.alt)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>{more}"
    )


def code_html(code: str) -> str:
    """Return Python as HTML, highlighted with the classes that the site's style sheet knows."""
    return highlight(code, LEXER, FORMATTER).strip()


def _contents(figure: FigureLike, root: Element | None, code: str) -> dict[str, str]:
    """Return what can be downloaded, by suffix: SVG in plain colours, CSV, Python."""
    contents = {}
    if root is not None and not isinstance(figure, Table):
        drawn = fitted(root, themed=False, prefix="", pixels=4 / 3)
        drawn.set("xmlns", NAMESPACE)
        _describe(drawn, figure, "drawing")
        # The page gives the font in its style sheet; a file on its own has none.
        drawn.set("font-family", "Arial, Helvetica, sans-serif")
        contents["svg"] = to_text(drawn) + "\n"
    contents["csv"] = figure.data.to_csv()
    if code:
        contents["py"] = code.rstrip("\n") + "\n"
    return contents


def exported(figure: FigureLike) -> dict[str, str]:
    """Return what an export has beyond a figure's downloads, by suffix; a png in hexadecimal."""
    record = {
        "alt": figure.alt,
        "checked": figure.checked,
        "columns": figure.data.columns,
        "rows": figure.data.rows,
    }
    contents = {
        "txt": figure.alt + "\n",
        "json": json.dumps(record, ensure_ascii=False, indent=1) + "\n",
    }
    if not isinstance(figure, Table):
        contents["png"] = figure.to_png().hex()
    return contents


def _describe(root: Element, figure: Diagram | Plot, id: str) -> None:
    """Give a drawing its name and its description, for those who do not see it."""
    root.set("role", "img")
    root.set("aria-labelledby", f"{id}-title {id}-desc")
    first = re.split(r"(?<=[.:;])\s", figure.alt, maxsplit=1)[0].rstrip(":;")
    texts = {"title": first, "desc": figure.alt}
    for index, (name, text) in enumerate(texts.items()):
        element = Element(name, id=f"{id}-{name}")
        element.text = text
        root.insert(index, element)


def _proof(figure: FigureLike) -> str:
    """Return what the figure was checked against: behind a tick only if all of it was checked."""
    if not figure.proof:
        return ""
    words = html.escape(figure.checked)
    if not figure.proof.holds:
        return f'<p class="rnn-figure__proof">Not checked in full: {words}.</p>'
    sentence = f"Checked when this figure was made: {words}."
    return (
        '<details class="rnn-figure__checked">'
        f'<summary aria-label="Checked: against what" title="{sentence}">✓</summary>'
        f'<p class="rnn-figure__proof">{sentence}</p></details>'
    )


def _part(summary: str, content: str) -> str:
    return (
        f'<details class="rnn-figure__part"><summary>{summary}</summary>'
        f'<div class="rnn-figure__content">{content}</div></details>'
    )


def _links(contents: dict[str, str], id: str, files: str | None) -> str:
    """Return the downloads as links to files, or as links that hold the files."""
    links = []
    for suffix, content in contents.items():
        address = f"data:{MIME[suffix]},{quote(content)}" if files is None else f"{files}.{suffix}"
        links.append(f'<a href="{address}" download="{id}.{suffix}">{LABELS[suffix]}</a>')
    anchor = f'<a href="#{id}">Link to this</a>'
    return f'<p class="rnn-figure__files">{" ".join([*links, anchor])}</p>'


def _scripted_links(figure: FigureLike, id: str) -> str:
    """Return downloads that a script of the page fills: numbers packed, the drawing where it is."""
    packed = base64.b64encode(zlib.compress(figure.data.to_csv().encode(), 9)).decode()
    links = [f'<a href="#{id}" download="{id}.csv" data-packed="{packed}" hidden>CSV</a>']
    if not isinstance(figure, Table):
        links.insert(0, f'<a href="#{id}" download="{id}.svg" hidden>SVG</a>')
    return f'<p class="rnn-figure__files">{" ".join(links)} <a href="#{id}">Link to this</a></p>'


def _is_number(value: Value) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


def _cell(value: Value) -> str:
    text = format_value(value)
    if _is_number(value):
        return f"<td{NUMBER}>{text}</td>"
    if "\n" in text:
        return f"<td><pre>{html.escape(text)}</pre></td>"
    long = "words" if len(text) > WORDS else "phrase" if len(text) > PHRASE else ""
    named = f' class="rnn-numbers__{long}"' if long else ""
    return f"<td{named}>{marked(text)}</td>"
