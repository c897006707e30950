"""How well every unit of a network tells each truth about a text, beside what chance would give."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals
from rnn_figures.palette import COLOURS
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

ROW = 0.5
"""Inches: height of a truth's row."""

WIDE = 24
"""Characters of a truth's words on one line."""

CONTROLS: dict[str, dict[str, Any]] = {
    "fresh": {"color": COLOURS["ink"], "marker": "|", "markersize": 17, "markeredgewidth": 2.2},
    "elsewhere": {"color": COLOURS["ink"], "marker": "x", "markersize": 6, "markeredgewidth": 1.4},
}
"""How the best of a control is marked: of the network before training, of marks of elsewhere."""

SAMPLE = 400
"""So many characters of one passage are counted pair by pair, for the proof."""


def unit_auc_plot(
    networks: Sequence[Network], fresh: Network, read: Passages, truths: Mapping[str, str]
) -> Plot:
    """Plot how well each unit tells each truth: a row for each truth, a dot for each unit.

    A dot stands at the AUC of the unit's c, or 1 less the AUC if that is more: 1/2 says nothing, 1
    tells without a mistake. The best has its name, and is open for the networks of other seeds. The
    bar is the best unit of a fresh network, the cross the best for marks of another passage.

    Args:
        networks: Trained from several seeds; all units of the first are drawn, the best of others.
        fresh: One that is not trained.
        read: What they read, and what is true of it.
        truths: Name of each truth, and its words.

    Returns:
        The plot; `data` has the AUC of each unit of the first network for each truth.

    Raises:
        ProofError: a dot is not what the units gave, or an AUC not what counting pairs gives.
    """
    states = cell_states(networks[0], read.symbols)
    found = auc(states, read.marks)
    told = {
        "trained": strength(found),
        "fresh": strength(auc(cell_states(fresh, read.symbols), read.marks)),
        "elsewhere": strength(auc(states, elsewhere(read.marks))),
    }
    others = [strength(auc(cell_states(one, read.symbols), read.marks)) for one in networks[1:]]
    with plot_style():
        plot = new_plot(0.9 + ROW * len(truths))
        axes = plot.add_subplot()
        for row in range(len(truths)):
            _draw(axes, row, {name: of[:, row] for name, of in told.items()})
            best = [float(of[:, row].max()) for of in others]
            look: dict[str, Any] = {"color": COLOURS["c"], "markerfacecolor": COLOURS["paper"]}
            label = "best unit of another seed"
            axes.plot(best, [row] * len(best), "o", markersize=6, label=label, zorder=3, **look)
        axes.set_yticks(range(len(truths)), [textwrap.fill(one, WIDE) for one in truths.values()])
        axes.set_ylim(len(truths) - 0.5, -0.6)
        axes.set_xlim(0.48, 1.03)
        axes.set_xticks([0.5, 0.75, 1.0], ["0.5, a coin", "0.75", "1, always"])
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("how well c of a unit tells it: AUC, high or low")
        handles, names = axes.get_legend_handles_labels()
        first = dict(zip(names, handles, strict=True))  # a row has the same as the others
        plot.legend(first.values(), first.keys(), loc="outside lower center", ncols=2)
    plot.alt = _alt(told, truths)
    plot.data = Table(
        ("unit", *truths), [(unit, *map(float, row)) for unit, row in enumerate(found)]
    )
    plot.proof = Proof(
        "c traced from nn.LSTM; AUC equal to counting pairs one by one",
        *_compare_pairs(states, read),
        *_compare_drawn(axes, told),
    )
    return plot


def _compare_drawn(axes: Axes, told: Mapping[str, np.ndarray]) -> Iterator[Comparison]:
    """Hold every dot to its unit, and every mark to the best of its control."""
    for name, units in told.items():
        lines = [line for line in axes.lines if line.get_gid() == f"auc-{name}"]
        shown = np.stack([np.asarray(line.get_xdata(), dtype=float) for line in lines], axis=1)
        given = units if name == "trained" else units.max(axis=0, keepdims=True)
        yield compare(f"the marks of {name}", shown, given)


def _draw(axes: Axes, row: int, told: Mapping[str, np.ndarray]) -> None:
    """Draw one truth: all units of the trained network, its best by name, the controls' best."""
    units = told["trained"]
    look: dict[str, Any] = {"linestyle": "none", "color": COLOURS["c"], "marker": "o", "zorder": 2}
    axes.plot(
        units,
        np.full(len(units), row),
        gid="auc-trained",
        label="a unit of the first network",
        markersize=4.5,
        markeredgewidth=0,
        alpha=0.45,
        **look,
    )
    names = {"fresh": "best unit before training", "elsewhere": "best for marks of elsewhere"}
    for name, control in CONTROLS.items():
        best = [float(told[name].max())]
        axes.plot(best, [row], gid=f"auc-{name}", label=names[name], linestyle="none", **control)
    unit = int(units.argmax())
    best = float(units[unit])
    axes.plot([best], [row], markersize=9, **look)
    axes.annotate(
        f"unit {unit}: {decimals(best, 2)}",
        (best, row),
        xytext=(0, 7),
        textcoords="offset points",
        ha="right" if best > 0.9 else "center",
        fontsize=SMALL,
        color=COLOURS["c"],
    )


def _compare_pairs(states: np.ndarray, read: Passages) -> list[Comparison]:
    """Count the pairs of some characters one by one, and compare with the AUC by rank."""
    part, marks = states[:SAMPLE, 0], read.marks[:SAMPLE, 0]
    counted, ranked = pairs_in_order(part, marks), auc(part, marks)
    return [compare("the AUC", ranked, counted, within=1e-12)]


def _alt(told: Mapping[str, np.ndarray], truths: Mapping[str, str]) -> str:
    """Say for each truth what the best and the median unit reach, and the best of the controls."""
    words = [f"A dot for each of {len(told['trained'])} units: how well it tells a truth."]
    for index, meaning in enumerate(truths.values()):
        best, median, fresh, other = (
            decimals(float(value), 2)
            for value in (
                told["trained"][:, index].max(),
                np.median(told["trained"][:, index]),
                told["fresh"][:, index].max(),
                told["elsewhere"][:, index].max(),
            )
        )
        words.append(
            f"{meaning.capitalize()}: best unit {best}, median {median}; "
            f"best of a fresh network {fresh}, for marks of elsewhere {other}."
        )
    return " ".join(words)
