import pytest
import torch

from rnn_figures.course import squashing, squashing_plot
from rnn_figures.proofs import ProofError


def test_dots_stand_where_torch_has_them():
    plot = squashing_plot(sigmoid=[-10.0, 0.5], tanh=[1.6])

    assert [row["value"] for row in plot.data] == [
        torch.sigmoid(torch.tensor(-10.0, dtype=torch.float64)).item(),
        torch.sigmoid(torch.tensor(0.5, dtype=torch.float64)).item(),
        torch.tanh(torch.tensor(1.6, dtype=torch.float64)).item(),
    ]
    texts = [text.get_text() for axes in plot.axes for text in axes.texts]
    assert "−10 → 0.00" in texts
    assert "1.60 → 0.92" in texts
    assert plot.checked.startswith("equal to torch's, slopes to its autograd, torch ")


def test_only_what_has_a_sum_is_drawn_with_its_highest_slope():
    (axes,) = squashing_plot(tanh=[0.0]).axes

    assert axes.get_title(loc="left") == "tanh(sum)"
    assert axes.get_xlabel() == "sum"
    assert "slope, at most 1" in [text.get_text() for text in axes.texts]
    with pytest.raises(ValueError, match="expected a sum"):
        squashing_plot()


def test_a_wrong_slope_stops_the_build(monkeypatch):
    right = squashing._value_and_slope

    def wrong(name, sums):
        values, slopes = right(name, sums)
        return values, 1 - slopes

    monkeypatch.setattr(squashing, "_value_and_slope", wrong)

    with pytest.raises(ProofError, match="slope"):
        squashing_plot(sigmoid=[1.0])
