"""One trained network reads one text: its state, and what it holds likely after each symbol."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals, digits
from rnn_figures.palette import COLOURS, DASHES, NAMES
from rnn_figures.plots.axes import ALL_TICKS, name_distance, name_strip, step_axis
from rnn_figures.plots.curves import BESIDE, BLANK, drawn, name_ends
from rnn_figures.plots.gates import EDGE, GAP, LINE, STEPS, strip_height
from rnn_figures.plots.selections import draw_selection
from rnn_figures.plots.style import (
    LINES,
    MARKERS,
    SMALL,
    WIDTH,
    new_plot,
    plot_style,
    text_width,
)
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces import Trace, trace
from rnn_figures.traces.selection import Selection, select
from rnn_figures.training import EXPERIMENTS, Network

CHANCES = 1.1
"""Inches of the strip of chances."""

ALL_SYMBOLS = 30
"""Up to so many symbols, each has its place below the steps; of more, some."""

FEW_RUNS = 4
"""A long text of at most so many runs of one symbol has each run's symbol and length below it."""


def reading_plot(
    name: str,
    network: Network,
    text: str,
    *,
    quantities: str | None = None,
    trained_to: int | None = None,
) -> Plot:
    """Plot what a trained network computes as it reads a text, and what it answers.

    Strips of its quantities, then the chance of each answer after each symbol. A cross above marks
    a step whose likeliest answer is wrong.

    Args:
        name: Of the experiment, which knows what is right.
        network: What `trained` returned.
        text: What it reads.
        quantities: Letters of the strips, such as "fc"; None for all that the cell has.
        trained_to: How many symbols of this text training ever had; the rest is shaded.

    Returns:
        The plot; its table has a row for each symbol.

    Raises:
        ValueError: the text has a symbol that the network does not know.
        ProofError: a line is not what the network gives.

    Examples:
        >>> from rnn_figures import trained
        >>> plot = reading_plot("counting", trained("counting"), "$aabb", quantities="c")
        >>> plot.data.columns[:4]
        ('step', 'symbol', 'c, unit 0', 'c, unit 1')
    """
    run = trace(network.layer, network.inputs(text))
    letters = quantities or "".join(run[0, 0].quantities)
    where: dict[str, Any] = {"layer": 0, "direction": 0, "sequence": 0, "units": None}
    selections = {letter: select(run, letter, **where) for letter in letters}
    chances = network.chances(text).double().numpy()
    wrong = wrong_steps(name, network, text)
    units = network.layer.hidden_size
    heights = [strip_height(units)] * len(letters) + [CHANCES]
    above = EDGE + (STEPS / 2 if trained_to is not None else 0.0)
    below = EDGE + STEPS + (LINE if len(text) <= ALL_TICKS else 0.0)
    with plot_style():
        plot, strips = _new_strips(heights, above, below)
        step_axis(strips[-1], len(text), symbols=_legible(text))
        for strip, (letter, selection) in zip(strips, selections.items(), strict=False):
            draw_selection(strip, selection, height=72 * heights[0], ticks=3, line=DASHES[letter])
        _draw_chances(strips[-1], network.answers, chances)
        _name_strips(plot, strips, letters, network)
        _mark(strips, _runs(text), trained_to, wrong)
    plot.alt = _alt(network, text, selections, trained_to, wrong)
    plot.data = _table(network, text, selections, chances, wrong)
    plot.proof = _prove(plot, run, network, text, selections)
    return plot


def _new_strips(heights: list[float], above: float, below: float) -> tuple[Plot, list[Axes]]:
    """Return a plot of strips one below the other, of heights in inches, and the strips.

    Args:
        heights: Of the strips.
        above: Points above the first.
        below: Points below the last.
    """
    tall = above + 72 * sum(heights) + GAP * (len(heights) - 1) + below
    plot = new_plot(tall / 72, arranged=False)
    shape: dict[str, Any] = {"height_ratios": heights, "squeeze": False}
    strips = plot.subplots(len(heights), sharex=True, **shape)
    hspace = GAP * len(heights) / (72 * sum(heights))
    plot.subplots_adjust(top=1 - above / tall, bottom=below / tall, hspace=hspace)
    return plot, list(strips[:, 0])


