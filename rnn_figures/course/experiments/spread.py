"""One measure of trained networks: every seed, the median, and how far they spread."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.course.experiments.measured import STEPS, Measured, measured, measures_of, written
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import write_at
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import new_plot, plot_style
from rnn_figures.proofs import Proof, compare, compare_column

ROW = 0.46
"""Inches of a kind's row."""


@checked
def spread_plot(
    name: str,
    measure: str,
    *,
    kinds: Sequence[str] | None = None,
    trained_to: float | None = None,
) -> Plot:
    """Plot one measure of an experiment's trained networks: a row for each kind, a dot for a seed.

    The bar is the median, the line reaches from the lowest seed to the highest. An open dot is a
    training whose loss was not low when its steps were used up.

    Args:
        name: Of the experiment, as `trained` takes it.
        measure: What was measured, such as "right up to n"; "steps" for how long training took.
        kinds: Which kinds, from above; None for all.
        trained_to: Where training ended, marked; None for no mark.

    Returns:
        The plot; its table has a row for each network. What the networks can do is measured again
        on the shipped weights; "steps" is only known from training, and has no proof.

    Raises:
        ValueError: there is no such experiment, kind or measure.
        ProofError: the weights do not do what they did when trained, or a dot is not its value.

    Examples:
        >>> spread_plot("counting", "right up to n").data.columns
        ('kind', 'seed', 'right up to n')
    """
    found, proof = measured(name, measure, kinds)
    with plot_style():
        plot = new_plot(0.75 + ROW * len(found))
        axes = plot.add_subplot()
        _draw(axes, found)
        axes.set_xlabel(measure)
        if trained_to is not None:
            _mark(axes, trained_to)
    plot.alt = _alt(measure, found, trained_to)
    rows = [
        (kind, seed, value)
        for kind, of_kind in found.items()
        for seed, value in enumerate(of_kind.values)
    ]
    plot.data = Table(("kind", "seed", measure), rows)
    if proof:
        shown = [
            compare(f"the dots of {kind}", drawn(axes, f"seeds{row}", along="x"), of_kind.values)
            for row, (kind, of_kind) in enumerate(found.items())
        ]
        plot.proof = Proof(proof.words, proof, *shown)
        seeds = [seed for of_kind in found.values() for seed in range(len(of_kind.values))]
        values = [value for of_kind in found.values() for value in of_kind.values]
        prove_shown(
            plot,
            given={"seed": seeds, measure: values},
            rows={kind: [*of_kind.values, of_kind.median] for kind, of_kind in found.items()},
        )
    return plot


def _draw(axes: Axes, found: Mapping[str, Measured]) -> None:
    """Draw each kind's seeds, median and spread."""
    for row, of_kind in enumerate(found.values()):
        values = np.array(of_kind.values)
        around: dict[str, Any] = {"color": COLOURS["faint"], "linewidth": 1.2, "zorder": 2}
        axes.plot([values.min(), values.max()], [row, row], **around)
        axes.plot([of_kind.median] * 2, [row - 0.3, row + 0.3], color=COLOURS["ink"], linewidth=2.6)
        for open_ in (False, True):
            chosen = [reached != open_ for reached in of_kind.reached]
            look: dict[str, Any] = {"color": COLOURS["h"], "markersize": 6.5, "zorder": 4}
            look |= {"markerfacecolor": COLOURS["paper"]} if open_ else {}
            where = _apart(values)[chosen] + row
            gid = f"seeds{row}" + ("-open" if open_ else "")
            axes.plot(values[chosen], where, "o", gid=gid, **look)
    axes.set_yticks(range(len(found)), list(found))
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    low, high = axes.get_xlim()
    axes.set_xlim(min(0.0, low), high)


def _apart(values: np.ndarray) -> np.ndarray:
    """Return each dot's distance from the middle of its row, so that equal values are all seen."""
    order = [int((values[:index] == value).sum()) for index, value in enumerate(values)]
    return np.array([0.13 * ((rank + 1) // 2) * (-1) ** rank for rank in order])


def _mark(axes: Axes, trained_to: float) -> None:
    """Mark where training ended."""
    axes.axvline(trained_to, color=COLOURS["ink"], linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    above = {"xycoords": ("data", "axes fraction"), "ha": "center"}
    write_at(axes, f"trained to {written(trained_to)}", (trained_to, 1), (0, 4), **above)


def _alt(measure: str, found: Mapping[str, Measured], trained_to: float | None) -> str:
    """Describe the median, the spread and the seeds of each kind."""
    words = [f"{measure.capitalize()}, a row for each kind of network, a dot for each seed."]
    if trained_to is not None:
        words.append(f"Training ended at {written(trained_to)}.")
    for kind, of_kind in found.items():
        values = ", ".join(written(value) for value in of_kind.values)
        words.append(f"{kind}: median {of_kind}; the seeds {values}.")
    return " ".join(words)


@checked
def spread_table(name: str, *measures: str, kinds: Sequence[str] | None = None) -> Table:
    """List measures of an experiment's trained networks: median, and from lowest to highest seed.

    Args:
        name: Of the experiment, as `trained` takes it.
        measures: What was measured, a column each; none for all, after "steps".
        kinds: Which kinds, from above; None for all.

    Returns:
        A row for each kind. What the networks can do is measured again on the shipped weights.

    Raises:
        ValueError: there is no such experiment, kind or measure.
        ProofError: the weights do not do what they did when trained.

    Examples:
        >>> spread_table("counting", "right up to n").columns
        ('kind', 'seeds', 'right up to n')
    """
    asked = measures or measures_of(name)
    columns = {measure: measured(name, measure, kinds) for measure in asked}
    first = next(iter(columns.values()))[0]
    rows = [
        (kind, len(of_kind.values), *(str(found[kind]) for found, _ in columns.values()))
        for kind, of_kind in first.items()
    ]
    proofs = [proof for _, proof in columns.values() if proof]
    recorded = "; steps as recorded in training" if STEPS in columns else ""
    told = " ".join(
        f"{kind}: "
        + "; ".join(f"{measure} {found[kind]}" for measure, (found, _) in columns.items())
        + "."
        for kind in first
    )
    table = Table(
        ("kind", "seeds", *columns),
        rows,
        alt=f"Median, and in brackets the lowest and the highest seed. {told}",
    )
    if not proofs:
        return table
    written_again = {
        measure: [str(of) for of in found.values()] for measure, (found, _) in columns.items()
    }
    written_again |= {"kind": list(first), "seeds": [len(of.values) for of in first.values()]}
    shown = (compare_column(table, name, given) for name, given in written_again.items())
    return table.proved(proofs[0].words + recorded, *proofs, *shown)
