"""Run a page's fences in a process of their own: what they print, break or kill stays in here.

`python -m rnn_figures.site.running.worker` reads one request a line from its input and answers one
line for each item that it ran, both JSON. `items` makes the answers.
"""

import faulthandler
import gc
import json
import linecache
import os
import pathlib
import sys
import traceback
from collections.abc import Iterator
from typing import TextIO

import matplotlib
import torch

from rnn_figures.site.running.digests import PACKAGE
from rnn_figures.site.running.items import Chain, Item, ItemError, run


def main() -> None:
    """Answer requests until there are none."""
    requests, replies = _private_streams()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_warn_always(True)  # else a page's bytes depend on what ran before it
    opened = _watch_files()
    gc.freeze()  # what torch and matplotlib made lives as long as we: nobody need look for waste
    gc.set_threshold(10_000)  # and figures make little; to look every 700 objects took a tenth
    print(json.dumps({"ready": True}), file=replies, flush=True)
    for request in requests:
        for reply in answer(json.loads(request), opened):
            print(json.dumps(reply), file=replies, flush=True)


def answer(request: dict, opened: set[str]) -> Iterator[dict]:
    """Run the items of one page in order; stop at the first that fails.

    Args:
        request: `page`, its name; `items`, as `Item` has them; `slots`, the texts that stand for
            `id`, `caption` and `files` in a frame, until the page's own are put there; `exported`,
            true if figures are to give all that an export writes.
        opened: Paths that were opened since they were last taken from it.

    Yields:
        For each item `html`, `files` and `reads`; for one that fails `error`, `line`, `traceback`.
    """
    page = request["page"]
    items = [Item(**item) for item in request["items"]]
    _let_tracebacks_quote(page, items)
    chain = Chain()
    opened.clear()
    with matplotlib.rc_context():
        for item in items:
            if item.starts:
                _fresh_state()
                chain = Chain()
            try:
                reply = run(item, chain, page, request["slots"], exported=request["exported"])
            except BaseException as error:  # a fence may raise SystemExit, or anything
                yield _failure(error, item, page)
                return
            chain.reads |= {path for path in map(_below_here, list(opened)) if path}
            opened.clear()
            yield reply | {"reads": sorted(chain.reads)}


def _private_streams() -> tuple[TextIO, TextIO]:
    """Keep the pipes to the build for ourselves: whatever prints from now on prints nowhere."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    faulthandler.enable()  # says in which line of the page a segmentation fault was
    return requests, replies


def _watch_files() -> set[str]:
    """Return a set that gets every path that Python opens from now on."""
    opened: set[str] = set()

    def note(event: str, arguments: tuple) -> None:
        if event == "open" and isinstance(arguments[0], str | os.PathLike):
            opened.add(os.fspath(arguments[0]))

    sys.addaudithook(note)
    return opened


def _below_here(path: str | bytes) -> str:
    """Return a file's path from the working directory; "" if it is none of the project's files."""
    full = pathlib.Path(os.fsdecode(path)).absolute()
    elsewhere = (PACKAGE, pathlib.Path(sys.prefix), pathlib.Path(sys.base_prefix))
    if any(full.is_relative_to(folder) for folder in elsewhere) or "__pycache__" in full.parts:
        return ""
    if not full.is_relative_to(pathlib.Path.cwd()) or not full.is_file():
        return ""
    return full.relative_to(pathlib.Path.cwd()).as_posix()


def _let_tracebacks_quote(page: str, items: list[Item]) -> None:
    """Give Python the lines of the page, so that its tracebacks can show them."""
    lines: list[str] = []
    for item in items:
        code = item.code.splitlines()
        lines += [""] * (item.line - 1 + len(code) - len(lines))
        lines[item.line - 1 : item.line - 1 + len(code)] = code
    linecache.cache[page] = (1, None, [f"{line}\n" for line in lines], page)


def _fresh_state() -> None:
    """Undo what an earlier fence may have set for the whole process."""
    matplotlib.rcdefaults()
    torch.set_default_dtype(torch.float32)
    torch.set_printoptions(profile="default")
    torch.set_grad_enabled(True)
    if torch.are_deterministic_algorithms_enabled():  # to say it again imports half of torch
        torch.use_deterministic_algorithms(False)
    torch.manual_seed(0)


def _failure(error: BaseException, item: Item, page: str) -> dict:
    """Return what the build says of a fence that failed: one line, its place, the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [place for place, frame in enumerate(frames) if frame.filename == page]
    shown = traceback.StackSummary.from_list(frames[own[0] :] if own else frames)
    line = frames[own[-1]].lineno if own else item.line
    if isinstance(error, SyntaxError) and error.filename == page:
        line = error.lineno
    elif isinstance(error, ItemError):
        return {"error": str(error), "line": item.line - (item.kind != "value"), "traceback": ""}
    said = "".join(traceback.format_exception_only(error))
    return {
        "error": f"{type(error).__name__}: {error}".partition("\n")[0].removesuffix(": "),
        "line": line,
        "traceback": "Traceback (most recent call last):\n" + "".join(shown.format()) + said,
    }


if __name__ == "__main__":
    main()
