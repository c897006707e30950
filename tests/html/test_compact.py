"""What an SVG says twice is said once, and nothing that is seen is lost."""

from xml.etree import ElementTree

import pytest

from rnn_figures.html.compact import compact

LOOK = 'fill="none" stroke="#111" stroke-width="2"'


def compacted(inside: str) -> str:
    root = ElementTree.fromstring(f"<svg>{inside}</svg>")
    compact(root)
    return "".join(ElementTree.tostring(child, "unicode") for child in root)


def test_neighbours_that_look_alike_share_a_group_in_their_order():
    svg = compacted(f'<path d="M0" {LOOK}/><path d="M1" {LOOK}/><rect x="1" {LOOK}/>')

    assert svg == f'<g {LOOK}><path d="M0" /><path d="M1" /><rect x="1" /></g>'


def test_others_between_them_keep_their_place():
    one, two = f'<path d="M0" {LOOK} />', '<path d="M1" fill="#222" />'

    assert compacted(f"{one}{two}{one}") == f"{one}{two}{one}"


def test_elements_keep_their_classes_ids_and_titles_in_a_group():
    inside = '<title>step 3</title><path d="M0" />'
    svg = compacted(f'<g class="q-h" id="a-1" {LOOK}>{inside}</g><g {LOOK}>{inside}</g>')

    assert svg == f'<g {LOOK}><g class="q-h" id="a-1">{inside}</g><g>{inside}</g></g>'


@pytest.mark.parametrize("own", ['transform="scale(2)"', 'x="3"'])
def test_clip_stays_with_an_element_that_has_places_of_its_own(own):
    tag = "path" if own.startswith("transform") else "use"
    element = f'<{tag} clip-path="url(#p)" {own} fill="#222" />'

    assert compacted(element * 2) == element * 2


def test_clip_moves_to_a_group_of_others():
    svg = compacted('<path d="M0" clip-path="url(#p)" fill="#222"/>' * 2)

    assert svg == '<g fill="#222" clip-path="url(#p)"><path d="M0" /><path d="M0" /></g>'


def test_opacity_of_the_whole_is_no_opacity_of_each():
    element = '<path d="M0" fill="#222" opacity="0.5" stroke="#333" />'

    assert compacted(element * 2).count('opacity="0.5"') == 2


def test_defaults_are_dropped_but_where_they_undo_what_is_inherited():
    svg = compacted('<text text-anchor="start" font-style="normal">h</text>')
    undone = '<g text-anchor="end"><text text-anchor="start">h</text></g>'

    assert svg == "<text>h</text>"
    assert compacted(undone) == undone


@pytest.mark.parametrize("stroke", ["", 'stroke="none"'])
def test_shapes_without_paint_are_dropped(stroke):
    assert compacted(f'<path d="M0" fill="none" {stroke}/>') == ""


@pytest.mark.parametrize(
    "shape",
    [
        '<path d="M0" fill="none" stroke="#111" />',
        '<path d="M0" />',
        '<path d="M0" fill="none" id="unit-0" />',
        '<path d="M0" fill="none" class="q-h" />',
        '<g stroke="#111"><path d="M0" fill="none" /></g>',
        '<clipPath id="p"><rect x="0" fill="none" /></clipPath>',
    ],
)
def test_shapes_that_are_seen_or_named_or_used_are_kept(shape):
    assert compacted(shape) == shape
