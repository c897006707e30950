"""The cell in the reader's hands, as Python draws it, and the presets that it plays."""

import json
import re

import pytest
import torch
from torch import nn

from rnn_figures import to_html
from rnn_figures.course import CellPreset, cell_player, cell_presets
from rnn_figures.numbers import number
from rnn_figures.proofs import Proof
from rnn_figures.traces.tracing import trace

MODES = ("LSTM", "GRU", "RNN_TANH")


def run(mode, name):
    """Return the named preset's quantities over time."""
    preset = next(preset for preset in cell_presets(mode) if preset.name == name)
    return trace(preset.module, preset.input.unsqueeze(1))[0, 0]


def rounded(values, decimals=2):
    return [round(value, decimals) for value in values.flatten().tolist()]


def test_write_keep_read_has_a_reason_for_every_gate():
    found = run("LSTM", "write, keep, read")

    assert rounded(found.i, 0) == [1, 0, 0, 0, 1, 0, 0, 0]
    assert rounded(found.f, 0) == [0, 1, 1, 1, 0, 1, 1, 1]
    assert rounded(found.o, 0) == [0, 0, 1, 0, 0, 0, 1, 0]
    assert rounded(found.c) == [0.92] * 4 + [-0.95] * 4
    assert rounded(found.h) == [0, 0, 0.73, 0, 0, 0, -0.74, 0]


@pytest.mark.parametrize(
    ("mode", "name", "said"),
    [
        ("LSTM", "write, keep, read", lambda found: found.c[0]),
        ("GRU", "write and keep", lambda found: found.h[0]),
        ("GRU", "add up in groups", lambda found: found.h[2]),
    ],
)
def test_the_number_that_a_preset_speaks_of_is_the_one_that_is_drawn(mode, name, said):
    preset = next(preset for preset in cell_presets(mode) if preset.name == name)

    drawn = f"{said(run(mode, name)).item():.2f}"
    assert re.search(rf"(?:becomes|gives) {re.escape(drawn)}\.", preset.why), (drawn, preset.why)


def test_only_the_first_shuts_the_input_gate_for_ever():
    found = run("LSTM", "only the first counts")

    assert rounded(found.i, 0) == [1, 1, 1, 0, 0, 0, 0, 0]
    assert rounded(found.c, 1) == [0, 0, 1, 1, 1, 1, 1, 1]


def test_the_counter_counts_exactly_and_the_fading_one_halves():
    assert run("LSTM", "count brackets").c.flatten().tolist() == [1, 2, 1, 2, 3, 2, 1, 0]
    assert run("LSTM", "fade").c.flatten().tolist() == [0.5**step for step in range(8)]


def test_one_gate_of_the_gru_writes_and_keeps():
    assert rounded(run("GRU", "write and keep").h) == [0.92] * 4 + [-0.95] * 4


def test_reset_lets_a_new_group_begin_anew():
    found = run("GRU", "add up in groups")

    assert rounded(found.r, 0) == [0, 1, 1, 1, 0, 1, 1, 0]
    assert rounded(found.h) == [0.29, 0.53, 0.68, 0.59, -0.38, -0.65, -0.57, 0.2]


def test_the_rnns_impulse_fades():
    assert rounded(run("RNN_TANH", "it fades").h[:4], 3) == [0.762, 0.363, 0.18, 0.09]


def test_presets_draw_no_random_number_and_are_the_same_each_time():
    before = torch.random.get_rng_state()
    one, other = cell_presets("LSTM")[-1], cell_presets("LSTM")[-1]

    assert torch.equal(torch.random.get_rng_state(), before)
    weights, again = one.module.state_dict(), other.module.state_dict()
    assert all(torch.equal(weight, again[name]) for name, weight in weights.items())
    assert torch.equal(one.input, other.input)


def extent(html: str, id: str) -> tuple[float, float]:
    """Return the left and the right end of a part of a drawing."""
    part = re.search(rf'id="{id}"[^>]*>\s*<polygon [^>]*points="([^"]*)"', html)
    assert part
    xs = [float(point.partition(",")[0]) for point in part[1].split()]
    return min(xs), max(xs)


@pytest.mark.parametrize("mode", MODES)
def test_the_still_shows_the_first_preset_at_its_step(mode):
    preset = cell_presets(mode)[0]
    player = cell_player(cell_presets(mode))

    html = to_html(player, id="cell")

    step = trace(preset.module, preset.input.unsqueeze(1))[0, 0].step(preset.step)
    for join, letter in (("h", "h"), ("h_prev", "h_prev"), ("x", "x")):
        part = re.search(rf'<g [^>]*id="cell-\w+-cell-numbers-{join}".*?</g>', html)
        assert part
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", part[0])
        assert texts == [number(value) for value in step[letter].tolist()]
    veil = extent(html, "cell-states-states-later")
    bars = [extent(html, f"cell-states-states-bar-h-{t}") for t in range(8)]
    under = [t for t, (left, right) in enumerate(bars) if veil[0] < left and right < veil[1]]
    assert under == list(range(preset.step + 1, 8))


@pytest.mark.parametrize("mode", MODES)
def test_the_settings_are_the_modules_own(mode):
    html = to_html(cell_player(cell_presets(mode)), id="cell")

    found = re.search(r"<rnn-cell data-settings='([^']*)'>", html)
    assert found
    settings = json.loads(found[1].replace("&lt;", "<").replace("&amp;", "&"))
    assert settings["mode"] == mode
    for preset, told in zip(cell_presets(mode), settings["presets"], strict=True):
        assert told["input"] == preset.input.tolist()
        assert told["weights"] == {
            name: weight.tolist() for name, weight in preset.module.state_dict().items()
        }
    slugs = [told["slug"] for told in settings["presets"]]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)
    assert not re.search(r"\sstyle=", html)
    assert "<script" not in html


def test_the_equations_have_the_numbers_of_the_step():
    html = to_html(cell_player(cell_presets("LSTM")), id="cell")

    lines = re.search(r'<div class="rnn-live__lines".*?</div>', html)
    assert lines
    said = re.sub(r"<p>|</p>", "|", lines[0])
    said = re.sub(r"<[^>]+>", "", said).strip("|").split("||")
    assert said == [
        "c[t] −0.95 = f 1.00 · c[t-1] −0.95 + i 0.00 · g 0.20",
        "h[t] −0.74 = o 1.00 · tanh(c[t]) −0.74",
    ]


def test_the_player_is_proved():
    proof = cell_player(cell_presets("LSTM")).proof

    assert isinstance(proof, Proof)
    assert proof.holds
    assert proof.max_difference < 1e-14


def test_a_simple_player_has_no_strips_of_gates():
    player = cell_player(cell_presets("LSTM"), simple=True)

    assert player.live
    assert [drawing.name for drawing in player.live.beside] == ["states"]
    assert [row["quantity"] for row in player.live.beside[0].data] == [
        "value",
        "write",
        "read",
        "c",
        "h",
    ]


def test_presets_of_two_kinds_or_of_two_units_are_refused():
    two = CellPreset("two", "", nn.GRU(1, 2).double(), torch.zeros(8, 1).double(), ("x",), 0)

    for presets in ([*cell_presets("GRU"), *cell_presets("LSTM")], [two], []):
        with pytest.raises(ValueError, match="expected presets of one kind"):
            cell_player(presets)
    with pytest.raises(ValueError, match="expected the first preset to have the most inputs, 3"):
        cell_player(cell_presets("LSTM")[::-1][1:] + cell_presets("LSTM"))
    with pytest.raises(ValueError, match="expected a kind of cell among"):
        cell_presets("RNN_RELU")
