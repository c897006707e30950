import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils._python_dispatch import TorchDispatchMode

from rnn_figures.configurations import describe
from rnn_figures.dropout import dropout_masks
from rnn_figures.proofs import ProofError

MODULES = [
    nn.LSTM(3, 8, num_layers=2, dropout=0.5),
    nn.LSTM(3, 8, num_layers=4, dropout=0.3, bidirectional=True, batch_first=True),
    nn.LSTM(3, 8, num_layers=3, dropout=0.5, proj_size=5, dtype=torch.float64),
    nn.GRU(3, 8, num_layers=3, dropout=0.7, bias=False),
    nn.RNN(3, 8, num_layers=2, dropout=0.2, nonlinearity="relu", bidirectional=True),
]


class Draws(TorchDispatchMode):
    """Collects what torch draws inside a module: the noise of each dropout, 0 or 1."""

    def __init__(self):
        super().__init__()
        self.noise = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.bernoulli_.float:
            self.noise.append(result.bool())
        return result


def sequence(module, steps=7, sequences=4):
    weight = next(module.parameters())
    shape = (sequences, steps, 3) if module.batch_first else (steps, sequences, 3)
    return torch.randn(*shape, dtype=weight.dtype, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("module", MODULES, ids=describe)
def test_dropout_masks_are_what_torch_draws_in_the_next_calls(module):
    x = sequence(module)

    masks = dropout_masks(module, x, calls=3)

    with Draws() as draws:
        for _ in range(3):
            module(x)
    gaps = module.num_layers - 1
    assert masks.kept.shape[:4] == (3, gaps, 7, 4)
    assert torch.equal(masks.kept.flatten(0, 1), torch.stack(draws.noise))
    assert masks.max_difference <= 1e-6
    assert masks.proof.values == module(x)[0].numel() * 3
    assert masks.scale == pytest.approx(1 / (1 - module.dropout))


def test_dropout_masks_leave_the_random_state_as_it_was():
    lstm = nn.LSTM(3, 8, num_layers=2, dropout=0.5)
    state = torch.get_rng_state()

    first = dropout_masks(lstm, torch.ones(7, 4, 3), calls=2).kept
    again = dropout_masks(lstm, torch.ones(7, 4, 3), calls=2).kept

    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first, again)
    assert not torch.equal(first[0], first[1])


def test_dropout_masks_of_1_keep_nothing():
    masks = dropout_masks(nn.LSTM(3, 8, num_layers=2, dropout=1.0), torch.ones(7, 4, 3))

    assert not masks.kept.any()
    assert masks.scale == 0


@pytest.mark.parametrize(
    "module",
    [
        nn.LSTM(3, 8, num_layers=2, dropout=0.5).eval(),
        nn.LSTM(3, 8, num_layers=2),
        nn.GRU(3, 8),
    ],
    ids=describe,
)
def test_dropout_masks_refuse_a_module_that_drops_nothing(module):
    with pytest.raises(ValueError, match="which drops nothing"):
        dropout_masks(module, torch.ones(7, 4, 3))


def test_dropout_masks_refuse_a_packed_input():
    with pytest.raises(
        TypeError, match="expected input as a tensor, got PackedSequence; pad_packed"
    ):
        dropout_masks(nn.LSTM(3, 8, 2, dropout=0.5), pack_sequence([torch.ones(7, 3)]))  # pyright: ignore[reportArgumentType] # what is refused


def test_dropout_masks_refuse_no_calls():
    with pytest.raises(ValueError, match="expected calls to be 1 or more, got 0"):
        dropout_masks(nn.LSTM(3, 8, 2, dropout=0.5), torch.ones(7, 4, 3), calls=0)


def test_dropout_masks_are_not_claimed_for_a_module_that_draws_otherwise():
    class DrawsBefore(nn.LSTM):
        def forward(self, input, hx=None):
            torch.rand(5)
            return super().forward(input, hx)

    with pytest.raises(ProofError, match="so the masks are not the module's: move it"):
        dropout_masks(DrawsBefore(3, 8, 2, dropout=0.5), torch.ones(7, 4, 3))
