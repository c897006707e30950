import pytest
import torch
from torch import nn

from rnn_figures.course import axes, axes_diagram, leak_diagram
from rnn_figures.proofs import Proof, ProofError
from rnn_figures.traces import TraceMismatchError
from tests.drawing import drawing, texts_that_clash


def moved_rows(diagram) -> set[int]:
    """The sequences of which some output moved."""
    return {int(row[0]) for row in diagram.data.rows if float(row[2]) > 0}


def reaches(diagram) -> set[tuple[str, str]]:
    """The ends of every arrow of a state."""
    _, arrows = drawing(diagram)
    return {(arrow.tail, arrow.head) for arrow in arrows if "q-h" in arrow.classes}


@pytest.mark.parametrize(
    "module", [nn.LSTM(5, 8, batch_first=True), nn.GRU(5, 8, batch_first=True)]
)
def test_axes_diagram_runs_along_the_rows_with_batch_first(module):
    diagram = axes_diagram(module, torch.randn(3, 4, 5))

    rows = {(f"axes-{n}-{t}", f"axes-{n}-{t + 1}") for n in range(3) for t in range(3)}
    assert reaches(diagram) == rows
    assert diagram.data.rows[:2] == ((0, 3, "N", "sequences"), (1, 4, "L", "steps"))


def test_axes_diagram_runs_down_the_columns_without_batch_first():
    diagram = axes_diagram(nn.LSTM(5, 8, num_layers=2), torch.randn(3, 4, 5))

    columns = {(f"axes-{t}-{n}", f"axes-{t + 1}-{n}") for n in range(4) for t in range(2)}
    assert reaches(diagram) == columns
    assert "Axis 0 of size 3 is read as steps" in diagram.alt
    assert "The state runs along axis 0" in diagram.alt


def test_axes_diagram_runs_both_ways_with_two_directions():
    module = nn.RNN(5, 8, batch_first=True, bidirectional=True)

    diagram = axes_diagram(module, torch.randn(2, 3, 5))

    there = {(f"axes-{n}-{t}", f"axes-{n}-{t + 1}") for n in range(2) for t in range(2)}
    assert reaches(diagram) == there | {(head, tail) for tail, head in there}


@pytest.mark.parametrize("batch_first", [True, False])
def test_axes_diagram_frames_the_slice_of_the_first_step(batch_first):
    diagram = axes_diagram(nn.GRU(5, 8, batch_first=batch_first), torch.randn(3, 4, 5))

    nodes, _ = drawing(diagram)
    frame = nodes["axes-first"]
    inside = {
        (row, column)
        for row in range(3)
        for column in range(4)
        if frame.left < nodes[f"axes-{row}-{column}"].x < frame.right
        and frame.bottom < nodes[f"axes-{row}-{column}"].y < frame.top
    }
    first = {(n, 0) for n in range(3)} if batch_first else {(0, n) for n in range(4)}
    assert inside == first
    assert ("input[:, 0]" if batch_first else "input[0]") in nodes["axes-first-name"].text


def test_axes_diagram_refuses_a_module_that_does_not_read_step_by_step():
    class Mean(nn.GRU):
        def forward(self, input, hx=None):
            return super().forward(input - input.mean(0), hx)

    with pytest.raises(TraceMismatchError):
        axes_diagram(Mean(5, 8), torch.randn(3, 4, 5))


def test_axes_diagram_refuses_one_sequence():
    with pytest.raises(ValueError, match="a batched input of three axes"):
        axes_diagram(nn.GRU(5, 8), torch.randn(4, 5))


def test_axes_diagram_refuses_more_than_fits():
    with pytest.raises(ValueError, match=r"at most \(6, 12, H_in\), got \(7, 2, 5\)"):
        axes_diagram(nn.GRU(5, 8), torch.randn(7, 2, 5))


def test_leak_diagram_moves_nothing_but_the_nudged_row_with_batch_first():
    module, x = nn.LSTM(5, 8, batch_first=True), torch.randn(3, 4, 5)

    diagram = leak_diagram(module, x, nudged=1)

    assert moved_rows(diagram) == {1}
    assert "No other sequence moves" in diagram.alt


def test_leak_diagram_shows_the_leak_without_batch_first():
    module, x = nn.LSTM(5, 8), torch.randn(3, 4, 5)
    nudged = x.clone()
    nudged[1] += 1.0

    diagram = leak_diagram(module, x, nudged=1)

    expected = (module(nudged)[0] - module(x)[0]).abs().amax(-1).flatten().tolist()
    assert [row[2] for row in diagram.data.rows] == pytest.approx(expected, abs=1e-6)
    assert moved_rows(diagram) == {1, 2}
    assert "Other sequences move too: sequence 2" in diagram.alt


def test_leak_diagram_rings_what_should_not_have_moved():
    diagram = leak_diagram(nn.GRU(5, 8), torch.randn(2, 4, 5))

    nodes, _ = drawing(diagram)
    ringed = {name for name, node in nodes.items() if node.drawn.get("penwidth") == "2.4"}
    assert ringed == {f"leak-n1-t{t}" for t in range(4)}


