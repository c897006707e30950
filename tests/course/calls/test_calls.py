import pytest
import torch
from torch import nn

from rnn_figures.course import backward_diagram, calls_diagram
from rnn_figures.course.calls import backward, split_calls
from rnn_figures.proofs import ProofError
from tests.drawing import drawing, texts_that_clash

MODULES = [
    nn.LSTM(3, 8, num_layers=2),
    nn.GRU(3, 8, batch_first=True),
    nn.RNN(3, 8, nonlinearity="relu", bias=False),
]


def batch_for(module, steps: int = 7):
    """(L, N, H_in) = (7, 4, 3), or batch first."""
    shape = (4, steps, 3) if module.batch_first else (steps, 4, 3)
    return torch.randn(*shape)


def measured(diagram) -> list[float]:
    """What was measured at each step."""
    return [float(row[2]) for row in diagram.data.rows]


def gradient_norms(x, axis: int) -> list[float]:
    """The norm of a leaf's gradient at each step."""
    return x.grad.movedim(axis, 0).flatten(1).norm(dim=1).tolist()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("lengths", [(4, 3), (1,) * 7, (2, 4, 1)])
def test_calls_diagram_with_the_state_carried_differs_nowhere(module, lengths):
    diagram = calls_diagram(module, batch_for(module), lengths=lengths)

    assert measured(diagram) == pytest.approx([0.0] * 7, abs=1e-6)
    assert [row[1] for row in diagram.data.rows] == [
        call for call, length in enumerate(lengths) for _ in range(length)
    ]


@pytest.mark.parametrize("module", MODULES)
def test_calls_diagram_without_the_state_differs_from_the_second_call_on(module):
    x = batch_for(module)
    axis = 1 if module.batch_first else 0

    diagram = calls_diagram(module, x, lengths=(3, 4), carried=False)

    whole = module(x)[0].narrow(axis, 3, 4)
    lost = module(x.narrow(axis, 3, 4))[0]
    apart = (lost - whole).abs().movedim(axis, 0).flatten(1).amax(1)
    differences = measured(diagram)
    assert differences[:3] == pytest.approx([0.0] * 3, abs=1e-6)
    assert differences[3:] == pytest.approx(apart.tolist(), abs=1e-6)
    assert min(differences[3:]) > 1e-3
    assert "No state is handed on" in diagram.alt


def test_calls_diagram_reads_one_sequence_without_a_batch():
    diagram = calls_diagram(nn.GRU(3, 8, batch_first=True), torch.randn(5, 3), lengths=(2, 3))

    assert measured(diagram) == pytest.approx([0.0] * 5, abs=1e-6)


@pytest.mark.parametrize(("module", "letters"), [(nn.LSTM(3, 8), "ch"), (nn.GRU(3, 8), "h")])
def test_calls_diagram_carries_every_state_of_the_cell(module, letters):
    diagram = calls_diagram(module, torch.randn(7, 1, 3), lengths=(3, 4))

    _, arrows = drawing(diagram)
    across = [arrow for arrow in arrows if (arrow.tail, arrow.head) == ("calls-h-t2", "calls-h-t3")]
    assert sorted(arrow.classes for arrow in across) == [(f"q-{letter}",) for letter in letters]


def test_calls_diagram_draws_no_arrow_where_no_state_goes():
    diagram = calls_diagram(nn.LSTM(3, 8), torch.randn(7, 1, 3), lengths=(3, 4), carried=False)

    _, arrows = drawing(diagram)
    ends = {(arrow.tail, arrow.head) for arrow in arrows}
    assert ("calls-h-t2", "calls-h-t3") not in ends
    assert {("calls-h-t2", "calls-lost-1"), ("calls-zeros-1", "calls-h-t3")} <= ends


def test_calls_diagram_bars_are_as_high_as_the_differences():
    diagram = calls_diagram(nn.GRU(3, 8), torch.randn(7, 1, 3), lengths=(3, 4), carried=False)

    nodes, _ = drawing(diagram)
    values = measured(diagram)[3:]
    heights = [nodes[f"calls-bar-t{t}"].height for t in range(3, 7)]
    assert max(heights) == pytest.approx(44.0, abs=0.1)
    shares = [value / max(values) for value in values]
    assert [height / max(heights) for height in heights] == pytest.approx(shares, abs=0.05)


