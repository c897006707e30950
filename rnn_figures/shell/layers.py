"""A layer that is named by its sizes: its shapes in the terminal, its figures as files."""

import functools
import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

import rnn_figures
from rnn_figures.shell.errors import WrongUse, as_one_sentence, write
from rnn_figures.shell.models import MOST
from rnn_figures.shell.parameters import output, seed

if TYPE_CHECKING:
    from torch import Tensor, nn

OPTIONS = ("num_layers", "bias", "batch_first", "bidirectional", "proj_size", "nonlinearity")
"""What a layer is built with beside its sizes, as torch names it."""

MOST_LAYERS = 1000
"""More are built for minutes."""

SIZE = click.IntRange(1, MOST)
"""A length of an axis."""

FIGURES = ("unrolled", "cell", "gates", "states", "weights", "stack")


def _a_layer(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments of a layer and of its input; it gets a module and an input."""

    @click.argument("kind", type=click.Choice(["LSTM", "GRU", "RNN"], case_sensitive=False))
    @click.argument("input_size", type=SIZE)
    @click.argument("hidden_size", type=SIZE)
    @click.option("--num-layers", default=1, show_default=True, type=click.IntRange(1, MOST_LAYERS))
    @click.option("--bidirectional", is_flag=True, help="Both directions.")
    @click.option("--batch-first", is_flag=True, help="Input is (N, L, H_in).")
    @click.option("--no-bias", "bias", flag_value=False, default=True, help="Without biases.")
    @click.option("--proj-size", default=0, type=click.IntRange(0, MOST), help="H_out of an LSTM.")
    @click.option("--nonlinearity", type=click.Choice(["tanh", "relu"]), help="Of an RNN.")
    @click.option("--length", default=8, show_default=True, type=SIZE, help="Steps.")
    @click.option(
        "--batch",
        default=1,
        show_default=True,
        type=click.IntRange(0, MOST),
        help="Sequences; 0 for an input without a batch axis.",
    )
    @functools.wraps(command)
    def wrapped(kind: str, input_size: int, hidden_size: int, **rest: Any) -> None:
        options = {name: rest.pop(name) for name in OPTIONS}
        length, batch = rest.pop("length"), rest.pop("batch")
        _refuse_too_large(kind, input_size, hidden_size, options, length * max(1, batch))
        module = _built(kind, input_size, hidden_size, options)
        command(module, _input(module, length, batch), **rest)

    return wrapped


@click.command()
@_a_layer
@click.option("--csv", "form", flag_value="csv", help="As CSV.")
@click.option("--markdown", "form", flag_value="markdown", help="As Markdown.")
def shapes(module: "nn.RNNBase", input: "Tensor", form: str | None) -> None:
    """List every tensor of a layer: what goes in, what comes out, every parameter.

    The layer is built and run; the shapes are those of its tensors.

    \b
    rnn-figures shapes LSTM 5 3 --num-layers 2 --bidirectional
    rnn-figures shapes GRU 5 3 --batch-first --batch 4 --csv > shapes.csv
    """
    table = rnn_figures.shape_table(module, input)
    if form == "csv":
        click.echo(table.to_csv(), nl=False)
    elif form == "markdown":
        click.echo(table.to_markdown())
    else:
        click.echo(f"{rnn_figures.describe(module)}\n\n{table}")


@click.command()
@_a_layer
@output(required=True, help="The file to write; its suffix, .svg, .png or .pdf, is its form.")
@click.option(
    "--figure",
    default="unrolled",
    show_default=True,
    type=click.Choice(FIGURES),
    help="What to draw.",
)
@click.option("--layer", default=-1, help="Of cell, gates, states and weights; -1 is the top.")
@click.option("--reverse", is_flag=True, help="The reverse direction, of the same.")
@seed(help="Of the weights and of the input.")
def draw(
    module: "nn.RNNBase",
    input: "Tensor",
    path: pathlib.Path,
    figure: str,
    layer: int,
    reverse: bool,
    seed: int,
) -> None:
    """Draw a layer with weights and an input of a seed, and write it as SVG, PNG or PDF.

    A diagram as PDF is a picture of 288 dots to the inch; plots keep their lines.

    \b
    rnn-figures draw LSTM 5 3 --num-layers 2 --bidirectional -o unrolled.svg
    rnn-figures draw GRU 5 3 --figure gates --length 20 -o gates.png
    """
    import torch

    from rnn_figures.notebook import PICTURES

    if path.suffix.lower() not in PICTURES:
        raise WrongUse(f"expected a file ending in {', '.join(PICTURES)}, got {str(path)!r}")
    torch.manual_seed(seed)
    module.reset_parameters()
    given, where = torch.randn(input.shape), {"layer": layer, "direction": int(reverse)}
    with as_one_sentence(IndexError, ValueError, RuntimeError):
        drawn = _drawn(figure, module, given, where)
    with as_one_sentence(RuntimeError):  # no engine to draw with
        data = drawn.picture(path.suffix.lower())
    write(path, data)
    click.echo(f"wrote {path}")


def _drawn(figure: str, module: "nn.RNNBase", input: "Tensor", where: dict[str, int]) -> Any:
    if figure == "stack":
        return rnn_figures.stack_diagram(module, input)
    if figure == "weights":
        return rnn_figures.weight_sheet_diagram(module, **where)
    run = rnn_figures.trace(module, input)
    if figure == "unrolled":
        return rnn_figures.unrolled_diagram(run)
    if figure == "cell":
        step = run[where["layer"], where["direction"]].step(0)
        return rnn_figures.cell_diagram(module.mode, step)
    plot = {"gates": rnn_figures.gate_plot, "states": rnn_figures.state_plot}[figure]
    return plot(run, **where)


def _refuse_too_large(
    kind: str, input_size: int, hidden_size: int, options: dict[str, Any], steps: int
) -> None:
    """Raise a WrongUse for a layer or a run that no memory holds, before it is built."""
    directions = 1 + options["bidirectional"]
    read = max(input_size, directions * hidden_size)
    weights = options["num_layers"] * directions * hidden_size * (read + hidden_size)
    weights *= {"LSTM": 4, "GRU": 3, "RNN": 1}[kind.upper()]
    for what, numbers in (("the weights", weights), ("what every step reads", steps * read)):
        if numbers > MOST:
            raise WrongUse(
                f"expected sizes of up to {MOST:.0e} numbers, got {numbers:.0e} for {what}; "
                "make them smaller"
            )


def _built(kind: str, input_size: int, hidden_size: int, options: dict[str, Any]) -> "nn.RNNBase":
    """Return the layer; what torch refuses, and an option of another kind, is a WrongUse."""
    from torch import nn

    for name, of, empty in (("proj_size", "LSTM", 0), ("nonlinearity", "RNN", None)):
        if options[name] == empty:
            del options[name]
        elif kind != of:
            option = f"--{name.replace('_', '-')}"
            raise WrongUse(f"expected {option} with {of} only, got {kind}; leave it out")
    with as_one_sentence(ValueError, RuntimeError):  # the sizes may be too large for any memory
        return getattr(nn, kind)(input_size, hidden_size, **options).eval()


def _input(module: "nn.RNNBase", length: int, batch: int) -> "Tensor":
    import torch

    if not batch:
        return torch.zeros(length, module.input_size)
    axes = (batch, length) if module.batch_first else (length, batch)
    return torch.zeros(*axes, module.input_size)
