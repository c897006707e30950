"""Draw every number of one layer's weights on a sheet, cut into the bands of the gates."""

from typing import NamedTuple

from torch import Tensor, nn

from rnn_figures.configurations import describe
from rnn_figures.diagrams.canvas import SMALL, box, label, new_canvas, symbol, words, write
from rnn_figures.diagrams.matrix import shade
from rnn_figures.figures import Diagram, Table
from rnn_figures.gate_rows import prove_rows
from rnn_figures.numbers import number
from rnn_figures.palette import NAMES
from rnn_figures.weights import DIRECTIONS, parameter_slices, suffix, weights

MOST_NUMBERS = 300
"""A layer with more numbers is drawn as bands alone."""

CELL = (35.0, 18.0)
"""Width and height of a number."""

BAND = (92.0, 34.0)
"""Width and height of a band without numbers."""

ROW_NUMBER, LINE = 22.0, 15.0
"""Width of a row's number, height of a line."""

BETWEEN_BANDS, BETWEEN_MATRICES = 5.0, 18.0
"""Room between two bands, and between two matrices."""


class _Matrix(NamedTuple):
    """One parameter on the sheet: as (rows, columns), a bias as one column, and where it is."""

    name: str
    values: Tensor
    shape: tuple[int, ...]
    bands: dict[str, slice]
    left: float
    width: float

    @property
    def room(self) -> float:
        """Width of its place: it, its name or what is written below it, whichever is wider."""
        text = 6.2 * len(self.name.removesuffix("_reverse"))
        return max(self.width, 88.0 if self.name.startswith("weight_hr") else text)

    @property
    def middle(self) -> float:
        """Where the middle of its place is, x."""
        return self.left + self.room / 2


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
        TypeError: the module is no recurrent layer.
        IndexError: it has no such layer or direction.
        RuntimeError: this torch stacks the gates in another order.
    """
    checked = prove_rows(module)
    directions = 2 if module.bidirectional else 1
    if not (-module.num_layers <= layer < module.num_layers and 0 <= direction < directions):
        raise IndexError(
            f"expected a layer in 0..{module.num_layers - 1} and a direction in "
            f"0..{directions - 1}, got layer {layer}, direction {direction}"
        )
    layer %= module.num_layers
    count = sum(weight.numel() for weight in weights(module, layer, direction).values())
    numbered = count <= MOST_NUMBERS
    matrices = _matrices(module, layer, direction, numbered)
    diagram = new_canvas(
        "weights",
        alt=_alt(module, matrices, layer, direction),
        data=_numbers(matrices) if numbered else _bands(matrices),
        proof=checked,
    )
    largest = max(float(matrix.values.abs().max()) for matrix in matrices) or 1.0
    for matrix in matrices:
        _draw_heading(diagram, matrix, numbered)
        if numbered:
            _draw_numbers(diagram, matrix, largest)
        else:
            _draw_bands(diagram, matrix)
        _draw_use(diagram, module, matrix, layer, direction, numbered)
    _draw_labels(diagram, matrices, numbered)
    return diagram


def _matrices(module: nn.RNNBase, layer: int, direction: int, numbered: bool) -> list[_Matrix]:
    """Read the parameters of one layer in one direction, and place them side by side."""
    slices = parameter_slices(module)
    label_width = _label_width(slices[f"weight_ih{suffix(layer, direction)}"])
    left = label_width + (ROW_NUMBER if numbered else 8)
    found = []
    for kind, weight in weights(module, layer, direction).items():
        name = kind + suffix(layer, direction)
        values = weight.detach().double().cpu().reshape(len(weight), -1)  # (R,) -> (R, 1)
        width = CELL[0] * values.shape[1] if numbered else BAND[0]
        if kind == "weight_hr":
            left += (
                label_width  # its rows are not those of the others: they have labels of their own
            )
        found.append(_Matrix(name, values, tuple(weight.shape), slices[name], left, width))
        left += found[-1].room + BETWEEN_MATRICES
    return found


def _label_width(bands: dict[str, slice]) -> float:
    """Return how wide a letter and its rows are, such as "o [192:256]"."""
    return 48 + 6.2 * len(str(max(rows.stop for rows in bands.values()))) * 2


def _top(bands: dict[str, slice], row: int, numbered: bool) -> float:
    """Return y of the upper edge of a row."""
    before = sum(rows.stop <= row for rows in bands.values())
    return -before * (BETWEEN_BANDS if numbered else BETWEEN_BANDS + BAND[1]) - (
        row * CELL[1] if numbered else 0
    )


def _bottom(matrix: _Matrix, numbered: bool) -> float:
    """Return y of the lower edge of a matrix."""
    last = len(matrix.values) - 1
    return _top(matrix.bands, last, numbered) - (CELL[1] if numbered else BAND[1])


def _draw_heading(diagram: Diagram, matrix: _Matrix, numbered: bool) -> None:
    """Write name and shape above a matrix, and the numbers of its columns."""
    name, reverse, _ = matrix.name.partition("_reverse")
    lines = [words(name, bold=True)] + [words(reverse, bold=True)] * bool(reverse)
    lines.append(words(str(matrix.shape)))
    numbers = numbered and len(matrix.shape) == 2
    above = 5 + (LINE + 1 if numbered else 0) + len(lines) * LINE / 2
    write(
        diagram,
        f"weights-name-{matrix.name}",
        lines,
        at=(matrix.middle, above),
        width=matrix.room,
    )
    if numbers:
        for column in range(matrix.shape[1]):
            write(
                diagram,
                f"weights-column-{matrix.name}-{column}",
                [words(str(column), colour="faint")],
                at=(_column(matrix, column), 2 + LINE / 2),
                width=CELL[0] - 3,
            )


def _column(matrix: _Matrix, column: int) -> float:
    """Return x of the middle of a column of numbers."""
    return matrix.middle - matrix.width / 2 + (column + 0.5) * CELL[0]


def _draw_numbers(diagram: Diagram, matrix: _Matrix, largest: float) -> None:
    """Draw every number of a matrix, tinted by its size."""
    for letter, rows in matrix.bands.items():
        for row in range(rows.start, rows.stop):
            y = _top(matrix.bands, row, numbered=True) - CELL[1] / 2
            for column, value in enumerate(matrix.values[row].tolist()):
                box(
                    diagram,
                    f"weights-{letter}-{matrix.name}-{row}-{column}",
                    label(words(number(value), colour="ink")),
                    at=(_column(matrix, column), y),
                    size=(CELL[0] - 1, CELL[1] - 1),
                    colour=letter,
                    look="tint",
                    fillcolor=shade(letter, abs(value) / largest),
                    style="filled",
                    class_=f"q-{letter}",
                )


def _draw_bands(diagram: Diagram, matrix: _Matrix) -> None:
    """Draw each band of a matrix as one box with its shape."""
    for letter, rows in matrix.bands.items():
        y = _top(matrix.bands, rows.start, numbered=False) - BAND[1] / 2
        shape = (rows.stop - rows.start, *matrix.shape[1:])
        box(
            diagram,
            f"weights-{letter}-{matrix.name}",
            label(words(str(shape), colour="ink")),
            at=(matrix.middle, y),
            size=(matrix.width, BAND[1]),
            colour=letter,
            class_=f"q-{letter}",
        )


def _draw_use(
    diagram: Diagram,
    module: nn.RNNBase,
    matrix: _Matrix,
    layer: int,
    direction: int,
    numbered: bool,
) -> None:
    """Write below a matrix what its columns are multiplied with."""
    multiplied = {
        "weight_ih": symbol("x[t]", colour="x", size=SMALL),
        "weight_hh": symbol("h[t+1]" if direction else "h[t−1]", colour="h", size=SMALL),
        "weight_hr": symbol("o", colour="o", size=SMALL)
        + words(" ⊙ tanh ")
        + symbol("c[t]", colour="c", size=SMALL),
    }
    kind = matrix.name.partition("_l")[0]
    lines = [words("× ") + multiplied[kind] if kind in multiplied else words("added")]
    if layer and kind == "weight_ih":
        lines = [
            words("× ") + symbol("h[t]", colour="h", size=SMALL),
            words(f"of layer {layer - 1}"),
        ]
        lines += [words("(both halves)")] * module.bidirectional
    write(
        diagram,
        f"weights-use-{matrix.name}",
        lines,
        at=(matrix.middle, _bottom(matrix, numbered) - 4 - len(lines) * LINE / 2),
        width=matrix.room,
    )


def _draw_labels(diagram: Diagram, matrices: list[_Matrix], numbered: bool) -> None:
    """Write the letter and the rows of each band at its left, and the number of each row."""
    width = _label_width(matrices[0].bands)
    for matrix in [matrices[0]] + [m for m in matrices if m.name.startswith("weight_hr")]:
        right = matrix.left - (ROW_NUMBER if numbered else 8)
        for letter, rows in matrix.bands.items():
            top = _top(matrix.bands, rows.start, numbered)
            height = CELL[1] * (rows.stop - rows.start) if numbered else BAND[1]
            box(
                diagram,
                f"weights-{letter}-label-{matrix.name}",
                label(symbol(letter), words(f"  [{rows.start}:{rows.stop}]")),
                at=(right - width / 2, top - height / 2),
                size=(width - 4, height - 1),
                colour=letter,
                class_=f"q-{letter}",
            )
            for row in range(rows.start, rows.stop) if numbered else ():
                write(
                    diagram,
                    f"weights-row-{matrix.name}-{row}",
                    [words(str(row), colour="faint")],
                    at=(right + ROW_NUMBER / 2, _top(matrix.bands, row, numbered) - CELL[1] / 2),
                    width=ROW_NUMBER - 3,
                )


def _numbers(matrices: list[_Matrix]) -> Table:
    """List every number: its parameter, row, column and quantity."""
    rows = [
        (matrix.name, row, column if len(matrix.shape) == 2 else None, letter, value)
        for matrix in matrices
        for letter, band in matrix.bands.items()
        for row in range(band.start, band.stop)
        for column, value in enumerate(matrix.values[row].tolist())
    ]
    return Table(("parameter", "row", "column", "quantity", "value"), rows)


def _bands(matrices: list[_Matrix]) -> Table:
    """List every band: its parameter, quantity, rows and shape."""
    rows = [
        (
            matrix.name,
            letter,
            f"[{band.start}:{band.stop}]",
            (band.stop - band.start, *matrix.shape[1:]),
        )
        for matrix in matrices
        for letter, band in matrix.bands.items()
    ]
    return Table(("parameter", "quantity", "rows", "shape"), rows)


def _alt(module: nn.RNNBase, matrices: list[_Matrix], layer: int, direction: int) -> str:
    """Say how many numbers there are, in which shapes, and which rows are which gate."""
    shapes = ", ".join(f"{matrix.name} {matrix.shape}" for matrix in matrices)
    count = sum(matrix.values.numel() for matrix in matrices)
    total = sum(parameter.numel() for parameter in module.parameters())
    whose = f"The {total} numbers" if count == total else f"{count} of the {total} numbers"
    bands = ", ".join(
        f"{_rows_in_words(rows)} {letter}, the {NAMES[letter]}"
        for letter, rows in matrices[0].bands.items()
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
