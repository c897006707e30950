"""Draw one sequence cut over several calls: a frame for each call, a box for each step, bars below.

What is between the calls, and what the bars say, is the business of the figure.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.configurations import class_name
from rnn_figures.diagrams.canvas import arrow, box, label, symbol, words, write
from rnn_figures.figures import Diagram, Table
from rnn_figures.numbers import size
from rnn_figures.palette import COLOURS

PITCH = 58.0
"""From one step to the next in a call."""

STEP = (40.0, 26.0)
"""Size of a step's box."""

FRAME = 12.0
"""Between a call's frame and its steps."""

RISE = 30.0
"""Between the row of x and the row of h."""

BAR = 44.0
"""Height of the longest bar."""

TITLE = 330.0
"""Width of the line above the bars."""

START = 62.0
"""Room left of the first call, for the zeros that it starts from."""

MOST_STEPS = 16
"""More than that do not fit."""

LANES = {"LSTM": ("c", "h")}
"""States that a cell hands on, the upper one first; h alone for the others."""


class Strip(NamedTuple):
    """Where the steps of every call stand.

    Attributes:
        diagram: What is drawn on.
        calls: The steps of each call.
        gap: Room between the frames of two calls.
        states: Letters of the states that are handed on, the upper lane first.
    """

    diagram: Diagram
    calls: tuple[range, ...]
    gap: float
    states: tuple[str, ...]

    def x_of(self, t: int) -> float:
        """Return x of a step's middle."""
        call = next(number for number, steps in enumerate(self.calls) if t in steps)
        return START + FRAME + STEP[0] / 2 + t * PITCH + call * (self.gap + 2 * FRAME - 18)

    @property
    def top(self) -> float:
        """The y of the upper edge of the frames."""
        return STEP[1] / 2 + FRAME

    @property
    def bottom(self) -> float:
        """The y of the lower edge of the frames."""
        return -STEP[1] * 1.5 - RISE - FRAME

    def lane(self, state: str) -> float:
        """Return y of the arrows of a state."""
        middle = (len(self.states) - 1) / 2
        return (middle - self.states.index(state)) * 7.5

    def edges(self, call: int) -> tuple[float, float]:
        """Return the left and the right edge of a call's frame."""
        steps = self.calls[call]
        reach = STEP[0] / 2 + FRAME
        return self.x_of(steps[0]) - reach, self.x_of(steps[-1]) + reach


def steps_of_calls(module: nn.RNNBase, input: Tensor, lengths: Sequence[int]) -> tuple[range, ...]:
    """Return the steps of each call; raise ValueError for what cannot be drawn."""
    class_name(module)  # refuses what is no recurrent layer
    steps = input.shape[time_axis(module, input)]
    if sum(lengths) != steps or min(lengths) < 1:
        raise ValueError(
            f"expected lengths of calls that add up to the input's {steps} steps, got "
            f"{tuple(lengths)}"
        )
    if steps > MOST_STEPS:
        raise ValueError(f"expected at most {MOST_STEPS} steps, got {steps}; pass a part of them")
    if module.bidirectional:
        raise ValueError(
            "expected a module of one direction, got bidirectional=True: the reverse direction "
            "starts at the last step, so no state carries it from call to call"
        )
    if module.training and module.dropout > 0 and module.num_layers > 1:
        raise ValueError(
            f"expected a module without active dropout, got dropout={module.dropout} in training "
            "mode: two runs would differ by their masks; call module.eval() first"
        )
    ends = [sum(lengths[: call + 1]) for call in range(len(lengths))]
    return tuple(range(end - length, end) for end, length in zip(ends, lengths, strict=True))


def time_axis(module: nn.RNNBase, input: Tensor) -> int:
    """Return the axis of the steps, of input and of output."""
    return 1 if module.batch_first and input.dim() == 3 else 0


def cut(module: nn.RNNBase, input: Tensor, steps: range) -> Tensor:
    """Return some steps of the input, still with a time axis."""
    return input.narrow(time_axis(module, input), steps.start, len(steps))


def new_strip(
    diagram: Diagram, module: nn.RNNBase, calls: tuple[range, ...], carried: bool
) -> Strip:
    """Choose the room between calls."""
    gap = 118.0 if not carried else 30.0 if len(calls) > 3 else 74.0
    return Strip(diagram, calls, gap, LANES.get(class_name(module), ("h",)))


