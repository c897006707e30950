"""Draw the rows of an unrolled diagram: x, the cells of each layer, what each layer gives."""

from itertools import pairwise

from rnn_figures.diagrams.canvas import (
    DIMMED,
    SMALL,
    Place,
    arrow,
    box,
    label,
    symbol,
    words,
    write,
)
from rnn_figures.diagrams.unrolled import positions
from rnn_figures.diagrams.unrolled.drawing import Sheet
from rnn_figures.palette import COLOURS
from rnn_figures.traces import kept
from rnn_figures.weights import DIRECTIONS


def draw_inputs(sheet: Sheet) -> None:
    """Draw the row of x."""
    diagram, grid = sheet.diagram, sheet.grid
    inside = sheet.values and sheet.trace.module.input_size <= positions.MOST_LINES
    for t in grid.steps:
        code = sheet.code("x", t)
        box(
            diagram,
            f"{diagram.name}-x-t{t}",
            sheet.numbers(0, 0, "x", t) if inside else label(code),
            at=(grid.x_of(t), 0),
            size=(positions.BOX, grid.input_height),
            colour="x",
            look=sheet.look(),
            class_="q-x",
            fontsize=f"{SMALL if inside else 12:g}",
        )
        if inside:
            below = (grid.x_of(t), -grid.input_height / 2 - 10)
            write(
                diagram, f"{diagram.name}-x-name-t{t}", [code], at=below, width=positions.PITCH - 4
            )
    shape = words(sheet.shape(0, 0, "x"), colour="x")
    _write_row_name(sheet, "x", [sheet.code("x", "t"), shape], y=0)
    _count_hidden(sheet, "x", y=0)


def draw_cells(sheet: Sheet, layer: int, direction: int) -> None:
    """Draw one layer in one direction: its cells, what they read, the states they hand on."""
    grid = sheet.grid
    for t in grid.steps:
        _draw_cell(sheet, layer, direction, t)
        for state in grid.states:
            _draw_state(sheet, (state, layer, direction, t))
    for state in grid.states:
        _draw_lane(sheet, layer, direction, state)
    title = words(f"layer {layer}", size=12, bold=True)
    if grid.num_directions == 2:
        title += words(f" {DIRECTIONS[direction]}", size=12)
    shapes = [
        symbol(state, colour=state)
        + words(f" {sheet.shape(layer, direction, state)}", colour=state)
        for state in grid.states
    ]
    y = grid.y_of_cell(layer, direction)
    _write_row_name(sheet, f"l{layer}-{DIRECTIONS[direction]}", [title, *shapes], y=y)


def _draw_cell(sheet: Sheet, layer: int, direction: int, t: int) -> None:
    """Draw the arrow into one cell, and its frame, ringed where the module returns its state."""
    diagram, grid = sheet.diagram, sheet.grid
    x, y = grid.x_of(t) + grid.aside(direction), grid.y_of_cell(layer, direction)
    name = sheet.name("cell", layer, direction, t)
    ring = [s for s in reversed(grid.states) if sheet.is_final((s, layer, direction, t))]
    box(
        diagram,
        name,
        "",
        at=(x, y),
        size=(positions.CARD, grid.card_height),
        colour=ring[0] if ring else "faint",
        look="ringed" if ring else "card",
        class_="cell final" if ring else "cell",
    )
    source = f"{diagram.name}-read-l{layer}-t{t}" if layer else f"{diagram.name}-x-t{t}"
    height = grid.box_height if layer else grid.input_height
    arrow(
        diagram,
        source,
        name,
        name=sheet.name("in", layer, direction, t),
        points=[(x, grid.y_of_box(layer) + height / 2), (x, y - grid.card_height / 2)],
        colour="h" if layer else "x",
        look=sheet.look(),
        class_="q-h" if layer else "q-x",
    )


def _draw_state(sheet: Sheet, cell: kept.Cell) -> None:
    """Draw one state in its cell: a letter or its numbers; solid where h_n or c_n keeps it."""
    state, layer, direction, t = cell
    final = sheet.is_final(cell)
    box(
        sheet.diagram,
        sheet.name(state, layer, direction, t),
        sheet.numbers(layer, direction, state, t)
        if sheet.values
        else label(symbol(state, size=13)),
        at=sheet.grid.place(layer, direction, t, state),
        size=(positions.CHIP[0], sheet.grid.chip_height),
        colour=state,
        look=sheet.look(*sheet.keepers[cell], otherwise="solid" if final else "plain"),
        class_=f"q-{state} final" if final else f"q-{state}",
        fontsize=f"{SMALL:g}",
    )


