"""Find the Chromium that the browser tests drive; `python -m tests.browser.chromium` gets one."""

import os
import pathlib
import shutil
import subprocess
import sys

import click

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
"""First the browser without a window: a test opens its page in a fifth of the time."""

LAUNCH = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]
"""What keeps a browser from asking for anything but the page, and lets root run it."""

FRAMELESS = "--disable-threaded-compositing"
"""What has a browser without a window lay pages out when a script asks, and make no frame."""

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
    playwrights = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    install = ["apt-get", "install", "--yes"]
    systems = [["apt-get", "update"], [*install, "chromium-headless-shell"], [*install, "chromium"]]
    allowed = shutil.which("apt-get") and os.geteuid() == 0
    sources = {"Playwright": playwrights} | ({"the system's packages": systems} if allowed else {})
    for name, commands in sources.items():
        if found := find():
            return found
        click.echo(f"no Chromium here; asking {name} for one", err=True)
        for command in commands:  # what they print when offline is tracebacks, several
            if not find():
                subprocess.run(command, check=False, capture_output=True)
    return find() or sys.exit(MISSING)


if __name__ == "__main__":
    get()
