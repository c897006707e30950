"""Draw a stack as one-layer modules piled up, each number compared with the stack's own."""

import textwrap
from itertools import product
from typing import Any, NamedTuple

from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.diagrams.boxes import Box
from rnn_figures.diagrams.canvas import LINE, TEXT, Canvas, symbol, words
from rnn_figures.diagrams.columns import (
    ABOVE,
    BOX,
    BOX_HEIGHT,
    HALF,
    MOST_LINES,
    NEXT_LINE,
    PITCH,
    TAG,
    aside,
    first_and_last,
    name_row,
    one_below_the_other,
)
from rnn_figures.diagrams.lanes import heights
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import agreement, number
from rnn_figures.proofs import Proof
from rnn_figures.stacks import LayerRun, layer_by_layer
from rnn_figures.traces.selection import sequence_index
from rnn_figures.weights import DIRECTIONS, num_directions, suffix

MOST_STEPS = 8
"""Longest sequence that is drawn."""

BAND = 50.0
"""Height of a one-layer module."""

UP = 46.0
"""From what a module gives to what reads it: an arrow with a tick on it."""

SHORT = 24.0
"""Length of an arrow without one."""

TICK, BELOW_TICK = 17.0, 10.0
"""Diameter of a tick, length of the line below it."""

FINAL = (TAG[0] + 8, TAG[1])
"""Width and height of h_n[k] and c_n[k], each with its tick."""

BESIDE, NARROW_BESIDE = 25.0, 14.0
"""From the last box of a row to these."""

NARROW_BOX = 56.0
"""Width of a box of one direction in a narrow diagram."""

NARROW_GAP, NARROW_HIDDEN = 5.0, 20.0
"""Between two columns of a narrow diagram, and beside it where steps are left out."""

NARROW_STEPS = {1: 4, 2: 2}
"""Steps that a phone has space for, by the number of directions."""

WRAP = 24
"""Letters in a line of a one-layer module in a narrow diagram."""


class Pile(NamedTuple):
    """One diagram while it is drawn: what is drawn, and where. x is below, at y = 0.

    Attributes:
        canvas: What to draw on.
        module: The stack.
        runs: Its layers, alone and inside, from the bottom.
        steps: The steps drawn.
        sequence: Which sequence of the batch.
        narrow: True for columns as close as they can be, without names at the left edge.
    """

    canvas: Canvas
    module: nn.RNNBase
    runs: list[LayerRun]
    steps: tuple[int, ...]
    sequence: int
    narrow: bool

    @property
    def num_directions(self) -> int:
        """D: 2 if the stack is bidirectional, else 1."""
        return num_directions(self.module)

    @property
    def units(self) -> int:
        """H_out: numbers that one direction gives at one step."""
        return self.runs[0].alone.shape[-1] // self.num_directions

    @property
    def box(self) -> float:
        """Width of what a step reads or gives."""
        return NARROW_BOX if self.narrow and self.num_directions == 1 else BOX

    @property
    def hidden(self) -> int:
        """How many steps are left out, in the middle."""
        return self.steps[-1] + 1 - len(self.steps)

    def x_of(self, t: int) -> float:
        """Return x of the middle of a step's column."""
        pitch = self.box + NARROW_GAP if self.narrow else PITCH
        return self.steps.index(t) * pitch + (NARROW_HIDDEN if t > self.steps.index(t) else 0.0)

    def x(self, t: int) -> Box:
        """Return the box of x at a step."""
        return Box(f"x-t{t}", self.x_of(t), 0.0, self.box, BOX_HEIGHT)

    def band(self, layer: int) -> Box:
        """Return the box of a one-layer module, over all steps."""
        width, height = self.x_of(self.steps[-1]), self.half(0, 0, 0, y=0.0).height
        first = BOX_HEIGHT / 2 + SHORT + BAND / 2
        y = first + layer * (BAND + SHORT + height + UP)
        return Box(f"layer-l{layer}", width / 2, y, width + self.box, BAND)

    def half(self, layer: int, direction: int, t: int, *, y: float | None = None) -> Box:
        """Return the box of what one direction of a layer gives at a step: numbers, or h."""
        lines = self.units if self.units <= MOST_LINES else 1
        height = BOX_HEIGHT + NEXT_LINE * (lines - 1)
        y = self.band(layer).top.y + SHORT + height / 2 if y is None else y
        name = f"h-l{layer}-{DIRECTIONS[direction]}-t{t}"
        width = self.box if self.num_directions == 1 else HALF
        x = self.x_of(t) + aside(direction, self.num_directions)
        return Box(name, x, y, width, height)

    def output(self, direction: int, t: int) -> Box:
        """Return the box of one direction's half of the stack's output."""
        below = self.half(len(self.runs) - 1, direction, t)
        y = below.top.y + UP + BOX_HEIGHT / 2
        return Box(f"output-{DIRECTIONS[direction]}-t{t}", below.x, y, below.width, BOX_HEIGHT)


