"""The error that stops a build, with page and line first; or all that stop it, in one list."""

from collections.abc import Sequence

from rnn_figures.site.running.records import Fence, Result

try:
    from mkdocs.exceptions import BuildError  # MkDocs prints it without a traceback of its own
except ImportError:  # another generator, or none
    BuildError = Exception


class PageError(BuildError):  # pyright: ignore[reportGeneralTypeIssues] (either is a class)
    """Something on a page failed.

    Attributes:
        others: What else failed, on this page and on others; the message ends with a list of all.

    Args:
        page: The page's path, as its author knows it.
        line: Line in that file, from 1.
        what: The part that failed: "figure", "mathematics", ...
        message: What was expected and what came, in one line.
        traceback: Python's, of the author's own code; empty for none.
    """

    def __init__(self, page: str, line: int, what: str, message: str, traceback: str = "") -> None:
        self.page = page
        self.line = line
        self.what = what
        self.message = f"{page}:{line}: {what} failed: {message}"
        self.traceback = traceback
        self.others: list[PageError] = []
        super().__init__(self.message)

    def __str__(self) -> str:
        """Return what failed, each part with its traceback; below several parts, the list."""
        parts = [f"{one.message}\n\n{one.traceback}".rstrip() for one in (self, *self.others)]
        if self.others:
            parts.append(f"{len(parts)} parts of the site failed:")
            parts[-1] += "".join(f"\n{one.message}" for one in (self, *self.others))
        return "\n\n".join(parts)


def failures(page: str, fences: Sequence[Fence], results: Sequence[Result]) -> list[PageError]:
    """Return what failed in the fences of a page, in their order."""
    return [
        PageError(page, one.line, fence.kind, one.message, one.traceback)
        for fence, result in zip(fences, results, strict=True)
        for one in result.failed
    ]


def raise_all(errors: Sequence[PageError]) -> None:
    """Raise the first of some errors, if there are any; it then lists the others."""
    if errors:
        first, *others = [one for error in errors for one in (error, *error.others)]
        first.others = others
        raise first
