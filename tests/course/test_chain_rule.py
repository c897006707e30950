import pytest
import torch
from torch import nn

from rnn_figures.course import chain_rule, chain_rule_diagram
from rnn_figures.proofs import ProofError
from rnn_figures.traces.tracing import trace
from tests.drawing import drawing


def one_unit(make, **weights):
    """A layer of one unit whose named weights are set, the others as drawn."""
    module = make(1, 1)
    with torch.no_grad():
        for name, values in weights.items():
            weight = module.get_parameter(f"{name}_l0")
            weight.copy_(torch.tensor(values).view_as(weight))
    return module


def keeper():
    """An LSTM whose gates do not read h."""
    return one_unit(nn.LSTM, weight_hh=[0.0] * 4)


def products(diagram) -> list[float]:
    return [float(row["product"]) for row in diagram.data]


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_chain_rule_diagram_of_an_rnn_has_autograds_derivatives(nonlinearity):
    rnn = nn.RNN(1, 1, nonlinearity=nonlinearity)
    x = torch.rand(6, 1, 1) + 1

    diagram = chain_rule_diagram(trace(rnn, x))

    def last(h, t):
        return rnn(x[t + 1 :], h)[1]

    h = rnn(x)[0]
    given = [
        torch.autograd.functional.jacobian(lambda h, t=t: last(h, t), h[t : t + 1]).item()
        for t in range(5)
    ]
    assert products(diagram) == pytest.approx([*given, 1.0], abs=1e-6)


def test_chain_rule_diagram_of_an_lstm_multiplies_forget_gates():
    run = trace(keeper(), torch.randn(4, 1, 1))

    diagram = chain_rule_diagram(run)

    f = run[0, 0].f.flatten()
    given = [(f[1] * f[2] * f[3]).item(), (f[2] * f[3]).item(), f[3].item(), 1.0]
    assert products(diagram) == pytest.approx(given, abs=1e-6)
    assert "c[3] depends on c of each step" in diagram.alt


def test_chain_rule_diagram_can_be_checked_in_the_head():
    rnn = one_unit(nn.RNN, weight_ih=[0.0], weight_hh=[0.5], bias_ih=[0.0], bias_hh=[0.0])

    diagram = chain_rule_diagram(trace(rnn, torch.zeros(4, 1, 1)))

    nodes, arrows = drawing(diagram)
    assert products(diagram) == [0.125, 0.25, 0.5, 1.0]
    assert [nodes[f"chain-rule-factor-t{t}"].text for t in range(3)] == ["× 0.50"] * 3
    back = {(arrow.tail, arrow.head) for arrow in arrows if "-back-" in arrow.name}
    assert back == {(f"chain-rule-left-t{t + 1}", f"chain-rule-left-t{t}") for t in range(3)}


def test_chain_rule_diagram_bars_are_as_high_as_the_products():
    diagram = chain_rule_diagram(trace(keeper(), torch.randn(5, 1, 1)))

    nodes, _ = drawing(diagram)
    heights = [nodes[f"chain-rule-bar-t{t}"].height for t in range(5)]
    shares = [height / max(heights) for height in heights]
    assert shares == pytest.approx([max(p, 1.5 / 56) for p in products(diagram)], abs=0.02)


def test_chain_rule_diagram_reads_batch_first():
    rnn = nn.RNN(1, 1, batch_first=True)

    assert len(chain_rule_diagram(trace(rnn, torch.randn(1, 5, 1))).data.rows) == 5


@pytest.mark.parametrize("make", [lambda: nn.RNN(1, 1), keeper])
def test_chain_rule_diagram_refuses_factors_that_are_not_the_modules(make, monkeypatch):
    true = chain_rule._factors
    monkeypatch.setattr(chain_rule, "_factors", lambda run: 1.01 * true(run))

    with pytest.raises(ProofError, match="the products"):
        chain_rule_diagram(trace(make(), torch.randn(5, 1, 1)))


@pytest.mark.parametrize(
    "module",
    [nn.GRU(1, 1), nn.RNN(1, 2), nn.RNN(1, 1, num_layers=2), nn.RNN(1, 1, bidirectional=True)],
)
def test_chain_rule_diagram_refuses_what_has_no_single_chain(module):
    with pytest.raises(ValueError, match="of one unit, one layer and one direction"):
        chain_rule_diagram(trace(module, torch.randn(5, 1, 1)))


def test_chain_rule_diagram_refuses_a_detour_through_h():
    lstm = one_unit(nn.LSTM, weight_hh=[0.0, 0.0, 0.1, 0.0])

    with pytest.raises(ValueError, match="expected weight_hh 0"):
        chain_rule_diagram(trace(lstm, torch.randn(5, 1, 1)))


def test_chain_rule_diagram_refuses_more_steps_than_fit():
    with pytest.raises(ValueError, match=r"2 to 6 steps, got .* over 7 steps"):
        chain_rule_diagram(trace(nn.RNN(1, 1), torch.randn(7, 1, 1)))
