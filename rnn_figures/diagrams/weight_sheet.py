"""Draw every number of one layer's weights on a sheet, cut into the bands of the gates."""

import math
from typing import NamedTuple

from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import LINE, SMALL, Canvas, symbol, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.gate_rows import prove_rows
from rnn_figures.numbers import number
from rnn_figures.palette import NAMES
from rnn_figures.traces.selection import layer_index
from rnn_figures.weights import DIRECTIONS, parameter_slices, suffix, weights

MOST_NUMBERS = 300
"""A layer with more numbers is drawn as bands alone."""

NUMBER = (30.8, 18.0)
"""Width and height of a number's box; 1 between two."""

BAND = (66.0, 34.0)
"""Width and height of the rows of a quantity without numbers."""

ROW_NUMBER = 17.0
"""Width of a row's number."""

BETWEEN = 5.0
"""Between the rows of two quantities, and between two parameters."""

LETTER = 6.2
"""Width of a letter of a name, on average."""


class _Parameter(NamedTuple):
    """One parameter on the sheet: as (rows, columns), a bias as one column, and where it is."""

    kind: str
    suffix: str
    values: Tensor
    shape: tuple[int, ...]
    rows: dict[str, slice]
    left: float
    numbered: bool

    @property
    def width(self) -> float:
        """Width of its columns, its name or what is written below it, whichever is widest."""
        columns = (NUMBER[0] + 1) * self.values.shape[1] if self.numbered else BAND[0]
        text = LETTER * max(len(self.kind), len(self.suffix))
        return max(columns, text, {"weight_ih": 70.0, "weight_hr": 88.0}.get(self.kind, 0.0))

    @property
    def name(self) -> str:
        """Its name in the state dict."""
        return self.kind + self.suffix

    def band(self, canvas: Canvas, letter: str) -> Matrix:
        """Return the rows of one quantity: a box for each number, or one for all of them."""
        rows, above = self.rows[letter], list(self.rows).index(letter)
        shape, cell, first = (rows.stop - rows.start, self.values.shape[1]), NUMBER, rows.start
        if not self.numbered:
            shape, cell, first = (1, 1), BAND, above
        across, down = (cell[0] + 1, cell[1] + 1) if self.numbered else cell
        x = self.left + self.width / 2 - (shape[1] - 1) * across / 2
        y = -above * BETWEEN - (first + 0.5) * down
        name = f"{letter}-{self.name}"
        return Matrix(canvas, name, shape, at=(x, y), cell=cell, gap=1.0)

    def extent(self, canvas: Canvas, letter: str) -> Box:
        """Return the extent of the rows of one quantity, with half of the gap around them."""
        return self.band(canvas, letter)[:, :].grown(0.5 if self.numbered else 0.0)


@checked
def weight_sheet_diagram(module: nn.RNNBase, *, layer: int = 0, direction: int = 0) -> Diagram:
    """Draw the weights of one layer in one direction: every number, the bands of the gates apart.

    A band has its quantity's colour, the more opaque the larger the number; beside it are the
    letter and the rows, the same in each matrix. Above 300 numbers the bands are drawn alone.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass.
        layer: From 0; negative counts from the top.
        direction: 0 forward, 1 reverse.

    Returns:
        The Diagram; its table has every number. That the bands are the gates was proved by
        changing each in a copy.

    Raises:
        IndexError: it has no such layer or direction.
        RuntimeError: this torch stacks the gates in another order.
    """
    layer = layer_index(module, layer, direction)
    proof = prove_rows(module, (layer, direction))
    parameters = _parameters(module, layer, direction)
    canvas = Canvas(
        "weights",
        alt=_alt(module, parameters, layer, direction),
        data=_numbers(parameters) if parameters[0].numbered else _bands(parameters),
        proof=proof,
    )
    finite = [parameter.values[parameter.values.isfinite()].abs() for parameter in parameters]
    largest = max((float(size.max()) for size in finite if size.numel()), default=0.0) or 1.0
    for parameter in parameters:
        _draw_heading(canvas, parameter)
        if parameter.numbered:
            _draw_numbers(canvas, parameter, largest)
        else:
            _draw_bands(canvas, parameter)
        lines = _use(parameter.kind, module, layer, direction)
        below = parameter.extent(canvas, list(parameter.rows)[-1]).bottom
        canvas.write(f"use-{parameter.name}", lines, at=below, gap=4, width=parameter.width)
    _draw_labels(canvas, parameters)
    if parameters[0].numbered:
        prove_shown(canvas, _texts(module, layer, direction))
    return canvas


