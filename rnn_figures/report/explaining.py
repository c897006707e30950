"""Explain a reader's own layer or model in a file: the verdict first, then every call."""

import html
import os
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked, is_recurrent
from rnn_figures.configurations import describe
from rnn_figures.machine import replace_file
from rnn_figures.models import Call, Run, called, place, run_model
from rnn_figures.report.calls import MOST_MB, Budget, call_sections
from rnn_figures.report.chooser import chooser_html
from rnn_figures.report.page import page_html, scripts
from rnn_figures.report.verdicts import verdict_html
from rnn_figures.verdict import Verdict, judge
from rnn_figures.weights import layers_and_directions

MOST_CALLS = 8
"""Calls of a model's layers that are drawn; a model may make many more."""

MOST_BYTES = MOST_MB * 1_000_000 - 10_000
"""Bytes of the file, without the headings and sentences between the figures."""


@checked
def explain(
    module: nn.Module,
    *args: Any,
    path: str | os.PathLike[str] = "explain.html",
    loss: Callable[[Any], Tensor] | None = None,
    symbols: Sequence[str] = (),
    **kwargs: Any,
) -> pathlib.Path:
    """Run a layer, or any model that has one in it, and write what happened inside as one file.

    The file begins with the verdict of `diagnose`: what is wrong, or how much was checked and
    nothing found. Then its reader chooses call, layer, sequence, quantity and unit, and sees the
    numbers. Then, of each recurrent layer, parameters and weights; of at most eight calls, those
    of an alarm first, the shapes, the unrolled diagram, which row of h_n and c_n is where, how far
    back each layer reads, and the gates of the first sequence at every step, of all units. The
    file stays below 5 MB; what is left out for that is named in it. It needs no network and no
    other file, follows the reader's light or dark scheme, and all but the choosing and the files
    of the figures is there without scripts.

    The model runs once, as `diagnose` runs it, and is left as it was. All is drawn from that run.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or a model that calls some, or cells.
        *args: What the module takes.
        path: Where to write; a file that is there is replaced.
        loss: Makes one number of what the module returns, with gradients on; how much it depends
            on what each layer read at each step is drawn then.
        symbols: A label for each step, such as the tokens that were read.
        **kwargs: What the module takes by name.

    Returns:
        The path.

    Raises:
        FileNotFoundError: there is no folder to write to.
        IsADirectoryError: `path` is a folder.
        TypeError: an argument of a layer is a path: give it by name; or `loss` returned something
            else than one number that depends on the output.
        ValueError: there is no recurrent layer in the model, or not one symbol for each step of
            any call.
        TraceMismatchError: no call could be traced; the first reason is raised, also if it is
            another, and nothing is written.
        Exception: whatever the model itself raises, after what ran until then was written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     explain(nn.GRU(5, 3), torch.zeros(8, 1, 5), path=f"{folder}/gru.html").name
        'gru.html'
    """
    for value in args:
        path_like = isinstance(value, str | os.PathLike)
        if path_like and (is_recurrent(module) or str(value).endswith(".html")):
            raise TypeError(f"expected tensors, got {value!r}; write path={value!r}")
    report = explained(module, args, kwargs, path=path, loss=loss, symbols=symbols)
    if report.error is not None:
        raise report.error
    return report.path


class Report(NamedTuple):
    """A report that was written, or of which nothing could be.

    Attributes:
        path: Where it is.
        verdict: What it begins with; None if nothing was written.
        error: What the model raised; None as a rule.
    """

    path: pathlib.Path
    verdict: Verdict | None
    error: Exception | None


def explained(
    module: nn.Module,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    *,
    path: str | os.PathLike[str],
    loss: Callable[[Any], Tensor] | None = None,
    symbols: Sequence[str] = (),
    drawing: Callable[[list[str]], Iterator[str]] = iter,
) -> Report:
    """Write the report that `explain` writes, and return its verdict too.

    `drawing` walks the headings of what is drawn, one after the other: a progress bar.
    """
    path = _writable(pathlib.Path(path))
    run = run_model(module, args, kwargs, loss=loss, readers=True)
    if not run.calls and run.error is None and run.refused:
        raise next(iter(run.refused.values()))
    if not run.calls and run.error is not None:
        return Report(path, None, run.error)
    with torch.inference_mode(False), torch.random.fork_rng([]):
        verdict = judge(run)
        page = _page(module, run, verdict, _fitting(run, symbols), drawing)
    replace_file(path, page.encode())
    return Report(path, verdict, run.error)


