"""The command line: `rnn-figures --help` lists its commands; each is a module of `shell`."""

import click

from rnn_figures import __version__
from rnn_figures.shell.comparing import compare
from rnn_figures.shell.explaining import explain
from rnn_figures.shell.exporting import diff, export
from rnn_figures.shell.layers import draw, shapes
from rnn_figures.shell.training import train


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Figures of PyTorch's recurrent layers, each computed from a live module.

    \b
    rnn-figures shapes LSTM 5 3 --bidirectional
    rnn-figures draw LSTM 5 3 --num-layers 2 -o lstm.svg
    rnn-figures explain package.module:factory --input 8,1,5

    Exit codes: 0 nothing found, 1 something found (an alarm, a difference) or not to be exported, 2
    wrong use.
    """


for command in (shapes, draw, explain, compare, export, diff, train):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="rnn-figures")
