"""Write what a reader's own layer or model computed as one file: diagrams, gates, weights."""

import html
import importlib.resources
import os
import pathlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams import unrolled_diagram, weight_sheet_diagram
from rnn_figures.figures import FigureLike
from rnn_figures.html.frame import to_html
from rnn_figures.models import Call, called, calls, recurrent_layers, untouched
from rnn_figures.palette import DARK, LIGHT, NAMES, variable
from rnn_figures.plots import gate_plot, gradient_lag_plot
from rnn_figures.stacks import layers_of
from rnn_figures.tables import h_n_table, parameter_table, shape_table
from rnn_figures.weights import DIRECTIONS, layers_and_directions

MOST_FOR_GRADIENTS = 4096
"""A run with more numbers in one sequence's output is reported without its gradients: they cost a
backward pass for each feature."""

MOST_CALLS = 8
"""Calls of a model's layers that are drawn; a decoder may call one for every token."""

MOST_UNITS = 64
"""Units that a gate plot draws; the trace has them all."""


def explain(
    module: nn.Module,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
    path: str | os.PathLike[str] = "explain.html",
) -> pathlib.Path:
    """Run a layer, or any model that has one in it, and write what happened inside as one file.

    The file needs nothing else: no network, no other file, no script. It follows the reader's
    light or dark scheme, and its drawings can be saved as SVG, its numbers as CSV. For each
    recurrent layer it has the parameters and the weights; for each call of it, up to the eighth of
    the run, the shapes, the unrolled diagram, which row of h_n and c_n is where, the gates of the
    first sequence at every step, of up to 64 units, and, unless the output is large, how far back
    the last output depends on the input. What is left out is said.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or a model that calls some.
        input: What the module takes.
        hx: Its second argument, if it is given one: a layer's initial state.
        path: Where to write; a file that is there is replaced.

    Returns:
        The path.

    Raises:
        FileNotFoundError: there is no folder to write to.
        IsADirectoryError: `path` is a folder.
        TypeError: `hx` is a path: give it by name.
        ValueError: there is no recurrent layer in the model, or one has active dropout.
        TraceMismatchError: the gates do not give what a layer returned; nothing is written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     explain(nn.GRU(5, 3), torch.zeros(8, 1, 5), path=f"{folder}/gru.html").name
        'gru.html'
    """
    if isinstance(hx, str | os.PathLike):
        raise TypeError(f"expected a state as the third argument, got {hx!r}; write path={hx!r}")
    path = pathlib.Path(path)
    if path.is_dir():
        raise IsADirectoryError(
            f"expected a file to write, got the folder {path}; name one in it, {path}/explain.html"
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"expected a folder to write {path.name} to, got {path.parent}, which does not exist; "
            "make it first"
        )
    given = (input,) if hx is None else (input, hx)
    layers = recurrent_layers(module)
    with untouched(module):  # some figures run the layer again
        found = calls(module, *given)
        silent = layers.keys() - {call.name for call in found}
        page = _page(module, found, sorted(silent))
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _page(module: nn.Module, found: list[Call], silent: list[str]) -> str:
    """Return the whole file."""
    titles = [_title(found, index) for index in range(len(found))]
    title = titles[0] if len(found) == 1 else f"{type(module).__name__}, layer by layer"
    torch_version = torch.__version__.partition("+")[0]
    words = [f"<p>Computed from one run of the module, torch {torch_version}.</p>"]
    words += [f"<p>The run did not call {html.escape(called(name))}.</p>" for name in silent]
    if len(found) > MOST_CALLS:
        words.append(f"<p>Drawn are the first {MOST_CALLS} of {len(found)} calls.</p>")
        found, titles = found[:MOST_CALLS], titles[:MOST_CALLS]
    contents = "\n".join(
        f'<li><a href="#call-{index}">{html.escape(text)}</a></li>'
        for index, text in enumerate(titles)
    )
    sections = []
    for index, call in enumerate(found):
        if len(found) > 1:
            sections.append(f'<h2 id="call-{index}">{html.escape(titles[index])}</h2>')
        first = all(other.module is not call.module for other in found[:index])
        sections += _sections(call, index, first)
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title>",
            f"<style>\n{_style()}</style>\n</head>\n<body>\n<h1>{html.escape(title)}</h1>",
            *words,
            f"<nav><ul>\n{contents}\n</ul></nav>" if len(found) > 1 else "",
            *sections,
            "</body>\n</html>\n",
        ]
    )


