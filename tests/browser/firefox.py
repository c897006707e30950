"""Drive Debian's Firefox by WebDriver BiDi, which it speaks itself: Playwright cannot, it has none.

There is no driver program between: a socket, and messages in JSON.
"""

import asyncio
import contextlib
import functools
import itertools
import json
import pathlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from tornado.websocket import websocket_connect

MISSING = (
    "expected Firefox for this test, found none; install firefox-esr, or firefox, with your "
    "system's package manager"
)

PREFERENCES = "".join(
    f'user_pref("{name}", false);\n'
    for name in (
        "app.normandy.enabled",
        "app.update.enabled",
        "datareporting.policy.dataSubmissionEnabled",
        "extensions.update.enabled",
        "network.captive-portal-service.enabled",
        "network.connectivity-service.enabled",
    )
)
"""What keeps it from asking for anything but the page."""

LONGEST = 120.0
"""Seconds to wait for Firefox, and for each of its answers."""


def find() -> str | None:
    """Return the path of a Firefox, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One tab of a running Firefox.

    Attributes:
        errors: What its console has said is wrong, since the last page was opened.
    """

    def __init__(self, wait: Callable[[Callable[[], Awaitable]], Any], socket: Any) -> None:
        self.errors: list[str] = []
        self._wait, self._socket = wait, socket
        self._numbers = itertools.count(1)
        self._ask("session.new", {"capabilities": {}})
        self._ask("session.subscribe", {"events": ["log.entryAdded", "network.fetchError"]})
        self._tab = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def open(self, address: str) -> None:
        """Open an address, and wait until the page and its scripts are loaded."""
        self.errors = []
        where = {"context": self._tab, "url": address, "wait": "complete"}
        self._ask("browsingContext.navigate", where)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of the page, as JSON can hold it."""
        asked = {
            "expression": f"Promise.resolve({expression}).then(value => JSON.stringify(value))",
            "target": {"context": self._tab},
            "awaitPromise": True,
        }
        found = self._ask("script.evaluate", asked)
        if found["type"] != "success":
            raise RuntimeError(f"{expression}: {found['exceptionDetails']['text']}")
        return json.loads(found["result"]["value"])

    def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a command; return its result. Events that come first are read on the way."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        self._wait(lambda: self._socket.write_message(json.dumps(message)))
        while True:
            answer = json.loads(self._wait(self._socket.read_message))
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.errors.append(answer["params"]["text"])
            if answer.get("method") == "network.fetchError":
                self.errors.append(answer["params"]["request"]["url"])
            if answer.get("id") != number:
                continue
            if answer["type"] == "error":
                raise RuntimeError(f"{method}: {answer['message']}")
            return answer["result"]


@contextlib.contextmanager
def running(path: str) -> Iterator[Firefox]:
    """Start a Firefox without a window, in a profile of its own; end it afterwards.

    Args:
        path: The program, as `find` returns it.
    """
    with tempfile.TemporaryDirectory() as profile:
        command = [path, "--headless", "--no-remote", "--profile", profile]
        command += ["--remote-debugging-port", "0"]
        pathlib.Path(profile, "user.js").write_text(PREFERENCES, encoding="utf-8")
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        loop = asyncio.new_event_loop()  # in a thread: Playwright has one in this thread
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()

        def wait(call: Callable[[], Awaitable]) -> Any:
            async def result() -> Any:
                return await call()

            return asyncio.run_coroutine_threadsafe(result(), loop).result(LONGEST)

        try:
            address = f"{_address(process)}/session"
            connect = functools.partial(websocket_connect, address, max_message_size=2**28)
            yield Firefox(wait, wait(connect))
        finally:
            process.terminate()
            process.wait()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def _address(process: subprocess.Popen) -> str:
    """Return where Firefox listens, which it says when it has started."""
    assert process.stderr is not None
    for line in process.stderr:
        _, found, address = line.partition("WebDriver BiDi listening on ")
        if found:  # what it says later is read too: a full pipe would stop it
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return address.strip()
    raise RuntimeError("Firefox ended before it listened")
