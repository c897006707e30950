"""Draw a loop of calls step by step: what each call is given, and what goes back in."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from rnn_figures.arguments import came, checked
from rnn_figures.configurations import class_name
from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import TEXT, Canvas, symbol, words
from rnn_figures.diagrams.columns import first_and_last, name_row
from rnn_figures.diagrams.loops.runs import LoopStep, State, proof_of, run_loop
from rnn_figures.diagrams.unrolled.positions import RISE, Grid
from rnn_figures.figures import Diagram, Table
from rnn_figures.traces.runs import states_of

CHOICE, NARROW_CHOICE = 56.0, 34.0
"""Width of a box that holds one symbol; in a narrow diagram arrows run beside it."""

UNITS = 8
"""At most this many units of h are listed in the table behind a diagram."""

NARROW_STEPS, NARROW_ENDS = 4, 3
"""Steps that a phone has space for, and how many beside a word for the rest."""

MOST_STEPS = 12
"""Columns that fit in one picture."""


@checked
def loop_diagram(
    step: Callable,
    inputs: Tensor,
    *,
    steps: int | None = None,
    state: State = None,
    choose: Callable[[Tensor], Tensor] | None = None,
    symbols: Sequence[str] | None = None,
    narrow: bool = False,
) -> Diagram:
    """Run a loop of calls and draw it: one column per call, the state handed from call to call.

    Each call gets the next of `inputs`. When these have run out, it gets what `choose` picks from
    the output before: an arrow leads down to the next input. All given is teacher forcing, one
    is free running, some are a prompt.

    Args:
        step: An nn.LSTMCell, nn.GRUCell or nn.RNNCell, or a function from (input, state) to
            (output, state), the state a tensor or a pair (h, c).
        inputs: What the first calls are given, step first: (steps, N, H_in), or tokens (steps, N).
        steps: Calls to make; as many as there are inputs without it.
        state: What the first call is given as state; None as the step takes it, for zeros.
        choose: Picks the next input from an output. Without it every input must be given.
        symbols: Text for each token, if the inputs are tokens.
        narrow: True for the variant that fits on a phone, which a wide drawing brings with it.

    Returns:
        The Diagram, of sequence 0; its table has a row per call.

    Raises:
        TypeError: the step is a layer, or returns something else.
        ValueError: inputs run out and nothing chooses; or a second run gives another result.

    Examples:
        >>> loop_diagram(nn.LSTMCell(5, 3), torch.zeros(4, 1, 5)).data.rows[1][:4]
        (1, 'given', 'x[1]', 'output[1]')
    """
    steps = len(inputs) if steps is None else steps
    _check(step, inputs, symbols, steps, choose)
    with torch.no_grad():
        calls, end = run_loop(step, inputs, steps=steps, state=state, choose=choose)
        proof = proof_of(step, calls, state)
    states = ("c", "h") if isinstance(end, tuple) else ("h",)
    grid = _grid(steps, states, narrow=narrow)
    texts = [_texts(call, t, symbols) for t, call in enumerate(calls)]
    whence = ["given" if call.given else f"chosen at step {t - 1}" for t, call in enumerate(calls)]
    rows = [(t, whence[t], *text) for t, text in enumerate(texts)]
    canvas = Canvas("loop", alt=_alt(step, rows), data=_table(rows, calls), proof=proof)
    if not narrow:
        _draw_names(canvas, grid, step, calls, end)
        options: dict[str, Any] = {"steps": steps, "state": state, "choose": choose}
        canvas.narrow = loop_diagram(step, inputs, narrow=True, symbols=symbols, **options)
    output = "h" if isinstance(step, nn.RNNCellBase) else "ink"  # a cell returns h
    for t in grid.steps:
        _draw_call(canvas, grid, t, calls[t], texts=texts[t], colour=output)
    _draw_feedback(canvas, grid, calls)
    for letter in states:
        _draw_lane(canvas, grid, letter, started=state is not None)
    return canvas


def _grid(steps: int, states: tuple[str, ...], *, narrow: bool) -> Grid:
    """Return the columns, as an unrolled layer has them: the first and the last if few fit."""
    shown = first_and_last(steps, NARROW_ENDS if narrow and steps > NARROW_STEPS else steps)
    return Grid(steps=shown, hidden=steps - len(shown), states=states, narrow=narrow)


def _check(
    step: Callable,
    inputs: Tensor,
    symbols: Sequence[str] | None,
    steps: int,
    choose: Callable | None,
) -> None:
    """Refuse what cannot run as a loop, or what no page can show."""
    if isinstance(step, nn.RNNBase):
        raise TypeError(
            "expected step as a cell, or a function from (input, state) to (output, state), got "
            f"{came(step)}, which takes all steps at once; nn.{class_name(step)}Cell takes one"
        )
    if inputs.dim() < 2:
        raise ValueError(
            f"expected inputs of two axes or more, (L, N, …), got {tuple(inputs.shape)}"
        )
    if symbols is not None and inputs[:1, :1].numel() > 1:
        raise ValueError(
            f"expected inputs of one number a sequence, which names a symbol, got rows of shape "
            f"{tuple(inputs.shape[1:])}; leave symbols out for other inputs"
        )
    if not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"expected 1 to {MOST_STEPS} steps, got {steps}")
    if not 1 <= len(inputs) <= steps:
        raise ValueError(
            f"expected 1 to {steps} inputs, one for each given step, got {len(inputs)}"
        )
    if len(inputs) < steps and choose is None:
        raise ValueError(
            f"expected an input for each of {steps} steps, got {len(inputs)}; give more, or give "
            "`choose`, which picks the next input from an output"
        )


def _table(rows: list[tuple], calls: list[LoopStep]) -> Table:
    """List what each call is given and gives, and the units of h that it hands on."""
    units = range(min(UNITS, calls[0].h.shape[-1]))
    return Table(
        ("step", "input", "is", "gives", *(f"h[{unit}]" for unit in units)),
        [(*row, *call.h[0, : len(units)].tolist()) for row, call in zip(rows, calls, strict=True)],
    )


def _texts(call: LoopStep, t: int, symbols: Sequence[str] | None) -> tuple[str, str]:
    """Return what a call reads and what is chosen after it, in words."""
    if symbols is None:
        return f"x[{t}]", f"output[{t}]"
    choice = f"output[{t}]" if call.choice is None else symbols[int(call.choice[0])]
    return symbols[int(call.input[0])], choice


def _draw_names(
    canvas: Canvas, grid: Grid, step: Callable, calls: list[LoopStep], end: State
) -> None:
    """Write the name and the shape of each row at its left end."""
    first = calls[0]
    shapes = [
        words(f"{letter} {tuple(part.shape)}", colour=letter)
        for letter, part in zip("hc", states_of(end), strict=False)
    ]
    read, made = (str(tuple(value.shape)) for value in (first.input, first.output))
    rows = [
        (grid.read(0, 0), [words("input", size=TEXT), words(read, colour="x")]),
        (grid.cell(0, 0, 0), [words(_name(step), size=TEXT, bold=True), *reversed(shapes)]),
        (grid.read(1, 0), [words("output", size=TEXT), words(made, colour="ink")]),
    ]
    if first.choice is not None:
        rows.append((_choice(grid, 0), [words("choice", size=TEXT)]))
    for index, (box, lines) in enumerate(rows):
        name_row(canvas, str(index), lines, y=box.y)


def _width(grid: Grid) -> float:
    """Return the width of a box that holds one symbol."""
    return NARROW_CHOICE if grid.narrow else CHOICE


def _choice(grid: Grid, t: int) -> Box:
    """Return the box of what is chosen after a call, above its output."""
    output = grid.read(1, t)
    y = output.y + output.height + RISE
    return Box(f"choice-t{t}", output.x, y, _width(grid), output.height)


def _draw_call(
    canvas: Canvas, grid: Grid, t: int, call: LoopStep, *, texts: tuple[str, str], colour: str
) -> None:
    """Draw one column: what the call reads, the call with its states, its output, the choice."""
    read, chooses = grid.read(0, t), call.choice is not None
    if chooses:
        read = read._replace(width=_width(grid))
    cell = grid.cell(0, 0, t)._replace(name=f"cell-t{t}")
    column = [
        canvas.fill(read, _text(texts[0]), colour="x", look="plain" if call.given else "dashed"),
        canvas.fill(cell, colour="faint", look="card"),
        canvas.fill(grid.read(1, t), symbol(f"output[{t}]"), colour=colour),
    ]
    if chooses:
        column.append(canvas.fill(_choice(grid, t), _text(texts[1]), colour="x"))
    for tail, head in pairwise(column):
        canvas.arrow(
            tail, head, name=f"{head.name}-in", colour="x" if tail is column[0] else colour
        )
    for letter in grid.states:
        canvas.fill(_state(grid, letter, t), symbol(letter, size=13), quantity=letter)


def _text(text: str) -> str:
    """Return code as mathematics, a symbol as the word that it is."""
    return symbol(text) if "[" in text else words(text, size=TEXT)


def _state(grid: Grid, letter: str, t: int) -> Box:
    """Return the box of a state in a call: a loop has no layers to name."""
    return grid.state(letter, 0, 0, t)._replace(name=f"{letter}-t{t}")


def _draw_feedback(canvas: Canvas, grid: Grid, calls: list[LoopStep]) -> None:
    """Draw an arrow from each choice down to the input that it becomes."""
    hidden = _choice(grid, 0)._replace(name="hidden", x=grid.x_of_hidden, width=grid.gap)
    if grid.hidden:
        lines = [words("…"), words(f"{grid.hidden} calls")]
        canvas.write(hidden.name, lines, at=(hidden.x, grid.read(0, 0).y), width=hidden.width)
    for t in grid.steps:
        if calls[t].given:
            continue
        before = _choice(grid, t - 1).right if t - 1 in grid.steps else hidden.middle
        start, end = before, grid.read(0, t)._replace(width=_width(grid)).left
        middle = (start.x + end.x) / 2
        bends = [(middle, start.y), (middle, end.y)]
        canvas.arrow(start, end, via=bends, name=f"feedback-t{t}", colour="x")


def _draw_lane(canvas: Canvas, grid: Grid, letter: str, *, started: bool) -> None:
    """Draw one state from where it starts through every call to where it ends."""
    text = symbol(f"{letter}_0") + ("" if started else words(" = 0"))
    start = grid.tag(letter, 0, 0, name=f"{letter}-start", right=False)
    end = grid.tag(letter, 0, 0, name=f"{letter}-end", right=True)
    canvas.fill(start, text, colour=letter, look="dashed")
    canvas.fill(end, symbol(letter, size=13), colour=letter, look="solid")
    for tail, head in pairwise([start, *(_state(grid, letter, t) for t in grid.steps), end]):
        canvas.arrow(tail, head, colour=letter)


def _name(step: Callable) -> str:
    """Return the constructor call of a cell, or the name of a function or of a module's class."""
    if isinstance(step, nn.RNNCellBase):
        return f"nn.{step}"
    return getattr(step, "__name__", type(step).__name__)


def _alt(step: Callable, rows: list[tuple]) -> str:
    """Describe what each call is given and what it gives."""
    calls = [
        f"step {t} reads {read}, {whence}, and gives {gives}" for t, whence, read, gives in rows
    ]
    return (
        f"A loop of {len(rows)} calls of {_name(step)}, the state handed from each to the next: "
        f"{'; '.join(calls)}."
    )
