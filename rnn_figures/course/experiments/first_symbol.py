"""What the first symbol of a string leaves in a state: kept to the end, or lost on the way."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import step_axis
from rnn_figures.plots.curves import drawn, look, name_ends
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import MOST_LINES, SMALL, new_plot, plot_style, strips_of
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces import Trace, trace
from rnn_figures.training import Network

STRIP = 1.1
"""Inches: height of a network's strip."""


class Followed(NamedTuple):
    """One unit of a network over the strings.

    Attributes:
        name: Of the network.
        letter: "c" of an LSTM, "h" of another.
        unit: From 0.
        runs: One for each string.
    """

    name: str
    letter: str
    unit: int
    runs: list[Trace]

    @property
    def values(self) -> np.ndarray:
        """Its state: (strings, L)."""
        of = [run[0, 0][self.letter][:, 0, self.unit] for run in self.runs]
        return np.stack([one.double().numpy() for one in of])


@checked
def first_symbol_plot(networks: Mapping[str, Network], texts: Sequence[str]) -> Plot:
    """Plot one unit of each network over strings that differ in their first symbol alone.

    A strip for each network, a line for each string: c of an LSTM's unit, h of another's. The unit
    is the one whose state at the end differs most between the strings. Lines that stay apart keep
    the symbol; lines that meet have lost it.

    Args:
        networks: By name, from above; each reads with one layer.
        texts: Up to six strings of one length.

    Returns:
        The plot; its table has a row for each network, string and step.

    Raises:
        ValueError: strings of several lengths, or that differ elsewhere, or too many.
        ProofError: a line is not what the layer gives.

    Examples:
        >>> from rnn_figures import trained
        >>> plot = first_symbol_plot({"GRU": trained("recall", "GRU")}, ["axy?", "bxy?"])
        >>> plot.data.columns
        ('network', 'first symbol', 'unit', 'step 0', 'step 1', 'step 2', 'step 3')
    """
    if len({text[1:] for text in texts}) != 1 or not 1 < len(texts) <= MOST_LINES:
        raise ValueError(
            f"expected 2 to {MOST_LINES} strings that differ in their first symbol alone, "
            f"got {', '.join(map(repr, texts)) or 'none'}"
        )
    if not networks:
        raise ValueError("expected a network or more, got none")
    steps = len(texts[0])
    all_followed = [_follow(name, network, texts) for name, network in networks.items()]
    with plot_style():
        plot = new_plot(0.7 + (STRIP + 0.3) * len(all_followed))
        strips = strips_of(plot, [1] * len(all_followed))
        step_axis(strips[-1], steps, symbols=["first", *texts[0][1:]])
        for strip, followed in zip(strips, all_followed, strict=True):
            _draw(strip, followed, texts)
    plot.alt = _alt(all_followed, texts)
    plot.data = Table(
        ("network", "first symbol", "unit", *(f"step {t}" for t in range(steps))),
        [
            (followed.name, repr(text[0]), followed.unit, *values)
            for followed in all_followed
            for text, values in zip(texts, followed.values.tolist(), strict=True)
        ],
    )
    plot.proof = Proof(
        "every line as the layer gives it",
        *(run.proof for followed in all_followed for run in followed.runs),
        *(
            compare(f"{followed.letter} of {followed.name} after {text[0]}", line, values)
            for strip, followed in zip(strips, all_followed, strict=True)
            for index, (text, values) in enumerate(zip(texts, followed.values, strict=True))
            for line in [drawn(strip, f"first-{index}")]
        ),
    )
    _prove_columns(plot, all_followed, texts)
    return plot


def _prove_columns(plot: Plot, all_followed: Sequence[Followed], texts: Sequence[str]) -> None:
    """Compare the table with the runs, and the plot with the table."""
    ends = np.array([row[-1] for row in plot.data.rows]).reshape(len(all_followed), len(texts))
    given: dict[str, list[Any]] = {
        f"step {t}": [
            float(run[0, 0][followed.letter][t, 0, followed.unit])
            for followed in all_followed
            for run in followed.runs
        ]
        for t in range(len(texts[0]))
    }
    given["first symbol"] = [repr(text[0]) for _ in all_followed for text in texts]
    given["unit"] = [followed.unit for followed in all_followed for _ in texts]
    prove_shown(plot, given=given, told=np.ptp(ends, axis=1))


def _follow(name: str, network: Network, texts: Sequence[str]) -> Followed:
    """Return the unit whose state at the end differs most between the strings."""
    runs = [trace(network.layer, network.inputs(text)) for text in texts]
    letter = "c" if "c" in runs[0][0, 0].quantities else "h"
    ends = torch.stack([run[0, 0][letter][-1, 0] for run in runs])
    unit = int((ends.max(dim=0).values - ends.min(dim=0).values).argmax())
    return Followed(name, letter, unit, runs)


def _draw(axes: Axes, followed: Followed, texts: Sequence[str]) -> None:
    """Draw the lines of one network's unit, each with its first symbol at its end."""
    lines = dict(zip([text[0] for text in texts], followed.values, strict=True))
    for index, (name, values) in enumerate(lines.items()):
        shown = {"color": COLOURS[followed.letter], "linewidth": 1.5, "gid": f"first-{index}"}
        shown |= {"label": name}
        axes.plot(values, **shown | look(index, len(values)))
    axes.margins(y=0.12)
    axes.axhline(0, color=COLOURS["faint"], linewidth=0.9, zorder=1)
    axes.locator_params(axis="y", nbins=4)
    axes.set_title(f"{followed.name}: {followed.letter} of unit {followed.unit}", fontsize=SMALL)
    name_ends(axes, lines, height=STRIP * 72)


def _alt(all_followed: Sequence[Followed], texts: Sequence[str]) -> str:
    """Describe for each network where its lines end, and how far apart they are."""
    words = [f"Strings that differ in their first symbol alone: {', '.join(texts)}."]
    for followed in all_followed:
        ends = followed.values[:, -1]
        told = ", ".join(f"{text[0]} {digits(end)}" for text, end in zip(texts, ends, strict=True))
        words.append(
            f"{followed.name}, {followed.letter} of unit {followed.unit} at the end: {told}; "
            f"largest distance {digits(np.ptp(ends))}."
        )
    return " ".join(words)
