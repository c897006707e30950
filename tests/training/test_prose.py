from rnn_figures.training.prose import (
    CHOSEN_ON,
    HELD_OUT,
    TRUTHS,
    paragraphs,
    topic,
    trained_on,
    truths,
)


def marked(text, truth):
    """Return the characters of which a truth holds, the others as dots; lines joined by |."""
    held = truths(text)[:, list(TRUTHS).index(truth)]
    return "".join(
        "|" if letter == "\n" else letter if mark else "."
        for letter, mark in zip(text, held, strict=True)
    )


def test_parentheses_end_with_the_outermost_one_or_with_their_paragraph():
    assert marked("a (b (c) d) e)(f", "parentheses") == "..(b (c) d....(f"
    assert marked("a (b\nc\n\nd", "parentheses") == "..(b|c||."


def test_quotes_open_and_close_in_turn_and_end_with_their_paragraph():
    assert marked('a "b" c "d\n\ne "f"', "quotes") == '.."b...."d||..' + '"f.'


def test_column_and_indent_count_from_the_line_s_beginning():
    assert marked("a\n" + "b" * 41, "column") == ".|" + "." * 39 + "bb"
    assert marked("  a\n   b c", "indent") == "...|.. b c"


def test_a_word_is_late_from_its_fifth_letter_on():
    assert marked("letter, word x_abcdef", "word") == "....er............." + "ef"


def test_a_sentence_is_due_between_a_full_stop_and_its_capital():
    assert marked("No. Yes?\nIt is 1.5 (a. b)", "sentence") == ("... ....|................")


def test_nothing_held_out_is_trained_on():
    others = set(paragraphs([*CHOSEN_ON, *HELD_OUT]))
    own = trained_on().split("\n\n")

    assert not others & set(own)
    assert len(set(own)) == len(own)
    assert len(trained_on()) > 200_000
    assert all(len(topic(name)) >= 12_000 for name in [*CHOSEN_ON, *HELD_OUT])
