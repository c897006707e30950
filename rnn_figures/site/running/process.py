"""A worker process, as the build holds it: asked, waited for up to a limit, killed as a group.

Ours, not pebble's: at a time limit pebble kills the worker alone, and a fence's own children live
on; nor does it keep what a worker prints away from the build, or the words that it dies with.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from typing import IO, NoReturn

from rnn_figures.site.running.names import PACKAGE
from rnn_figures.site.running.records import Request, Result, received, send

START_LIMIT = 300.0
"""Seconds that a worker may take to import torch, on a slow machine with a cold disk."""

GRACE = 5.0
"""Seconds that a dying worker gets to write its last words."""


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
            [sys.executable, "-m", "rnn_figures.site.running"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            start_new_session=True,  # a fence's own children die with it
        )
        self._replies: queue.SimpleQueue = queue.SimpleQueue()
        # a thread, since no system has a limit on the time that reading a pipe may take
        threading.Thread(
            target=_forward, args=(self._process.stdout, self._replies), daemon=True
        ).start()

    def ask(self, request: Request) -> None:
        """Send a request; raise WorkerLostError where there is nobody to take it."""
        assert self._process.stdin
        try:
            send(self._process.stdin, request)
        except BrokenPipeError:
            self._lost()

    def reply(self, limit: float) -> Result:
        """Return the next reply; WorkerLostError after `limit` seconds, or where none can come."""
        if not self._started:
            self._next(START_LIMIT)
            self._started = True
        return self._next(limit)

    def close(self) -> None:
        """Kill the process and its children, and close its streams."""
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

    def _next(self, limit: float):
        try:
            reply = self._replies.get(timeout=limit)
        except queue.Empty:
            raise WorkerLostError(
                f"still running after {limit:g} s, its time limit (timeout=… sets another)"
            ) from None
        if reply is None:
            self._lost()
        return reply

    def _lost(self) -> NoReturn:
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


def _forward(stream: IO[bytes], replies: queue.SimpleQueue) -> None:
    """Pass every reply on; None when there are no more."""
    for reply in received(stream):
        replies.put(reply)
    replies.put(None)
