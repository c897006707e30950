"""Workers that the tests of the site lend each other: each has imported torch, once."""

import pathlib
import threading
from collections.abc import Iterator

import pytest

from rnn_figures.site.running import process, runner
from rnn_figures.site.running.records import Downloads, Fence, Request, Result

IDLE: list[process.Worker] = []


class LentWorker:
    """A worker process that goes on to the next runner when this one closes it in between pages.

    A build's pages follow each other on one worker, too: nothing of a page reaches the next one.
    A worker that is closed at work, or that is lost, ends as it does in a build.

    Args:
        version: Digest of the package that it imports.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self._closed = threading.Lock()
        self._awaited = 0
        self._process: process.Worker | None = None
        while IDLE and not self._process:
            self._process = _moved_here(IDLE.pop(), version)
        self._process = self._process or process.Worker(version)

    def ask(self, request: Request) -> None:
        self._awaited = len(request.fences)
        self._worker.ask(request)

    def reply(self, limit: float) -> Result:
        reply = self._worker.reply(limit)
        self._awaited -= 1
        return reply

    def close(self) -> None:
        if not self._closed.acquire(blocking=False):
            return
        if self._awaited:
            self._worker.close()
        else:
            IDLE.append(self._worker)

    @property
    def _worker(self) -> process.Worker:
        assert self._process
        return self._process


def _moved_here(worker: process.Worker, version: str) -> process.Worker | None:
    """Have a worker work in this folder, where a new one would; None, and its end, if it cannot."""
    move = Fence(kind="run", code=f"import os; os.chdir({str(pathlib.Path.cwd())!r})", line=1)
    request = Request(page="", fences=[move], wanted=[False], downloads=Downloads.INSIDE)
    try:
        if worker.version == version:
            worker.ask(request)
            worker.reply(process.START_LIMIT)
            return worker
    except process.WorkerLostError:
        pass
    worker.close()
    return None


@pytest.fixture(scope="session", autouse=True)
def lent_workers() -> Iterator[None]:
    """Have runners take the workers that other tests have left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "Worker", LentWorker)
        yield
    while IDLE:
        IDLE.pop().close()
