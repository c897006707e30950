"""Draw what a module takes the axes of its input for, and which outputs a nudge moves."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.diagrams.canvas import Canvas, words
from rnn_figures.diagrams.matrix import Matrix
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import number, plural
from rnn_figures.palette import COLOURS
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.runs import refuse_not_finite, refuse_random
from rnn_figures.traces.tracing import trace

MOST = (6, 12)
"""Most rows and columns."""

GAP = (20.0, 28.0)
"""Between two boxes of the cube: wide enough for the arrow of a state."""

DEPTH = 4.0
"""How far right and up each further sheet of the cube lies."""

SHEETS = 3
"""Sheets drawn, whatever the size of the last axis."""

NAME = 118.0
"""Width of the names at the left."""


Row = tuple[int, int, str, str]
"""Of one axis: its number, its size, its letter, and what it is read as."""


class Reach(NamedTuple):
    """One input that reaches an output beside it, measured: both as (axis 0, axis 1)."""

    start: tuple[int, int]
    end: tuple[int, int]


@checked
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
        ValueError: the input is no such batch, or an output is not finite.
        ProofError: the first step is not the framed slice, or the state runs along another axis.

    Examples:
        >>> axes_diagram(nn.GRU(5, 3), torch.zeros(2, 4, 5)).alt.split(". ")[1][:32]
        'Axis 0 of size 2 is read as step'
    """
    sizes = _check(module, input)
    time = int(module.batch_first)  # the axis that is read as steps
    roles = [("N", "sequences"), ("L", "steps")] if time else [("L", "steps"), ("N", "sequences")]
    named = zip(input.shape, [*roles, ("H_in", "features")], strict=True)
    rows = [(axis, size, *role) for axis, (size, role) in enumerate(named)]
    reaches = list(_reaches(module, input))
    along = sorted({int(start[0] == end[0]) for start, end in reaches})
    canvas = Canvas(
        "axes",
        alt=_axes_alt(module, rows, along),
        data=Table(["axis", "size", "letter", "read as"], rows),
        proof=Proof(
            "arrows measured by gradients; the framed slice alone gives the first step of layer 0 "
            f"of {describe(module)}",
            *_compare_first_step(module, input),
            *(compare("the axis along which the state runs", time, axis) for axis in along),
        ),
    )
    cube = _draw_cube(canvas, sizes)
    for reach in reaches:
        _draw_reach(cube, reach)
    _frame_first_step(cube, module)
    _name_axes(cube, rows)
    return canvas


@checked
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
        ValueError: the input is no such batch, or has no row of this number, or an output is not
            finite.

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
    moved = _moved(module, input, other)
    values = moved.tolist()
    rows = [(n, t, value) for n, row in enumerate(values) for t, value in enumerate(row)]
    canvas = Canvas(
        "leak",
        alt=_leak_alt(module, values, nudged),
        data=Table(["sequence", "step", "largest |difference|"], rows),
        proof=Proof(
            f"moved as far as each sequence that {describe(module)} reads does alone",
            *_compare_with_each_alone(module, input, other, moved),
        ),
    )
    _draw_moved(canvas, values, nudged)
    prove_shown(canvas, {f"n{n}-t{t}": number(value) for n, t, value in rows})
    return canvas


def _draw_moved(canvas: Canvas, values: list[list[float]], nudged: int) -> None:
    """Draw a box for each output, shaded by how far it moved; ringed where it should not have."""
    largest = max(map(max, values)) or 1.0
    shape = (len(values), len(values[0]))
    steps = Matrix(canvas, "n{row}-t{column}", shape, cell=(38.0, 27.0), gap=4.0)
    for n, row in enumerate(values):
        name = [words(f"sequence {n}", bold=n == nudged)] + [words("nudged")] * (n == nudged)
        canvas.write(f"name-{n}", name, at=steps[n, 0].left, gap=8, width=66)
        for t, value in enumerate(row):
            steps.fill(
                n,
                t,
                words(number(value)),
                quantity="output" if value else "",
                colour="h" if value else "faint",
                share=value / largest,
                look="ringed" if value and n != nudged else "plain",
                classes="" if value else "unmoved",
            )
    numbers = [words(f"step {t}" if t == 0 else str(t)) for t in range(len(values[0]))]
    steps.name_columns("step-{column}", numbers)


