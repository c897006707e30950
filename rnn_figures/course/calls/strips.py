"""Draw one sequence cut over several calls: a frame for each call, a box for each step, bars below.

What is between the calls, and what the bars say, is the business of the figure.
"""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from rnn_figures.configurations import class_name
from rnn_figures.diagrams.bars import compare_bars, draw_bar
from rnn_figures.diagrams.boxes import Anchor, Box
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.lanes import Lane, heights
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Table
from rnn_figures.numbers import number, size
from rnn_figures.traces.runs import refuse_random

PITCH = 40.0
"""From one step to the next in a call."""

STEP = (33.0, 26.0)
"""Size of a step's box."""

FRAME = 8.0
"""Between a call's frame and its steps."""

RISE = 30.0
"""Between the row of x and the row of h."""

BAR = 44.0
"""Height of the longest bar."""

TITLE = 330.0
"""Width of the line above the bars."""

MOST_STEPS = 16
"""More than that do not fit."""


class Strip:
    """The steps of every call in one row, each call in a frame: what is drawn, and where.

    Args:
        canvas: What is drawn on.
        module: What reads the steps.
        calls: The steps of each call.
        carried: True if each call hands its state to the next.
        numbers: What x and h are at each step, by letter, to be written in the boxes; without
            them the boxes have names.

    Attributes:
        h: The box of h of each step.
        x: The box of what each step reads.
        frames: The frame of each call.
        lanes: How far above the middle of h the arrows of each state run.
    """

    def __init__(
        self,
        canvas: Canvas,
        module: nn.RNNBase,
        calls: tuple[range, ...],
        carried: bool,
        numbers: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        self.canvas = canvas
        self.calls = calls
        self.texts = {
            letter: [words(number(value)) for value in values]
            for letter, values in (numbers or {}).items()
        }
        self.lanes = heights("ch" if class_name(module) == "LSTM" else "h", 7.5)
        between = 112.0 if not carried else 36.0 if len(calls) > 3 else 76.0
        lefts = [t * PITCH + call * between for call, steps in enumerate(calls) for t in steps]
        self.h = [Box(f"h-t{t}", x, 0.0, *STEP) for t, x in enumerate(lefts)]
        down = -STEP[1] - RISE
        self.x = [Box(f"x-t{t}", x, down, *STEP) for t, x in enumerate(lefts)]
        self.frames = [
            self.h[steps[0]].to(self.x[steps[-1]]).grown(FRAME)._replace(name=f"call-{call}")
            for call, steps in enumerate(calls)
        ]

    def draw_call(
        self, call: int, *, title: list[str], look: str = "plain", chain: bool = True
    ) -> None:
        """Draw one call: its frame, its steps, and the states from step to step."""
        canvas, frame = self.canvas, self.frames[call]
        card = "dashed" if look == "dashed" else "card"
        canvas.fill(frame, colour="faint", look=card)
        width, gap = max(frame.width - 2, 40.0), 1.5 * len(title)
        canvas.write(f"title-{call}", title, at=frame.top, gap=gap, width=width)
        for t in self.calls[call]:
            read, h = self.x[t], self.h[t]
            x_text, h_text = (self.texts[letter][t] if self.texts else "" for letter in "xh")
            canvas.fill(read, x_text or symbol(f"x[{t}]"), quantity="x")
            canvas.fill(h, h_text or symbol("h"), quantity="h", look=look)
            canvas.arrow(read, h, name=f"up-t{t}", quantity="x")
        if chain:
            steps = self.calls[call]
            self.draw_states(self.h[steps.start : steps.stop])

    def name_rows(self) -> None:
        """Write the letters of x and h beside their rows, where the boxes have numbers."""
        for letter, row in (("x", self.x), ("h", self.h)):
            at, text = row[-1].right, symbol(letter, colour=letter)
            self.canvas.write(f"row-{letter}", text, at=at, gap=FRAME + 5, width=14)

    def draw_states(self, boxes: Sequence[Box], *, look: str = "plain") -> None:
        """Draw the arrows of every state from box to box."""
        for state, up in self.lanes.items():
            Lane(self.canvas, state, boxes, up).draw(look, name=f"{{tail}}-{state}-on")

    def draw_barrier(self, call: int, x: float) -> None:
        """Draw a thick bar across the lanes of the states: nothing goes on into this call."""
        ends = Anchor(x, -15.0, "call-0"), Anchor(x, 15.0, "call-0")
        self.canvas.arrow(*ends, name=f"cut-{call}", colour="ink", dir="none", penwidth="3")

    def prove_drawn(
        self, values: Sequence[float], numbers: Mapping[str, Sequence[float]] | None = None
    ) -> None:
        """Compare what stands in the boxes, and the bars, with the numbers of each step."""
        expected = {f"bar-name-t{t}": size(value) for t, value in enumerate(values)}
        for letter, of_letter in (numbers or {}).items():
            expected |= {f"{letter}-t{t}": number(value) for t, value in enumerate(of_letter)}
        bars = {f"bar-t{t}": value for t, value in enumerate(values)}
        prove_shown(self.canvas, expected, compare_bars(self.canvas, bars))

    def draw_bars(self, values: Sequence[float], title: str) -> None:
        """Draw a bar for what was measured at each step, its number below, a title above."""
        canvas, first, largest = self.canvas, self.frames[0], max(values)
        foot = first.bottom.y - 34 - (BAR if largest else 4.0)
        for t, value in enumerate(values):
            look = (
                {"quantity": "h", "colour": "h"} if value else {"quantity": "", "colour": "faint"}
            )
            bar = draw_bar(
                canvas,
                f"bar-t{t}",
                value / (largest or 1.0),
                foot=(self.h[t].x, foot),
                size=(STEP[0] - FRAME, BAR),
                **look,
            )
            text = words(size(value))
            canvas.write(f"bar-name-t{t}", text, at=bar.bottom, gap=2.5, width=PITCH - 4)
        at = first.at(0, 0).moved(right=TITLE / 2, up=-16)
        canvas.write("bars-title", words(title), at=at, width=TITLE, align="left")


def steps_of_calls(module: nn.RNNBase, input: Tensor, lengths: Sequence[int]) -> tuple[range, ...]:
    """Return the steps of each call; raise ValueError for what cannot be drawn."""
    refuse_random(module)
    if input.dim() not in (2, 3) or not input.is_floating_point() or not input.numel():
        raise ValueError(
            "expected an input of floating point, (L, H_in) or a batch of sequences, got shape "
            f"{tuple(input.shape)} and {input.dtype}"
        )
    steps = input.shape[time_axis(module, input)]
    if not lengths or sum(lengths) != steps or min(lengths) < 1:
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
    ends = [sum(lengths[: call + 1]) for call in range(len(lengths))]
    return tuple(range(end - length, end) for end, length in zip(ends, lengths, strict=True))


def time_axis(module: nn.RNNBase, input: Tensor) -> int:
    """Return the axis of the steps, of input and of output."""
    return 1 if module.batch_first and input.dim() == 3 else 0


def cut(module: nn.RNNBase, input: Tensor, steps: range) -> Tensor:
    """Return some steps of the input, still with a time axis."""
    return input.narrow(time_axis(module, input), steps.start, len(steps))


def code_of_call(module: nn.RNNBase, calls: tuple[range, ...], call: int, carried: bool) -> str:
    """Return the code of one call."""
    steps = calls[call]
    start = "" if steps.start == 0 else str(steps.start)
    stop = "" if steps.stop == calls[-1].stop else str(steps.stop)
    state = ", state" if call and carried else ""
    return f"{class_name(module).lower()}(x[{start}:{stop}]{state})"


def step_table(
    calls: tuple[range, ...],
    values: Sequence[float],
    column: str,
    numbers: Mapping[str, Sequence[float]] | None = None,
) -> Table:
    """List the steps: which call read them, what was measured there, and the numbers drawn."""
    more = dict(numbers or {})
    rows = [
        (t, call, values[t], *(of_letter[t] for of_letter in more.values()))
        for call, steps in enumerate(calls)
        for t in steps
    ]
    return Table(["step", "call", column, *more], rows)
