"""What a page shows of what fences gave."""

import pytest
import torch

from rnn_figures.figures import Table
from rnn_figures.site.running.executing import FenceError, Outcome
from rnn_figures.site.running.records import CAPTION_SLOT, FILES_SLOT, ID_SLOT, Downloads, Fence
from rnn_figures.site.running.showing import sentence_value, shown

FIGURE = Fence(kind="figure", code="table", line=1)
RUN = Fence(kind="run", code="print(1)", line=1)


def table(rows: int = 1) -> Table:
    return Table(["step"], [(step,) for step in range(rows)], alt="Some steps.")


def test_figure_has_slots_for_what_is_the_pages_own():
    result = shown(FIGURE, Outcome(table()), ["table"], Downloads.BESIDE)

    assert f'id="{ID_SLOT}"' in result.html
    assert CAPTION_SLOT in result.html
    assert f'href="{FILES_SLOT}.csv"' in result.html
    assert result.files["csv"] == "step\n0\n"
    assert result.plain == "Some steps.\n\n| step |\n| --- |\n| 0 |"


@pytest.mark.parametrize(
    ("downloads", "suffixes"),
    [
        (Downloads.BESIDE, {"csv", "py"}),
        (Downloads.EXPORTED, {"csv", "py", "json", "txt"}),
    ],
)
def test_files_are_what_the_downloads_need(downloads, suffixes):
    assert shown(FIGURE, Outcome(table()), ["table"], downloads).files.keys() == suffixes


def test_figure_inside_a_page_holds_its_files():
    result = shown(FIGURE, Outcome(table()), ["table"], Downloads.INSIDE)

    assert "data:text/csv" in result.html
    assert FILES_SLOT not in result.html


def test_plain_table_is_cut_where_the_page_cuts_it():
    plain = shown(FIGURE, Outcome(table(200)), ["table"], Downloads.BESIDE).plain

    assert plain.endswith("| 119 |\n\n80 more rows are in the CSV file.")


def test_run_shows_code_prints_warnings_and_value():
    outcome = Outcome(2, "1\n", warned=(UserWarning("careful"),))

    result = shown(RUN, outcome, ["print(1)"], Downloads.BESIDE)

    assert "1\nUserWarning: careful</pre>" in result.html
    assert ">2</pre>" in result.html
    assert result.plain == ("```python\nprint(1)\n```\n\n```text\n1\nUserWarning: careful\n2\n```")


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (Outcome(3), "expected a Table, a Diagram or a Plot .* got int"),
        (Outcome(table(), warned=("careful",)), "it warned: careful"),
    ],
)
def test_figure_refuses_what_is_none(outcome, message):
    with pytest.raises(FenceError, match=message):
        shown(FIGURE, outcome, [""], Downloads.BESIDE)


def test_run_refuses_a_memory_address():
    with pytest.raises(FenceError, match="memory address"):
        shown(RUN, Outcome(object()), [""], Downloads.BESIDE)


def test_showing_draws_no_random_number():
    before = torch.random.get_rng_state()

    class Random:
        def __repr__(self):
            return str(torch.rand(1))

    shown(RUN, Outcome(Random()), [""], Downloads.BESIDE)

    assert torch.equal(torch.random.get_rng_state(), before)


def test_value_keeps_shapes_on_one_line_and_marks_a_phrase():
    value = Fence(kind="value", code="value", line=1)
    values = (8, 1), "some words <that> take several lines"
    short, long = (shown(value, Outcome(one), [], Downloads.BESIDE) for one in values)

    assert short.html == '<span class="rnn-value">(8,\u00a01)</span>'
    assert short.plain == "(8, 1)"
    assert long.html.startswith('<span class="rnn-value rnn-value--phrase">some words &lt;that&gt;')


@pytest.mark.parametrize(
    ("value", "text"),
    [(1 / 3, "0.3333"), (torch.tensor([0.25]), "[0.25]"), (True, "yes"), ([1, 0.5], "[1, 0.5]")],
)
def test_sentence_value_writes_numbers_to_four_digits(value, text):
    assert sentence_value(value) == text


@pytest.mark.parametrize(
    ("value", "message"), [(torch.zeros(13), "13 numbers is too long"), ("", "no value to show")]
)
def test_sentence_value_refuses_what_cannot_stand_in_a_sentence(value, message):
    with pytest.raises(FenceError, match=message):
        sentence_value(value)


def test_a_long_line_of_output_goes_on_below_and_a_row_of_a_matrix_does_not():
    printed = f"{'1 ' * 40}\n{'word ' * 20}\nend\n"

    content = shown(RUN, Outcome(None, printed=printed), ["print(1)"], Downloads.BESIDE).html

    assert f'{"1 " * 40}\n<span class="rnn-run__long">{"word " * 20}\n</span>end</pre>' in content


def test_a_number_in_a_sentence_has_the_minus_sign_of_drawings():
    assert sentence_value(-0.5) == "−0.5"
    assert sentence_value([-1, 2e-9]) == "[−1, 2e−09]"
    assert sentence_value("LSTM-CRF") == "LSTM-CRF"
