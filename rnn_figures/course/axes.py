"""Draw what a module takes the axes of its input for, and which outputs a nudge moves."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams.canvas import Place, arrow, box, label, new_canvas, words, write
from rnn_figures.diagrams.matrix import CELL, cell_place, draw_cell
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS

MOST = (6, 12)
"""Most rows and columns."""

GAP = (20.0, 28.0)
"""Between two boxes of the cube: room for the arrow of a state."""

DEPTH = (4.0, 4.0)
"""How far right and up each further sheet of the cube lies."""

SHEETS = 3
"""Sheets drawn, whatever the size of the last axis."""

NAME = 118.0
"""Width of the names at the left."""


class Reach(NamedTuple):
    """One input that reaches an output beside it, measured: both as (axis 0, axis 1)."""

    start: tuple[int, int]
    end: tuple[int, int]


def axes_diagram(module: nn.RNNBase, input: Tensor) -> Diagram:
    """Draw a 3-D input as a cube: what each axis is read as, and where the state runs.

    Rows are axis 0 and columns axis 1, whatever the module takes them for. An arrow joins two
    neighbours if the output at its head depends on the input at its tail, measured by gradients.
    What the module reads in its first step is framed.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN that draws no dropout, of any batch_first.
        input: A batched input as the caller has it; at most (6, 12, H_in).

    Returns:
        The Diagram; its table has a row for each axis.

    Raises:
        ValueError: the input is no such batch, or the first step is not the framed slice.

    Examples:
        >>> axes_diagram(nn.GRU(5, 3), torch.zeros(2, 4, 5)).alt.split(". ")[1][:32]
        'Axis 0 of size 2 is read as step'
    """
    sizes = _check(module, input)
    roles = ("sequences", "steps") if module.batch_first else ("steps", "sequences")
    letters = ("N", "L") if module.batch_first else ("L", "N")
    reaches = list(_reaches(module, input))
    largest = _compare_first_step(module, input)
    rows = [
        (0, sizes[0], letters[0], roles[0]),
        (1, sizes[1], letters[1], roles[1]),
        (2, input.shape[2], "H_in", "features"),
    ]
    diagram = new_canvas(
        "axes",
        alt=_axes_alt(module, tuple(input.shape), roles, reaches),
        data=Table(["axis", "size", "letter", "read as"], rows),
        proof=(
            "arrows measured by gradients; the framed slice alone gives the first step of "
            f"{describe(module)}, torch {torch.__version__.partition('+')[0]}, "
            f"{'exactly' if largest == 0 else f'to {largest:.0e}'}"
        ),
    )
    _draw_sheets(diagram, sizes)
    for row in range(sizes[0]):
        for column in range(sizes[1]):
            text = [words(f"[{row}, {column}]")]
            at = _place(row, column)
            write(diagram, f"axes-{row}-{column}", text, at=at, width=CELL[0])
    for reach in reaches:
        _draw_reach(diagram, reach)
    _draw_first_step(diagram, module, sizes)
    _name_axes(diagram, sizes, input.shape[2], letters, roles)
    return diagram


def leak_diagram(module: nn.RNNBase, input: Tensor, *, nudged: int = 0) -> Diagram:
    """Draw how far each output moves when one sequence is nudged: only its own row should.

    Rows are axis 0, which the caller means to be the sequences, columns axis 1. The module reads
    the input twice, the second time with 1 added to the nudged row.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN that draws no dropout, of any batch_first.
        input: (N, L, H_in) as the caller means it; at most (6, 12, H_in).
        nudged: Which row of axis 0.

    Returns:
        The Diagram; its table has a row for each box: the largest |difference| over its features.

    Raises:
        ValueError: the input is no such batch, or has no row of this number.

    Examples:
        >>> x = torch.zeros(2, 4, 5)
        >>> leak_diagram(nn.GRU(5, 3, batch_first=True), x).alt.split(". ")[1]
        'No other sequence moves.'
    """
    sizes = _check(module, input)
    if not 0 <= nudged < sizes[0]:
        raise ValueError(f"expected a sequence in 0..{sizes[0] - 1} to nudge, got {nudged}")
    other = input.clone()
    other[nudged] += 1.0
    with torch.no_grad():
        moved = (module(other)[0] - module(input)[0]).abs().amax(-1)  # axis 0, axis 1
    values = moved.tolist()
    diagram = new_canvas(
        "leak",
        alt=_leak_alt(module, values, nudged),
        data=Table(
            ["sequence", "step", "largest |difference|"],
            [(n, t, value) for n, row in enumerate(values) for t, value in enumerate(row)],
        ),
        proof=(
            f"two runs of {describe(module)}, torch {torch.__version__.partition('+')[0]}: the "
            "numbers are their difference"
        ),
    )
    _draw_moved(diagram, values, nudged)
    return diagram


def _draw_moved(diagram: Diagram, values: list[list[float]], nudged: int) -> None:
    """Draw a box for each output, shaded by how far it moved; ringed where it should not have."""
    largest = max(map(max, values)) or 1.0
    for n, row in enumerate(values):
        x, y = cell_place(0, n)
        text = [words(f"sequence {n}", bold=n == nudged)]
        if n == nudged:
            text.append(words("nudged"))
        at = (x - CELL[0] / 2 - 10 - NAME / 2, y)
        write(diagram, f"leak-name-{n}", text, at=at, width=NAME, align="right")
        for t, value in enumerate(row):
            draw_cell(
                diagram,
                f"leak-n{n}-t{t}",
                label(words(number(value))),
                at=cell_place(t, n),
                colour="h" if value else "faint",
                share=value / largest,
                look="ringed" if value and n != nudged else "plain",
                class_="q-output" if value else "unmoved",
            )
    for t in range(len(values[0])):
        x, y = cell_place(t, 0)
        at = (x, y + CELL[1] / 2 + 12)
        text = [words(f"step {t}" if t == 0 else str(t))]
        write(diagram, f"leak-step-{t}", text, at=at, width=CELL[0])


def _check(module: nn.RNNBase, input: Tensor) -> tuple[int, int]:
    """Return the sizes of the first two axes; raise ValueError for what cannot be drawn."""
    class_name(module)  # refuses what is no recurrent layer
    if input.dim() != 3:
        raise ValueError(f"expected a batched input of three axes, got {tuple(input.shape)}")
    if module.training and module.dropout > 0 and module.num_layers > 1:
        raise ValueError(
            f"expected a module without active dropout, got dropout={module.dropout} in training "
            "mode: two runs would differ by their masks; call module.eval() first"
        )
    rows, columns = input.shape[:2]
    if not (0 < rows <= MOST[0] and 0 < columns <= MOST[1]):
        raise ValueError(
            f"expected an input of at most ({MOST[0]}, {MOST[1]}, H_in), got "
            f"{tuple(input.shape)}; pass a part of it"
        )
    return rows, columns


def _reaches(module: nn.RNNBase, input: Tensor) -> Iterator[Reach]:
    """Yield every pair of neighbours of which one's input reaches the other's output."""
    read = input.detach().clone().requires_grad_()
    output, _ = module(read)
    rows, columns = input.shape[:2]
    for row in range(rows):
        for column in range(columns):
            total = output[row, column].abs().sum()
            (gradient,) = torch.autograd.grad(total, read, retain_graph=True)
            for across, down in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                start = (row + across, column + down)
                inside = 0 <= start[0] < rows and 0 <= start[1] < columns
                if inside and bool(gradient[start].any()):
                    yield Reach(start, (row, column))


def _first_step(module: nn.RNNBase) -> tuple[slice, slice]:
    """Return the slice that the module reads in its first step, one step long."""
    everything, first = slice(None), slice(1)
    return (everything, first) if module.batch_first else (first, everything)


def _compare_first_step(module: nn.RNNBase, input: Tensor) -> float:
    """Return how far the forward half of the first step is from a run on that step alone."""
    part = _first_step(module)
    if module.num_layers > 1 and module.bidirectional:
        return 0.0  # upper layers read the reverse half, which has seen the later steps
    width = module.proj_size or module.hidden_size
    with torch.no_grad():
        whole, alone = module(input)[0][part], module(input[part])[0]
    difference = float((whole - alone)[..., :width].abs().max())
    if difference > 1e-5:
        raise ValueError(
            f"the first step alone gives other numbers, off by {difference:.1e}; this module does "
            "not read its input step by step"
        )
    return difference


def _place(row: int, column: int) -> Place:
    """Return the middle of one box of the cube's front."""
    return column * (CELL[0] + GAP[0]), -row * (CELL[1] + GAP[1])


