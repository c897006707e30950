"""Draw a stack as one-layer modules piled up, each number compared with the stack's own."""

import torch
from torch import Tensor, nn

from rnn_figures.configurations import describe
from rnn_figures.diagrams.canvas import arrow, box, label, new_canvas, stack, symbol, words, write
from rnn_figures.diagrams.stack.positions import BAND, BOX_HEIGHT, SHORT, TICK, UP, Sheet
from rnn_figures.diagrams.unrolled.positions import (
    BOX,
    HALF,
    LABEL,
    MARGIN,
    MOST_LINES,
    PITCH,
    TAG,
    TAG_ASIDE,
)
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import agreement, number
from rnn_figures.stacks import LayerRun, layer_by_layer
from rnn_figures.traces.agreement import TOLERANCE
from rnn_figures.weights import DIRECTIONS, suffix

MOST_STEPS = 8
"""Longest sequence that is drawn."""


def stack_diagram(module: nn.RNNBase, input: Tensor, *, sequence: int = 0) -> Diagram:
    """Draw a stack as one-layer modules run one after the other, with a tick on each equal arrow.

    From below: x, the module that holds the weights of layer 0, the hidden states that it gives,
    and so on to output. A tick stands where the numbers of the lone module were compared with
    those of the same layer inside the stack.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass.
        input: A tensor that the module takes, of at most 8 steps; not packed.
        sequence: Which sequence of the batch.

    Returns:
        The Diagram; its table has a row for each layer, direction and step, with the largest
        difference there.

    Raises:
        IndexError: there is no such sequence.
        TypeError: the module is no recurrent layer.
        ValueError: more than 8 steps, active dropout, or a layer that differs from the stack.

    Examples:
        >>> stack_diagram(nn.GRU(5, 3, num_layers=2), torch.zeros(4, 1, 5)).alt.split(". ")[0]
        'nn.GRU(5, 3, num_layers=2) as 2 one-layer modules run one after the other'
    """
    runs = layer_by_layer(module, input)
    steps, count, _ = runs[0].alone.shape
    if steps > MOST_STEPS:
        raise ValueError(
            f"expected at most {MOST_STEPS} steps, got {steps}; pass a part, such as x[:4]"
        )
    if not 0 <= sequence < count:
        raise IndexError(f"expected a sequence in 0..{count - 1}, got {sequence}")
    _check(module, runs)
    num_directions = 2 if module.bidirectional else 1
    worst = max(run.max_difference for run in runs)
    diagram = new_canvas(
        "stack",
        alt=_alt(module, runs, steps),
        data=_table(runs, num_directions, sequence),
        proof=(
            f"every layer of {describe(module)} compared with a one-layer module of its weights, "
            f"torch {torch.__version__.partition('+')[0]}, "
            f"equal {agreement(worst)}"
        ),
    )
    sheet = Sheet(diagram, module, runs, steps, sequence, num_directions)
    _draw_input(sheet)
    for layer in range(len(runs)):
        _draw_layer(sheet, layer)
        _draw_ends(sheet, layer)
    _draw_output(sheet)
    return diagram


def _check(module: nn.RNNBase, runs: list[LayerRun]) -> None:
    """Raise ValueError where a layer alone does not give what it gives in the stack."""
    for layer, run in enumerate(runs):
        allowed = TOLERANCE[run.alone.dtype]
        if not run.max_difference <= allowed:  # a NaN is no proof either
            raise ValueError(
                f"layer {layer}: a one-layer module with its weights differs by "
                f"{run.max_difference:.1e} (allowed {allowed:.0e}) from {type(module).__name__}; "
                "its forward does more than torch's own"
            )


def _draw_input(sheet: Sheet) -> None:
    """Draw x, and its arrows into layer 0."""
    for t in range(sheet.steps):
        box(
            sheet.diagram,
            f"stack-x-t{t}",
            label(symbol(f"x[{t}]")),
            at=(sheet.x_of(t), 0),
            size=(BOX, BOX_HEIGHT),
            colour="x",
            class_="q-x",
        )
    _name_row(
        sheet,
        "x",
        [
            symbol("x[t]"),
            words(f"({sheet.runs[0].alone.shape[1]}, {sheet.module.input_size})", colour="x"),
        ],
        y=0,
    )


