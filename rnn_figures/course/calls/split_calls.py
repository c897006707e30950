"""Draw a sequence read in several calls: the state carried between them, or lost."""

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.course.calls.strips import (
    FRAME,
    STEP,
    Strip,
    code_of_call,
    cut,
    step_table,
    steps_of_calls,
    time_axis,
)
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.figures import Diagram
from rnn_figures.numbers import number, size
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.runs import refuse_not_finite
from rnn_figures.traces.tracing import trace


@checked
def calls_diagram(
    module: nn.RNNBase, input: Tensor, *, lengths: Sequence[int], carried: bool = True
) -> Diagram:
    """Draw a sequence read in several calls, and how far each step is from one call over all of it.

    Of one unit that reads one number at each step, the boxes have the numbers.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN of one direction that draws no dropout.
        input: A tensor that the module takes, of at most 16 steps.
        lengths: Steps of each call; they add up to the input's steps.
        carried: True to hand each call's state to the next; False to start each from zeros.

    Returns:
        The Diagram; its table has a row for each step.

    Raises:
        ValueError: the lengths do not add up, a direction is reverse, dropout is active, or an
            output is not finite.
        ProofError: the state is carried, and the calls do not give what one call gives.

    Examples:
        >>> x = torch.randn(4, 1, 5)
        >>> calls_diagram(nn.GRU(5, 3), x, lengths=(2, 2)).alt.split(". ")[1]
        'The state of each call is handed to the next'
    """
    calls = steps_of_calls(module, input, lengths)
    parts = _outputs(module, input, calls, carried)
    refuse_not_finite("outputs", *parts)
    apart = _differences(module, input, parts)
    values = apart.amax(1).tolist()
    numbers = _numbers(module, input, parts)
    canvas = Canvas(
        "calls",
        alt=_calls_alt(module, calls, carried, values, numbers),
        data=step_table(calls, values, "largest |difference|", numbers),
        proof=Proof(
            f"{len(calls)} calls of {describe(module)} "
            + ("equal to one" if carried else "and one, as far apart as their traces"),
            *_compare_differences(module, input, calls, carried, apart, numbers),
        ),
    )
    strip = Strip(canvas, module, calls, carried, numbers)
    if numbers:
        strip.name_rows()
    _draw_start(strip, 0)
    for call in range(len(calls)):
        code = code_of_call(module, calls, call, carried)
        strip.draw_call(call, title=[words(code if len(calls) <= 3 else f"call {call}")])
        if call and carried:
            _draw_carried(strip, call)
        elif call:
            _draw_lost(strip, call)
    strip.draw_bars(values, "largest |difference| from one call")
    strip.prove_drawn(values, numbers)
    return canvas


def _outputs(
    module: nn.RNNBase, input: Tensor, calls: tuple[range, ...], carried: bool
) -> list[Tensor]:
    """Return the output of each call."""
    parts, state = [], None
    with torch.no_grad():
        for steps in calls:
            output, state = module(cut(module, input, steps), state if carried else None)
            parts.append(output)
    return parts


def _differences(module: nn.RNNBase, input: Tensor, parts: Sequence[Tensor]) -> Tensor:
    """Return how far the output of the calls is from that of one call, (steps, sequences)."""
    axis = time_axis(module, input)
    with torch.no_grad():
        apart = (torch.cat(list(parts), axis) - module(input)[0]).abs().movedim(axis, 0)
    return apart.amax(-1).reshape(len(apart), -1)


def _numbers(
    module: nn.RNNBase, input: Tensor, parts: Sequence[Tensor]
) -> dict[str, list[float]] | None:
    """Return x and h at each step, if each is one number; else None."""
    output = torch.cat(list(parts), time_axis(module, input))
    steps = output.shape[time_axis(module, input)]
    if not input.numel() == output.numel() == steps:
        return None
    return {"x": input.flatten().tolist(), "h": output.flatten().tolist()}


