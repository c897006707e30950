"""A text as one unit sees it: each character in the colour of its c, the truth under it, gates."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.path import Path
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS, DASHES, NAMES
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.heat_maps import fill_cells, runs, shades
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import SMALL, TEXT, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces import trace
from rnn_figures.traces.selection import unit_indices
from rnn_figures.training import Network

COLUMNS = 42
"""Characters of a row, as many as a phone shows in letters that can be read; the end of a full
line still stands beside it."""

GATES = ("f", "i")
"""The gates below the characters: whether c is kept, whether it is written."""

DARKEST = 0.55
"""How opaque the highest |c| is; more, and the character on it could not be read."""

SHADES = 12
"""Shades of c on each side of zero."""

LETTER, UNDERLINE, STRIP, BETWEEN = 16.0, 5.0, 25.0, 9.0
"""Points: a row of characters, the truth under it, each strip below, the space between rows."""

EDGE, KEY = 4.0, 42.0
"""Points: around the plot, and what the words above it take."""

NEWLINE = "↵"
"""How the end of a line is shown, where the network reads a newline."""

APART = 2e-6
"""How far c may be from what the layer gives one character at a time, as a part of the highest
|c|: both are float32, summed in another order."""


class _Layout(NamedTuple):
    """Where each character stands: its row and its column; and where each row's parts are.

    Attributes:
        rows: (L,), whole numbers.
        columns: (L,), whole numbers.
        height: Of a row with its strips and the space below, in points.
        tall: Of the whole plot, in points.
    """

    rows: np.ndarray
    columns: np.ndarray
    height: float
    tall: float

    @property
    def tops(self) -> np.ndarray:
        """The upper edge of each character's row, (L,), in points from the plot's lower edge."""
        return self.tall - EDGE - KEY - self.rows * self.height


@checked
def coloured_text_plot(
    network: Network,
    text: str,
    unit: int,
    *,
    truth: Sequence[bool] | None = None,
    meaning: str = "the truth",
    gates: bool = True,
) -> Plot:
    """Plot a text, each character in the colour of a unit's c once it has been read.

    Above zero c has its own colour, below zero ink. Under each row are c as an area, and forget and
    input gate as lines from 0 to 1. A thick line under a character says that the truth holds.

    Args:
        network: What reads the text, from zero states; its layer is an nn.LSTM.
        text: Of symbols that the network can read.
        unit: Which unit.
        truth: For each character, whether to underline it; None for no underline.
        meaning: What the underline means.
        gates: False for the characters alone.

    Returns:
        The plot; `data` has a row for each character.

    Raises:
        IndexError: there is no such unit.
        ValueError: not one truth for each character.
        ProofError: what is drawn is not what the layer gives when it reads one at a time.
    """
    marks = np.zeros(len(text), dtype=bool) if truth is None else np.array(truth, dtype=bool)
    if len(marks) != len(text):
        raise ValueError(f"expected {len(text)} truths, one for each character, got {len(marks)}")
    unit_indices([unit], network.layer.hidden_size, "c", most=1)
    run = trace(network.layer, network.inputs(text))[0, 0]
    shown = ("c", *GATES) if gates else ("c",)
    values = {letter: run[letter][:, 0, unit].double().numpy() for letter in shown}
    layout = _layout(text, gates=gates)
    with plot_style():
        plot = new_plot(layout.tall / 72, arranged=False)
        axes = plot.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(-1.0, COLUMNS + 0.75)
        axes.set_ylim(0.0, layout.tall)
        axes.set_axis_off()
        _draw_characters(axes, text, values["c"], layout)
        _underline(axes, marks, layout)
        if gates:
            _draw_strips(axes, values, layout)
        _draw_key(axes, unit, layout, meaning=meaning if marks.any() else "", gates=gates)
    plot.alt = _alt(text, unit, values["c"], marks, meaning)
    plot.data = _table(text, values if truth is None else values | {meaning: marks})
    alone = _one_at_a_time(network.layer, network.inputs(text))[:, unit]
    compared = [compare("c", values["c"], alone, within=APART * float(alone.abs().max()))]
    compared += _compare_drawn(axes, values, layout) if gates else []
    compared += _compare_characters(axes, text, values["c"], marks, layout)
    plot.proof = Proof("c equal to nn.LSTM's, given one character at a time", *compared)
    _prove_columns(plot, text, values if truth is None else values | {meaning: marks})
    return plot


def _prove_columns(plot: Plot, text: str, columns: Mapping[str, Any]) -> None:
    """Compare the table with what was traced, and what is written with the table."""
    given: dict[str, Any] = dict(columns)
    given |= {"step": range(len(text)), "read": map(repr, text)}
    prove_shown(plot, given=given, scaled=False)


def _layout(text: str, *, gates: bool) -> _Layout:
    """Return where each character stands: a row ends with a newline, or when it is full."""
    rows, columns = [], []
    row = column = 0
    for letter in text:
        if column == COLUMNS and letter != "\n":
            row, column = row + 1, 0
        rows.append(row)
        columns.append(column)
        row, column = (row + 1, 0) if letter == "\n" else (row, column + 1)
    height = LETTER + UNDERLINE + 2 * STRIP * gates + BETWEEN
    tall = 2 * EDGE + KEY + (rows[-1] + 1) * height
    return _Layout(np.array(rows), np.array(columns), height, tall)


def _draw_characters(axes: Axes, text: str, c: np.ndarray, layout: _Layout) -> None:
    """Write each character on the shade of its c."""
    shades = np.rint(c / np.abs(c).max() * SHADES).astype(int)
    tops = layout.tall - EDGE - KEY - np.arange(layout.rows[-1] + 1) * layout.height
    edges = np.stack([tops, tops - LETTER], axis=1).ravel()  # of rows, and of what is between them
    for shade in np.unique(shades[shades != 0]):
        chosen = np.zeros((len(edges) - 1, COLUMNS + 1), dtype=bool)
        here = shades == shade
        chosen[2 * layout.rows[here], layout.columns[here]] = True
        colour = COLOURS["c" if shade > 0 else "ink"]
        look = {"facecolor": colour, "alpha": DARKEST * abs(shade) / SHADES, "zorder": 1}
        gid = f"q-c-shade{shade}"
        fill_cells(axes, np.arange(COLUMNS + 2) - 0.5, edges, chosen, gid=gid, **look)
    where: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT + 1, "zorder": 4}
    for letter, column, top in zip(text, layout.columns, layout.tops, strict=True):
        if letter != " ":
            colour = COLOURS["faint" if letter == "\n" else "ink"]
            name = NEWLINE if letter == "\n" else letter.replace("$", r"\$")
            axes.text(column, top - LETTER / 2 - 0.5, name, color=colour, **where)


def _underline(axes: Axes, marks: np.ndarray, layout: _Layout) -> None:
    """Draw a thick line under the characters of which the truth holds."""
    for start, stop in runs(marks):
        for row in np.unique(layout.rows[start:stop]):
            within = layout.columns[start:stop][layout.rows[start:stop] == row]
            y = layout.tops[start:stop][layout.rows[start:stop] == row][0] - LETTER - 2.5
            ends = [within[0] - 0.5, within[-1] + 0.5]
            axes.plot(ends, [y, y], color=COLOURS["ink"], linewidth=2.4, solid_capstyle="butt")


def _draw_strips(axes: Axes, values: dict[str, np.ndarray], layout: _Layout) -> None:
    """Draw c and the gates under each row, each gate as one line that is cut between rows."""
    bases = _bases(values, layout)
    for letter, of_letter in values.items():
        y = bases[letter] + of_letter * _scale(values, letter)
        ends = np.flatnonzero(np.diff(layout.rows)) + 1
        x, y = (np.insert(part.astype(float), ends, np.nan) for part in (layout.columns, y))
        look = {"color": COLOURS[letter], "linestyle": DASHES[letter], "linewidth": 1.2}
        axes.plot(x, y, gid=f"q-{letter}-unit", drawstyle="steps-mid", zorder=3, **look)
        zero = np.insert(bases[letter], ends, np.nan)
        axes.plot(x, zero, color=COLOURS["faint"], linewidth=0.5, zorder=2)
        if letter == "c":
            axes.fill_between(
                x, zero, y, step="mid", color=COLOURS["c"], alpha=0.25, gid="q-c-area"
            )


def _scale(values: dict[str, np.ndarray], letter: str) -> float:
    """Return how many points 1 takes in a strip: of c, whose highest |c| fills half of it."""
    if letter == "c":
        return 0.5 * (STRIP - 2) / float(np.abs(values["c"]).max())
    return STRIP - 3


def _bases(values: dict[str, np.ndarray], layout: _Layout) -> dict[str, np.ndarray]:
    """Return the height of zero under each character, for each quantity."""
    below = layout.tops - LETTER - UNDERLINE
    return {
        letter: below - STRIP / 2 if letter == "c" else below - 2 * STRIP + 1 for letter in values
    }


def _compare_drawn(axes: Axes, values: dict[str, np.ndarray], layout: _Layout) -> list[Comparison]:
    """Compare the lines, taken back to values, with what they stand for."""
    bases = _bases(values, layout)
    compared = []
    for letter, of_letter in values.items():
        y = drawn(axes, f"q-{letter}-unit")
        x = drawn(axes, f"q-{letter}-unit", along="x")
        compared.append(compare(f"where {letter} stands", x[~np.isnan(x)], layout.columns))
        shown = (y[~np.isnan(y)] - bases[letter]) / _scale(values, letter)
        within = 1e-12 * layout.tall / _scale(values, letter)
        compared.append(compare(f"the line of {letter}", shown, of_letter, within=within))
    return compared


def _compare_characters(
    axes: Axes, text: str, c: np.ndarray, marks: np.ndarray, layout: _Layout
) -> list[Comparison]:
    """Compare the shade of each character, what stands on it and the line under it."""
    at = [
        (column, top - LETTER / 2) for column, top in zip(layout.columns, layout.tops, strict=True)
    ]
    shown = np.zeros(len(text))
    for shade, cells in shades(axes, "c"):
        inside = np.any([Path(corners).contains_points(at) for corners in cells], axis=0)
        shown[inside] = shade / DARKEST
    under = np.zeros(len(text))
    for line in axes.lines:
        if line.get_linewidth() > 2:
            points: Any = line.get_xydata()
            (start, y), (stop, _) = points.tolist()
            here = (layout.tops - LETTER - 2.5 == y) & (layout.columns > start)
            under += here & (layout.columns < stop)
    said = {tuple(one.get_position()): one.get_text().replace(r"\$", "$") for one in axes.texts}
    characters = [said.get((x, y - 0.5), " ").replace(NEWLINE, "\n") for x, y in at]
    return [
        compare("the shades", shown, c / np.abs(c).max(), within=0.51 / SHADES)._replace(
            max_difference=0.0
        ),
        compare("the line under a character", under, marks.astype(float)),
        compare("the characters", characters, list(text)),
    ]


def _one_at_a_time(layer: nn.RNNBase, inputs: Tensor) -> Tensor:
    """Return c of every unit after each step, each from a call of its own, (L, H_cell)."""
    state, found = None, []
    with torch.no_grad():
        for step in inputs:
            _, state = layer(step.unsqueeze(0), state)
            found.append(state[1][0, 0])
    return torch.stack(found).double()


def _draw_key(axes: Axes, unit: int, layout: _Layout, *, meaning: str, gates: bool) -> None:
    """Write above the text what its colours, its underline and its strips mean."""
    first = f"c of unit {unit}: in its colour above zero, grey below"
    second = "strips: c, then forget gate f (solid) and input gate i (dashed)" if gates else ""
    third = f"thick line: {meaning}" if meaning else ""
    for index, words in enumerate(filter(None, (first, third, second))):
        y = layout.tall - EDGE - 12 * index
        axes.text(-0.5, y, words, va="top", fontsize=SMALL)


def _table(text: str, values: dict[str, np.ndarray]) -> Table:
    """List each character with what it is drawn by."""
    rows = zip(*(column.tolist() for column in values.values()), strict=True)
    numbered = enumerate(zip(text, rows, strict=True))
    return Table(
        ("step", "read", *values), [(t, repr(letter), *row) for t, (letter, row) in numbered]
    )


def _alt(text: str, unit: int, c: np.ndarray, marks: np.ndarray, meaning: str) -> str:
    """Describe how c moves, and how it differs where the truth holds."""
    words = (
        f"{len(text)} characters, each coloured by {NAMES['c']} c of unit {unit}: "
        f"from {digits(c.min())} to {digits(c.max())}."
    )
    if marks.any() and not marks.all():
        inside, outside = (digits(c[of].mean()) for of in (marks, ~marks))
        words += f" Underlined, {meaning}: mean c {inside}; elsewhere {outside}."
    return words
