"""Draw the rows of an unrolled diagram: x, the cells of each layer, what each layer gives."""

from itertools import pairwise

from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import DIMMED, LINE, SMALL, TEXT, symbol, words
from rnn_figures.diagrams.columns import ABOVE, MOST_LINES, TAG, name_row
from rnn_figures.diagrams.lanes import Lane
from rnn_figures.diagrams.unrolled.drawing import Drawing
from rnn_figures.numbers import counted
from rnn_figures.palette import COLOURS
from rnn_figures.traces import returned
from rnn_figures.traces.final_states import half_code
from rnn_figures.weights import DIRECTIONS

NUMBERS = f"{SMALL:g}"
"""Font size of numbers and slices in boxes, as graphviz reads it."""

TWIN = 122.0
"""Width of the part of output that a row of h_n equals, written under its tag."""


def draw_inputs(drawing: Drawing) -> None:
    """Draw the row of x."""
    canvas, grid = drawing.canvas, drawing.grid
    inside = drawing.values and drawing.trace.module.input_size <= MOST_LINES
    for t in grid.steps:
        code = drawing.code("x", t)
        box = canvas.fill(
            grid.read(0, t),
            drawing.numbers(0, 0, "x", t) if inside else code,
            quantity="x",
            look=drawing.look(),
            fontsize=NUMBERS if inside else f"{TEXT:g}",
        )
        if inside:
            canvas.write(f"x-name-t{t}", [code], at=box.bottom, gap=ABOVE, width=grid.pitch - 4)
    if not grid.narrow:
        shape = words(drawing.shape(0, 0, "x"), colour="x")
        name_row(canvas, "x", [drawing.code("x", "t"), shape], y=0, classes="row")
    _count_hidden(drawing, 0)


def draw_cells(drawing: Drawing, layer: int, direction: int) -> None:
    """Draw one layer in one direction: its cells, what they read, the states they hand on."""
    grid = drawing.grid
    for t in grid.steps:
        _draw_cell(drawing, layer, direction, t)
        for state in grid.states:
            _draw_state(drawing, (state, layer, direction, t))
    for state in grid.states:
        _draw_lane(drawing, layer, direction, state)
    part, y = f"l{layer}-{DIRECTIONS[direction]}", grid.y_of_cells(layer, direction)
    title = words(f"layer {layer}", size=TEXT, bold=True)
    direction_name = DIRECTIONS[direction] if grid.num_directions == 2 else ""
    if grid.narrow:  # above the states that enter or leave at the left
        tag = grid.tag(grid.states[0], layer, direction, name="", right=False)
        lines = [title, *([words(direction_name, size=TEXT)] if direction_name else [])]
        at = (tag.x, max(y + grid.cell_height / 2, tag.top.y + LINE + 5))
        width, align = grid.widths.tag + 8, "center"
        if grid.is_tight:  # it begins where the tag does, and stands above the first cell
            at, align = (at[0] + 4, at[1] + ABOVE + 13), "left"
        drawing.canvas.write(f"row-{part}", lines, at=at, width=width, align=align, classes="row")
        return
    if direction_name:
        title += words(f"  {direction_name}", size=TEXT)  # bold is wider in a page's own font
    shapes = [
        symbol(state, colour=state)
        + words(f" {drawing.shape(layer, direction, state)}", colour=state)
        for state in grid.states
    ]
    name_row(drawing.canvas, part, [title, *shapes], y=y, classes="row")


def _draw_cell(drawing: Drawing, layer: int, direction: int, t: int) -> None:
    """Draw the arrow into one cell, and its frame, ringed where the module returns its state."""
    canvas, grid = drawing.canvas, drawing.grid
    ring = [s for s in reversed(grid.states) if drawing.is_final((s, layer, direction, t))]
    cell = canvas.fill(
        grid.cell(layer, direction, t),
        colour=ring[0] if ring else "faint",
        look="ringed" if ring else "card",
        classes="cell final" if ring else "cell",
    )
    canvas.arrow(
        grid.read(layer, t),
        cell,
        name=f"in{cell.name.removeprefix('cell')}",
        quantity="h" if layer else "x",
        look=drawing.look(),
    )


def _draw_state(drawing: Drawing, cell: returned.Cell) -> None:
    """Draw one state in its cell: a letter or its numbers; solid where h_n or c_n keeps it."""
    state, layer, direction, t = cell
    final = drawing.is_final(cell)
    numbers = drawing.numbers(layer, direction, state, t) if drawing.values else ""
    drawing.canvas.fill(
        drawing.grid.state(*cell),
        numbers or symbol(state, size=13),
        quantity=state,
        look=drawing.look(*drawing.keepers[cell], otherwise="solid" if final else "plain"),
        classes="final" if final else "",
        fontsize=NUMBERS,
    )


def _draw_lane(drawing: Drawing, layer: int, direction: int, state: str) -> None:
    """Draw the arrows of one state along a row, from h_0 or c_0 to h_n[k] or c_n[k]."""
    grid = drawing.grid
    steps = grid.steps[::-1] if direction else grid.steps
    tag = next(tag for tag in drawing.tags if tag.cell[:3] == (state, layer, direction))
    start, end = (_draw_tag(drawing, tag, low) for low in "0n")
    cells = [grid.state(state, layer, direction, t) for t in steps]
    # The row's arrows: one into the first cell, then one out of each, which may skip steps.
    skips = [False, *(abs(later - t) > 1 for t, later in pairwise(steps))]
    looks = [drawing.look(otherwise="dashed" if skip else "plain") for skip in skips]
    Lane(drawing.canvas, state, [start, *cells, end]).draw([*looks, drawing.look(f"{state}_n")])


