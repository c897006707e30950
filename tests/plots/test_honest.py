"""No honest module is refused by what is read back from its pictures, whatever its numbers are."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import (
    equality_plot,
    explain,
    gate_plot,
    h_n_table,
    shape_table,
    state_plot,
    trace,
    weight_sizes_plot,
)
from rnn_figures.course import contribution_plot, mixing_plot, returned_plot

FIGURES: tuple[Callable[[Any], Any], ...] = (
    contribution_plot,
    equality_plot,
    gate_plot,
    h_n_table,
    mixing_plot,
    returned_plot,
    state_plot,
)
"""What draws a trace, or says in a ValueError why this one is not for it."""

DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


def draw_all(module: nn.RNNBase, input: Any) -> Iterator[str]:
    """Draw what can be drawn, and walk the names of that."""
    traced = trace(module, input)
    for figure in FIGURES:
        try:
            figure(traced)
        except ValueError as error:
            if not str(error).startswith("expected "):
                raise
        else:
            yield figure.__name__


def random_run(seed: int) -> tuple[nn.RNNBase, Any]:
    """Return a module and an input: sizes, options, types and scales at random."""
    torch.manual_seed(seed)
    of = random.Random(seed)
    kind = of.choice([nn.LSTM, nn.GRU, nn.RNN])
    input_size, hidden_size = of.choice([1, 3, 9]), of.choice([1, 2, 3, 7, 17, 40])
    steps, sequences = of.choice([1, 2, 5, 12, 30]), of.choice([1, 2, 5])
    options: dict[str, Any] = {
        "num_layers": of.choice([1, 2, 3]),
        "bidirectional": of.random() < 0.4,
        "bias": of.random() < 0.8,
    }
    if kind is nn.RNN:
        options["nonlinearity"] = of.choice(["tanh", "relu"])
    if kind is nn.LSTM and hidden_size > 1 and of.random() < 0.3:
        options["proj_size"] = of.randrange(1, hidden_size)
    module = kind(input_size, hidden_size, **options).to(of.choice(DTYPES))
    with torch.no_grad():
        factor = of.choice([1, 1, 0.01, 3])
        for weight in module.parameters():
            weight.mul_(factor)
    x = of.choice([1, 1, 0, 1e-6, 1e3]) * torch.randn(steps, sequences, input_size)
    if of.random() < 0.15:
        step, value = of.randrange(steps), of.choice([torch.nan, torch.inf])
        # a CPU with AMX multiplies by oneDNN, which then spreads it to the step before
        if next(module.parameters()).dtype is not torch.bfloat16:
            x[step, 0, 0] = value
    x = x.to(next(module.parameters()))
    if of.random() < 0.3:
        lengths = torch.randint(1, steps + 1, (sequences,))
        return module, pack_padded_sequence(x, lengths, enforce_sorted=False)
    return module, x


def test_a_heat_map_of_nothing_but_zeros_is_drawn(tmp_path):
    module = nn.RNN(3, 40, bias=False)

    assert {"gate_plot", "state_plot"} <= {*draw_all(module, torch.zeros(6, 2, 3))}
    explain(module, torch.zeros(6, 2, 3), path=tmp_path / "report.html")


def test_equality_plot_tells_a_projected_h_from_a_c_of_another_width():
    module = nn.LSTM(9, 17, bidirectional=True, proj_size=7)

    assert "equality_plot" in draw_all(module, torch.randn(3, 5, 9))


@pytest.mark.parametrize("dtype", DTYPES)
def test_contribution_plot_writes_the_c_of_the_modules_own_type(dtype):
    for seed in range(12):
        torch.manual_seed(seed)
        module = nn.LSTM(9, 3).to(dtype)
        assert "contribution_plot" in draw_all(module, torch.zeros(30, 1, 9, dtype=dtype))


@pytest.mark.parametrize(
    "seed", [*range(20), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(20, 400))]
)
def test_no_honest_module_is_refused(seed):
    module, x = random_run(seed)

    assert {*draw_all(module, x)}
    shape_table(module, x)
    if module.hidden_size < 17:
        weight_sizes_plot(module)
