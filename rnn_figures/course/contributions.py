"""What is left of each step's writing in the last cell state."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from matplotlib.axes import Axes
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.figures import Plot, Table
from rnn_figures.gradients import products_after
from rnn_figures.numbers import decimals, digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import ALL_TICKS, name_plot, step_axis, value_axis, write_at
from rnn_figures.plots.reading import bar_ends, prove_shown
from rnn_figures.plots.style import new_plot, plot_style
from rnn_figures.proofs import Proof, adds_up, compare
from rnn_figures.traces import Trace
from rnn_figures.traces.agreement import tolerance
from rnn_figures.traces.final_states import final_row
from rnn_figures.traces.selection import sequence_index, unit_indices


class Contributions(NamedTuple):
    """What each step wrote into one cell, and what is left of it at the end, (L,) in float64."""

    written: Tensor
    left: Tensor


@checked
def contribution_plot(
    trace: Trace, *, unit: int = 0, sequence: int = 0, symbols: Sequence[str] | None = None
) -> Plot:
    """Plot where the last c of the top layer comes from: a bar for each step.

    Dashed is what the step wrote, i · g. Filled is what is left of it at the end, i · g times f of
    every later step. The filled bars add up to c_n.

    Args:
        trace: The run of an nn.LSTM that started at c_0 = 0; its forward direction is drawn.
        unit: Which unit.
        sequence: Which sequence of the batch.
        symbols: Text under each step.

    Returns:
        The plot; `data` has what was written and what is left of every step.

    Raises:
        IndexError: no such unit or sequence.
        ValueError: the module is no LSTM, it did not start at zero, or the symbols do not fit.
        ProofError: the filled bars do not add up to the module's c_n.
    """
    parts = _contributions(trace, unit, sequence)
    total = final_row(trace, "c", -trace.num_directions, sequence)[unit]
    with plot_style():
        plot = new_plot(2.4)
        axes = plot.add_subplot()
        step_axis(axes, len(parts.left), symbols=symbols)
        value_axis(axes, torch.stack(parts).numpy(), None)
        _draw_bars(axes, parts)
        words = f"unit {unit}: what is left adds up to {digits(total.item())}"
        name_plot(axes, "c", words)
    plot.alt = _alt(parts, unit, total.item())
    rows = zip(range(len(parts.left)), parts.written.tolist(), parts.left.tolist(), strict=True)
    plot.data = Table(("step", "written", "left at the end"), list(rows))
    within = tolerance(parts.left.abs().sum().to(total))
    plot.proof = Proof(
        "what is left adds up to c_n",
        trace.proof,
        compare("the dashed bars", bar_ends(axes.containers[1])[:, 1], parts.written),
        adds_up("c_n", bar_ends(axes.containers[0])[:, 1], total, within=within),
    )
    prove_shown(plot, told=[total.item()])
    return plot


def _contributions(trace: Trace, unit: int, sequence: int) -> Contributions:
    """Return what each step wrote, and what the later forget gates leave of it."""
    if class_name(trace.module) != "LSTM":
        raise ValueError(
            f"expected a trace of an nn.LSTM, got one of nn.{class_name(trace.module)}"
        )
    trace.kept.need_all("all that c is made of")
    sequence = sequence_index(sequence, len(trace.lengths))
    unit_indices([unit], trace.module.hidden_size, "c", most=1)
    run = trace[-1, 0]
    assert run.c_0 is not None  # of an LSTM
    if run.c_0[sequence, unit] != 0:
        raise ValueError("expected a run that starts at c_0 = 0: a bar of it would have no step")
    steps = slice(int(run.lengths[sequence]))
    i, f, g = (run[letter][steps, sequence, unit].double() for letter in "ifg")
    return Contributions(i * g, i * g * products_after(f))


def _draw_bars(axes: Axes, parts: Contributions) -> None:
    """Draw what is left filled, then what was written dashed."""
    steps, numbered = range(len(parts.left)), len(parts.left) <= ALL_TICKS
    look = {"color": COLOURS["c"], "zorder": 2, "label": "what is left of it"}
    left = axes.bar(steps, parts.left.tolist(), width=0.62, **look)
    outline = {"facecolor": "none", "edgecolor": COLOURS["g"], "linewidth": 1.3}
    outline |= {"label": "i · g, what the step wrote"}
    written = axes.bar(steps, parts.written.tolist(), width=0.62, zorder=3, ls="--", **outline)
    for t, (kept, wrote) in enumerate(zip(left, written, strict=True)):
        kept.set_gid(f"q-c-left{t}")
        wrote.set_gid(f"q-g-written{t}")
        if numbered:
            end = max((kept.get_height(), wrote.get_height()), key=abs)
            away, va = (3, "bottom") if end >= 0 else (-3, "top")
            look = {"ha": "center", "va": va, "color": COLOURS["c"], "gid": f"q-c-number{t}"}
            write_at(axes, decimals(kept.get_height(), 2), (t, end), (0, away), **look)
    axes.figure.legend(handles=[written, left], loc="outside lower center", ncols=2)
    low, high = axes.get_ylim()
    space = 0.1 * (high - low)  # for the numbers beyond the bars
    axes.set_ylim(low - space, high + space)


def _alt(parts: Contributions, unit: int, total: float) -> str:
    """Describe the bars; of a long run, its last steps."""
    steps = range(len(parts.left))[-ALL_TICKS:]
    told = (
        f"step {t} wrote {digits(parts.written[t].item())}, "
        f"of which {digits(parts.left[t].item())} is left"
        for t in steps
    )
    return f"Bars of where c of unit {unit} comes from: {'; '.join(told)}. Sum {digits(total)}."
