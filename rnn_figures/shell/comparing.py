"""Two checkpoints beside each other, from the shell."""

import pathlib

import click

from rnn_figures.shell.errors import write
from rnn_figures.shell.models import a_model, inputs_of, model_of, running
from rnn_figures.shell.parameters import CHECKPOINT, output


@click.command()
@a_model
@click.argument("before", type=CHECKPOINT)
@click.argument("after", type=CHECKPOINT)
@output(help="Write it as one HTML file too.")
@click.option("--csv", "as_csv", is_flag=True, help="The table, as CSV.")
def compare(
    target: str,
    before: pathlib.Path,
    after: pathlib.Path,
    inputs: tuple[str, ...],
    seed: int,
    train: bool,
    path: pathlib.Path | None,
    as_csv: bool,
) -> None:
    """Say what moved between two checkpoints of a model: gates, states, forgetting times.

    Ends with 0 if nothing moved, 1 if something did, 2 if a model could not be built or run.

    \b
    rnn-figures compare tagger:build start.pt best.pt --input 1,20:int64:5000
    """
    import rnn_figures

    models = [model_of(target, state=state, seed=seed, train=train) for state in (before, after)]
    with running(target):
        moved = rnn_figures.compare(*models, *inputs_of(inputs, seed))
    click.echo(moved.to_table().to_csv() if as_csv else moved, nl=not as_csv)
    if path is not None:
        write(path, moved.to_html().encode())
        click.echo(f"wrote {path}", err=True)
    raise SystemExit(0 if moved.nothing else 1)
