"""Networks while they are trained: f and c after so many steps, and the loss."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import name_distance, name_strip, write_at
from rnn_figures.plots.curves import drawn, drawn_units
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import SMALL, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces import Trace, trace
from rnn_figures.training.watched import SEEN, STEPS, WatchedNetwork, loss

STRIPS = {"f": 0.75, "c": 1.4}
"""Inches of each quantity's strip: what keeps, and what is kept. The others would hide the two."""

LETTERS = "".join(STRIPS)

CURVE = 1.0
"""Inches of the strip of the loss."""

UNIT_LINES: tuple[dict[str, Any], ...] = (
    {"linewidth": 2.0},
    {"linewidth": 1.1, "linestyle": (0, (1, 1.2))},
)
"""How a network's units look: the one that will count, then the other."""


@checked
def watched_plot(networks: Mapping[str, WatchedNetwork], steps: int, text: str) -> Plot:
    """Plot the forget gate and c of networks that read a text, after so many training steps.

    A column for each network, a strip for f and one for c. The thick line is the unit whose c has
    the widest range at the end of training: the one that will count. Below, the loss until the
    end, with a dot at these steps.

    Args:
        networks: By name; one or two.
        steps: One of SEEN, or STEPS for the end.
        text: What they read.

    Returns:
        The plot; `data` has a row for each symbol and network.

    Raises:
        ValueError: no network, or nothing was kept after so many steps.
        ProofError: a line is not what the network then computed.
    """
    if not networks:
        raise ValueError("expected one or two networks by name, got none")
    runs = {name: _read(network, steps, text) for name, network in networks.items()}
    at_the_end = {name: _read(network, STEPS, text) for name, network in networks.items()}
    order = {name: _widest_first(run) for name, run in at_the_end.items()}
    losses = {
        name: {kept: loss(network.after(kept)) for kept in (*SEEN, STEPS)}
        for name, network in networks.items()
    }
    reach = max(float(run[0, 0].c.abs().max()) for run in at_the_end.values())
    heights = [*STRIPS.values(), CURVE]
    with plot_style():
        plot = new_plot(sum(heights) + 1.45)
        shape: dict[str, Any] = {"height_ratios": heights, "squeeze": False}
        panels = plot.subplots(len(heights), len(networks), sharey="row", **shape)
        for column, (name, run) in zip(panels.T, runs.items(), strict=True):
            column[0].set_title(name, fontsize=SMALL)
            for strip, letter in zip(column, LETTERS, strict=False):
                _draw_strip(strip, run, letter, order[name], reach)
            below = [symbol.replace("$", r"\$") for symbol in text]
            column[-2].set_xticks(range(len(text)), below)
            _draw_loss(column[-1], losses[name], steps)
        distance = name_distance(panels[:-1, 0])
        for strip, letter in zip(panels[:, 0], LETTERS, strict=False):
            name_strip(strip, letter, "", distance=distance)
        panels[-1, 0].set_ylabel("loss")
    plot.alt = _alt(runs, order, losses, steps, text)
    plot.data = _table(runs, text)
    plot.proof = Proof(
        "equal to nn.LSTM with the weights of then",
        *(one for name, run in runs.items() for one in _compare(plot, list(runs).index(name), run)),
        *(
            compare(f"the loss of {name}", *_shown_losses(axes, losses[name], steps), within=1e-12)
            for axes, name in zip(plot.axes[-len(runs) :], runs, strict=True)
        ),
    )
    given = {"symbol": [repr(symbol) for _ in runs for symbol in text]}
    now = [of_name[steps] for of_name in losses.values()]
    prove_shown(plot, given=given, aside=("loss",), told=now)
    return plot


def _read(network: WatchedNetwork, steps: int, text: str) -> Trace:
    """Return what a network computed as it read a text, after so many training steps."""
    then = network.after(steps)
    return trace(then.layer, then.inputs(text))


def _widest_first(run: Trace) -> list[int]:
    """Return the units, the one whose c has the widest range first."""
    c = run[0, 0].c[:, 0]
    return (c.amax(dim=0) - c.amin(dim=0)).argsort(descending=True).tolist()


