"""The error that stops a build, with page and line first."""

try:
    from mkdocs.exceptions import BuildError  # MkDocs prints it without a traceback of its own
except ImportError:  # another generator, or none
    BuildError = Exception


class PageError(BuildError):  # pyright: ignore[reportGeneralTypeIssues] (either is a class)
    """Something on a page failed.

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
        super().__init__(f"{page}:{line}: {what} failed: {message}\n\n{traceback}".rstrip())
