import pytest
import torch
from torch import nn

from rnn_figures.diagrams.loops.diagram import loop_diagram
from rnn_figures.diagrams.loops.runs import run_loop
from tests.drawing import ROOM_ON_A_PHONE, drawing, extent

N, H_in, H_cell = 2, 3, 8
SYMBOLS = ("<s>", "a", "b", "c")


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.cell = nn.Embedding(4, H_in), nn.LSTMCell(H_in, H_cell)
        self.head = nn.Linear(H_cell, 4)

    def step(self, token, state):
        state = self.cell(self.embedding(token), state)
        return self.head(state[0]), state


def argmax(output):
    return output.argmax(-1)


@pytest.mark.parametrize(
    ("cell", "layer"),
    [
        (nn.LSTMCell(H_in, H_cell), nn.LSTM(H_in, H_cell)),
        (nn.GRUCell(H_in, H_cell, bias=False), nn.GRU(H_in, H_cell, bias=False)),
        (
            nn.RNNCell(H_in, H_cell, nonlinearity="relu"),
            nn.RNN(H_in, H_cell, nonlinearity="relu"),
        ),
    ],
)
def test_loop_diagram_lists_the_states_of_the_fused_layer(cell, layer):
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    x = torch.randn(5, N, H_in)
    h_0, c_0 = torch.randn(N, H_cell), torch.randn(N, H_cell)
    lstm = isinstance(cell, nn.LSTMCell)

    diagram = loop_diagram(cell, x, state=(h_0, c_0) if lstm else h_0)

    output, _ = layer(x, (h_0[None], c_0[None]) if lstm else h_0[None])
    rows = torch.tensor([row[4:] for row in diagram.data.rows])
    assert torch.allclose(rows, output[:, 0], atol=1e-6, rtol=0)
    assert diagram.checked.startswith(f"equal to nn.{type(layer).__name__} with the same weights")


def test_loop_diagram_refuses_a_cell_that_computes_something_else():
    class Doubled(nn.GRUCell):
        def forward(self, input, hx=None):
            return 2 * super().forward(input, hx)

    with pytest.raises(
        ValueError, match=r"expected the loop to equal nn.GRU with the same weights"
    ):
        loop_diagram(Doubled(H_in, H_cell), torch.randn(5, N, H_in))


def test_loop_diagram_feeds_choices_back_once_inputs_run_out():
    decoder = Decoder()
    tokens = torch.zeros(1, N, dtype=torch.long)
    for _ in range(3):
        calls, _ = run_loop(decoder.step, tokens, steps=len(tokens), state=None, choose=argmax)
        tokens = torch.cat([tokens, argmax(calls[-1].output)[None]])

    diagram = loop_diagram(decoder.step, tokens[:1], steps=4, choose=argmax, symbols=SYMBOLS)

    assert [row[1] for row in diagram.data.rows] == [
        "given",
        "chosen at step 0",
        "chosen at step 1",
        "chosen at step 2",
    ]
    assert [row[2] for row in diagram.data.rows] == [SYMBOLS[token] for token in tokens[:, 0]]
    assert [f"loop-choice-t{t}" in diagram.source for t in range(4)] == [True] * 4
    assert [f'id="loop-feedback-t{t}"' in diagram.source for t in range(5)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_loop_diagram_with_all_inputs_given_draws_no_feedback():
    tokens = torch.tensor([[0, 1], [3, 1], [2, 2]])

    diagram = loop_diagram(Decoder().step, tokens, choose=argmax, symbols=SYMBOLS)

    assert "loop-feedback" not in diagram.source
    assert [row[2] for row in diagram.data.rows] == ["<s>", "c", "b"]
    assert "step 1 reads c, given" in diagram.alt


def test_loop_diagram_refuses_a_step_that_is_not_repeatable():
    decoder = Decoder()

    def noisy(token, state):
        output, state = decoder.step(token, state)
        return output + torch.rand(()), state

    with pytest.raises(ValueError, match="the step must depend on its input and its state only"):
        loop_diagram(noisy, torch.tensor([[0], [1]]))


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (1, {"steps": 3}, "expected an input for each of 3 steps, got 1"),
        (2, {"steps": 1}, "expected 1 to 1 inputs"),
        (13, {}, "expected 1 to 12 steps, got 13"),
    ],
)
def test_loop_diagram_refuses_what_it_cannot_run(given, options, message):
    with pytest.raises(ValueError, match=message):
        loop_diagram(nn.GRUCell(H_in, H_cell), torch.zeros(given, N, H_in), **options)


def test_loop_diagram_draws_one_lane_for_each_state():
    x = torch.zeros(3, N, H_in)

    lstm = loop_diagram(nn.LSTMCell(H_in, H_cell), x).source
    gru = loop_diagram(nn.GRUCell(H_in, H_cell), x).source

    assert [f'id="loop-{state}-start-on"' in lstm for state in "ch"] == [True, True]
    assert [f'id="loop-{state}-start-on"' in gru for state in "ch"] == [False, True]
    assert "<i>h</i><sub>" in gru
    assert " = 0" in gru
    assert (
        "= 0" not in loop_diagram(nn.GRUCell(H_in, H_cell), x, state=torch.ones(N, H_cell)).source
    )


def test_loop_diagram_is_drawn_alike_twice():
    cell, x = nn.LSTMCell(H_in, H_cell), torch.randn(3, N, H_in)

    first, second = loop_diagram(cell, x).to_svg(), loop_diagram(cell, x).to_svg()

    assert first == second


@pytest.mark.parametrize("steps", [1, 4, 5, 12])
def test_a_wide_loop_brings_one_that_fits_on_a_phone(steps):
    decoder = Decoder().eval()
    start = torch.zeros(1, N, dtype=torch.long)

    narrow = loop_diagram(decoder.step, start, steps=steps, choose=argmax, symbols=SYMBOLS).narrow

    assert narrow
    nodes, _ = drawing(narrow)
    assert extent(nodes) < ROOM_ON_A_PHONE
    outputs = [name for name in nodes if "output-" in name]
    assert len(outputs) == (steps if steps <= 4 else 3)
    assert ("loop-hidden" in nodes) == (steps > 4)
    assert len(narrow.data) == steps
    assert narrow.narrow is None
