import pytest
from torch import nn

from rnn_figures.course import documentation_code_table, documentation_table
from rnn_figures.course.documentation import CLAIMS, Claim, evaluate, is_documented


def claim(quote: str) -> Claim:
    return Claim(nn.LSTM, quote, "wrong", "1 + 1", "it is {}")


def test_documentation_table_shows_a_row_for_each_sentence_found():
    table = documentation_table()

    found = [claim.verdict for claim in CLAIMS if is_documented(claim)]
    assert [row["verdict"] for row in table] == found
    assert found  # the installed torch has at least one of them


def test_documentation_code_table_has_the_code_of_each_row_of_the_other():
    code, table = documentation_code_table(), documentation_table()

    quotes = "the documentation says"
    assert [row[quotes] for row in code] == [row[quotes] for row in table]
    found = [claim for claim in CLAIMS if is_documented(claim)]
    assert [row["code"] for row in code] == [claim.code for claim in found]


def test_documentation_table_turns_off_a_row_whose_sentence_is_mended():
    table = documentation_table(
        (
            claim("final hidden state for each element in the batch, at last"),
            claim("Note that this"),
        )
    )

    assert [row["the documentation says"] for row in table] == ["Note that this"]
    assert [row["a run says"] for row in table] == ["it is 2"]


def test_is_documented_ignores_line_breaks():
    assert is_documented(claim("Note that   this does\nnot apply"))


@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_every_claim_runs_and_shows_its_value(number):
    value = evaluate(CLAIMS[number].code)

    assert value is not False  # each says "…: {}", with True where it is a comparison
    assert "{}" in CLAIMS[number].says


def test_evaluate_leaves_the_random_state_alone():
    import torch

    before = torch.get_rng_state()

    evaluate("torch.randn(3).sum().item()")

    assert torch.equal(torch.get_rng_state(), before)


def test_evaluate_refuses_code_without_a_value():
    with pytest.raises(ValueError, match="an expression on the last line"):
        evaluate("a = 1")


def test_documentation_table_shows_no_tick_since_a_verdict_is_an_opinion():
    assert documentation_table().checked == ""
