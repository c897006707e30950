"""Draw the chain rule backwards through time: a factor for each step, and their product."""

from itertools import pairwise

import torch
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams.bars import compare_bars, draw_bar
from rnn_figures.diagrams.canvas import Canvas, symbol, words
from rnn_figures.diagrams.reading import prove_shown
from rnn_figures.figures import Diagram, Table
from rnn_figures.gradients import products_after
from rnn_figures.numbers import digits, number, size
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.records import Trace
from rnn_figures.traces.runs import refuse_not_finite

PITCH = 84.0
"""From one step to the next."""

STATE = (44.0, 27.0)
"""Size of a state's box."""

BACK = 50.0
"""From the states down to the arrows that go back."""

BAR = 56.0
"""Height of the bar of a product of 1."""

FOOT = BACK + 34.0 + BAR
"""From the states down to the foot of the bars."""

TITLE = 360.0
"""Width of the line below the bars."""

SAID = "so much does {state} move when {letter} of that step moves by 1"
"""What is written below the bars."""

Row = tuple[float, float, float]
"""Of one step: its state, its factor, and the product of all later factors."""

MOST_STEPS = 6


@checked
def chain_rule_diagram(trace: Trace) -> Diagram:
    """Draw how the last state depends on each one before: a factor for each step back.

    Of an nn.RNN the state is h, and the factor of a step w_hh times the slope of its tanh or relu.
    Of an nn.LSTM whose gates do not read h the state is c, and the factor f. The bar below a step
    is the product of all factors after it.

    Args:
        trace: A run of one layer of one unit, one direction and one sequence, of 2 to 6 steps; of
            an nn.LSTM with weight_hh 0.

    Returns:
        The Diagram; its table has state, factor and product of each step.

    Raises:
        ValueError: the trace is none of these, or has numbers that are not finite.
        ProofError: a product is not what the module's own backward pass gives.

    Examples:
        >>> from rnn_figures import trace
        >>> rnn = torch.nn.RNN(1, 1)
        >>> chain_rule_diagram(trace(rnn, torch.zeros(4, 1, 1))).data.columns
        ('step', 'h', 'factor', 'product')
    """
    letter = _refuse_all_but_one_unit(trace)
    states = trace[0, 0][letter][:, 0, 0].detach()
    factors = _factors(trace)
    refuse_not_finite("states and derivatives", states, factors)
    products = products_after(factors)
    rows: list[Row] = list(zip(states.tolist(), factors.tolist(), products.tolist(), strict=True))
    given = torch.stack([_gradient(trace, letter, t) for t in range(len(states))])
    canvas = Canvas(
        "chain-rule",
        alt=_alt(trace, letter, rows),
        data=Table(
            ["step", letter, "factor", "product"], [(t, *row) for t, row in enumerate(rows)]
        ),
        proof=Proof(
            f"products equal to what backward of {describe(trace.module)} gives",
            trace.proof,
            compare("the products", products, given, within=tolerance(given)),
        ),
    )
    _draw(canvas, letter, rows)
    expected = {f"{letter}-t{t}": number(state) for t, (state, *_) in enumerate(rows)}
    expected |= {f"name-t{t}": f"{letter}[{t}]" for t in range(len(rows))}
    expected |= {f"factor-t{t}": f"× {number(f)}" for t, (_, f, _) in enumerate(rows[1:])}
    expected |= {f"left-t{t}": _left(product) for t, (*_, product) in enumerate(rows)}
    expected["title"] = SAID.format(state=f"{letter}[{len(rows) - 1}]", letter=letter)
    bars = {f"bar-t{t}": product for t, (*_, product) in enumerate(rows)}
    prove_shown(canvas, expected, compare_bars(canvas, bars))
    return canvas


def _left(product: float) -> str:
    """Write how much of a derivative is left: small ones with their power of ten."""
    return size(product) if product >= 0 else number(product)


