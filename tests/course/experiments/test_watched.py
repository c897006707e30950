import pytest

from rnn_figures import trace, trained
from rnn_figures.course import watched_plot
from rnn_figures.course.experiments import watched
from rnn_figures.plots.curves import drawn
from rnn_figures.proofs import ProofError
from rnn_figures.training.watched import loss

TEXT = "$aaabbb"


@pytest.fixture(scope="module")
def networks():
    return {f"bias {b}": trained("watched", f"LSTM, forget bias {b}", 3) for b in (0, 3)}


def test_watched_plot_draws_what_the_networks_computed_then(networks):
    plot = watched_plot(networks, 30, TEXT)

    for column, network in enumerate(networks.values()):
        then = network.after(30)
        run = trace(then.layer, then.inputs(TEXT))[0, 0]
        for row, letter in enumerate("fc"):
            strip = plot.axes[2 * row + column]
            for unit in range(2):
                line = drawn(strip, f"q-{letter}-unit{unit}").tolist()
                assert line == run[letter][:, 0, unit].tolist()
    assert [row["network"] for row in plot.data] == ["bias 0"] * 7 + ["bias 3"] * 7


def test_watched_plot_marks_the_loss_of_then(networks):
    plot = watched_plot(networks, 100, TEXT)

    for axes, network in zip(plot.axes[-2:], networks.values(), strict=True):
        assert drawn(axes, "loss-now").tolist() == [loss(network.after(100))]
        assert drawn(axes, "loss")[0] == loss(network.after(0))


def test_the_unit_that_will_count_is_the_thick_line_from_the_start(networks):
    widths = []
    for steps in (0, 1500):
        strip = watched_plot(networks, steps, TEXT).axes[2]  # c of the first network
        widths.append({line.get_gid(): line.get_linewidth() for line in strip.lines})

    assert widths[0] == widths[1]
    assert sorted(widths[0].values())[-1] == 2.0


def test_axes_are_the_same_after_all_steps(networks):
    limits = [
        [axes.get_ylim() for axes in watched_plot(networks, steps, TEXT).axes]
        for steps in (0, 1500)
    ]

    assert limits[0] == limits[1]


def test_a_line_of_another_step_stops_the_build(networks, monkeypatch):
    right = watched._draw_strip

    def late(axes, run, letter, units, reach):
        then = next(iter(networks.values())).after(1000)
        right(axes, trace(then.layer, then.inputs(TEXT)), letter, units, reach)

    monkeypatch.setattr(watched, "_draw_strip", late)

    with pytest.raises(ProofError, match="f"):
        watched_plot(networks, 30, TEXT)
