"""The files that a page with a live lattice fetches."""

import itertools
import pathlib

from rnn_figures.site import lattice
from rnn_figures.site.running.names import importable_from
from tests.site_build import mkdocs_build, small_site


def test_there_is_a_file_for_all_that_can_be_chosen():
    names = set(lattice.files())

    for kind, layers, directions, steps in itertools.product(
        ("lstm", "gru"), (1, 2, 3), (1, 2), (2, 3, 4, 5)
    ):
        for size in ("", "-narrow"):  # on a desk, on a phone
            assert f"{kind}-{layers}-{directions}-{steps}{size}.svg" in names
    assert {"weights.json", "cell-rnn-relu.svg", "cell-gru-narrow.svg"} <= names


def test_the_code_of_each_file_calls_a_public_name():
    calls = {fence.code.partition("(")[0] for fence in lattice.files().values()}

    assert calls | {lattice.USES} <= importable_from("rnn_figures.course")


def test_a_site_without_a_lattice_makes_none(tmp_path: pathlib.Path):
    small_site(tmp_path, {"index.md": "# A page\n\nNo figure.\n"})

    done = mkdocs_build(tmp_path)

    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "site" / lattice.FOLDER).exists()