def counter():
    """A layer whose h is the sum of what it has read."""
    rnn = nn.RNN(1, 1, nonlinearity="relu", bias=False)
    for weight in rnn.parameters():
        nn.init.ones_(weight)
    return rnn


@pytest.mark.parametrize(("carried", "h"), [(True, "1 1 2 3 3 4"), (False, "1 1 2 1 1 2")])
def test_calls_diagram_writes_the_numbers_of_a_single_unit(carried, h):
    ones = torch.tensor([1.0, 0, 1, 1, 0, 1]).view(6, 1, 1)

    diagram = calls_diagram(counter(), ones, lengths=(3, 3), carried=carried)

    nodes, _ = drawing(diagram)
    assert [nodes[f"calls-h-t{t}"].text for t in range(6)] == h.split()
    assert [nodes[f"calls-x-t{t}"].text for t in range(6)] == ["1", "0", "1", "1", "0", "1"]
    assert diagram.alt.endswith(f"h: {h.replace(' ', ', ')}.")


def test_calls_diagram_refuses_numbers_that_are_not_of_the_trace(monkeypatch):
    true = split_calls._numbers
    monkeypatch.setattr(
        split_calls, "_numbers", lambda *run: {**(true(*run) or {}), "h": [9.0] * 6}
    )

    with pytest.raises(ProofError, match="h of the traces"):
        calls_diagram(counter(), torch.ones(6, 1, 1), lengths=(3, 3))


@pytest.mark.parametrize("carried", [True, False])
def test_calls_diagram_refuses_bars_that_are_not_the_difference(carried, monkeypatch):
    true = split_calls._differences
    monkeypatch.setattr(split_calls, "_differences", lambda *run: true(*run) + 1e-3)

    with pytest.raises(ProofError, match="difference"):
        calls_diagram(nn.GRU(3, 8), torch.randn(7, 1, 3), lengths=(3, 4), carried=carried)


def test_calls_diagram_refuses_calls_that_carry_another_state():
    class Forgetful(nn.GRU):
        def forward(self, input, hx=None):
            return super().forward(input, None)

    with pytest.raises(ProofError, match="difference of sequence 0 from one call"):
        calls_diagram(Forgetful(3, 8), torch.randn(7, 1, 3), lengths=(3, 4))


def test_calls_diagram_refuses_lengths_that_do_not_add_up():
    with pytest.raises(ValueError, match="add up to the input's 7 steps, got"):
        calls_diagram(nn.GRU(3, 8), torch.randn(7, 1, 3), lengths=(3, 3))


def test_calls_diagram_refuses_two_directions():
    with pytest.raises(ValueError, match="expected a module of one direction"):
        calls_diagram(nn.GRU(3, 8, bidirectional=True), torch.randn(7, 1, 3), lengths=(3, 4))


def test_calls_diagram_refuses_active_dropout():
    with pytest.raises(ValueError, match="without active dropout"):
        calls_diagram(nn.GRU(3, 8, 2, dropout=0.5), torch.randn(7, 1, 3), lengths=(3, 4))


def test_calls_diagram_refuses_more_steps_than_fit():
    with pytest.raises(ValueError, match="at most 16 steps, got 17"):
        calls_diagram(nn.GRU(3, 8), torch.randn(17, 1, 3), lengths=(8, 9))


@pytest.mark.parametrize("module", MODULES)
def test_backward_diagram_detached_gradient_stops_at_the_cut(module):
    x = batch_for(module)
    axis = 1 if module.batch_first else 0

    diagram = backward_diagram(module, x, lengths=(3, 4), detach=True)

    part = x.narrow(axis, 3, 4).clone().requires_grad_()
    _, state = module(x.narrow(axis, 0, 3))
    state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    module(part, state)[0].sum().backward()
    norms = measured(diagram)
    assert norms[:3] == [0.0, 0.0, 0.0]
    assert norms[3:] == pytest.approx(gradient_norms(part, axis), rel=1e-5)


