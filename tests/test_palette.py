import itertools
import re
from pathlib import Path

import pytest
from coloraide import Color

from rnn_figures.palette import (
    COLOURS,
    DARK,
    DASHES,
    LIGHT,
    NAMES,
    SAME_COLOUR,
    style_sheet,
    variable,
)

TOGETHER = ("xifgoch", "xrznh")
"""Quantities that share a figure."""

SIGHTS = (None, "deutan", "protan")

STYLE_SHEET = (Path(__file__).parent.parent / "docs/assets/rnn.css").read_text(encoding="utf-8")


def colour(scheme, name):
    return Color(scheme[SAME_COLOUR.get(name, name)])


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("letters", TOGETHER)
@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_quantities_of_one_figure_are_told_apart(scheme, letters, sight):
    for one, other in itertools.combinations(letters, 2):
        a, b = colour(scheme, one), colour(scheme, other)
        if sight:
            a, b = a.filter(sight), b.filter(sight)
        assert a.delta_e(b, method="2000") >= 10, (one, other)


def page_around(scheme):
    """Return the background that the site's style sheet gives one of Material's schemes."""
    blocks = STYLE_SHEET.split(f'\n[data-md-color-scheme="{scheme}"] {{\n')[1:]
    found = [re.match(r"[^}]*--md-default-bg-color: (#[0-9a-f]+);", block) for block in blocks]
    (value,) = [match[1] for match in found if match]
    return value


@pytest.mark.parametrize("name", [*"xifgoch", "ink", "faint"])
@pytest.mark.parametrize(
    ("colours", "scheme"), [(LIGHT, "default"), (DARK, "slate")], ids=["light", "dark"]
)
def test_colours_can_be_read_on_a_figures_paper_and_on_the_page(colours, scheme, name):
    for behind in (colours["paper"], page_around(scheme)):
        assert Color(colours[name]).contrast(Color(behind), method="wcag21") >= 4.5, behind


def test_no_two_colours_of_a_scheme_are_one():
    for scheme in (LIGHT, DARK):
        assert len(set(scheme.values())) == len(scheme)  # each hex becomes one variable


def test_every_quantity_has_a_name_a_colour_and_a_dash():
    assert set(NAMES) <= set(COLOURS)
    assert set(NAMES) == set(DASHES)


def test_quantities_of_one_colour_share_a_variable():
    assert variable("z") == variable("f") == "--rnn-f"
    assert COLOURS["z"] == COLOURS["f"]


def test_style_sheet_sets_every_variable_in_both_schemes():
    css = style_sheet()

    for name in LIGHT:
        assert f"{variable(name)}: {LIGHT[name]};" in css
        assert f"{variable(name)}: {DARK[name]};" in css
