import numpy as np
import pytest

from rnn_figures import ProofError, trace, trained
from rnn_figures.course import first_symbol_plot
from rnn_figures.course.experiments import first_symbol
from rnn_figures.plots.curves import drawn

TEXTS = [f"{letter}xzzywxyywzxxwyzwyx?" for letter in "abcd"]
KINDS = ("LSTM, forget bias 3", "LSTM", "GRU")


@pytest.fixture(scope="module")
def networks():
    return {kind: trained("recall", kind) for kind in KINDS}


def test_the_unit_that_tells_the_strings_apart_is_drawn_for_each(networks):
    plot = first_symbol_plot(networks, TEXTS)

    for axes, (kind, network) in zip(plot.axes, networks.items(), strict=True):
        runs = [trace(network.layer, network.inputs(text))[0, 0] for text in TEXTS]
        states = np.stack([run["h" if kind == "GRU" else "c"][:, 0] for run in runs])
        unit = int((states[:, -1].max(axis=0) - states[:, -1].min(axis=0)).argmax())
        assert f"of unit {unit}" in axes.get_title(loc="left")
        for index in range(4):
            assert np.allclose(drawn(axes, f"first-{index}"), states[index, :, unit])
        assert [text.get_text() for text in axes.texts] == list("abcd")
    assert len(plot.data.rows) == 12


def test_a_letter_is_kept_in_one_network_and_lost_in_the_other(networks):
    rows = first_symbol_plot(networks, TEXTS).data.rows

    ends = {kind: [float(str(row[-1])) for row in rows if row[0] == kind] for kind in KINDS}
    apart = {kind: max(of) - min(of) for kind, of in ends.items()}
    assert apart["LSTM, forget bias 3"] > 10
    assert apart["LSTM"] < 1e-3


@pytest.mark.parametrize("texts", [["axy?"], ["axy?", "byy?"], ["axy?", "bxy"], ["axy?"] * 7])
def test_strings_that_differ_elsewhere_are_refused(networks, texts):
    with pytest.raises(ValueError, match=r"differ in their first symbol alone, got 'axy\?'"):
        first_symbol_plot(networks, texts)


def test_a_line_that_is_not_the_layers_stops_the_build(networks, monkeypatch):
    right = first_symbol.drawn
    monkeypatch.setattr(first_symbol, "drawn", lambda *a: right(*a)[::-1])

    with pytest.raises(ProofError, match="c of LSTM, forget bias 3 after a"):
        first_symbol_plot(networks, TEXTS)