@pytest.mark.parametrize("module", MODULES)
def test_backward_diagram_not_detached_raises_and_shows_what_was_asked_for(module):
    x = batch_for(module)
    axis = 1 if module.batch_first else 0

    diagram = backward_diagram(module, x, lengths=(3, 4), detach=False)

    whole = x.clone().requires_grad_()
    module(whole)[0].narrow(axis, 3, 4).sum().backward()
    assert measured(diagram) == pytest.approx(gradient_norms(whole, axis), rel=1e-4)
    assert "torch raises RuntimeError" in diagram.alt
    assert "the last backward raised RuntimeError" in diagram.checked


def test_backward_diagram_stops_the_arrow_only_where_the_state_is_detached():
    x, lstm = torch.randn(7, 1, 3), nn.LSTM(3, 8)

    cut, whole = (backward_diagram(lstm, x, lengths=(3, 4), detach=way) for way in (True, False))

    tips = []
    for diagram in (cut, whole):
        nodes, arrows = drawing(diagram)
        (back,) = [arrow for arrow in arrows if arrow.name == "backward-h-t3-back"]
        tips.append(back.points[-1][0] - nodes["backward-h-t2"].right)
    assert tips[0] > 10
    assert tips[1] == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("detach", [True, False])
def test_backward_diagram_refuses_bars_that_are_not_the_gradient(detach, monkeypatch):
    true = backward._gradients

    def falsified(*run):
        norms, raised = true(*run)
        return [norm + 1e-2 for norm in norms], raised

    monkeypatch.setattr(backward, "_gradients", falsified)

    with pytest.raises(ProofError, match=r"\|gradient\|"):
        backward_diagram(nn.GRU(3, 8), torch.randn(7, 1, 3), lengths=(3, 4), detach=detach)


def test_backward_diagram_refuses_to_say_that_what_ran_has_raised(monkeypatch):
    true = backward._gradients
    monkeypatch.setattr(backward, "_gradients", lambda *run: (true(*run)[0], False))

    with pytest.raises(ProofError, match="RuntimeError raised"):
        backward_diagram(nn.GRU(3, 8), torch.randn(7, 1, 3), lengths=(3, 4), detach=False)


def test_backward_diagram_leaves_the_callers_gradients_alone():
    lstm = nn.LSTM(3, 8)

    backward_diagram(lstm, torch.randn(7, 1, 3), lengths=(3, 4), detach=True)

    assert all(parameter.grad is None for parameter in lstm.parameters())


def test_backward_diagram_refuses_one_call_and_many():
    with pytest.raises(ValueError, match="two or three calls"):
        backward_diagram(nn.GRU(3, 8), torch.randn(7, 1, 3), lengths=(7,), detach=True)


@pytest.mark.parametrize("lengths", [(3, 4), (2, 3, 2), (1,) * 7])
@pytest.mark.parametrize("carried", [True, False])
def test_calls_diagrams_cut_no_text_and_write_none_over_another(lengths, carried):
    x = torch.randn(7, 1, 3)

    diagrams = [calls_diagram(nn.LSTM(3, 8), x, lengths=lengths, carried=carried)]
    if len(lengths) < 4:
        diagrams.append(backward_diagram(nn.LSTM(3, 8), x, lengths=lengths, detach=carried))

    for diagram in diagrams:
        assert texts_that_clash(drawing(diagram)[0]) == []


class Forgetful(nn.RNN):
    """Moves the second sequence a little in a call that is given a state."""

    def forward(self, input, hx=None):
        output, state = super().forward(input, hx)
        moves = 0.0 if hx is None else 0.1
        return output + torch.tensor([0.0, moves])[:, None], state


def test_calls_diagram_finds_a_small_sequence_that_differs_beside_a_large_one():
    forgetful = Forgetful(3, 2, nonlinearity="relu")
    x = torch.ones(6, 2, 3) * torch.tensor([1e6, 1.0])[:, None]

    assert calls_diagram(forgetful, x, lengths=(3, 3), carried=False).proof
    with pytest.raises(ProofError, match="difference of sequence 1 from one call"):
        calls_diagram(forgetful, x, lengths=(3, 3))
