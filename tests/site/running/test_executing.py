"""Code of fences run as a notebook runs cells."""

import pytest
import torch

from rnn_figures.site.running.executing import Chain, evaluate, execute
from rnn_figures.site.running.records import Fence
from tests.site.running import run

PROJECTED = "nn.LSTM(5, 3, proj_size=2)(x)[0].shape"


def raises(code: str, type: str) -> Fence:
    return Fence(kind="raises", code=code, line=1, type=type)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("a = 1\na + 1", 2),
        ("a = 1", None),
        ("1;", None),
        ("", None),
        ("torch.manual_seed(3)", None),
    ],
)
def test_execute_gives_the_last_expression_as_a_notebook_shows_it(code, value):
    assert execute(run(code), Chain(), "a.md").value == value


def test_execute_keeps_prints_and_warnings_apart():
    code = 'import sys, warnings\nprint("out"); print("err", file=sys.stderr); warnings.warn("w")'

    outcome = execute(run(code), Chain(), "a.md")

    assert outcome.printed == "out\nerr\n"
    assert [str(warning) for warning in outcome.warned] == ["w"]


def test_execute_goes_on_in_its_chain_and_notes_the_code():
    chain = Chain()
    execute(run("a = 1"), chain, "a.md")

    assert execute(run("a + 1"), chain, "a.md").value == 2
    assert chain.code == ["a = 1", "a + 1"]


def test_execute_gives_an_announced_error_and_leaves_its_code_out():
    chain = Chain()

    outcome = execute(raises("1 / 0", "ZeroDivisionError"), chain, "a.md")

    assert isinstance(outcome.error, ZeroDivisionError)
    assert chain.code == []


def test_execute_lets_an_error_through_that_nobody_announced():
    with pytest.raises(ZeroDivisionError) as caught:
        execute(run("a = 1\n1 / 0", line=7), Chain(), "a.md")

    last = caught.traceback[-1]
    assert (str(last.path), last.lineno + 1) == ("a.md", 8)


def test_execute_leaves_out_the_warning_of_every_projected_lstm_unless_it_is_announced():
    torch.set_warn_always(True)
    try:
        assert execute(run(PROJECTED), Chain(), "a.md").warned == ()
        assert execute(raises(PROJECTED, "UserWarning"), Chain(), "a.md").warned != ()
    finally:
        torch.set_warn_always(False)


def test_evaluate_leaves_no_mark_on_the_chain_or_the_random_numbers():
    chain = Chain()
    execute(run("a = 1"), chain, "a.md")
    before = torch.random.get_rng_state()

    outcome = evaluate(Fence(kind="value", code="(a := 5), torch.rand(1)", line=1), chain, "a.md")

    assert isinstance(outcome.value, tuple)
    assert outcome.value[0] == 5
    assert chain.namespace["a"] == 1
    assert chain.code == ["a = 1"]
    assert torch.equal(torch.random.get_rng_state(), before)