def _name_strips(plot: Plot, strips: Sequence[Axes], letters: str, network: Network) -> None:
    """Write what each strip is on its left, and leave as much space at both sides as words take."""
    distance = name_distance(strips)
    for strip, letter in zip(strips, letters, strict=False):
        name_strip(strip, letter, NAMES[letter], distance=distance)
    _name_chances(strips[-1], distance)
    names = ["each answer", *(NAMES[letter] for letter in letters)]
    ends = [*network.answers, *(["unit 0"] if network.layer.hidden_size > 1 else [])]
    plot.subplots_adjust(
        left=(EDGE + max(map(text_width, names)) + distance) / (72 * WIDTH),
        right=1 - (EDGE + BESIDE + max(map(text_width, ends))) / (72 * WIDTH),
    )


def wrong_steps(name: str, network: Network, text: str) -> list[int]:
    """Return the steps after which a network's likeliest answer is none of the right ones."""
    due = EXPERIMENTS[name].due(text)
    said = network.best(text)
    return [t for t, right in enumerate(due) if right and said[t] not in right]


def _runs(text: str) -> list[tuple[str, int, int]]:
    """Return each run of one symbol: the symbol, the step at which it starts, its length.

    Examples:
        >>> _runs("$aab")
        [('$', 0, 1), ('a', 1, 2), ('b', 3, 1)]
    """
    found, start = [], 0
    for symbol, run in itertools.groupby(text):
        length = len(list(run))
        found.append((symbol, start, length))
        start += length
    return found


