"""Pages that run ahead of the build: the same results, each thing once, errors at their page."""

import dataclasses

import pytest

from rnn_figures.site.running import pool as pool_module, runner
from rnn_figures.site.running.digests import read_package
from rnn_figures.site.running.pool import PageFences, Pool
from rnn_figures.site.running.records import Downloads, Fence
from rnn_figures.site.running.runner import Runner
from tests.site.running import no_worker, run

FIGURE = Fence(kind="run", code='open("runs.txt", "a").write("x"); 1 + 1', line=3, starts=True)


@pytest.fixture
def pool(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pool = Pool(tmp_path / "cache", jobs=2)
    yield pool
    pool.close()


def test_pages_that_run_ahead_give_what_a_runner_gives(pool, tmp_path):
    pages = {f"{number}.md": [run(f"torch.rand({number})")] for number in (1, 2, 3)}
    pool.ahead(PageFences(name, fences) for name, fences in pages.items())

    found = {name: pool.results(name, fences) for name, fences in pages.items()}

    alone = Runner(tmp_path / "another")
    assert found == {name: alone.results(name, fences) for name, fences in pages.items()}
    alone.close()


def test_pages_of_one_group_run_what_they_share_once(pool, tmp_path):
    pages = [
        PageFences(f"{number}.md", [FIGURE, run(f"{number}")], "the same") for number in range(4)
    ]
    pool.ahead(pages)

    found = [pool.results(name, fences)[0] for name, fences, _ in pages]

    assert all(result.html == found[0].html for result in found)
    assert (tmp_path / "runs.txt").read_text() == "x"


def test_page_that_is_not_what_was_announced_runs_as_it_is(pool):
    pool.ahead([PageFences("a.md", [run("1 + 1")])])

    (result,) = pool.results("a.md", [run("2 + 2")])

    assert ">4<" in result.html


def test_failure_is_told_when_its_page_comes(pool):
    pool.ahead([PageFences("a.md", [run("1 / 0", line=7)]), PageFences("b.md", [run("1 + 1")])])

    assert ">2<" in pool.results("b.md", [run("1 + 1")])[0].html
    (result,) = pool.results("a.md", [run("1 / 0", line=7)])
    assert [(one.line, one.message[:12]) for one in result.failed] == [(7, "ZeroDivision")]


def test_cached_pages_start_no_worker(pool, tmp_path, monkeypatch):
    first = pool.results("a.md", [run("torch.rand(1)")])
    monkeypatch.setattr(runner, "Worker", no_worker)
    another = Pool(tmp_path / "cache", jobs=2)
    another.ahead([PageFences("a.md", [run("torch.rand(1)")])])

    assert another.results("a.md", [run("torch.rand(1)")]) == first
    another.close()


def test_warm_pool_has_the_worker_that_is_used_next(pool, monkeypatch):
    pool.warm()
    monkeypatch.setattr(runner, "Worker", no_worker)

    assert ">2<" in pool.results("a.md", [run("1 + 1")])[0].html


def test_worker_that_was_used_last_is_used_next(pool):
    shown = [
        pool.results(f"{number}.md", [run(f"import os; {number}, os.getppid() > 0, os.getpid()")])
        for number in range(3)
    ]

    processes = {result.html.rpartition(", ")[2] for (result,) in shown}
    assert len(processes) == 1


def test_closed_pool_ends_what_is_running(tmp_path):
    pool = Pool(tmp_path, jobs=1)
    codes = {"a.md": "while True: pass", "b.md": "1", "c.md": "2"}
    pool.ahead(PageFences(name, [run(code)]) for name, code in codes.items())

    pool.close()

    assert not list(tmp_path.rglob("*.json"))


def test_results_of_a_package_that_changed_meanwhile_are_not_kept(tmp_path):
    package = read_package()
    older = dataclasses.replace(package, digests={**package.digests, "palette": "another"})
    alone = Runner(tmp_path)

    (result,) = alone.results("a.md", [run("1 + 1")], older)
    alone.close()

    assert ">2<" in result.html
    assert not list(tmp_path.rglob("*.json"))


def test_results_with_all_that_an_export_writes_have_keys_of_their_own(tmp_path):
    figure = Fence(kind="figure", code='Table(["a"], [(1,)])', line=1, starts=True)
    suffixes = []
    for downloads in (Downloads.BESIDE, Downloads.EXPORTED):
        alone = Runner(tmp_path, downloads)
        suffixes.append(set(alone.results("a.md", [figure])[0].files))
        alone.close()

    assert suffixes == [{"csv", "py"}, {"csv", "py", "json", "txt"}]


def test_a_worker_that_starts_and_is_done_while_the_pool_closes_is_ended(pool, monkeypatch):
    pool.ahead([PageFences("a.md", [run("1 + 1")])])
    right = pool_module.wait

    def late(*args, **kwargs):
        return right(*args, **(kwargs | {"timeout": 30}))  # the page is run within one round

    monkeypatch.setattr(pool_module, "wait", late)
    pool.close()

    assert [runner._worker for runner in pool._everyone] == [None] * len(pool._everyone)
