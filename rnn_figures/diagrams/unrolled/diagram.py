"""Draw a Trace as an unrolled network: one column per step, one row per layer and direction."""

from collections.abc import Iterable
from itertools import product

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.diagrams.canvas import Canvas
from rnn_figures.diagrams.columns import MOST_LINES, one_below_the_other
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.diagrams.unrolled.drawing import Drawing
from rnn_figures.diagrams.unrolled.positions import TIGHT_PAD, Grid, grid_of
from rnn_figures.diagrams.unrolled.rows import draw_absent, draw_cells, draw_inputs, draw_reads
from rnn_figures.figures import Diagram, Table, Value
from rnn_figures.numbers import counted
from rnn_figures.traces import returned
from rnn_figures.traces.final_states import final_rows
from rnn_figures.traces.records import Trace
from rnn_figures.weights import DIRECTIONS, layers_and_directions

NARROW_STEPS = {1: 5, 2: 4}
"""Steps that a phone has room for, by the number of directions."""

NARROW_ENDS = {1: 4, 2: 3}
"""Of more than these, how many it has room for beside the word for the rest."""

UNITS = 8
"""At most this many units of a state are listed in the table behind a diagram."""


@checked
def unrolled_diagram(
    trace: Trace,
    *,
    sequence: int = 0,
    steps: int = 8,
    values: bool = False,
    lit: Iterable[str] = (),
    narrow: bool = False,
) -> Diagram:
    """Draw every step of a run: what each cell reads, hands on and gives, and what comes back.

    One column per step. A layer is a row per direction: forward states run to the right, reverse
    states, a little higher and to the right of their column, run to the left. The box above a layer
    is what the next layer reads. h_0 and c_0 enter where a direction starts; where it ends, the
    cell is ringed and h_n[k] and c_n[k] leave: forward on the right, reverse on the left.

    Args:
        trace: The run to draw.
        sequence: Whose numbers are in the table and in `values`; packed, whose end is drawn.
        steps: Columns drawn at most; of a longer sequence, the first and the last.
        values: True writes numbers in the boxes, for states of up to 3 units.
        lit: What stays bright, any of "output", "h_n", "c_n", "nowhere": the states that each
            keeps. The rest is dimmed; nothing is if it is empty.
        narrow: True moves the columns together and leaves out shapes and what rows of h_n equal,
            so that a few steps fit on a phone. A drawing that is not narrow brings one that is,
            of the first and the last step if all do not fit, for phones to show instead.

    Returns:
        The Diagram; its table has a row per cell drawn, with the numbers of its states and the code
        that reads them from what the module returned.

    Raises:
        ValueError: an option is out of range.
        ProofError: a tag is not the state that it stands at.

    Examples:
        >>> import torch
        >>> from rnn_figures import trace
        >>> lstm = torch.nn.LSTM(5, 3, bidirectional=True)
        >>> unrolled_diagram(trace(lstm, torch.zeros(8, 1, 5))).alt.split(". ")[4]
        'h_n[1] (1, 3) is layer 0 reverse after step 0, equal to output[0, :, 3:]'
    """
    names = _checked_options(trace, sequence, steps, values, lit)
    grid = grid_of(trace, sequence=sequence, steps=steps, values=values, narrow=narrow)
    tags = returned.tags(trace, sequence)
    keepers = returned.keepers(trace, sequence, tags)
    canvas = Canvas(
        trace.module.mode.partition("_")[0].lower(),
        alt=_alt(trace, grid, tags),
        data=_table(trace, grid, sequence, keepers),
        proof=returned.prove(trace),
    )
    _draw(Drawing(canvas, trace, grid, sequence, values, names, keepers, tags))
    if not narrow:
        few = _narrow_steps(grid, steps)
        canvas.narrow = unrolled_diagram(
            trace, sequence=sequence, steps=few, values=values, lit=names, narrow=True
        )
    return canvas


def _texts(trace: Trace, grid: Grid, sequence: int) -> dict[str, str]:
    """Return what must stand in the boxes of the states and of output, by the trace and output."""
    expected = {}
    for (layer, direction), state in product(layers_and_directions(trace.module), grid.states):
        values = trace[layer, direction][state][:, sequence]
        for t in grid.steps:
            box = grid.state(state, layer, direction, t)
            expected[box.name] = one_below_the_other(values[t])
    for direction, half in enumerate(trace.output_steps().chunk(grid.num_directions, -1)):
        for t in grid.steps:
            name = grid.half(grid.num_layers, direction, t).name
            expected[name] = one_below_the_other(half[t, sequence])
    return expected


