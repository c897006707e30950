"""What a runner asks of its worker, and what it takes from its cache."""

import pytest

from rnn_figures.site.running import runner
from rnn_figures.site.running.process import WorkerLostError
from rnn_figures.site.running.records import Failure, Request, Result
from rnn_figures.site.running.runner import Runner
from tests.site.running import run


class Answering:
    """A worker that answers at once: with its fence's code, or as a test says."""

    asked: list[Request]
    answers: dict[str, object]
    closed: list[str]

    def __init__(self, version: str) -> None:
        self.version = version

    def ask(self, request: Request) -> None:
        self.asked.append(request)
        self.coming = list(request.fences)

    def reply(self, limit: float) -> object:
        fence = self.coming.pop(0)
        answer = self.answers.get(fence.code, Result(html=fence.code))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        self.closed.append(self.version)


@pytest.fixture
def asked(monkeypatch) -> list[Request]:
    """What workers are asked; each answers with the code."""
    Answering.asked, Answering.answers, Answering.closed = [], {}, []
    monkeypatch.setattr(runner, "Worker", Answering)
    return Answering.asked


def codes(request: Request) -> list[tuple[str, bool]]:
    return [
        (fence.code, wanted) for fence, wanted in zip(request.fences, request.wanted, strict=True)
    ]


def failed(line: int, message: str, traceback: str = "") -> Result:
    return Result(failed=[Failure(line=line, message=message, traceback=traceback)])


def test_results_are_in_the_order_of_the_fences_and_kept(asked, tmp_path):
    fences = [run("1"), run("2"), run("1")]

    found = [Runner(tmp_path).results("a.md", fences) for _ in range(2)]

    assert [result.html for result in found[0]] == ["1", "2", "1"]
    assert found[1] == found[0]
    assert len(asked) == 1


def test_what_is_missing_runs_with_what_it_runs_on_from(asked, tmp_path):
    alone = Runner(tmp_path)
    alone.results("a.md", [run("a"), run("b", starts=False), run("c")])

    alone.results(
        "a.md", [run("a"), run("b", starts=False), run("c"), run("d", starts=False), run("e")]
    )

    assert codes(asked[1]) == [("c", False), ("d", True), ("e", True)]


def test_no_fence_runs_on_from_an_inline_value(asked, tmp_path):
    alone = Runner(tmp_path)
    alone.results("a.md", [run("a"), run("v", kind="value", starts=False)])

    alone.results("a.md", [run("a"), run("v", kind="value", starts=False), run("b", starts=False)])

    assert codes(asked[1]) == [("a", False), ("b", True)]


def test_cached_is_nothing_unless_all_is_there(asked, tmp_path):
    alone = Runner(tmp_path)
    alone.results("a.md", [run("a")])
    package = runner.read_package()

    there = alone.cached([run("a")], package)

    assert there == [Result(html="a")]
    assert alone.cached([run("a"), run("b")], package) is None


def test_result_is_made_again_when_a_file_that_it_read_has_changed(asked, tmp_path):
    Answering.answers["a"] = Result(reads={str(tmp_path / "weights"): "the digest of before"})
    for _ in range(2):
        Runner(tmp_path).results("a.md", [run("a")])

    assert len(asked) == 2


def test_of_a_page_with_a_failure_nothing_is_kept(asked, tmp_path):
    Answering.answers["b"] = failing = failed(7, "ZeroDivisionError")
    alone = Runner(tmp_path)

    for _ in range(2):
        assert alone.results("a.md", [run("a"), run("b")]) == [Result(html="a"), failing]

    assert codes(asked[1]) == [("a", True), ("b", True)]
    assert Answering.closed == []


def test_a_fence_that_fails_costs_the_others_nothing(asked, tmp_path):
    Answering.answers["b"] = failed(7, "B")
    Answering.answers["c"] = WorkerLostError("it ended")

    found = Runner(tmp_path).results("a.md", [run(code, line=9) for code in "abcd"])

    assert found == [Result(html="a"), failed(7, "B"), failed(8, "it ended"), Result(html="d")]


def test_a_failure_in_the_past_of_what_is_missing_is_told(asked, tmp_path):
    alone = Runner(tmp_path)
    alone.results("a.md", [run("a")])
    Answering.answers["a"] = failed(1, "A")

    found = alone.results("a.md", [run("a"), run("b", starts=False)])

    assert found[0] == failed(1, "A")


def test_what_comes_after_a_lost_worker_is_run_by_another(asked, tmp_path):
    Answering.answers["b"] = WorkerLostError("it ended", "Segmentation fault")
    fences = [run("a"), run("b", line=4), run("c", starts=False), run("d")]

    found = Runner(tmp_path).results("a.md", fences)

    assert found[1:3] == [failed(3, "it ended", "Segmentation fault"), Result()]
    assert [codes(request)[0][0] for request in asked] == ["a", "d"]
    assert len(Answering.closed) == 1


def test_interrupted_runner_closes_its_worker(asked, tmp_path):
    Answering.answers["a"] = KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt):
        Runner(tmp_path).results("a.md", [run("a")])

    assert len(Answering.closed) == 1


def test_changed_package_renews_the_worker(asked, tmp_path, monkeypatch):
    alone = Runner(tmp_path)
    for number, version in enumerate(["one", "one", "two"]):
        monkeypatch.setattr(runner, "digest", lambda *_, version=version: version)
        alone.results("a.md", [run(f"{number}")])

    assert Answering.closed == ["one"]
