from typing import NoReturn

from rnn_figures.site.running.records import Fence


def run(code: str, line: int = 1, *, starts: bool = True, kind: str = "run") -> Fence:
    """Return a fence with some code."""
    return Fence(kind=kind, code=code, line=line, starts=starts)


def no_worker(version: str) -> NoReturn:
    """Stand where a worker would be started."""
    raise AssertionError("a worker was started")
