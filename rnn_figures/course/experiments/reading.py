"""One trained network reads one text: its state, and what it holds likely after each symbol."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import decimals, digits
from rnn_figures.palette import COLOURS, DASHES, NAMES
from rnn_figures.plots.axes import ABOVE, ALL_TICKS, name_distance, name_strip, step_axis, write_at
from rnn_figures.plots.curves import BESIDE, drawn, drawn_units
from rnn_figures.plots.gates import EDGE, LINE, STEPS, new_strips, strip_height
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.selections import draw_selection
from rnn_figures.plots.style import WIDTH, plot_style, text_width
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces import Trace, trace
from rnn_figures.traces.selection import Selection, select
from rnn_figures.training import EXPERIMENTS, Network

CHANCE = 0.34
"""Inches of the strip of one answer's chance."""

ALL_SYMBOLS = 30
"""Most symbols that all stand below the steps; of more, some do."""

FEW_RUNS = 6
"""Most runs of equal symbols of a long text that is told run by run."""


@checked
def reading_plot(
    name: str,
    network: Network,
    text: str,
    *,
    quantities: str | None = None,
    trained_to: int | None = None,
) -> Plot:
    """Plot what a trained network computes as it reads a text, and what it answers.

    Strips of its quantities, then a strip for each answer: how likely the network holds it after
    each symbol. A cross marks a likeliest answer that is wrong.

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
    known = "".join(run[0, 0].quantities)
    letters = quantities or known
    if not set(letters) <= set(known):
        raise ValueError(f"expected quantities among {known}, got {letters!r}")
    where: dict[str, Any] = {"layer": 0, "direction": 0, "sequence": 0, "units": None}
    selections = {letter: select(run, letter, **where) for letter in letters}
    chances = network.chances(text).double().numpy()
    wrong = wrong_steps(name, network, text)
    height = strip_height(network.layer.hidden_size)
    heights = [height] * len(letters) + [CHANCE] * len(network.answers)
    above = EDGE + (STEPS / 2 if trained_to is not None else 0.0)
    below = EDGE + STEPS + (LINE if len(text) <= ALL_TICKS else 0.0)
    with plot_style():
        plot, strips = new_strips(heights, above, below)
        _name_steps(strips, text)
        for strip, (letter, selection) in zip(strips, selections.items(), strict=False):
            draw_selection(strip, selection, height=72 * heights[0], ticks=3, line=DASHES[letter])
        _draw_chances(answering := strips[len(letters) :], chances)
        _cross(answering, network, text, wrong)
        _name_strips(plot, strips, letters, network)
        _shade(strips, len(text), trained_to)
    plot.alt = _alt(network, text, selections, trained_to, wrong)
    plot.data = _table(network, text, selections, chances, wrong)
    _prove(plot, run, letters, name, network, text)
    return plot


def _name_strips(plot: Plot, strips: Sequence[Axes], letters: str, network: Network) -> None:
    """Write what each strip is on its left, and leave as much space at both sides as words take."""
    distance = name_distance(strips)
    for strip, letter in zip(strips, letters, strict=False):
        name_strip(strip, letter, NAMES[letter], distance=distance)
    answers = [f"chance of {answer}" for answer in network.answers]
    beside: dict[str, Any] = ABOVE | {"ha": "right", "va": "center"}
    for strip, words in zip(strips[len(letters) :], answers, strict=True):
        write_at(strip, words, (0, 0.5), (-distance, 0), **beside)
    names = [*answers, *(NAMES[letter] for letter in letters)]
    ends = text_width("unit 0") if network.layer.hidden_size > 1 else 0.0
    plot.subplots_adjust(
        left=(EDGE + max(map(text_width, names)) + distance) / (72 * WIDTH),
        right=1 - (EDGE + BESIDE + ends) / (72 * WIDTH),
    )


def wrong_steps(name: str, network: Network, text: str) -> list[int]:
    """Return the steps after which a network's likeliest answer is none of the right ones."""
    if name not in EXPERIMENTS:
        raise ValueError(f"expected an experiment among {', '.join(EXPERIMENTS)}, got {name!r}")
    due = EXPERIMENTS[name].due(text)
    said = network.best(text)
    return [t for t, right in enumerate(due) if right and said[t] not in right]


def _name_steps(strips: Sequence[Axes], text: str) -> None:
    """Write the symbols below the steps; of a long text of few runs, how long each run is."""
    runs = [(symbol, len(list(same))) for symbol, same in groupby(text)]
    if len(text) <= ALL_SYMBOLS or len(runs) > FEW_RUNS:
        step_axis(strips[-1], len(text), symbols=_legible(text))
        return
    ends = np.cumsum([length for _, length in runs])
    middles = [end - (length + 1) / 2 for end, (_, length) in zip(ends, runs, strict=True)]
    names = [f"{length} {symbol}" if length > 1 else symbol for symbol, length in runs]
    strips[-1].set_xticks(middles, names)
    strips[-1].set_xlim(-0.5, len(text) - 0.5)
    strips[-1].set_xlabel("symbols read")
    for strip in strips:
        strip.grid(axis="x", visible=False)
        for end in ends[:-1]:
            strip.axvline(end - 0.5, color=COLOURS["ink"], linewidth=0.8, gid="run", zorder=1)


