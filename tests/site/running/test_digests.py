"""Which modules some code reaches, on a package made up for the test and on the real one."""

import ast
import dataclasses
import importlib
import pathlib

import pytest

from rnn_figures.site.running.digests import digest, read_package
from rnn_figures.site.running.names import PACKAGE, ROOT

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
        "drawings/__init__.py": "from rnn_figures.drawings.lines import third\n",
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


def test_every_import_of_the_package_is_seen():
    package = read_package()

    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        seen = package.imports[".".join(part for part in parts if part != "__init__")]
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{ROOT}."):
                names = {f"{node.module}.{part.name}" for part in node.names}
                assert {name.removeprefix(f"{ROOT}.") for name in names} <= seen, path
            elif isinstance(node, ast.Import):
                names = {part.name for part in node.names if part.name.startswith(f"{ROOT}.")}
                assert {name.removeprefix(f"{ROOT}.") for name in names} <= seen, path


def test_every_name_that_fences_see_reaches_its_own_module():
    package = read_package()

    for name, home in package.homes.items():
        thing = getattr(importlib.import_module(f"{ROOT}.{home}"), name)
        module = thing.__module__.removeprefix(f"{ROOT}.")
        changed = dataclasses.replace(package, digests={**package.digests, module: "another"})
        assert digest({name}, changed) != digest({name}, package), name


def test_no_module_is_imported_by_its_name():
    """Such an import would not be seen; lazy_loader's, of the stubs, is known.

    `machine` imports other libraries by their names, `shell` a caller's module: none of ours.
    """
    known = {PACKAGE / name for name in ("machine.py", "shell/models.py")}
    known.add(PACKAGE / "site/running/digests.py")  # looks for such imports
    found = {path for path in PACKAGE.rglob("*.py") if "import_module" in path.read_text("utf-8")}

    assert found == known


def test_a_folder_that_passes_names_on_does_nothing_else():
    for path in PACKAGE.rglob("__init__.py"):
        for statement in ast.parse(path.read_bytes()).body:
            assert isinstance(statement, ast.ImportFrom | ast.Import | ast.Assign | ast.Expr), path


def test_digest_of_a_table_does_not_reach_the_diagrams():
    table = digest({"shape_table"})

    assert table != digest({"unrolled_diagram"})
    assert table == digest({"shape_table", "x", "lstm"})