def _draw_strip(axes: Axes, run: Trace, letter: str, units: list[int], reach: float) -> None:
    """Draw a quantity of all units over the text, on an axis that is the same after all steps."""
    values = run[0, 0][letter][:, 0].double().numpy()
    for unit, look in zip(units, UNIT_LINES, strict=True):
        gid = f"q-{letter}-unit{unit}"
        axes.plot(values[:, unit], color=COLOURS[letter], gid=gid, **look)
    low, high = (0.0, 1.0) if letter == "f" else (-reach, reach)
    axes.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
    axes.set_yticks([low, high], [decimals(round(low, 1), 1), decimals(round(high, 1), 1)])
    axes.set_xlim(-0.5, len(values) - 0.5)
    axes.set_xticks(range(len(values)), [""] * len(values))
    if low < 0:
        axes.axhline(0, color=COLOURS["faint"], linewidth=0.7, zorder=1)


def _draw_loss(axes: Axes, losses: Mapping[int, float], steps: int) -> None:
    """Draw the loss over the steps on a logarithmic axis that begins with step 0, and a dot."""
    x = {step: np.log10(step + 1) for step in losses}
    axes.plot(
        list(x.values()), list(losses.values()), color=COLOURS["ink"], gid="loss", linewidth=1.4
    )
    axes.plot([x[steps]], [losses[steps]], "o", color=COLOURS["ink"], markersize=8, gid="loss-now")
    ha = "left" if steps < STEPS / 2 else "right"
    write_at(axes, decimals(losses[steps], 2), (x[steps], losses[steps]), (0, 8), ha=ha)
    marked = [step for step in (0, 10, 100, 1000) if step <= STEPS]
    axes.set_xticks([np.log10(step + 1) for step in marked], [str(step) for step in marked])
    axes.set_ylim(0, 1.35)
    axes.set_yticks([0, 0.5, 1.0], ["0", "0.5", "1"])
    axes.set_xlabel("training steps")


def _shown_losses(
    axes: Axes, losses: Mapping[int, float], steps: int
) -> tuple[list[np.ndarray], list[list[float]]]:
    """Return the curve of the loss and its dot, as steps and losses, and what they should be."""
    shown = [drawn(axes, gid, along=at) for gid in ("loss", "loss-now") for at in ("x", "y")]
    given = [list(losses), list(losses.values()), [steps], [losses[steps]]]
    return [10 ** shown[0] - 1, shown[1], 10 ** shown[2] - 1, shown[3]], given


def _compare(plot: Plot, column: int, run: Trace) -> list[Comparison | Proof]:
    """Compare the drawn lines of one network with its trace, which was checked as it is."""
    columns = len(plot.axes) // (len(LETTERS) + 1)
    compared: list[Comparison | Proof] = [run.proof]
    for row, letter in enumerate(LETTERS):
        given = run[0, 0][letter][:, 0]
        strip = plot.axes[row * columns + column]
        shown = drawn_units(strip, f"q-{letter}", range(given.shape[1]))
        compared.append(compare(letter, shown, given))
    return compared


def _table(runs: Mapping[str, Trace], text: str) -> Table:
    """List f and c of every unit, after each symbol."""
    units = range(next(iter(runs.values()))[0, 0].h.shape[-1])
    columns = ["network", "step", "symbol", *(f"{q}, unit {u}" for q in LETTERS for u in units)]
    rows = [
        (name, t, repr(text[t]), *(float(run[0, 0][q][t, 0, u]) for q in LETTERS for u in units))
        for name, run in runs.items()
        for t in range(len(text))
    ]
    return Table(columns, rows)


def _alt(
    runs: Mapping[str, Trace],
    order: Mapping[str, list[int]],
    losses: Mapping[str, Mapping[int, float]],
    steps: int,
    text: str,
) -> str:
    """Describe for each network the loss, and the gate and the c of the unit that will count."""
    words = [f"Networks that read {text}, after {steps} training steps."]
    for name, run in runs.items():
        unit = order[name][0]
        c, f = run[0, 0].c[:, 0, unit], run[0, 0].f[:, 0, unit]
        middle = len(text) // 2
        told = (decimals(value, 2) for value in (c[0], c[middle], c[-1], f.mean()))
        start, half, end, gate = told
        words.append(
            f"{name}: loss {decimals(losses[name][steps], 2)}; c of unit {unit} from {start} by "
            f"{half} in the middle to {end}, its forget gate {gate} on average."
        )
    return " ".join(words)
