"""PyTorch's GRU and the paper's on the same weights, as Python draws them."""

import pytest
import torch
from torch import nn

from rnn_figures import to_html
from rnn_figures.course import gru_forms_plot
from rnn_figures.proofs import ProofError

R = (0.2, 0.5, 0.9)


@pytest.fixture
def gru():
    torch.manual_seed(0)
    return nn.GRU(5, 3)


@pytest.fixture
def x():
    torch.manual_seed(1)
    return torch.randn(8, 1, 5)


def test_the_first_form_is_the_live_module_with_its_gate_held(gru, x):
    plot = gru_forms_plot(gru, x, r=R, step=7)

    held = nn.GRU(5, 3, dtype=torch.float64)
    held.load_state_dict(gru.state_dict())
    with torch.no_grad():
        for weight in held.parameters():
            weight[:3] = 0.0
        held.bias_hh_l0[:3] = torch.logit(torch.tensor(R, dtype=torch.float64))
    expected = held(x.double())[0].flatten().tolist()
    assert [row["PyTorch"] for row in plot.data] == pytest.approx(expected, abs=1e-12)
    assert plot.proof.holds


@pytest.mark.parametrize(
    ("r", "bias", "same"),
    [
        ((1, 1, 1), True, True),
        ((0.5,) * 3, False, True),
        ((0.5,) * 3, True, False),
        (R, False, False),
    ],
)
def test_when_both_forms_are_one(gru, x, r, bias, same):
    if not bias:
        with torch.no_grad():
            gru.bias_hh_l0[6:] = 0.0

    plot = gru_forms_plot(gru, x, r=r, step=0)

    largest = max(abs(row["difference"]) for row in plot.data)
    assert (largest < 1e-12) == same
    assert same or largest > 0.01


def test_it_is_complete_without_a_script(gru, x):
    html = to_html(gru_forms_plot(gru, x, r=R, step=7), id="g")

    for unit in range(3):
        assert f'id="g-forms-torch-{unit}"' in html
        assert f'id="g-forms-paper-{unit}"' in html
    assert all(f'id="g-forms-gap-{t}"' in html for t in range(8))
    assert html.count('data-number="paper-') == 3


def test_it_changes_nothing_of_the_module(gru, x):
    before = {name: weight.clone() for name, weight in gru.state_dict().items()}

    gru_forms_plot(gru, x, r=R, step=7)

    assert all(torch.equal(weight, before[name]) for name, weight in gru.state_dict().items())


def test_another_formula_is_refused(gru, x, monkeypatch):
    from importlib import import_module

    module = import_module("rnn_figures.course.gru_forms")
    forms = module.both_forms

    def exchanged(*given):
        found = forms(*given)
        return {"torch": found["paper"], "paper": found["torch"]}

    monkeypatch.setattr(module, "both_forms", exchanged)
    with pytest.raises(ProofError, match="PyTorch's form"):
        module.gru_forms_plot(gru, x, r=R, step=7)


def test_r_of_each_unit_is_needed(gru, x):
    with pytest.raises(ValueError, match="expected 3 numbers for r, one a unit, got 1"):
        gru_forms_plot(gru, x, r=(0.5,), step=7)
