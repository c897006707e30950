"""The gradient against lag for many settings of one number, for readers to turn it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from rnn_figures.arguments import checked
from rnn_figures.figures import Live, Piece, Plot, Table
from rnn_figures.numbers import digits, number
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import on_paper, whole_ticks
from rnn_figures.plots.curves import BLANK, drawn, name_ends, power_ticks, powers_of_ten
from rnn_figures.plots.gradients import LAG, SIZE, Run, norms_by_lag
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import SMALL, new_plot, plot_style
from rnn_figures.proofs import Comparison, Proof, compare

TOLD = (0, 20, 40, 59)
"""The lags whose gradients are written out."""

FELT = 2.0**-24
"""Part of the gradient at lag 0 below which float32 adds nothing to it."""

FAR = 40
"""The lag to which the half-life is measured: the last ones are an edge, near the zero state."""

AREA = (46.0, 40.0, 276.0, 190.0)
"""Left, bottom, width and height of the axes, in points."""


class _Stop(NamedTuple):
    """Norms of the runs of one setting, (lags, runs); the first compared with torch's Jacobian."""

    norms: np.ndarray
    compared: Comparison

    @property
    def median(self) -> np.ndarray:
        """The median over the runs at each lag."""
        return np.median(self.norms, axis=1)

    @property
    def lowest(self) -> np.ndarray:
        """The lowest of the runs at each lag."""
        return self.norms.min(axis=1)

    @property
    def highest(self) -> np.ndarray:
        """The highest of the runs at each lag."""
        return self.norms.max(axis=1)

    @property
    def half_life(self) -> float | None:
        """Lags in which the median halves, on average from lag 0 to FAR; None if it grows."""
        halvings = float(np.log2(self.median[0] / self.median[FAR]))
        return FAR / halvings if halvings > 0 else None

    @property
    def reach(self) -> int:
        """The last lag before the gradient is lost beside that of lag 0 in a sum in float32."""
        lost = self.median < FELT * self.median[0]
        return int(lost.argmax()) - 1 if lost.any() else len(self.median) - 1


@checked
def gradient_dial(
    runs: Mapping[float, Sequence[Run]], *, name: str, start: float, labelled: Sequence[float]
) -> Plot:
    """Plot the gradient by lag for one setting; a page's script moves it to any other.

    Without scripts it has the curve of `start`, and those of `labelled` beside it. The axes hold
    every curve of every setting. A curve is the median over the runs, its band reaches from the
    lowest to the highest.

    Args:
        runs: By setting, equally far apart, modules with what each reads, 60 steps: one a seed.
        name: What is set, in a word or two.
        start: The setting that is shown first.
        labelled: Settings that are drawn beside it, for comparison.

    Returns:
        The plot; its table has some lags, the half-life and the reach of every setting.

    Raises:
        ValueError: a setting is not there, settings are not equally far apart, or a run is too
            short.
        ProofError: a gradient is not torch's own Jacobian's, or a curve not the gradients'.
    """
    labelled = list(dict.fromkeys(labelled))
    _refuse_unequal(list(runs), [start, *labelled])
    stops = {setting: _stop(of_setting) for setting, of_setting in sorted(runs.items())}
    with plot_style():
        left, bottom, width, height = AREA
        plot = new_plot((bottom + height + 26) / 72, arranged=False)
        size = plot.get_size_inches() * 72
        axes = plot.add_axes((left / size[0], bottom / size[1], width / size[0], height / size[1]))
        _set_axes(axes, stops)
        _draw_labelled(axes, {setting: stops[setting] for setting in labelled})
        _draw_moving(axes, stops[start])
    plot.alt = _alt(name, stops, start, len(runs[start]))
    plot.data = _table(name, stops)
    settings = _settings(axes, name, stops, start)
    plot.live = Live("rnn-dial", settings, (), _lines(name, start, stops[start]))
    plot.proof = Proof(
        "the first run of each setting equal, in parts of it, to torch's own Jacobian, and every "
        "stored curve to the medians",
        *(stop.compared for stop in stops.values()),
        *_compare_drawn(axes, stops, start, labelled),
    )
    given = {
        f"lag {lag}": [float(np.median(stop.norms[lag])) for stop in stops.values()] for lag in TOLD
    }
    given |= {
        name: list(stops),
        "half-life": [stop.half_life for stop in stops.values()],
        "reach": [stop.reach for stop in stops.values()],
    }
    prove_shown(plot, given=given, aside=("labelled", "dial-"))
    return plot


