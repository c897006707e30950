"""Requests, answered in this process: results in order, fresh state for each fence, failures."""

import matplotlib
import pytest
import torch

from rnn_figures.site.running import worker
from rnn_figures.site.running.digests import file_digest
from rnn_figures.site.running.records import Downloads, Failure, Fence, Request, Result
from tests.site.running import run


def answers(
    *fences: Fence, wanted: list[bool] | None = None, opened: set[str] | None = None
) -> list[Result]:
    request = Request(
        page="a.md",
        fences=list(fences),
        wanted=wanted or [True] * len(fences),
        downloads=Downloads.INSIDE,
    )
    return list(worker.answer(request, set() if opened is None else opened))


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Paths that Python opened; the working directory is a new one."""
    monkeypatch.chdir(tmp_path)
    return worker._watch_files()


def test_answer_runs_every_fence_in_order():
    found = answers(run("a = 1\na"), run("a + 1", starts=False), run("a", starts=False))

    assert [result.plain.rpartition("```text\n")[2][0] for result in found] == ["1", "2", "1"]


def test_answer_shows_nothing_of_what_only_others_need():
    past, result = answers(run("a = 1\na"), run("a + 1", starts=False), wanted=[False, True])

    assert past == Result()
    assert ">2<" in result.html


def test_answer_undoes_what_a_fence_set():
    answers(
        run("torch.set_default_dtype(torch.float64)\ntorch.use_deterministic_algorithms(True)"),
        run("import matplotlib; matplotlib.rcParams['lines.linewidth'] = 9"),
        run("1"),
    )

    assert torch.get_default_dtype() == torch.float32
    assert not torch.are_deterministic_algorithms_enabled()
    assert matplotlib.rcParams["lines.linewidth"] == matplotlib.rcParamsDefault["lines.linewidth"]


def test_answer_names_the_files_that_a_chain_read(tmp_path, opened):
    (tmp_path / "number.txt").write_text("41")

    found = answers(
        run("open('number.txt').read()"),
        run("1 + 1", starts=False),
        run("2 + 2"),
        opened=opened,
    )

    reads = {"number.txt": file_digest("number.txt")}
    assert [result.reads for result in found] == [reads, reads, {}]


def test_answer_goes_on_after_one_that_fails():
    first, failing, last = answers(run("1"), run("2\n1 / 0", line=5), run("3"))

    assert first.html
    assert last.html
    assert failing.failed == [
        Failure(
            line=6,
            message="ZeroDivisionError: division by zero",
            traceback=(
                "Traceback (most recent call last):\n"
                '  File "a.md", line 6, in <module>\n    1 / 0\n    ~~^~~\n'
                "ZeroDivisionError: division by zero\n"
            ),
        )
    ]


def test_what_runs_on_from_a_stopped_fence_is_not_run():
    found = answers(
        run("1 / 0\na = 1"), run("a", starts=False), run("a", kind="value", starts=False), run("3")
    )

    assert [len(result.failed) for result in found] == [1, 0, 0, 0]
    assert found[1:3] == [Result(), Result()]
    assert found[3].html


def test_what_runs_on_from_a_wrong_claim_is_run():
    found = answers(run("a = 1\nassert a == 2"), run("a / 0", starts=False))

    assert [result.failed[0].message.partition(":")[0] for result in found] == [
        "AssertionError",
        "ZeroDivisionError",
    ]


def test_every_claim_of_a_fence_that_does_not_hold_is_told():
    code = "a = 3\nassert a == 4\nassert a == 3\nassert a < 2\nassert not a\nassert a > 4, 'small'"

    (result,) = answers(run(code, line=5))

    assert [(failure.line, failure.message) for failure in result.failed] == [
        (6, "AssertionError: a == 4: expected 4, got 3"),
        (8, "AssertionError: a < 2: got 3"),
        (9, "AssertionError: not a: got False"),
        (10, "AssertionError: small"),
    ]


def test_an_assert_in_a_function_stops_its_fence():
    (result,) = answers(run("def f():\n    assert False\n\nf()\nassert 1 == 2"))

    assert [failure.line for failure in result.failed] == [2]


@pytest.mark.parametrize(
    ("fence", "line", "message"),
    [
        (run("raise SystemExit(3)", 4), 4, "SystemExit: 3"),
        (run("a = (\n1", 4), 4, "SyntaxError: '(' was never closed"),
        (run("3", 4, kind="figure"), 3, "expected a Table, a Diagram or a Plot"),
        (run("1 / 0", 4, kind="value"), 4, "ZeroDivisionError: division by zero"),
        (run("None", 4, kind="value"), 4, "it has no value to show"),
    ],
)
def test_failure_has_the_line_to_look_at(fence, line, message):
    (result,) = answers(fence)

    (failure,) = result.failed
    assert failure.line == line
    assert failure.message.startswith(message)


def test_a_file_is_a_text_or_a_drawing_and_nothing_else():
    text, drawn = answers(run("'words'", kind="file"), run("cell_diagram('GRU')", kind="file"))
    (wrong,) = answers(run("3", kind="file"))

    assert text.files == {"content": "words"}
    assert drawn.files["content"].startswith("<svg ")
    assert 'id="drawing-gru-cell-x"' in drawn.files["content"]
    assert wrong.failed == [Failure(line=0, message="expected a Diagram or a text, got int")]