def _draw_lane(sheet: Sheet, layer: int, direction: int, state: str) -> None:
    """Draw the arrows of one state along a row, from h_0 or c_0 to h_n[k] or c_n[k]."""
    grid = sheet.grid
    y = grid.y_of_lane(layer, direction, state)
    steps = grid.steps[::-1] if direction else grid.steps
    ahead = -1 if direction else 1
    start = _draw_tag(sheet, _tag_of(sheet, layer, direction, state), "0", y)
    end = _draw_tag(sheet, _tag_of(sheet, layer, direction, state), "n", y)
    cells = [
        (sheet.name(state, layer, direction, t), grid.x_of(t) + grid.aside(direction))
        for t in steps
    ]
    stops = [
        (start, grid.x_of_end(right=direction == 1), positions.TAG[0] / 2),
        *((name, x, positions.CHIP[0] / 2) for name, x in cells),
        (end, grid.x_of_end(right=direction == 0), positions.TAG[0] / 2),
    ]
    # The row's arrows: one into the first cell, then one out of each, which may skip steps.
    skips = [False, *(abs(later - t) > 1 for t, later in pairwise(steps)), False]
    for (tail, head), skip in zip(pairwise(stops), skips, strict=True):
        arrow(
            sheet.diagram,
            tail[0],
            head[0],
            name=f"{tail[0]}-on",
            points=[(tail[1] + ahead * tail[2], y), (head[1] - ahead * head[2], y)],
            colour=state,
            look=sheet.look(
                *([f"{state}_n"] if head[0] == end else []), otherwise="dashed" if skip else "plain"
            ),
            class_=f"q-{state}",
        )


def _tag_of(sheet: Sheet, layer: int, direction: int, state: str) -> kept.Tag:
    """Return the row of h_n or c_n in which a row of cells ends."""
    return next(tag for tag in sheet.tags if tag.cell[:3] == (state, layer, direction))


def _draw_tag(sheet: Sheet, tag: kept.Tag, low: str, y: float) -> str:
    """Draw h_0[k] or c_0[k], or h_n[k] or c_n[k], at its end of the row; return its node's name."""
    diagram, grid, final = sheet.diagram, sheet.grid, low == "n"
    state, _, direction, _ = tag.cell
    name = f"{diagram.name}-{state}_{low}-{tag.state.row}"
    at = (grid.x_of_end(right=final == (direction == 0)), y)
    look = sheet.look(f"{state}_n", otherwise="solid") if final else sheet.look(otherwise="dashed")
    box(
        diagram,
        name,
        label(symbol(f"{state}_{low}{tag.name[3:]}")),
        at=at,
        size=positions.TAG,
        colour=state,
        look=look,
        class_=f"q-{state} {'final' if final else 'initial'}",
    )
    if final and state == "h" and tag.twin != "":
        outward = -1 if direction else 1
        aside = outward * (positions.TWIN - positions.TAG[0]) / 2
        write(
            diagram,
            f"{name}-twin",
            [words(f"= {tag.twin}" if tag.twin else "not in output")],
            at=(at[0] + aside, grid.y_of_twin(tag.state.layer, direction)),
            width=positions.TWIN,
            align="right" if direction else "left",
            fontcolor=COLOURS["ink"] + (DIMMED if look == "dim" else ""),
        )
    return name


def draw_reads(sheet: Sheet, layer: int) -> None:
    """Draw what a layer reads, or output above the last: the halves of the layer below it."""
    diagram, grid = sheet.diagram, sheet.grid
    is_output = layer == grid.num_layers
    part = "output" if is_output else f"read-l{layer}"
    y = grid.y_of_box(layer)
    for t in grid.steps:
        name = f"{diagram.name}-{part}-t{t}"
        if grid.num_directions == 2:
            box(
                diagram,
                name,
                "",
                at=(grid.x_of(t), y),
                size=(positions.BOX, grid.box_height),
                colour="h",
                look=sheet.look(*(["output"] if is_output else []), otherwise="frame"),
                class_="q-output" if is_output else "q-h",
            )
        for direction in range(grid.num_directions):
            _draw_half(sheet, layer, direction, t)
        if is_output and (grid.num_directions == 2 or sheet.values):
            above = (grid.x_of(t), y + grid.box_height / 2 + 10)
            code = sheet.code("output", t)
            write(diagram, f"{name}-name", [code], at=above, width=positions.PITCH - 4)
    if is_output:
        title, shape = sheet.code("output", "t"), kept.output_shape(sheet.trace)
    else:
        title, shape = words(f"layer {layer} reads", size=12), sheet.shape(layer, 0, "x")
    _write_row_name(sheet, part, [title, words(shape, colour="h")], y=y)
    _count_hidden(sheet, part, y=y)


