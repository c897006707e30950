"""Worker processes: asked and answered, killed at a limit with all their children, never left."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from rnn_figures.site.running.digests import digest
from rnn_figures.site.running.process import Worker, WorkerLostError
from rnn_figures.site.running.records import Downloads, Fence, Request

BUILD = """
import pathlib, sys
from rnn_figures.site.running.records import Fence
from rnn_figures.site.running.runner import Runner

Runner(pathlib.Path("cache")).results("a.md", [Fence(kind="run", code=sys.argv[1], line=1)])
"""
"""A build of one page."""

ENDLESS = """
import os, pathlib, subprocess
child = subprocess.Popen(["sleep", "600"])
pathlib.Path("pids").write_text(f"{os.getpid()} {child.pid}");
while True: pass
"""
"""A fence that has a child and never ends."""

PACKAGE = pathlib.Path(__file__).parents[3]


def request(code: str) -> Request:
    fence = Fence(kind="run", code=code, line=1)
    return Request(page="a.md", fences=[fence], wanted=[True], downloads=Downloads.INSIDE)


@pytest.fixture
def worker(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    worker = Worker(digest())
    yield worker
    worker.close()


def alive(pid: int) -> bool:
    """Return whether a process runs; one that ended and that nobody waited for does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return state.stdout.strip()[:1] not in ("", "Z")


def all_end(pids: list[int], seconds: float = 2.0) -> bool:
    end = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(map(alive, pids))


def written(path: pathlib.Path) -> list[int]:
    """Return the process ids in a file, once it is there."""
    end = time.monotonic() + 60
    while not (path.exists() and path.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    return [int(pid) for pid in path.read_text().split()]


def test_worker_answers_and_goes_on_after_a_failure(worker):
    replies = []
    for code in ("1 / 0", "1 + 1"):
        worker.ask(request(code))
        replies.append(worker.reply(60))

    assert [len(reply.failed) for reply in replies] == [1, 0]
    assert ">2<" in replies[1].html


def test_what_a_fence_prints_by_any_way_reaches_no_one(worker, capfd):
    worker.ask(request('import os\nos.write(1, b"noise");\nos.system("echo noise");\n1;'))

    assert worker.reply(60).html
    assert capfd.readouterr() == ("", "")


def test_a_fence_has_no_input_to_wait_for(worker):
    worker.ask(request("input()"))

    (failure,) = worker.reply(60).failed

    assert failure.message.startswith("EOFError")


@pytest.mark.slow
def test_at_its_time_limit_a_fence_dies_with_its_children(worker, tmp_path):
    worker.ask(request("1"))
    worker.reply(60)  # it has imported torch
    worker.ask(request(ENDLESS))
    pids = written(tmp_path / "pids")

    with pytest.raises(WorkerLostError, match=r"still running after 0\.1 s"):
        worker.reply(0.1)
    worker.close()

    assert all_end(pids)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "how", "words"),
    [
        ("import os; os._exit(3)", "exit code 3", ""),
        ("import ctypes; ctypes.string_at(0)", "Segmentation fault", 'File "a.md", line 1'),
    ],
)
def test_a_fence_that_ends_its_process_is_told_with_its_last_words(worker, code, how, words):
    worker.ask(request(code))

    with pytest.raises(WorkerLostError, match=how) as lost:
        worker.reply(60)

    assert words in lost.value.last_words


def build(folder: pathlib.Path, code: str) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    return subprocess.Popen([sys.executable, "-c", BUILD, code], cwd=folder, env=environment)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_a_build_that_is_killed_in_a_fence(tmp_path, how):
    process = build(tmp_path, ENDLESS)
    pids = written(tmp_path / "pids")

    process.send_signal(how)
    process.wait()

    assert all_end(pids)


def children(process: subprocess.Popen) -> list[int]:
    """Return the processes that one has started, once there is one."""
    command = ["ps", "-o", "pid=", "--ppid", str(process.pid)]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = subprocess.run(command, capture_output=True, text=True).stdout.split()
        if found:
            return [int(pid) for pid in found]
        time.sleep(0.02)
    pytest.fail("the build started no worker")


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 0.6, 1, 2])
def test_no_worker_outlives_a_build_that_is_killed_while_torch_is_imported(tmp_path, seconds):
    process = build(tmp_path, ENDLESS)
    workers = children(process)
    time.sleep(seconds)

    process.kill()
    process.wait()

    assert all_end(workers)
