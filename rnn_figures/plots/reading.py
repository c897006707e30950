"""Read a finished plot back, so that a proof compares what is shown, not what was intended.

A plot's numbers pass through an index, an axis and a format on their way to the reader. From the
finished plot are read: where each line, bar and area runs, every number that is written, the ticks,
the names, the legend and the text alternative. They are held to the table behind the plot, which
the plot's own proof holds to the module, and to each other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, LineCollection, PolyCollection, QuadMesh
from matplotlib.colors import same_color, to_hex, to_rgba
from matplotlib.container import BarContainer, Container
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter

from rnn_figures.figures import Plot
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import HEAT_MAP, SYMBOLS
from rnn_figures.plots.behind import CLOSE, Behind, near, numbers_in
from rnn_figures.proofs import Comparison, Proof, ProofError, compare, compare_column, together

OF_QUANTITY = re.compile(r"q-([a-z])-(?!not-finite|shade)")
"""How the id of what stands for a quantity begins."""

UNIT = re.compile(r"^q-[a-z]-unit(\d+)$")
"""The id of a unit's line."""


def prove_shown(
    plot: Plot,
    *,
    given: Mapping[str, Any] | None = None,
    rows: Mapping[str, Iterable[float]] | None = None,
    scaled: bool = True,
    aside: Sequence[str] = (),
    told: Iterable[float] = (),
) -> None:
    """Add to a plot's proof what was compared of the finished drawing.

    What cannot be caught so: two lines of the table that are drawn in each other's look, where no
    name and no id tells them apart; a word that is wrong; a whole number in a sentence; and what
    the table itself has wrong, which the plot's own proof compares.

    Args:
        plot: With its table, its text alternative and the proof of its numbers.
        given: For columns of the table, what the module gives, where nothing else compares it.
        rows: Where heights are rows and no numbers: by the name of each row, what stands in it.
        scaled: False where no axis has numbers: then only what is written is read.
        aside: How the ids begin of what the table does not have; the plot's own proof has it.
        told: Numbers that are written, or stand in rows, and that come of several of the table's.

    Raises:
        ProofError: something that is shown is nowhere in the table, or not where the table has it.
    """
    assert plot.proof is not None  # what was meant was compared first
    behind = Behind(plot.data, told)
    compared = [compare_column(plot.data, name, values) for name, values in (given or {}).items()]
    for axes in plot.axes:
        parts = dict(_points(axes, tuple(aside))) if scaled else {}
        for name, points in parts.items():
            points = points[np.isfinite(points).all(axis=1)]
            if len(points) and rows:
                compared += _compare_rows(name, points, axes, rows)
            elif len(points):
                compared.append(_compare_points(name, points, behind, axes))
        behind.look_at([points[:, 0] for points in parts.values()])
        compared += _compare_written(axes, behind, scaled=scaled, rows=bool(rows))
        compared += _compare_names(plot, axes)
        for axis in (axes.xaxis, axes.yaxis):
            compared += _compare_ticks(axis, behind)
        compared += _compare_colours(axes)
    for legend in _legends(plot):
        compared += _compare_legend(plot, legend)
    compared += _compare_sentence(plot.alt, behind)
    # What is written is rounded: how far that is from the number is no distance of the module.
    shown = together([Comparison(0.0, 0), *compared])._replace(max_difference=0.0)
    plot.proof = Proof(plot.proof.words, plot.proof, shown)