def _draw(drawing: Drawing) -> None:
    """Draw all that a drawing shows, from its inputs to its top layer, and prove its numbers."""
    if drawing.grid.is_tight:
        drawing.canvas.graph_attr["pad"] = TIGHT_PAD
    draw_inputs(drawing)
    for layer in range(drawing.grid.num_layers):
        for direction in range(drawing.grid.num_directions):
            draw_cells(drawing, layer, direction)
        draw_reads(drawing, layer + 1)
    draw_absent(drawing)
    if drawing.values:
        expected = _texts(drawing.trace, drawing.grid, drawing.sequence)
        prove_shown(drawing.canvas, expected)


def _narrow_steps(grid: Grid, steps: int) -> int:
    """Return how many steps a phone shows of those that are drawn."""
    fits = len(grid.steps) <= NARROW_STEPS[grid.num_directions] and not grid.hidden
    return steps if fits else NARROW_ENDS[grid.num_directions]


def _checked_options(
    trace: Trace, sequence: int, steps: int, values: bool, lit: Iterable[str]
) -> frozenset[str]:
    """Return the names in `lit`; raise ValueError for an option that nothing can be drawn with."""
    count = len(trace.lengths)
    if not 0 <= sequence < count:
        raise ValueError(f"expected a sequence in 0..{count - 1}, got {sequence}")
    if steps < 2:
        raise ValueError(f"expected at least 2 steps, the first and the last, got {steps}")
    if values and trace.module.hidden_size > MOST_LINES:
        raise ValueError(
            f"expected at most {MOST_LINES} units to write their values, got a hidden_size "
            f"of {trace.module.hidden_size}; leave values out, the table has the numbers"
        )
    names = frozenset((lit,) if isinstance(lit, str) else lit)
    if unknown := names - {*returned.KEEPERS}:
        known, got = ", ".join(returned.KEEPERS), ", ".join(sorted(unknown))
        raise ValueError(f"expected lit to name any of {known}, got {got}")
    return names


def _alt(trace: Trace, grid: Grid, tags: tuple[returned.Tag, ...]) -> str:
    """Describe what the diagram shows."""
    two = grid.num_directions == 2
    sentences = [
        f"{describe(trace.module)} unrolled over {counted(int(trace.lengths.max()), 'step')}"
    ]
    if grid.hidden:
        sentences.append(f"The middle {counted(grid.hidden, 'step')} are counted, not drawn")
    rows = counted(grid.num_layers, "layer" if two else "row") + (" of cells" if not two else "")
    sentences.append(f"From x below to output above, {rows}")
    if two:
        sentences.append(
            "Each layer is a forward row, whose states run right, and above it a reverse row, "
            "whose states run left"
        )
    if trace.packed:
        layout = ", batch_first=True" if trace.module.batch_first else ""
        sentences.append(f"padded is what pad_packed_sequence(output{layout}) returns first")
    if grid.absent:
        sentences.append("The sequence drawn has fewer steps than the longest: the rest is absent")
    for tag in tags:
        shape = final_rows(trace)[tag.state.quantity][0].shape  # (N, H), or (H,) unbatched
        alone = tuple(shape[1:] if trace.packed else shape)  # a packed tag names one sequence
        row = f"layer {tag.state.layer}{f' {tag.state.direction_name}' if two else ''}"
        where = f"equal to {tag.twin}" if tag.twin else "nowhere in output"
        name = tag.name if trace.packed else tag.state.name
        sentences.append(f"{name} {alone} is {row} after step {tag.step}, {where}")
    return ". ".join(sentences) + "."


def _table(
    trace: Trace, grid: Grid, sequence: int, keepers: dict[returned.Cell, dict[str, str]]
) -> Table:
    """List the cells drawn: their states' numbers, and the code that reads each state."""
    columns = ["layer", "direction", "step"]
    for state in reversed(grid.states):
        units = min(UNITS, trace[0, 0][state].shape[-1])
        columns += [f"{state}[{unit}]" for unit in range(units)] + [f"{state} is kept in"]
    rows: list[list[Value]] = []
    for (layer, direction), t in product(layers_and_directions(trace.module), grid.steps):
        row: list[Value] = [layer, DIRECTIONS[direction], t]
        for state in reversed(grid.states):
            row += trace[layer, direction][state][t, sequence, :UNITS].tolist()
            names = keepers[state, layer, direction, t]
            row.append(", ".join(filter(None, names.values())) or "nowhere")
        rows.append(row)
    return Table(columns, rows)
