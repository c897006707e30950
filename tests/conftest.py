import difflib
import functools
import gc
import os
import pathlib
import shutil
from collections.abc import Callable

import click
import pytest
from filelock import FileLock

from tests.page import BUILT, address_of, build_page
from tests.site_build import ROOT, mkdocs_build

# A tiny layer gains nothing from a second thread, and can lose a factor of a hundred. Said before
# torch is imported, which who only hands out tests to workers need not do.
os.environ.setdefault("OMP_NUM_THREADS", "1")

GOLDEN = pathlib.Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew, for a person who then reads the difference",
    )
    parser.addoption(
        "--page",
        help="build this page alone, such as anatomy/lstm, and run what the browser checks on it",
    )


def pytest_configure(config):
    """Refuse a --page that is none, with the pages that there are."""
    if page := config.getoption("--page"):
        try:
            address_of(page)
        except click.ClickException as error:
            raise pytest.UsageError(error.message) from None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    """Collect tests without garbage collections, and let later ones pass over what there is.

    Torch and ten thousand tests live as long as this process: to walk over them took a third of the
    time of collecting.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    """Leave slow cases out before tests are made of them: ten thousand, to be deselected."""
    if metafunc.config.option.markexpr != "not slow":
        return
    markers = metafunc.definition.own_markers
    markers[:] = [
        fast_cases(marker) if marker.name == "parametrize" else marker for marker in markers
    ]


def fast_cases(marker: pytest.Mark) -> pytest.Mark:
    """Return a parametrization without its slow cases; but for the last, if all are slow."""
    cases, ids = list(marker.args[1]), marker.kwargs.get("ids")
    fast = [
        number
        for number, case in enumerate(cases)
        if not any(mark.name == "slow" for mark in getattr(case, "marks", ()))
    ] or [len(cases) - 1]
    named = {"ids": [list(ids)[number] for number in fast]} if ids and not callable(ids) else {}
    cases = [cases[number] for number in fast]
    return pytest.mark.parametrize(marker.args[0], cases, **{**marker.kwargs, **named}).mark


@pytest.fixture
def golden(request):
    """Return a function that compares text with tests/golden/<name>, a unified diff on mismatch."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if text == expected:
            return
        actual = path.with_suffix(f".actual{path.suffix}")
        actual.write_text(text, encoding="utf-8")
        difference = difflib.unified_diff(
            expected.splitlines(), text.splitlines(), path.name, actual.name, lineterm=""
        )
        pytest.fail("\n".join(difference), pytrace=False)

    return compare


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Return a function that has a folder made once, by whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the one that all workers of this run share

    def made(name: str, make: Callable[[pathlib.Path], None]) -> pathlib.Path:
        folder, done = base / name, base / f"{name}.done"
        with FileLock(f"{folder}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def built_site(once, request) -> pathlib.Path:
    """The path of the site, built strictly, but for the atlas's pages: they take half of it."""
    page = request.config.getoption("--page")
    if page:
        build_page(page)
        return BUILT
    return once("site", functools.partial(_build_strictly, atlas=False))


@pytest.fixture(scope="session")
def site_with_atlas(once) -> pathlib.Path:
    """The path of the whole site, built strictly."""
    return once("whole-site", functools.partial(_build_strictly, atlas=True))


def _build_strictly(folder: pathlib.Path, atlas: bool) -> None:
    done = mkdocs_build(ROOT, "--strict", "--quiet", "--site-dir", str(folder), atlas=atlas)
    if done.returncode:
        said = f"{done.stdout}{done.stderr}"
        pytest.fail(f"mkdocs build --strict failed:\n{said}", pytrace=False)
