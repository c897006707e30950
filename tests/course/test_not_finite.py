"""NaN in the input of an honest module: a figure draws it, or says that it needs finite numbers."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnn_figures import cell_diagram, gradient_lag_plot, trace
from rnn_figures.course import (
    axes_diagram,
    backward_diagram,
    calls_diagram,
    chain_rule_diagram,
    gru_forms_plot,
    last_step_diagram,
    leak_diagram,
    reach_plot,
)


def with_nan(*shape: int) -> torch.Tensor:
    """Return numbers, of which one in the middle of the last sequence is NaN."""
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    x[2, -1, 0] = torch.nan
    return x


X = with_nan(4, 2, 5)

NEED_FINITE: dict[str, Callable[[nn.RNNBase], Any]] = {
    "axes_diagram": lambda module: axes_diagram(module, X),
    "backward_diagram": lambda module: backward_diagram(module, X, lengths=(2, 2), detach=True),
    "calls_diagram": lambda module: calls_diagram(module, X, lengths=(2, 2)),
    "gradient_lag_plot": lambda module: gradient_lag_plot({"a": [(module, X[:, 1:])]}),
    "leak_diagram": lambda module: leak_diagram(module, X),
    "reach_plot": lambda module: reach_plot(module, X, sequence=1),
}


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("figure", NEED_FINITE)
def test_what_cannot_be_drawn_is_told_as_it_is(figure, kind):
    with pytest.raises(ValueError, match=r"^expected finite \w+, got NaN or infinity"):
        NEED_FINITE[figure](kind(5, 3))


def test_chain_rule_diagram_needs_finite_states():
    with pytest.raises(ValueError, match=r"^expected finite states and derivatives"):
        chain_rule_diagram(trace(nn.RNN(1, 1), with_nan(4, 1, 1)))


def test_gru_forms_plot_needs_a_finite_input():
    with pytest.raises(ValueError, match=r"^expected finite numbers in the input"):
        gru_forms_plot(nn.GRU(5, 3), with_nan(4, 1, 5), r=[0.2, 0.8], step=2)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_cell_diagram_draws_a_step_of_nan(kind):
    step = trace(kind(5, 3), X[:, 1:])[0, 0].step(2)

    assert "= nan, nan, nan" in cell_diagram(kind.__name__, step).alt


def test_last_step_diagram_needs_finite_outputs():
    with pytest.raises(ValueError, match=r"^expected finite outputs"):
        last_step_diagram(nn.GRU(5, 3), pack_sequence([with_nan(4, 1, 5)[:, 0]]))