def _title(found: list[Call], index: int) -> str:
    """Return the heading of a call: whose it is, and which, if there are several."""
    call = found[index]
    same = [other for other, made in enumerate(found) if made.name == call.name]
    which = f", call {same.index(index) + 1} of {len(same)}" if len(same) > 1 else ""
    name = f"{call.name}: " if call.name else ""
    return f"{name}{describe(call.module)}{which}"


def _sections(call: Call, index: int, first: bool) -> Iterator[str]:
    """Walk what the report has of one call: figures in their frames, and what is left out.

    Args:
        call: The call.
        index: Which call of the run it is, from 0.
        first: True if it is the first of its layer, whose weights are then shown.
    """
    figures = [*_of_the_call(call), *(_of_the_layer(call.module) if first else ())]
    for name, caption, figure in figures:
        yield to_html(figure, id=f"call-{index}-{name}", caption=html.escape(caption))
    module = call.module
    width = module.proj_size or module.hidden_size
    numbers = len(call.trace[0, 0].h) * width * call.trace.num_directions
    if numbers > MOST_FOR_GRADIENTS:
        yield (
            "<p>Not drawn: how far back the last output reaches. A sequence's output has "
            f"{numbers} numbers, {MOST_FOR_GRADIENTS} are the most for a report.</p>"
        )
        return
    caption = "How much the last output depends on the input k steps before it, from zero states."
    plot = gradient_lag_plot({class_name(module): [(module, call.input)]})
    yield to_html(plot, id=f"call-{index}-gradients", caption=caption)


def _of_the_call(call: Call) -> Iterator[tuple[str, str, FigureLike]]:
    """Walk the figures of one call: a name, a caption, the figure."""
    module, run = call.module, call.trace
    sequence = " of the first sequence" if len(run.lengths) > 1 else ""
    shapes = shape_table(module, call.input, call.hx)
    yield "shapes", "What went in, what came out, and what the layer has.", shapes
    yield (
        "unrolled",
        f"The run{sequence}. Each state runs along its arrows; ringed cells are what is returned.",
        unrolled_diagram(run),
    )
    yield "rows", "Which row of the final states is which slice of output.", h_n_table(run)
    many = module.hidden_size > MOST_UNITS and not module.proj_size
    units = range(MOST_UNITS) if many else None
    which = f", the first {MOST_UNITS} of {module.hidden_size} units" if many else ""
    for layer, direction in layers_and_directions(module):
        where = f"Layer {layer}, {DIRECTIONS[direction]}"
        yield (
            f"gates-{layer}-{direction}",
            f"{where}: what it computed at each step{sequence}{which}.",
            gate_plot(run, layer=layer, direction=direction, units=units),
        )


def _of_the_layer(module: nn.RNNBase) -> Iterator[tuple[str, str, FigureLike]]:
    """Walk the figures of a layer, which are the same for all its calls."""
    yield "parameters", "Every parameter, and what is stacked in it.", parameter_table(module)
    plain = layers_of(module, 0, module.num_layers)  # a parametrized weight is no parameter
    for layer, direction in layers_and_directions(module):
        yield (
            f"weights-{layer}-{direction}",
            f"Layer {layer}, {DIRECTIONS[direction]}: its weights, in the bands of the gates.",
            weight_sheet_diagram(plain, layer=layer, direction=direction),
        )


def _style() -> str:
    """Return the style sheet: the colours of both schemes, of each quantity, and the look."""
    schemes = []
    for colours in (LIGHT, DARK):
        rules = "".join(f"  {variable(name)}: {colour};\n" for name, colour in colours.items())
        schemes.append(f":root {{\n{rules}}}\n")
    letters = "".join(f".q-{letter} {{ color: var({variable(letter)}); }}\n" for letter in NAMES)
    light, dark = schemes
    sheets = (
        importlib.resources.files("rnn_figures.html").joinpath(name).read_text("utf-8")
        for name in ("figure.css", "report.css")
    )
    return "\n".join([light, f"@media (prefers-color-scheme: dark) {{\n{dark}}}", letters, *sheets])
