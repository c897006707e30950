"""What a runner asks of its worker, and what it takes from its cache."""

import pytest

from rnn_figures.site.markdown.errors import PageError
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


def test_failure_names_its_page_and_nothing_is_kept(asked, tmp_path):
    Answering.answers["b"] = [Failure(line=7, message="ZeroDivisionError", traceback="Traceback")]
    alone = Runner(tmp_path)

    for _ in range(2):
        with pytest.raises(PageError, match=r"^a\.md:7: run failed: Zero.*\n\nTraceback"):
            alone.results("a.md", [run("a"), run("b")])

    assert codes(asked[1]) == [("a", True), ("b", True)]
    assert Answering.closed == []


def test_all_failures_are_told_with_a_list_at_the_end(asked, tmp_path):
    Answering.answers["a"] = [Failure(line=3, message="A", traceback="Traceback of A")]
    Answering.answers["b"] = [Failure(line=7, message="B"), Failure(line=8, message="C")]

    with pytest.raises(PageError) as caught:
        Runner(tmp_path).results("a.md", [run("a"), run("b"), run("c")])

    parts = str(caught.value).split("\n\n")
    assert parts[:2] == ["a.md:3: run failed: A", "Traceback of A"]
    assert parts[-1].splitlines() == [
        "3 parts of the site failed:",
        "a.md:3: run failed: A",
        "a.md:7: run failed: B",
        "a.md:8: run failed: C",
    ]


def test_a_failure_hands_on_what_the_other_fences_gave(asked, tmp_path):
    Answering.answers["b"] = [Failure(line=7, message="B")]
    Answering.answers["c"] = WorkerLostError("it ended")
    codes_of = ["a", "b", "c", "d"]

    with pytest.raises(PageError) as caught:
        Runner(tmp_path).results("a.md", [run(code) for code in codes_of])

    assert [result.html for result in caught.value.results] == ["a", "", "", "d"]


def test_what_comes_after_a_lost_worker_is_run_by_another(asked, tmp_path):
    Answering.answers["b"] = WorkerLostError("it ended")
    Answering.answers["d"] = [Failure(line=9, message="D")]
    fences = [run("a"), run("b", line=4), run("c", starts=False), run("d")]

    with pytest.raises(PageError, match=r"a\.md:3: run failed: it ended\na\.md:9: run failed: D"):
        Runner(tmp_path).results("a.md", fences)

    assert [codes(request)[0][0] for request in asked] == ["a", "d"]


def test_lost_worker_is_closed_and_its_fence_named(asked, tmp_path):
    Answering.answers["b"] = WorkerLostError("it ended", "Segmentation fault")

    with pytest.raises(PageError, match=r"^a\.md:6: run failed: it ended\n\nSegmentation fault"):
        Runner(tmp_path).results("a.md", [run("a", line=3), run("b", line=7)])

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
