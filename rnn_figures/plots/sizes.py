"""Every weight of a module as a rectangle to scale, each edge in the tone of its size."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import LETTER, SMALL, TEXT, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.weights import (
    STACKED,
    layers_and_directions,
    parameter_slices,
    suffix,
    weights,
)

NUMBER = 0.13
"""Inches: side of one number of a weight, unless that would be too large."""

MOST_ROWS, MOST_COLUMNS = 64, 48
"""Largest matrix that can still be drawn to scale."""

SLOT, BETWEEN, ABOVE, EDGE = 0.56, 0.38, 0.78, 0.3
"""Inches: least width of a weight, between two, above a layer's weights, left margin."""


LEGEND = 4.7
"""Inches: width of the lines that say what each size is."""

LEGEND_LINE = 0.24
"""Inches from one of these lines to the next."""

BESIDE = 0.025
"""Inches from an edge to its coloured line."""

MIDDLE = 0.045
"""Inches from the foot of the legend's words to the middle of its coloured lines."""


class _Edge(NamedTuple):
    """What one side of a weight is: how long, by which letters, in which colour of the palette."""

    size: int
    letters: str
    colour: str


class _Weight(NamedTuple):
    """One weight: its name, its left edge, its upper edge (None for a bias), its blocks' rows."""

    name: str
    rows: _Edge
    columns: _Edge | None
    blocks: dict[str, slice]

    @property
    def width(self) -> int:
        """Numbers in a row: of a bias one."""
        return self.columns.size if self.columns else 1


@checked
def weight_sizes_plot(module: nn.RNNBase) -> Plot:
    """Draw every weight of a module to scale: one row of rectangles for each layer.

    The left edge of a matrix is as long as what it makes, the upper edge as what it reads. Each
    edge has the tone of its size: H_in as x, H_out as h, H_cell as c, and the stacked rows as what
    is stacked in them. With two directions a layer has each weight twice,
    of the same size; it is drawn once.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass.

    Returns:
        The plot; `data` has a row for each weight. Sizes are read from the live tensors.

    Raises:
        ValueError: the weights are too large to be drawn to scale.
        ProofError: a side is not as long as the weight's.

    Examples:
        >>> weight_sizes_plot(nn.LSTM(5, 4, proj_size=2)).alt.split(". ")[1]
        'Layer 0: weight_ih 16 × 5, weight_hh 16 × 2, bias_ih 16, bias_hh 16, weight_hr 2 × 4.'
    """
    layers = [_weights(module, layer, 0) for layer in range(module.num_layers)]
    tallest = max(weight.rows.size for layer in layers for weight in layer)
    widest = max(weight.width for layer in layers for weight in layer)
    if tallest > MOST_ROWS or widest > MOST_COLUMNS:
        raise ValueError(
            f"expected weights of at most {MOST_ROWS} × {MOST_COLUMNS}, got {tallest} × {widest} "
            f"in {describe(module)}; draw a smaller module of the same kind"
        )
    number = min(NUMBER, 2.4 / tallest, 2.0 / widest)
    legend = _legend(layers)
    height = module.num_layers * (ABOVE + number * tallest) + 0.31 + LEGEND_LINE * len(legend)
    rows = (sum(_slot(weight, number) for weight in layer) for layer in layers)
    width = max(LEGEND, EDGE + max(rows))
    with plot_style():
        plot = new_plot(height, arranged=False)
        plot.set_figwidth(width)
        axes = plot.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(-height, 0)
        for layer, row in enumerate(layers):
            top = -(layer + 1) * ABOVE - layer * number * tallest
            _draw_layer(axes, module, layer, row, top=top, number=number)
        _draw_sizes(axes, legend, [*layers[0][0].blocks], y=0.22 - height)
    plot.alt = _alt(module, layers)
    plot.data = _table(module)
    plot.proof = Proof(
        f"every side as long as that of the weight in {describe(module)}",
        *_compare_sides(plot, module, number),
        *_compare_edges(plot.axes[0]),
    )
    prove_shown(plot, scaled=False)
    return plot