def _draw_layer(sheet: Sheet, layer: int) -> None:
    """Draw one module over all steps, what it reads from below and what it gives."""
    run, y, row = sheet.runs[layer], sheet.y_of_band(layer), sheet.y_of_row(layer)
    band = f"stack-layer-l{layer}"
    box(
        sheet.diagram,
        band,
        label(words(describe(run.module), size=12, bold=True)),
        at=((sheet.steps - 1) * PITCH / 2, y),
        size=((sheet.steps - 1) * PITCH + BOX, BAND),
        colour="faint",
        look="card",
        class_="module",
    )
    ends = [words(f"weights {suffix(layer, 0)}")]
    if sheet.num_directions == 2:
        ends.append(words(f"and {suffix(layer, 1)}"))
    title = words(f"layer {layer} alone", size=12, bold=True)
    _name_row(sheet, f"layer-l{layer}", [title, *ends], y=y)
    inside = "output of" if layer == len(sheet.runs) - 1 else f"layer {layer}'s h in"
    size = agreement(run.max_difference)
    compared = [symbol("h"), words(f"= {inside}"), words(f"the stack, {size}")]
    _name_row(sheet, f"row-l{layer}", compared, y=row)
    for t in range(sheet.steps):
        if layer == 0:
            _up(
                sheet,
                f"stack-x-t{t}",
                band,
                name=f"stack-x-up-t{t}",
                x=sheet.x_of(t),
                start=BOX_HEIGHT / 2,
                length=SHORT,
                colour="x",
            )
        for direction in range(sheet.num_directions):
            _draw_half(sheet, layer, direction, t)


def _draw_half(sheet: Sheet, layer: int, direction: int, t: int) -> None:
    """Draw what one direction gives at one step: its box, the arrow into it, the ticked one out."""
    run, row = sheet.runs[layer], sheet.y_of_row(layer)
    two = sheet.num_directions == 2
    name = f"stack-h-l{layer}-{DIRECTIONS[direction]}-t{t}"
    x = sheet.x_of(t, direction)
    vector = sheet.half(run, direction, t)
    text = label(symbol("h", size=13))
    if len(vector) <= MOST_LINES:
        text = stack([words(number(float(value))) for value in vector])
    box(
        sheet.diagram,
        name,
        text,
        at=(x, row),
        size=(HALF if two else BOX, sheet.chip),
        colour="h",
        class_="q-h",
    )
    below, top = row - sheet.chip / 2, row + sheet.chip / 2
    _up(
        sheet,
        f"stack-layer-l{layer}",
        name,
        name=f"{name}-in",
        x=x,
        start=below - SHORT,
        length=SHORT,
        colour="h",
    )
    tick = f"{name}-tick"
    box(
        sheet.diagram,
        tick,
        label(words("✓", size=12, bold=True)),
        at=(x, top + 10 + TICK / 2),
        size=(TICK, TICK),
        colour="h",
        look="solid",
        shape="circle",
        class_="tick",
    )
    _up(sheet, name, tick, name=f"{tick}-in", x=x, start=top, length=10, colour="h", dir="none")
    is_top = layer == len(sheet.runs) - 1
    above = f"stack-output-{DIRECTIONS[direction]}-t{t}" if is_top else f"stack-layer-l{layer + 1}"
    start = top + 10 + TICK
    _up(
        sheet, tick, above, name=f"{tick}-up", x=x, start=start, length=top + UP - start, colour="h"
    )


