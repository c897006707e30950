"""Explain a reader's own layer or model in a file: shapes, diagram, gates, weights, all checked."""

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
from rnn_figures.embed import to_html
from rnn_figures.figures import FigureLike
from rnn_figures.layouts import DIRECTIONS
from rnn_figures.models import Call, called, calls, recurrent_layers
from rnn_figures.palette import DARK, LIGHT, NAMES, variable
from rnn_figures.plots import gate_plot, gradient_lag_plot
from rnn_figures.tables import h_n_table, parameter_table, shape_table
from rnn_figures.traces import Trace, trace

MOST_FOR_GRADIENTS = 4096
"""A run with more numbers in one sequence's output is reported without its gradients: they cost a
backward pass for each feature."""


def explain(
    module: nn.Module,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
    path: str | os.PathLike[str] = "explain.html",
) -> pathlib.Path:
    """Run a layer, or any model that has one in it, and write what happened inside as one file.

    The file needs nothing else: no network, no other file, no script. It follows the reader's
    light or dark scheme, and every figure in it can be saved as SVG and CSV. For each call of each
    recurrent layer it has the shapes, the unrolled diagram, which row of h_n and c_n is where, the
    parameters and the weights, every gate of the first sequence at every step, and how far back
    its last output depends on the input.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or a model that calls some.
        input: What the module takes.
        hx: Its second argument, if it is given one: a layer's initial state.
        path: Where to write; a file that is there is replaced.

    Returns:
        The path.

    Raises:
        FileNotFoundError: there is no folder to write to.
        ValueError: there is no recurrent layer in the model, or one has active dropout.
        TraceMismatchError: the gates do not give what a layer returned; nothing is written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     explain(nn.GRU(5, 3), torch.zeros(8, 1, 5), path=f"{folder}/gru.html").name
        'gru.html'
    """
    path = pathlib.Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"expected a folder to write {path.name} to, got {path.parent}, which is none; make it "
            "first"
        )
    given = (input,) if hx is None else (input, hx)
    found = calls(module, *given)
    silent = recurrent_layers(module).keys() - {call.name for call in found}
    path.write_text(_page(module, found, sorted(silent)), encoding="utf-8", newline="\n")
    return path


def _page(module: nn.Module, found: list[Call], silent: list[str]) -> str:
    """Return the whole file."""
    titles = [_title(found, place) for place in range(len(found))]
    title = titles[0] if len(found) == 1 else f"{type(module).__name__}, layer by layer"
    torch_version = torch.__version__.partition("+")[0]
    words = [f"<p>Computed from one run of the module, torch {torch_version}.</p>"]
    words += [f"<p>The run did not call {html.escape(called(name))}.</p>" for name in silent]
    contents = "\n".join(
        f'<li><a href="#call-{place}">{html.escape(text)}</a></li>'
        for place, text in enumerate(titles)
    )
    sections = []
    for place, call in enumerate(found):
        if len(found) > 1:
            sections.append(f'<h2 id="call-{place}">{html.escape(titles[place])}</h2>')
        sections += _figures(call, place)
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


def _title(found: list[Call], place: int) -> str:
    """Return the heading of a call: whose it is, and which, if there are several."""
    call = found[place]
    same = [number for number, other in enumerate(found) if other.name == call.name]
    which = f", call {same.index(place) + 1} of {len(same)}" if len(same) > 1 else ""
    name = f"{call.name}: " if call.name else ""
    return f"{name}{describe(call.module)}{which}"


def _figures(call: Call, place: int) -> Iterator[str]:
    """Walk the figures of one call, each in its frame."""
    run = trace(call.module, call.input, call.hx)
    for name, caption, figure in _parts(call, run):
        yield to_html(figure, id=f"call-{place}-{name}", caption=html.escape(caption))


def _parts(call: Call, run: Trace) -> Iterator[tuple[str, str, FigureLike]]:
    """Walk the figures of one call: a name, a caption, the figure."""
    module = call.module
    first = " of the first sequence" if len(run.lengths) > 1 else ""
    shapes = shape_table(module, call.input, call.hx)
    yield "shapes", "What went in, what came out, and what the layer has.", shapes
    yield (
        "unrolled",
        f"The run{first}. Follow the states from where they start to where they leave, ringed.",
        unrolled_diagram(run),
    )
    yield "rows", "Which row of the final states is which slice of output.", h_n_table(run)
    yield "parameters", "Every parameter, and what is stacked in it.", parameter_table(module)
    for layer in range(module.num_layers):
        for direction in range(1 + module.bidirectional):
            where = f"Layer {layer}, {DIRECTIONS[direction]}"
            what = {"layer": layer, "direction": direction}
            yield (
                f"gates-{layer}-{direction}",
                f"{where}: every quantity{first} at every step.",
                gate_plot(run, **what),
            )
            yield (
                f"weights-{layer}-{direction}",
                f"{where}: the weights, cut into the bands of the gates.",
                weight_sheet_diagram(module, **what),
            )
    width = module.proj_size or module.hidden_size
    if len(run[0, 0].h) * width * (1 + module.bidirectional) <= MOST_FOR_GRADIENTS:
        yield (
            "gradients",
            "How much the last output depends on the input k steps before it, from zero states.",
            gradient_lag_plot({class_name(module): [(module, call.input)]}),
        )


def _style() -> str:
    """Return the style sheet: the colours of both schemes, of each quantity, and the look."""
    schemes = []
    for colours in (LIGHT, DARK):
        rules = "".join(f"  {variable(name)}: {colour};\n" for name, colour in colours.items())
        schemes.append(f":root {{\n{rules}}}\n")
    letters = "".join(f".q-{letter} {{ color: var({variable(letter)}); }}\n" for letter in NAMES)
    look = importlib.resources.files("rnn_figures").joinpath("report.css").read_text("utf-8")
    light, dark = schemes
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n{letters}{look}"
