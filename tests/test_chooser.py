"""What a report carries for its reader to choose from: the numbers, no peak lost, within a size."""

import base64
import json
import zlib

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_figures import explain, trace
from rnn_figures.models import run_model
from rnn_figures.report import numbers
from rnn_figures.report.numbers import MOST_BYTES, Plan, kept_numbers, orders

X = torch.randn(40, 3, 5, generator=torch.Generator().manual_seed(0))


def kept(model: nn.Module, *args) -> dict:
    calls = run_model(model, args, {}).calls
    return kept_numbers(calls, [call.name for call in calls])


def unpacked(part: dict) -> list[dict[str, np.ndarray]]:
    """Return the numbers of each sequence by letter, (units, columns, 1 or 2)."""
    flat = np.frombuffer(
        zlib.decompress(base64.b64decode(part["numbers"])), f"<i{part['bits'] // 8}"
    )
    pair = 2 if part["columns"] < part["steps"] else 1
    found, start = [], 0
    for _ in part["lengths"]:
        found.append({})
        for letter, units in part["units"].items():
            size = units * part["columns"] * pair
            own = flat[start : start + size].reshape(units, part["columns"], pair).astype(float)
            limit = 2 ** (part["bits"] - 1) - 1
            found[-1][letter] = np.where(own < -limit, np.nan, own / limit * part["tops"][letter])
            start += size
    assert start == len(flat)
    return found


def test_numbers_of_a_small_run_are_those_of_the_trace():
    lstm = nn.LSTM(5, 4, num_layers=2, bidirectional=True, proj_size=2)
    run = trace(lstm, X)

    found = kept(lstm, X)

    assert [part["part"] for part in found["parts"]][1:3] == [
        "layer 0, reverse",
        "layer 1, forward",
    ]
    for index, part in enumerate(found["parts"]):
        own = run[divmod(index, 2)]
        for sequence, values in enumerate(unpacked(part)):
            for letter, got in values.items():
                given = own[letter][:, sequence].T.numpy()
                assert np.abs(got[..., 0] - given).max() <= part["tops"][letter] / 2**15


def test_beyond_an_end_and_what_is_not_finite_is_no_number():
    x = X.clone()
    x[5, 0, 0] = torch.nan
    packed = pack_padded_sequence(x, [40, 40, 7])

    (part,) = kept(nn.GRU(5, 3), packed)["parts"]

    h = [each["h"] for each in unpacked(part)]
    bad = np.any(np.isnan(h[0]), axis=(0, 2))
    assert np.flatnonzero(bad).min() == 5
    assert not np.isnan(h[1]).any()
    assert np.all(np.isnan(h[2]), axis=(0, 2)).tolist() == [step >= 7 for step in range(40)]


def test_a_column_of_steps_keeps_its_lowest_and_highest(monkeypatch):
    monkeypatch.setattr(numbers, "MOST_BYTES", 1)
    monkeypatch.setattr(numbers, "PLANS", (Plan(None, 4), Plan(7, 2)))
    monkeypatch.setattr(numbers, "_bytes", lambda calls, plan: 0 if plan.columns else 2)
    gru = nn.GRU(5, 3)
    run = trace(gru, X)

    found = kept(gru, X)

    (part,) = found["parts"]
    assert part["lengths"] == [40, 40]
    assert "Of up to 40 steps, 7 columns" in found["plan"]
    assert "first 2 of 3 sequences" in found["plan"]
    h = run[0, 0].h[:, 1].T.numpy()
    for column, pair in enumerate(unpacked(part)[1]["h"].transpose(1, 2, 0)):
        start, stop = column * 40 // 7, (column + 1) * 40 // 7
        own = h[:, start:stop]
        assert np.abs(pair[0] - own.min(1)).max() <= part["tops"]["h"] / 127
        assert np.abs(pair[1] - own.max(1)).max() <= part["tops"]["h"] / 127


@pytest.mark.parametrize("shape", [(300, 1), (2000, 1), (2000, 8), (20, 300)], ids=str)
def test_numbers_stay_within_their_size(shape):
    calls = run_model(nn.GRU(2, 64, num_layers=2), [torch.randn(*shape, 2)], {}).calls
    plan = next(plan for plan in numbers.PLANS if numbers._bytes(calls, plan) <= MOST_BYTES)
    parts = kept_numbers(calls, ["gru"])["parts"]

    size = sum(len(zlib.decompress(base64.b64decode(part["numbers"]))) for part in parts)

    assert size == numbers._bytes(calls, plan) <= MOST_BYTES


