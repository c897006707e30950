"""Which modules some code reaches, on a package made up for the test and on the real one."""

import pathlib

import pytest

from rnn_figures.site.running.digests import digest, names_in, public_names, read_package

NAMES = "from .a import first\nfrom .b import second\nfrom .drawings import third\n"


@pytest.fixture
def package(tmp_path) -> pathlib.Path:
    folder = tmp_path / "rnn_figures"
    (folder / "drawings").mkdir(parents=True)
    (folder / "site" / "running").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "__init__.pyi": NAMES,
        "site/running/worker.py": "",
        "a.py": "from rnn_figures.common import x\n",
        "b.py": "",
        "c.py": "import importlib\nimportlib.import_module('rnn_figures.a')\n",
        "common.py": "",
        "drawings/__init__.py": "from .lines import third\n",
        "drawings/lines.py": "def third():\n    from rnn_figures import second\n",
    }.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def changes_with(package: pathlib.Path, names: set[str] | None, changed: str) -> bool:
    before = digest(names, read_package(package))
    path = package / changed
    path.write_text(path.read_text("utf-8") + "# more\n", "utf-8")
    return digest(names, read_package(package)) != before


@pytest.mark.parametrize(
    ("names", "changed"),
    [
        ({"first"}, "a.py"),
        ({"first"}, "common.py"),
        ({"third"}, "drawings/lines.py"),
        ({"third"}, "b.py"),
        ({"x"}, "site/running/worker.py"),
        ({"rnn_figures"}, "b.py"),
        ({"importlib"}, "b.py"),
        (None, "c.py"),
    ],
)
def test_digest_changes_with_what_the_names_reach(package, names, changed):
    assert changes_with(package, names, changed)


@pytest.mark.parametrize(
    ("names", "changed"),
    [({"first"}, "b.py"), ({"third"}, "a.py"), ({"x"}, "common.py"), ({"first"}, "__init__.py")],
)
def test_digest_keeps_with_what_the_names_do_not_reach(package, names, changed):
    assert not changes_with(package, names, changed)


def test_digest_is_of_contents_and_not_of_places(package, tmp_path):
    other = tmp_path / "elsewhere"
    package.rename(other)
    before = digest({"first"}, read_package(other))
    other.rename(package)

    assert digest({"first"}, read_package(package)) == before


def test_digest_covers_everything_that_imports_by_name(package):
    (package / "__init__.pyi").write_text("from .c import late\n", "utf-8")

    assert changes_with(package, {"late"}, "b.py")


def test_digest_of_a_table_does_not_reach_the_diagrams():
    table = digest({"shape_table"})

    assert table != digest({"unrolled_diagram"})
    assert table == digest({"shape_table", "x", "lstm"})


def test_names_in_reads_names_and_imports_but_no_attributes():
    code = "import numpy.linalg\nfrom pathlib import Path\nt = trace(lstm).h"

    assert names_in(code) == {"numpy", "pathlib", "Path", "t", "trace", "lstm"}


def test_names_in_of_broken_code_is_empty():
    assert names_in("t = trace(") == frozenset()


def test_public_names_reads_what_the_package_exports():
    homes = public_names()

    assert homes["trace"] == "traces.tracing"
    assert homes["to_html"] == "html.frame"