def _compare_differences(
    module: nn.RNNBase,
    input: Tensor,
    calls: tuple[range, ...],
    carried: bool,
    apart: Tensor,
    numbers: Mapping[str, Sequence[float]] | None,
) -> Iterator[Comparison]:
    """Compare the differences with those of traces, and with 0 if the state is carried.

    Each sequence has a tolerance of its own: a large one would loosen it for all.
    """
    whole = trace(module, input)[-1, 0].h
    within = [2 * tolerance(of_sequence) for of_sequence in whole.unbind(1)]
    if carried:  # first: no call that is given a state can be traced in a module that drops it
        for n, own in enumerate(apart.T):
            what = f"difference of sequence {n} from one call"
            yield compare(what, own, torch.zeros_like(own), within=within[n])
    parts, state = [], None
    for steps in calls:
        run = trace(module, cut(module, input, steps), state if carried else None)
        state = run.h_n if run.c_n is None else (run.h_n, run.c_n)
        parts.append(run[-1, 0].h)
    given = (torch.cat(parts) - whole).abs().amax(-1)
    for n, own in enumerate(apart.T):
        what = f"differences of the traces, sequence {n}"
        yield compare(what, own, given[:, n], within=within[n])
    if numbers:
        h = torch.cat(parts).flatten()
        yield compare("h of the traces", numbers["h"], h, within=within[0])


def _draw_carried(strip: Strip, call: int) -> None:
    """Draw the states on their way from one call to the next."""
    first = strip.calls[call].start
    before, after = strip.h[first - 1 : first + 1]
    strip.draw_states([before, after])
    if len(strip.calls) > 3:
        return
    codes = [symbol(f"{state}_n", colour=state) for state in reversed(strip.lanes)]
    text = words("(") + words(", ").join(codes) + words(")") if len(codes) > 1 else codes[0]
    at = before.to(after).middle.moved(up=strip.frames[0].top.y + 9)
    strip.canvas.write(f"carried-{call}", [words("state ="), text], at=at, width=64)


def _draw_start(strip: Strip, call: int) -> None:
    """Draw the zeros that a call starts from."""
    first = strip.h[strip.calls[call].start]
    zeros = strip.canvas.box(
        f"zeros-{call}",
        words("zeros"),
        at=first.left.moved(right=-FRAME - 34),
        size=(44.0, STEP[1]),
        colour="faint",
        look="dashed",
        classes="initial",
    )
    strip.draw_states([zeros, first], look="dashed")


def _draw_lost(strip: Strip, call: int) -> None:
    """Draw the states that leave a call and go nowhere, and the zeros of the next."""
    canvas, end = strip.canvas, strip.h[strip.calls[call].start - 1].right
    tip = end.moved(right=FRAME + 22)._replace(box=f"lost-{call}")
    canvas.write(tip.box, words("lost"), at=(tip.x + 3, -26.0), width=40)
    for state, up in strip.lanes.items():
        ends = end.moved(up=up), tip.moved(up=up)
        canvas.arrow(*ends, name=f"{tip.box}-{state}-on", quantity=state)
    strip.draw_barrier(call, tip.x + 3)
    _draw_start(strip, call)


def _calls_alt(
    module: nn.RNNBase,
    calls: tuple[range, ...],
    carried: bool,
    values: Sequence[float],
    numbers: Mapping[str, Sequence[float]] | None,
) -> str:
    """Describe how the sequence was cut, what was carried, where results differ."""
    kept = "The state of each call is handed to the next"
    lost = "No state is handed on: every call starts from zeros"
    told = "".join(
        f" {letter}: {', '.join(map(number, of_letter))}."
        for letter, of_letter in (numbers or {}).items()
    )
    return (
        f"{describe(module)} reads {calls[-1].stop} steps in {len(calls)} calls of "
        f"{', '.join(str(len(steps)) for steps in calls)}. {kept if carried else lost}. Largest "
        f"difference from one call, step by step: {', '.join(map(size, values))}.{told}"
    )
