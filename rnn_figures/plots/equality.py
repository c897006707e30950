"""Where output holds a row of h_n or c_n again: every row compared with every step."""

from collections.abc import Iterator

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.reading import centres, prove_shown
from rnn_figures.plots.style import SMALL, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.traces import Trace
from rnn_figures.traces.final_states import final_row, final_rows
from rnn_figures.traces.selection import sequence_index
from rnn_figures.weights import DIRECTIONS

MOST_STEPS = 12
"""Longest sequence: more columns cannot be read."""

CELL = 0.3
"""Height of a row, in inches."""


@checked
def equality_plot(trace: Trace, *, sequence: int = 0) -> Plot:
    """Compare every row of h_n and c_n with every step of output, one half at a time.

    A row for each row of h_n, then of c_n; a column for each step of output, in two halves with
    two directions. A cell with "=" is filled: there torch.equal is true, all units at once.

    Args:
        trace: The run; what the module returned is compared.
        sequence: Which sequence of the batch.

    Returns:
        The plot; `data` has true or false for each cell.

    Raises:
        IndexError: there is no such sequence.
        ValueError: the sequence has more than 12 steps.
        ProofError: a mark is where the two differ, or missing where they are equal.

    Examples:
        >>> plot = equality_plot(
        ...     __import__("rnn_figures").trace(torch.nn.GRU(5, 3), torch.ones(4, 1, 5))
        ... )
        >>> plot.data.rows
        (('h_n[0]', False, False, False, True),)
    """
    sequence = sequence_index(sequence, len(trace.lengths))
    length = int(trace.lengths[sequence])
    if length > MOST_STEPS:
        raise ValueError(
            f"expected at most {MOST_STEPS} steps, got {length}; trace a part of the sequence"
        )
    parts = _parts_of_output(trace, sequence)
    states = _final_rows(trace, sequence)
    found = {
        name: [torch.equal(state, part) for part in parts.values()]
        for name, state in states.items()
    }
    with plot_style():
        plot = new_plot(0.75 + CELL * len(found))
        _draw_cells(plot.subplots(), found, length, trace.num_directions)
    plot.data = Table(("row", *parts), [(name, *values) for name, values in found.items()])
    plot.alt = _alt(trace, found, list(parts))
    plot.proof = Proof(
        f"every cell compared: = where output of nn.{class_name(trace.module)} holds the row again",
        *_compare_marks(plot.axes[0], list(parts.values()), states, trace.num_directions),
    )
    given = {
        name: [
            part.shape == state.shape and bool((part == state).all()) for state in states.values()
        ]
        for name, part in parts.items()
    }
    prove_shown(plot, given=given | {"row": list(states)}, scaled=False)
    return plot


def _compare_marks(
    axes: Axes, parts: list[Tensor], states: dict[str, Tensor], halves: int
) -> Iterator[Comparison]:
    """Compare each row with the part of output at its "=", and see that the others differ."""
    filled = {
        tuple(at) for at in np.concatenate([centres(axes, "q-h-"), centres(axes, "q-c-")]).round(6)
    }
    signs = {tuple(np.round(text.xy, 6)) for text in axes.texts if isinstance(text, Annotation)}
    yield compare("where = is written", str(sorted(signs)), str(sorted(filled)))
    for row, (name, state) in enumerate(states.items()):
        for column, part in enumerate(parts):
            t, direction = divmod(column, halves)
            x = t - 0.45 + (direction + 0.5) * 0.9 / halves
            if (round(x, 6), float(row)) in filled:
                yield compare(f"{name} and column {column}", part, state)
            else:
                apart = part.shape != state.shape or bool((part != state).any())
                yield compare(f"whether {name} differs from column {column}", True, apart)


def _parts_of_output(trace: Trace, sequence: int) -> dict[str, Tensor]:
    """Return what the module returned for one sequence: each step, or its halves, by name."""
    halves = [""] if trace.num_directions == 1 else [f" {direction}" for direction in DIRECTIONS]
    steps = trace.output_steps()[: int(trace.lengths[sequence]), sequence]  # (L, D·H_out)
    return {
        f"output[{t}]{half}": part
        for t, step in enumerate(steps)
        for half, part in zip(halves, step.chunk(len(halves)), strict=True)
    }


def _final_rows(trace: Trace, sequence: int) -> dict[str, Tensor]:
    """Return each row of h_n, then of c_n, by the code that reads it."""
    return {
        f"{quantity}_n[{row}]": final_row(trace, quantity, row, sequence)
        for quantity, rows in final_rows(trace).items()
        for row in range(len(rows))
    }


def _draw_cells(axes: Axes, found: dict[str, list[bool]], length: int, num_directions: int) -> None:
    """Draw a cell for each comparison; steps stand apart, the halves of one step together."""
    for row, (name, values) in enumerate(found.items()):
        letter = name[0]
        for column, equal in enumerate(values):
            t, direction = divmod(column, num_directions)
            left = t - 0.45 + direction * 0.9 / num_directions
            axes.add_patch(
                Rectangle(
                    (left, row - 0.4),
                    0.9 / num_directions,
                    0.8,
                    facecolor=COLOURS[letter] if equal else "none",
                    edgecolor=COLOURS["faint"],
                    linewidth=0.6,
                    gid=f"q-{letter}-row{row}-column{column}" if equal else f"no-row{row}-{column}",
                )
            )
            if equal:
                middle = (left + 0.45 / num_directions, row)
                axes.annotate(
                    "=", middle, ha="center", va="center", color=COLOURS["paper"], fontweight="bold"
                )
    axes.set_xlim(-0.5, length - 0.5)
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.set_xticks(np.arange(length), [f"output[{t}]" for t in range(length)])
    axes.set_yticks(np.arange(len(found)), list(found))
    if num_directions == 2:
        axes.set_xlabel("in each step: forward half, reverse half", fontsize=SMALL)


def _alt(trace: Trace, found: dict[str, list[bool]], names: list[str]) -> str:
    """Describe for each final state which parts of output equal it."""
    told = []
    for name, values in found.items():
        where = [column for column, equal in zip(names, values, strict=True) if equal]
        told.append(f"{name} equals {' and '.join(where) if where else 'no part of output'}")
    return f"Comparison of final states with output, {describe(trace.module)}: {'; '.join(told)}."