@checked
def stack_diagram(
    module: nn.RNNBase, input: Tensor, *, sequence: int = 0, narrow: bool = False
) -> Diagram:
    """Draw a stack as one-layer modules run one after the other, with a tick on each equal arrow.

    From below: x, the module with the weights of layer 0, the hidden states that it gives, and so
    on to output. A tick: the lone module's numbers equal those of its layer inside the stack.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass.
        input: A tensor that the module takes, of at most 8 steps; not packed.
        sequence: From 0; negative counts from the last.
        narrow: True moves the columns together and leaves out the names of rows, and the middle
            steps if all do not fit on a phone. A drawing that is not narrow brings one that is.

    Returns:
        The Diagram; its table has a row for each layer, direction and step, with the largest
        difference there.

    Raises:
        IndexError: there is no such sequence.
        ProofError: a layer alone differs from the same layer in the stack.
        ValueError: more than 8 steps, or active dropout.

    Examples:
        >>> import torch
        >>> stack_diagram(nn.GRU(5, 3, num_layers=2), torch.zeros(4, 1, 5)).alt.split(". ")[0]
        'nn.GRU(5, 3, num_layers=2) as 2 one-layer modules run one after the other'
    """
    runs = layer_by_layer(module, input)
    steps, count, _ = runs[0].alone.shape
    if steps > MOST_STEPS:
        raise ValueError(
            f"expected at most {MOST_STEPS} steps, got {steps}; pass a part, such as x[:4]"
        )
    sequence = sequence_index(sequence, count)
    canvas = Canvas(
        "stack",
        alt=_alt(module, runs, steps),
        data=_table(module, runs, sequence),
        proof=Proof(
            f"every layer of {describe(module)} compared with a one-layer module of its weights",
            *(run.proof for run in runs),
        ),
    )
    shown = first_and_last(steps, NARROW_STEPS[num_directions(module)] if narrow else steps)
    pile = Pile(canvas, module, runs, shown, sequence, narrow)
    _draw_input(pile)
    for layer in range(len(runs)):
        _draw_layer(pile, layer)
        _draw_ends(pile, layer)
    _draw_output(pile)
    if not narrow:
        canvas.narrow = stack_diagram(module, input, sequence=sequence, narrow=True)
    return canvas


def _texts(pile: Pile) -> dict[str, str]:
    """Return what must stand at each step: the numbers, if they are written, and the names."""
    texts = {f"x-t{t}": f"x[{t}]" for t in pile.steps}
    for layer, run in enumerate(pile.runs if pile.units <= MOST_LINES else ()):
        h = run.alone[:, pile.sequence].unflatten(-1, (pile.num_directions, pile.units))
        for t, direction in product(pile.steps, range(pile.num_directions)):
            name = pile.half(layer, direction, t).name
            texts[name] = one_below_the_other(h[t, direction])
    return texts


def _draw_input(pile: Pile) -> None:
    """Draw x."""
    for t in pile.steps:
        pile.canvas.fill(pile.x(t), symbol(f"x[{t}]"), quantity="x")
    shape = f"({pile.runs[0].alone.shape[1]}, {pile.module.input_size})"
    _name_row(pile, "x", [symbol("x[t]"), words(shape, colour="x")], y=0)


def _draw_layer(pile: Pile, layer: int) -> None:
    """Draw one module over all steps, what it reads from below and what it gives."""
    run = pile.runs[layer]
    name = describe(run.module)
    text: str | list[str] = words(name, size=TEXT, bold=True)
    if pile.narrow:
        text = [words(line, size=TEXT, bold=True) for line in textwrap.wrap(name, WRAP)]
        text.append(words(f"layer {layer} alone"))
    look: dict[str, Any] = {"look": "card", "classes": "module", "line_height": LINE - 1}
    band = pile.canvas.fill(pile.band(layer), text, colour="faint", **look)
    lines = [words(f"layer {layer} alone", size=TEXT, bold=True)]
    lines += [words(f"weights {suffix(layer, 0)}"), words(f"and {suffix(layer, 1)}")]
    _name_row(pile, f"layer-l{layer}", lines[: 1 + pile.num_directions], y=band.y)
    inside = "output of" if layer == len(pile.runs) - 1 else f"layer {layer}'s h in"
    compared = [f"= {inside}", f"the stack, {agreement(run.max_difference)}"]
    lines = [symbol("h"), *map(words, compared)]
    _name_row(pile, f"row-l{layer}", lines, y=pile.half(layer, 0, 0).y)
    for t in pile.steps:
        if layer == 0:
            pile.canvas.arrow(pile.x(t), band, name=f"x-up-t{t}", quantity="x")
        for direction in range(pile.num_directions):
            _draw_half(pile, layer, direction, t)


