"""Ten rules that hold for every part of a page that lives, and the tests that hold them.

1. One drawing, from Python: scripts write texts, attributes and marks, and add ghosts alone.
2. Every number is checked where it is shown, at every stop of every control, against torch.
3. One `show`, from the state alone, also at first paint: scripts change nothing at first.
4. The address has the state, by a table; what it says badly is as given; Back brings it back.
5. A native control behind every handle: keys alone do all of it; nothing is smaller than 24 pixels.
6. A finger on a handle moves it, and beside it scrolls the page.
7. Axes are fixed: no control moves a tick, and no value is outside.
8. One labelled ghost of the last released run; Reset restores the first text exactly.
9. Motion is `show` of a position: the same wherever one comes from; it ends, and stops at a touch.
10. Prose drives: a link in the text sets the state; without scripts the still is complete.

RULES has a row for each part, and in it for each rule the tests, or why none is needed.
"""

PARTS = (
    "rnn-cell",
    "rnn-lattice",
    "rnn-dial",
    "rnn-forms",
    "rnn-picker",
    "rnn-stills",
    "rnn-typed",
)
"""The elements that the rules are for: those with drawings."""

_CELL = (
    "test_every_number_is_torchs_at_a_share_of_the_stops_of_every_control",
    "test_every_number_is_torchs_at_every_stop_of_every_control",
)
_CELL_FIRST = "test_scripts_change_nothing_at_first_and_reset_brings_all_of_it_back"
_LATTICE = "test_every_number_is_torchs_in_every_configuration_and_after_every_cell"
_LATTICE_FIRST = (
    "test_scripts_change_no_number_at_first_and_the_extremes_leave_the_drawing_as_it_was"
)
_DIAL, _FORMS = (
    "test_the_dial_is_torchs_at_every_stop",
    "test_the_two_grus_are_torchs_at_every_stop",
)
_PICKER = "test_every_term_lights_its_rows_and_shows_its_slice"
_FIRST = "test_a_script_changes_no_curve_and_no_number_at_first"
_ADDRESS = (
    "test_the_state_is_in_the_address_and_back_brings_it",
    "test_a_bad_address_gives_what_is_given_at_first",
)
_SIZES = "test_nothing_stands_in_the_way_of_anybody"
_SWIPE = "test_a_swipe_scrolls_the_page_and_sets_nothing"
_RESET = "test_reset_brings_the_first_state_back"
_LINKS = "test_links_in_the_text_drive_the_figures"
_STILLS = "test_one_figure_is_shown_and_the_slider_chooses_it"
_TYPED = "test_every_network_reads_as_in_torch"