def _draw_sheets(diagram: Diagram, sizes: tuple[int, int]) -> None:
    """Draw the boxes of the cube, and behind each one more for the numbers of the last axis."""
    for sheet in range(SHEETS - 1, -1, -1):
        for row in range(sizes[0]):
            for column in range(sizes[1]):
                x, y = _place(row, column)
                at = (x + sheet * DEPTH[0], y + sheet * DEPTH[1])
                name = f"axes-sheet{sheet}-{row}-{column}"
                # Paper below the tint hides the sheet behind.
                draw_cell(
                    diagram, f"{name}-paper", "", at=at, colour="paper", fillcolor=COLOURS["paper"]
                )
                draw_cell(diagram, name, "", at=at, colour="x", share=0.3, class_="q-x")


def _draw_reach(diagram: Diagram, reach: Reach) -> None:
    """Draw the way of a state from one box to its neighbour, two ways side by side."""
    (x, y), (goal_x, goal_y) = _place(*reach.start), _place(*reach.end)
    across, down = (goal_x > x) - (goal_x < x), (goal_y > y) - (goal_y < y)
    aside = 5.0 if reach.start < reach.end else -5.0
    half_x, half_y = across * (CELL[0] / 2 + 1), down * (CELL[1] / 2 + 1)
    shift_x, shift_y = (0.0, aside) if across else (aside, 0.0)
    arrow(
        diagram,
        f"axes-{reach.start[0]}-{reach.start[1]}",
        f"axes-{reach.end[0]}-{reach.end[1]}",
        name=f"axes-reach-{reach.start[0]}-{reach.start[1]}-{reach.end[0]}-{reach.end[1]}",
        points=[
            (x + half_x + shift_x, y + half_y + shift_y),
            (goal_x - half_x + shift_x, goal_y - half_y + shift_y),
        ],
        colour="h",
        class_="q-h",
        penwidth="1.8",
    )