def _points(axes: Axes, aside: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what stands for numbers: a name for messages, and its points, (points, 2)."""
    for line in axes.lines:
        name = str(line.get_gid() or line.get_label())
        if line.get_transform() == axes.transData and not name.startswith(aside):
            yield f"the line {name}", np.asarray(line.get_xydata(), dtype=float)
    for bars in axes.containers:
        name = str(bars.get_label())
        if isinstance(bars, BarContainer) and not name.startswith(aside):
            yield f"the bars {name}", bar_ends(bars)
    for area in axes.collections:
        name, paths = str(area.get_gid() or area.get_label()), area.get_paths()
        if name.startswith(aside) or not paths:
            continue
        points = np.asarray(np.concatenate([path.vertices for path in paths]), dtype=float)
        if isinstance(area, PolyCollection):
            yield f"the area {name}", points[~np.isin(points[:, 1], _levels(axes))]
        elif isinstance(area, LineCollection):
            yield f"the area {name}", points


def centres(axes: Axes, prefix: str) -> np.ndarray:
    """Return the middle of each patch whose id begins so, (patches, 2), in order of the rows."""
    boxes = [patch for patch in axes.patches if str(patch.get_gid()).startswith(prefix)]
    found = [patch.get_path().get_extents(patch.get_patch_transform()) for patch in boxes]
    middles = [((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in found]
    return np.array(sorted(middles, key=lambda at: at[::-1])).reshape(-1, 2)


def counted(marks: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return how many marks, (marks, 2), stand in each cell of a grid, by column and row."""
    found = np.zeros(shape)
    np.add.at(found, tuple(np.rint(marks).astype(int).T), 1)
    return found


def _levels(axes: Axes) -> list[float]:
    """Return where areas may begin: at 0, and at every line across the axes."""
    across = (line for line in axes.lines if line.get_transform() != axes.transData)
    return [0.0, *(float(np.asarray(line.get_ydata())[0]) for line in across)]


def bar_ends(bars: Container) -> np.ndarray:
    """Return where bars end, (bars, 2), both ends of those that do not begin at 0."""
    assert isinstance(bars, BarContainer)
    boxes = [(bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()) for bar in bars.patches]
    x, y, width, height = np.array(boxes, dtype=float).reshape(-1, 4).T
    if bars.orientation == "horizontal":
        return np.concatenate([np.stack([at, y + height / 2], axis=1) for at in (x, x + width)])
    return np.stack([x + width / 2, y + height], axis=1)


def _compare_points(name: str, points: np.ndarray, behind: Behind, axes: Axes) -> Comparison:
    """Compare points with the table: where it has their x, it has their y."""
    x, y = points.T
    given = behind.nearest_at(_read_off(axes.xaxis, x), y)
    if len(lost := x[np.isnan(given)]):
        raise ProofError(
            f"{name}: expected a row of the table with numbers at x = {lost[0]:.6g}, got none; "
            "bars of one step stand at that step, one on another and not side by side"
        )
    within = CLOSE * max(1.0, float(np.abs(y).max()))
    return compare(f"{name} beside the table", y, given, within=within)


def _compare_rows(
    name: str, points: np.ndarray, axes: Axes, rows: Mapping[str, Iterable[float]]
) -> Iterator[Comparison]:
    """Compare points with their row: all stand in one, and the row has what they stand for."""
    names, at = tick_labels(axes.yaxis), points[:, 1].round()
    for row in np.unique(at):
        x, here = points[at == row, 0], names.get(float(row), "")
        known = np.array(list(rows.get(here, ())), dtype=float)
        within = CLOSE * max(1.0, float(np.abs(x).max()))
        given = [near(value, known) for value in x]
        yield compare(f"{name} in the row of “{here}”", x, given, within=within)


def _read_off(axis: Axis, at: np.ndarray) -> list[np.ndarray]:
    """Return what positions on an axis can stand for: themselves, or what their ticks say."""
    labels = tick_labels(axis) if isinstance(axis.get_major_locator(), FixedLocator) else {}
    said = {p: number for p, text in labels.items() for number, _ in numbers_in(text, whole=True)}
    return [at, np.array([said.get(float(p), np.nan) for p in at])]


def _compare_written(
    axes: Axes, behind: Behind, *, scaled: bool, rows: bool
) -> Iterator[Comparison]:
    """Compare each number at a point with the point, or with what the table has there."""
    names = {line.get_label() for line in axes.lines}
    dots = [np.asarray(line.get_xydata(), dtype=float) for line in axes.lines]
    for text in axes.texts:
        words = text.get_text()
        if words in names or behind.has(words):  # at a line's end; a symbol that was read
            continue
        tokens = [*numbers_in(words, whole=True)] or [*numbers_in(words, whole=False)]
        at = _position(axes, text)
        if not tokens or (at is None and "." not in words):
            continue
        if at is None or not (scaled or rows):
            known = behind.everything
        elif rows:
            known = at
        else:
            powers = 10.0 ** at[1:] if _is_of_powers(axes.yaxis) else []
            lone = len(tokens) == 1 and "." in words  # at a dot it is the number of that dot
            beside = [behind.beside(each[0]) for each in _read_off(axes.xaxis, at[:1])]
            beside *= not (lone and any((at == points).all(axis=1).any() for points in dots))
            known = np.concatenate([at, powers, *beside])
        for number, last in tokens:
            yield _compare_number(f"“{words}”", number, last, known)


def _position(axes: Axes, text: Text) -> np.ndarray | None:
    """Return the point that a text stands at; None if it stands at none."""
    if isinstance(text, Annotation):
        return np.array(text.xy, dtype=float) if text.xycoords == "data" else None
    if text.get_transform() == axes.transData:
        return np.array(text.get_position(), dtype=float)
    return None


def _compare_number(what: str, number: float, last: float, known: np.ndarray) -> Comparison:
    """Compare a number as it is written with the nearest that it can stand for."""
    return compare(what, number, near(number, known), within=0.5001 * last)


def _compare_names(plot: Plot, axes: Axes) -> Iterator[Comparison]:
    """Compare where the name of each of several lines is with the end of its line, or a legend."""
    explained = {text.get_text() for legend in _legends(plot) for text in legend.get_texts()}
    lines = [(str(line.get_label()), line) for line in axes.lines]
    lines = [(label, line) for label, line in lines if label and label[0] != "_"]
    named = dict(lines)
    if len(lines) > 1:
        looks = [str(_look(line)) for label, line in named.items() if label in explained]
        yield compare("whether lines differ in their look", len({*looks}), len(looks))
        yield compare("whether lines differ in their names", len(named), len(lines))
    written = {text.get_text(): _position(axes, text) for text in axes.texts}
    for label, line in named.items():
        points = np.asarray(line.get_xydata(), dtype=float)
        points = points[np.isfinite(points).all(axis=1)]
        if label not in explained and len(named) > 1 and len(points):
            at = written.get(label)
            shown = [np.nan, np.nan] if at is None else at
            yield compare(f"where {label} is written", shown, points[-1])


def _is_of_powers(axis: Axis) -> bool:
    """Return whether an axis is marked with other numbers than its positions: powers of them."""
    told = {p: [*numbers_in(text, whole=True)] for p, text in tick_labels(axis).items()}
    return any(numbers and numbers[0][0] != p for p, numbers in told.items())


def tick_labels(axis: Axis) -> dict[float, str]:
    """Return what stands at each position of an axis."""
    at = axis.get_majorticklocs()
    texts = axis.get_major_formatter().format_ticks(at.tolist())
    return {float(p): text for p, text in zip(at, texts, strict=False)}


def _compare_ticks(axis: Axis, behind: Behind) -> Iterator[Comparison]:
    """Compare the ticks that were written here with their positions, or the order of the table."""
    if not isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter):
        return
    sharing = axis.axes.get_shared_x_axes().get_siblings(axis.axes)
    if axis is axis.axes.xaxis and any(one.xaxis.get_gid() == SYMBOLS for one in sharing):
        return  # symbols of the caller's, without the numbers of their steps
    labels = {p: text for p, text in tick_labels(axis).items() if text}
    if str(axis.axes.get_label()).startswith(HEAT_MAP):
        return  # rows of a heat map: `prove` in selections holds them to their units
    every = {p: [*numbers_in(text, whole=True)] for p, text in labels.items()}
    # a symbol may be a number too: that of the step stands below it
    told = {p: numbers[-1] if numbers else None for p, numbers in every.items()}
    numeric = {p: number for p, number in told.items() if number}
    if numeric:
        at = np.array(list(numeric))
        with np.errstate(over="ignore"):
            meant = [at, 10.0**at, 10.0**at - 1, *behind.in_order([n for n, _ in numeric.values()])]
        wrong = [
            [abs(n - m) > 0.5001 * last for m, (n, last) in zip(of, numeric.values(), strict=True)]
            for of in meant
        ]
        best = min(range(len(meant)), key=lambda index: sum(wrong[index]))
        shown = [number for number, _ in numeric.values()]
        given = np.where(wrong[best], meant[best], shown)  # rounded as the ticks are
        yield compare("the numbers of an axis", shown, given)
    words = [text for p, text in sorted(labels.items()) if not told[p]]
    ordered = behind.words_in_order(words)
    if ordered:
        yield compare("the names of an axis", words, ordered)


