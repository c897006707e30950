"""One short sequence in a padded and in a packed batch: where the two part."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import mark_absent_steps, name_plot, step_axis, value_axis
from rnn_figures.plots.curves import drawn, drawn_units
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import MARKERS, new_plot, plot_style, strips_of
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces import Trace, trace
from rnn_figures.traces.selection import sequence_index, unit_indices
from rnn_figures.weights import DIRECTIONS

MOST_UNITS = 3
"""More lines than these in two looks cannot be told apart."""


@checked
def padding_plot(
    module: nn.RNNBase,
    padded: Tensor,
    lengths: Sequence[int],
    *,
    sequence: int = 0,
    units: Sequence[int] | None = None,
) -> Plot:
    """Plot the top layer's h of one sequence, read in a padded batch and in a packed one.

    A panel for each direction. Wide lines are the packed run, which has no step in the padding;
    thin dark ones the padded run, which goes through it. Rings mark what each run returns as h_n.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN that draws no dropout.
        padded: The batch in the module's layout, padding after each sequence.
        lengths: Steps of each sequence.
        sequence: Which sequence of the batch.
        units: Up to three units; None for the first three.

    Returns:
        The plot; its table has a row for each direction, step and unit.

    Raises:
        IndexError: there is no such sequence or unit.
        ValueError: more than three units, or lengths that do not fit the batch.
        ProofError: a line or a ring is not what the module returned.

    Examples:
        >>> plot = padding_plot(nn.GRU(5, 3), torch.zeros(4, 2, 5), [4, 2], sequence=1)
        >>> plot.data.rows[-1][:3]
        ('forward', 3, 2)
    """
    runs = _run_both(module, padded, lengths)
    sequence = sequence_index(sequence, len(lengths))
    chosen = unit_indices(units, module.proj_size or module.hidden_size, "h", most=MOST_UNITS)
    if len(chosen) > MOST_UNITS:
        raise ValueError(f"expected at most {MOST_UNITS} units, got {len(chosen)}")
    with plot_style():
        plot = new_plot(0.5 + 2.1 * runs[0].num_directions)
        panels = strips_of(plot, [1] * runs[0].num_directions)
        for direction, axes in enumerate(panels):
            values = [_values(run, direction, sequence, chosen) for run in runs]
            _draw_panel(axes, *values, length=lengths[sequence], direction=direction, chosen=chosen)
            half = f", {DIRECTIONS[direction]}" if len(panels) > 1 else ""
            name_plot(
                axes, "h", f"hidden state{half}, sequence {sequence} of length {lengths[sequence]}"
            )
        step_axis(panels[-1], len(runs[1][-1, 0].h))
        plot.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    plot.alt = _alt(runs, sequence, lengths[sequence])
    plot.data = _table(runs, sequence, chosen)
    plot.proof = Proof(
        f"two runs, {runs[0].proof.words}",
        *(run.proof for run in runs),
        *_compare_drawn(plot, runs, sequence, chosen),
    )
    units_listed = [*chosen] * (len(plot.data) // len(chosen))
    prove_shown(plot, given={"unit": units_listed}, told=_apart(runs, sequence, lengths[sequence]))
    return plot


def _run_both(module: nn.RNNBase, padded: Tensor, lengths: Sequence[int]) -> tuple[Trace, Trace]:
    """Return the run of the packed batch, and that of the padded one."""
    if padded.dim() != 3 or 0 in padded.shape:
        raise ValueError(f"expected a padded batch of three axes, got {tuple(padded.shape)}")
    sequences, steps = padded.shape[:2] if module.batch_first else padded.shape[1::-1]
    if len(lengths) != sequences or not all(0 < length <= steps for length in lengths):
        raise ValueError(
            f"expected {sequences} lengths from 1 to {steps}, got {', '.join(map(str, lengths))}"
        )
    packed = pack_padded_sequence(
        padded, torch.tensor(lengths), batch_first=module.batch_first, enforce_sorted=False
    )
    return trace(module, packed), trace(module, padded)


def _compare_drawn(
    plot: Plot, runs: tuple[Trace, Trace], sequence: int, chosen: tuple[int, ...]
) -> Iterator[Comparison]:
    """Compare lines, rings and table with what the module returned: output and h_n of each run."""
    for name, run in zip(("packed", "padded"), runs, strict=True):
        halves = run.output_steps()[:, sequence].chunk(run.num_directions, dim=-1)
        given = torch.stack([half[:, list(chosen)] for half in halves])  # (D, L, units)
        prefix = f"q-h-{name}" if name == "packed" else name
        for direction, axes in enumerate(plot.axes):
            yield compare(f"the {name} run", drawn_units(axes, prefix, chosen), given[direction])
            end = run.h_n[direction - run.num_directions, sequence, list(chosen)]
            yield compare(f"the rings of the {name} run", drawn(axes, f"{prefix}-end"), end)
        listed = np.array([row[name] for row in plot.data], dtype=float)  # None: NaN
        yield compare(f"the {name} column", listed.reshape(given.shape), given)


def _apart(runs: tuple[Trace, Trace], sequence: int, length: int) -> Iterator[float]:
    """Yield how far apart the two runs are, in output and in h_n, from what the module returned."""
    packed, padded = (
        run.output_steps()[:length, sequence].unflatten(-1, (run.num_directions, -1))
        for run in runs
    )
    yield from (packed - padded).abs().amax(dim=(0, 2)).tolist()
    for ends in zip(*(run.h_n[-run.num_directions :, sequence] for run in runs), strict=True):
        yield float((ends[0] - ends[1]).abs().max())


def _values(run: Trace, direction: int, sequence: int, chosen: Sequence[int]) -> np.ndarray:
    """Return h of one sequence in one direction, (L, units); NaN where the run has no step."""
    h = run[-1, direction].h[:, sequence, list(chosen)]
    return h.double().cpu().numpy()


def _draw_panel(
    axes: Axes,
    packed: np.ndarray,
    padded: np.ndarray,
    *,
    length: int,
    direction: int,
    chosen: Sequence[int],
) -> None:
    """Draw both runs of one direction, the padding hatched, what is h_n ringed."""
    wide: dict[str, Any] = {"color": COLOURS["h"], "linewidth": 3.6, "markersize": 8}
    thin: dict[str, Any] = {"color": COLOURS["ink"], "linewidth": 1.2, "markersize": 4}
    for index, unit in enumerate(chosen):
        for run, values, look in (("packed", packed, wide), ("padded", padded, thin)):
            axes.plot(
                np.arange(len(values)),
                values[:, index],
                linestyle="-" if run == "packed" else "--",
                marker=MARKERS[index],
                label=run if index == 0 else None,
                gid=f"{'q-h-' if run == 'packed' else ''}{run}-unit{unit}",
                zorder=3 if run == "packed" else 4,
                **look,
            )
    _ring(axes, packed, 0 if direction else length - 1, colour="h", gid="q-h-packed-end")
    (rings,) = _ring(axes, padded, 0 if direction else -1, colour="ink", gid="padded-end")
    rings.set_label("ringed: h_n of that run")
    value_axis(axes, np.concatenate([packed, padded]), None, ticks=4)
    mark_absent_steps(axes, length, len(padded), meaning="padding")


def _ring(axes: Axes, values: np.ndarray, step: int, *, colour: str, gid: str) -> list[Line2D]:
    """Ring the values of one step: what the run returns as h_n."""
    return axes.plot(
        np.full(values.shape[1], step % len(values)),
        values[step],
        linestyle="none",
        marker="o",
        markersize=14,
        markerfacecolor="none",
        markeredgecolor=COLOURS[colour],
        markeredgewidth=1.4,
        gid=gid,
        zorder=5,
    )


def _differences(
    runs: tuple[Trace, Trace], direction: int, sequence: int, length: int
) -> tuple[float, float]:
    """Return the largest |difference| at valid steps, and that of h_n."""
    packed, padded = (run[-1, direction].h[:length, sequence] for run in runs)
    row = direction - runs[0].num_directions
    ends = runs[0].h_n[row, sequence] - runs[1].h_n[row, sequence]
    return float((packed - padded).abs().max()), float(ends.abs().max())


def _alt(runs: tuple[Trace, Trace], sequence: int, length: int) -> str:
    """Describe where the two runs agree, and how far apart what they return is."""
    steps = len(runs[1][-1, 0].h)
    words = [f"Sequence {sequence}, of {length} steps, in a batch padded to {steps} and packed."]
    for direction in range(runs[0].num_directions):
        valid, end = _differences(runs, direction, sequence, length)
        half = f"{DIRECTIONS[direction].capitalize()}: at" if runs[0].num_directions > 1 else "At"
        agree = "agree" if valid < 1e-6 else f"differ by up to {digits(valid)}"
        words.append(f"{half} valid steps the two {agree}; h_n differs by {digits(end)}.")
    return " ".join(words)


def _table(runs: tuple[Trace, Trace], sequence: int, chosen: Sequence[int]) -> Table:
    """List both runs; the packed one has nothing in the padding."""
    rows = []
    for direction in range(runs[0].num_directions):
        packed, padded = (_values(run, direction, sequence, chosen) for run in runs)
        for t, index in np.ndindex(packed.shape):
            value = None if np.isnan(packed[t, index]) else float(packed[t, index])
            at = (DIRECTIONS[direction], t, chosen[index])
            rows.append((*at, value, float(padded[t, index])))
    return Table(["direction", "step", "unit", "packed", "padded"], rows)