def _draw_half(pile: Pile, layer: int, direction: int, t: int) -> None:
    """Draw what one direction gives at one step: its box, the arrow into it, the ticked one out."""
    canvas, half = pile.canvas, pile.half(layer, direction, t)
    vector = pile.runs[layer].alone.chunk(pile.num_directions, -1)[direction][t, pile.sequence]
    text = [words(number(float(value))) for value in vector]
    canvas.fill(half, text if len(text) <= MOST_LINES else symbol("h", size=13), quantity="h")
    canvas.arrow(pile.band(layer), half, name=f"{half.name}-in", quantity="h")
    tick = canvas.box(
        f"{half.name}-tick",
        words("✓", size=TEXT, bold=True),
        at=half.top.moved(up=BELOW_TICK + TICK / 2),
        size=(TICK, TICK),
        colour="h",
        look="solid",
        shape="circle",
        classes="tick",
    )
    canvas.arrow(half, tick, name=f"{tick.name}-in", quantity="h", dir="none")
    is_top = layer == len(pile.runs) - 1
    above = pile.output(direction, t) if is_top else pile.band(layer + 1)
    canvas.arrow(tick, above, name=f"{tick.name}-up", quantity="h")


def _draw_ends(pile: Pile, layer: int) -> None:
    """Draw a layer's rows of h_n and c_n: forward to the right, reverse to the left."""
    letters, band = "ch" if pile.module.mode == "LSTM" else "h", pile.band(layer)
    right = pile.x_of(pile.steps[-1])
    beside = pile.box / 2 + (NARROW_BESIDE if pile.narrow else BESIDE) + FINAL[0] / 2
    for direction in range(pile.num_directions):
        row = layer * pile.num_directions + direction
        x = -beside if direction else right + beside
        for letter, up in heights(letters, 24.0).items():
            end = pile.canvas.box(
                f"{letter}_n-{row}",
                symbol(f"{letter}_n[{row}]") + words("  ✓", bold=True),
                at=(x, band.y + up),
                size=FINAL,
                quantity=letter,
                look="solid",
                classes="final",
            )
            pile.canvas.arrow(band, end, name=f"{end.name}-on", quantity=letter)


def _draw_output(pile: Pile) -> None:
    """Draw the stack's own output above the last tick, and prove what is written."""
    two = pile.num_directions == 2
    for t in pile.steps:
        name, halves = symbol(f"output[{t}]"), [f":{pile.units}", f"{pile.units}:"]
        for direction, text in enumerate(map(words, halves) if two else [name]):
            pile.canvas.fill(pile.output(direction, t), text, quantity="output", look="solid")
        if two:
            above = pile.output(0, t).top._replace(x=pile.x_of(t))
            pile.canvas.write(f"output-t{t}-name", name, at=above, gap=ABOVE, width=pile.box)
    title = [symbol("output[t]"), words("of the stack")]
    _name_row(pile, "output", title, y=pile.output(0, 0).y)
    prove_shown(pile.canvas, _texts(pile))


def _name_row(pile: Pile, part: str, lines: list[str], *, y: float) -> None:
    """Write the name of a row at the left edge; in a narrow one, dots for the steps left out."""
    if not pile.narrow:
        name_row(pile.canvas, part, lines, y=y, classes="row")
    elif pile.hidden and not part.startswith("layer"):
        x = pile.x_of(pile.steps[-1]) / 2
        pile.canvas.write(f"hidden-{part}", words("…"), at=(x, y), width=NARROW_HIDDEN)


def _alt(module: nn.RNNBase, runs: list[LayerRun], steps: int) -> str:
    """Describe what is piled up, and how far each layer is from the stack's own."""
    sentences = [f"{describe(module)} as {len(runs)} one-layer modules run one after the other"]
    for layer, run in enumerate(runs):
        reads = "x" if layer == 0 else f"the output of layer {layer - 1}"
        sentences.append(
            f"Layer {layer}, {describe(run.module)}, reads {reads} over {steps} steps; its hidden "
            f"states and its rows of h_n equal the stack's {agreement(run.max_difference)}"
        )
    return ". ".join(sentences) + "."


def _table(module: nn.RNNBase, runs: list[LayerRun], sequence: int) -> Table:
    """List every arrow with a tick: its layer, direction and step, and the difference there."""
    rows = []
    for layer, run in enumerate(runs):
        difference = (run.alone - run.in_stack).abs()[:, sequence]
        for direction, half in enumerate(difference.chunk(num_directions(module), -1)):
            for t, at_step in enumerate(half):
                rows.append((layer, DIRECTIONS[direction], t, float(at_step.max())))
    return Table(("layer", "direction", "step", "largest difference"), rows)
