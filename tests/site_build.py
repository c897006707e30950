"""Build the site, or a small one under the same settings, as `mkdocs build` does."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

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


def mkdocs_build(
    folder: pathlib.Path, *arguments: str, atlas: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run `mkdocs build` in a folder, with the folder's own package if it has one."""
    package = folder if (folder / "rnn_figures").exists() else ROOT
    environment = os.environ | {
        "PYTHONPATH": str(package),
        "OMP_NUM_THREADS": "1",
        "ATLAS": "1" if atlas else "0",
        "NO_MKDOCS_2_WARNING": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


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
