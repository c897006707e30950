"""How well every unit of a network tells each truth about a text, beside what chance would give."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import write_at
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import new_plot, plot_style
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

ROW = 0.62
"""Inches: height of a truth's row."""

DOTS = {
    "trained": {"color": COLOURS["c"], "alpha": 0.55},
    "fresh": {"color": COLOURS["ink"], "alpha": 0.35},
}
"""How units look: those of the trained network, and of the same before training."""

OFFSETS = {"trained": -0.17, "fresh": 0.15}
"""Of a row: where the units of each network stand, the trained above."""

SAMPLE = 400
"""Characters of one passage that are counted pair by pair, for the proof."""


@checked
def unit_auc_plot(
    networks: Sequence[Network], fresh: Network, read: Passages, truths: Mapping[str, str]
) -> Plot:
    """Plot how well each unit tells each truth: a row for each truth, a dot for each unit.

    A dot stands at the AUC of the unit's c, or at 1 less the AUC if that is more: 1/2 is a coin, 1
    tells without a mistake. Above are the units of the first network, its best one large and named,
    with a line from the lowest to the highest best one of all networks; below are those of the
    fresh network. The stroke is the best of the first network for marks of another passage.

    Args:
        networks: Trained from several seeds; the units of the first are drawn.
        fresh: One that is not trained.
        read: What they read, and what is true of it.
        truths: Name of each truth, and its words.

    Returns:
        The plot; `data` has the AUC of each unit of the first network for each truth.

    Raises:
        ValueError: there is no network.
        ProofError: a dot is not what the units gave, or an AUC not what counting pairs gives.
    """
    if not networks:
        raise ValueError("expected a trained network or more, got none")
    states = cell_states(networks[0], read.symbols)
    marks = np.concatenate([read.marks, elsewhere(read.marks)], axis=-1)
    found, by_chance = np.split(auc(states, marks), 2, axis=1)  # the units are ranked once
    told = {
        "trained": strength(found),
        "fresh": strength(auc(cell_states(fresh, read.symbols), read.marks)),
    }
    control = strength(by_chance).max(axis=0)
    of_others = [strength(auc(cell_states(one, read.symbols), read.marks)) for one in networks[1:]]
    bests = np.stack([of.max(axis=0) for of in (told["trained"], *of_others)])
    with plot_style():
        plot = new_plot(1.1 + ROW * len(truths))
        axes = plot.add_subplot()
        for name, of_name in told.items():
            _draw_units(axes, name, of_name)
        _draw_bests(axes, told["trained"], bests, control)
        _name_rows(axes, list(truths.values()))
        plot.legend(loc="outside upper center", ncols=3)
    plot.alt = _alt(told, control, truths)
    rows = [(unit, *map(float, row)) for unit, row in enumerate(found)]
    plot.data = Table(("unit", *truths), rows)
    plot.proof = Proof(
        "c traced from nn.LSTM; AUC equal to counting pairs one by one",
        *_compare_pairs(states, read),
        *(
            compare(f"the dots {name} of {words}", dots, of_name[:, row])
            for row, words in enumerate(truths.values())
            for name, of_name in told.items()
            for dots in [drawn(axes, f"auc-{name}-{row}", along="x")]
        ),
    )
    _prove_rows(plot, found, [*told.values(), bests, control[None]], truths)
    return plot


def _prove_rows(
    plot: Plot, found: np.ndarray, own: Sequence[np.ndarray], truths: Mapping[str, str]
) -> None:
    """Compare each row with the units, the best ones and the control of its truth."""
    prove_shown(
        plot,
        given=dict(zip(truths, found.T, strict=True)) | {"unit": range(len(found))},
        rows={
            words: np.concatenate([of[:, row] for of in own])
            for row, words in enumerate(truths.values())
        },
        told=np.concatenate([*map(np.ravel, own), np.median(own[0], axis=0)]),
    )


def _draw_units(axes: Axes, name: str, told: np.ndarray) -> None:
    """Draw all units of a network, a row for each truth; those that are alike, apart."""
    for row, values in enumerate(told.T):
        ranks = values.argsort().argsort()
        heights = row + OFFSETS[name] + 0.045 * (ranks % 4 - 1.5)
        look: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 4.2}
        look |= DOTS[name] | {"markeredgewidth": 0, "label": f"{name} units" if row == 0 else None}
        axes.plot(values, heights, gid=f"auc-{name}-{row}", **look)


def _draw_bests(axes: Axes, told: np.ndarray, bests: np.ndarray, control: np.ndarray) -> None:
    """Draw and name the best unit of each truth, how far the best ones spread, and the control."""
    for row, values in enumerate(told.T):
        unit, height = int(values.argmax()), row + OFFSETS["trained"]
        best = float(values[unit])
        spread: dict[str, Any] = {"color": COLOURS["c"], "linewidth": 1.2}
        axes.plot([bests[:, row].min(), bests[:, row].max()], [height] * 2, **spread)
        axes.plot(best, height, "o", color=COLOURS["c"], markersize=8)
        ha = "right" if best > 0.9 else "center"
        write_at(axes, f"unit {unit}: {decimals(best, 2)}", (best, height), (0, 6), ha=ha)
        look: dict[str, Any] = {
            "color": COLOURS["ink"],
            "linewidth": 1.4,
            "linestyle": (0, (2, 1.5)),
        }
        label = "best for marks of elsewhere" if row == 0 else None
        axes.plot([control[row]] * 2, [row - 0.32, row + 0.3], label=label, **look)


def _name_rows(axes: Axes, truths: Sequence[str]) -> None:
    """Name each row, and what the ends of the axis mean."""
    axes.set_yticks(range(len(truths)), truths)
    axes.set_ylim(len(truths) - 0.45, -0.55)
    axes.grid(axis="y", visible=False)
    ticks = {
        0.5: "0.5\na coin",
        0.6: "0.6",
        0.7: "0.7",
        0.8: "0.8",
        0.9: "0.9",
        1: "1\nalways right",
    }
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set_xlim(0.49, 1.02)
    axes.set_xlabel("how well c of one unit tells it (AUC, high or low)")


def _compare_pairs(states: np.ndarray, read: Passages) -> list[Comparison]:
    """Count the pairs of some characters one by one, and compare with the AUC by rank."""
    part, marks = states[:SAMPLE, 0], read.marks[:SAMPLE, 0]
    counted, ranked = pairs_in_order(part, marks), auc(part, marks)
    return [compare("the AUC", ranked, counted, within=1e-12)]


def _alt(told: Mapping[str, np.ndarray], control: np.ndarray, truths: Mapping[str, str]) -> str:
    """Describe for each truth the best unit, the median one and the best of the controls."""
    words = [f"{len(told['trained'])} units, and how well each tells a truth."]
    for row, meaning in enumerate(truths.values()):
        best, median, fresh, other = (
            decimals(value, 2)
            for value in (
                told["trained"][:, row].max(),
                np.median(told["trained"][:, row]),
                told["fresh"][:, row].max(),
                control[row],
            )
        )
        words.append(
            f"{meaning.capitalize()}: best unit {best}, median {median}; "
            f"best of a fresh network {fresh}, for marks of elsewhere {other}."
        )
    return " ".join(words)
