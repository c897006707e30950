import torch
from matplotlib.colors import same_color
from matplotlib.patches import Rectangle
from torch import nn

from rnn_figures import trace
from rnn_figures.palette import COLOURS
from tests.examples.plot_example import last_state_plot

L, N, H_IN, H = 7, 2, 5, 3


def test_last_state_plot_has_a_bar_as_high_as_each_unit():
    x = torch.randn(L, N, H_IN)
    gru = nn.GRU(H_IN, H)

    plot = last_state_plot(trace(gru, x))

    _, h_n = gru(x)
    # what was drawn, not its pixels
    bars = [patch for patch in plot.axes[0].patches if isinstance(patch, Rectangle)]
    assert [bar.get_height() for bar in bars] == h_n[0, 0].tolist()
    assert all(same_color(bar.get_facecolor(), COLOURS["h"]) for bar in bars)
    assert plot.checked.startswith("equal to h_n, torch ")