def _stop(runs: Sequence[Run]) -> _Stop:
    """Measure the runs of one setting."""
    by_lag, compared = norms_by_lag(runs)
    shortest = min(map(len, by_lag))
    if shortest <= max(TOLD):
        raise ValueError(f"expected {max(TOLD) + 1} steps or more, got {shortest}")
    return _Stop(np.concatenate(by_lag, axis=1), compared)


def _refuse_unequal(settings: Sequence[float], needed: Sequence[float]) -> None:
    """Raise ValueError unless the settings are equally far apart, and have those needed."""
    missing = [setting for setting in needed if setting not in settings]
    steps = np.diff(sorted(settings))
    if missing or len(steps) == 0 or not np.allclose(steps, steps[0]):
        raise ValueError(
            f"expected settings equally far apart, {needed} among them, got {sorted(settings)}"
        )


def _set_axes(axes: Axes, stops: Mapping[float, _Stop]) -> None:
    """Give the axes room for every curve of every setting: they never change."""
    powers = powers_of_ten(np.concatenate([stop.norms for stop in stops.values()]))
    low, high = int(np.floor(powers.min())), int(np.ceil(powers.max()))
    axes.set_ylim(low - 0.2, high + 0.2)
    power_ticks(axes.yaxis, low, high)
    lags = len(next(iter(stops.values())).norms)
    axes.set_xlim(-0.5, lags - 0.5)
    whole_ticks(axes.xaxis, range(lags))
    axes.set_xlabel(LAG)
    axes.set_title(SIZE)


def _draw_labelled(axes: Axes, stops: Mapping[float, _Stop]) -> None:
    """Draw the curves of some settings thin, each named at its end."""
    thin = {"color": COLOURS["faint"], "linewidth": 0.9}
    powers = {number(setting): powers_of_ten(stop.median) for setting, stop in stops.items()}
    for index, (name, values) in enumerate(powers.items()):
        axes.plot(values, **thin, gid=f"labelled{index}", label=name)
    name_ends(axes, powers, height=AREA[3])


def _draw_moving(axes: Axes, stop: _Stop) -> None:
    """Draw what a script moves: band, median, half-life and reach."""
    low, high = powers_of_ten(stop.lowest), powers_of_ten(stop.highest)
    lags = np.arange(len(low))
    (band,) = axes.fill(np.r_[lags, lags[::-1]], np.r_[low, high[::-1]], gid="dial-band")
    band.set(facecolor=COLOURS["ink"], alpha=0.14)
    shown: dict[str, Any] = {"color": COLOURS["ink"], "clip_on": False, "zorder": 4}
    axes.plot(lags, powers_of_ten(stop.median), linewidth=2.2, gid="dial-median", **shown)
    bottom, top = axes.get_ylim()
    marks = {"half-life": (stop.half_life, (0, (1, 1.2))), "reach": (stop.reach, (0, (5, 1.5)))}
    for row, (name, (lag, dashes)) in enumerate(marks.items()):
        at = 0.0 if lag is None else lag
        look: dict[str, Any] = {"color": COLOURS["f"], "linewidth": 1.3, "linestyle": dashes}
        axes.plot([at, at], [bottom, top], gid=f"dial-{name}", zorder=2, **look)
        y = bottom + (0.12 if row else 0.03) * (top - bottom)
        box = BLANK | {"alpha": 0.8}
        text = axes.text(at + 1, y, name, fontsize=SMALL, color=COLOURS["f"], bbox=box, zorder=5)
        text.set_gid(f"dial-{name}-name")


def _settings(
    axes: Axes, name: str, stops: Mapping[float, _Stop], start: float
) -> dict[str, object]:
    """Return what a script needs: where every curve runs in the drawing, and every text."""
    settings = list(stops)
    bottom, top = axes.get_ylim()
    lags = len(next(iter(stops.values())).norms)
    return {
        "name": name,
        "min": settings[0],
        "max": settings[-1],
        "step": round(settings[1] - settings[0], 6),
        "start": start,
        "x": on_paper(axes, np.arange(lags), np.zeros(lags))[:, 0].round(1).tolist(),
        "ends": on_paper(axes, np.zeros(2), np.array([bottom, top]))[:, 1].round(1).tolist(),
        "stops": [_stored(axes, setting, stop) for setting, stop in stops.items()],
    }


