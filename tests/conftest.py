import difflib
import pathlib

import pytest
import torch

from tests.site_build import ROOT, mkdocs_build

# A tiny layer gains nothing from a second thread, and can lose a factor of a hundred.
torch.set_num_threads(1)

GOLDEN = pathlib.Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew, for a person who then reads the difference",
    )


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
def built_site(tmp_path_factory) -> pathlib.Path:
    """The course, built once, strictly; the path of its folder. The atlas has tests of its own."""
    return build(tmp_path_factory.mktemp("site"), atlas=False)


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory) -> pathlib.Path:
    """The course and the atlas, built once, strictly; the path of their folder."""
    return build(tmp_path_factory.mktemp("whole-site"), atlas=True)


def build(folder: pathlib.Path, *, atlas: bool) -> pathlib.Path:
    done = mkdocs_build(ROOT, "--strict", "--quiet", "--site-dir", str(folder), atlas=atlas)
    if done.returncode:
        pytest.fail(f"mkdocs build --strict failed:\n{done.stdout}{done.stderr}", pytrace=False)
    return folder
