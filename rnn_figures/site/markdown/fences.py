"""The Markdown extension that runs a page's code: figure, run and raises fences, inline values.

A preprocessor, since one that fails stops the build and knows its line. It puts in what the worker
process made of the fences; it imports no torch.
"""

from collections.abc import Callable, Iterator
from functools import partial

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from rnn_figures.site.markdown.errors import PageError, failures
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.markdown.parsing import Line, caption_parts
from rnn_figures.site.markdown.predictions import marked
from rnn_figures.site.running.cache import CACHE
from rnn_figures.site.running.records import CAPTION_SLOT, FILES_SLOT, ID_SLOT, Fence, Result
from rnn_figures.site.running.runner import Runner

BEFORE_FENCED_CODE = 28
"""After white space is normal (30), before superfences (25) and raw HTML (20) look at a page."""


class FencesExtension(Extension):
    """Runs the code of a page.

    Args:
        build: The page, if a site's build gives one; each text that is converted is one else.
    """

    def __init__(self, build: PageBuild | None = None) -> None:
        super().__init__()
        self.build = build

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Markdown's name)
        """Register the preprocessor, and the element that pages put questions in."""
        # else their Markdown would be that of one line
        md.block_level_elements += ["rnn-predict", "rnn-stills"]
        preprocessor = FencesPreprocessor(md, self.build)
        md.preprocessors.register(preprocessor, "rnn-fences", BEFORE_FENCED_CODE)


makeExtension = FencesExtension  # noqa: N816 (what Markdown asks the module for)


class FencesPreprocessor(Preprocessor):
    """Replaces fences and inline values by what they gave."""

    def __init__(self, md: Markdown, build: PageBuild | None) -> None:
        super().__init__(md)
        self.build = build

    def run(self, lines: list[str]) -> list[str]:
        """Return the page's lines with results in the place of code."""
        build = self.build or PageBuild()
        try:
            parsed = build.parsed(lines)
        except PageError as error:
            build.fail(error)
            return []  # nobody can tell what else is on the page
        results = _results(build)
        build.fail(*failures(build.page, build.fences, results))
        plain = _filled(parsed, results, _plain)
        build.plain = f"{plain}\n"
        build.reads = {path: old for result in results for path, old in result.reads.items()}
        build.downloads = {
            f"{fence.id}.{suffix}": content
            for fence, result in zip(build.fences, results, strict=True)
            for suffix, content in result.files.items()
        }
        text = _filled(parsed, results, partial(self._html, build.files or ""))
        return marked(text, plain, lines, build, results).split("\n")

    def _html(self, files: str, fence: Fence, result: Result, caption: str) -> str:
        """Return what stands for a fence: its HTML and, as Markdown, its caption."""
        if fence.kind == "value":
            return self._store(result.html)
        if fence.kind == "answer":
            return ""
        content = result.html.replace(FILES_SLOT, f"{files}{fence.id}")
        before, slot, after = content.replace(ID_SLOT, fence.id).partition(CAPTION_SLOT)
        stored = [self._store(before), *([caption, self._store(after)] if slot else [])]
        blank = fence.indent.rstrip()
        return "\n".join([blank, *(f"{fence.indent}{line}\n{blank}" for line in stored)])

    def _store(self, content: str) -> str:
        return self.md.htmlStash.store(content)


def _results(build: PageBuild) -> list[Result]:
    if not build.fences:
        return []
    if build.runner:
        return build.runner.results(build.page, build.fences)
    own = Runner(CACHE)
    try:
        return own.results(build.page, build.fences)
    finally:
        own.close()


Shown = Callable[[Fence, Result, str], str]
"""Returns the text that stands for a fence, from it, its result and the text of its caption."""


def _filled(parsed: list[Line], results: list[Result], shown: Shown) -> str:
    """Return a page with text in the place of its fences and values."""
    coming = iter(results)
    return "\n".join(_line(line, coming, shown) for line in parsed)


def _line(line: Line, coming: Iterator[Result], shown: Shown) -> str:
    text = ""
    for part in line:
        if isinstance(part, Fence):
            result = next(coming)
            caption = _line(caption_parts(part), coming, shown) if part.caption else ""
            text += shown(part, result, caption)
        else:
            text += part
    return text


def _plain(fence: Fence, result: Result, caption: str) -> str:
    """Return what stands for a fence in plain Markdown: a figure's words and its numbers."""
    if fence.kind == "value":
        return result.plain
    if fence.kind == "answer":
        return ""
    inside = "\n\n".join(filter(None, [caption, result.plain])).splitlines()
    return "\n".join(f"{fence.indent}{line}".rstrip() for line in ["", *inside, ""])
