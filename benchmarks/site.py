"""What the site costs: its builds beside one without figures, and how soon a change is served.

In copies of the project, with a cache of their own. Notebooks are left out of all of them: each is
run by a kernel of its own.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

ROOT = Path(__file__).parent.parent

SOURCES = ("docs", "overrides", "rnn_figures", "tests/mistakes")
"""The folders that the site is built from; a slow test builds it from these alone."""

OPENING = r"^([ >]*(?:`{3,}|~{3,}))(?:figure|run|raises)\b.*$"
"""The first line of a fence that is run."""

PLAIN_ATLAS = f"""
import re as _re

_with_figures = page


def page(entry):
    text = _re.sub({OPENING!r}, r"\\1python", _with_figures(entry), flags=_re.MULTILINE)
    return text.replace("#!value", "value")
"""
"""What makes the atlas one of code that is shown, and not run."""

NO_TORCH = 'raise ImportError("the build imported torch")\n'

LONGEST = 600.0
"""Seconds after which a change counts as never served."""

PAGE = "anatomy/lstm"
"""The page that is looked at."""

TRACED = "rnn_figures/traces/tracing.py", "equal to ", "equal indeed to "
PLOTTED = "rnn_figures/plots/gates.py", 'plot.alt = " ".join(', 'plot.alt = "Indeed. " + " ".join('
"""Changes of one function: the file, what is in it, and what is put in its place."""


class Cost(NamedTuple):
    """Seconds that a command took."""

    wall: float
    processor: float  # of all its processes


@click.command()
def site_command() -> None:
    """Measure builds of the whole site, and mkdocs serve after a change."""
    with tempfile.TemporaryDirectory() as folder:
        whole, plain = Path(folder, "whole"), Path(folder, "plain")
        for copy in (whole, plain):
            copy_project(copy)
        leave_figures_out(plain)
        _builds(whole, plain, Path(folder, "without"))
        _serving(whole)


def copy_project(folder: Path) -> None:
    """Copy what the site is built from, but for its notebooks."""
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__", "notebooks")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    without = re.sub(r"^ +- notebooks/.*\n", "", settings, flags=re.MULTILINE)
    (folder / "mkdocs.yml").write_text(without, encoding="utf-8")


def leave_figures_out(folder: Path) -> None:
    """Make every fence of a copy one of code that is shown, and not run."""
    for path in (folder / "docs").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(OPENING, r"\1python", text, flags=re.MULTILINE)
        path.write_text(text.replace("#!value", "value"), encoding="utf-8")
    with (folder / "rnn_figures" / "site" / "atlas.py").open("a", encoding="utf-8") as atlas:
        atlas.write(PLAIN_ATLAS)


def _builds(whole: Path, plain: Path, without_torch: Path) -> None:
    """Build with and without figures, in turns, so that all meet the same machine."""
    (without_torch / "torch").mkdir(parents=True)
    (without_torch / "torch" / "__init__.py").write_text(NO_TORCH, encoding="utf-8")
    first = build(plain)
    cold = build(whole)
    baseline = min(first, build(plain))
    unchanged = min(build(whole, without_torch) for _ in range(2))
    baseline = min(baseline, build(plain))
    pages = len(list((whole / "site").rglob("index.html")))
    click.echo(f"The site: {pages} pages, notebooks aside; {os.cpu_count()} cores")
    click.echo(f"{'build':26}  seconds  of processors  beside figures left out")
    for name, cost, aim in (
        ("figures left out", baseline, ""),
        ("cold", cold, "at most 5"),
        ("unchanged, without torch", unchanged, "at most 2"),
    ):
        ratio = f"{cost.wall / baseline.wall:7.2f}  {aim}".rstrip()
        click.echo(f"{name:26}  {cost.wall:7.1f}  {cost.processor:13.1f}  {ratio}")


def build(folder: Path, *first: Path) -> Cost:
    """Build the site of a folder.

    Args:
        folder: The copy.
        first: Folders whose modules go before all others.

    Raises:
        ClickException: the build failed; its last lines.
    """
    before = os.times()
    started = time.perf_counter()
    done = subprocess.run(
        _mkdocs("build", "--quiet", "--no-strict"),
        cwd=folder,
        env=_environment(folder, *first),
        capture_output=True,
        text=True,
    )
    wall = time.perf_counter() - started
    after = os.times()
    if done.returncode:
        raise click.ClickException(f"mkdocs build failed:\n{done.stderr[-2000:]}")
    spent = after.children_user + after.children_system
    return Cost(wall, spent - before.children_user - before.children_system)


def _serving(folder: Path) -> None:
    """Change a page, then functions of the package, and wait until each is served."""
    page = folder / "docs" / f"{PAGE}.md"
    click.echo(f"\n{'mkdocs serve':26}  seconds until it is served")
    with served(folder) as address:
        for name, text, shown, aim in (
            ("words of a page", "\nSeen once.\n", "Seen once.", 3),
            ("code of a page", '\n```run\n"seen " + "twice"\n```\n', "seen twice", 3),
        ):
            seconds = _seen(address, page, page.read_text("utf-8") + text, shown)
            click.echo(f"{name:26}  {seconds:7.1f}  at most {aim}")
        for name, (file, old, new), aim in (
            ("gate_plot", PLOTTED, "at most 10"),
            ("trace, which most use", TRACED, ""),
        ):
            path = folder / file
            text = path.read_text("utf-8")
            if old not in text:
                raise click.ClickException(
                    f"expected {old!r} in {file}, to change it; name another"
                )
            shown = re.findall(r"[Ii]ndeed", new)[0]
            seconds = _seen(address, path, text.replace(old, new), shown)
            click.echo(f"{name:26}  {seconds:7.1f}  {aim}".rstrip())


def _seen(address: str, path: Path, text: str, shown: str) -> float:
    """Write a file, and return the seconds until the page shows what comes of it."""
    started = time.perf_counter()
    path.write_text(text, encoding="utf-8")
    _wait(address, shown)
    return time.perf_counter() - started


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Run mkdocs serve in a folder; the address of the page, once it is there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        _mkdocs("serve", "--quiet", "--no-strict", "--dev-addr", f"127.0.0.1:{port}"),
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}/{PAGE}/"
        _wait(address, "<h1", process)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, text: str, server: subprocess.Popen | None = None) -> None:
    """Return when a page has some text.

    Raises:
        ClickException: the text is not there after LONGEST seconds, or the server has ended.
    """
    end = time.perf_counter() + LONGEST
    while time.perf_counter() < end:
        if server and server.poll() is not None:
            raise click.ClickException(f"mkdocs serve ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=LONGEST) as page:
                if text in page.read().decode():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass  # it is not there yet
        time.sleep(0.05)
    raise click.ClickException(f"{text!r} was not served at {address} within {LONGEST:g} s")


def _mkdocs(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mkdocs", *arguments]


def _environment(folder: Path, *first: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, [*first, folder])),
        "OMP_NUM_THREADS": "1",
        "NO_MKDOCS_2_WARNING": "1",
    }
