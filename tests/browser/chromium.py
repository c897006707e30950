"""Find the Chromium that the browser tests drive; `python -m tests.browser.chromium` gets one."""

import os
import pathlib
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

MISSING = (
    "expected a Chromium for the browser tests, found none and could get none; install one, for "
    "example with your system's package manager, or name it: CHROMIUM=/path/to/chromium make test"
)


def find() -> str | None:
    """Return the path of a Chromium: $CHROMIUM, the system's, or Playwright's own; else None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    system = next(filter(None, map(shutil.which, NAMES)), None)
    return system or _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if pathlib.Path(path).exists() else None


def get() -> str:
    """Return the path of a Chromium, installed first where there is none.

    Raises:
        SystemExit: there is none and neither Playwright nor the system's packages gave one.
    """
    attempts: list[list[list[str]]] = [
        [[sys.executable, "-m", "playwright", "install", "chromium"]]
    ]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.append([["apt-get", "update"], ["apt-get", "install", "--yes", "chromium"]])
    for commands in attempts:
        found = find()
        if found:
            return found
        for command in commands:
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    found = find()
    if not found:
        sys.exit(MISSING)
    return found


if __name__ == "__main__":
    get()
