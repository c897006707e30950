"""How a drawing shows itself in a notebook, in the colours of its theme, and is kept in a file.

A notebook shows an SVG as an image, which knows nothing of the theme around it: dark ink on a dark
page. So a drawing is HTML, its colours variables, with the palette of the theme that the notebook
says it has: JupyterLab and nbconvert, VS Code, Colab, and the pages of this site.

Whoever opens a notebook that they have not run, in JupyterLab or on GitHub, sees HTML without style
sheets and without SVG until they trust it. For them the drawing is there as an image as well.
"""

import base64
import html
import os
import pathlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from rnn_figures.machine import replace_file
from rnn_figures.palette import DARK, LIGHT, THEMED, variable
from rnn_figures.proofs import Proof, only_a_proof

DARK_THEMES = (
    'body[data-jp-theme-light="false"]',
    'body[data-vscode-theme-kind*="dark"]',
    'body[data-vscode-theme-id*="Dark"]',
    ".vscode-dark",
    'html[theme="dark"]',
    '[data-md-color-scheme="slate"]',
)
"""What says that a page is dark."""

PAPER = "var(--jp-layout-color0, var(--vscode-editor-background, {paper}))"
"""The ground of a notebook, so that what keeps a text readable over lines is not a white box."""

PICTURES = (".svg", ".png", ".pdf")
"""Endings of the files in which a Diagram or a Plot can be kept."""

COLOUR = re.compile("|".join(THEMED))

SHOWN = re.compile(
    r'<div class="rnn-shown">.*?(<svg.*?</svg>)\s*</div>\s*<img[^>]*>\s*</div>', re.DOTALL
)
"""A drawing, in a page that nbconvert has made of a notebook."""

VARIABLE = re.compile(r"var\(--rnn-\w+, (#[0-9a-f]{6})\)")


def saved(path: str | os.PathLike, forms: Mapping[str, Callable[[], bytes]]) -> str:
    """Write a file in the form that belongs to its ending, and return its path.

    Raises:
        ValueError: no form does.
        OSError: it cannot be written; what was there is as it was.
    """
    path = pathlib.Path(path)
    form = forms.get(path.suffix.lower())
    if not form:
        raise ValueError(f"expected a file ending in {', '.join(forms)}, got {str(path)!r}")
    replace_file(path, form())
    return str(path)


class Shown:
    """What a Diagram and a Plot have alike: a check, and a picture with words in a notebook."""

    alt: str
    _proof: Proof | None = None

    @property
    def proof(self) -> Proof | None:
        """What the numbers were compared with; None if with nothing."""
        return self._proof

    @proof.setter
    def proof(self, proof: Proof | None) -> None:
        self._proof = only_a_proof(proof)

    def to_svg(self) -> str:
        """Return the figure as SVG text."""
        raise NotImplementedError

    def to_png(self) -> bytes:
        """Return the figure as a PNG."""
        raise NotImplementedError

    def to_pdf(self) -> bytes:
        """Return the figure as a PDF."""
        raise NotImplementedError

    def picture(self, ending: str) -> bytes:
        """Return the content of a file that ends in .svg, .png or .pdf."""
        if ending == ".svg":
            return self.to_svg().encode()
        return self.to_png() if ending == ".png" else self.to_pdf()

    def save(self, path: str | os.PathLike) -> str:
        """Write the figure into a file, whole or not at all.

        Args:
            path: Ends in .svg, .png or .pdf, in a folder that exists.

        Returns:
            The path.

        Raises:
            ValueError: another ending.
            OSError: it cannot be written.
            RuntimeError: no engine is installed; the message names the pip command.
        """
        return saved(path, {ending: partial(self.picture, ending) for ending in PICTURES})

    @property
    def checked(self) -> str:
        """What the figure was compared with, in one sentence; "" if with nothing."""
        return str(self.proof or "")

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        return shown(self.to_svg(), self.alt)


def shown(svg: str, alt: str) -> dict[str, str]:
    """Return what a notebook may show of a drawing, by media type."""
    drawing = svg[svg.index("<svg") :].strip()
    drawing = re.sub(r"\s*<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = drawing.replace(">*{", ">.rnn-shown *{")  # matplotlib's rule for its whole file
    drawing = COLOUR.sub(lambda found: THEMED[found[0]], drawing)
    label = html.escape(alt, quote=True)
    named = f'<svg role="img" aria-label="{label}" fill="{THEMED[LIGHT["ink"]]}" '
    drawing = drawing.replace("<svg ", named, 1)
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    image = f'<img alt="{label}" src="{address}" style="background: {LIGHT["paper"]}">'
    # JupyterLab takes empty attributes out: a bare "hidden" would be gone
    parts = f"<style>{_style()}</style>\n<div hidden='hidden'>\n{drawing}\n</div>\n{image}"
    return {
        "text/html": f'<div class="rnn-shown">{parts}</div>',
        "image/svg+xml": svg,
        "text/plain": alt,
    }


def drawings(page: str) -> list[tuple[str, str]]:
    """Return the drawings in a page of a notebook: the HTML of each, and its SVG in hex colours.

    nbconvert writes attributes in small letters, and a drawing without a `viewBox` has no units.
    """
    return [
        (
            found[0],
            VARIABLE.sub(r"\1", found[1])
            .replace(".rnn-shown *{", "*{")
            .replace(" viewbox=", " viewBox="),
        )
        for found in SHOWN.finditer(page)
    ]


def _style() -> str:
    """Return the palette of both themes, a drawing that shrinks with its page, and no image.

    Where style sheets are taken out, the drawing stays hidden (its texts would be left) and the
    image is seen.
    """
    rules = []
    for selector, colours in (
        (".rnn-shown", LIGHT),
        (", ".join(f"{theme} .rnn-shown" for theme in DARK_THEMES), DARK),
    ):
        own = colours | {"paper": PAPER.format(paper=colours["paper"])}
        values = "".join(f"{variable(name)}: {colour}; " for name, colour in own.items())
        rules.append(f"{selector} {{ {values}}}")
    rules += [
        ".rnn-shown > [hidden] { display: block !important; }",
        ".rnn-shown > img { display: none; }",
        ".rnn-shown svg { height: auto; max-width: 100%; }",
    ]
    return " ".join(rules)
