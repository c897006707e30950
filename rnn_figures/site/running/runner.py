"""Get a page's fences run: from the cache what is there, in the worker process the rest.

This side imports no torch: a build of which everything is cached starts no worker.
"""

import pathlib
from dataclasses import asdict, dataclass, field, replace

from rnn_figures.site.markdown.errors import PageError, raise_all
from rnn_figures.site.running import cache
from rnn_figures.site.running.digests import Package, digest, read_package, unchanged
from rnn_figures.site.running.names import names_in
from rnn_figures.site.running.process import Worker, WorkerLostError
from rnn_figures.site.running.records import Downloads, Fence, Request, Result


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
        """Return what each fence gave, in order; raise a PageError that tells all that failed.

        `package` is what `read_package` returned when the build began; None reads it now.
        """
        package = package or read_package()
        keys = self._keys(fences, package)
        found = self._cached(keys)
        if any(key not in found for key in keys):
            made, failed = self._run(page, fences, keys, found, digest(None, package))
            gave = found | made
            raise_all(failed, [gave.get(key, Result()) for key in keys])
            if read_package().digests == package.digests:  # else it is of neither version
                cache.write(self.folder, {key: asdict(result) for key, result in made.items()})
            found |= made
        return [found[key] for key in keys]

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

    def _run(
        self,
        page: str,
        fences: list[Fence],
        keys: list[str],
        found: dict[str, Result],
        version: str,
    ) -> tuple[dict[str, Result], list[PageError]]:
        """Have the worker run what is not found, and its past; return what failed too."""
        asked = _with_their_past(fences, [key not in found for key in keys])
        request = Request(
            page=page,
            fences=[fences[index] for index in asked],
            wanted=[keys[index] not in found for index in asked],
            downloads=self.downloads,
        )
        results, failed = self._replies(request, version)
        made = {keys[asked[at]]: result for at, result in results.items() if request.wanted[at]}
        return made, failed

    def _replies(self, request: Request, version: str) -> tuple[dict[int, Result], list[PageError]]:
        """Return the worker's results, by index, and what failed; each fence within its time."""
        page, fences, wanted = request.page, request.fences, request.wanted
        results: dict[int, Result] = {}
        failed: list[PageError] = []
        at = 0
        while at < len(fences):
            try:
                worker = self._fresh_worker(version)
                worker.ask(replace(request, fences=fences[at:], wanted=wanted[at:]))
                for fence in fences[at:]:
                    reply = worker.reply(fence.timeout)
                    at += 1
                    if isinstance(reply, Result):
                        results[at - 1] = reply
                        continue
                    failed += [
                        PageError(page, one.line, fence.kind, one.message, one.traceback)
                        for one in reply
                    ]
            except WorkerLostError as lost:
                self.close()
                fence = fences[at]
                where = page, fence.opening_line, fence.kind
                failed.append(PageError(*where, str(lost), lost.last_words))
                at += 1  # what ran on from it has lost its names; another worker runs the rest
                while at < len(fences) and not fences[at].starts:
                    at += 1
            except BaseException:
                self.close()  # its replies to this page must not reach the next one
                raise
        return results, failed

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
