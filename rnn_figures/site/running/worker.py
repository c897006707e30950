"""Answer requests: run a page's fences, one after another, and make what the page shows of them.

In a process of its own (`__main__`): what fences print, break or kill stays in here.
"""

import gc
import linecache
import os
import pathlib
import sys
import traceback
from collections.abc import Iterator

import matplotlib
import torch

from rnn_figures.site.running.digests import file_digest
from rnn_figures.site.running.executing import Chain, ClaimsError, FenceError, evaluate, execute
from rnn_figures.site.running.names import PACKAGE
from rnn_figures.site.running.records import Failure, Fence, Request, Result
from rnn_figures.site.running.showing import shown


def prepare() -> set[str]:
    """Set this process up to run fences; return a set that gets every path that Python opens."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_warn_always(True)  # else a page's bytes depend on what ran before it
    opened = _watch_files()
    # What torch and matplotlib made lives as long as this process, and figures make little: the
    # usual garbage collection, every 700 objects, took a tenth of the time.
    gc.freeze()
    gc.set_threshold(10_000)
    return opened


def answer(request: Request, opened: set[str]) -> Iterator[Result]:
    """Run the fences of one page in order, and yield what each gave, or all that failed in it.

    What runs on from a fence that was stopped is not run, and gives nothing.
    """
    page = request.page
    _let_tracebacks_quote(page, request.fences)
    chain = Chain()
    opened.clear()
    with matplotlib.rc_context():
        for fence, wanted in zip(request.fences, request.wanted, strict=True):
            if fence.starts:
                _fresh_state()
                chain = Chain()
            if chain.stopped:
                yield Result()
                continue
            try:
                result = _result(fence, chain, request, wanted=wanted)
            except ClaimsError as error:
                yield Result(failed=[_failure(claim, fence, page) for claim in error.found])
                continue
            except BaseException as error:  # a fence may raise SystemExit, or anything
                chain.stopped = fence.kind != "value" and not isinstance(error, FenceError)
                yield Result(failed=[_failure(error, fence, page)])
                continue
            chain.reads |= {path for path in map(_below_here, list(opened)) if path}
            result.reads.update({path: file_digest(path) for path in sorted(chain.reads)})
            opened.clear()  # what the digests opened too
            yield result


def _result(fence: Fence, chain: Chain, request: Request, *, wanted: bool) -> Result:
    """Run a fence; return what a page shows of it, or nothing if others alone need it."""
    if fence.leaves_no_mark:
        program, outcome = [], evaluate(fence, chain, request.page)
    else:
        program = [*chain.code, fence.code]
        outcome = execute(fence, chain, request.page)
    return shown(fence, outcome, program, request.downloads) if wanted else Result()


def _watch_files() -> set[str]:
    """Return a set that gets every path that Python opens from now on."""
    opened: set[str] = set()

    def note(event: str, arguments: tuple) -> None:
        if event == "open" and isinstance(arguments[0], str | os.PathLike):
            opened.add(os.fspath(arguments[0]))

    sys.addaudithook(note)
    return opened


def _below_here(path: str | bytes) -> str | None:
    """Return a file's path from the working directory; None if it is not a file of the project."""
    full = pathlib.Path(os.fsdecode(path)).absolute()
    elsewhere = (PACKAGE, pathlib.Path(sys.prefix), pathlib.Path(sys.base_prefix))
    if any(full.is_relative_to(folder) for folder in elsewhere) or "__pycache__" in full.parts:
        return None
    if not full.is_relative_to(pathlib.Path.cwd()) or not full.is_file():
        return None
    return full.relative_to(pathlib.Path.cwd()).as_posix()


def _let_tracebacks_quote(page: str, fences: list[Fence]) -> None:
    """Give Python the lines of the page, so that its tracebacks can show them."""
    lines: list[str] = []
    for fence in fences:
        code = fence.code.splitlines()
        lines += [""] * (fence.line - 1 + len(code) - len(lines))
        lines[fence.line - 1 : fence.line - 1 + len(code)] = code
    linecache.cache[page] = (1, None, [f"{line}\n" for line in lines], page)


def _fresh_state() -> None:
    """Undo what an earlier fence may have set for the whole process."""
    matplotlib.rcdefaults()
    torch.set_default_dtype(torch.float32)
    torch.set_printoptions(profile="default")
    torch.set_grad_enabled(True)
    if torch.are_deterministic_algorithms_enabled():  # to set it again imports half of torch
        torch.use_deterministic_algorithms(False)
    torch.manual_seed(0)


def _failure(error: BaseException, fence: Fence, page: str) -> Failure:
    """Return what the build says of a fence that failed: one line, its place, the traceback."""
    if isinstance(error, FenceError):
        return Failure(line=fence.opening_line, message=str(error))
    frames = traceback.extract_tb(error.__traceback__)
    own = [index for index, frame in enumerate(frames) if frame.filename == page]
    shown = traceback.StackSummary.from_list(frames[own[0] :] if own else frames)
    line = frames[own[-1]].lineno if own else None
    if isinstance(error, SyntaxError) and error.filename == page:
        line = error.lineno
    last = "".join(traceback.format_exception_only(error))
    return Failure(
        line=line or fence.line,
        message=f"{type(error).__name__}: {error}".partition("\n")[0].removesuffix(": "),
        traceback="Traceback (most recent call last):\n" + "".join(shown.format()) + last,
    )
