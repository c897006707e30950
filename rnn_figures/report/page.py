"""The file around a report: its head, its look, and the policy that lets nothing else in."""

import base64
import hashlib
import html
import importlib.resources
from collections.abc import Iterable

from rnn_figures.palette import DARK, LIGHT, NAMES, style_rule, variable


def page_html(title: str, body: Iterable[str], *, script: str = "") -> str:
    """Return a whole file that needs nothing else, and that nothing else can get into.

    Its Content-Security-Policy names the one style sheet and the one script by their contents, and
    allows no request at all.

    `script` runs when the page is there.
    """
    style = f"\n{_style()}"
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}" if script else "script-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{style}</style>\n</head>\n<body>\n<h1>{html.escape(title)}</h1>",
            *body,
            f"<script>{script}</script>" if script else "",
            "</body>\n</html>\n",
        ]
    )


def scripts() -> str:
    """Return the scripts of a report: choosing, and the files of its figures."""
    folder = importlib.resources.files("rnn_figures.report")
    return "\n".join(
        folder.joinpath(name).read_text("utf-8") for name in ("chooser.js", "files.js")
    )


def _source(content: str) -> str:
    """Return how a policy names a style sheet or a script by its content."""
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _style() -> str:
    """Return the style sheet: the colours of both schemes, of each quantity, and the look."""
    light = style_rule(":root", LIGHT)
    dark = f"@media (prefers-color-scheme: dark) {{\n{style_rule(':root', DARK)}\n}}"
    letters = "".join(f".q-{letter} {{ color: var({variable(letter)}); }}\n" for letter in NAMES)
    sheets = (
        importlib.resources.files("rnn_figures.html").joinpath(name).read_text("utf-8")
        for name in ("figure.css", "report.css")
    )
    return "\n".join([light, dark, letters, *sheets])
