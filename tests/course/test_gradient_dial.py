"""The gradient dial as Python draws it: measured, stored, complete without a script."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_figures import gradient_by_lag, set_forget_bias, to_html
from rnn_figures.course import gradient_dial
from rnn_figures.course.gradient_dial import TOLD
from rnn_figures.proofs import ProofError

STOPS = [-2.0, -1.0, 0.0, 1.0, 2.0]


def runs(bias, seeds=2):
    found = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        lstm = nn.LSTM(2, 3, dtype=torch.float64)
        sequence = torch.randn(60, 1, 2, dtype=torch.float64)
        found.append((set_forget_bias(lstm, bias), sequence))
    return found


@pytest.fixture(scope="module")
def dial():
    every = {bias: runs(bias) for bias in STOPS}
    return gradient_dial(every, name="forget bias", start=0, labelled=(-2, 0, 2))


def test_table_has_the_medians_of_the_live_modules(dial):
    for row, bias in zip(dial.data, STOPS, strict=True):
        each = torch.stack([gradient_by_lag(*run)[:, 0] for run in runs(bias)])
        median = np.median(each.numpy(), axis=0)
        assert row["forget bias"] == bias
        assert [row[f"lag {lag}"] for lag in TOLD] == pytest.approx(median[list(TOLD)].tolist())
        lost = np.flatnonzero(median < 2**-24 * median[0])
        assert row["reach"] == (lost[0] - 1 if len(lost) else 59)
        halved = median[0] * 0.5 ** (40 / row["half-life"])
        assert halved == pytest.approx(median[40])


def test_it_is_checked_and_complete_without_a_script(dial):
    assert dial.proof.holds
    html = to_html(dial, id="d")
    assert "forget bias " in html
    assert html.count('data-number="lag-') == 4
    for part in ("median", "band", "half-life", "reach", "half-life-name", "reach-name"):
        assert f'id="d-dial-{part}"' in html
    assert all(f">{name}</text>" in html for name in ("−2", "0", "2"))  # curves have their names


def test_axes_hold_every_curve_of_every_setting(dial):
    bottom, top = dial.live.settings["ends"]
    every = [stop[name] for stop in dial.live.settings["stops"] for name in ("low", "high")]
    assert top * 100 <= min(map(min, every)) <= max(map(max, every)) <= bottom * 100


def test_a_stored_curve_that_is_not_the_medians_is_refused(monkeypatch):
    from importlib import import_module

    module = import_module("rnn_figures.course.gradient_dial")
    stored = module._stored

    def lie(axes, setting, stop):
        found = stored(axes, setting, stop)
        return found | {"median": [height + 10 * (setting == 1) for height in found["median"]]}

    monkeypatch.setattr(module, "_stored", lie)
    with pytest.raises(ProofError, match="the stored curve of 1"):
        module.gradient_dial(
            {bias: runs(bias, 1) for bias in STOPS}, name="b", start=0, labelled=(0,)
        )


@pytest.mark.parametrize("settings", [[0.0, 1.0, 3.0], [1.0, 2.0], [0.0]])
def test_settings_that_no_slider_has_are_refused(settings):
    with pytest.raises(ValueError, match="expected settings equally far apart"):
        gradient_dial(dict.fromkeys(settings, ()), name="b", start=0.0, labelled=())