def _compare_sides(plot: Plot, module: nn.RNNBase, number: float) -> Iterator[Comparison]:
    """Compare each row of the table, and each rectangle, with the shape of the live weight."""
    listed = {row[0]: row[1:4:2] for row in plot.data.rows}  # rows, columns; no columns: None
    rectangles = [patch for patch in plot.axes[0].patches if isinstance(patch, Rectangle)]
    for name, weight in module.named_parameters():
        yield compare(name, listed[name][: weight.dim()], tuple(weight.shape))
        if name.endswith("_reverse"):
            continue
        blocks = [p for p in rectangles if str(p.get_gid()).endswith(f"-{name}")]
        drawn = (sum(block.get_height() for block in blocks), blocks[0].get_width())
        sides = [side / number for side in drawn[: weight.dim()]]
        yield compare(f"the rectangle of {name}", sides, tuple(weight.shape), within=1e-9)


def _compare_edges(axes: Axes) -> Iterator[Comparison]:
    """Compare each coloured line with the edge of its rectangles, or with the words beside it."""
    rectangles = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    boxes = {str(one.get_gid()): one.get_bbox() for one in rectangles}
    written = [text.get_position()[1] for text in axes.texts]
    for line in axes.lines:
        gid = str(line.get_gid())
        xs, ys = (np.sort(of).tolist() for of in np.asarray(line.get_xydata()).T)
        if gid.startswith("rows-"):
            box = boxes["q-" + gid.removeprefix("rows-")]
            given = [box.x0 - BESIDE] * 2 + [box.y0, box.y1]
            yield compare(f"the line {gid}", xs + ys, given, within=1e-9)
        elif gid.startswith("columns-"):
            of = [box for name, box in boxes.items() if name.endswith(gid.removeprefix("columns"))]
            given = [of[0].x0, of[0].x1] + [max(box.y1 for box in of) + BESIDE] * 2
            yield compare(f"the line {gid}", xs + ys, given, within=1e-9)
        else:
            nearest = min(written, key=lambda y: abs(y + MIDDLE - ys[0]))
            yield compare("a line of the legend", ys, [nearest + MIDDLE] * 2, within=1e-9)


def _weights(module: nn.RNNBase, layer: int, direction: int) -> list[_Weight]:
    """Read the weights of one layer in one direction, with what each of their edges is."""
    blocks = len(STACKED[class_name(module)])
    stacked = f"{blocks}·H_cell" if blocks > 1 else "H_cell"
    reads = ("H_in", "x") if layer == 0 else ("2·H_out" if module.bidirectional else "H_out", "h")
    upper = {"weight_ih": reads, "weight_hh": ("H_out", "h"), "weight_hr": ("H_cell", "c")}
    slices = parameter_slices(module)
    found = []
    for name, weight in weights(module, layer, direction).items():
        left = ("H_out", "h") if name == "weight_hr" else (stacked, "ink")
        columns = _Edge(weight.shape[1], *upper[name]) if name in upper else None
        of_block = slices[name + suffix(layer, direction)]
        found.append(_Weight(name, _Edge(weight.shape[0], *left), columns, of_block))
    return found


def _draw_layer(
    axes: Axes, module: nn.RNNBase, layer: int, row: list[_Weight], *, top: float, number: float
) -> None:
    """Draw the weights of one layer side by side, under the layer's name."""
    words = f"layer {layer}: names end in {suffix(layer, 0)}"
    words += f" and {suffix(layer, 1)}, two of each" if module.bidirectional else ""
    axes.text(EDGE - 0.22, top + 0.52, words, fontsize=TEXT)
    left = EDGE
    for weight in row:
        _draw_weight(axes, weight, left, top, number=number, gid=f"{weight.name}_l{layer}")
        left += _slot(weight, number)


def _slot(weight: _Weight, number: float) -> float:
    """Return the width of a weight in inches, with the space after it."""
    return max(SLOT, number * weight.width) + BETWEEN


