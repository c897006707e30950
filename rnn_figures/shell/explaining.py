"""A report on a model of the reader's, from the shell: the file, the records, the exit code."""

import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import click

from rnn_figures.shell.errors import WrongUse, first_line, writing
from rnn_figures.shell.models import a_model, inputs_of, model_of, running
from rnn_figures.shell.parameters import CHECKPOINT, output

INDICES = "argument #1 'indices'"
"""What torch says of an embedding that was given numbers with a fraction."""


@click.command()
@a_model
@click.option("--state", type=CHECKPOINT, help="A checkpoint of the model, as torch.save wrote it.")
@output(default="explain.html", show_default=True, help="The file to write.")
@click.option("--json", "as_json", is_flag=True, help="The verdict as records, to stdout.")
def explain(
    target: str,
    inputs: tuple[str, ...],
    seed: int,
    train: bool,
    state: pathlib.Path | None,
    path: pathlib.Path,
    as_json: bool,
) -> None:
    """Run a model once, write its report, and say what is wrong with its recurrent layers.

    MODULE:FACTORY is imported from the folder you are in, or from what is installed: a module, or
    a function that returns one. Ends with 0 if there is no alarm, 1 if there are some, 2 if the
    model could not be built or run.

    \b
    rnn-figures explain tagger:build --input 1,20:int64:5000
    rnn-figures explain tagger:build --state best.pt --input batch.pt --json
    """
    from rnn_figures.report.explaining import explained

    model = model_of(target, state=state, seed=seed, train=train)
    with running(target), writing(path):
        report = explained(model, inputs_of(inputs, seed), {}, path=path, drawing=_with_a_bar)
    if report.error is not None:
        written = "" if report.verdict is None else f"; what ran until then is in {path}"
        said = f"{type(report.error).__name__}: {first_line(report.error)}"
        if INDICES in said:
            written += "; it reads indices, below their number: --input 1,20:int64:5000"
        raise WrongUse(f"the model raised {said}{written}")
    assert report.verdict is not None
    click.echo(report.verdict.to_json() if as_json else report.verdict)
    click.echo(f"wrote {path}", err=as_json)
    raise SystemExit(1 if report.verdict.alarms else 0)


def _with_a_bar(headings: list[str]) -> Iterator[Any]:
    """Yield what is drawn, with a progress bar if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from headings
        return
    with click.progressbar(headings, label="drawing", file=sys.stderr) as bar:
        yield from bar
