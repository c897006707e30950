import dataclasses
import itertools

import pytest
import torch
from torch import nn

from rnn_figures.training import EXPERIMENTS
from rnn_figures.training.counting import COUNTING
from rnn_figures.training.experiment import IGNORED
from rnn_figures.training.recall import RECALL

NAMES = sorted(EXPERIMENTS)


@pytest.mark.parametrize("name", NAMES)
def test_registry_has_each_experiment_by_its_name(name):
    experiment = EXPERIMENTS[name]

    assert experiment.name == name
    assert experiment.question.endswith("?")
    assert experiment.seeds >= 5  # no claim rests on one seed


@pytest.mark.parametrize("name", NAMES)
def test_batches_are_of_known_symbols_and_answers(name):
    experiment = EXPERIMENTS[name]
    network = experiment.network(experiment.kinds[0], 0)

    for symbols, targets in itertools.islice(experiment.batches(0), 3):
        asked = targets[targets != IGNORED]

        assert symbols.shape == targets.shape
        assert 0 <= int(symbols.min()) <= int(symbols.max()) < len(network.symbols)
        assert len(asked)
        assert 0 <= int(asked.min()) <= int(asked.max()) < len(network.answers)


def test_digest_is_of_the_batches():
    digest = RECALL.digest(1)

    assert digest == RECALL.digest(1)
    assert digest != RECALL.digest(2)
    assert COUNTING.digest(1) == COUNTING.digest(2)  # it reads the same strings from each seed
    assert digest != COUNTING.digest(1)


def test_network_is_of_its_seed_and_leaves_the_random_state():
    torch.manual_seed(7)
    state = torch.random.get_rng_state()

    first, again, other = (COUNTING.network("GRU", seed) for seed in (1, 1, 2))

    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first.readout.weight, again.readout.weight)
    assert not torch.equal(first.readout.weight, other.readout.weight)


def test_network_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="expected a kind among RNN; GRU; LSTM, got 'Transformer'"):
        COUNTING.network("Transformer", 0)


def test_train_follows_adam_on_the_loss_of_what_is_asked():
    network, other = COUNTING.network("LSTM", 3), COUNTING.network("LSTM", 3)

    losses = list(COUNTING.train(network, 5, steps=3))

    adam = torch.optim.Adam(other.parameters(), lr=COUNTING.rate)
    for loss, (symbols, targets) in zip(losses, COUNTING.batches(5), strict=False):
        asked = targets != IGNORED
        expected = nn.functional.cross_entropy(other(symbols)[asked], targets[asked])
        assert abs(loss - expected.item()) < 1e-6
        adam.zero_grad()
        expected.backward()
        nn.utils.clip_grad_norm_(other.parameters(), 1.0)
        adam.step()
    assert torch.allclose(network.readout.weight, other.readout.weight, atol=1e-6)


def test_train_ends_when_the_loss_has_settled():
    easy = dataclasses.replace(COUNTING, enough=1e9)

    losses = list(easy.train(easy.network("RNN", 0), 0))

    assert len(losses) == 10