def _refuse_all_but_one_unit(trace: Trace) -> str:
    """Return the letter of the state; raise ValueError for what has no single chain of factors."""
    module, kind = trace.module, class_name(trace.module)
    steps, *rest = trace[0, 0].h.shape
    single = (*rest, module.num_layers, trace.num_directions) == (1, 1, 1, 1)
    if kind == "GRU" or not single or not 2 <= steps <= MOST_STEPS:
        raise ValueError(
            "expected an nn.RNN or nn.LSTM of one unit, one layer and one direction that read one "
            f"sequence of 2 to {MOST_STEPS} steps, got {describe(module)} over {steps} steps"
        )
    if kind == "LSTM" and module.weight_hh_l0.any():  # pyright: ignore[reportCallIssue]
        raise ValueError("expected weight_hh 0: with it c depends on the old c through h as well")
    return "c" if kind == "LSTM" else "h"


def _factors(trace: Trace) -> Tensor:
    """Return by how much each state moves when the one before it moves."""
    run = trace[0, 0]
    if class_name(trace.module) == "LSTM":
        return run.f[:, 0, 0].detach()
    h, w_hh = run.h[:, 0, 0].detach(), trace.module.get_parameter("weight_hh_l0").detach().item()
    return w_hh * (1 - h**2 if trace.module.mode == "RNN_TANH" else (h > 0).to(h.dtype))


def _gradient(trace: Trace, letter: str, t: int) -> Tensor:
    """Return how the last state depends on that after step t, by running the rest of the steps."""
    run = trace[0, 0]
    if t == len(run.h) - 1:
        return run.h.new_ones(())
    names = "hc" if letter == "c" else "h"
    state = {name: run[name][t : t + 1].detach().clone().requires_grad_() for name in names}
    read = run.x[t + 1 :].transpose(0, 1) if trace.module.batch_first else run.x[t + 1 :]
    with torch.enable_grad():
        _, last = trace.module(
            read.detach(), tuple(state.values()) if letter == "c" else state["h"]
        )
        (gradient,) = torch.autograd.grad(last[1] if letter == "c" else last, state[letter])
    return gradient.reshape(())


def _draw(canvas: Canvas, letter: str, rows: list[Row]) -> None:
    """Draw the states, the arrows back with their factors, and a bar for each product."""
    largest = max(1.0, *(abs(product) for *_, product in rows))
    states, stops = [], []
    for t, (state, _, product) in enumerate(rows):
        x = t * PITCH
        text = words(number(state))
        box = canvas.box(f"{letter}-t{t}", text, at=(x, 0.0), size=STATE, quantity=letter)
        name = symbol(f"{letter}[{t}]", colour=letter)
        canvas.write(f"name-t{t}", name, at=box.top, gap=2, width=STATE[0])
        left = words(_left(product), bold=True)
        stop = canvas.box(f"left-t{t}", left, at=(x, -BACK), size=STATE, colour="ink", look="bare")
        share, foot = abs(product) / largest, (x, -FOOT)
        look = {"quantity": letter, "colour": letter}
        draw_bar(canvas, f"bar-t{t}", share, foot=foot, size=(26.0, BAR), **look)
        states.append(box)
        stops.append(stop)
    for t, (before, after) in enumerate(pairwise(states)):
        canvas.arrow(before, after, quantity=letter)
        canvas.arrow(stops[t + 1], stops[t], name=f"back-t{t}", colour="ink", look="dashed")
        at = stops[t].right.moved(right=(PITCH - STATE[0]) / 2, up=11)._replace(side="")
        factor = words(f"× {number(rows[t + 1][1])}")
        canvas.write(f"factor-t{t}", factor, at=at, width=STATE[0])
    said = SAID.format(state=f"{letter}[{len(rows) - 1}]", letter=letter)
    at = (states[0].left.x + TITLE / 2, -FOOT - 13.0)
    canvas.write("title", words(said), at=at, width=TITLE, align="left")


def _alt(trace: Trace, letter: str, rows: list[Row]) -> str:
    """Describe the factors, and what is left of the derivative at each step."""
    last = len(rows) - 1
    factors = ", ".join(digits(factor) for _, factor, _ in rows[:0:-1])
    products = ", ".join(f"{digits(p)} at step {t}" for t, (*_, p) in reversed([*enumerate(rows)]))
    return (
        f"The chain rule through {last + 1} steps of {describe(trace.module)}, from the last step "
        f"back. Factors: {factors}. How much {letter}[{last}] depends on {letter} of each step: "
        f"{products}."
    )