def _stored(axes: Axes, setting: float, stop: _Stop) -> dict[str, object]:
    """Return one setting: heights of its curves in hundredths of a point, marks, texts."""
    curves = {"median": stop.median, "low": stop.lowest, "high": stop.highest}
    powers = {name: powers_of_ten(values) for name, values in curves.items()}
    lags = np.arange(len(stop.norms))
    heights = {name: on_paper(axes, lags, values)[:, 1] * 100 for name, values in powers.items()}
    stored = {name: of_name.round().astype(int).tolist() for name, of_name in heights.items()}
    marks = {"half-life": stop.half_life, "reach": stop.reach}
    return {**stored, **marks, "texts": _texts(setting, stop)}


def _texts(setting: float, stop: _Stop) -> dict[str, str]:
    """Return every text that changes with the setting, by its name."""
    last = len(stop.norms) - 1
    texts = {f"lag-{lag}": digits(stop.median[lag], 2) for lag in TOLD}
    half = "none: it grows" if stop.half_life is None else digits(stop.half_life, 2)
    reach = f"{last} or more" if stop.reach == last else f"{stop.reach}"
    return {"setting": number(setting), **texts, "half-life": half, "reach": reach}


def _lines(name: str, start: float, stop: _Stop) -> list[list[Piece]]:
    """Return the sentences below the plot."""
    texts = _texts(start, stop)

    def pieces(*parts: tuple[str, str]) -> list[Piece]:
        both = (((words, "", ""), (texts[told], "", told)) for words, told in parts)
        return [piece for pair in both for piece in pair]

    lags = [(f"{', ' * bool(lag)}at lag {lag}: ", f"lag-{lag}") for lag in TOLD]
    return [
        pieces((f"{name} ", "setting"), (": half-life ", "half-life"), (", reach ", "reach")),
        pieces(*lags),
    ]


def _compare_drawn(
    axes: Axes, stops: Mapping[float, _Stop], start: float, labelled: Sequence[float]
) -> Iterator[Comparison]:
    """Compare the curves drawn, and each stored one, with the median of the gradients."""
    for index, setting in enumerate(labelled):
        curve, given = drawn(axes, f"labelled{index}"), powers_of_ten(stops[setting].median)
        yield compare(f"the curve of {number(setting)}", curve, given)
    lags = np.arange(len(stops[start].norms))
    yield compare("the lags", drawn(axes, "dial-median", along="x"), lags)
    for name, lag in (("half-life", stops[start].half_life), ("reach", stops[start].reach)):
        yield compare(name, drawn(axes, f"dial-{name}", along="x"), [lag or 0.0] * 2)
    median = powers_of_ten(stops[start].median)
    yield compare("the curve", drawn(axes, "dial-median"), median)
    top, bottom = (on_paper(axes, np.zeros(1), np.array([y]))[0, 1] for y in axes.get_ylim()[::-1])
    low, high = axes.get_ylim()
    for setting, stop in stops.items():
        stored = np.array(_stored(axes, setting, stop)["median"]) / 100
        powers = low + (bottom - stored) / (bottom - top) * (high - low)
        within = 0.006 / (bottom - top) * (high - low)  # of a hundredth of a point
        what = f"the stored curve of {number(setting)}"
        yield compare(what, powers, powers_of_ten(stop.median), within=within)


def _table(name: str, stops: Mapping[float, _Stop]) -> Table:
    """List some lags, the half-life and the reach of every setting."""
    rows = [
        (setting, *(float(stop.median[lag]) for lag in TOLD), stop.half_life, stop.reach)
        for setting, stop in stops.items()
    ]
    return Table((name, *(f"lag {lag}" for lag in TOLD), "half-life", "reach"), rows)


def _alt(name: str, stops: Mapping[float, _Stop], start: float, count: int) -> str:
    """Describe the curve shown, and what the ends of the settings give."""
    ends = f"{number(min(stops))} to {number(max(stops))}"
    words = [
        "Gradient of the last output with respect to the input k steps before, against k.",
        f"Median of {count} layers, for {len(stops)} settings of the {name} from {ends}.",
    ]
    for setting in (start, min(stops), max(stops)):
        texts = _texts(setting, stops[setting])
        told = ", ".join(f"{texts[f'lag-{lag}']} at lag {lag}" for lag in TOLD)
        words.append(
            f"{texts['setting']}: {told}; half-life {texts['half-life']}, reach {texts['reach']}."
        )
    return " ".join(words)
