import ast
import importlib
import inspect
import pathlib

import pytest

import rnn_figures
from rnn_figures import course

PACKAGES = (rnn_figures, course)
NAMES = [(package, name) for package in PACKAGES for name in package.__all__]


@pytest.mark.parametrize(("package", "name"), NAMES, ids=[name for _, name in NAMES])
def test_public_name_is_loaded_on_first_use_and_documented(package, name):
    value = getattr(package, name)

    assert inspect.getdoc(value)
    assert value.__module__.startswith(rnn_figures.__name__)


def test_no_name_is_public_twice():
    names = [name for _, name in NAMES]

    assert len(names) == len(set(names))


def test_an_unknown_name_is_an_attribute_error():
    name = "tracer"

    with pytest.raises(AttributeError, match="No rnn_figures attribute tracer"):
        getattr(rnn_figures, name)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_the_stub_names_things_where_they_are(package):
    stub = pathlib.Path(package.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    lines = [node for node in ast.parse(stub).body if isinstance(node, ast.ImportFrom)]

    for line in lines:
        home = importlib.import_module(f"{package.__name__}.{line.module}")
        for part in line.names:
            assert part.asname == part.name  # else a type checker takes it for private
            assert getattr(home, part.name) is getattr(package, part.name)