def _draw_weight(
    axes: Axes, weight: _Weight, left: float, top: float, *, number: float, gid: str
) -> None:
    """Draw one weight with its upper left corner at (left, top)."""
    width, height = number * weight.width, number * weight.rows.size
    for letter, rows in weight.blocks.items():
        size = number * (rows.stop - rows.start)
        y = top - number * rows.stop
        fill: dict[str, Any] = {"facecolor": COLOURS[letter] + "2e", "edgecolor": COLOURS["faint"]}
        block = Rectangle((left, y), width, size, linewidth=0.6, gid=f"q-{letter}-{gid}", **fill)
        axes.add_patch(block)
        if size >= 0.16:
            look: dict[str, Any] = {"color": COLOURS[letter], "fontweight": "bold", "ha": "center"}
            look |= {"fontsize": min(LETTER - 2, 60 * size, 70 * width), "va": "center_baseline"}
            axes.text(left + width / 2, y + size / 2, letter, **look)
    for letter, rows in weight.blocks.items():
        ends = [top - number * rows.start, top - number * rows.stop]
        _edge_line(axes, [left - BESIDE] * 2, ends, letter, gid=f"rows-{letter}-{gid}")
    beside: dict[str, Any] = {"ha": "right", "va": "center", "color": COLOURS[weight.rows.colour]}
    axes.text(left - 0.07, top - height / 2, str(weight.rows.size), **beside)
    if weight.columns:
        ends = [left, left + width]
        _edge_line(axes, ends, [top + BESIDE] * 2, weight.columns.colour, gid=f"columns-{gid}")
        above: dict[str, Any] = {"ha": "center", "color": COLOURS[weight.columns.colour]}
        axes.text(left + width / 2, top + 0.08, str(weight.columns.size), **above)
    axes.text(left - 0.02, top + 0.26, weight.name, fontsize=SMALL)


def _edge_line(
    axes: Axes, xs: list[float], ys: list[float], colour: str, *, gid: str | None = None
) -> None:
    """Draw a thick line along an edge."""
    axes.plot(xs, ys, color=COLOURS[colour], linewidth=3, solid_capstyle="butt", gid=gid)


def _legend(layers: list[list[_Weight]]) -> list[dict[float, _Edge]]:
    """Return the lines below, from the top: every size there is, by where it begins."""
    both = (edge for layer in layers for weight in layer for edge in (weight.columns, weight.rows))
    lines: list[dict[float, _Edge]] = [{}]
    x = EDGE - 0.22
    for edge in {edge.letters: edge for edge in both if edge}.values():
        width = 0.62 + 0.075 * len(f"{edge.size} = {edge.letters}")
        if x + width > LEGEND + 0.3:
            lines.append({})
            x = EDGE - 0.22
        lines[-1][x] = edge
        x += width
    return lines


def _draw_sizes(
    axes: Axes, legend: list[dict[float, _Edge]], stacked: list[str], *, y: float
) -> None:
    """Write below what each size is, in its tone; y is that of the lowest line."""
    for index, line in enumerate(reversed(legend)):
        up = y + LEGEND_LINE * index
        for x, edge in line.items():
            tones = stacked if edge.colour == "ink" else [edge.colour]
            for number, tone in enumerate(tones):
                start = x + 0.24 * number / len(tones)
                _edge_line(axes, [start, start + 0.24 / len(tones)], [up + MIDDLE] * 2, tone)
            text = f"{edge.size} = {edge.letters}"
            axes.text(x + 0.31, up, text, color=COLOURS[edge.colour])


def _alt(module: nn.RNNBase, layers: list[list[_Weight]]) -> str:
    """List the weights of each layer with their sizes."""
    sentences = [f"Weights of {describe(module)} as rectangles to scale"]
    for number, layer in enumerate(layers):
        sizes = ", ".join(
            f"{weight.name} {weight.rows.size}"
            + (f" × {weight.columns.size}" if weight.columns else "")
            for weight in layer
        )
        twice = ", each once for forward and once for reverse" if module.bidirectional else ""
        sentences.append(f"Layer {number}{twice}: {sizes}")
    return ". ".join(sentences) + "."


def _table(module: nn.RNNBase) -> Table:
    """List every weight of every layer and direction."""
    rows = []
    for layer, direction in layers_and_directions(module):
        for weight in _weights(module, layer, direction):
            left, upper = weight.rows, weight.columns
            columns = (upper.size, upper.letters) if upper else (None, "")
            name, numbers = weight.name + suffix(layer, direction), left.size * weight.width
            rows.append((name, left.size, left.letters, *columns, numbers))
    return Table(("weight", "rows", "rows are", "columns", "columns are", "numbers"), rows)