def _compare_colours(axes: Axes) -> Iterator[Comparison]:
    """Compare the colour of what stands for a quantity with the quantity's."""
    for artist in (*axes.lines, *axes.patches, *axes.collections, *axes.texts):
        found = OF_QUANTITY.match(str(artist.get_gid()))
        if found and isinstance(artist, Text) and str(artist.get_gid()).endswith("-letter"):
            yield compare("the letter of a quantity", artist.get_text(), found[1])
        unit = UNIT.search(str(artist.get_gid()))
        if unit and isinstance(artist, Line2D) and str(artist.get_label())[0] != "_":
            yield compare("the unit of a line", artist.get_label(), f"unit {unit[1]}")
        if found and not isinstance(artist, QuadMesh):
            colours = _colours(artist)
            own = any(same_color(colour[:3], COLOURS[found[1]]) for colour in colours)
            yield compare(f"whether {artist.get_gid()} has the colour of {found[1]}", own, True)


def _colours(artist: Artist) -> list[Any]:
    """Return every colour of what is drawn."""
    if isinstance(artist, Line2D):
        own = [artist.get_color(), artist.get_markeredgecolor(), artist.get_markerfacecolor()]
        return [to_rgba(colour) for colour in own if isinstance(colour, str | tuple)]
    if isinstance(artist, Patch):
        return [artist.get_facecolor(), artist.get_edgecolor()]
    if isinstance(artist, Collection):
        return [*artist.get_facecolor(), *artist.get_edgecolor()]
    return [to_rgba(artist.get_color())] if isinstance(artist, Text) else []


