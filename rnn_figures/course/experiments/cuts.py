"""What a network loses without a unit: where a truth holds, and where it does not."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from rnn_figures.figures import Plot, Table, Value
from rnn_figures.numbers import decimals
from rnn_figures.palette import COLOURS
from rnn_figures.plots.style import SMALL, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.training import Network
from rnn_figures.training.scores import (
    CUTS,
    Passages,
    added_losses,
    cell_states,
    held_at_zero,
    other_units,
    unread,
)

ROW = 0.36
"""Inches: a truth's row."""


def cut_plot(
    network: Network, units: Sequence[int], read: Passages, truths: Mapping[str, str]
) -> Plot:
    """Plot what taking a unit out adds to the loss: an arrow from outside its truth to inside.

    A full dot is the mean over the characters where the truth holds, an empty one over all others.
    The grey span is other units, drawn by chance, taken out in the same way: where the truth holds.

    Args:
        network: What the units are taken out of, one at a time.
        units: The unit for each truth, in their order.
        read: What the network reads, and what is true of it.
        truths: Name of each truth, and its words.

    Returns:
        The plot; `data` has a row for each truth, unit and way to cut.

    Raises:
        ProofError: a unit that was taken out still has a say.
    """
    others = other_units(units, network.layer.hidden_size)
    cut = [*units, *others]
    added = {way: added_losses(network, cut, read, way) for way in CUTS}
    with plot_style():
        plot = new_plot(1.15 + ROW * len(truths))
        panels = plot.subplots(1, len(CUTS), sharey=True, sharex=True)
        for axes, (way, of_way) in zip(panels, added.items(), strict=True):
            _draw(axes, of_way, len(truths))
            axes.set_title(way, fontsize=SMALL)
        panels[0].set_yticks(range(len(truths)), list(truths))
        panels[0].set_ylim(len(truths) - 0.5, -0.5)
        plot.supxlabel("added to the loss", fontsize=SMALL)
        handles, names = [panels[0].lines[1]], ["ten other units"]
        ends = {"outside": COLOURS["paper"], "inside": COLOURS["ink"]}
        for name, face in ends.items():
            look: dict[str, Any] = {"color": COLOURS["ink"], "markerfacecolor": face, "ls": "none"}
            handles.append(Line2D([], [], marker="o", markersize=6, **look))
            names.append(name)
        plot.legend(handles, names, loc="outside upper center", ncols=3)
    plot.data = _table(added, cut, list(truths), len(units))
    plot.alt = _alt(added, units, truths)
    plot.proof = Proof(
        "c exactly 0 where a unit is held at zero, h of no weight where it is unread",
        *(one for unit in set(units) for one in _compare_cuts(network, unit, read)),
    )
    return plot


def _draw(axes: Axes, added: np.ndarray, truths: int) -> None:
    """Draw a row for each truth: the span of the other units, its own from outside to inside.

    Its own is in colour where its absence costs more inside than outside, and more than any other
    unit's.
    """
    rows = np.arange(truths)
    own = added[rows, rows]  # (truths, 2)
    others = added[truths:, :, 0]  # (other units, truths)
    axes.axvline(0, color=COLOURS["faint"], linewidth=0.9, zorder=1)
    span: dict[str, Any] = {"color": COLOURS["faint"], "alpha": 0.3, "linewidth": 9, "zorder": 1}
    for row, (low, high) in enumerate(zip(others.min(axis=0), others.max(axis=0), strict=True)):
        label = {"label": "ten other units"} if row == 0 else {}
        axes.plot(
            [low, high], [row, row], gid=f"others{row}", solid_capstyle="butt", **span, **label
        )
    telling = (own[:, 0] > own[:, 1]) & (own[:, 0] > others.max(axis=0))
    for row, (inside, outside) in enumerate(own):
        colour = COLOURS["c" if telling[row] else "ink"]
        arrow = {"arrowstyle": "->", "color": colour, "linewidth": 1.4, "shrinkA": 4, "shrinkB": 2}
        axes.annotate("", (inside, row), xytext=(outside, row), arrowprops=arrow, zorder=2)
        dots: dict[str, Any] = {"linestyle": "none", "marker": "o", "markeredgecolor": colour}
        dots |= {"markeredgewidth": 1.4, "zorder": 3}
        paper = COLOURS["paper"]
        axes.plot(outside, row, markersize=5, markerfacecolor=paper, gid="outside", **dots)
        axes.plot(inside, row, markersize=7, markerfacecolor=colour, gid="inside", **dots)
        if telling[row]:
            axes.annotate(
                "costs most here",
                (inside, row),
                xytext=(0, 8),
                textcoords="offset points",
                ha="right",
                fontsize=SMALL,
                color=colour,
            )
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_formatter(lambda value, _: decimals(round(value, 3), 2))
    axes.locator_params(axis="x", nbins=4)


def _table(
    added: Mapping[str, np.ndarray], units: Sequence[int], names: Sequence[str], own: int
) -> Table:
    """List every number of the plot."""
    rows: list[list[Value]] = []
    for way, of_way in added.items():
        for truth, name in enumerate(names):
            for index in (truth, *range(own, len(units))):
                inside, outside = map(float, of_way[index, truth])
                rows.append([way, name, units[index], index < own, inside, outside])
    return Table(("cut", "truth", "unit", "chosen", "inside", "outside"), rows)


def _alt(added: Mapping[str, np.ndarray], units: Sequence[int], truths: Mapping[str, str]) -> str:
    """Say for each truth what its unit's absence adds, and at most that of others."""
    words = ["What is added to the loss when one unit is taken out."]
    for way, of_way in added.items():
        for truth, (meaning, unit) in enumerate(zip(truths.values(), units, strict=True)):
            inside, outside = (decimals(float(one), 3) for one in of_way[truth, truth])
            most = decimals(float(of_way[len(units) :, truth, 0].max()), 3)
            words.append(
                f"Unit {unit} {way}, {meaning}: {inside} inside, {outside} outside; "
                f"other units at most {most} inside."
            )
    return " ".join(words)


def _compare_cuts(network: Network, unit: int, read: Passages) -> list[Comparison]:
    """Compare what a unit that was taken out is, with nothing; and what is left, with the rest."""
    symbols = read.symbols[:200]
    c = cell_states(held_at_zero(network, unit), symbols)[..., unit]
    changed = unread(network, unit)
    with torch.no_grad():
        h, _ = network.layer(network.embedding(symbols))
        whole = changed(symbols) + h[..., unit, None] * network.readout.weight[:, unit]
        given = network(symbols)
    return [
        compare(f"c of unit {unit}", c, np.zeros_like(c)),
        compare(f"scores without unit {unit}, and its part,", whole, given, within=1e-4),
    ]