def _draw_half(sheet: Sheet, layer: int, direction: int, t: int) -> None:
    """Draw one direction's half of what a layer gives at one step, and the arrow into it."""
    diagram, grid, below = sheet.diagram, sheet.grid, layer - 1
    is_output, two = layer == grid.num_layers, grid.num_directions == 2
    part = "output" if is_output else f"read-l{layer}"
    name = f"{diagram.name}-{part}{f'-{DIRECTIONS[direction]}' if two else ''}-t{t}"
    x, y = grid.x_of(t) + grid.aside(direction), grid.y_of_box(layer)
    final = is_output and sheet.is_final(("h", below, direction, t))
    keepers = ("output",) if is_output else ()
    box(
        diagram,
        name,
        _half_text(sheet, layer, direction, t),
        at=(x, y),
        size=(positions.HALF, grid.chip_height) if two else (positions.BOX, grid.box_height),
        colour="h",
        look=sheet.look(*keepers, otherwise="solid" if final else "tint" if two else "plain"),
        class_="q-output" if is_output else "q-h",
        fontsize=f"{SMALL:g}",
    )
    top = grid.y_of_cell(below, direction) + grid.card_height / 2
    arrow(
        diagram,
        sheet.name("cell", below, direction, t),
        name,
        name=sheet.name("up", below, direction, t),
        points=[(x, top), (x, y - grid.box_height / 2)],
        colour="h",
        look=sheet.look(*keepers),
        class_="q-h",
    )


def _half_text(sheet: Sheet, layer: int, direction: int, t: int) -> str:
    """Return the label of one half: its numbers, its slice, or the name of the whole."""
    if sheet.values:
        return sheet.numbers(layer - 1, direction, "h", t)
    if sheet.grid.num_directions == 2:
        return kept.half_code(sheet.trace, direction)
    return label(
        sheet.code("output", t) if layer == sheet.grid.num_layers else symbol("h", size=13)
    )


def draw_absent(sheet: Sheet) -> None:
    """Draw the steps after the end of a packed sequence as empty places in x and in output."""
    diagram, grid = sheet.diagram, sheet.grid
    missing = int(sheet.trace.lengths.max() - sheet.trace.lengths[sheet.sequence])
    text = "no step" if len(grid.absent) == missing else f"{missing} steps absent"
    heights = {"x": (0, grid.input_height), "output": (grid.num_layers, grid.box_height)}
    for t in grid.absent:
        for part, (layer, height) in heights.items():
            box(
                diagram,
                f"{diagram.name}-{part}-absent-t{t}",
                text,
                at=(grid.x_of(t), grid.y_of_box(layer)),
                size=(positions.BOX, height),
                colour="faint",
                look="dashed",
                class_="absent",
                fontsize=f"{SMALL:g}",
            )


def _write_row_name(sheet: Sheet, part: str, lines: list[str], *, y: float) -> None:
    """Write the name of a row and its shapes at the left edge."""
    place: Place = (positions.MARGIN + positions.LABEL / 2, y)
    name = f"{sheet.diagram.name}-row-{part}"
    write(sheet.diagram, name, lines, at=place, width=positions.LABEL, align="left", class_="row")


def _count_hidden(sheet: Sheet, part: str, *, y: float) -> None:
    """Write how many steps are left out, in the column that they would have."""
    if count := sheet.grid.hidden:
        text = words(f"… {count} step{'s' if count > 1 else ''} …", size=12)
        name = f"{sheet.diagram.name}-hidden-{part}"
        write(sheet.diagram, name, [text], at=(sheet.grid.gap, y), width=positions.BOX)
