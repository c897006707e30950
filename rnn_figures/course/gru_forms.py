"""Two GRUs on the same weights, PyTorch's and the paper's, r held at a number for each unit."""

import copy
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.figures import Live, Piece, Plot, Table
from rnn_figures.numbers import number
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import ABOVE, name_strip, on_paper, step_axis, write_at
from rnn_figures.plots.curves import drawn
from rnn_figures.plots.reading import bar_ends, prove_shown
from rnn_figures.plots.style import new_plot, plot_style
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.agreement import TOLERANCE
from rnn_figures.traces.runs import refuse_not_finite, refuse_random
from rnn_figures.weights import weights

STOPS = 21
"""Numbers at which r can be held: 0 to 1."""

LEFT, WIDTH, STRIP, GAPS, BETWEEN = 84.0, 266.0, 46.0, 62.0, 12.0
"""In points: left end and width of the strips, their height, that of the gap's, between two."""

ROUNDING = TOLERANCE[torch.float64]

WHY = {
    "apart": "r differs between units: the matrix mixes them, so r before it is not r after it",
    "open": "every r is 1: both forms are the same sum",
    "bias": "one r for all: it may stand before the matrix or after it, so only b_hn makes the gap",
    "none": "one r for all and no b_hn: both forms are the same",
}
"""Why the gap is what it is, by the case."""


@checked
def gru_forms_plot(module: nn.GRU, input: Tensor, *, r: Sequence[float], step: int) -> Plot:
    """Plot h of PyTorch's GRU and of the paper's, and the gap, r held at a number for each unit.

    The paper's n reads W_hn (r ⊙ h) + b_hn, the last version of Cho et al. (2014); PyTorch's reads
    r ⊙ (W_hn h + b_hn). A page's script holds r at other numbers; the axes hold every one of them.

    Args:
        module: One layer, one direction, with biases; it is not changed.
        input: (L, 1, H_in).
        r: For each unit, the number that its reset gate is held at: inside 0 to 1.
        step: The step whose numbers are written out.

    Returns:
        The plot; its table has h of both at every step.

    Raises:
        ValueError: the module or the input is another, or not one r for each unit.
        IndexError: there is no such step.
        ProofError: what is drawn is not what nn.GRU returns with its r held there.
    """
    _check(module, input, step)
    if len(r) != module.hidden_size:
        raise ValueError(f"expected {module.hidden_size} numbers for r, one a unit, got {len(r)}")
    own = {name: weight.detach().double() for name, weight in weights(module, 0, 0).items()}
    sequence = input[:, 0].detach().double()
    held = torch.tensor([list(r)], dtype=torch.float64)
    runs = {name: run[:, 0] for name, run in both_forms(own, sequence, held).items()}
    with plot_style():
        plot, strips, gaps = _axes(len(r))
        _draw_runs(strips, runs)
        _draw_gaps(gaps, _gap(runs), _largest_gap(own, sequence), step)
    plot.alt = _alt(r, runs)
    plot.data = _table(runs)
    settings = {
        "weights": {name: weight.tolist() for name, weight in own.items()},
        "input": sequence.tolist(),
        "r": list(r),
        "step": step,
        "why": WHY,
        **_positions(strips, gaps, len(sequence)),
    }
    plot.live = Live("rnn-forms", settings, (), _lines(runs, step))
    shown = _shown(strips)
    apart = shown["torch"] - shown["paper"]
    gap = apart.abs().amax(dim=1)
    opened = both_forms(own, sequence, torch.ones_like(held))["paper"][:, 0]
    whole = _live_output(module, sequence, [1.0] * len(r))
    bars = bar_ends(gaps.containers[0])
    plot.proof = Proof(
        "PyTorch's form equal to nn.GRU with r held there, and the paper's to nn.GRU where r is 1",
        compare(
            "PyTorch's form", shown["torch"], _live_output(module, sequence, r), within=ROUNDING
        ),
        compare("the paper's form with r at 1", opened, whole, within=ROUNDING),
        compare("the gaps", bars, [*enumerate(gap.tolist())], within=ROUNDING),
    )
    given = {"unit": [*range(len(r))] * len(sequence), "difference": apart}
    prove_shown(plot, given=given, aside=("gap",), told=[*r, *gap.tolist()])
    return plot


