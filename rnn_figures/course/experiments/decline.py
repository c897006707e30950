"""How the share of right answers falls as strings grow longer than in training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.course.experiments.measured import Measured, measured
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import write_at
from rnn_figures.plots.curves import BLANK, drawn
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import MOST_LINES, SMALL, new_plot, plot_style
from rnn_figures.proofs import Proof, compare, together
from rnn_figures.training import trained_runs

HEIGHT = 1.45
"""Inches of a kind's panel, its name and its numbers included."""

IN_A_ROW = 3
"""Panels side by side; of two or four kinds, two."""

Shares = dict[str, list[Measured]]
"""Of each kind, its share of right answers at each length."""


@checked
def decline_plot(
    name: str, measure: str, *, kinds: Sequence[str] | None = None, trained_to: float | None = None
) -> Plot:
    """Plot the share of right answers against how long the strings are.

    A panel for each kind: a line for the median of its seeds, thin ones for the seeds themselves.

    Args:
        name: Of the experiment, as `trained` takes it.
        measure: How its measures start that end in a length: "right after" for "right after 18",
            "right after 30" and so on.
        kinds: Which kinds, up to six; None for all.
        trained_to: The length in training, marked.

    Returns:
        The plot; its table has median, lowest and highest of each kind at each length.

    Raises:
        ValueError: there is no such experiment, kind or measure.
        ProofError: the weights do not do what they did when trained, or a line is not its medians.

    Examples:
        >>> decline_plot("recall", "right after", kinds=["GRU"]).data.columns
        ('length', 'GRU, median', 'GRU, lowest', 'GRU, highest')
    """
    names = [known for known in trained_runs(name)[0].measured if known.startswith(f"{measure} ")]
    if not names:
        raise ValueError(f"expected the start of measures that end in a length, got {measure!r}")
    lengths = [float(known.rpartition(" ")[2]) for known in names]
    columns = [measured(name, known, kinds) for known in names]
    shares: Shares = {kind: [found[kind] for found, _ in columns] for kind in columns[0][0]}
    if len(shares) > MOST_LINES:
        raise ValueError(f"expected up to {MOST_LINES} kinds, got {len(shares)}")
    with plot_style():
        plot, panels = _panels(len(shares))
        for index, (axes, kind) in enumerate(zip(panels, shares, strict=True)):
            _draw(axes, f"kind{index}", shares[kind], lengths, trained_to)
            axes.set_title(kind)
        count = len(next(iter(shares.values()))[0].values)
        said = f"share of right strings: {count} seeds, thin, and their median, wide"
        plot.suptitle(said, x=0.02, ha="left", fontsize=SMALL)
        plot.supxlabel(f"{measure}: how many symbols", fontsize=SMALL)
    plot.alt = _alt(measure, shares, lengths, trained_to)
    plot.data = _table(shares, lengths)
    proofs = [proof for _, proof in columns if proof]
    lines = [drawn(axes, f"kind{index}") for index, axes in enumerate(panels)]
    medians = [[of.median for of in of_kind] for of_kind in shares.values()]
    thin = together(
        compare(
            f"a seed of {kind}", drawn(panels[index], f"kind{index}-seed{seed}", along=at), given
        )
        for index, (kind, of_kind) in enumerate(shares.items())
        for seed, values in enumerate(zip(*(of.values for of in of_kind), strict=True))
        for at, given in (("x", list(range(len(lengths)))), ("y", list(values)))
    )
    plot.proof = Proof(proofs[0].words, *proofs, compare("the lines", lines, medians), thin)
    _prove_columns(plot, shares)
    return plot


def _prove_columns(plot: Plot, shares: Shares) -> None:
    """Compare the table with the measures, and the plot with the table."""
    medians_and_ends = {
        f"{kind}, {which}": [float(of_values(of.values)) for of in of_kind]
        for kind, of_kind in shares.items()
        for which, of_values in (("median", np.median), ("lowest", min), ("highest", max))
    }
    prove_shown(
        plot, given=medians_and_ends, aside=[f"kind{index}-seed" for index in range(len(shares))]
    )


def _panels(count: int) -> tuple[Plot, list[Axes]]:
    """Return a plot of so many panels, alike in their axes, and its panels in the order of rows."""
    in_a_row = min(count, 2 if count in (2, 4) else IN_A_ROW)
    rows = -(-count // in_a_row)
    plot = new_plot(HEIGHT * rows + 0.45)
    grid = plot.subplots(rows, in_a_row, sharex=True, sharey=True, squeeze=False)
    panels = [*grid.flat]
    for empty in panels[count:]:
        empty.remove()
    for axes in panels[max(0, count - in_a_row) : count]:  # the last in its column
        axes.xaxis.set_tick_params(labelbottom=True)
    return plot, panels[:count]


def _draw(
    axes: Axes,
    name: str,
    shares: list[Measured],
    lengths: Sequence[float],
    trained_to: float | None,
) -> None:
    """Draw one kind's seeds and their median; lengths at equal distances."""
    places = np.arange(len(lengths))
    ink: dict[str, Any] = {"color": COLOURS["ink"]}
    medians = [of.median for of in shares]
    axes.plot(places, medians, gid=name, marker="o", zorder=3, **ink)
    for seed, values in enumerate(zip(*(of.values for of in shares), strict=True)):
        thin = {"linewidth": 0.9, "alpha": 0.45, "zorder": 2}
        axes.plot(places, values, gid=f"{name}-seed{seed}", **ink | thin)
    axes.set_xticks(places, [digits(length) for length in lengths])
    axes.set_ylim(-0.06, 1.09)
    axes.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    if trained_to is not None and trained_to in lengths:
        at = list(lengths).index(trained_to)
        axes.axvline(at, linewidth=1, linestyle=(0, (4, 3)), zorder=1, **ink)
        if name == "kind0":
            write_at(axes, "as in training", (at, 0), (5, 3), bbox=BLANK)


def _table(shares: Shares, lengths: Sequence[float]) -> Table:
    """List median, lowest and highest of each kind at each length."""
    columns = ["length"]
    for kind in shares:
        columns += [f"{kind}, {which}" for which in ("median", "lowest", "highest")]
    rows = []
    for index, length in enumerate(lengths):
        row = [length]
        for of_kind in shares.values():
            of = of_kind[index]
            row += [of.median, min(of.values), max(of.values)]
        rows.append(tuple(row))
    return Table(columns, rows)


def _alt(
    measure: str,
    shares: Mapping[str, Sequence[Measured]],
    lengths: Sequence[float],
    trained_to: float | None,
) -> str:
    """Describe each kind's median and spread at each length."""
    words = ["Share of strings that are right, against their length."]
    if trained_to is not None:
        words.append(f"Training had {digits(trained_to)}.")
    for kind, of_kind in shares.items():
        told = ", ".join(
            f"{of} {measure.removeprefix('right ')} {digits(length)}"
            for length, of in zip(lengths, of_kind, strict=True)
        )
        words.append(f"{kind}: {told}.")
    return " ".join(words)
