import pytest
from matplotlib.colors import same_color
from matplotlib.patches import Rectangle
from torch import nn

from rnn_figures.configurations import describe, every_configuration
from rnn_figures.palette import COLOURS
from rnn_figures.plots import sizes
from rnn_figures.plots.sizes import weight_sizes_plot
from rnn_figures.proofs import ProofError
from rnn_figures.weights import parameter_slices
from tests.cases import few_modules


@pytest.mark.parametrize("module", few_modules(every_configuration(6, 8, 5)), ids=describe)
def test_weight_sizes_plot_lists_every_weight_of_the_module(module):
    data = weight_sizes_plot(module).data

    found = {row[0]: (row[1], *(() if row[3] is None else (row[3],))) for row in data.rows}
    assert found == {name: tuple(p.shape) for name, p in module.named_parameters()}
    assert sum(int(str(row[-1])) for row in data.rows) == sum(
        p.numel() for p in module.parameters()
    )


def blocks(plot, gid):
    """Return the rectangles of one weight by letter."""
    found = {}
    for patch in plot.axes[0].patches:
        assert isinstance(patch, Rectangle)
        letter, _, name = str(patch.get_gid()).removeprefix("q-").partition("-")
        if name == gid:
            found[letter] = patch
    return found


@pytest.mark.parametrize(
    "module",
    [nn.LSTM(5, 4, proj_size=2), nn.LSTM(5, 3, num_layers=2, bidirectional=True), nn.GRU(5, 3)],
    ids=describe,
)
def test_weight_sizes_plot_draws_to_scale(module):
    plot = weight_sizes_plot(module)

    one = blocks(plot, "bias_ih_l0")
    number = next(iter(one.values())).get_width()  # a bias is one number wide
    for name, slices in parameter_slices(module).items():
        if name.endswith("_reverse"):
            continue
        parameter = module.get_parameter(name)
        drawn = blocks(plot, name)
        assert list(drawn) == list(slices)
        for letter, rows in slices.items():
            assert drawn[letter].get_height() == pytest.approx(number * (rows.stop - rows.start))
            columns = parameter.shape[1] if parameter.dim() == 2 else 1
            assert drawn[letter].get_width() == pytest.approx(number * columns)
            assert same_color(drawn[letter].get_facecolor()[:3], COLOURS[letter])
        tops = [patch.get_y() + patch.get_height() for patch in drawn.values()]
        starts = [rows.start for rows in slices.values()]
        assert tops == pytest.approx([tops[0] - number * start for start in starts])


@pytest.mark.parametrize("hidden_size", range(1, 22))
def test_weight_sizes_plot_draws_every_size(hidden_size):  # 3 * 17 rows add up to 51.00000000000001
    assert weight_sizes_plot(nn.GRU(3, hidden_size)).proof is not None


def test_weight_sizes_plot_gives_four_sizes_four_tones():
    plot = weight_sizes_plot(nn.LSTM(5, 4, proj_size=2))

    texts = {text.get_text(): text.get_color() for text in plot.axes[0].texts}
    assert same_color(texts["5 = H_in"], COLOURS["x"])
    assert same_color(texts["4 = H_cell"], COLOURS["c"])
    assert same_color(texts["2 = H_out"], COLOURS["h"])
    assert same_color(texts["16 = 4·H_cell"], COLOURS["ink"])


def test_weight_sizes_plot_writes_the_rows_at_the_middle_of_the_left_edge():
    plot = weight_sizes_plot(nn.GRU(5, 3))

    drawn = blocks(plot, "weight_ih_l0")
    places = [text.get_position()[1] for text in plot.axes[0].texts if text.get_text() == "9"]
    middle = drawn["z"].get_y() + drawn["z"].get_height() / 2
    assert places == pytest.approx([middle] * 4)


def test_weight_sizes_plot_upper_edges_have_the_tone_of_what_is_read():
    plot = weight_sizes_plot(nn.LSTM(5, 3, num_layers=2, bidirectional=True))

    lines = {line.get_gid(): line.get_color() for line in plot.axes[0].lines}
    assert same_color(lines["columns-weight_ih_l0"], COLOURS["x"])
    assert same_color(lines["columns-weight_ih_l1"], COLOURS["h"])
    assert "6 = 2·H_out" in {text.get_text() for text in plot.axes[0].texts}


def test_weight_sizes_plot_stops_where_a_side_is_not_the_weights(monkeypatch):
    draw = sizes._draw_weight
    monkeypatch.setattr(
        sizes, "_draw_weight", lambda *given, number, gid: draw(*given, number=2 * number, gid=gid)
    )

    with pytest.raises(ProofError, match="the rectangle of weight_ih_l0"):
        weight_sizes_plot(nn.GRU(5, 3))


def test_weight_sizes_plot_stops_where_the_table_lists_another_size(monkeypatch):
    monkeypatch.setattr(sizes, "_table", lambda _, table=sizes._table: table(nn.GRU(5, 4)))

    with pytest.raises(ProofError, match="weight_ih_l0"):
        weight_sizes_plot(nn.GRU(5, 3))


def test_weight_sizes_plot_refuses_what_is_too_large():
    with pytest.raises(ValueError, match=r"at most 64 × 48, got 80 × 20"):
        weight_sizes_plot(nn.LSTM(10, 20))