def _legends(plot: Plot) -> list[Legend]:
    """Return every legend."""
    of_axes = (axes.get_legend() for axes in plot.axes)
    return [*plot.legends, *(legend for legend in of_axes if legend)]


def _compare_legend(plot: Plot, legend: Legend) -> Iterator[Comparison]:
    """Compare the look of each line of a legend with what has its label in the plot."""
    labelled: dict[str, Artist] = {}
    for axes in plot.axes:
        for artist in (*axes.lines, *axes.collections, *axes.patches):
            labelled.setdefault(str(artist.get_label()), artist)
        for bars in axes.containers:
            labelled.setdefault(str(bars.get_label()), bars[0])
    for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
        words = text.get_text()
        yield compare(f"whether something is called {words}", words in labelled, True)
        if handle is not None:
            shown, meant = _look(handle), _look(labelled[words])
            alike = min(len(shown), len(meant))  # a line stands for an area by its colour alone
            yield compare(f"the look of {words}", shown[:alike], meant[:alike])


def _look(artist: Artist) -> list[str]:
    """Return what tells things in a legend apart: the colour, and of a line its dots and dashes."""
    colours = [to_hex(colour, keep_alpha=True) for colour in _colours(artist)]
    if not isinstance(artist, Line2D):
        return colours[:1]
    marker = str(artist.get_marker())
    return [
        colours[0],
        *([marker, *colours[1:]] if marker != "None" else []),
        str(artist.get_linestyle()),
    ]


def _compare_sentence(words: str, behind: Behind) -> Iterator[Comparison]:
    """Compare every number with decimals in a sentence with the table, or a column's summary."""
    words = re.sub(r"\bnn\.\w+\([^)]*\)", "", words)  # a module as code
    for number, last in numbers_in(words, whole=False):
        yield _compare_number("the text alternative", number, last, behind.everything)
