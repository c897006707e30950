import pytest
import torch
from click.testing import CliRunner
from torch import nn

from benchmarks import trace as trace_benchmark
from benchmarks.__main__ import main

DEEP = {"num_layers": 2, "bidirectional": True}


@pytest.mark.parametrize("options", [{}, DEEP], ids=["one layer", "two layers, both ways"])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize(("steps", "count", "h_in", "h_cell"), trace_benchmark.SIZES[1:4])
def test_trace_keeps_what_it_returns_and_little_more_on_the_way(
    monkeypatch, kind, steps, count, h_in, h_cell, options
):
    monkeypatch.setattr(trace_benchmark, "ROUNDS", 1)
    monkeypatch.setattr(trace_benchmark, "SECONDS", 0)

    cost = trace_benchmark.measure(kind(h_in, h_cell, **options), torch.randn(steps, count, h_in))

    size = torch.finfo(torch.float32).bits // 8
    gates = 5 if kind is nn.LSTM else 3
    places = 4 if options else 1
    assert cost.returned >= places * (gates + 1) * steps * count * h_cell * size
    assert cost.kept <= 1.1 * cost.returned
    assert cost.peak <= 1.7 * cost.returned
    assert 0 < cost.forward < cost.least
    assert cost.trace > 0


def test_command_prints_a_row_for_each_module(monkeypatch):
    monkeypatch.setattr(trace_benchmark, "SIZES", trace_benchmark.SIZES[:2])
    monkeypatch.setattr(trace_benchmark, "ROUNDS", 1)
    monkeypatch.setattr(trace_benchmark, "SECONDS", 0)

    result = CliRunner().invoke(main, ["trace", "--quick"])

    assert result.exit_code == 0
    rows = result.output.splitlines()[5:]
    assert [row.partition("nn.")[2] for row in rows] == [
        "LSTM(5, 3)",
        "LSTM(5, 3, num_layers=2, bidirectional=True)",
        "GRU(5, 3)",
        "GRU(5, 3, num_layers=2, bidirectional=True)",
    ]
