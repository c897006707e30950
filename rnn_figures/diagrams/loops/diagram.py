"""Draw a loop of calls step by step: what each call is given, and what goes back in."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from rnn_figures.diagrams.canvas import TEXT, arrow, box, label, new_canvas, symbol, words, write
from rnn_figures.diagrams.loops.runs import LoopStep, State, compared, run_loop
from rnn_figures.diagrams.unrolled import positions
from rnn_figures.diagrams.unrolled.positions import Grid
from rnn_figures.figures import Diagram, Table

CHOICE = 56.0
"""Width of a box that holds one symbol."""

UNITS = 8
"""At most this many units of h are listed in the table behind a diagram."""

MOST_STEPS = 12
"""Columns that fit in one picture."""


def loop_diagram(
    step: Callable,
    inputs: Tensor,
    *,
    steps: int | None = None,
    state: State = None,
    choose: Callable[[Tensor], Tensor] | None = None,
    symbols: Sequence[str] | None = None,
) -> Diagram:
    """Run a loop of calls and draw it: one column per call, the state handed from call to call.

    Each call gets the next of `inputs`. When these have run out, it gets what `choose` picks from
    the output before: an arrow goes from that choice down to the next input. All inputs given is
    teacher forcing, one given is free running, some given is a prompt. The loop is the same.

    Args:
        step: An nn.LSTMCell, nn.GRUCell or nn.RNNCell, or a function from (input, state) to
            (output, state), the state a tensor or a pair (h, c).
        inputs: What the first calls are given, step first: (steps, N, H_in), or tokens (steps, N).
        steps: Calls to make; as many as there are inputs without it.
        state: What the first call is given as state; None as the step takes it, for zeros.
        choose: Picks the next input from an output. Without it every input must be given.
        symbols: Text for each token, if the inputs are tokens.

    Returns:
        The Diagram, of sequence 0; its table has a row per call.

    Raises:
        ValueError: inputs run out and nothing chooses; or a second run gives another result.

    Examples:
        >>> diagram = loop_diagram(nn.LSTMCell(5, 3), torch.zeros(4, 1, 5))
        >>> diagram.data.rows[1][:4]
        (1, 'given', 'x[1]', 'output[1]')
    """
    steps = len(inputs) if steps is None else steps
    _check_options(inputs, steps, choose)
    with torch.no_grad():
        calls, end = run_loop(step, inputs, steps=steps, state=state, choose=choose)
        proof = compared(step, calls, state)
    states = ("c", "h") if isinstance(end, tuple) else ("h",)
    grid = _grid(steps, states)
    texts = [_texts(call, t, symbols) for t, call in enumerate(calls)]
    rows = [
        (t, "given" if call.given else f"chosen at step {t - 1}", *texts[t])
        for t, call in enumerate(calls)
    ]
    diagram = new_canvas("loop", alt=_alt(step, rows), data=_table(rows, calls), proof=proof)
    _draw_names(diagram, grid, step, calls, end)
    made = "h" if isinstance(step, nn.RNNCellBase) else "ink"
    for t, call in enumerate(calls):
        _draw_call(diagram, grid, t, call, texts=texts[t], colour=made)
    _draw_feedback(diagram, grid, calls)
    for letter in states:
        _draw_lane(diagram, grid, letter, started=state is not None)
    return diagram


def _check_options(inputs: Tensor, steps: int, choose: Callable | None) -> None:
    """Refuse a loop that cannot run, or that no page can show."""
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


def _grid(steps: int, states: tuple[str, ...]) -> Grid:
    """Return the grid of an unrolled layer of one direction: a loop stands on the same places."""
    return Grid(
        steps=tuple(range(steps)),
        hidden=0,
        absent=(),
        num_layers=1,
        num_directions=1,
        states=states,
        lines=1,
        input_lines=1,
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
    diagram: Diagram, grid: Grid, step: Callable, calls: list[LoopStep], end: State
) -> None:
    """Write the name and the shape of each row at its left end."""
    first = calls[0]
    name = f"nn.{step}" if isinstance(step, nn.RNNCellBase) else step.__name__
    parts = end if isinstance(end, tuple) else (end,)
    shapes = [
        words(f"{letter} {tuple(part.shape)}", colour=letter)
        for letter, part in zip("hc", parts, strict=False)
        if part is not None
    ]
    read, made = (
        words(str(tuple(value.shape)), colour=colour)
        for value, colour in ((first.input, "x"), (first.output, "ink"))
    )
    rows = [
        (0.0, [words("input", size=TEXT), read]),
        (grid.y_of_cell(0, 0), [words(name, size=TEXT, bold=True), *reversed(shapes)]),
        (grid.y_of_box(1), [words("output", size=TEXT), made]),
    ]
    if first.choice is not None:
        rows.append((_y_of_choice(grid), [words("choice", size=TEXT)]))
    for number, (y, lines) in enumerate(rows):
        at = (positions.MARGIN + positions.LABEL / 2, y)
        write(diagram, f"loop-row-{number}", lines, at=at, width=positions.LABEL, align="left")


def _y_of_choice(grid: Grid) -> float:
    """Return y of the row of choices, above the outputs."""
    return grid.y_of_box(1) + grid.box_height + positions.RISE


def _draw_call(
    diagram: Diagram, grid: Grid, t: int, call: LoopStep, *, texts: tuple[str, str], colour: str
) -> None:
    """Draw one column: what the call reads, the call with its states, its output, the choice."""
    x, cell_y, output_y = grid.x_of(t), grid.y_of_cell(0, 0), grid.y_of_box(1)
    height = grid.box_height
    width = positions.BOX if call.choice is None else CHOICE
    stops = [(f"loop-x-t{t}", texts[0], 0.0, width, "x", "plain" if call.given else "dashed")]
    stops.append((f"loop-cell-t{t}", "", cell_y, positions.CARD, "faint", "card"))
    stops.append((f"loop-output-t{t}", f"output[{t}]", output_y, positions.BOX, colour, "plain"))
    if call.choice is not None:
        stops.append((f"loop-choice-t{t}", texts[1], _y_of_choice(grid), width, "x", "plain"))
    heights = [grid.card_height if look == "card" else height for *_, look in stops]
    for (name, text, y, wide, tint, look), high in zip(stops, heights, strict=True):
        drawn = label(symbol(text) if "[" in text else words(text, size=TEXT)) if text else ""
        box(diagram, name, drawn, at=(x, y), size=(wide, high), colour=tint, look=look)
    for number in range(len(stops) - 1):
        (tail, _, low, *_), (head, _, high, *_) = stops[number : number + 2]
        points = [(x, low + heights[number] / 2), (x, high - heights[number + 1] / 2)]
        arrow(
            diagram, tail, head, name=f"{head}-in", points=points, colour=colour if number else "x"
        )
    for state in grid.states:
        box(
            diagram,
            f"loop-{state}-t{t}",
            label(symbol(state, size=13)),
            at=grid.place(0, 0, t, state),
            size=(positions.CHIP[0], grid.chip_height),
            colour=state,
            class_=f"q-{state}",
        )


def _draw_feedback(diagram: Diagram, grid: Grid, calls: list[LoopStep]) -> None:
    """Draw an arrow from each choice down to the input that it becomes."""
    for t, call in enumerate(calls):
        if call.given:
            continue
        left, right = grid.x_of(t - 1) + CHOICE / 2, grid.x_of(t) - CHOICE / 2
        middle, top = (left + right) / 2, _y_of_choice(grid)
        arrow(
            diagram,
            f"loop-choice-t{t - 1}",
            f"loop-x-t{t}",
            name=f"loop-feedback-t{t}",
            points=[(left, top), (middle, top), (middle, 0.0), (right, 0.0)],
            colour="x",
        )


def _draw_lane(diagram: Diagram, grid: Grid, state: str, *, started: bool) -> None:
    """Draw one state from where it starts through every call to where it ends."""
    y = grid.y_of_lane(0, 0, state)
    start, end = f"loop-{state}-start", f"loop-{state}-end"
    text = label(symbol(f"{state}_0")) if started else label(symbol(f"{state}_0"), words(" = 0"))
    x_start, x_end = grid.x_of_end(right=False), grid.x_of_end(right=True)
    box(diagram, start, text, at=(x_start, y), size=positions.TAG, colour=state, look="dashed")
    drawn = label(symbol(state, size=13))
    box(diagram, end, drawn, at=(x_end, y), size=positions.TAG, colour=state, look="solid")
    stops = [(start, x_start, positions.TAG[0] / 2)]
    stops += [(f"loop-{state}-t{t}", grid.x_of(t), positions.CHIP[0] / 2) for t in grid.steps]
    stops.append((end, x_end, positions.TAG[0] / 2))
    for (tail, x_tail, half_tail), (head, x_head, half_head) in pairwise(stops):
        points = [(x_tail + half_tail, y), (x_head - half_head, y)]
        arrow(diagram, tail, head, name=f"{tail}-on", points=points, colour=state)


def _alt(step: Callable, rows: list[tuple]) -> str:
    """Say what each call is given and what it gives."""
    name = f"nn.{step}" if isinstance(step, nn.RNNCellBase) else step.__name__
    calls = [
        f"step {t} reads {read}, {whence}, and gives {gives}" for t, whence, read, gives in rows
    ]
    return (
        f"A loop of {len(rows)} calls of {name}, the state handed from each to the next: "
        f"{'; '.join(calls)}."
    )
