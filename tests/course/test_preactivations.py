import pytest
import torch
from torch import nn

from rnn_figures.course import preactivation_diagram, preactivations
from rnn_figures.proofs import ProofError
from rnn_figures.traces.tracing import trace
from tests.drawing import drawing

SIZES = {"input_size": 5, "hidden_size": 4}


def run_of(**options):
    module = nn.LSTM(**SIZES, **options)
    shape = (3, 7, 5) if options.get("batch_first") else (7, 3, 5)
    return trace(module, torch.randn(*shape))


@pytest.mark.parametrize("options", [{}, {"bias": False}, {"batch_first": True}, {"num_layers": 2}])
def test_preactivation_diagram_adds_up_what_torch_adds_up(options):
    run = run_of(**options)

    data = preactivation_diagram(run, step=3).data

    module, layer = run.module, run[0, 0]
    cell = nn.LSTMCell(**SIZES, bias=options.get("bias", True))
    with torch.no_grad():
        for name, weight in cell.named_parameters():
            weight.copy_(module.get_parameter(f"{name}_l0"))
    state = layer.h[2, :1].detach(), layer.c[2, :1].detach()
    h, c = cell(layer.x[3, :1].detach(), state)
    i, f, g, o = torch.tensor([row["squashed"] for row in data]).chunk(4)
    assert torch.allclose(f * state[1][0] + i * g, c[0], atol=1e-6)
    assert torch.allclose(o * (f * state[1][0] + i * g).tanh(), h[0], atol=1e-6)
    parts = [[row[name] for row in data] for name in ("from x", "from h", "bias", "sum")]
    *added, sums = (torch.tensor(part) for part in parts)
    assert torch.allclose(torch.stack(added).sum(dim=0), sums, atol=1e-6)


def test_preactivation_diagram_has_a_row_for_each_sum_in_four_bands():
    diagram = preactivation_diagram(run_of(), step=0)

    nodes, _ = drawing(diagram)
    bands = [nodes[f"sums-sum-{row}"].classes[0] for row in range(16)]
    assert bands == [f"q-{letter}" for letter in "ifgo" for _ in range(4)]
    weights = [name for name in nodes if name.startswith("sums-W_ih-")]
    assert len(weights) == 16 * 5
    assert [nodes[f"sums-function-{letter}"].text for letter in "ifgo"] == ["σ", "σ", "tanh", "σ"]


def test_preactivation_diagram_reads_the_h_before():
    run = run_of()

    nodes, _ = drawing(preactivation_diagram(run, step=4))

    drawn = [float(nodes[f"sums-h-{row}"].text.replace("−", "-")) for row in range(4)]
    assert drawn == pytest.approx(run[0, 0].h[3, 0].tolist(), abs=0.006)


def test_preactivation_diagram_refuses_gates_that_are_not_the_modules(monkeypatch):
    monkeypatch.setattr(preactivations, "LETTERS", "figo")

    with pytest.raises(ProofError, match="the squashed sums"):
        preactivation_diagram(run_of())


@pytest.mark.parametrize(
    "module", [nn.GRU(5, 4), nn.LSTM(5, 4, proj_size=2), nn.LSTM(6, 4), nn.LSTM(2, 5)]
)
def test_preactivation_diagram_refuses_another_module_or_a_large_one(module):
    with pytest.raises(ValueError, match="without proj_size, of at most 4 units"):
        preactivation_diagram(trace(module, torch.randn(7, 1, module.input_size)))


def test_preactivation_diagram_refuses_a_step_that_is_not_there():
    with pytest.raises(IndexError):
        preactivation_diagram(run_of(), step=7)
