import itertools

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

SURFACES = {"light": ("#ffffff", "#fdfcf9"), "dark": ("#1e2129", "#15181e")}
"""A figure's own paper, and the page around it."""


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


@pytest.mark.parametrize("name", [*"xifgoch", "ink", "faint"])
@pytest.mark.parametrize(
    ("scheme", "surfaces"),
    [(LIGHT, SURFACES["light"]), (DARK, SURFACES["dark"])],
    ids=["light", "dark"],
)
def test_colours_can_be_read_as_text(scheme, surfaces, name):
    for surface in surfaces:
        assert Color(scheme[name]).contrast(Color(surface)) >= 4.5


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
