"""Names that code uses, and where the public ones are."""

import importlib

import pytest

from rnn_figures.site.running.names import ROOT, STUBS, importable_from, names_in, public_names


def test_names_in_reads_names_and_imports_but_no_attributes():
    code = "import numpy.linalg\nfrom pathlib import Path\nt = trace(lstm).h"

    assert names_in(code) == {"numpy", "pathlib", "Path", "t", "trace", "lstm"}


def test_names_in_of_broken_code_is_empty():
    assert names_in("t = trace(") == frozenset()


def test_public_names_reads_what_the_package_exports():
    homes = public_names()

    assert homes["trace"] == "traces.tracing"
    assert homes["to_html"] == "html.frame"


@pytest.mark.parametrize("package", STUBS)
def test_every_public_name_is_in_the_module_that_is_named(package):
    module = importlib.import_module(package)
    homes = public_names()

    for name in importable_from(package):
        assert getattr(importlib.import_module(f"{ROOT}.{homes[name]}"), name) is getattr(
            module, name
        )