def _fitting(run: Run, symbols: Sequence[str]) -> list[str]:
    """Return the labels of the steps as text; raise ValueError where no call has as many steps."""
    lengths = {int(call.trace.lengths.max()) for call in run.calls}
    if symbols and len(symbols) not in lengths:
        several = " or ".join(map(str, sorted(lengths)))
        raise ValueError(f"expected a symbol for each of {several} steps, got {len(symbols)}")
    return [str(symbol) for symbol in symbols]


def _writable(path: pathlib.Path) -> pathlib.Path:
    """Return the path, or raise where it is a folder, or lies in none."""
    if path.is_dir():
        raise IsADirectoryError(
            f"expected a file to write, got the folder {path}; name one in it, {path}/explain.html"
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"expected a folder to write {path.name} to, got {path.parent}, "
            "which does not exist or is a file; make it first"
        )
    return path


def _page(
    module: nn.Module,
    run: Run,
    verdict: Verdict,
    symbols: list[str],
    drawing: Callable[[list[str]], Iterator[str]],
) -> str:
    titles = [_title(run.calls, index) for index in range(len(run.calls))]
    title = titles[0] if len(titles) == 1 else f"{type(module).__name__}, layer by layer"
    drawn = _most_telling(run, verdict)
    shown = [run.calls[index] for index in drawn]
    names = [titles[index] for index in drawn]
    script = scripts() if shown else ""
    body = [
        verdict_html(verdict),
        *_words(run, shown),
        _contents(dict(zip(drawn, names, strict=True))),
    ]
    if shown:
        body.append(chooser_html(shown, names, symbols))
    budget = Budget(MOST_BYTES - len(page_html(title, body, script=script).encode()), len(shown))
    for index, name in zip(drawn, drawing(names), strict=True):
        call = run.calls[index]
        if len(run.calls) > 1:
            body.append(f'<h2 id="call-{index}">{html.escape(name)}</h2>')
        first = next(other for other in shown if other.name == call.name) is call
        places = [place(call.name, *where) for where in layers_and_directions(call.module)]
        own = {where: reach for where, reach in verdict.reaches.items() if where in places}
        body += call_sections(call, index, own, budget, first=first, symbols=symbols)
    return page_html(title, body, script=script)


def _most_telling(run: Run, verdict: Verdict) -> list[int]:
    """Return which calls are drawn: of the layers and calls of an alarm, then the first of each."""
    alarms = {(finding.module, finding.call) for finding in verdict.alarms}
    ranks = []
    for index, call in enumerate(run.calls):
        which = sum(other.name == call.name for other in run.calls[:index])
        ranks.append(((call.name, which) not in alarms, which, index))
    return sorted(index for *_, index in sorted(ranks)[:MOST_CALLS])


def _words(run: Run, shown: Sequence[Call]) -> list[str]:
    """Return what is to be known of the run, a paragraph each."""
    torch_version = torch.__version__.partition("+")[0]
    words = [f"Computed from one run of the module, torch {torch_version}."]
    if run.error is not None:
        kind = type(run.error).__name__
        words.append(f"The model raised {kind}: {run.error} Below is what ran until then.")
        if run.failed:
            words.append(f"In the call that failed, {run.failed}.")
    words += run.notes
    words += [f"Not traced: {called(name)}: {error}" for name, error in run.refused.items()]
    words += [f"Not traced: {called(name)} {why}." for name, why in run.untraceable.items()]
    words += [f"The run did not call {called(name)}." for name in run.silent]
    for call in shown:
        if call.calls > 1:
            words.append(f"{call.calls} calls of {called(call.name)}, one step each, are one run.")
    if len(run.calls) > len(shown):
        words.append(
            f"Drawn are {len(shown)} of {len(run.calls)} calls: those of an alarm, if any, then "
            "the first of each layer."
        )
    return [f"<p>{html.escape(text)}</p>" for text in words]


def _contents(titles: Mapping[int, str]) -> str:
    """Return links to the calls, if there are several."""
    items = "\n".join(
        f'<li><a href="#call-{index}">{html.escape(name)}</a></li>'
        for index, name in titles.items()
    )
    return f"<nav><ul>\n{items}\n</ul></nav>" if len(titles) > 1 else ""


def _title(calls: list[Call], index: int) -> str:
    """Return the heading of a call: whose it is, and which, if there are several."""
    call = calls[index]
    same = [number for number, other in enumerate(calls) if other.name == call.name]
    which = f", call {same.index(index) + 1} of {len(same)}" if len(same) > 1 else ""
    name = f"{call.name}: " if call.name else ""
    return f"{name}{describe(call.module)}{which}"