def _draw_first_step(diagram: Diagram, module: nn.RNNBase, sizes: tuple[int, int]) -> None:
    """Frame what the module reads in its first step."""
    last = (sizes[0] - 1, 0) if module.batch_first else (0, sizes[1] - 1)
    (x, y), (end_x, end_y) = _place(0, 0), _place(*last)
    deep_x, deep_y = (SHEETS - 1) * DEPTH[0], (SHEETS - 1) * DEPTH[1]
    box(
        diagram,
        "axes-first",
        "",
        at=((x + end_x + deep_x) / 2, (y + end_y + deep_y) / 2),
        size=(end_x - x + CELL[0] + deep_x + 10, y - end_y + CELL[1] + deep_y + 10),
        colour="ink",
        look="frame",
        penwidth="2",
    )
    code = "input[:, 0]" if module.batch_first else "input[0]"
    below = _place(sizes[0] - 1, 0)[1] - CELL[1] / 2 - 20
    text = [words("framed: what step 0 reads, ") + words(code, bold=True)]
    at = (x - CELL[0] / 2 + 116, below)
    write(diagram, "axes-first-name", text, at=at, width=232, align="left")


def _name_axes(
    diagram: Diagram,
    sizes: tuple[int, int],
    features: int,
    letters: tuple[str, str],
    roles: tuple[str, str],
) -> None:
    """Write each axis with its size, its letter and what it is read as, an arrow beside it."""
    left, top = -CELL[0] / 2 - 20, CELL[1] / 2 + 30
    end = _place(sizes[0] - 1, sizes[1] - 1)
    right = end[0] + CELL[0] / 2
    below = end[1] - CELL[1] / 2 - (20 if sizes[1] > 6 else 40)  # beside or under the other line
    places = (
        (sizes[0], letters[0], roles[0], (left - 6 - NAME / 2, end[1] / 2), "right"),
        (sizes[1], letters[1], roles[1], (NAME - CELL[0] / 2, top + 16), "left"),
        (features, "H_in", "features", (right + 20 - 0.75 * NAME, below), "right"),
    )
    for axis, (size, letter, role, at, align) in enumerate(places):
        lines = [words(f"axis {axis}: ") + words(f"{size} {role}", bold=True)]
        lines[0] += "" if axis == 0 else words(f" ({letter})")
        lines += [words(f"({letter})")] if axis == 0 else []
        width = NAME * (1.0, 2.0, 1.5)[axis]
        write(diagram, f"axes-name-{axis}", lines, at=at, width=width, align=align)
    deep = (SHEETS - 1) * DEPTH[0]
    ways = (
        ("0", [(left, CELL[1] / 2), (left, end[1] - CELL[1] / 2)]),
        ("1", [(-CELL[0] / 2, top), (right, top)]),
        ("2", [(right + 3, end[1] + deep - 12), (right + 18, end[1] + deep + 3)]),
    )
    for axis, points in ways:
        corner = "axes-0-0" if axis != "2" else f"axes-{sizes[0] - 1}-{sizes[1] - 1}"
        arrow(diagram, corner, corner, name=f"axes-axis-{axis}", points=points, colour="faint")


def _axes_alt(
    module: nn.RNNBase, shape: tuple[int, ...], roles: tuple[str, str], reaches: list[Reach]
) -> str:
    """Say what each axis is read as, and along which the state runs."""
    along = {0: 0, 1: 0}
    for start, end in reaches:
        along[int(start[0] == end[0])] += 1
    runs = " and ".join(f"along axis {axis}" for axis, count in along.items() if count)
    return (
        f"The axes of an input of shape {shape} for {describe(module)}. Axis 0 of size {shape[0]} "
        f"is read as {roles[0]}, axis 1 of size {shape[1]} as {roles[1]}, axis 2 of size "
        f"{shape[2]} as features. The state runs {runs or 'nowhere: there is one step'}, as the "
        "gradients show."
    )


def _leak_alt(module: nn.RNNBase, values: list[list[float]], nudged: int) -> str:
    """Say which sequences moved, and how far."""
    moved = [n for n, row in enumerate(values) if n != nudged and max(row) > 0]
    words = "No other sequence moves"
    if moved:
        many = "s" if len(moved) > 1 else ""
        furthest = max(max(values[n]) for n in moved)
        words = (
            f"Other sequences move too: sequence{many} {', '.join(map(str, moved))}, by up to "
            f"{number(furthest)}"
        )
    return (
        f"How far each output of {describe(module)} moves when 1 is added to sequence {nudged}, "
        f"in a batch of {len(values)} sequences of {len(values[0])} steps. {words}."
    )