def _texts(module: nn.RNNBase, layer: int, direction: int) -> dict[str, str]:
    """Return what must stand in each box, by the module's own parameters."""
    end, slices = suffix(layer, direction), parameter_slices(module)
    return {
        f"{letter}-{kind}{end}-{row}-{column}": number(value)
        for kind, weight in weights(module, layer, direction).items()
        for letter, rows in slices[kind + end].items()
        for row in range(rows.start, rows.stop)
        for column, value in enumerate(_columns(weight)[row].tolist())
    }


def _columns(weight: Tensor) -> Tensor:
    """Return numbers as the sheet has them: float64, a bias as one column, (R,) -> (R, 1)."""
    values = weight.detach().double().cpu()
    return values if values.dim() == 2 else values[:, None]


def _parameters(module: nn.RNNBase, layer: int, direction: int) -> list[_Parameter]:
    """Read the parameters of one layer in one direction, and put them side by side."""
    slices, found = parameter_slices(module), weights(module, layer, direction)
    numbered = sum(weight.numel() for weight in found.values()) <= MOST_NUMBERS
    end = suffix(layer, direction)
    labels = _label_width(slices[f"weight_ih{end}"]) + _aside(numbered)
    left, parameters = labels, []
    for kind, weight in found.items():
        if kind == "weight_hr":  # its rows are not the others': they have labels of their own
            left += BETWEEN + labels
        rows, shape = slices[kind + end], tuple(weight.shape)
        parameters.append(_Parameter(kind, end, _columns(weight), shape, rows, left, numbered))
        left += parameters[-1].width + BETWEEN
    return parameters


def _aside(numbered: bool) -> float:
    """Return the distance between labels and numbers: the numbers of the rows stand there."""
    return ROW_NUMBER if numbered else 8.0


def _label_width(bands: dict[str, slice]) -> float:
    """Return how wide a letter and its rows are, such as "o [192:256]"."""
    return 36 + LETTER * len(str(max(rows.stop for rows in bands.values()))) * 2


def _draw_heading(canvas: Canvas, parameter: _Parameter) -> None:
    """Write name and shape above a parameter, and the numbers of its columns."""
    first = next(iter(parameter.rows))
    lines = [words(parameter.kind, bold=True), words(parameter.suffix, bold=True)]
    lines.append(words(str(parameter.shape)))
    above, gap = parameter.extent(canvas, first).top, 5 + (LINE + 1 if parameter.numbered else 0)
    canvas.write(f"name-{parameter.name}", lines, at=above, gap=gap, width=parameter.width)
    if parameter.numbered and len(parameter.shape) == 2:
        texts = [words(str(column), colour="faint") for column in range(parameter.shape[1])]
        band, width = parameter.band(canvas, first), NUMBER[0] - 2
        band.name_columns(f"column-{parameter.name}-{{column}}", texts, width=width, gap=2.5)


def _draw_numbers(canvas: Canvas, parameter: _Parameter, largest: float) -> None:
    """Draw every number of a parameter, tinted by its size."""
    for letter, rows in parameter.rows.items():
        band = parameter.band(canvas, letter)
        for row, values in enumerate(parameter.values[rows].tolist()):
            for column, value in enumerate(values):
                band.fill(
                    row,
                    column,
                    words(number(value)),
                    name=f"{band.name}-{rows.start + row}-{column}",
                    quantity=letter,
                    share=abs(value) / largest if math.isfinite(value) else 1.0,
                    look="tint",
                    style="filled",
                )