def test_orders_show_what_they_say():
    steps = np.linspace(0, 6, 50)
    h = np.stack([np.sin(steps), np.cos(steps), 1.01 * np.sin(steps), 0.1 * np.cos(steps)], 1)
    f = np.full((50, 4), [0.5, 0.99, 0.9, 0.1])

    found = orders({"f": f, "h": h})

    assert found["forgetting time"] == [1, 2, 0, 3]
    assert found["activity"][-1] == 3
    similar = found["similarity"]
    assert abs(similar.index(0) - similar.index(2)) == 1
    assert abs(similar.index(1) - similar.index(3)) == 1
    assert found["number"] == [0, 1, 2, 3]


def test_symbols_are_in_the_report(tmp_path):
    symbols = [f"<{step}>" for step in range(40)]

    page = explain(nn.GRU(5, 3), X, path=tmp_path / "a.html", symbols=symbols).read_text("utf-8")

    (data,) = BeautifulSoup(page, "html.parser").select('script[type="application/json"]')
    assert json.loads(str(data.string))["symbols"] == symbols
    with pytest.raises(ValueError, match="a symbol for each of 40 steps, got 2"):
        explain(nn.GRU(5, 3), X, path=tmp_path / "a.html", symbols="ab")


class Classifier(nn.Module):
    """Reads tokens, classifies by the last step."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn = nn.Embedding(9, 5), nn.LSTM(5, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, tokens):
        return self.head(self.rnn(self.embed(tokens))[0][:, -1])


def test_the_gradient_of_a_loss_is_that_of_autograd():
    model, tokens = Classifier().eval(), torch.randint(9, (3, 7))
    target = torch.tensor([0, 1, 1])

    def loss(output):
        return nn.functional.cross_entropy(output, target)

    (call,) = run_model(model, [tokens], {}, loss=loss).calls

    x = model.embed(tokens).detach().requires_grad_()
    value = loss(model.head(model.rnn(x)[0][:, -1]))
    (expected,) = torch.autograd.grad(value, x)
    assert isinstance(call.gradient, torch.Tensor)
    assert torch.allclose(call.gradient, expected, atol=1e-7)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_loss_is_drawn_also_for_a_loop_over_a_cell(tmp_path):
    cell = nn.GRUCell(5, 3)
    model = nn.ModuleDict({"cell": cell})

    def loop(x):
        state = x.new_zeros(3, 3)
        for step in x:
            state = cell(step, state)
        return state

    model.forward = loop
    path = explain(model, X, path=tmp_path / "a.html", loss=lambda h: h.square().sum())

    soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    (figure,) = soup.select("#call-0-loss")
    assert "40 steps" in figure.text
    (call,) = run_model(model, [X], {}, loss=lambda h: h.square().sum()).calls
    x = X.clone().requires_grad_()
    (expected,) = torch.autograd.grad(loop(x).square().sum(), x)
    assert isinstance(call.gradient, torch.Tensor)
    assert torch.allclose(call.gradient, expected, atol=1e-7)


def test_a_packed_input_has_its_gradient():
    packed = pack_padded_sequence(X, [40, 12, 3])

    (call,) = run_model(nn.GRU(5, 3), [packed], {}, loss=lambda returned: returned[1].sum()).calls

    assert isinstance(call.gradient, PackedSequence)
    assert call.gradient.data.shape == packed.data.shape
    assert float(call.gradient.data.norm()) > 0


@pytest.mark.parametrize(
    ("loss", "got"),
    [
        (lambda _: 3.0, "got 3.0;"),
        (lambda out: out, r"got a tensor of shape \(\d.*\);"),
        (lambda out: out.detach().sum(), "got a number that does not;"),
    ],
)
def test_what_is_no_loss_is_refused(loss, got, tmp_path):
    expected = "expected loss to return one number that depends on the model's output, "
    with pytest.raises(TypeError, match=expected + got):
        explain(Classifier(), torch.randint(9, (3, 7)), path=tmp_path / "a.html", loss=loss)
