"""One page while it is built: what its Markdown extensions are told, and what they hand over."""

from dataclasses import dataclass, field

from rnn_figures.site.markdown.errors import PageError, raise_all
from rnn_figures.site.markdown.parsing import Line, fences_of, parse
from rnn_figures.site.running.pool import Pool
from rnn_figures.site.running.records import Fence
from rnn_figures.site.running.runner import Runner


@dataclass(eq=False, kw_only=True)
class PageBuild:
    """A page, and beside its HTML what rendering it gave.

    Attributes:
        page: Its path, for messages.
        source: The text of its file; a site reads each once.
        first_line: Line of its file on which its Markdown starts, after the front matter.
        runner: What runs its fences; None for a runner of its own.
        files: Address of the page's downloads, as its links have it; None if the links hold them.
        downloads: Content of each download, by its file's name.
        plain: The page in plain Markdown.
        reads: Digests of the files that its code read, by path.
        failed: What failed on it, for a build that goes on and lists all; None for one that stops.
        fences: All that has to run on the page, in order; nothing until it was parsed.
    """

    page: str = "page"
    source: str = ""
    first_line: int = 1
    runner: Runner | Pool | None = None
    files: str | None = None
    downloads: dict[str, str] = field(default_factory=dict)
    plain: str = ""
    reads: dict[str, str] = field(default_factory=dict)
    failed: list[PageError] | None = None
    _lines: list[str] | None = field(default=None, init=False, repr=False)
    _parsed: list[Line] = field(default_factory=list, init=False, repr=False)
    fences: list[Fence] = field(default_factory=list, init=False, repr=False)

    def parsed(self, lines: list[str]) -> list[Line]:
        """Return the page's lines in pieces; the same lines are parsed once."""
        if self._lines != lines:
            self._parsed = parse(lines, self.page, self.first_line)
            self.fences = fences_of(self._parsed)
            self._lines = list(lines)
        return self._parsed

    @property
    def is_parsed(self) -> bool:
        """Return whether the page was parsed, in this build or in one that this is a copy of."""
        return self._lines is not None

    def fail(self, *errors: PageError) -> None:
        """Keep what failed, for the build to list it; raise it if a failure stops the build."""
        if self.failed is None:
            raise_all(errors)
        else:
            self.failed += errors
