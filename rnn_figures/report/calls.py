"""The figures of one call: shapes, unrolled run, final states, gates, and the layer's weights."""

import functools
import html
from collections.abc import Callable, Iterator, Mapping, Sequence

from rnn_figures.configurations import class_name
from rnn_figures.diagrams import unrolled_diagram, weight_sheet_diagram
from rnn_figures.figures import FigureLike, Plot
from rnn_figures.html.frame import to_html
from rnn_figures.models import Call, answering
from rnn_figures.plots import gate_plot, gradient_lag_plot
from rnn_figures.report.gradients import LOSS_CAPTION, REACH_CAPTION, loss_plot, reach_plot
from rnn_figures.report.maps import maps_html
from rnn_figures.tables import h_n_table, parameter_table, shape_table
from rnn_figures.traces.selection import MOST_CELLS
from rnn_figures.verdict.records import Reach
from rnn_figures.weights import DIRECTIONS, layers_and_directions, output_size

MOST_FOR_GRADIENTS = 4096
"""Numbers of one sequence's output up to which the gradient of each is taken: they cost a backward
pass for each feature. Of more, random projections are."""

MOST_MB = 5
"""Megabytes of a whole report, whatever the model."""

FEWEST_BYTES = 5000
"""Bytes below which no figure is tried any more."""

MOST_NAMED = 6
"""Parts that are named where they were left out."""


class Budget:
    """How many bytes the figures of a report may still take, divided evenly among its calls."""

    def __init__(self, most_bytes: int, calls: int) -> None:
        self.left = most_bytes
        self.calls = calls
        self.share = 0

    def begin_call(self) -> None:
        """Give the next call its share; what the calls before it left over is in it."""
        self.share = self.left // self.calls
        self.calls -= 1

    def takes(self, content: str) -> bool:
        """Return whether there is still enough for some HTML, and take it if so."""
        size = len(content.encode())
        fits = size <= self.share
        if fits:
            self.share -= size
            self.left -= size
        return fits


Section = tuple[str, list[Callable[[], str]]]
"""What a part of a report shows, in words, and its forms, the best first: a later one is used where
the one before does not fit."""


def call_sections(
    call: Call,
    index: int,
    reaches: Mapping[str, Reach],
    budget: Budget,
    *,
    first: bool,
    symbols: Sequence[str],
) -> Iterator[str]:
    """Yield what the report has of one call, as HTML; what does not fit is named at the end.

    `reaches` are by the layers' place in words. The first call of a layer shows its weights;
    `symbols` label the steps of calls that have as many.
    """
    budget.begin_call()
    left_out = []
    for words, forms in _sections(call, f"call-{index}", reaches, first=first, symbols=symbols):
        for make in forms:
            if budget.share > FEWEST_BYTES and budget.takes(content := make()):
                yield content
                break
        else:
            left_out.append(words)
    if left_out:
        named = ", ".join(left_out[:MOST_NAMED])
        more = f" and {len(left_out) - MOST_NAMED} more" if len(left_out) > MOST_NAMED else ""
        yield (
            f"<p>Not drawn, so that the file stays below {MOST_MB} MB: {html.escape(named)}{more}. "
            'The numbers of each step can be chosen <a href="#choose">above</a>.</p>'
        )


def _sections(
    call: Call,
    id: str,
    reaches: Mapping[str, Reach],
    *,
    first: bool,
    symbols: Sequence[str],
) -> Iterator[Section]:
    module, run = call.module, call.trace
    sequence = _of_the_first(call)

    def part(name: str, caption: str, make: Callable[[], FigureLike]) -> Section:
        return name, [lambda: _framed(make(), f"{id}-{name}", caption)]

    def shapes() -> FigureLike:
        with answering(call) as module:
            return shape_table(module, call.input, call.hx)

    yield part("shapes", "What went in, what came out, and what the layer has.", shapes)
    yield part(
        "unrolled",
        f"The run{sequence}. Each state runs along its arrows; ringed cells are what is returned.",
        lambda: unrolled_diagram(run),
    )
    caption = "Which row of the final states is which slice of output."
    yield part("rows", caption, lambda: h_n_table(run))
    if reaches:  # else its numbers are not finite, or nothing depends on what it read
        yield "reach", [lambda: _framed(*_reach(call, reaches, f"{id}-gradients"))]
    if call.gradient is not None:
        yield part("loss", LOSS_CAPTION, lambda: loss_plot(call))
    for layer, direction in layers_and_directions(module):
        yield _gates(call, id, layer, direction, symbols)
    if not first:
        return
    caption = "Every parameter, and what is stacked in it."
    yield part("parameters", caption, lambda: parameter_table(module))
    for layer, direction in layers_and_directions(module):
        yield part(
            f"weights-{layer}-{direction}",
            f"Layer {layer}, {DIRECTIONS[direction]}: its weights, in the bands of the gates.",
            functools.partial(weight_sheet_diagram, module, layer=layer, direction=direction),
        )


def _framed(figure: FigureLike, id: str, caption: str) -> str:
    """Return a figure whose files a script of the report makes."""
    return to_html(figure, id=id, caption=html.escape(caption), files="")


def _of_the_first(call: Call) -> str:
    return " of the first sequence" if len(call.trace.lengths) > 1 else ""


def _gates(call: Call, id: str, layer: int, direction: int, symbols: Sequence[str]) -> Section:
    """Return the gates of one layer: as a plot of each number if they are few, else as maps."""
    run = call.trace
    where = f"Layer {layer}, {DIRECTIONS[direction]}"
    anchor = f"{id}-gates-{layer}-{direction}"
    steps = len(run[layer, direction].h)
    labels = symbols if len(symbols) == steps else None

    def plot() -> str:
        caption = f"{where}: what it computed at each step{_of_the_first(call)}."
        figure = gate_plot(run, layer=layer, direction=direction, symbols=labels)
        return _framed(figure, anchor, caption)

    def maps() -> str:
        return maps_html(run, layer=layer, direction=direction, id=anchor, where=where)

    small = steps * call.module.hidden_size <= MOST_CELLS
    return f"gates of {where.lower()}", [plot, maps] if small else [maps]


def _reach(call: Call, reaches: Mapping[str, Reach], id: str) -> tuple[Plot, str, str]:
    """Return how far back a call's output reaches, or each of its layers; its id, its caption."""
    module = call.module
    if len(call.trace[0, 0].h) * output_size(module) > MOST_FOR_GRADIENTS:
        return reach_plot(reaches), id, REACH_CAPTION
    x = call.input.to(next(module.parameters()).dtype)  # autocast may have made it narrower
    caption = "How much the last output depends on the input k steps before it, from zero states."
    return gradient_lag_plot({class_name(module): [(module, x)]}), id, caption
