"""How well every unit of a network tells each truth about a text, beside what chance would give."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals
from rnn_figures.palette import COLOURS
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.style import SMALL, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.training import Network
from rnn_figures.training.scores import (
    Passages,
    auc,
    cell_states,
    elsewhere,
    pairs_in_order,
    strength,
)

PANEL = 1.5
"""Inches: height of a panel."""

LOOKS = {
    "trained": {"color": COLOURS["c"], "linewidth": 2.0},
    "fresh": {"color": COLOURS["ink"], "linewidth": 1.2, "linestyle": (0, (5, 1.5))},
    "elsewhere": {"color": COLOURS["faint"], "linewidth": 1.2, "linestyle": (0, (1, 1.2))},
}
"""How the lines look: the trained network, the same before training, and marks of elsewhere."""

SAMPLE = 400
"""So many characters of one passage are counted pair by pair, for the proof."""


@checked
def unit_auc_plot(
    networks: Sequence[Network], fresh: Network, read: Passages, truths: Mapping[str, str]
) -> Plot:
    """Plot how well each unit tells each truth, from the best to the worst, a panel for each truth.

    The height is the AUC of the unit's c, or 1 less the AUC if that is more: 1/2 says nothing, 1
    tells without a mistake. The solid line is the first network; the band around it has all others.
    Dashed is a fresh network; dotted is the first network for marks of another passage.

    Args:
        networks: Trained from several seeds; the first is drawn as a line.
        fresh: One that is not trained.
        read: What they read, and what is true of it.
        truths: Name of each truth, and its words.

    Returns:
        The plot; `data` has the AUC of each unit of the first network for each truth.

    Raises:
        ProofError: a line is not what the units gave, or an AUC not what counting pairs gives.
    """
    states = cell_states(networks[0], read.symbols)
    found = auc(states, read.marks)
    others = [_sorted(auc(cell_states(one, read.symbols), read.marks)) for one in networks[1:]]
    lines = {
        "trained": _sorted(found),
        "fresh": _sorted(auc(cell_states(fresh, read.symbols), read.marks)),
        "elsewhere": _sorted(auc(states, elsewhere(read.marks))),
    }
    with plot_style():
        rows = -(-len(truths) // 2)
        plot = new_plot(0.55 + PANEL * rows)
        panels = plot.subplots(rows, 2, sharex=True, sharey=True).ravel()
        for index, words in enumerate(truths.values()):
            band = np.stack([_sorted(found), *others])[:, :, index]
            of_truth = {name: line[:, index] for name, line in lines.items()}
            _draw(panels[index], of_truth, band)
            panels[index].set_title(words, fontsize=SMALL)
        for axes in panels[-2:]:
            axes.set_xlabel("units, the best first")
        plot.supylabel("AUC of c, high or low", fontsize=SMALL)
        handles, _ = panels[0].get_legend_handles_labels()
        names = ["trained", "fresh", "marks of elsewhere"]
        plot.legend(handles, names, loc="outside lower center", ncols=3)
    plot.alt = _alt(lines, truths)
    plot.data = Table(
        ("unit", *truths), [(unit, *map(float, row)) for unit, row in enumerate(found)]
    )
    plot.proof = Proof(
        "c traced from nn.LSTM; AUC equal to counting pairs one by one",
        *_compare_pairs(states, read),
        *(
            compare(f"the line {name}", drawn(axes, f"auc-{name}"), line[:, index])
            for index, axes in enumerate(panels[: len(truths)])
            for name, line in lines.items()
        ),
    )
    return plot


def _sorted(found: np.ndarray) -> np.ndarray:
    """Return how well units tell each truth, the best first, (units, truths)."""
    return -np.sort(-strength(found), axis=0)


def _draw(axes: Axes, lines: Mapping[str, np.ndarray], band: np.ndarray) -> None:
    """Draw one truth: its lines, and the band from the lowest to the highest of all seeds."""
    units = np.arange(band.shape[1])
    axes.fill_between(units, band.min(axis=0), band.max(axis=0), color=COLOURS["c"], alpha=0.25)
    for name, line in lines.items():
        axes.plot(units, line, gid=f"auc-{name}", label=name, **LOOKS[name])
    best = float(lines["trained"][0])
    where = {"xytext": (6, -1), "textcoords": "offset points", "va": "center"}
    axes.annotate(decimals(best, 2), (0, best), fontsize=SMALL, **where)
    axes.set_ylim(0.48, 1.04)
    axes.set_yticks([0.5, 0.75, 1.0], ["0.5", "0.75", "1"])
    axes.set_xticks([0, len(units) - 1], ["1st", f"{len(units)}th"])
    axes.set_xlim(-2, len(units) + 1)


def _compare_pairs(states: np.ndarray, read: Passages) -> list[Comparison]:
    """Count the pairs of some characters one by one, and compare with the AUC by rank."""
    part, marks = states[:SAMPLE, 0], read.marks[:SAMPLE, 0]
    counted, ranked = pairs_in_order(part, marks), auc(part, marks)
    return [compare("the AUC", ranked, counted, within=1e-12)]


def _alt(lines: Mapping[str, np.ndarray], truths: Mapping[str, str]) -> str:
    """Say for each truth what the best and the median unit reach, and the best of the controls."""
    words = [f"{len(lines['trained'])} units, sorted by how well each tells a truth."]
    for index, meaning in enumerate(truths.values()):
        best, median, fresh, other = (
            decimals(float(value), 2)
            for value in (
                lines["trained"][0, index],
                np.median(lines["trained"][:, index]),
                lines["fresh"][0, index],
                lines["elsewhere"][0, index],
            )
        )
        words.append(
            f"{meaning.capitalize()}: best unit {best}, median {median}; "
            f"best of a fresh network {fresh}, for marks of elsewhere {other}."
        )
    return " ".join(words)
