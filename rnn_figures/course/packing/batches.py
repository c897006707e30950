"""Ways to cut sequences into batches, and the padding that each way computes."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.reading import bar_ends, prove_shown
from rnn_figures.plots.style import new_plot, plot_style, strips_of
from rnn_figures.proofs import Proof, compare

GAP = 2
"""Free bars between two batches."""

Batches = Sequence[Sequence[int]]
"""The indices of the sequences in each batch."""

Bar = tuple[int, int, int, int, int]
"""Of one sequence: its batch, its index, where its bar stands, its length, its batch's longest."""


@checked
def batches_plot(lengths: Sequence[int], ways: Mapping[str, Batches]) -> Plot:
    """Plot each batch of each way as a block: a bar for each sequence, its padding above it.

    Args:
        lengths: Steps of each sequence.
        ways: By name, batches as lists of indices; each way has every sequence once.

    Returns:
        The plot, with a panel for each way; `data` has a row for each bar.

    Raises:
        ValueError: a length is below 1, there is no way, or a way has not every sequence once.
        ProofError: a bar is not what `pad_sequence` and `pack_sequence` make.

    Examples:
        >>> batches_plot([1, 3], {"one": [[0, 1]], "two": [[0], [1]]}).alt.split(". ")[1]
        'one: 33% padding; two: 0% padding.'
    """
    _check(lengths, ways)
    bars = {name: _bars(lengths, batches) for name, batches in ways.items()}
    with plot_style():
        plot = new_plot(0.6 + 1.35 * len(ways))
        panels = strips_of(plot, [1] * len(ways), sharey=True)
        for axes, (name, rows) in zip(panels, bars.items(), strict=True):
            _draw(axes, rows)
            axes.set_title(f"{name}: {_share(rows):.0%} padding")
        panels[-1].set_xlabel("sequences, batch by batch")
        plot.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    plot.alt = _alt(bars)
    columns = ("way", "batch", "sequence", "bar", "length", "padded to")
    plot.data = Table(columns, [(name, *row) for name, rows in bars.items() for row in rows])
    plot.proof = Proof(
        "equal to pad_sequence and pack_sequence",
        *(
            compare(f"bars of {name}", _drawn(axes), _live(lengths, ways[name]))
            for axes, name in zip(panels, ways, strict=True)
        ),
    )
    prove_shown(plot)
    return plot


def _check(lengths: Sequence[int], ways: Mapping[str, Batches]) -> None:
    """Raise for lengths and batches that nothing can be drawn of."""
    if not lengths or min(lengths) < 1:
        raise ValueError(
            f"expected lengths from 1 up, got {', '.join(map(str, lengths)) or 'none'}"
        )
    if not ways:
        raise ValueError("expected a way to cut batches, got none")
    for name, batches in ways.items():
        found = sorted(index for batch in batches for index in batch)
        if found != list(range(len(lengths))) or not all(batches):
            raise ValueError(
                f"expected each of {len(lengths)} sequences in one batch, none of them empty; "
                f"{name} has {len(batches)} batches of {len(found)} sequences"
            )


def _bars(lengths: Sequence[int], batches: Batches) -> list[Bar]:
    """Return a bar for each sequence, batches apart from each other."""
    rows: list[Bar] = []
    for index, batch in enumerate(batches):
        longest = max(lengths[sequence] for sequence in batch)
        for sequence in batch:
            at = len(rows) + GAP * index
            rows.append((index, sequence, at, lengths[sequence], longest))
    return rows


def _share(rows: Sequence[Bar]) -> float:
    """Return which part of all that is computed is padding."""
    return 1 - sum(row[3] for row in rows) / sum(row[4] for row in rows)


def _draw(axes: Axes, rows: Sequence[Bar]) -> None:
    """Draw the bars of one way, the padding on top of the steps."""
    _, _, at, length, longest = np.array(rows).T
    axes.bar(at, length, width=0.8, color=COLOURS["x"], label="steps of a sequence")
    pale = COLOURS["faint"] + "66"
    axes.bar(at, longest - length, bottom=length, width=1.0, color=pale, label="padding")
    axes.set_xticks([])
    axes.set_ylabel("steps")


def _drawn(axes: Axes) -> np.ndarray:
    """Return how high each bar is drawn, without and with its padding, (bars, 2)."""
    return np.stack([bar_ends(bars)[:, 1] for bars in axes.containers], axis=1)


def _live(lengths: Sequence[int], batches: Batches) -> list[list[int]]:
    """Return how many steps of each sequence are packed, and how many are padded."""
    made = []
    for batch in batches:
        steps = [torch.zeros(lengths[sequence]) for sequence in batch]
        _, packed = pad_packed_sequence(pack_sequence(steps, enforce_sorted=False))
        made += [[length, len(pad_sequence(steps))] for length in packed.tolist()]
    return made


def _alt(bars: Mapping[str, Sequence[Bar]]) -> str:
    """Describe how much of each way is padding."""
    first = next(iter(bars.values()))
    shares = "; ".join(f"{name}: {_share(rows):.0%} padding" for name, rows in bars.items())
    return f"{len(first)} sequences, cut into batches in {len(bars)} ways. {shares}."
