"""Draw how far a loss's gradient goes back over several calls, with and without detach."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnn_figures.configurations import describe
from rnn_figures.course.calls.strips import (
    STEP,
    Strip,
    code_of_call,
    cut,
    draw_barrier,
    draw_bars,
    draw_call,
    new_strip,
    step_table,
    steps_of_calls,
    time_axis,
    version,
)
from rnn_figures.diagrams.canvas import arrow, box, label, new_canvas, words, write
from rnn_figures.figures import Diagram
from rnn_figures.numbers import size


def backward_diagram(
    module: nn.RNNBase, input: Tensor, *, lengths: Sequence[int], detach: bool
) -> Diagram:
    """Draw how far the gradient of the last call's loss goes back, with and without detach.

    Every call has a loss, the sum of its output, and backward() runs after each. The bars are the
    norms of the last loss's gradient at each input. Without detach that backward raises, since an
    earlier one has freed its graph: the bars then show what it asked for, from a second run in
    which the graph was kept.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN of one direction that draws no dropout.
        input: A tensor that the module takes, of at most 16 steps.
        lengths: Steps of each call, two or three; they add up to the input's steps.
        detach: True to detach the state between calls.

    Returns:
        The Diagram; its table has a row for each step.

    Raises:
        ValueError: the lengths do not add up, a direction is reverse, dropout is active, or torch
            did not do what the figure says.

    Examples:
        >>> x = torch.randn(4, 1, 5)
        >>> backward_diagram(nn.GRU(5, 3), x, lengths=(2, 2), detach=True).alt.split(". ")[2]
        'The gradient of the last loss is 0 at steps 0 to 1'
    """
    calls = steps_of_calls(module, input, lengths)
    if not 2 <= len(calls) <= 3:
        raise ValueError(f"expected two or three calls to draw losses for, got {len(calls)}")
    norms, raised = _gradients(module, input, calls, detach)
    if raised == detach:
        happened = "raised" if raised else "raised nothing"
        raise ValueError(
            f"with detach={detach} the last backward {happened}: this module is not one whose "
            "figure this is"
        )
    diagram = new_canvas(
        "backward",
        alt=_backward_alt(module, calls, detach, norms),
        data=step_table(calls, norms, "|gradient of the last loss|"),
        proof=(
            f"gradients of {describe(module)}, torch {version()}; the last backward "
            f"{'raised RuntimeError' if raised else 'ran'}"
        ),
    )
    strip = new_strip(diagram, module, calls, carried=True)
    for call in range(len(calls)):
        freed = raised and call == len(calls) - 2
        code = code_of_call(module, calls, call, True)
        text = [words(code)] + ([words(f"graph freed by loss {call}", bold=True)] if freed else [])
        draw_call(strip, call, title=text, look="dashed" if freed else "plain", chain=False)
        _draw_loss(strip, call, last=call == len(calls) - 1)
        if call:
            _draw_gap(strip, call, detach=detach, raised=raised and call == len(calls) - 1)
    kept = ", had the graph been kept" if raised else ""
    draw_bars(strip, norms, f"|gradient of loss {len(calls) - 1}| at each x{kept}")
    return diagram


def _detached(state: Tensor | tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
    return state.detach() if isinstance(state, Tensor) else tuple(part.detach() for part in state)


def _gradients(
    module: nn.RNNBase, input: Tensor, calls: tuple[range, ...], detach: bool
) -> tuple[list[float], bool]:
    """Return the norm of the last loss's gradient at each step, and whether backward raised."""
    parameters = list(module.parameters())

    def run(keep: bool) -> Tensor:
        read, state = input.detach().clone().requires_grad_(), None
        gradient = torch.zeros_like(read)
        for call, steps in enumerate(calls):
            if state is not None and detach:
                state = _detached(state)
            output, state = module(cut(module, read, steps), state)
            last = call == len(calls) - 1
            # autograd.grad frees the graph as backward() does, and touches no .grad of the caller.
            found = torch.autograd.grad(
                output.sum(), [read, *parameters], retain_graph=keep, allow_unused=True
            )
            if last and found[0] is not None:
                gradient = found[0]
        return gradient

    raised = False
    try:
        gradient = run(keep=False)
    except RuntimeError:
        raised = True
        gradient = run(keep=True)
    norms = gradient.movedim(time_axis(module, input), 0).flatten(1).norm(dim=1)
    return norms.tolist(), raised


def _draw_loss(strip: Strip, call: int, *, last: bool) -> None:
    """Draw a call's loss above its last step, and the gradient from it back through the call."""
    diagram, name = strip.diagram, strip.diagram.name
    steps = strip.calls[call]
    y = strip.top + 62
    x = strip.x_of(steps[-1])
    text = label(words(f"loss {call}", bold=last))
    colour = "ink" if last else "faint"
    box(diagram, f"{name}-loss-{call}", text, at=(x, y), size=(54.0, 24.0), colour=colour)
    look = "plain" if last else "dim"
    down = [(x, y - 12), (x, STEP[1] / 2)]
    path = f"{name}-loss-{call}"
    arrow(
        diagram,
        path,
        f"{name}-h-t{steps[-1]}",
        name=f"{path}-back",
        points=down,
        colour="ink",
        look=look,
    )
    for t in steps[:0:-1]:
        points = [(strip.x_of(t) - STEP[0] / 2, 0.0), (strip.x_of(t - 1) + STEP[0] / 2, 0.0)]
        tail, head = f"{name}-h-t{t}", f"{name}-h-t{t - 1}"
        arrow(diagram, tail, head, name=f"{tail}-back", points=points, colour="ink", look=look)


def _draw_gap(strip: Strip, call: int, *, detach: bool, raised: bool) -> None:
    """Draw what happens to the gradient between two calls: it stops, or asks for a freed graph."""
    diagram, name = strip.diagram, strip.diagram.name
    first = strip.calls[call][0]
    start, end = strip.x_of(first) - STEP[0] / 2, strip.x_of(first - 1) + STEP[0] / 2
    middle = (start + end) / 2
    tip = middle + 4 if detach else end
    arrow(
        diagram,
        f"{name}-h-t{first}",
        f"{name}-h-t{first - 1}",
        name=f"{name}-h-t{first}-back",
        points=[(start, 0.0), (tip, 0.0)],
        colour="ink",
        look="plain" if detach else "dashed",
    )
    if detach:
        draw_barrier(strip, f"{name}-cut-{call}", middle)
    lines = (
        [words("detach", bold=True)]
        if detach
        else [words("Runtime", bold=True), words("Error", bold=True)]
    )
    if detach or raised:
        at = (middle, strip.top + 2 + 7 * len(lines))
        write(diagram, f"{name}-gap-{call}", lines, at=at, width=70)


def _backward_alt(
    module: nn.RNNBase, calls: tuple[range, ...], detach: bool, norms: Sequence[float]
) -> str:
    """Say what happened to the last loss's gradient at the cut."""
    first = calls[-1].start
    before = (
        f"{describe(module)} reads {calls[-1].stop} steps in {len(calls)} calls, with a loss and a "
        "backward for each. "
    )
    sizes = ", ".join(map(size, norms))
    if detach:
        return before + (
            f"The state is detached between calls. The gradient of the last loss is 0 at steps 0 "
            f"to {first - 1}. Its norm at each step: {sizes}."
        )
    return before + (
        "The state is not detached. The last backward asks for the graph of the call before, which "
        f"is freed: torch raises RuntimeError. With the graph kept, the norm at each step: {sizes}."
    )
