"""Steps by hand: whose weights they are, and in which ways they are multiplied."""

import pytest
import torch
from torch import Tensor, nn

from rnn_figures import diagnose


class Behind(nn.Module):
    """A cell of its own, started from the state of an LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(4, 6, batch_first=True)
        self.x, self.h = nn.Linear(4, 24), nn.Linear(6, 24)

    def forward(self, x: Tensor) -> Tensor:
        _, (h, c) = self.rnn(x)
        h, c = h[0], c[0]
        for step in x.unbind(1):
            o, g, i, f = (self.x(step) + self.h(h)).chunk(4, -1)  # in an order of its own
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        return h


class Continued(nn.Module):
    """A GRU that is continued by hand, its weights as matrices of rows."""

    def __init__(self, *, resets_first: bool) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 6, batch_first=True)
        self.head = nn.Linear(6, 4)
        self.resets_first = resets_first

    def step(self, x: Tensor, h: Tensor) -> Tensor:
        of_x, of_h, b, c = (
            self.rnn.get_parameter(f"{name}_l0")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        a = x @ of_x.t() + b
        r, z = (a[:, :12] + h @ of_h[:12].t() + c[:12]).sigmoid().chunk(2, -1)
        n = (r * h) @ of_h[12:].t() + c[12:]
        if not self.resets_first:
            n = r * (h @ of_h[12:].t() + c[12:])
        n = (a[:, 12:] + n).tanh()
        return (1 - z) * n + z * h

    def forward(self, x: Tensor) -> Tensor:
        h, said = self.rnn(x)[1][0], []
        for _ in range(5):
            said.append(self.head(h))
            h = self.step(said[-1], h)
        return torch.stack(said, 1)


def found(model: nn.Module) -> set[str]:
    torch.manual_seed(0)
    return {one.check for one in diagnose(model, torch.randn(3, 8, 4)).findings}


def test_a_cell_with_weights_of_its_own_may_have_any_order():
    assert found(Behind()) == {"fresh layer"}


@pytest.mark.parametrize("resets_first", [True, False])
def test_a_step_is_held_to_torchs_wherever_its_products_are_taken(resets_first):
    told = {"steps by hand differ"} if resets_first else set()

    assert found(Continued(resets_first=resets_first)) == {"fresh layer"} | told


class OfTwoSizes(Continued):
    """Steps of batches of three sequences, of two, and of three."""

    def forward(self, x: Tensor) -> Tensor:
        h = [self.step(x[:n, 0], x.new_ones(n, 6)) for n in (3, 2, 3)]
        return self.head(torch.cat(h))


def test_steps_of_batches_of_other_sizes_are_no_one_sequence():
    verdict = diagnose(OfTwoSizes(resets_first=True), torch.randn(3, 8, 4))

    assert verdict.findings == ()
    assert "around" not in verdict.unsaid