def _draw_bands(canvas: Canvas, parameter: _Parameter) -> None:
    """Draw the rows of each quantity as one box with its shape."""
    for letter, rows in parameter.rows.items():
        shape = (rows.stop - rows.start, *parameter.shape[1:])
        text = words(str(shape), colour="ink")
        canvas.fill(parameter.band(canvas, letter)[0, 0], text, quantity=letter)


def _use(kind: str, module: nn.RNNBase, layer: int, direction: int) -> list[str]:
    """Return in lines what the columns of a parameter are multiplied with."""

    def small(text: str) -> str:
        return symbol(text, colour=text[0], size=SMALL)

    if kind == "weight_hr":
        return [words("× ") + small("o") + words(" ⊙ tanh ") + small("c[t]")]
    if kind == "weight_hh":
        return [words("× ") + small("h[t+1]" if direction else "h[t−1]")]
    if kind != "weight_ih":
        return [words("added")]
    if layer == 0:
        return [words("× ") + small("x[t]")]
    lines = [words("× ") + small("h[t]"), words(f"of layer {layer - 1}")]
    return lines + [words("(both halves)")] * module.bidirectional


def _draw_labels(canvas: Canvas, parameters: list[_Parameter]) -> None:
    """Write letter and rows of each quantity left of its numbers, and the number of each row."""
    first, *others = parameters
    width = _label_width(first.rows)
    for parameter in [first, *(one for one in others if one.kind == "weight_hr")]:
        right = parameter.left - _aside(parameter.numbered)
        for letter, rows in parameter.rows.items():
            extent = parameter.extent(canvas, letter)
            canvas.box(
                f"{letter}-label-{parameter.name}",
                symbol(letter) + words(f"  [{rows.start}:{rows.stop}]"),
                at=(right - width / 2, extent.y),
                size=(width - 4, extent.height - 1),
                quantity=letter,
            )
            band = parameter.band(canvas, letter)
            for row in range(rows.start, rows.stop) if parameter.numbered else ():
                at = (right + ROW_NUMBER / 2, band[row - rows.start, 0].y)
                text = words(str(row), colour="faint")
                canvas.write(f"row-{parameter.name}-{row}", text, at=at, width=ROW_NUMBER - 3)


def _numbers(parameters: list[_Parameter]) -> Table:
    """List every number: its parameter, row, column and quantity."""
    rows = [
        (parameter.name, row, column if len(parameter.shape) == 2 else None, letter, value)
        for parameter in parameters
        for letter, band in parameter.rows.items()
        for row in range(band.start, band.stop)
        for column, value in enumerate(parameter.values[row].tolist())
    ]
    return Table(("parameter", "row", "column", "quantity", "value"), rows)


def _bands(parameters: list[_Parameter]) -> Table:
    """List every band: its parameter, quantity, rows and shape."""
    rows = [
        (
            parameter.name,
            letter,
            f"[{band.start}:{band.stop}]",
            (band.stop - band.start, *parameter.shape[1:]),
        )
        for parameter in parameters
        for letter, band in parameter.rows.items()
    ]
    return Table(("parameter", "quantity", "rows", "shape"), rows)


def _alt(module: nn.RNNBase, parameters: list[_Parameter], layer: int, direction: int) -> str:
    """Describe how many numbers there are, in which shapes, and which rows are which gate."""
    shapes = ", ".join(f"{parameter.name} {parameter.shape}" for parameter in parameters)
    count = sum(parameter.values.numel() for parameter in parameters)
    total = sum(parameter.numel() for parameter in module.parameters())
    whose = f"The {total} numbers" if count == total else f"{count} of the {total} numbers"
    bands = ", ".join(
        f"{_rows_in_words(rows)} {letter}, the {NAMES[letter]}"
        for letter, rows in parameters[0].rows.items()
    )
    each = "each of them" + (" but weight_hr" if module.proj_size else "")
    return (
        f"{whose} of {describe(module)}: layer {layer}, {DIRECTIONS[direction]}: {shapes}. "
        f"In {each} {bands}."
    )


def _rows_in_words(rows: slice) -> str:
    """Write "rows 3 to 5 are", or "row 3 is"."""
    last = rows.stop - 1
    return f"row {last} is" if rows.start == last else f"rows {rows.start} to {last} are"
