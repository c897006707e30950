"""What a network loses without a unit: where a truth holds, and where it does not."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table, Value
from rnn_figures.numbers import decimals
from rnn_figures.palette import COLOURS
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import SMALL, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.selection import unit_indices
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


@checked
def cut_plot(
    network: Network, units: Sequence[int], read: Passages, truths: Mapping[str, str]
) -> Plot:
    """Plot what taking a unit out adds to the loss, inside and outside its truth.

    A full dot is the mean over the characters where the truth holds, an empty one over all others.
    The band reaches from the least to the most that other units, drawn by chance and taken out in
    the same way, add where the truth holds. A row has colour where the unit counts more inside than
    outside, and more than any of the others.

    Args:
        network: What the units are taken out of, one at a time.
        units: The unit for each truth, in their order.
        read: What the network reads, and what is true of it.
        truths: Name of each truth, and its words.

    Returns:
        The plot; `data` has a row for each truth, unit and way to cut.

    Raises:
        IndexError: there is no such unit.
        ValueError: not one unit for each truth.
        ProofError: a unit that was taken out still has a say.
    """
    if not truths or not len(units) == len(truths) == read.marks.shape[-1]:
        raise ValueError(
            f"expected a unit and words for each of the {read.marks.shape[-1]} truths that are "
            f"marked, got {len(units)} units and {len(truths)} truths"
        )
    unit_indices(units, network.layer.hidden_size, "c", most=len(units))
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
        handles, names = panels[0].get_legend_handles_labels()
        plot.legend(handles, names, loc="outside upper center", ncols=3)
    plot.data = _table(added, cut, list(truths), len(units))
    plot.alt = _alt(added, units, truths)
    plot.proof = Proof(
        "c exactly 0 where a unit is held at zero, h of no weight where it is unread",
        *_compare_dots(plot, added, len(truths)),
        *(one for unit in set(units) for one in _compare_cuts(network, unit, read)),
    )
    _prove_rows(plot, added, cut, truths)
    return plot


def _prove_rows(
    plot: Plot, added: Mapping[str, np.ndarray], cut: Sequence[int], truths: Mapping[str, str]
) -> None:
    """Compare the table with what was measured, and each row with the table."""
    own = len(truths)
    order = [(truth, index) for truth in range(own) for index in (truth, *range(own, len(cut)))]
    losses = np.stack([of[index, truth] for of in added.values() for truth, index in order])
    prove_shown(
        plot,
        given={
            "unit": [cut[index] for _, index in order] * len(added),
            "chosen": [index < own for _, index in order] * len(added),
            "inside": losses[:, 0],
            "outside": losses[:, 1],
        },
        rows={
            name: [float(str(one)) for row in plot.data.rows if row[1] == name for one in row[4:]]
            for name in truths
        },
    )


def _draw(axes: Axes, added: np.ndarray, truths: int) -> None:
    """Draw a row for each truth: the other units as a band, its own as two dots."""
    rows = np.arange(truths)
    inside, outside = added[rows, rows].T
    others = added[truths:, :, 0]  # (other units, truths)
    axes.axvline(0, color=COLOURS["faint"], linewidth=0.9, zorder=1)
    band = {"height": 0.5, "color": COLOURS["faint"], "alpha": 0.3, "zorder": 2}
    low, high = others.min(axis=0), others.max(axis=0)
    axes.barh(rows, high - low, left=low, label=f"{len(others)} other units, inside", **band)
    for row in rows:
        alone = inside[row] > max(outside[row], high[row])
        colour = COLOURS["c" if alone else "ink"]
        path = {"color": colour, "linewidth": 1.6 if alone else 0.9, "zorder": 3}
        axes.plot([outside[row], inside[row]], [row, row], **path)
        dots = {"linestyle": "none", "marker": "o", "markersize": 7, "markeredgewidth": 1.4}
        dots |= {"markeredgecolor": colour, "zorder": 4}
        sides = {"outside": (outside, COLOURS["paper"]), "inside": (inside, colour)}
        for name, (values, filled) in sides.items():
            dots |= {"markerfacecolor": filled, "label": name if row == 0 else None}
            axes.plot(values[row], row, gid=f"{name}-{row}", **dots)
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
    """Describe for each truth what the cut of its unit adds, and of others at most."""
    words = ["What is added to the loss when one unit is taken out."]
    for way, of_way in added.items():
        for truth, (meaning, unit) in enumerate(zip(truths.values(), units, strict=True)):
            inside, outside = (decimals(one, 3) for one in of_way[truth, truth])
            most = decimals(of_way[len(units) :, truth, 0].max(), 3)
            words.append(
                f"Unit {unit} {way}, {meaning}: {inside} inside, {outside} outside; "
                f"other units at most {most} inside."
            )
    return " ".join(words)


def _compare_dots(plot: Plot, added: Mapping[str, np.ndarray], truths: int) -> list[Comparison]:
    """Compare where the dots stand with what was added to the loss."""
    return [
        compare(
            f"the dots {side}, {way}",
            [drawn(axes, f"{side}-{row}", along="x")[0] for row in range(truths)],
            of_way[range(truths), range(truths), index],
        )
        for axes, (way, of_way) in zip(plot.axes, added.items(), strict=True)
        for index, side in enumerate(("inside", "outside"))
    ]


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