def test_leak_diagram_refuses_a_sequence_that_is_not_there():
    with pytest.raises(ValueError, match=r"a sequence in 0\.\.2 to nudge, got 3"):
        leak_diagram(nn.GRU(5, 8), torch.randn(3, 4, 5), nudged=3)


def test_leak_diagram_refuses_active_dropout():
    with pytest.raises(ValueError, match="without active dropout"):
        leak_diagram(nn.GRU(5, 8, 2, dropout=0.5), torch.randn(3, 4, 5))


@pytest.mark.parametrize("shape", [(2, 8, 5), (3, 4, 5), (6, 2, 5)])
@pytest.mark.parametrize("batch_first", [True, False])
def test_axes_diagrams_cut_no_text_and_write_none_over_another(shape, batch_first):
    module, x = nn.LSTM(5, 8, batch_first=batch_first), torch.randn(*shape)

    diagrams = [axes_diagram(module, x), leak_diagram(module, x)]

    for diagram in diagrams:
        assert texts_that_clash(drawing(diagram)[0]) == []


MODULES = [
    nn.GRU(5, 8),
    nn.LSTM(5, 8, num_layers=2, bidirectional=True),
    nn.RNN(5, 8, batch_first=True),
]


@pytest.mark.parametrize("module", MODULES)
def test_axes_diagram_refuses_a_frame_that_is_not_the_first_step(module, monkeypatch):
    everything, second = slice(None), slice(1, 2)
    wrong = (everything, second) if module.batch_first else (second, everything)
    monkeypatch.setattr(axes, "_first_step", lambda module: wrong)

    with pytest.raises(ProofError, match="the framed slice alone"):
        axes_diagram(module, torch.randn(3, 4, 5))


@pytest.mark.parametrize("module", MODULES)
def test_axes_diagram_refuses_arrows_along_the_wrong_axis(module, monkeypatch):
    wrong = axes.Reach((0, 0), (1, 0) if module.batch_first else (0, 1))
    monkeypatch.setattr(axes, "_reaches", lambda *_: iter([wrong]))

    with pytest.raises(ProofError, match="axis along which the state runs"):
        axes_diagram(module, torch.randn(3, 4, 5))


def test_axes_diagram_holds_the_first_step_of_a_stacked_bidirectional_module_to_a_run():
    module = nn.LSTM(5, 8, num_layers=2, bidirectional=True)

    proof = axes_diagram(module, torch.randn(3, 4, 5)).proof

    assert isinstance(proof, Proof)
    assert proof.values >= 4 * 8  # h of the first step of layer 0, in each of four sequences


@pytest.mark.parametrize("batch_first", [True, False])
def test_leak_diagram_refuses_numbers_that_are_not_the_module_s(batch_first, monkeypatch):
    module, x = nn.GRU(5, 8, batch_first=batch_first), torch.randn(3, 4, 5)
    true = axes._moved
    monkeypatch.setattr(
        axes, "_moved", lambda module, *runs: true(module, *runs) + 1e-3 * (runs[0] is x)
    )

    with pytest.raises(ProofError, match="alone"):
        leak_diagram(module, x)


def test_leak_diagram_allows_the_rounding_of_large_outputs():
    torch.manual_seed(0)
    relu = nn.RNN(9, 3, num_layers=3, nonlinearity="relu", batch_first=True)
    with torch.no_grad():
        for weight in relu.parameters():
            weight.mul_(3)
    large = 100 * torch.randn(5, 5, 9)

    assert leak_diagram(relu.bfloat16(), large.bfloat16()).proof


class Leaking(nn.RNN):
    """Lets a tenth of the first sequence into the second, where it reads the two together."""

    def forward(self, input, hx=None):
        output, state = super().forward(input, hx)
        if len(input) == 2:
            output = output + torch.tensor([0.0, 0.1])[:, None, None] * (input[0, 0, 0] - 1e6)
        return output, state


def test_leak_diagram_finds_a_leak_beside_large_outputs():
    leaking = Leaking(3, 2, nonlinearity="relu", batch_first=True)
    x = torch.ones(2, 4, 3) * torch.tensor([1e6, 1.0])[:, None, None]

    with pytest.raises(ProofError, match="moved with 1 alone"):
        leak_diagram(leaking, x)


def test_axes_diagram_finds_a_wrong_first_step_beside_large_outputs(monkeypatch):
    relu = nn.RNN(3, 2, nonlinearity="relu", batch_first=True)
    x = torch.ones(2, 4, 3) * torch.tensor([1e6, 1.0])[:, None, None]
    original = axes.trace

    def shifted(module, input):
        found = original(module, input)
        if input.shape[1] == 1:
            found[0, 0].h[:, 1] += 0.1
        return found

    axes_diagram(relu, x)
    monkeypatch.setattr(axes, "trace", shifted)

    with pytest.raises(ProofError, match="first step of sequence 1"):
        axes_diagram(relu, x)
