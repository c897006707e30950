"""Draw how far a loss's gradient goes back over several calls, with and without detach."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.course.calls.strips import (
    Strip,
    code_of_call,
    cut,
    step_table,
    steps_of_calls,
    time_axis,
)
from rnn_figures.diagrams.canvas import Canvas, words
from rnn_figures.figures import Diagram
from rnn_figures.numbers import size
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.runs import refuse_not_finite


@checked
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
        ValueError: the lengths do not add up, a direction is reverse, or dropout is active.
        ProofError: torch did not do what the figure says.

    Examples:
        >>> x = torch.randn(4, 1, 5)
        >>> backward_diagram(nn.GRU(5, 3), x, lengths=(2, 2), detach=True).alt.split(". ")[2]
        'The gradient of the last loss is 0 at steps 0 to 1'
    """
    calls = steps_of_calls(module, input, lengths)
    if not 2 <= len(calls) <= 3:
        raise ValueError(f"expected two or three calls to draw losses for, got {len(calls)}")
    norms, raised = _gradients(module, input, calls, detach)
    refuse_not_finite("gradients", torch.tensor(norms))
    canvas = Canvas(
        "backward",
        alt=_backward_alt(module, calls, detach, norms),
        data=step_table(calls, norms, "|gradient of the last loss|"),
        proof=Proof(
            f"gradients of {describe(module)}, from one call over the steps that they reach; the "
            f"last backward {'raised RuntimeError' if raised else 'ran'}",
            compare("RuntimeError raised", raised, not detach),
            _compare_norms(module, input, calls, detach, norms),
        ),
    )
    strip = Strip(canvas, module, calls, carried=True)
    for call in range(len(calls)):
        freed = raised and call == len(calls) - 2
        code = code_of_call(module, calls, call, True)
        text = [words(code)] + ([words(f"graph freed by loss {call}", bold=True)] if freed else [])
        strip.draw_call(call, title=text, look="dashed" if freed else "plain", chain=False)
        _draw_loss(strip, call, last=call == len(calls) - 1)
        if call:
            _draw_gap(strip, call, detach=detach, raised=raised and call == len(calls) - 1)
    kept = ", had the graph been kept" if raised else ""
    strip.draw_bars(norms, f"|gradient of loss {len(calls) - 1}| at each x{kept}")
    strip.prove_drawn(norms)
    return canvas


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


def _compare_norms(
    module: nn.RNNBase,
    input: Tensor,
    calls: tuple[range, ...],
    detach: bool,
    norms: Sequence[float],
) -> Comparison:
    """Compare the norms with those of one call over the steps that the gradient reaches."""
    axis, last = time_axis(module, input), calls[-1]
    state = None
    if detach:
        with torch.no_grad():
            _, state = module(cut(module, input, range(last.start)))
    read = cut(module, input, last if detach else range(last.stop)).detach().requires_grad_()
    loss = module(read, state)[0].narrow(axis, -len(last), len(last)).sum()
    (gradient,) = torch.autograd.grad(loss, read)
    given = gradient.movedim(axis, 0).flatten(1).norm(dim=1)
    within = torch.finfo(given.dtype).eps ** 0.5 * max(1.0, float(given.max()))
    given = torch.cat([given.new_zeros(last.stop - len(given)), given])
    return compare("|gradient|", norms, given, within=within)


def _draw_loss(strip: Strip, call: int, *, last: bool) -> None:
    """Draw a call's loss above its last step, and the gradient from it back through the call."""
    canvas, steps = strip.canvas, strip.calls[call]
    look = "plain" if last else "dim"
    end = strip.h[steps[-1]]
    loss = canvas.box(
        f"loss-{call}",
        words(f"loss {call}", bold=last),
        at=(end.x, strip.frames[call].top.y + 62),
        size=(54.0, 24.0),
        colour="ink" if last else "faint",
    )
    canvas.arrow(loss, end, name=f"{loss.name}-back", colour="ink", look=look)
    for t in steps[:0:-1]:
        tail, head = strip.h[t], strip.h[t - 1]
        canvas.arrow(tail, head, name=f"{tail.name}-back", colour="ink", look=look)


def _draw_gap(strip: Strip, call: int, *, detach: bool, raised: bool) -> None:
    """Draw what happens to the gradient between two calls: it stops, or asks for a freed graph."""
    canvas, first = strip.canvas, strip.calls[call].start
    start, end = strip.h[first].left, strip.h[first - 1].right
    middle = (start.x + end.x) / 2
    canvas.arrow(
        start,
        end._replace(x=middle + 4) if detach else end,
        name=f"{start.box}-back",
        colour="ink",
        look="plain" if detach else "dashed",
    )
    if detach:
        strip.draw_barrier(call, middle)
    if detach or raised:
        text = ["detach"] if detach else ["Runtime", "Error"]
        lines = [words(line, bold=True) for line in text]
        at = (middle, strip.frames[call].top.y + 2 + 7 * len(lines))
        canvas.write(f"gap-{call}", lines, at=at, width=64)


def _backward_alt(
    module: nn.RNNBase, calls: tuple[range, ...], detach: bool, norms: Sequence[float]
) -> str:
    """Describe what happened to the last loss's gradient at the cut."""
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
