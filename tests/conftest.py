import difflib
import pathlib

import pytest

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