def both_forms(weights: Mapping[str, Tensor], input: Tensor, r: Tensor) -> dict[str, Tensor]:
    """Run both forms from zeros for many r, (settings, H), at once: h, (L, settings, H)."""
    matrix, bias = weights["weight_hh"].chunk(3)[2], weights["bias_hh"].chunk(3)[2]
    inside = {
        "torch": lambda h: r * (h @ matrix.T + bias),
        "paper": lambda h: (r * h) @ matrix.T + bias,
    }
    found = {}
    for name, recurrent in inside.items():
        h, steps = torch.zeros_like(r), []
        for x in input:
            of_x = (weights["weight_ih"] @ x + weights["bias_ih"]).chunk(3)
            of_h = (h @ weights["weight_hh"].T + weights["bias_hh"]).chunk(3, dim=1)
            z = torch.sigmoid(of_x[1] + of_h[1])
            h = (1 - z) * torch.tanh(of_x[2] + recurrent(h)) + z * h
            steps.append(h)
        found[name] = torch.stack(steps)
    return found


def _check(module: nn.GRU, input: Tensor, step: int) -> None:
    """Raise for a module, an input or a step that nothing can be drawn of."""
    refuse_random(module)
    if module.num_layers > 1 or module.bidirectional or not module.bias:
        raise ValueError(f"expected one layer, one direction and biases, got {describe(module)}")
    if input.dim() != 3 or input.shape[1:] != (1, module.input_size) or not len(input):
        raise ValueError(
            f"expected an input of shape (L, 1, {module.input_size}), got {tuple(input.shape)}"
        )
    refuse_not_finite("numbers in the input", input)
    if not 0 <= step < len(input):
        raise IndexError(f"expected a step in 0..{len(input) - 1}, got {step}")


def _live_output(module: nn.GRU, input: Tensor, r: Sequence[float]) -> Tensor:
    """Return nn.GRU's output, (L, H), its reset gate held by its own weights and bias."""
    held = copy.deepcopy(module).double()
    units = held.hidden_size
    with torch.no_grad():
        for name, weight in held.named_parameters():
            weight[:units] = 0.0
            if name == "bias_ih_l0":
                weight[:units] = torch.logit(torch.tensor(list(r), dtype=torch.float64)).clamp(
                    -800, 800
                )
        return held(input.unsqueeze(1))[0][:, 0]


def _gap(runs: Mapping[str, Tensor]) -> Tensor:
    """Return the largest difference over the units at each step; 0 where it is rounding."""
    gap = (runs["torch"] - runs["paper"]).abs().amax(dim=-1)
    return torch.where(gap < ROUNDING, 0.0, gap)


def _largest_gap(weights: Mapping[str, Tensor], input: Tensor) -> float:
    """Return the largest gap of any step that a reader can reach, with b_hn and without."""
    units = weights["weight_hh"].shape[1]
    stops = np.linspace(0, 1, STOPS)
    every = torch.tensor(list(itertools.product(stops, repeat=units)), dtype=torch.float64)
    without = torch.cat([weights["bias_hh"][: 2 * units], torch.zeros(units).double()])
    both = (weights, {**weights, "bias_hh": without})
    return max(float(_gap(both_forms(one, input, every)).max()) for one in both)


def _axes(units: int) -> tuple[Plot, list[Axes], Axes]:
    """Return an empty plot with a strip for each unit and one for the gap, at fixed places."""
    bottom = 40.0
    height = bottom + GAPS + units * (STRIP + BETWEEN) + 34
    plot = new_plot(height / 72, arranged=False)
    wide, high = plot.get_size_inches() * 72

    def strip(y: float, height: float) -> Axes:
        return plot.add_axes((LEFT / wide, y / high, WIDTH / wide, height / high))

    gaps = strip(bottom, GAPS)
    top = bottom + GAPS + units * (STRIP + BETWEEN)
    strips = [strip(top - (unit + 1) * (STRIP + BETWEEN) + BETWEEN, STRIP) for unit in range(units)]
    return plot, strips, gaps


def _draw_runs(strips: Sequence[Axes], runs: Mapping[str, Tensor]) -> None:
    """Draw each unit of both forms on an axis from −1 to 1."""
    steps = np.arange(len(runs["torch"]))
    looks: dict[str, dict[str, Any]] = {
        "torch": {"color": COLOURS["h"], "linewidth": 3.4, "label": "PyTorch: r after W"},
        "paper": {
            "color": COLOURS["ink"],
            "linewidth": 1.4,
            "linestyle": (0, (4, 1.6)),
            "label": "paper: r before W",
        },
    }
    for unit, axes in enumerate(strips):
        for name, run in runs.items():
            gid = f"forms-{name}-{unit}"
            axes.plot(steps, run[:, unit], gid=gid, clip_on=False, zorder=3, **looks[name])
        axes.set_ylim(-1.05, 1.05)
        axes.set_yticks([-1, 0, 1])
        step_axis(axes, len(steps))
        axes.set_xticklabels([])
        axes.set_xlabel("")
        name_strip(axes, "h", f"unit {unit}", distance=32)
    strips[0].legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncols=2, borderpad=0)


