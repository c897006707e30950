"""What dropout between layers let through: one panel for each call and each gap between layers."""

from collections.abc import Iterator

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.dropout import dropout_masks
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import step_axis, whole_ticks, write_at
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.reading import centres, counted, prove_shown
from rnn_figures.plots.style import WIDTH, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces.selection import sequence_index
from rnn_figures.weights import DIRECTIONS

MOST_STEPS, MOST_UNITS, MOST_PANELS = 24, 24, 6
"""More than that cannot be told apart in one figure."""

CELL = 0.19
"""Inches: height of a cell."""


@checked
def dropout_plot(module: nn.RNNBase, input: Tensor, *, calls: int = 3, sequence: int = 0) -> Plot:
    """Draw the masks of the module's next calls: step across, unit down, a panel for each mask.

    A filled cell went up to the next layer, an empty one with a cross became 0.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN in training mode, with dropout and two or more layers.
        input: A tensor that the module takes; not packed.
        calls: How many calls.
        sequence: Which sequence of the batch.

    Returns:
        The plot; `data` has a row for each call, gap and step. The figure exists only if the
        module's outputs are those that these masks give.

    Raises:
        IndexError: there is no such sequence.
        RuntimeError: the masks are not the module's; see `dropout.dropout_masks`.
        ProofError: a cell is not what the mask has.
        TypeError: the module is no recurrent layer, or the input is packed.
        ValueError: the module drops nothing, or there is too much to draw.

    Examples:
        >>> gru = nn.GRU(5, 3, num_layers=2, dropout=1.0)
        >>> dropout_plot(gru, torch.zeros(8, 1, 5), calls=1).alt.split(". ")[1]
        'Call 1, layer 0 to layer 1: 0 of 24 numbers kept.'
    """
    masks = dropout_masks(module, input, calls=calls)
    sequence = sequence_index(sequence, masks.kept.shape[3])
    kept = masks.kept[:, :, :, sequence].cpu().numpy()  # (calls, gaps, L, D·H_out)
    _, gaps, steps, units = kept.shape
    _refuse_too_many(steps, units, calls * gaps)
    columns = min(3, calls * gaps)
    rows = -(-calls * gaps // columns)
    with plot_style():
        plot = new_plot(rows * (0.75 + CELL * units))
        plot.set_figwidth(min(WIDTH, 0.6 + columns * 1.25 * CELL * steps))
        panels = plot.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes in panels.flat[calls * gaps :]:
            axes.remove()
        for axes, (call, gap) in zip(panels.flat, np.ndindex(calls, gaps), strict=False):
            _draw_mask(axes, kept[call, gap].T, f"call{call + 1}-gap{gap}")
            words = [f"call {call + 1}"] if calls > 1 else []
            words += [f"layer {gap} → layer {gap + 1}"] if gaps > 1 or calls == 1 else []
            axes.set_title(", ".join(words))
            if module.bidirectional:
                _part_halves(axes, units)
        for axes in panels[:, 0]:
            axes.set_ylabel("unit")
    plot.alt, plot.data = _alt(module, kept), _table(kept)
    plot.proof = Proof(
        f"with these masks the layers, one by one, give the output of {describe(module)}",
        masks.proof,
        *_compare_drawn(plot, masks.kept[:, :, :, sequence]),
    )
    call, gap, step = np.indices((calls, gaps, steps)).reshape(3, -1)
    where = {"call": call + 1, "from layer": gap, "to layer": gap + 1, "step": step}
    prove_shown(plot, given=where, scaled=False)
    return plot


def _compare_drawn(plot: Plot, kept: Tensor) -> Iterator[Comparison]:
    """Compare the cells and the table with the masks, (calls, gaps, L, D·H_out)."""
    _, gaps, steps, units = kept.shape
    for panel, axes in enumerate(plot.axes):
        call, gap = divmod(panel, gaps)
        name = f"call{call + 1}-gap{gap}"
        filled = centres(axes, f"q-h-{name}-")
        crosses = np.stack([drawn(axes, f"dropped-{name}", along=at) for at in "xy"], axis=1)
        for marks, of in ((filled, kept[call, gap]), (crosses, ~kept[call, gap])):
            shown = counted(marks, (steps, units))
            yield compare(f"call {call + 1}, gap {gap}", shown, of.double())
    listed = torch.tensor([row[4:] for row in plot.data.rows])
    yield compare("the table", listed, kept.flatten(0, 2))


def _refuse_too_many(steps: int, units: int, masks: int) -> None:
    """Raise ValueError where there is more to draw than can be told apart."""
    if steps > MOST_STEPS or units > MOST_UNITS or masks > MOST_PANELS:
        raise ValueError(
            f"expected at most {MOST_STEPS} steps, {MOST_UNITS} units and {MOST_PANELS} masks, got "
            f"{steps}, {units} and {masks}; use fewer calls or a smaller module"
        )


def _draw_mask(axes: Axes, kept: np.ndarray, name: str) -> None:
    """Draw one mask, (units, steps): filled where kept, a cross where dropped."""
    units, steps = kept.shape
    for unit, t in np.argwhere(kept):
        axes.add_patch(
            Rectangle(
                (t - 0.42, unit - 0.42),
                0.84,
                0.84,
                facecolor=COLOURS["h"],
                gid=f"q-h-{name}-unit{unit}-t{t}",
            )
        )
    dropped = np.argwhere(~kept)
    axes.plot(
        dropped[:, 1],
        dropped[:, 0],
        linestyle="none",
        marker="x",
        markersize=5,
        markeredgewidth=1,
        color=COLOURS["faint"],
        gid=f"dropped-{name}",
    )
    axes.grid(visible=False)
    axes.set_ylim(units - 0.5, -0.5)  # unit 0 above
    whole_ticks(axes.yaxis, range(units))
    step_axis(axes, steps)


def _part_halves(axes: Axes, units: int) -> None:
    """Draw a line between the forward and the reverse half, and name them at the right."""
    axes.axhline(units / 2 - 0.5, color=COLOURS["ink"], linewidth=1, gid="halves")
    for direction, name in enumerate(DIRECTIONS):
        middle = (2 * direction + 1) * units / 4 - 0.5
        beside = {"xycoords": axes.get_yaxis_transform(), "va": "center"}
        write_at(axes, name, (1, middle), (4, 0), **beside)


def _alt(module: nn.RNNBase, kept: np.ndarray) -> str:
    """Describe how many numbers each mask kept, and whether the masks of the calls are equal."""
    calls, gaps, steps, units = kept.shape
    sentences = [
        f"Dropout masks of {describe(module)} in training mode, {steps} steps of {units} units"
    ]
    for call, gap in np.ndindex(calls, gaps):
        mask = kept[call, gap]
        sentences.append(
            f"Call {call + 1}, layer {gap} to layer {gap + 1}: "
            f"{mask.sum()} of {mask.size} numbers kept"
        )
    if calls > 1:
        equal = bool((kept == kept[0]).all())
        sentences.append("All calls have the same mask" if equal else "The calls' masks differ")
    return ". ".join(sentences) + "."


def _table(kept: np.ndarray) -> Table:
    """List the masks: a row for each call, gap and step, true where a unit was kept."""
    calls, gaps, steps, units = kept.shape
    return Table(
        ("call", "from layer", "to layer", "step", *(f"unit {unit}" for unit in range(units))),
        [
            (call + 1, gap, gap + 1, t, *map(bool, kept[call, gap, t]))
            for call, gap, t in np.ndindex(calls, gaps, steps)
        ],
    )
