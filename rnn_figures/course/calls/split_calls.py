"""Draw a sequence read in several calls: the state carried between them, or lost."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnn_figures.configurations import describe
from rnn_figures.course.calls.strips import (
    FRAME,
    STEP,
    Strip,
    code_of_call,
    cut,
    draw_barrier,
    draw_bars,
    draw_call,
    draw_states,
    new_strip,
    step_table,
    steps_of_calls,
    time_axis,
    version,
)
from rnn_figures.diagrams.canvas import arrow, box, label, new_canvas, symbol, words, write
from rnn_figures.figures import Diagram
from rnn_figures.numbers import size


def calls_diagram(
    module: nn.RNNBase, input: Tensor, *, lengths: Sequence[int], carried: bool = True
) -> Diagram:
    """Draw a sequence read in several calls, and how far each step is from one call over all of it.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN of one direction that draws no dropout.
        input: A tensor that the module takes, of at most 16 steps.
        lengths: Steps of each call; they add up to the input's steps.
        carried: True to hand each call's state to the next; False to start each from zeros.

    Returns:
        The Diagram; its table has a row for each step.

    Raises:
        ValueError: the lengths do not add up, a direction is reverse, or dropout is active.

    Examples:
        >>> x = torch.randn(4, 1, 5)
        >>> calls_diagram(nn.GRU(5, 3), x, lengths=(2, 2)).alt.split(". ")[1]
        'The state of each call is handed to the next'
    """
    calls = steps_of_calls(module, input, lengths)
    with torch.no_grad():
        whole = module(input)[0]
        parts, state = [], None
        for steps in calls:
            output, state = module(cut(module, input, steps), state if carried else None)
            parts.append(output)
    axis = time_axis(module, input)
    difference = (torch.cat(parts, axis) - whole).abs().movedim(axis, 0).flatten(1).amax(1)
    values = difference.tolist()
    diagram = new_canvas(
        "calls",
        alt=_calls_alt(module, calls, carried, values),
        data=step_table(calls, values, "largest |difference|"),
        proof=(
            f"{len(calls)} calls of {describe(module)} compared with one, torch {version()}: "
            + ("equal, exactly" if max(values) == 0 else f"largest difference {max(values):.0e}")
        ),
    )
    strip = new_strip(diagram, module, calls, carried)
    _draw_start(strip, 0)
    for call in range(len(calls)):
        code = code_of_call(module, calls, call, carried)
        draw_call(strip, call, title=[words(code if len(calls) <= 3 else f"call {call}")])
        if call == 0:
            continue
        if carried:
            _draw_carried(strip, call)
        else:
            _draw_lost(strip, call)
    draw_bars(strip, values, "largest |difference| from one call")
    return diagram


def _draw_carried(strip: Strip, call: int) -> None:
    """Draw the states on their way from one call to the next."""
    before = strip.calls[call - 1][-1]
    start, end = strip.x_of(before), strip.x_of(before + 1)
    draw_states(strip, f"h-t{before}", f"h-t{before + 1}", start, end)
    if len(strip.calls) > 3:
        return
    codes = [symbol(f"{state}_n", colour=state) for state in strip.states[::-1]]
    text = words("(") + words(", ").join(codes) + words(")") if len(codes) > 1 else codes[0]
    at = ((start + end) / 2, strip.top + 9)
    write(strip.diagram, f"calls-carried-{call}", [words("state ="), text], at=at, width=70)


def _draw_start(strip: Strip, call: int) -> None:
    """Draw the zeros that a call starts from."""
    first = strip.calls[call][0]
    name = strip.diagram.name
    x = strip.x_of(first) - STEP[0] / 2 - FRAME - 34
    box(
        strip.diagram,
        f"{name}-zeros-{call}",
        label(words("zeros")),
        at=(x, 0.0),
        size=(44.0, STEP[1]),
        colour="faint",
        look="dashed",
        class_="initial",
    )
    for state in strip.states:
        y = strip.lane(state)
        arrow(
            strip.diagram,
            f"{name}-zeros-{call}",
            f"{name}-h-t{first}",
            name=f"{name}-zeros-{call}-{state}-on",
            points=[(x + 22, y), (strip.x_of(first) - STEP[0] / 2, y)],
            colour=state,
            look="dashed",
            class_=f"q-{state}",
        )


def _draw_lost(strip: Strip, call: int) -> None:
    """Draw the states that leave a call and go nowhere, and the zeros of the next."""
    name = strip.diagram.name
    before = strip.calls[call - 1][-1]
    start = strip.x_of(before) + STEP[0] / 2
    tip = start + FRAME + 22
    write(
        strip.diagram,
        f"{name}-lost-{call}",
        [words("lost")],
        at=(tip + 3, -26.0),
        width=40,
    )
    for state in strip.states:
        y = strip.lane(state)
        arrow(
            strip.diagram,
            f"{name}-h-t{before}",
            f"{name}-lost-{call}",
            name=f"{name}-lost-{call}-{state}-on",
            points=[(start, y), (tip, y)],
            colour=state,
            class_=f"q-{state}",
        )
    draw_barrier(strip, f"{name}-cut-{call}", tip + 3)
    _draw_start(strip, call)


def _calls_alt(
    module: nn.RNNBase, calls: tuple[range, ...], carried: bool, values: Sequence[float]
) -> str:
    """Say how the sequence was cut, what was carried, and where the result differs."""
    kept = "The state of each call is handed to the next"
    lost = "No state is handed on: every call starts from zeros"
    return (
        f"{describe(module)} reads {calls[-1].stop} steps in {len(calls)} calls of "
        f"{', '.join(str(len(steps)) for steps in calls)}. {kept if carried else lost}. Largest "
        f"difference from one call, step by step: {', '.join(map(size, values))}."
    )
