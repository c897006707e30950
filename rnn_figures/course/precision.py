"""How far a layer in a smaller number format is from the same layer in float64, step by step."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator
from torch import Tensor, nn

from rnn_figures.configurations import describe
from rnn_figures.figures import Plot, Table
from rnn_figures.palette import COLOURS
from rnn_figures.plots.axes import step_axis
from rnn_figures.plots.marks import MARKED_STEPS, label_ends
from rnn_figures.plots.style import LINES, MARKERS, new_plot, plot_style

HEIGHT = 2.6
"""Inches of the axes."""

FLOOR = 1e-18
"""What an exact zero is drawn as: a logarithm has none."""

FORMATS = (torch.bfloat16, torch.float16, torch.float32)
"""Number formats compared, from the coarsest to the finest."""


def precision_plot(
    module: nn.RNNBase, input: Tensor, *, dtypes: Sequence[torch.dtype] = FORMATS
) -> Plot:
    """Run a layer in several number formats and plot how far each is from float64 at every step.

    The same weights and the same input, both rounded to each format. The difference at a step is
    the largest over sequences and units of output, on a logarithmic axis.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, without active dropout; it stays as it is.
        input: What the module takes, (L, N, H_in), or (N, L, H_in) with batch_first.
        dtypes: Floating formats; one that this machine cannot run is left out, and said so.

    Returns:
        The plot; `data` has a row for each step.

    Examples:
        >>> precision_plot(nn.GRU(5, 3), torch.ones(4, 1, 5), dtypes=[torch.float32]).data.columns
        ('step', 'float32')
    """
    exact = _output(module, input, torch.float64)
    distances: dict[str, np.ndarray] = {}
    missing = []
    for dtype in dtypes:
        name = str(dtype).removeprefix("torch.")
        try:
            apart = (_output(module, input, dtype).double() - exact).abs()
        except RuntimeError:  # no kernel of this format on this machine
            missing.append(name)
            continue
        steps_axis = 1 if module.batch_first and input.dim() == 3 else 0
        distances[name] = apart.movedim(steps_axis, 0).flatten(1).amax(1).cpu().numpy()
    with plot_style():
        plot = new_plot(HEIGHT)
        _draw(plot.subplots(), distances)
    steps = range(len(next(iter(distances.values()), ())))
    rows = [(t, *(float(values[t]) for values in distances.values())) for t in steps]
    plot.alt = _alt(module, distances, missing)
    plot.data = Table(("step", *distances), rows)
    version = torch.__version__.partition("+")[0]
    plot.proof = f"measured against {describe(module)} in float64, torch {version}"
    return plot


def _output(module: nn.RNNBase, input: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the output of a copy of the module in another format."""
    with torch.no_grad():
        return copy.deepcopy(module).to(dtype)(input.to(dtype))[0]


def _draw(axes: Axes, distances: dict[str, np.ndarray]) -> None:
    """Draw the exponents on a linear axis: the labels at the lines' ends are moved apart there."""
    exponents = {name: np.log10(np.maximum(values, FLOOR)) for name, values in distances.items()}
    ends = []
    for place, (name, values) in enumerate(exponents.items()):
        ends.append((float(len(values) - 1), float(values[-1])))
        axes.plot(
            np.arange(len(values)),
            values,
            color=COLOURS["ink"],
            linestyle=LINES[place],
            marker=MARKERS[place],
            markevery=max(1, len(values) // MARKED_STEPS),
            markeredgecolor=COLOURS["paper"],
            label=name,
            gid=f"format-{name}",
        )
    low = min(values.min() for values in exponents.values())
    high = max(values.max() for values in exponents.values())
    axes.set_ylim(np.floor(low) - 0.2, np.ceil(high) + 0.2)
    axes.yaxis.set_major_locator(MultipleLocator(1))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda exponent, _: f"{10**exponent:g}"))
    axes.set_ylabel("difference from float64")
    step_axis(axes, len(next(iter(exponents.values()))))
    label_ends(axes, list(exponents), ends, height=HEIGHT * 72)


def _alt(module: nn.RNNBase, distances: dict[str, np.ndarray], missing: list[str]) -> str:
    """Tell the difference of each format at the first step and its largest."""
    told = [
        f"{name} {values[0]:.1e} at step 0, at most {values.max():.1e} (step {values.argmax()})"
        for name, values in distances.items()
    ]
    words = f"Difference of output from float64, {describe(module)}: {'; '.join(told)}."
    if missing:
        words += f" Not supported on this machine: {', '.join(missing)}."
    return words