def _check(module: nn.RNNBase, input: Tensor) -> tuple[int, int]:
    """Return the sizes of the first two axes; raise ValueError for what cannot be drawn."""
    refuse_random(module)
    if input.dim() != 3:
        raise ValueError(f"expected a batched input of three axes, got {tuple(input.shape)}")
    rows, columns = input.shape[:2]
    if not (0 < rows <= MOST[0] and 0 < columns <= MOST[1]):
        raise ValueError(
            f"expected an input of at most ({MOST[0]}, {MOST[1]}, H_in), got "
            f"{tuple(input.shape)}; pass a part of it"
        )
    with torch.no_grad():
        refuse_not_finite("outputs", module(input)[0])
    return rows, columns


def _reaches(module: nn.RNNBase, input: Tensor) -> Iterator[Reach]:
    """Yield every pair of neighbours of which one's input reaches the other's output."""
    read = input.detach().clone().requires_grad_()
    output, _ = module(read)
    rows, columns = input.shape[:2]
    for row, column in product(range(rows), range(columns)):
        total = output[row, column].abs().sum()
        (gradient,) = torch.autograd.grad(total, read, retain_graph=True)
        for down, across in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            start = (row + down, column + across)
            inside = 0 <= start[0] < rows and 0 <= start[1] < columns
            if inside and bool(gradient[start].any()):
                yield Reach(start, (row, column))


def _first_step(module: nn.RNNBase) -> tuple[slice, slice]:
    """Return the slice that the module reads in its first step, one step long."""
    everything, first = slice(None), slice(1)
    return (everything, first) if module.batch_first else (first, everything)


def _compare_first_step(module: nn.RNNBase, input: Tensor) -> Iterator[Comparison]:
    """Compare h of the first step of layer 0, forward, with that of a run on the framed slice.

    Higher layers of a bidirectional module read the reverse half, which has seen later steps. Each
    sequence has a tolerance of its own: a large one would loosen it for all.
    """
    whole, alone = trace(module, input)[0, 0].h, trace(module, input[_first_step(module)])[0, 0].h
    for n, (own, given) in enumerate(zip(alone[0], whole[0], strict=True)):
        what = f"h of the first step of sequence {n}, from the framed slice alone"
        yield compare(what, own, given, within=tolerance(given))


def _moved(module: nn.RNNBase, one: Tensor, other: Tensor) -> Tensor:
    """Return how far each output moves from one input to the other, (axis 0, axis 1)."""
    with torch.no_grad():
        return (module(other)[0] - module(one)[0]).abs().amax(-1)


def _compare_with_each_alone(
    module: nn.RNNBase, one: Tensor, other: Tensor, moved: Tensor
) -> Iterator[Comparison]:
    """Compare what moved with runs of each sequence that the module reads alone."""
    axis = 0 if module.batch_first else 1  # of the sequences that the module reads
    pairs = zip(one.split(1, axis), other.split(1, axis), strict=True)
    for n, pair in enumerate(pairs):
        alone, within = _moved(module, *pair), 2 * tolerance(module(pair[1])[0])
        yield compare(f"moved with {n} alone", moved.narrow(axis, n, 1), alone, within=within)


def _draw_cube(canvas: Canvas, sizes: tuple[int, int]) -> Matrix:
    """Draw the boxes of the cube, and behind each one more for the numbers of the last axis."""
    for sheet in reversed(range(SHEETS)):
        boxes = _sheet(canvas, sizes, sheet)
        for row, column in product(*map(range, sizes)):
            name = f"{boxes[row, column].name}-paper"  # below the tint, to hide the sheet behind
            boxes.fill(row, column, name=name, colour="paper", fillcolor=COLOURS["paper"])
            boxes.fill(row, column, quantity="x", share=0.3)
    cube = Matrix(canvas, "{row}-{column}", sizes, gap=GAP)
    for row, column in product(*map(range, sizes)):
        at = cube[row, column]
        canvas.write(at.name, words(f"[{row}, {column}]"), at=at.middle, width=at.width)
    return cube


def _sheet(canvas: Canvas, sizes: tuple[int, int], sheet: int) -> Matrix:
    """Return the boxes of one sheet; 0 is the front."""
    name, aside = f"sheet{sheet}-{{row}}-{{column}}", sheet * DEPTH
    return Matrix(canvas, name, sizes, at=(aside, aside), gap=GAP)


