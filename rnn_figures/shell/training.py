"""Small networks trained anew: train."""

import pathlib

import click

from rnn_figures.shell.errors import WrongUse, writing
from rnn_figures.shell.parameters import TO_WRITE


@click.command()
@click.argument("name")
@click.option("--seeds", type=click.IntRange(1), help="Networks of each kind.")
@click.option("--steps", type=click.IntRange(1), help="Of each network, at most.")
@click.option(
    "--output",
    default="trained",
    show_default=True,
    type=TO_WRITE,
    help="Folder for NAME.safetensors and NAME.json.",
)
def train(name: str, seeds: int | None, steps: int | None, output: pathlib.Path) -> None:
    """Train every network of experiment NAME, and write weights and what was measured.

    A training that was cut off goes on with the first network that is missing. The same machine
    and versions give the same bytes.

    \b
    rnn-figures train counting
    rnn-figures train recall --seeds 1 --steps 200 --output tried
    """
    import torch  # not for --help

    from rnn_figures.training import EXPERIMENTS
    from rnn_figures.training.running import train_all

    if name not in EXPERIMENTS:
        raise WrongUse(f"expected one of {', '.join(EXPERIMENTS)}, got {name!r}")
    experiment = EXPERIMENTS[name]
    torch.set_num_threads(1)  # tiny layers gain nothing from more, and the bytes stay the same
    networks = len(experiment.kinds) * (seeds or experiment.seeds)
    with (
        click.progressbar(length=networks * (steps or experiment.steps), label="steps") as bar,
        writing(output, what="folder"),
    ):
        path = train_all(experiment, output, seeds=seeds, steps=steps, stepped=bar.update)
    click.echo(f"networks: {networks}, in {path}")
