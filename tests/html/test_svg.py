"""What becomes of a drawing program's SVG on its way into a page."""

import re

import pytest

from rnn_figures.html.svg import clean, sheet, to_text
from rnn_figures.palette import COLOURS

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def cleaned(inside: str, head: str = "", **options) -> str:
    return to_text(clean(f"{HEAD} {head}>{inside}</svg>", **options))


def test_clean_puts_variables_in_the_place_of_palette_colours():
    svg = cleaned(f'<path d="M0,0" fill="{COLOURS["h"]}" stroke="black"/>')

    assert 'fill="var(--rnn-h, #4964f6)"' in svg
    assert 'stroke="var(--rnn-ink, #1f2329)"' in svg


def test_clean_keeps_plain_colours_for_a_file_of_its_own():
    assert f'fill="{COLOURS["c"]}"' in cleaned(
        f'<path d="M0,0" fill="{COLOURS["c"]}"/>', themed=False
    )


def test_clean_splits_a_tint_into_colour_and_opacity():
    svg = cleaned(f'<path d="M0,0" fill="{COLOURS["f"]}80"/>')

    assert 'fill="var(--rnn-f, #be148b)"' in svg
    assert 'fill-opacity="0.5"' in svg


def test_clean_turns_style_attributes_and_the_font_shorthand_into_attributes():
    svg = cleaned("<text style=\"font: bold 10px 'DejaVu Sans'; text-anchor: middle\">h</text>")

    assert "style=" not in svg
    assert 'font-size="10"' in svg
    assert 'font-weight="bold"' in svg
    assert 'text-anchor="middle"' in svg
    assert "DejaVu" not in svg


def test_clean_gives_ink_to_text_without_a_colour():
    assert 'fill="var(--rnn-ink, #1f2329)"' in cleaned("<text>h</text>")


@pytest.mark.parametrize(
    "background",
    [
        '<g class="graph"><polygon fill="white" stroke="none" points="0,0 1,1"/></g>',
        '<g><g id="patch_1"><path d="M0,0" style="fill: #ffffff"/></g></g>',
    ],
)
def test_clean_drops_the_white_sheet_under_a_drawing(background):
    assert "rnn-paper" not in cleaned(background)


def test_clean_keeps_a_white_box_with_a_frame():
    box = '<g class="graph"><polygon fill="white" stroke="black" points="0,0 1,1"/></g>'

    assert "var(--rnn-paper, #ffffff)" in cleaned(box)


def test_clean_drops_styles_metadata_and_the_names_of_nodes():
    svg = cleaned(
        "<metadata><a/></metadata><style>*{}</style>"
        '<g id="node1"><title>node</title><path d="M0,0"/></g>'
    )

    assert "metadata" not in svg
    assert "<style" not in svg
    assert "<title" not in svg


def test_clean_keeps_a_tooltip_as_a_title():
    svg = cleaned('<g id="a_node1"><a xlink:title="step 3"><path d="M0,0"/></a></g>')

    assert "<g><title>step 3</title>" in svg


def test_clean_prefixes_ids_that_an_author_gave_and_all_that_refer_to_them():
    svg = cleaned(
        '<defs><clipPath id="p1"><rect x="0" y="0"/></clipPath></defs>'
        '<g id="lstm-h-l0-forward-t2" clip-path="url(#p1)"><use xlink:href="#p1"/></g>',
        prefix="one-",
    )

    assert set(re.findall(r'id="([^"]*)"', svg)) == {"one-p1", "one-lstm-h-l0-forward-t2"}
    assert 'clip-path="url(#one-p1)"' in svg
    assert 'href="#one-p1"' in svg


@pytest.mark.parametrize("themed", [False, True])
def test_clean_prefixes_the_pattern_that_a_hatch_is_painted_with(themed):
    svg = cleaned(
        '<defs><pattern id="h1"><path d="M0,0"/></pattern></defs>'
        '<path d="M0,0" style="fill: url(#h1)"/>',
        themed=themed,
        prefix="one-",
    )

    assert 'id="one-h1"' in svg
    assert 'fill="url(#one-h1)"' in svg


def test_clean_drops_ids_that_a_program_made_up():
    assert "id=" not in cleaned('<g id="node1"><path id="line2d_3" d="M0,0"/></g>')


def test_clean_tells_apart_ids_that_are_given_twice():
    svg = cleaned('<path id="unit-0" d="M0,0"/><path id="unit-0" d="M1,1"/>', prefix="one-")

    assert re.findall(r'id="([^"]*)"', svg) == ["one-unit-0", "one-unit-0-2"]


@pytest.mark.parametrize("name", ["q-z", "q-z-3", "q-z_3"])
def test_clean_makes_a_quantitys_id_its_class(name):
    assert 'class="q-z"' in cleaned(f'<g id="{name}"><path d="M0,0"/></g>')


def test_clean_rounds_places_to_two_decimals_and_factors_to_four():
    svg = cleaned('<path d="M0.123456,10.000001 L-0.001,3" transform="scale(0.0012345)"/>')

    assert 'd="M0.12,10L0,3"' in svg
    assert 'transform="scale(0.0012)"' in svg


@pytest.mark.parametrize(
    ("long", "short"),
    [("1.50", "1.5"), ("12.00", "12"), ("-0", "0"), ("-0.0", "0"), ("2e-05", "0")],
)
def test_clean_writes_numbers_short(long, short):
    assert f'x="{short}"' in cleaned(f'<rect x="{long}" fill="red"/>')


def test_clean_gives_the_size_in_css_pixels():
    svg = cleaned("", head='width="72pt" height="36pt" viewBox="0.00 0.00 72.00 36.00"')

    assert 'width="96" height="48" viewBox="0 0 72 36"' in svg


def test_clean_keeps_the_space_with_which_a_run_of_text_starts():
    assert "\u00a0two words<" in cleaned('<text xml:space="preserve"> two words</text>')


def test_sheet_holds_an_empty_drawing_of_each_least_width():
    text = '<g font-size="20"><text>one</text><text font-size="12">two</text></g>'
    root = clean(f'{HEAD} width="300pt" viewBox="0 0 300 30">{text}</svg>', pixels=1.5)

    box = sheet(root, label="Drawing")

    assert 'rnn-figure__least--desk" width="250" height="0"' in box  # 450 · 10 / (12 · 1.5)
    assert 'rnn-figure__least--phone" width="225" height="0"' in box
    assert "rnn-figure__drawing--long" not in box


def test_sheet_lets_a_drawing_without_text_shrink_to_a_part_of_its_width():
    root = clean(f'{HEAD} width="300pt" height="30pt"/>', pixels=1.0)

    assert sheet(root, label="Drawing").count('width="210" height="0"') == 2