def _draw_tag(drawing: Drawing, tag: returned.Tag, low: str) -> Box:
    """Draw h_0[k] or c_0[k], or h_n[k] or c_n[k], at its end of the row."""
    canvas, grid, final = drawing.canvas, drawing.grid, low == "n"
    state, layer, direction, _ = tag.cell
    name, right = f"{state}_{low}-{tag.state.row}", final == (direction == 0)
    look = drawing.look(
        *([f"{state}_n"] if final else []), otherwise="solid" if final else "dashed"
    )
    box = canvas.fill(
        grid.tag(state, layer, direction, name=name, right=right),
        symbol(f"{state}_{low}{tag.name[3:]}"),
        quantity=state,
        look=look,
        classes="final" if final else "initial",
    )
    if final and state == "h" and tag.twin != "" and not grid.narrow:
        aside = (TWIN - TAG[0]) / 2 * (-1 if direction else 1)
        canvas.write(
            f"{name}-twin",
            [words(f"= {tag.twin}" if tag.twin else "not in output")],
            at=(box.x + aside, grid.y_of_twin(layer, direction)),
            width=TWIN,
            align="right" if direction else "left",
            fontcolor=COLOURS["ink"] + (DIMMED if look == "dim" else ""),
        )
    return box


def draw_reads(drawing: Drawing, layer: int) -> None:
    """Draw what a layer reads, or output above the last: the halves of the layer below it."""
    canvas, grid = drawing.canvas, drawing.grid
    is_output = layer == grid.num_layers
    for t in grid.steps:
        box = grid.read(layer, t)
        if grid.num_directions == 2:
            look = drawing.look(*(["output"] if is_output else []), otherwise="frame")
            canvas.fill(box, quantity="output" if is_output else "h", look=look)
        for direction in range(grid.num_directions):
            _draw_half(drawing, layer, direction, t)
        if is_output and (grid.num_directions == 2 or drawing.values):
            code = drawing.code("output", t)
            canvas.write(f"{box.name}-name", [code], at=box.top, gap=ABOVE, width=grid.pitch - 4)
    if not grid.narrow:
        _name_reads(drawing, layer)
    _count_hidden(drawing, layer)


def _name_reads(drawing: Drawing, layer: int) -> None:
    """Write at the left edge what a layer reads, or output, and its shape."""
    grid = drawing.grid
    if layer == grid.num_layers:
        title, shape = drawing.code("output", "t"), returned.output_shape(drawing.trace)
    else:
        title, shape = words(f"layer {layer} reads", size=TEXT), drawing.shape(layer, 0, "x")
    lines, y = [title, words(shape, colour="h")], grid.read(layer, 0).y
    name_row(drawing.canvas, grid.part(layer), lines, y=y, classes="row")


def _draw_half(drawing: Drawing, layer: int, direction: int, t: int) -> None:
    """Draw one direction's half of what a layer gives at one step, and the arrow into it."""
    canvas, grid, below = drawing.canvas, drawing.grid, layer - 1
    is_output, two = layer == grid.num_layers, grid.num_directions == 2
    final = is_output and drawing.is_final(("h", below, direction, t))
    keepers = ("output",) if is_output else ()
    half = canvas.fill(
        grid.half(layer, direction, t),
        _half_text(drawing, layer, direction, t),
        quantity="output" if is_output else "h",
        look=drawing.look(*keepers, otherwise="solid" if final else "tint" if two else "plain"),
        fontsize=NUMBERS,
    )
    cell = grid.cell(below, direction, t)
    canvas.arrow(
        cell,
        grid.read(layer, t, half.name).towards(cell.middle),  # up to the frame around the halves
        name=f"up{cell.name.removeprefix('cell')}",
        quantity="h",
        look=drawing.look(*keepers),
    )


def _half_text(drawing: Drawing, layer: int, direction: int, t: int) -> str:
    """Return the label of one half: its numbers, its slice, or the name of the whole."""
    if drawing.values:
        return drawing.numbers(layer - 1, direction, "h", t)
    if drawing.grid.num_directions == 2:
        return half_code(drawing.trace, direction)
    if layer == drawing.grid.num_layers:
        return drawing.code("output", t)
    return symbol("h", size=13)


def draw_absent(drawing: Drawing) -> None:
    """Draw the steps after the end of a packed sequence as empty boxes in x and in output."""
    canvas, grid = drawing.canvas, drawing.grid
    missing = int(drawing.trace.lengths.max() - drawing.trace.lengths[drawing.sequence])
    text = "no step" if len(grid.absent) == missing else f"{missing} steps absent"
    for t in grid.absent:
        for layer in (0, grid.num_layers):
            box = grid.read(layer, t, f"{grid.part(layer)}-absent-t{t}")
            canvas.fill(
                box, text, colour="faint", look="dashed", classes="absent", fontsize=NUMBERS
            )


def _count_hidden(drawing: Drawing, layer: int) -> None:
    """Write how many steps are left out of a row, in the column that they would have."""
    grid = drawing.grid
    if grid.hidden:
        text = counted(grid.hidden, "step")
        lines = ["…", text] if grid.narrow else [f"… {text} …"]
        drawing.canvas.write(
            f"hidden-{grid.part(layer)}",
            [words(line, size=TEXT) for line in lines],
            at=(grid.x_of_hidden, grid.read(layer, 0).y),
            width=min(grid.widths.boxes, grid.gap),
        )
