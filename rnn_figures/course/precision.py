"""How far a layer in a smaller number format is from the same layer in float64, step by step."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import describe
from rnn_figures.figures import Plot, Table
from rnn_figures.plots.axes import step_axis
from rnn_figures.plots.curves import draw_powers
from rnn_figures.plots.style import new_plot, plot_style
from rnn_figures.traces.runs import steps_first

HEIGHT = 2.6
"""Inches of the axes."""

FORMATS = (torch.bfloat16, torch.float16, torch.float32)
"""Number formats compared, from the coarsest to the finest."""


@checked
def precision_plot(
    module: nn.RNNBase, input: Tensor, *, dtypes: Sequence[torch.dtype] = FORMATS
) -> Plot:
    """Run a layer in several number formats and plot how far each is from float64 at every step.

    The same weights and the same input, both rounded to each format. The difference at a step is
    the largest over sequences and units of output, on a logarithmic axis; where it is exactly 0 the
    line has a gap. It is a measurement: there is nothing to compare it with.

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
    if not input.is_floating_point():
        raise ValueError(f"expected an input of floating-point numbers, got {input.dtype}")
    exact = _output(module, input, torch.float64)
    if not dtypes or not exact.numel():
        raise ValueError(
            f"expected a format and a sequence to compare, got {len(dtypes)} formats and an output "
            f"of shape {tuple(exact.shape)}"
        )
    distances: dict[str, np.ndarray] = {}
    missing = []
    for dtype in dtypes:
        name = str(dtype).removeprefix("torch.")
        try:
            apart = (_output(module, input, dtype).double() - exact).abs()  # (L, N, D·H_out)
        except RuntimeError:  # no kernel of this format on this machine
            missing.append(name)
            continue
        distances[name] = apart.amax((1, 2)).cpu().numpy()
    with plot_style():
        plot = new_plot(HEIGHT)
        axes = plot.subplots()
        draw_powers(axes, distances, colour="ink", gid="format", height=HEIGHT * 72)
        axes.set_ylabel("difference from float64")
        step_axis(axes, len(exact))
    rows = [(t, *(float(d[t]) for d in distances.values())) for t in range(len(exact))]
    plot.alt = _alt(module, distances, missing)
    plot.data = Table(("step", *distances), rows)
    return plot


def _output(module: nn.RNNBase, input: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the output of a copy of the module in another format, (L, N, D·H_out)."""
    with torch.no_grad():
        output, _ = copy.deepcopy(module).to(dtype)(input.to(dtype))
    return steps_first(output, module.batch_first)[0]


def _alt(module: nn.RNNBase, distances: dict[str, np.ndarray], missing: list[str]) -> str:
    """Describe the difference of each format at the first step and its largest."""
    told = [
        f"{name} {values[0]:.1e} at step 0, at most {values.max():.1e} (step {values.argmax()})"
        for name, values in distances.items()
    ]
    words = f"Difference of output from float64, {describe(module)}: {'; '.join(told)}."
    if missing:
        words += f" Not supported on this machine: {', '.join(missing)}."
    return words
