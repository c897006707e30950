"""Draw the sums of one step of an LSTM, from both matrices to the four blocks of the gates."""

from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.cell.numbers import FUNCTIONS
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.records import Trace
from rnn_figures.weights import STACKED, weights

LETTERS = STACKED["LSTM"]
"""Of the four bands, from the top."""

WEIGHT = (13.0, 17.0)
"""Size of a weight's box, which has no number."""

NUMBER = (36.0, 17.0)
"""Size of a box with a number."""

FUNCTION, SIGN, LETTER = 29.0, 13.0, 18.0
"""Width of the box of a function, of a sign, of a letter beside its band."""

BETWEEN_BANDS = 7.0

MOST_UNITS, MOST_COLUMNS = 4, 9
"""More units, or more numbers of x and h together, are not seen at once on a phone."""


class _Sums(NamedTuple):
    """What is added up in one step, and what comes of it; a row for each sum."""

    weight_ih: Tensor
    x: Tensor
    weight_hh: Tensor
    h: Tensor
    bias: Tensor

    @property
    def sums(self) -> Tensor:
        """The sums themselves, (4·H,)."""
        return self.weight_ih @ self.x + self.weight_hh @ self.h + self.bias

    @property
    def gates(self) -> Tensor:
        """The sums squashed: σ of each but g, which has tanh, (4·H,)."""
        squashes = (squash for _, squash in FUNCTIONS["LSTM"].values())
        blocks = zip(squashes, self.sums.chunk(4), strict=True)
        return torch.cat([squash(sums) for squash, sums in blocks])

    @property
    def units(self) -> int:
        """Rows of one band."""
        return len(self.bias) // 4

    def letter(self, row: int) -> str:
        """Return the letter of a row's band."""
        return LETTERS[row // self.units]


@checked
def preactivation_diagram(trace: Trace, *, step: int = -1) -> Diagram:
    """Draw one step of an LSTM's sums: W_ih x + W_hh h + b, then σ or tanh of each block.

    Every row of the two matrices is one sum. The rows come in four bands, one for each of i, f, g
    and o; a band has one row for each unit.

    Args:
        trace: A run of an nn.LSTM without proj_size, of at most 4 units, and at most 9 numbers of
            x and h together; layer 0, forward, sequence 0 is drawn.
        step: Which step.

    Returns:
        The Diagram; its table has a line for each sum.

    Raises:
        IndexError: there is no such step.
        ValueError: the module is another, or too large.
        ProofError: a squashed sum is not the gate of the trace.

    Examples:
        >>> from rnn_figures import trace
        >>> lstm = torch.nn.LSTM(5, 3)
        >>> preactivation_diagram(trace(lstm, torch.zeros(8, 1, 5))).data.columns
        ('sum of', 'unit', 'from x', 'from h', 'bias', 'sum', 'squashed')
    """
    t, found = _read(trace, step)
    drawn, gates = found.sums, found.gates
    run = trace[0, 0]
    given = torch.cat([run[letter][t, 0] for letter in LETTERS])
    terms = (found.weight_ih @ found.x, found.weight_hh @ found.h, found.bias, drawn, gates)
    rows = [
        (found.letter(row), row % found.units, *(float(column[row]) for column in terms))
        for row in range(len(drawn))
    ]
    canvas = Canvas(
        "sums",
        alt=_alt(trace, t, found),
        data=Table(["sum of", "unit", "from x", "from h", "bias", "sum", "squashed"], rows),
        proof=Proof(
            f"squashed sums equal to the gates of {describe(trace.module)}",
            trace.proof,
            compare("the squashed sums", gates, given, within=tolerance(given)),
        ),
    )
    _Sheet(canvas, found).draw()
    read = run.step(t)
    columns = {"x": read["x"], "h": read["h_prev"], "sum": drawn, "squashed": gates}
    expected = {
        f"{name}-{row}": number(value)
        for name, values in columns.items()
        for row, value in enumerate(values.tolist())
    }
    expected |= {f"function-{letter}": sign for letter, (sign, _) in FUNCTIONS["LSTM"].items()}
    expected |= {f"name-{letter}": letter for letter in LETTERS}
    prove_shown(canvas, expected)
    return canvas


def _read(trace: Trace, step: int) -> tuple[int, _Sums]:
    """Return the step, and what its sums are made of; raise ValueError for another module."""
    module, run = trace.module, trace[0, 0]
    columns = module.input_size + module.hidden_size
    small = module.hidden_size <= MOST_UNITS and columns <= MOST_COLUMNS
    if class_name(module) != "LSTM" or module.proj_size or not small:
        raise ValueError(
            f"expected an nn.LSTM without proj_size, of at most {MOST_UNITS} units and "
            f"{MOST_COLUMNS} numbers of x and h together, got {describe(module)}"
        )
    steps = int(run.lengths[0])
    if not -steps <= step < steps:
        raise IndexError(f"expected a step in 0..{steps - 1}, got {step}")
    t = step % steps
    found = {name: weight.detach() for name, weight in weights(module, 0, 0).items()}
    bias = found["weight_ih"].new_zeros(4 * module.hidden_size)
    for name in ("bias_ih", "bias_hh"):
        bias = bias + found.get(name, 0.0)
    h = (run.h[t - 1] if t else run.h_0)[0].detach()
    return t, _Sums(found["weight_ih"], run.x[t, 0].detach(), found["weight_hh"], h, bias)


class _Sheet:
    """The columns from left to right; every row is one sum.

    Args:
        canvas: What is drawn on.
        found: What the sums are made of.
    """

    def __init__(self, canvas: Canvas, found: _Sums) -> None:
        self.canvas = canvas
        self.found = found
        self.x = 0.0

    def draw(self) -> None:
        """Draw everything, from the matrices to the squashed sums."""
        found = self.found
        self._weights("W_ih", found.weight_ih)
        self._vector("x", found.x)
        self._sign("+", 0)
        self._weights("W_hh", found.weight_hh)
        self._vector("h", found.h)
        self._sign("+", 1)
        self._weights("b", found.bias[:, None])
        self._sign("=", 2)
        self._numbers("sum", found.sums)
        self._functions()
        self._numbers("squashed", found.gates)
        for letter in LETTERS:
            at = (self.x + LETTER / 2, self._band(letter).y)
            text = symbol(letter, size=14, colour=letter)
            self.canvas.write(f"name-{letter}", text, at=at, width=LETTER)

    def _y(self, row: int) -> float:
        """Return the height of a row."""
        return -row * (NUMBER[1] + 1) - row // self.found.units * BETWEEN_BANDS

    def _band(self, letter: str) -> Box:
        """Return the extent of a band in the present column of functions."""
        first = LETTERS.index(letter) * self.found.units
        top, last = self._y(first), self._y(first + self.found.units - 1)
        size = (FUNCTION, top - last + NUMBER[1])
        return Box(f"function-{letter}", self.x, (top + last) / 2, *size)

    @property
    def _middle(self) -> float:
        """The height of the middle of all rows."""
        return (self._y(0) + self._y(4 * self.found.units - 1)) / 2

    def _weights(self, name: str, values: Tensor) -> None:
        """Draw a matrix without numbers: the larger a weight, the darker its box."""
        shares = values.abs() / (values.abs().max() or 1.0)
        for row, column in product(*map(range, values.shape)):
            at = (self.x + WEIGHT[0] * (column + 0.5), self._y(row))
            self.canvas.box(
                f"{name}-{row}-{column}",
                at=at,
                size=(WEIGHT[0] - 1, WEIGHT[1]),
                quantity=self.found.letter(row),
                look="tint",
                share=float(shares[row, column]),
                style="filled",
            )
        width = WEIGHT[0] * values.shape[1]
        self._title(name, symbol(name), width)
        self.x += width + 4

    def _vector(self, letter: str, values: Tensor) -> None:
        """Draw what a matrix is multiplied with, beside its middle."""
        pitch = NUMBER[1] + 1
        at = (self.x + NUMBER[0] / 2, self._middle + (len(values) - 1) * pitch / 2)
        boxes = Matrix(
            self.canvas, f"{letter}-{{row}}", (len(values), 1), at=at, cell=NUMBER, gap=1.0
        )
        for row, value in enumerate(values.tolist()):
            boxes.fill(row, 0, words(number(value)), quantity=letter)
        boxes.name_columns(f"title-{letter}", [symbol(letter, colour=letter)], gap=2)
        self.x += NUMBER[0]

    def _numbers(self, name: str, values: Tensor) -> None:
        """Draw a column of numbers, in the colours of their bands."""
        for row, value in enumerate(values.tolist()):
            self.canvas.box(
                f"{name}-{row}",
                words(number(value)),
                at=(self.x + NUMBER[0] / 2, self._y(row)),
                size=NUMBER,
                quantity=self.found.letter(row),
                fontcolor=COLOURS["ink"],
            )
        self._title(name, words(name), NUMBER[0])
        self.x += NUMBER[0]

    def _functions(self) -> None:
        """Draw a box for each band with its function."""
        self.x += FUNCTION / 2 + 4
        for letter, (sign, _) in FUNCTIONS["LSTM"].items():
            self.canvas.fill(self._band(letter), words(sign), quantity=letter, look="card")
        self.x += FUNCTION / 2 + 4

    def _sign(self, text: str, index: int) -> None:
        """Write a sign in the middle."""
        at = (self.x + SIGN / 2, self._middle)
        self.canvas.write(f"sign-{index}", words(text, bold=True), at=at, width=SIGN)
        self.x += SIGN

    def _title(self, name: str, text: str, width: float) -> None:
        """Write the name of a column above it."""
        at = (self.x + width / 2, self._y(0) + NUMBER[1] / 2 + 10)
        self.canvas.write(f"title-{name}", text, at=at, width=max(width, 56.0))


def _alt(trace: Trace, t: int, found: _Sums) -> str:
    """Describe the sums band by band."""
    blocks = zip(LETTERS, found.sums.chunk(4), found.gates.chunk(4), strict=True)
    told = ". ".join(
        f"{letter}: sums {', '.join(map(number, sums.tolist()))}, squashed "
        f"{', '.join(map(number, gates.tolist()))}"
        for letter, sums, gates in blocks
    )
    rows, columns = found.weight_ih.shape
    return (
        f"The sums of step {t} of {describe(trace.module)}: W_ih, {rows} by {columns}, times x, "
        f"plus W_hh, {rows} by {len(found.h)}, times h, plus the biases, are {rows} sums in four "
        f"bands. {told}."
    )