def code_of_call(module: nn.RNNBase, calls: tuple[range, ...], call: int, carried: bool) -> str:
    """Return the code of one call."""
    steps = calls[call]
    start = "" if steps.start == 0 else str(steps.start)
    stop = "" if steps.stop == calls[-1].stop else str(steps.stop)
    state = ", state" if call and carried else ""
    return f"{class_name(module).lower()}(x[{start}:{stop}]{state})"


def draw_call(
    strip: Strip, call: int, *, title: list[str], look: str = "plain", chain: bool = True
) -> None:
    """Draw one call: its frame, its steps, and the states from step to step."""
    diagram, name = strip.diagram, strip.diagram.name
    left, right = strip.edges(call)
    top, bottom = strip.top, strip.bottom
    box(
        diagram,
        f"{name}-call-{call}",
        "",
        at=((left + right) / 2, (top + bottom) / 2),
        size=(right - left, top - bottom),
        colour="faint",
        look="dashed" if look == "dashed" else "card",
    )
    at = ((left + right) / 2, top + 9 * len(title))
    write(diagram, f"{name}-title-{call}", title, at=at, width=max(right - left, 40.0))
    for t in strip.calls[call]:
        _draw_step(strip, t, look)
        if t > strip.calls[call].start and chain:
            draw_states(strip, f"h-t{t - 1}", f"h-t{t}", strip.x_of(t - 1), strip.x_of(t))


def _draw_step(strip: Strip, t: int, look: str) -> None:
    """Draw what one step reads, its h, and the arrow between."""
    diagram, name = strip.diagram, strip.diagram.name
    x, y = strip.x_of(t), -STEP[1] - RISE
    read, h = f"{name}-x-t{t}", f"{name}-h-t{t}"
    text = label(symbol(f"x[{t}]"))
    box(diagram, read, text, at=(x, y), size=STEP, colour="x", class_="q-x")
    text, at = label(symbol("h")), (x, 0.0)
    box(diagram, h, text, at=at, size=STEP, colour="h", look=look, class_="q-h")
    points = [(x, y + STEP[1] / 2), (x, -STEP[1] / 2)]
    arrow(diagram, read, h, name=f"{name}-up-t{t}", points=points, colour="x", class_="q-x")


def draw_states(strip: Strip, tail: str, head: str, start: float, end: float) -> None:
    """Draw the arrows of every state from one step's box to the next."""
    name = strip.diagram.name
    for state in strip.states:
        y = strip.lane(state)
        arrow(
            strip.diagram,
            f"{name}-{tail}",
            f"{name}-{head}",
            name=f"{name}-{tail}-{state}-on",
            points=[(start + STEP[0] / 2, y), (end - STEP[0] / 2, y)],
            colour=state,
            class_=f"q-{state}",
        )


def draw_barrier(strip: Strip, name: str, x: float) -> None:
    """Draw a thick bar across the lanes of the states: nothing goes on from here."""
    end = f"{strip.diagram.name}-call-0"
    arrow(
        strip.diagram,
        end,
        end,
        name=name,
        points=[(x, -15.0), (x, 15.0)],
        colour="ink",
        dir="none",
        penwidth="3",
    )


def draw_bars(strip: Strip, values: Sequence[float], title: str) -> None:
    """Draw a bar for what was measured at each step, its number below, a title above."""
    diagram, name = strip.diagram, strip.diagram.name
    largest = max(values) or 1.0
    foot = strip.bottom - 34 - (BAR if max(values) else 4.0)
    for t, value in enumerate(values):
        x = strip.x_of(t)
        height = max(BAR * value / largest, 1.5)
        box(
            diagram,
            f"{name}-bar-t{t}",
            "",
            at=(x, foot + height / 2),
            size=(STEP[0] - 12, height),
            colour="h" if value else "faint",
            style="filled",
            fillcolor=COLOURS["h" if value else "faint"],
            class_="q-h" if value else "",
        )
        at = (x, foot - 10)
        write(diagram, f"{name}-bar-name-t{t}", [words(size(value))], at=at, width=PITCH - 4)
    at = (strip.edges(0)[0] + TITLE / 2, strip.bottom - 16)
    write(diagram, f"{name}-bars-title", [words(title)], at=at, width=TITLE, align="left")


def step_table(calls: tuple[range, ...], values: Sequence[float], column: str) -> Table:
    """List the steps: which call read them, and what was measured there."""
    rows = [(t, call, values[t]) for call, steps in enumerate(calls) for t in steps]
    return Table(["step", "call", column], rows)


def version() -> str:
    """Return torch's version without its build."""
    return torch.__version__.partition("+")[0]
