import pytest
import torch
from torch import nn

from rnn_figures.configurations import describe, every_configuration
from rnn_figures.proofs import ProofError
from rnn_figures.stacks import layer_by_layer, layers_of

STACKS = [module for module in every_configuration(3, 8, 5) if module.num_layers == 3]


def sequence(module, steps=7, sequences=4):
    x = torch.randn(steps, sequences, 3, generator=torch.Generator().manual_seed(1))
    return x.transpose(0, 1) if module.batch_first else x


def first_state(states):
    return states[0] if isinstance(states, tuple) else states


@pytest.mark.parametrize("module", STACKS, ids=describe)
def test_layers_of_run_one_after_the_other_give_the_stack(module):
    x = sequence(module)

    middle, _ = layers_of(module, 0, 2)(x)
    output, states = layers_of(module, 2, 3)(middle)

    expected, expected_states = module(x)
    torch.testing.assert_close(output, expected, atol=1e-6, rtol=0)
    rows = first_state(expected_states)[2 * (1 + module.bidirectional) :]
    torch.testing.assert_close(first_state(states), rows, atol=1e-6, rtol=0)


def test_layers_of_leaves_the_random_state_and_the_weights_as_they_were():
    lstm = nn.LSTM(3, 8, num_layers=2, dropout=0.5)
    state = torch.get_rng_state()

    part = layers_of(lstm, 1, 2)

    assert torch.equal(torch.get_rng_state(), state)
    assert (
        part.get_parameter("weight_hh_l0").data_ptr()
        == lstm.get_parameter("weight_hh_l1").data_ptr()
    )
    assert not part.get_parameter("weight_hh_l0").requires_grad
    assert lstm.get_parameter("weight_hh_l1").requires_grad
    assert part.dropout == 0


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (-1, 1), (1, 4), (2, 1)])
def test_layers_of_says_which_layers_there_are(start, stop):
    with pytest.raises(ValueError, match=r"0 <= start < stop <= 3 layers, got start="):
        layers_of(nn.GRU(3, 8, num_layers=3), start, stop)


@pytest.mark.parametrize("module", STACKS, ids=describe)
def test_layer_by_layer_finds_every_layer_equal(module):
    x = sequence(module)

    runs = layer_by_layer(module, x)

    output, states = module(x)
    output = output.transpose(0, 1) if module.batch_first else output
    width = first_state(states).shape[-1]
    assert len(runs) == 3
    assert all(run.max_difference <= 1e-6 for run in runs)
    assert all(run.proof.values > run.alone.numel() for run in runs)  # h, and its rows of h_n
    torch.testing.assert_close(runs[2].alone, output, atol=1e-6, rtol=0)
    for layer, run in enumerate(runs):
        final = first_state(states)[layer * (1 + module.bidirectional)]  # forward: at the last step
        torch.testing.assert_close(run.in_stack[-1, :, :width], final, atol=1e-6, rtol=0)
        torch.testing.assert_close(run.alone, run.in_stack, atol=1e-6, rtol=0)


def test_layer_by_layer_takes_an_unbatched_input():
    runs = layer_by_layer(nn.GRU(3, 8, num_layers=2), torch.ones(7, 3))

    assert [run.alone.shape for run in runs] == [(7, 1, 8), (7, 1, 8)]


def test_layer_by_layer_sees_a_forward_that_does_more():
    class Doubled(nn.GRU):
        def forward(self, input, hx=None):
            output, h_n = super().forward(input, hx)
            return 2 * output, h_n

    with pytest.raises(ProofError, match=r"^h of layer 1 alone\["):
        layer_by_layer(Doubled(3, 8, num_layers=2), torch.ones(7, 4, 3))


def test_layer_by_layer_sees_a_row_of_h_n_that_moved():
    class Swapped(nn.GRU):
        def forward(self, input, hx=None):
            output, h_n = super().forward(input, hx)
            return output, h_n.flip(0)

    with pytest.raises(ProofError, match=r"^h_n of layer 0 alone\["):
        layer_by_layer(Swapped(3, 8, num_layers=2), torch.ones(7, 4, 3))


def test_layer_by_layer_refuses_active_dropout():
    with pytest.raises(ValueError, match=r"call module.eval\(\) first"):
        layer_by_layer(nn.LSTM(3, 8, num_layers=2, dropout=0.5), torch.ones(7, 4, 3))


class WrongBesideLarge(nn.RNN):
    """Gives 0.1 more for sequence 1, beside a sequence of numbers in the millions."""

    def forward(self, input, hx=None):
        output, state = super().forward(input, hx)
        return output + torch.tensor([0.0, 0.1])[:, None], state


def test_a_large_sequence_hides_no_wrong_one():
    x = torch.ones(4, 2, 3) * torch.tensor([1e8, 1.0])[:, None]

    with pytest.raises(ProofError, match="h of layer 1 alone"):
        layer_by_layer(WrongBesideLarge(3, 2, num_layers=2, nonlinearity="relu"), x)


def test_an_empty_batch_has_nothing_to_compare():
    with pytest.raises(ValueError, match="expected values to compare, got none"):
        layer_by_layer(nn.LSTM(5, 3, num_layers=2), torch.zeros(4, 0, 5))