def _draw_gaps(axes: Axes, gap: Tensor, largest: float, step: int) -> None:
    """Draw the gap at each step as a bar, on an axis that holds every gap; mark one step."""
    axes.axvspan(step - 0.5, step + 0.5, color=COLOURS["faint"], alpha=0.18, gid="forms-now")
    bars = axes.bar(
        range(len(gap)), gap.tolist(), width=0.5, color=COLOURS["ink"], zorder=3, label="gap"
    )
    for t, bar in enumerate(bars):
        bar.set_gid(f"forms-gap-{t}")
    axes.set_ylim(0, 1.04 * largest)
    step_axis(axes, len(gap))
    look: dict[str, Any] = ABOVE | {"ha": "right"}
    write_at(axes, "gap", (0, 0.5), (-32, 1), fontweight="bold", **look)
    write_at(axes, "largest unit", (0, 0.5), (-32, -11), **look)


def _shown(strips: Sequence[Axes]) -> dict[str, Tensor]:
    """Return h of both forms as it is drawn, (L, H) each."""
    by_unit = {
        name: [drawn(axes, f"forms-{name}-{unit}") for unit, axes in enumerate(strips)]
        for name in ("torch", "paper")
    }
    return {name: torch.tensor(np.stack(lines, axis=1)) for name, lines in by_unit.items()}


def _positions(strips: Sequence[Axes], gaps: Axes, steps: int) -> dict[str, object]:
    """Return where steps, and the values 0 and 1 of each strip, are in the drawing."""
    x = on_paper(gaps, np.arange(steps), np.zeros(steps))[:, 0]

    def zero_and_one(axes: Axes) -> list[float]:
        return on_paper(axes, np.zeros(2), np.array([0.0, 1.0]))[:, 1].round(3).tolist()

    return {
        "x": x.round(2).tolist(),
        "pitch": round(float(x[1] - x[0]), 3),
        "strips": [zero_and_one(axes) for axes in strips],
        "gaps": zero_and_one(gaps),
    }


def _lines(runs: Mapping[str, Tensor], step: int) -> list[list[Piece]]:
    """Return the sentences below the plot."""
    words = {"torch": "PyTorch h ", "paper": "paper h "}
    first: list[Piece] = [("Step ", "", ""), (f"{step}", "", "t"), (": ", "", "")]
    for index, (name, run) in enumerate(runs.items()):
        first.append((f"{', ' * bool(index)}{words[name]}", "", ""))
        for unit, value in enumerate(run[step].tolist()):
            first += [(" " * bool(unit), "", ""), (number(value), "h", f"{name}-{unit}")]
    gap = number(_gap(runs)[step])
    return [
        [*first, (", gap ", "", ""), (gap, "", "gap"), (".", "", "")],
        [("Why: ", "", ""), (WHY["apart"], "", "why"), (".", "", "")],
    ]


def _table(runs: Mapping[str, Tensor]) -> Table:
    """List h of both forms, and their difference."""
    pairs = zip(runs["torch"].flatten().tolist(), runs["paper"].flatten().tolist(), strict=True)
    places = np.ndindex(*runs["torch"].shape)
    rows = [(*at, one, other, one - other) for at, (one, other) in zip(places, pairs, strict=True)]
    return Table(("step", "unit", "PyTorch", "paper", "difference"), rows)


def _alt(r: Sequence[float], runs: Mapping[str, Tensor]) -> str:
    """Describe both runs by their last h and by the gap at every step."""
    held = ", ".join(number(value) for value in r)
    last = {name: ", ".join(map(number, run[-1].tolist())) for name, run in runs.items()}
    gaps = ", ".join(map(number, _gap(runs).tolist()))
    return (
        f"h of PyTorch's GRU and of the paper's on the same weights, r held at {held}. After the "
        f"last step PyTorch's h is {last['torch']}, the paper's {last['paper']}. Largest "
        f"difference of any unit, step by step: {gaps}."
    )
