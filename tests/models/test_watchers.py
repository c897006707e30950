"""Watchers: what they look at shows whichever way it is called."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import diagnose
from rnn_figures.models.inputs import Inputs
from rnn_figures.models.outputs import Outputs
from rnn_figures.models.watchers import watches
from tests.whole_models import Model

PICKS = {
    "indexed": lambda x, rows: x[rows],
    "selected": lambda x, rows: x.index_select(0, rows),
    "selected by a function": lambda x, rows: torch.index_select(x, 0, rows),
    "selected by names": lambda x, rows: torch.index_select(input=x, dim=0, index=rows),
}


@pytest.mark.parametrize("pick", PICKS.values(), ids=PICKS)
def test_rows_that_are_left_sorted_are_seen_however_they_were_picked(pick):
    def by_length(m, x, of):
        order = of.argsort(descending=True)
        rows, steps = pick(x, order), pick(of, order)
        return m.rnn(pack_padded_sequence(rows, steps, batch_first=True))[1][0]

    model = Model(by_length, rnn=nn.GRU(5, 3, batch_first=True))

    found = diagnose(model, torch.randn(4, 9, 5), torch.tensor([2, 9, 4, 7])).findings

    assert "rows left sorted" in {finding.check for finding in found}


def test_a_look_that_fails_stops_no_other_at_the_same_function(monkeypatch):
    looked = []

    def fails(*_):
        raise LookupError("no such axis")

    monkeypatch.setattr(Outputs, "view", watches(torch.Tensor.view)(fails))
    monkeypatch.setattr(Inputs, "cut", watches(torch.Tensor.view)(lambda *_: looked.append("cut")))

    verdict = diagnose(
        Model(lambda m, x: m.rnn(x)[0].view(-1, 3), rnn=nn.GRU(5, 3)), torch.randn(4, 6, 5)
    )

    assert looked == ["cut"]
    assert "no such axis" in verdict.unsaid