def _legible(text: str) -> list[str]:
    """Return the symbols below the steps: of a long text the runs, or every fifth of each.

    Examples:
        >>> [word for word in _legible("a" * 20 + "b" * 20) if word]
        ['20 × a', '20 × b']
        >>> "".join(symbol or "." for symbol in _legible("a" * 7 + "b" + "a" * 7 + "ba" * 9))[:16]
        'a....a.ba....a.b'
    """
    if len(text) <= ALL_SYMBOLS:
        return list(text)
    shown, runs = [""] * len(text), _runs(text)
    for symbol, start, length in runs:
        if len(runs) <= FEW_RUNS:
            shown[start + length // 2] = symbol if length == 1 else f"{length} × {symbol}"
        else:
            shown[start : start + length : 5] = [symbol] * -(-length // 5)
    return shown


def _draw_chances(axes: Axes, answers: Sequence[str], chances: np.ndarray) -> None:
    """Draw a line for the chance of each answer."""
    for index, (answer, of_answer) in enumerate(zip(answers, chances.T, strict=True)):
        look: dict[str, Any] = {"linestyle": LINES[index], "marker": MARKERS[index]}
        look |= {"markersize": 4, "markeredgecolor": COLOURS["paper"], "linewidth": 1.4}
        axes.plot(of_answer, color=COLOURS["ink"], gid=f"chance{index}", label=answer, **look)
    axes.set_ylim(-0.08, 1.16)
    axes.set_yticks([0, 0.5, 1])
    _name_answers(axes, answers, chances)


def _name_answers(axes: Axes, answers: Sequence[str], chances: np.ndarray) -> None:
    """Write each answer below its line where that is the highest for longest, or else at its end.

    At the end alone, several lie on the floor, and one that was high all the time is low.
    """
    likeliest = "".join(map(chr, chances.argmax(axis=1)))  # a text of answers, for its runs
    never = {}
    for index, answer in enumerate(answers):
        runs = [(length, start) for one, start, length in _runs(likeliest) if ord(one) == index]
        if not runs:
            never[answer] = chances[:, index]
            continue
        length, start = max(runs)
        middle = start + (length - 1) / 2
        side = "center" if 1 < middle < len(chances) - 2 else "left" if middle <= 1 else "right"
        axes.annotate(
            answer,
            (middle, chances[round(middle), index]),
            xytext=(0, -7),
            textcoords="offset points",
            ha=side,
            va="top",
            fontsize=SMALL,
            bbox=BLANK,
            zorder=5,
        )
    name_ends(axes, never, height=CHANCES * 72)


def _name_chances(axes: Axes, distance: float) -> None:
    """Write what the last strip is, where the others have their letters."""
    beside: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    beside |= {"ha": "right", "va": "center", "fontsize": SMALL}
    axes.annotate("chance of\neach answer", (0, 0.5), xytext=(-distance, 0), **beside)


def _mark(
    strips: Sequence[Axes],
    runs: Sequence[tuple[str, int, int]],
    trained_to: int | None,
    wrong: Sequence[int],
) -> None:
    """Shade what training never had, cross the steps whose answer is wrong, part long runs."""
    steps = sum(length for _, _, length in runs)
    ends = [start + length for _, start, length in runs[:-1] if length > 1]
    for strip in strips:
        strip.grid(axis="x", visible=steps <= ALL_SYMBOLS)  # of more, a line each is a comb
        for end in ends if len(runs) <= FEW_RUNS else []:
            strip.axvline(end - 0.5, color=COLOURS["ink"], linewidth=0.9, gid="part", zorder=1)
    if trained_to is not None and trained_to < steps:
        for strip in strips:
            shade: dict[str, Any] = {"color": COLOURS["faint"], "alpha": 0.13, "zorder": 0}
            strip.axvspan(trained_to - 0.5, steps - 0.5, gid="beyond", **shade)
        narrow = steps - trained_to < steps / 3  # then the words end where the shade does
        strips[0].annotate(
            "longer than in training",
            ((steps if narrow else trained_to) - 0.5, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-2 if narrow else 2, 4),
            textcoords="offset points",
            ha="right" if narrow else "left",
            fontsize=SMALL,
        )
    look: dict[str, Any] = {"linestyle": "none", "marker": "x", "markersize": 6}
    look |= {"color": COLOURS["f"], "markeredgewidth": 1.8, "clip_on": False}
    strips[-1].plot(wrong, [1.12] * len(wrong), gid="wrong", **look)


def _prove(
    plot: Plot, run: Trace, network: Network, text: str, selections: Mapping[str, Selection]
) -> Proof:
    """Hold the drawn lines to the trace, which is the module's, and the chances to the network."""
    with torch.no_grad():
        scores = network(network.read(text))[:, 0].softmax(dim=-1).double().numpy()
    axes = plot.axes
    lines = [drawn(axes[len(selections)], f"chance{k}") for k in range(len(network.answers))]
    compared = [compare("the chances", np.stack(lines, axis=1), scores)]
    for strip, letter in zip(axes, selections, strict=False):
        units = range(network.layer.hidden_size)
        shown = np.stack([drawn(strip, f"q-{letter}-unit{unit}") for unit in units], axis=1)
        compared.append(compare(letter, shown, run[0, 0][letter][:, 0]))
    return Proof(run.proof.words, run.proof, *compared)


def _table(
    network: Network,
    text: str,
    selections: Mapping[str, Selection],
    chances: np.ndarray,
    wrong: Sequence[int],
) -> Table:
    """List each symbol with the quantities, the chances, and whether the answer is wrong."""
    units = range(network.layer.hidden_size)
    columns = ["step", "symbol"]
    columns += [f"{letter}, unit {unit}" for letter in selections for unit in units]
    columns += [f"chance of {answer}" for answer in network.answers] + ["wrong"]
    rows = []
    for t, symbol in enumerate(text):
        values = [float(value) for of in selections.values() for value in of.values[t]]
        rows.append((t, repr(symbol), *values, *map(float, chances[t]), t in wrong))
    return Table(columns, rows)


def _alt(
    network: Network,
    text: str,
    selections: Mapping[str, Selection],
    trained_to: int | None,
    wrong: Sequence[int],
) -> str:
    """Describe the text, how each quantity goes, and where the answers are wrong."""
    words = [f"A trained {type(network.layer).__name__} reads {text}."]
    if trained_to is not None and trained_to < len(text):
        words.append(f"From step {trained_to} on it is longer than anything in training.")
    for letter, selection in selections.items():
        for column, unit in enumerate(selection.units):
            values = selection.values[:, column]
            words.append(
                f"{letter}, unit {unit}: from {digits(float(values[0]))} by "
                f"{digits(float(values[len(values) // 2]))} at step {len(values) // 2} to "
                f"{digits(float(values[-1]))}."
            )
    last = network.chances(text)[-1]
    told = ", ".join(
        f"{answer} {decimals(float(chance), 2)}"
        for answer, chance in zip(network.answers, last, strict=True)
    )
    words.append(f"Chances after the last symbol: {told}.")
    steps = ", ".join(map(str, wrong))
    words.append(f"Wrong answers after the steps {steps}." if wrong else "No answer is wrong.")
    return " ".join(words)