def _draw_reach(cube: Matrix, reach: Reach) -> None:
    """Draw the way of a state from one box to its neighbour, two ways side by side."""
    tail, head = (cube[index].grown(1) for index in reach)
    aside = 5.0 if reach.start < reach.end else -5.0
    level = reach.start[0] == reach.end[0]
    shift = {"up": aside} if level else {"right": aside}
    cube.canvas.arrow(
        tail.towards(head.middle).moved(**shift),
        head.towards(tail.middle).moved(**shift),
        name=f"reach-{tail.name}-{head.name}",
        quantity="h",
        penwidth="1.8",
    )


def _frame_first_step(cube: Matrix, module: nn.RNNBase) -> None:
    """Frame what the module reads in its first step."""
    canvas, step = cube.canvas, _first_step(module)
    behind = _sheet(canvas, cube.shape, SHEETS - 1)[step]
    canvas.frame("first", cube[step].to(behind), margin=5, penwidth="2")
    code = "input[:, 0]" if module.batch_first else "input[0]"
    at = cube[-1, 0].at(0, 0).moved(right=NAME - 2, up=-20)
    text = words(f"{code} ", bold=True) + words(" is framed: what step 0 reads")
    canvas.write("first-name", text, at=at, width=2 * NAME - 4, align="left")


def _name_axes(cube: Matrix, rows: list[Row]) -> None:
    """Write each axis with its size, its letter and what it is read as, an arrow beside it."""
    canvas, front, last = cube.canvas, cube[:, :], cube[-1, -1]
    names = [
        words(f"axis {axis}: ") + words(f"{size} {role}", bold=True) for axis, size, _, role in rows
    ]
    letters = [words(f" ({letter})") for _, _, letter, _ in rows]
    lines = [names[0], words(f"({rows[0][2]})")]
    canvas.write("name-0", lines, at=front.left, gap=26, width=NAME)
    at = front.at(0, 1).moved(right=NAME, up=46)
    canvas.write("name-1", names[1] + letters[1], at=at, width=2 * NAME, align="left")
    # Beside the line about the frame, or under it.
    at = front.at(1, 0).moved(right=20 - 0.75 * NAME, up=-20 if cube.shape[1] > 6 else -40)
    canvas.write("name-2", names[2] + letters[2], at=at, width=1.5 * NAME, align="right")
    beside, above = {"right": -20.0}, {"up": 30.0}
    deep = (SHEETS - 1) * DEPTH
    ways = (
        (front.at(0, 1).moved(**beside), front.at(0, 0).moved(**beside)),
        (front.at(0, 1).moved(**above), front.at(1, 1).moved(**above)),
        (last.right.moved(right=3, up=deep - 12), last.right.moved(right=18, up=deep + 3)),
    )
    for axis, ends in enumerate(ways):
        canvas.arrow(*ends, name=f"axis-{axis}", colour="faint")


def _axes_alt(module: nn.RNNBase, rows: list[Row], along: list[int]) -> str:
    """Describe what each axis is read as, and along which the state runs."""
    runs = " and ".join(f"along axis {axis}" for axis in along)
    sizes, roles = ([row[column] for row in rows] for column in (1, 3))
    return (
        f"The axes of an input of shape {tuple(sizes)} for {describe(module)}. Axis 0 of size "
        f"{sizes[0]} is read as {roles[0]}, axis 1 of size {sizes[1]} as {roles[1]}, axis 2 of "
        f"size {sizes[2]} as {roles[2]}. The state runs {runs or 'nowhere: there is one step'}, "
        "as the gradients show."
    )


def _leak_alt(module: nn.RNNBase, values: list[list[float]], nudged: int) -> str:
    """Describe which sequences moved, and how far."""
    moved = [n for n, row in enumerate(values) if n != nudged and max(row) > 0]
    words = "No other sequence moves"
    if moved:
        furthest = max(max(values[n]) for n in moved)
        words = (
            f"Other sequences move too: {plural('sequence', len(moved))} "
            f"{', '.join(map(str, moved))}, by up to {number(furthest)}"
        )
    return (
        f"How far each output of {describe(module)} moves when 1 is added to sequence {nudged}, "
        f"in a batch of {len(values)} sequences of {len(values[0])} steps. {words}."
    )
