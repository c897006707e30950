"""Each part of a drawing is where it is seen, and no clip is left that cuts nothing."""

from xml.etree import ElementTree

import pytest

from rnn_figures.html.flat import flatten

CLIP = '<defs><clipPath id="p"><rect x="0" y="0" width="20" height="10" /></clipPath></defs>'
LINE = 'stroke="#111" stroke-width="2"'


def flat(inside: str) -> str:
    root = ElementTree.fromstring(f'<svg stroke-linejoin="round">{inside}</svg>')
    flatten(root)
    return "".join(ElementTree.tostring(child, "unicode") for child in root)


def clips(inside: str) -> int:
    return flat(f"{CLIP}{inside}").count("clip-path")


def test_a_copy_is_drawn_at_each_of_its_places_and_looks_as_it_did():
    marker = '<defs><path id="m" d="M-1 1L1 1L1 -1z M0 2C1 2 2 1 2 0z" stroke="#111" /></defs>'
    svg = flat(f'{marker}<use x="5" y="6" href="#m" fill="#222" /><use x="9.5" y="0" href="#m" />')

    assert svg == (
        '<defs /><path d="M4 7l2 0l0-2zm1 1c1 0 2-1 2-2z" fill="#222" stroke="#111" />'
        '<path d="M8.5 1l2 0l0-2zm1 1c1 0 2-1 2-2z" stroke="#111" />'
    )


def test_a_path_s_own_look_is_stronger_than_its_copy_s():
    svg = flat('<defs><path id="m" d="M0 0" fill="#111" /></defs><use href="#m" fill="#222" />')

    assert svg == '<defs /><path d="M0 0" fill="#111" />'


def test_a_long_path_is_drawn_in_place_where_it_has_one_place_alone():
    marker = f'<defs><path id="m" d="M0 0{"L1 1" * 99}" /></defs>'
    use = '<use x="5" href="#m" />'

    assert flat(marker + use).count("<use") == 0
    assert flat(marker + use * 2).count("<use") == 2


def test_each_part_of_a_path_is_where_it_was():
    path = "M0 0L1 0zM5 5L6 5zM7 7L8 7"
    svg = flat(f'<defs><path id="m" d="{path}" /></defs><use x="1" href="#m" />')

    assert svg == '<defs /><path d="M1 0l1 0zm5 5l1 0zm2 2l1 0" />'


@pytest.mark.parametrize("path", ["M0 0A1 1 0 0 1 2 2", "M0 0L1 1 2 2", "M0 0h1"])
def test_a_path_with_other_letters_stays_a_copy(path):
    assert "<use" in flat(f'<defs><path id="m" d="{path}" /></defs><use x="5" href="#m" />')


def test_a_text_that_is_moved_says_where_it_is():
    assert flat('<text transform="translate(3 -4.5)">h</text>') == '<text x="3" y="-4.5">h</text>'


@pytest.mark.parametrize(
    "text",
    [
        '<text transform="translate(3 4) rotate(-90)">h</text>',
        '<text transform="translate(3 4)" x="5">h</text>',
        '<text transform="translate(3 4)"><tspan x="1">h</tspan></text>',
    ],
)
def test_a_text_that_is_turned_or_moved_twice_stays(text):
    assert flat(text) == text


@pytest.mark.parametrize(
    "inside",
    [
        f'<path d="M2 2L18 8" {LINE} clip-path="url(#p)" />',
        f'<g clip-path="url(#p)" {LINE}><path d="M2 2L18 8" /></g>',
        '<path d="M0 0L20 10z" clip-path="url(#p)" />',
    ],
)
def test_a_clip_that_cuts_nothing_is_dropped_and_its_rectangle_too(inside):
    assert flat(f"{CLIP}{inside}") == "<defs />" + inside.replace(' clip-path="url(#p)"', "")


@pytest.mark.parametrize(
    "inside",
    [
        f'<path d="M1 2L18 8" {LINE} clip-path="url(#p)" />',
        f'<path d="M2 1.2L18 8" {LINE} clip-path="url(#p)" />',
        f'<g {LINE}><path d="M1 2L18 8" clip-path="url(#p)" /></g>',
        f'<path d="M3 3L16 6" {LINE} stroke-linejoin="miter" clip-path="url(#p)" />',
        '<path d="M0 0L20.1 10z" clip-path="url(#p)" />',
        '<path d="M0 0L20 10.1z" clip-path="url(#p)" />',
        '<path d="M2 2L18 8" id="a-1" clip-path="url(#p)" />',
        '<g clip-path="url(#p)"><path d="M2 2L18 8" id="a-1" /></g>',
        '<g id="a-1"><path d="M2 2L18 8" clip-path="url(#p)" /></g>',
        '<path d="M2 2L18 8" transform="scale(2)" clip-path="url(#p)" />',
        '<g clip-path="url(#p)"><path d="M2 2L18 8" transform="scale(2)" /></g>',
        '<g clip-path="url(#p)"><text x="2" y="2">h</text></g>',
        '<path d="M2 2h99" clip-path="url(#p)" />',
        '<path d="M2 2l1 0zm15 0l1 0zm4 0l1 0" clip-path="url(#p)" />',
        f'<path d="M0 5L20 5" {LINE} transform="scale(2)" clip-path="url(#p)" />',
    ],
)
def test_a_clip_is_kept_that_cuts_or_may_cut_or_is_of_what_a_script_may_move(inside):
    if "miter" in inside:  # a sharp corner reaches further than a round one
        assert clips(inside.replace("M3 3L16 6", "M4 4L16 6")) == 0
    assert clips(inside) == 1


@pytest.mark.parametrize("d", ["M0 5L20 5", "M20 5L0 5", "M7 0L7 10", "M-0.01 5L20.01 5"])
def test_a_line_from_edge_to_edge_ends_there_without_a_clip(d):
    svg = flat(f'{CLIP}<path d="{d}" {LINE} stroke-linecap="round" clip-path="url(#p)" />')

    assert svg == f'<defs /><path d="{d}" {LINE} />'


@pytest.mark.parametrize("d", ["M0 0L20 0", "M0 0.5L20 0.5", "M7 0L7 10.1", "M0 0L20 10"])
def test_a_line_along_an_edge_or_beyond_one_is_cut_still(d):
    assert clips(f'<path d="{d}" {LINE} stroke-linecap="round" clip-path="url(#p)" />') == 1


@pytest.mark.parametrize(
    "inside",
    [
        '<rect width="20" height="10" /><rect width="5" height="5" />',
        '<rect width="20" height="10" transform="scale(0.1)" />',
    ],
)
def test_a_clip_of_another_shape_is_kept(inside):
    clip = f'<defs><clipPath id="p">{inside}</clipPath></defs>'

    assert flat(f'{clip}<path d="M2 2L18 8" clip-path="url(#p)" />').count("clip-path") == 1


def test_a_copy_that_is_clipped_stays_one():
    # its clip is moved with it
    marker = '<defs><path id="m" d="M0 0L1 1" /></defs>'

    assert "<use" in flat(f'{CLIP}{marker}<use x="30" href="#m" clip-path="url(#p)" />')
