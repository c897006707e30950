"""Build the site, or a small one under the same settings, as `mkdocs build` does."""

import functools
import importlib
import multiprocessing
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any, NoReturn

ROOT = pathlib.Path(__file__).parent.parent

SMALL = """
INHERIT: {root}/mkdocs.yml
docs_dir: docs
site_dir: site
watch: []
theme:
  custom_dir: {root}/overrides
nav:
  - Start:
{pages}
{plugins}
"""
"""Settings of a small site: the real ones, but for its pages, and without the atlas."""


IMPORTED = (
    *("mkdocs.__main__", "mkdocs.commands.build", "mkdocs.contrib.search"),
    *("material.plugins.search.plugin", "mkdocs_jupyter.plugin", "mkdocstrings", "pymdownx.tabbed"),
    *("pymdownx.superfences", "pymdownx.highlight", "pymdownx.details", "rnn_figures.site.plugin"),
    *("rnn_figures.site.markdown.fences", "rnn_figures.site.markdown.mathematics"),
    "tests.site_read",
)
"""What takes most of the time of a small build: imported once, in a process that is then forked."""

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([*IMPORTED])


def mkdocs_build(
    folder: pathlib.Path, *arguments: str, atlas: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run `mkdocs build` in a folder, with the folder's own package if it has one."""
    own = (folder / "rnn_figures").exists()
    environment = os.environ | {
        "PYTHONPATH": str(folder if own else ROOT),
        "OMP_NUM_THREADS": "1",
        "ATLAS": "1" if atlas else "0",
        "NO_MKDOCS_2_WARNING": "1",
    }
    command = ["build", *arguments]
    if own:
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", *command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
    with tempfile.TemporaryDirectory() as said:
        process = FORKS.Process(target=_run_mkdocs, args=(command, folder, environment, said))
        process.start()
        process.join()
        code = process.exitcode or 0
        words = [pathlib.Path(said, name).read_text("utf-8") for name in ("stdout", "stderr")]
    return subprocess.CompletedProcess(command, code, *words)


def _run_mkdocs(
    command: list[str], folder: pathlib.Path, environment: dict[str, str], said: str
) -> NoReturn:
    """Be `mkdocs` in this process: in a folder, and with its words in two files."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(pathlib.Path(said, name), os.O_CREAT | os.O_WRONLY)
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if folder != ROOT:
        # a second worker would take longer to import torch than the pages of a small site take
        plugin: Any = importlib.import_module("rnn_figures.site.plugin")
        plugin.Pool = functools.partial(plugin.Pool, jobs=1)
    importlib.import_module("mkdocs.__main__").cli(command)
    sys.exit("mkdocs came back")  # it never does


def small_site(folder: pathlib.Path, pages: dict[str, str]) -> pathlib.Path:
    """Write a site of a few pages into a folder, and return the folder."""
    for name, text in pages.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "assets", folder / "docs" / "assets")
    listed = "\n".join(f"      - {name}" for name in pages)
    real = (ROOT / "mkdocs.yml").read_text("utf-8")
    plugins = re.search(r"^plugins:\n(?:[ #].*\n|\n)+", real, re.MULTILINE)
    assert plugins, "expected a list of plugins in mkdocs.yml"
    without = re.sub(r"(\n +)(repository:)", r"\1atlas: false\1\2", plugins[0])
    settings = SMALL.format(root=ROOT, pages=listed, plugins=without)
    (folder / "mkdocs.yml").write_text(settings, encoding="utf-8")
    return folder


def share_cache(folder: pathlib.Path) -> None:
    """Have a small site take the figures that the cache has, and keep its own there.

    The cache of notebooks stays the whole site's: a build throws out what its own pages do not use.
    """
    for name in ("rnn_figures", "templates", "pictures"):
        (ROOT / ".cache" / name).mkdir(parents=True, exist_ok=True)
        (folder / ".cache").mkdir(exist_ok=True)
        (folder / ".cache" / name).symlink_to(ROOT / ".cache" / name)
