"""The command line: `rnn-figures --help` lists its commands; each is a module of `shell`."""

import difflib

import click

from rnn_figures import __version__
from rnn_figures.shell.comparing import compare
from rnn_figures.shell.errors import WrongUse, first_line
from rnn_figures.shell.explaining import explain
from rnn_figures.shell.exporting import diff, export
from rnn_figures.shell.layers import draw, shapes
from rnn_figures.shell.training import train


class _Commands(click.Group):
    """The commands; an unknown one is told which there are."""

    def resolve_command(self, ctx: click.Context, args: list[str]):
        """Return what to run.

        Raises:
            UsageError: there is no such command.
        """
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            known = ", ".join(self.list_commands(ctx))
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            meant = f"; did you mean {near[0]}?" if near else ""
            ctx.fail(f"expected a command of {known}, got {args[0]!r}{meant}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context):
        """Run a command; what cannot be printed is said in one sentence.

        Raises:
            WrongUse: there is no space left where the output goes, for example.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # a reader has enough, as `head` does: no error
        except OSError as error:
            if error.filename is not None:
                raise  # a file, which its command tells of: no matter of printing
            said = first_line(error)
            raise WrongUse(f"expected an output that can be written, got {said}") from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
