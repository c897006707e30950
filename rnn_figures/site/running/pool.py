"""Run the fences of many pages at once, ahead of the build that asks for them page by page.

Imports no torch: each worker is a process of its own.
"""

import contextlib
import os
import pathlib
import queue
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NamedTuple

from rnn_figures.site.running.digests import Package, read_package
from rnn_figures.site.running.names import names_in
from rnn_figures.site.running.records import Downloads, Fence, Result
from rnn_figures.site.running.runner import Runner

JOBS = min(os.cpu_count() or 1, 4)
"""Pages that run at once; each worker holds a torch of its own in memory."""


class PageFences(NamedTuple):
    """What has to run of a page.

    Attributes:
        name: Of the page.
        fences: In order.
        sharing: What it has in common with others of the same value, which draw the same figures:
            they run on one worker, which draws them once. "" for nothing.
    """

    name: str
    fences: list[Fence]
    sharing: str = ""


class Pool:
    """Several runners, and the pages that they are at.

    Args:
        folder: Where the cache is.
        jobs: How many pages run at once.
        downloads: As `Runner` has it.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        *,
        jobs: int = JOBS,
        downloads: Downloads = Downloads.INSIDE,
    ) -> None:
        self._everyone = [Runner(folder, downloads) for _ in range(jobs)]
        # The last one used comes first: its worker has imported torch already.
        self._idle: queue.LifoQueue[Runner] = queue.LifoQueue()
        for runner in self._everyone:
            self._idle.put(runner)
        self._threads = ThreadPoolExecutor(jobs)
        self._package: Package | None = None
        self._coming: dict[str, tuple[list[Fence], Future]] = {}
        self._groups: list[Future] = []
        self._closed = False

    def ahead(self, pages: Iterable[PageFences], package: Package | None = None) -> None:
        """Start on the pages of a build, in its order; what the build before left is forgotten.

        `package` is as `Runner.results` has it.
        """
        for _, future in self._coming.values():
            future.cancel()
        self._coming = {}
        self._groups = [group for group in self._groups if not group.done()]
        self._package = package or read_package()
        groups: dict[str, list[tuple[str, list[Fence], Future]]] = {}
        for name, fences, sharing in pages:
            for fence in fences:
                # Kept for the threads below: Python 3.11 may fail to parse in two threads at once
                # ("AST constructor recursion depth mismatch").
                names_in(fence.code)
            if fences:
                future = Future()
                self._coming[name] = fences, future
                groups.setdefault(sharing or name, []).append((name, fences, future))
        for group in groups.values():
            self._groups.append(self._threads.submit(self._group, group, self._package))

    def results(self, page: str, fences: list[Fence]) -> list[Result]:
        """Return what `Runner.results` returns, for a page that is coming or for any other."""
        coming, future = self._coming.pop(page, ([], None))
        if future and coming == fences:
            return future.result()
        return self._results(page, fences, self._package or read_package())

    def warm(self) -> None:
        """Start the worker that is used next, unless all are busy."""
        with contextlib.suppress(queue.Empty):
            runner = self._idle.get_nowait()
            runner.warm()
            self._idle.put(runner)

    def close(self) -> None:
        """End the workers, and whatever they were at."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        while True:  # a thread may be about to start its worker: until all have ended
            for runner in self._everyone:
                runner.close()  # a thread that waits for its worker learns that it is gone
            # `wait` would wait for ever for one that was cancelled before it began
            begun = [group for group in self._groups if not group.cancelled()]
            if not wait(begun, timeout=0.1).not_done:
                break
        for runner in self._everyone:
            runner.close()  # one that has started its worker, and was done, since the last round

    def _group(self, futures: list[tuple[str, list[Fence], Future]], package: Package) -> None:
        """Run the pages of one group, one after another."""
        for name, fences, future in futures:
            if self._closed or not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._results(name, fences, package))
            except BaseException as error:  # the build raises it when it comes to the page
                future.set_exception(error)

    def _results(self, page: str, fences: list[Fence], package: Package) -> list[Result]:
        """Run a page's fences; what is all in the cache needs no worker."""
        found = self._everyone[0].cached(fences, package)
        if found is not None:
            return found
        runner = self._idle.get()
        try:
            return runner.results(page, fences, package)
        finally:
            self._idle.put(runner)