def _legible(text: str) -> list[str]:
    """Return the symbols below the steps: of a long text the changes, and every fifth between.

    Examples:
        >>> "".join(symbol or "." for symbol in _legible("a" * 20 + "b" * 20))
        'a....a....a....a....b....b....b....b....'
    """
    if len(text) <= ALL_SYMBOLS:
        return list(text)
    shown, since = [], 0
    for t, symbol in enumerate(text):
        since = 0 if t and symbol != text[t - 1] else since
        shown.append(symbol if since % 5 == 0 else "")
        since += 1
    return shown


def _draw_chances(strips: Sequence[Axes], chances: np.ndarray) -> None:
    """Draw how likely each answer is, a strip for each: the higher, the likelier."""
    edges = np.arange(len(chances) + 1) - 0.5
    for index, (strip, of_answer) in enumerate(zip(strips, chances.T, strict=True)):
        strip.stairs(of_answer, edges, fill=True, color=COLOURS["ink"], alpha=0.25)
        line: dict[str, Any] = {"color": COLOURS["ink"], "linewidth": 1.4, "baseline": None}
        strip.stairs(of_answer, edges, gid=f"chance{index}", **line)
        strip.set_ylim(0, 1.12)
        strip.set_yticks([0, 1])


def drawn_chances(strips: Sequence[Axes]) -> np.ndarray:
    """Return how likely each answer is drawn after each symbol, (L, answers)."""
    lines = [
        patch.get_data()[0]
        for index, strip in enumerate(strips)
        for patch in strip.patches
        if isinstance(patch, StepPatch) and patch.get_gid() == f"chance{index}"
    ]
    return np.stack(lines, axis=1)


def _cross(strips: Sequence[Axes], network: Network, text: str, wrong: Sequence[int]) -> None:
    """Cross each likeliest answer that is wrong, in its own strip."""
    said = network.best(text)
    look: dict[str, Any] = {"linestyle": "none", "marker": "x", "markersize": 6, "zorder": 5}
    look |= {"color": COLOURS["ink"], "markeredgewidth": 1.8, "clip_on": False}
    for strip, answer in zip(strips, network.answers, strict=True):
        steps = [t for t in wrong if said[t] == answer]
        strip.plot(steps, [1.12] * len(steps), gid="wrong", **look)


def _shade(strips: Sequence[Axes], steps: int, trained_to: int | None) -> None:
    """Shade what training never had."""
    if trained_to is None or trained_to >= steps:
        return
    for strip in strips:
        shade: dict[str, Any] = {"color": COLOURS["faint"], "alpha": 0.13, "zorder": 0}
        strip.axvspan(trained_to - 0.5, steps - 0.5, gid="beyond", **shade)
    narrow = steps - trained_to < steps / 3  # then the words end where the shade does
    at, right, ha = (steps, -2, "right") if narrow else (trained_to, 2, "left")
    above = {"xycoords": ("data", "axes fraction"), "ha": ha}
    write_at(strips[0], "longer than in training", (at - 0.5, 1), (right, 4), **above)


def _prove(plot: Plot, run: Trace, letters: str, name: str, network: Network, text: str) -> None:
    """Compare lines, chances and crosses with trace and network, and the plot with the table."""
    with torch.no_grad():
        scores = network(network.read(text))[:, 0].softmax(dim=-1).double()  # (L, answers)
    answering = plot.axes[len(letters) :]
    compared = [compare("the chances", drawn_chances(answering), scores)]
    for strip, letter in zip(plot.axes, letters, strict=False):
        units = range(network.layer.hidden_size)
        shown = drawn_units(strip, f"q-{letter}", units)
        compared.append(compare(letter, shown, run[0, 0][letter][:, 0]))
    said, due = network.best(text), EXPERIMENTS[name].due(text)
    crossed = [
        [t for t, right in enumerate(due) if right and answer == said[t] and answer not in right]
        for answer in network.answers
    ]
    crosses = [drawn(strip, "wrong", along="x").astype(int).tolist() for strip in answering]
    compared.append(compare("the crosses", str(crosses), str(crossed)))
    plot.proof = Proof(run.proof.words, run.proof, *compared)
    wrong = wrong_steps(name, network, text)
    given = {f"chance of {one}": of for one, of in zip(network.answers, scores.T, strict=True)}
    given |= {"symbol": map(repr, text), "wrong": [t in wrong for t in range(len(text))]}
    prove_shown(plot, given=given, aside=("wrong",))


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
                f"{letter}, unit {unit}: from {digits(values[0])} by "
                f"{digits(values[len(values) // 2])} at step {len(values) // 2} to "
                f"{digits(values[-1])}."
            )
    last = network.chances(text)[-1]
    told = ", ".join(
        f"{answer} {decimals(chance, 2)}"
        for answer, chance in zip(network.answers, last, strict=True)
    )
    words.append(f"Chances after the last symbol: {told}.")
    steps = ", ".join(map(str, wrong))
    words.append(f"Wrong answers after the steps {steps}." if wrong else "No answer is wrong.")
    return " ".join(words)
