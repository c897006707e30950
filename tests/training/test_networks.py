import pytest
import torch
from torch import nn

from rnn_figures.training.networks import Network, fresh_layer


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Network(nn.GRU(3, 5), symbols="xyz", answers=("yes", "no"))


def test_network_gives_a_score_for_each_answer_after_each_symbol(network):
    symbols = torch.tensor([[0, 1], [2, 2], [1, 0], [0, 0]])

    scores = network(symbols)

    one_hot = nn.functional.one_hot(symbols, 3).float()
    assert torch.equal(scores, network.readout(network.layer(one_hot)[0]))


def test_chances_and_best_are_of_the_scores(network):
    text = "xzyx"

    scores = network(network.read(text))[:, 0]

    assert torch.allclose(network.chances(text), scores.softmax(dim=1))
    assert network.best(text) == [("yes", "no")[k] for k in scores.argmax(dim=1)]


def test_inputs_are_what_the_layer_reads():
    network = Network(nn.RNN(4, 5), symbols="xyz", answers=("yes",), one_hot=False)

    inputs = network.inputs("zy")

    assert inputs.shape == (2, 1, 4)
    assert torch.equal(inputs[0, 0], network.embedding.weight[2])


def test_one_hot_symbols_are_not_trained(network):
    trained = {name for name, value in network.named_parameters() if value.requires_grad}

    assert "embedding.weight" not in trained


def test_read_refuses_what_is_no_symbol(network):
    with pytest.raises(ValueError, match="expected only symbols of 'xyz', got 'a'"):
        network.read("xay")


def test_read_refuses_an_empty_text(network):
    with pytest.raises(ValueError, match="at least one symbol"):
        network.read("")


@pytest.mark.parametrize(("kind", "bias"), [("LSTM, forget bias 1", 1.0), ("LSTM", None)])
def test_fresh_layer_starts_with_its_forget_bias(kind, bias):
    torch.manual_seed(0)
    layer = fresh_layer(kind, 3, 2)

    torch.manual_seed(0)
    expected = (
        nn.LSTM(3, 2).get_parameter("bias_ih_l0")[2:4].tolist() if bias is None else [bias, bias]
    )
    assert layer.get_parameter("bias_ih_l0")[2:4].tolist() == expected
