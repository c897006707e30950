import copy

import numpy as np
import pytest
import torch
from torch import nn

from rnn_figures.course import precision
from rnn_figures.course.precision import precision_plot

L, N = 7, 4


def difference(module, x, dtype):
    """Largest difference of each step from float64, computed in the open."""
    exact = copy.deepcopy(module).double()(x.double())[0]
    rounded = copy.deepcopy(module).to(dtype)(x.to(dtype))[0].double()
    return (rounded - exact).abs().amax((1, 2)).detach().numpy()


def line(plot, index):
    (found,) = [line for line in plot.axes[0].lines if line.get_gid() == f"format{index}"]
    return found


def test_precision_plot_draws_the_exponents_of_the_differences():
    gru, x = nn.GRU(3, 8), torch.randn(L, N, 3)

    plot = precision_plot(gru, x, dtypes=[torch.bfloat16, torch.float32])

    for index, dtype in enumerate((torch.bfloat16, torch.float32)):
        drawn = 10 ** np.asarray(line(plot, index).get_ydata(), dtype=float)
        assert np.allclose(drawn, difference(gru, x, dtype), atol=1e-12, rtol=1e-9)


def test_precision_plot_reads_steps_along_the_right_axis():
    gru = nn.GRU(3, 8, batch_first=True)

    batched = precision_plot(gru, torch.randn(N, L, 3), dtypes=[torch.float32])
    unbatched = precision_plot(gru, torch.randn(L, 3), dtypes=[torch.float32])

    assert len(batched.data.rows) == len(unbatched.data.rows) == L


def test_precision_plot_lists_and_tells_the_differences():
    lstm, x = nn.LSTM(3, 8), torch.randn(L, N, 3)
    expected = difference(lstm, x, torch.bfloat16)

    plot = precision_plot(lstm, x, dtypes=[torch.bfloat16])

    assert plot.data.columns == ("step", "bfloat16")
    assert np.allclose(np.array(plot.data.rows, dtype=float)[:, 1], expected, atol=1e-12, rtol=0)
    assert f"at most {expected.max():.1e} (step {expected.argmax()})" in plot.alt
    assert plot.proof is None


def test_precision_plot_says_which_format_the_machine_cannot_run(monkeypatch):
    run = precision._output

    def without_half(module, input, dtype):
        if dtype == torch.float16:
            raise RuntimeError("not implemented for 'Half'")
        return run(module, input, dtype)

    monkeypatch.setattr(precision, "_output", without_half)

    plot = precision_plot(nn.GRU(3, 8), torch.randn(L, N, 3))

    assert plot.data.columns == ("step", "bfloat16", "float32")
    assert plot.alt.endswith("Not supported on this machine: float16.")


def test_precision_plot_leaves_the_module_as_it_is():
    gru = nn.GRU(3, 8)
    before = {name: weight.clone() for name, weight in gru.state_dict().items()}

    precision_plot(gru, torch.randn(L, N, 3), dtypes=[torch.bfloat16])

    assert all(torch.equal(weight, before[name]) for name, weight in gru.state_dict().items())
    assert {weight.dtype for weight in gru.parameters()} == {torch.float32}


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_precision_plot_float64_is_exact_and_a_gap(kind):
    plot = precision_plot(kind(3, 8), torch.randn(L, N, 3), dtypes=[torch.float64])

    assert [row[1] for row in plot.data.rows] == [0.0] * L
    assert np.isnan(line(plot, 0).get_ydata()).all()
