import itertools

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from benchmarks import interaction, parts, peers, search, trace as trace_benchmark
from benchmarks.__main__ import main

DEEP = {"num_layers": 2, "bidirectional": True}


@pytest.mark.parametrize("options", [{}, DEEP], ids=["one layer", "two layers, both ways"])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize(
    ("steps", "count", "h_in", "h_cell"),
    [trace_benchmark.SIZES[1], pytest.param(*trace_benchmark.SIZES[2], marks=pytest.mark.slow)],
)
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
    assert min(cost.forward, cost.least, cost.trace) > 0  # which is longer, a busy machine decides


def test_command_prints_a_row_for_each_module(monkeypatch):
    monkeypatch.setattr(trace_benchmark, "SIZES", trace_benchmark.SIZES[:2])
    monkeypatch.setattr(trace_benchmark, "ROUNDS", 1)
    monkeypatch.setattr(trace_benchmark, "SECONDS", 0)
    monkeypatch.setattr(parts, "SECONDS", 0)

    result = CliRunner().invoke(main, ["trace", "--quick"])

    assert result.exit_code == 0
    rows = [row for row in result.output.splitlines() if "nn." in row]
    modules = [
        "LSTM(5, 3)",
        "LSTM(5, 3, num_layers=2, bidirectional=True)",
        "GRU(5, 3)",
        "GRU(5, 3, num_layers=2, bidirectional=True)",
    ]
    assert [row.partition("nn.")[2] for row in rows] == 2 * modules  # what it costs, and why
    assert trace_benchmark.PART_HEADINGS in result.output


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_parts_of_a_trace_are_all_of_it(monkeypatch, kind):
    monkeypatch.setattr(parts, "ROUNDS", 1)
    monkeypatch.setattr(parts, "SECONDS", 0)
    clock = itertools.count()
    monkeypatch.setattr(parts.time, "thread_time", lambda: next(clock))
    module = kind(5, 3, **DEEP)

    found = parts.parts(module, torch.randn(8, 2, 5))

    assert min(found) > 0
    assert sum(found[:6]) == next(clock) - 1
    assert found.operators > found.operators_of_forward
    assert "forward" not in vars(module)  # nothing stays on the clock


def test_a_layer_alone_has_none_below(monkeypatch):
    monkeypatch.setattr(parts, "ROUNDS", 1)
    monkeypatch.setattr(parts, "SECONDS", 0)

    assert parts.parts(nn.GRU(5, 3), torch.randn(8, 2, 5)).below == 0


def test_what_a_tool_recovers_is_found_in_its_result():
    value = torch.randn(3, 2, 4)
    known = {"h": value, "c": value + 1}

    assert peers.recovered([{"a": value.clone()}], known) == ["h"]
    assert peers.recovered([step.clone() for step in value], known) == ["h"]
    assert peers.recovered([step.clone() for step in value[:2]], known) == []


def test_peers_have_a_row_each_also_where_one_is_not_installed(monkeypatch):
    absent = peers.Peer("absent", "no_such_package", lambda model, x: None)
    own = [peer for peer in peers.PEERS if not peer.package and peer.name != "rnn_figures explain"]
    monkeypatch.setattr(peers, "PEERS", (*own, absent))
    monkeypatch.setattr(peers, "ROUNDS", 1)

    table = peers.peers_table(peers.Tagger().eval(), torch.randn(5, 2, peers.FEATURES))

    assert [row[:2] for row in table.rows] == [
        ("rnn_figures trace_all", "i f g o c h"),
        ("a hook, as captum's", "h"),
        ("a loop over LSTMCell", "c h"),
        ("absent", "not installed"),
    ]


def test_phases_of_a_trace_are_told_apart_and_nested_ones_counted_once():
    def event(name, start, microseconds, thread=1):
        times = {"ts": start, "dur": microseconds, "tdur": microseconds}
        return {"name": name, "pid": 1, "tid": thread} | times

    found = interaction.phases(
        [
            event("Paint", 100, 1000),
            event("Paint", 200, 300),  # of a layer, within the one of the page
            event("Paint", 2000, 500),
            event("Layout", 50, 400, thread=2),
            {"name": "Paint", "pid": 1, "tid": 1, "ts": 0},  # a mark, no span
            event("GPUTask", 0, 9999),
        ],
        times=2,
    )

    assert found == {"paint": 1.5 / 2 * 4, "layout": 0.4 / 2 * 4}


def test_search_is_rated_by_page_and_by_section():
    near = [[{"location": "a/#b", "score": 3.0}, {"location": "a/", "score": 1.0}]]
    far = [*near, [{"location": "c/#d", "score": 2.0}]]
    queries = [search.Wanted("b?", "a/#b"), search.Wanted("c?", "c/"), search.Wanted("e?", "c/#e")]

    rate = search.rated(queries, [near, far, far])

    assert (rate.queries, rate.first, rate.among_three) == (3, 1 / 3, 2 / 3)
    assert rate.reciprocal == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_search_counts_a_section_that_stands_open_beside_the_best():
    scores = {"b": 3.0, "c": 3.0, "d": 2.0}
    groups = [[{"location": f"a/#{name}", "score": score} for name, score in scores.items()]]

    found = [search.rated([search.Wanted("?", f"a/#{name}")], [groups]) for name in "bcd"]

    assert [(rate.among_three, rate.open) for rate in found] == [(1, 1), (0, 1), (0, 0)]


def test_search_is_asked_questions_that_its_index_no_longer_has():
    index = {
        "config": {},
        "docs": [
            {"location": "a/", "asked": ["Is <code>h</code> &lt; 1?", "Why?"]},
            {"location": "b/", "asked": ["Why?"]},
            {"location": "c/"},
        ],
    }

    first, *_ = search.asked(index)
    kept = search.without(index, [first, search.Wanted("Why?", "b/")])

    assert first == ("Is h < 1?", "a/")
    assert [section.get("asked") for section in kept["docs"]] == [["Why?"], [], []]
    assert len(search.asked(index)) == 3