RULES: dict[str, dict[int, tuple[str, ...] | str]] = {
    "rnn-cell": {
        1: _CELL,
        2: (*_CELL, "test_every_number_is_torchs_for_what_is_typed"),
        3: (_CELL_FIRST, "test_what_comes_in_several_frames_is_what_comes_at_once"),
        4: (
            "test_the_address_has_the_state",
            "test_what_the_address_says_badly_is_as_given",
            "test_the_address_spells_what_is_typed_and_brings_it_back",
        ),
        5: (
            "test_keys_alone_step_hold_and_choose",
            "test_cell_is_accessible_fits_and_can_be_touched",
        ),
        6: (
            "test_a_finger_on_a_handle_moves_it_and_beside_it_scrolls",
            "test_a_swipe_that_begins_on_a_slider_and_scrolls_leaves_it",
        ),
        7: _CELL,
        8: ("test_the_last_run_stays_as_one_labelled_ghost", _CELL_FIRST),
        9: (
            "test_a_step_is_the_same_wherever_one_comes_from",
            "test_it_plays_from_the_start_and_ends",
            "test_play_stops_at_the_first_touch_and_at_pause",
            "test_play_stops_off_screen",
            "test_nothing_moves_where_less_motion_is_wanted",
        ),
        10: (
            "test_a_link_in_the_text_shows_its_state_without_a_new_page",
            "test_a_link_that_holds_a_gate_leaves_what_is_typed",
            _CELL_FIRST,
        ),
    },
    "rnn-lattice": {
        1: (_LATTICE_FIRST,),
        2: (_LATTICE, "test_the_inside_of_every_cell_has_torchs_numbers"),
        3: (_LATTICE_FIRST, "test_what_comes_in_several_frames_is_what_comes_at_once"),
        4: (
            "test_the_address_brings_the_state_back_and_back_undoes_it",
            "test_bad_values_in_the_address_give_what_the_page_has",
        ),
        5: (
            "test_keys_alone_choose_step_open_and_close",
            "test_lattice_is_accessible_fits_and_can_be_touched",
        ),
        6: ("test_a_swipe_over_the_lattice_scrolls_the_page_and_sets_nothing",),
        7: "it has no axes",
        8: (_LATTICE_FIRST,),
        9: (
            "test_a_cell_is_the_same_wherever_one_comes_from",
            "test_it_plays_in_torchs_order_ends_and_stops_at_a_touch",
        ),
        10: ("test_page_is_complete_without_scripts",),
    },
    "rnn-dial": {
        1: (_DIAL,),
        2: (_DIAL,),
        3: (_FIRST,),
        4: _ADDRESS,
        5: ("test_the_dial_says_its_values_to_those_who_hear_it", _SIZES),
        6: (_SWIPE,),
        7: (_DIAL,),
        8: ("test_one_ghost_shows_the_state_before", _RESET),
        9: "it does not move by itself",
        10: (_LINKS, _FIRST),
    },
    "rnn-forms": {
        1: (_FORMS,),
        2: (_FORMS, "test_both_forms_are_torchs"),
        3: (_FIRST,),
        4: _ADDRESS,
        5: (_SIZES,),
        6: (_SWIPE,),
        7: (_FORMS,),
        8: ("test_the_gap_before_the_last_change_stays_as_a_ghost", _RESET),
        9: "it does not move by itself",
        10: (_LINKS, _FIRST),
    },
    "rnn-picker": {
        1: (_PICKER,),
        2: (_PICKER,),
        3: (_RESET,),
        4: (_LINKS,),
        5: ("test_terms_are_reached_by_keyboard", _SIZES),
        6: (_SWIPE,),
        7: "it has no axes",
        8: (_RESET,),
        9: "it does not move by itself",
        10: (_LINKS,),
    },
    "rnn-stills": {
        1: "its figures are Python's: it shows one of them",
        2: "it writes no number but the name of a moment",
        3: (_STILLS,),
        4: ("test_a_link_to_a_figure_shows_it",),
        5: (_STILLS, "test_slider_has_no_accessibility_violation"),
        6: "its slider is the browser's, and keepSliders is tested with the cell's",
        7: "its figures are Python's: their axes do not change",
        8: "nothing is computed from what is set",
        9: "it does not move by itself",
        10: ("test_a_link_to_a_figure_shows_it", "test_all_figures_are_printed"),
    },
    "rnn-typed": {
        1: ("test_the_strips_are_pythons_and_every_bar_is_torchs",),
        2: (
            _TYPED,
            "test_the_strips_are_pythons_and_every_bar_is_torchs",
            "test_another_unit_has_its_own_numbers",
            "test_bars_are_the_chances_after_the_last_symbol",
        ),
        3: "nothing is shown before the networks are fetched",
        4: "a text of yours is yours: the address has none of it",
        5: ("test_the_reader_hears_the_symbol_pointed_at", "test_the_element_is_accessible"),
        6: "its slider is the browser's, and keepSliders is tested with the cell's",
        7: ("test_the_strips_are_pythons_and_every_bar_is_torchs",),
        8: "what was typed before is another text, of other steps",
        9: "it does not move by itself",
        10: ("test_nothing_is_fetched_before_someone_wants_it",),
    },
}
