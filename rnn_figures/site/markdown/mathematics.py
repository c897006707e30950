r"""The Markdown extension that turns TeX into MathML and gives each quantity its class.

It takes over what pymdownx.arithmatex (generic) found. `\qh{h_t}` is h_t in the colour of h: there
is a macro for each letter of the palette. No script draws anything; a mathematics font does.
"""

import html
import re

import math_core
from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor

from rnn_figures.palette import NAMES
from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.markdown.page_build import PageBuild

FOUND = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\s*\\[(\[](?P<tex>.*?)\\[)\]]\s*</(?P=tag)>'
    r"(?P<mark>(?<=</span>)[,.;:?!)]+)?",
    re.DOTALL,
)
"""A formula, and the punctuation that must stay on its line."""

MARKS = {letter: f"0000{number:02X}" for number, letter in enumerate(NAMES, 1)}
"""math-core has colours but no classes: a colour that nobody uses stands for each letter."""

STYLES = {f"color:#{mark};": f"q-{letter}" for letter, mark in MARKS.items()} | {
    "text-align: right;justify-items: end;padding-right: 0;": "rnn-to-the-right",
    "text-align: left;justify-items: start;padding-left: 0;": "rnn-to-the-left",
}
"""Class by style attribute: a strict Content-Security-Policy lets no style attribute through.

math-core writes these strings and promises none of them; one that it changes stops the build.
"""

STYLE = re.compile(r' style="([^"]*)"')

LONG = 48
"""Characters of TeX beyond which an equation may scroll on a phone, and so must take the focus."""

AFTER_ALL = -10
"""Below every other postprocessor: raw HTML is back in the page by then."""

FIRST = 40
"""Above all other preprocessors: the lines are still the author's."""


class MathematicsExtension(Extension):
    """Turns arithmatex's output into MathML.

    Args:
        build: The page, if a site's build gives one; for messages.
    """

    def __init__(self, build: PageBuild | None = None) -> None:
        super().__init__()
        self.build = build or PageBuild()

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        """Register what reads the lines and what writes MathML."""
        lines = LinesPreprocessor(md)
        md.preprocessors.register(lines, "rnn-lines", FIRST)
        written = MathematicsPostprocessor(md, self.build, lines)
        md.postprocessors.register(written, "rnn-mathematics", AFTER_ALL)


makeExtension = MathematicsExtension  # noqa: N816 (what Markdown asks the module for)


class LinesPreprocessor(Preprocessor):
    """Keeps the page's lines, so that a message can say where some TeX is."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.lines: list[str] = []

    def run(self, lines: list[str]) -> list[str]:
        """Keep the lines and change nothing."""
        self.lines = list(lines)
        return lines


class MathematicsPostprocessor(Postprocessor):
    """Writes MathML in the place of TeX."""

    def __init__(self, md: Markdown, build: PageBuild, lines: LinesPreprocessor) -> None:
        super().__init__(md)
        self.build = build
        self.lines = lines
        macros = {f"q{letter}": rf"{{\color[HTML]{{{mark}}} #1}}" for letter, mark in MARKS.items()}
        self.converter = math_core.LatexToMathML(macros=macros, fancy_error=False)

    def run(self, text: str) -> str:
        """Replace every formula of the page."""
        return FOUND.sub(self._formula, text)

    def _formula(self, found: re.Match) -> str:
        tex = html.unescape(html.unescape(found["tex"])).strip()  # arithmatex escapes blocks twice
        display = found["tag"] == "div"
        try:
            mathml = self.converter.convert_with_local_state(tex, displaystyle=display)
        except math_core.LatexError as error:
            self._fail(tex, str(error))
            return found[0]
        mathml = STYLE.sub(lambda style: self._class(style[1], tex), mathml)
        focus = ' tabindex="0"' if display and len(tex) > LONG else ""
        tag, mark = found["tag"], found["mark"]
        formula = f'<{tag} class="rnn-math"{focus} data-search-exclude>{mathml}</{tag}>'
        return f'<span class="rnn-whole">{formula}{mark}</span>' if mark else formula

    def _class(self, style: str, tex: str) -> str:
        if style not in STYLES:
            message = r"expected TeX without colours or styles of its own (\qh, \qc, ... have them)"
            self._fail(tex, message)
            return ""
        return f' class="{STYLES[style]}"'

    def _fail(self, tex: str, message: str) -> None:
        start = tex.partition("\n")[0].strip()
        index = next((index for index, line in enumerate(self.lines.lines) if start in line), 0)
        character, _, words = message.partition(": ")
        if character.isdigit():
            message = f"{words.rstrip('.')} at character {character}"
        line = self.build.first_line + index
        self.build.fail(PageError(self.build.page, line, "mathematics", f"{message}: {tex}"))
