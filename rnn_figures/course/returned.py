"""What a layer computes for one unit, and the few numbers of it that it returns."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import write_at
from rnn_figures.plots.gates import gate_plot
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import WIDTH, plot_style, text_width
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces import Trace
from rnn_figures.traces.final_states import final_row, final_states
from rnn_figures.traces.selection import layer_index

PALE = 0.4
"""How strong the lines of what is not returned are."""

RING = 9
"""Width of the ring around a number of a final state, in points."""


@checked
def returned_plot(trace: Trace, *, layer: int = -1, unit: int = 0) -> Plot:
    """Plot all that one unit computes, with marks at the numbers that the module returns.

    A dot is a number of `output`, a ring one of h_n or c_n; what has neither is returned nowhere.

    Args:
        trace: The run of a module with one direction; its first sequence is drawn.
        layer: From 0; negative counts from the top.
        unit: Which unit.

    Returns:
        The plot; its table has every quantity at every step.

    Raises:
        ValueError: the module has two directions.
        ProofError: a mark is not at a number that the module returned.
    """
    if trace.num_directions > 1:
        raise ValueError("expected a module with one direction, got two")
    plot = gate_plot(trace, layer=layer, units=[unit])
    strips = dict(zip(trace[layer, 0].quantities, plot.axes, strict=True))
    index = layer_index(trace.module, layer, 0)
    states = final_states(trace)
    beside = RING + max(text_width(one.name) for one in states)
    plot.subplots_adjust(right=plot.subplotpars.right - beside / (72 * WIDTH))
    with plot_style():
        marked = list(_mark(trace, strips, index, unit))
    names = " and ".join(one.name for one in states if one.layer == index)
    shown = "; dots are output" if index == trace.module.num_layers - 1 else ""
    plot.alt += f" Ringed at the last step: {names}{shown}."
    plot.proof = Proof(trace.proof.words, *filter(None, [plot.proof]), *marked)
    # c as the module returned it is not to the last bit the one that was replayed
    prove_shown(plot, aside=("q-c-returned", "q-h-returned"))
    return plot


def _mark(
    trace: Trace, strips: Mapping[str, Axes], layer: int, unit: int
) -> Iterator[Comparison | Proof]:
    """Fade what is not returned, mark what is, and hold each mark to what the module gave."""
    for letter, strip in strips.items():
        top = letter == "h" and layer == trace.module.num_layers - 1
        for line in strip.lines:
            if str(line.get_gid()).startswith(f"q-{letter}-unit"):
                line.set_alpha(1.0 if top else PALE)
        if top:
            output = trace.output_steps()[:, 0, unit]
            (dots,) = strip.plot(output.double(), "o", color=COLOURS["h"], markersize=5, zorder=5)
            yield compare("the dots", np.asarray(dots.get_ydata()), output)
    for state in final_states(trace):
        if state.layer != layer:
            continue
        given = final_row(trace, state.quantity, state.row, 0)[unit]
        strip, last = strips[state.quantity], state.steps[0]
        look: dict[str, Any] = {"color": COLOURS[state.quantity], "markeredgewidth": 1.8}
        look |= {"markerfacecolor": "none", "markersize": RING, "clip_on": False, "zorder": 6}
        look |= {"gid": f"q-{state.quantity}-returned"}
        (ring,) = strip.plot(last, given.item(), "o", **look)
        beside = write_at(
            strip,
            state.name,
            (1, given.item()),
            (RING, 0),
            xycoords=("axes fraction", "data"),
            va="center",
            color=COLOURS[state.quantity],
        )
        yield compare(state.name, np.asarray(ring.get_ydata())[0], given)
        yield compare("the name beside the ring", beside.get_text(), state.name)
        yield state.proof
