"""Get a page's fences run: from the cache what is there, in the worker process the rest.

This side imports no torch: a build of which everything is cached starts no worker.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from typing import IO

from rnn_figures.site.markdown.errors import PageError
from rnn_figures.site.running import cache
from rnn_figures.site.running.digests import PACKAGE, Package, digest, names_in, read_package

SLOTS = {"id": "rnn-id-slot", "caption": "rnn-caption-slot", "files": "rnn-files-slot"}
"""What the worker writes where a page puts its own, so that equal figures are drawn once."""

TIME_LIMIT = 60.0
"""Seconds that one fence may take, unless it says otherwise."""

START_LIMIT = 300.0
"""Seconds that a worker may take to import torch, on a slow machine with a cold disk."""

GRACE = 5.0
"""Seconds that a dying worker gets to tell its last words."""


@dataclass(kw_only=True)
class Fence:
    """One fence or inline value as it stands on the page.

    Attributes:
        kind: "figure", "run", "raises" or "value".
        code: Its Python, without the page's indentation.
        line: Line of the page's file on which the code starts, from 1.
        starts: True if its namespace is fresh, False if it runs on from the fence above.
        timeout: Seconds that it may take.
        type: For "raises": name of the error or warning.
    """

    kind: str
    code: str
    line: int
    starts: bool
    timeout: float = TIME_LIMIT
    type: str = ""


@dataclass(eq=False)
class Runner:
    """Runs the fences of one page after another; owns the worker process and its end.

    Args:
        folder: Where the cache is; created when something is stored.
        linked: True if downloads are files beside the page, False if links hold them.
        exported: True if figures' `files` are to hold all that an export writes, not only what a
            page offers.
    """

    folder: pathlib.Path
    linked: bool = False
    exported: bool = False
    _worker: "Worker | None" = field(default=None, init=False)

    def results(self, page: str, fences: list[Fence], package: Package | None = None) -> list[dict]:
        """Return what each fence gave: `html`, slots still in it, `plain` Markdown, and `files`.

        Args:
            page: The page's name, for tracebacks.
            fences: In the page's order.
            package: What `read_package` returned when the build began; None reads it now.

        Raises:
            PageError: one of them failed, took too long, or killed the worker.
        """
        package = package or read_package()
        keys = self._keys(fences, package)
        found = self._cached(keys)
        asked = _with_their_past(fences, [entry is None for entry in found])
        if not asked:
            return [entry for entry in found if entry]
        replies = self._replies(page, fences, asked, found, digest(None, package))
        kept = read_package().modules == package.modules  # else this is of neither version
        made = {}
        for place, reply in zip(asked, replies, strict=True):
            if found[place] is None:
                reads = {path: file_digest(path) for path in reply["reads"]}
                entry = {name: reply[name] for name in ("html", "plain", "files")}
                found[place] = made[keys[place]] = entry | {"reads": reads}
        if kept:
            cache.write(self.folder, made)
        return [entry for entry in found if entry]

    def cached(self, fences: list[Fence], package: Package) -> list[dict] | None:
        """Return what `results` returns if all of it is in the cache; else None."""
        found = self._cached(self._keys(fences, package))
        return None if None in found else [entry for entry in found if entry]

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
            form = (self.linked, self.exported)
            keys.append(cache.key(past, own, form, digest(names, package)))
            if fence.kind != "value":
                past = [*past, own]
        return keys

    def _cached(self, keys: list[str]) -> list[dict | None]:
        """Return the entry of each key if the files that it read are still what they were."""
        kept = {
            key: entry
            for key, entry in cache.read(self.folder, keys).items()
            if all(file_digest(path) == old for path, old in entry["reads"].items())
        }
        return [kept.get(key) for key in keys]

    def _replies(
        self, page: str, fences: list[Fence], asked: list[int], found: list, version: str
    ) -> list[dict]:
        """Have the worker run some fences; its replies in their order."""
        items = [
            {
                "kind": fences[place].kind,
                "code": fences[place].code,
                "line": fences[place].line,
                "starts": fences[place].starts,
                "wanted": found[place] is None,
                "type": fences[place].type,
            }
            for place in asked
        ]
        slots = SLOTS if self.linked else SLOTS | {"files": ""}
        worker = self._fresh_worker(version)
        place = asked[0]
        try:
            request = {"page": page, "items": items, "slots": slots, "exported": self.exported}
            worker.ask(request)
            replies = []
            for place in asked:
                reply = worker.reply(fences[place].timeout)
                if "error" in reply:
                    at, what = reply["line"], fences[place].kind
                    raise PageError(page, at, what, reply["error"], reply["traceback"])
                replies.append(reply)
        except WorkerLostError as lost:
            self.close()
            fence = fences[place]
            line = fence.line - (fence.kind != "value")
            raise PageError(page, line, fence.kind, str(lost), lost.last_words) from None
        except PageError:
            raise  # the worker has given the page up too, and waits for the next one
        except BaseException:
            self.close()  # its replies to this page must not reach the next one
            raise
        return replies

    def _fresh_worker(self, version: str) -> "Worker":
        """Return a worker that has imported this version of the package."""
        if self._worker and self._worker.version != version:
            self.close()
        if not self._worker:
            self._worker = Worker(version)
        return self._worker


class WorkerLostError(Exception):
    """The worker died, or was killed at the time limit.

    Args:
        message: What happened, in one line.
        last_words: What it wrote to its error stream.
    """

    def __init__(self, message: str, last_words: str = "") -> None:
        self.last_words = last_words
        super().__init__(message)


class Worker:
    """A process that runs fences, in a group of its own.

    Args:
        version: Digest of the package that it imports.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self._started = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process)
        # The package that this build uses, wherever an installed one is; one thread, see
        # CONTRIBUTING; sets in the same order in every build.
        paths = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rnn_figures.site.running.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            start_new_session=True,  # a fence's own children die with it
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        assert self._process.stdin
        assert self._process.stdout
        reader = threading.Thread(
            target=_forward, args=(self._process.stdout, self._lines), daemon=True
        )
        reader.start()

    def ask(self, request: dict) -> None:
        """Send a request.

        Raises:
            WorkerLostError: there is nobody to take it.
        """
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._lost()

    def reply(self, limit: float) -> dict:
        """Return the next reply.

        Raises:
            WorkerLostError: none came within `limit` seconds, or the process ended.
        """
        if not self._started:
            self._next(START_LIMIT)
            self._started = True
        return self._next(limit)

    def close(self) -> None:
        """Kill the process and its children, and forget its streams."""
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def _next(self, limit: float) -> dict:
        try:
            line = self._lines.get(timeout=limit)
        except queue.Empty:
            raise WorkerLostError(
                f"still running after {limit:g} s, its time limit (timeout=… sets another)"
            ) from None
        if not line:
            self._lost()
        return json.loads(line)

    def _lost(self) -> None:
        """Raise WorkerLostError with how the process ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        code = self._process.returncode
        how = f"exit code {code}"
        if code is not None and code < 0:
            how = signal.strsignal(-code) or f"signal {-code}"
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace")
        raise WorkerLostError(f"it ended the process that runs the fences ({how})", words)


def _forward(stream: IO[bytes], lines: queue.Queue[bytes]) -> None:
    """Pass every line on; an empty one when there are no more."""
    with contextlib.suppress(ValueError, OSError):  # closed while we read
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _with_their_past(fences: list[Fence], missing: list[bool]) -> list[int]:
    """Return the places of what must run: all that is missing, and what it runs on from."""
    asked = []
    chain: list[int] = []
    for place, fence in enumerate(fences):
        chain = [] if fence.starts else chain
        if missing[place]:
            asked += [past for past in chain if past not in asked] + [place]
        if fence.kind != "value":
            chain.append(place)
    return sorted(set(asked))


def file_digest(path: str) -> str:
    """Return the digest of a file that a fence read; "" if it is gone."""
    try:
        return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""
