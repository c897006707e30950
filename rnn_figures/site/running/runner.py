"""Get a page's fences run: from the cache what is there, in the worker process the rest.

This side imports no torch: a build of which everything is cached starts no worker.
"""

import pathlib
from dataclasses import asdict, dataclass, field

from rnn_figures.site.running import cache
from rnn_figures.site.running.digests import Package, digest, read_package, unchanged
from rnn_figures.site.running.names import names_in
from rnn_figures.site.running.process import Worker, WorkerLostError
from rnn_figures.site.running.records import Downloads, Failure, Fence, Request, Result


@dataclass(eq=False)
class Runner:
    """Runs the fences of one page after another; owns the worker process and its end.

    Args:
        folder: Where the cache is; created when something is stored.
        downloads: Where the files of figures are.
    """

    folder: pathlib.Path
    downloads: Downloads = Downloads.INSIDE
    _worker: Worker | None = field(default=None, init=False)

    def results(
        self, page: str, fences: list[Fence], package: Package | None = None
    ) -> list[Result]:
        """Return what each fence gave, in order, what failed in it included.

        `package` is what `read_package` returned when the build began; None reads it now. Nothing
        of a page is kept where anything failed.
        """
        package = package or read_package()
        keys = self._keys(fences, package)
        found = self._cached(keys)
        missing = [key not in found for key in keys]
        made = self._made(page, fences, missing, digest(None, package)) if any(missing) else {}
        whole = made and not any(result.failed for result in made.values())
        if whole and read_package().digests == package.digests:  # else it is of neither version
            kept = {keys[index]: asdict(result) for index, result in made.items()}
            cache.write(self.folder, kept)
        return [made.get(index) or found.get(key, Result()) for index, key in enumerate(keys)]

    def cached(self, fences: list[Fence], package: Package) -> list[Result] | None:
        """Return what `results` returns if all of it is in the cache; else None."""
        keys = self._keys(fences, package)
        found = self._cached(keys)
        return [found[key] for key in keys] if found.keys() >= set(keys) else None

    def warm(self) -> None:
        """Start the worker, so that it has imported torch when it is needed."""
        self._fresh_worker(digest())

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._worker:
            self._worker.close()
            self._worker = None

    def _keys(self, fences: list[Fence], package: Package) -> list[str]:
        """Return the key of each fence: its code and all that its result can depend on."""
        keys = []
        past: list[list[str]] = []
        for fence in fences:
            past = [] if fence.starts else past
            own = [fence.kind, fence.type, fence.code]
            names = frozenset().union(*(names_in(code) for *_, code in [*past, own]))
            keys.append(cache.key(past, own, self.downloads, digest(names, package)))
            if not fence.leaves_no_mark:
                past = [*past, own]
        return keys

    def _cached(self, keys: list[str]) -> dict[str, Result]:
        """Return the results of those keys that have one, if the files read are what they were."""
        found = {key: Result(**entry) for key, entry in cache.read(self.folder, keys).items()}
        return {key: result for key, result in found.items() if unchanged(result.reads)}

    def _made(
        self, page: str, fences: list[Fence], missing: list[bool], version: str
    ) -> dict[int, Result]:
        """Have the worker run what is missing, and its past; return what came of it, by index.

        Each fence has its time. What ran on from one that ended the worker has lost its names, and
        is not run; another worker runs the rest.
        """
        made: dict[int, Result] = {}
        coming = _with_their_past(fences, missing)
        while coming:
            request = Request(
                page=page,
                fences=[fences[index] for index in coming],
                wanted=[missing[index] for index in coming],
                downloads=self.downloads,
            )
            try:
                worker = self._fresh_worker(version)
                worker.ask(request)
                for fence in request.fences:
                    reply = worker.reply(fence.timeout)
                    made[coming.pop(0)] = reply
            except WorkerLostError as lost:
                self.close()
                index = coming.pop(0)
                line = fences[index].opening_line
                failure = Failure(line=line, message=str(lost), traceback=lost.last_words)
                made[index] = Result(failed=[failure])
                while coming and not fences[coming[0]].starts:
                    coming.pop(0)
            except BaseException:
                self.close()  # its replies to this page must not reach the next one
                raise
        return {index: one for index, one in made.items() if missing[index] or one.failed}

    def _fresh_worker(self, version: str) -> Worker:
        """Return a worker that has imported this version of the package."""
        if self._worker and self._worker.version != version:
            self.close()
        if not self._worker:
            self._worker = Worker(version)
        return self._worker


def _with_their_past(fences: list[Fence], missing: list[bool]) -> list[int]:
    """Return the indices of what must run: all that is missing, and what it runs on from."""
    asked: set[int] = set()
    chain: list[int] = []
    for index, fence in enumerate(fences):
        chain = [] if fence.starts else chain
        if missing[index]:
            asked |= {*chain, index}
        if not fence.leaves_no_mark:
            chain.append(index)
    return sorted(asked)
