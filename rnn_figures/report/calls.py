"""The figures of one call: shapes, unrolled run, final states, gates, and the layer's weights."""

import html
from collections.abc import Iterator, Mapping, Sequence

from torch import nn

from rnn_figures.configurations import class_name
from rnn_figures.diagrams import unrolled_diagram, weight_sheet_diagram
from rnn_figures.figures import FigureLike, Plot
from rnn_figures.html.frame import to_html
from rnn_figures.models import Call, answering
from rnn_figures.plots import gate_plot, gradient_lag_plot
from rnn_figures.report.losses import LOSS_CAPTION, loss_plot
from rnn_figures.report.maps import maps_html
from rnn_figures.report.reaches import CAPTION, reach_plot
from rnn_figures.tables import h_n_table, parameter_table, shape_table
from rnn_figures.traces.selection import MOST_CELLS
from rnn_figures.verdict.records import Reach
from rnn_figures.weights import DIRECTIONS, layers_and_directions, num_directions

MOST_FOR_GRADIENTS = 4096
"""Numbers of one sequence's output up to which the gradient of each is taken: they cost a backward
pass for each feature. Of more, random projections are."""


def call_sections(
    call: Call,
    index: int,
    reaches: Mapping[str, Reach],
    *,
    first: bool,
    symbols: Sequence[str] = (),
) -> Iterator[str]:
    """Walk what the report has of one call, as HTML.

    Args:
        call: The call.
        index: Its number in the run, for the ids.
        reaches: How far back its layers read, by their place in words.
        first: True if it is the first of its layer, whose weights are then shown.
        symbols: A label for each step of the calls that have as many.
    """
    for name, caption, figure in _figures(call):
        yield to_html(figure, id=f"call-{index}-{name}", caption=html.escape(caption))
    module, run = call.module, call.trace
    sequence = " of the first sequence" if len(run.lengths) > 1 else ""
    for layer, direction in layers_and_directions(module):
        where = f"Layer {layer}, {DIRECTIONS[direction]}"
        anchor = f"call-{index}-gates-{layer}-{direction}"
        if len(run[layer, direction].h) * module.hidden_size > MOST_CELLS:
            yield maps_html(run, layer=layer, direction=direction, id=anchor, where=where)
            continue
        caption = f"{where}: what it computed at each step{sequence}."
        labels = symbols if len(symbols) == len(run[layer, direction].h) else None
        figure = gate_plot(run, layer=layer, direction=direction, symbols=labels)
        yield to_html(figure, id=anchor, caption=caption)
    for name, caption, figure in _of_the_layer(module) if first else ():
        yield to_html(figure, id=f"call-{index}-{name}", caption=html.escape(caption))
    if reaches:  # else its numbers are not finite, or nothing depends on what it read
        caption, figure = _reach(call, reaches)
        yield to_html(figure, id=f"call-{index}-gradients", caption=html.escape(caption))
    if call.gradient is not None:
        figure = loss_plot(call)
        yield to_html(figure, id=f"call-{index}-loss", caption=html.escape(LOSS_CAPTION))


def _reach(call: Call, reaches: Mapping[str, Reach]) -> tuple[str, Plot]:
    """Return a caption, and how far back a call's output reaches, or each of its layers."""
    module = call.module
    width = (module.proj_size or module.hidden_size) * num_directions(module)
    if len(call.trace[0, 0].h) * width > MOST_FOR_GRADIENTS:
        return CAPTION, reach_plot(reaches)
    x = call.input.to(next(module.parameters()).dtype)  # autocast may have made it narrower
    caption = "How much the last output depends on the input k steps before it, from zero states."
    return caption, gradient_lag_plot({class_name(module): [(module, x)]})


def _figures(call: Call) -> Iterator[tuple[str, str, FigureLike]]:
    """Walk the figures of one call: a name, a caption, the figure."""
    run = call.trace
    sequence = " of the first sequence" if len(run.lengths) > 1 else ""
    with answering(call) as module:
        shapes = shape_table(module, call.input, call.hx)
    yield "shapes", "What went in, what came out, and what the layer has.", shapes
    yield (
        "unrolled",
        f"The run{sequence}. Each state runs along its arrows; ringed cells are what is returned.",
        unrolled_diagram(run),
    )
    yield "rows", "Which row of the final states is which slice of output.", h_n_table(run)


def _of_the_layer(module: nn.RNNBase) -> Iterator[tuple[str, str, FigureLike]]:
    """Walk the figures of a layer, which are the same for all its calls."""
    yield "parameters", "Every parameter, and what is stacked in it.", parameter_table(module)
    for layer, direction in layers_and_directions(module):
        yield (
            f"weights-{layer}-{direction}",
            f"Layer {layer}, {DIRECTIONS[direction]}: its weights, in the bands of the gates.",
            weight_sheet_diagram(module, layer=layer, direction=direction),
        )