def _draw_ends(sheet: Sheet, layer: int) -> None:
    """Draw a layer's rows of h_n and c_n: forward to the right, reverse to the left."""
    letters = "ch" if sheet.module.mode == "LSTM" else "h"
    y = sheet.y_of_band(layer)
    right = (sheet.steps - 1) * PITCH
    for direction in range(sheet.num_directions):
        row = layer * sheet.num_directions + direction
        outward = -1 if direction else 1
        edge = -BOX / 2 if direction else right + BOX / 2
        middle = -TAG_ASIDE - 4 if direction else right + TAG_ASIDE + 4
        for place, letter in enumerate(letters):
            lane = y + (len(letters) - 1 - 2 * place) * 12
            name = f"stack-{letter}_n-{row}"
            box(
                sheet.diagram,
                name,
                label(symbol(f"{letter}_n[{row}]"), words("  ✓", bold=True)),
                at=(middle, lane),
                size=(TAG[0] + 8, TAG[1]),
                colour=letter,
                look="solid",
                class_=f"q-{letter} final",
            )
            tip = middle - outward * (TAG[0] + 8) / 2
            arrow(
                sheet.diagram,
                f"stack-layer-l{layer}",
                name,
                name=f"{name}-on",
                points=[(edge, lane), (tip, lane)],
                colour=letter,
                class_=f"q-{letter}",
            )


def _draw_output(sheet: Sheet) -> None:
    """Draw the stack's own output above the last tick."""
    top = len(sheet.runs) - 1
    y = sheet.y_of_row(top) + sheet.chip / 2 + UP + BOX_HEIGHT / 2
    for t in range(sheet.steps):
        for direction in range(sheet.num_directions):
            two = sheet.num_directions == 2
            half = f"{sheet.units}:" if direction else f":{sheet.units}"
            box(
                sheet.diagram,
                f"stack-output-{DIRECTIONS[direction]}-t{t}",
                label(words(half) if two else symbol(f"output[{t}]")),
                at=(sheet.x_of(t, direction), y),
                size=(HALF if two else BOX, BOX_HEIGHT),
                colour="h",
                look="solid",
                class_="q-output",
            )
        if sheet.num_directions == 2:
            write(
                sheet.diagram,
                f"stack-output-t{t}-name",
                [symbol(f"output[{t}]")],
                at=(sheet.x_of(t), y + BOX_HEIGHT / 2 + 10),
                width=BOX,
            )
    _name_row(
        sheet,
        "output",
        [symbol("output[t]"), words("of the stack")],
        y=y,
    )


def _up(
    sheet: Sheet,
    tail: str,
    head: str,
    *,
    name: str,
    x: float,
    start: float,
    length: float,
    colour: str,
    **attributes: str,
) -> None:
    """Draw a straight arrow upward."""
    arrow(
        sheet.diagram,
        tail,
        head,
        name=name,
        points=[(x, start), (x, start + length)],
        colour=colour,
        class_=f"q-{colour}",
        **attributes,
    )


def _name_row(sheet: Sheet, part: str, lines: list[str], *, y: float) -> None:
    """Write the name of a row at the left edge, where unrolled diagrams have theirs."""
    write(
        sheet.diagram,
        f"stack-row-{part}",
        lines,
        at=(MARGIN + LABEL / 2, y),
        width=LABEL,
        align="left",
        class_="row",
    )


def _alt(module: nn.RNNBase, runs: list[LayerRun], steps: int) -> str:
    """Say what is piled up, and how far each layer is from the stack's own."""
    sentences = [f"{describe(module)} as {len(runs)} one-layer modules run one after the other"]
    for layer, run in enumerate(runs):
        reads = "x" if layer == 0 else f"the output of layer {layer - 1}"
        sentences.append(
            f"Layer {layer}, {describe(run.module)}, reads {reads} over {steps} steps; its hidden "
            f"states and its rows of h_n equal the stack's {agreement(run.max_difference)}"
        )
    return ". ".join(sentences) + "."


def _table(runs: list[LayerRun], num_directions: int, sequence: int) -> Table:
    """List every arrow with a tick: its layer, direction and step, and the difference there."""
    rows = []
    for layer, run in enumerate(runs):
        difference = (run.alone - run.in_stack).abs()[:, sequence]
        for direction, half in enumerate(difference.chunk(num_directions, -1)):
            for t, at_step in enumerate(half):
                rows.append((layer, DIRECTIONS[direction], t, float(at_step.max())))
    return Table(("layer", "direction", "step", "largest difference"), rows)
