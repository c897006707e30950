"""The palette on pages."""

import pytest

from rnn_figures.palette import NAMES, variable
from rnn_figures.site.colours import legend, style_sheet


@pytest.mark.parametrize("letter", NAMES)
def test_style_sheet_colours_every_letter(letter):
    assert f".md-typeset .q-{letter} {{ color: var({variable(letter)}); }}" in style_sheet()


def test_style_sheet_prints_a_dark_page_in_the_colours_of_paper():
    screen, _, paper = style_sheet().partition("@media print")

    light = screen.partition(":root {")[2].partition("\n}")[0]
    assert f'[data-md-color-scheme="slate"] {{{light}\n}}' in paper


def test_legend_lists_the_letters_of_the_page_in_the_palettes_order():
    listed = legend('<b class="q-h">h</b> <path class="edge q-c"/> <i class="q-h"></i>')

    assert listed.index(">c</code> cell state") < listed.index(">h</code> hidden state")
    assert listed.count("<li>") == 2


def test_legend_of_one_letter_is_none():
    assert legend('<b class="q-h">h</b>') == ""


def test_legend_leaves_out_what_stands_below_a_lesson():
    lesson = '<b class="q-x">x</b> <b class="q-h">h</b>'

    listed = legend(f'{lesson} <h2 id="look-up">Look up</h2> <b class="q-i">i</b>')

    assert listed == legend(lesson)
