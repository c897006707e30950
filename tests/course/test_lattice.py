"""A whole layer in the reader's hands, as Python draws it, and the files that its page fetches."""

import json
import re

import pytest
import torch
from torch import nn

from rnn_figures import to_html
from rnn_figures.course import lattice_cell, lattice_drawing, lattice_player, lattice_weights
from rnn_figures.html.frame import svg_text
from rnn_figures.numbers import number
from rnn_figures.proofs import Proof
from rnn_figures.traces.tracing import trace

X = torch.randn(8, 1, 5, generator=torch.Generator().manual_seed(0))


def texts(diagram):
    return re.findall(r"<text[^>]*>([^<]*)</text>", diagram.to_svg())


def ids(diagram):
    return re.findall(r' id="drawing-([^"]+)"', svg_text(diagram, id="drawing"))


def test_the_still_has_every_state_of_the_module():
    torch.manual_seed(0)
    module = nn.LSTM(5, 3, num_layers=2, bidirectional=True)
    player = lattice_player(module, X)

    run = trace(module.double(), X[:4].double())
    shown = texts(player)
    for layer in range(2):
        for direction in range(2):
            states = run[layer, direction]
            for values in (states.h, states.c):
                assert {number(value) for value in values.flatten().tolist()} <= set(shown)
    assert isinstance(player.proof, Proof)
    assert player.proof.holds
    assert module.weight_ih_l0.dtype == torch.float64  # by this test, not by the player


def test_the_player_leaves_module_and_random_state_as_they_were():
    module = nn.GRU(5, 3)
    before = torch.random.get_rng_state()

    lattice_player(module, X)
    lattice_weights()

    assert module.weight_ih_l0.dtype == torch.float32
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_page_has_a_drawing_for_phones_and_what_the_script_needs():
    module = nn.GRU(5, 3, num_layers=3)
    html = to_html(lattice_player(module, X), id="gru")

    settings = json.loads(re.findall(r"data-settings='([^']*)'", html)[0])
    assert settings["configuration"]["mode"] == "GRU"
    assert settings["configuration"]["num_layers"] == 3
    assert torch.equal(torch.tensor(settings["input"]), X[:5])
    weights = {name: torch.tensor(weight) for name, weight in settings["weights"].items()}
    assert all(torch.equal(weight, weights[name]) for name, weight in module.state_dict().items())
    assert html.count("<svg role=") + html.count("<svg width=") >= 2
    assert 'class="rnn-figure__wide"' in html
    assert 'class="rnn-figure__narrow"' in html
    assert len(re.findall(r' id="([^"]*)"', html)) == len(set(re.findall(r' id="([^"]*)"', html)))


@pytest.mark.parametrize(
    ("module", "given", "match"),
    [
        (nn.GRU(4, 3), X, "sizes"),
        (nn.LSTM(5, 3, proj_size=2), X, "proj_size"),
        (nn.LSTM(5, 3, batch_first=True), X, "batch_first"),
        (nn.GRU(5, 3, bias=False), X, "biases"),
        (nn.GRU(5, 3, num_layers=4), X, "at most 3 layers"),
        (nn.GRU(5, 3), X[:4], "at least 5 steps"),
        (nn.GRU(5, 3), torch.zeros(8, 2, 5), "one sequence"),
    ],
)
def test_what_the_drawings_to_choose_do_not_fit_is_refused(module, given, match):
    with pytest.raises(ValueError, match=match):
        lattice_player(module, given)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_drawing_to_choose_is_that_of_the_page_that_has_it(kind, bidirectional):
    torch.manual_seed(0)
    module = getattr(nn, kind)(5, 3, num_layers=2, bidirectional=bidirectional)
    own, chosen = lattice_player(module, X), lattice_drawing(kind, 2, bidirectional, 4)

    assert ids(chosen) == ids(own)
    assert texts(chosen) == texts(own)


def test_a_relu_layer_is_drawn_as_a_gru():
    torch.manual_seed(0)
    relu = lattice_player(nn.RNN(5, 3, nonlinearity="relu"), X)

    names = [name.removeprefix("rnn-") for name in ids(relu)]
    gru = lattice_drawing("GRU", 1, False, 4)
    assert names == [name.removeprefix("gru-") for name in ids(gru)]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_fewer_layers_have_the_first_weights_of_three(kind, layers):
    weights = json.loads(lattice_weights())[f"{kind}{'_TANH' if kind == 'RNN' else ''}-2"]
    torch.manual_seed(0)
    module = getattr(nn, kind)(5, 3, num_layers=layers, bidirectional=True).double()

    for name, weight in module.state_dict().items():
        assert torch.equal(torch.tensor(weights[name], dtype=torch.float64), weight)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN_TANH", "RNN_RELU"])
def test_the_inside_of_a_cell_has_three_numbers_on_every_join(kind):
    svg = svg_text(lattice_cell(kind), id="drawing")

    parts = re.findall(r'id="drawing-\w+-cell-numbers-([^"]+)">(.*?)</g>', svg)
    counts = {name: content.count("<text") for name, content in parts}
    assert counts.pop("x") == 1  # five numbers are counted, not written
    assert {"h", "h_prev"} <= counts.keys()
    assert set(counts.values()) == {3}
