import pytest
import torch
from torch import nn

from rnn_figures.training.watched import SEEN, STEPS, WATCHED, WatchedNetwork, loss

KIND = "LSTM, forget bias 3"


@pytest.fixture(scope="module")
def steps():
    """Return a network that was trained for twelve steps, and its weights before each of them."""
    network, before = WATCHED.network(KIND, 0), []
    before.append(nn.utils.parameters_to_vector(network.parameters()).detach().clone())
    for _ in WATCHED.train(network, 0, steps=12):
        before.append(nn.utils.parameters_to_vector(network.parameters()).detach().clone())
    return network.eval(), before


def test_a_watched_network_keeps_its_weights_as_they_were(steps):
    network, before = steps

    for count in [count for count in SEEN if count < 12]:
        then = network.after(count)
        assert torch.equal(nn.utils.parameters_to_vector(then.parameters()), before[count])
    assert (network.kept[SEEN.index(20) :] == 0).all()
    assert not torch.equal(before[0], before[11])


def test_after_all_steps_it_is_as_it_is(steps):
    network, before = steps

    assert torch.equal(nn.utils.parameters_to_vector(network.after(STEPS).parameters()), before[12])
    assert network.after(STEPS) is not network


def test_reading_a_text_is_no_step(steps):
    network, _ = steps
    calls = int(network.calls)

    network.chances("$ab")

    assert int(network.calls) == calls == 12


def test_what_was_kept_is_stored_with_the_weights(steps):
    network, before = steps
    other = WATCHED.network(KIND, 1)

    other.load_state_dict(network.state_dict())
    assert isinstance(other, WatchedNetwork)

    assert torch.equal(nn.utils.parameters_to_vector(other.after(3).parameters()), before[3])


def test_the_loss_is_that_of_training(steps):
    network, _ = steps

    found = [loss(network.after(count)) for count in range(3)]

    trained = WATCHED.train(WATCHED.network(KIND, 0), 0, steps=3)
    assert found == pytest.approx(list(trained), abs=1e-6)


def test_after_names_the_steps_that_there_are(steps):
    network, _ = steps

    with pytest.raises(ValueError, match=r"expected a number of steps among 0, 1, .*; got 11"):
        network.after(11)
